/* A release that does not work: it says that it is ready, takes over, and answers 503 to all.
 * scripts/drill-provision puts it in the place of one that works. */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static const char answer[] = "HTTP/1.1 503 Service Unavailable\r\n"
                             "Content-Length: 0\r\nConnection: close\r\n\r\n";

int main(int count, char **arguments)
{
    const char *first = getenv("LISTEN_FDS_FIRST_FD");
    char request[4096], said = 'r';
    int call, self, listener = first ? atoi(first) : 3;

    if (count > 1 && arguments[1][0] == '-') /* --version */
        return write(1, "minitwit 9.9.9\n", 15) != 15;
    if (fork() != 0) /* systemd waits for none but its own children */
        return 0;
    self = getpid();
    if (write(0, &self, 4) != 4 || write(0, &said, 1) != 1 || read(0, &said, 1) != 1)
        return 1;
    for (;;) {
        if ((call = accept(listener, NULL, NULL)) < 0) {
            usleep(1000);
            continue;
        }
        if (read(call, request, sizeof request) > 0 &&
            write(call, answer, sizeof answer - 1) > 0)
            shutdown(call, SHUT_WR);
        close(call);
    }
}
