"""Starting and stopping the servers that are measured, each in a directory of its own."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request

# Without the environment's proxies: everything here is on this machine.
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))

START_SECONDS = 30
STOP_SECONDS = 30


def plain_environment():
    """The environment without what would configure MiniTwit."""
    return {name: value for name, value in os.environ.items()
            if not name.startswith("MINITWIT_") and name not in ("DATABASE_URL", "RUST_LOG")}


def run(*command, environment=None):
    """Runs a command that has to succeed."""
    done = subprocess.run([str(part) for part in command], env=environment or plain_environment(),
                          text=True, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def read(path):
    """What a file holds so far."""
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def processor_seconds(pid):
    """The time that processors have worked for a process so far, for itself and in the kernel."""
    fields = read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Server:
    """A running server. Use it as a context: it is stopped at the end, and its files are gone."""

    def __init__(self, command, scratch, database=None):
        """`command` gets the path of a copy of `database` for its `{database}`."""
        self.directory = tempfile.TemporaryDirectory(dir=scratch)
        copy = f"{self.directory.name}/minitwit.db"
        if database:
            shutil.copyfile(database, copy)
            with open(copy, "rb") as file:
                os.fsync(file.fileno())  # or the first commits would wait for the copy
        self.out, self.err = (f"{self.directory.name}/{name}" for name in ("out", "err"))
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.process = subprocess.Popen(
                [str(part).format(database=copy) for part in command], env=plain_environment(),
                stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        self.peak_bytes = 0
        self.url = None

    def __enter__(self):
        deadline = time.monotonic() + START_SECONDS
        while not self.url:
            if found := re.search(r"http://127\.0\.0\.1:\d+", read(self.out)):
                self.url = found[0]
            elif self.process.poll() is not None or time.monotonic() > deadline:
                said = read(self.err)
                self.__exit__()
                raise SystemExit(f"{self.process.args[0]} does not serve:\n{said}")
            time.sleep(0.02)
        return self

    def __exit__(self, *_):
        self.peak_bytes = self.read_peak()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.directory.cleanup()

    def read_peak(self):
        """The most memory that was resident at any time, in bytes."""
        try:
            status = read(f"/proc/{self.process.pid}/status")
            return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024
        except (OSError, TypeError):
            return 0

    def read_resident(self):
        """The memory that is resident now, in bytes."""
        status = read(f"/proc/{self.process.pid}/status")
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024

    def processor_seconds(self):
        """The time that processors have worked for it so far."""
        return processor_seconds(self.process.pid)

    def get(self, path, opener=direct):
        """The body of a page."""
        with opener.open(self.url + path, timeout=30) as answer:
            return answer.read()


class Kept:
    """`minitwit serve` on a database that outlives it, at a port that stays the same."""

    def __init__(self, minitwit, database, log):
        self.command = [str(minitwit), "serve", "--database", str(database), "--bcrypt-cost", "4",
                        "--metrics-listen", "127.0.0.1:0", "--listen"]
        self.log, self.port, self.process = log, 0, None

    def start(self):
        """Starts it, and waits until it says where it is."""
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*self.command, f"127.0.0.1:{self.port}"], env=plain_environment(),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True)
        line = self.process.stdout.readline()
        if "http://" not in line:
            raise SystemExit(f"the server does not start:\n{read(self.log)}")
        self.port = int(line.rsplit(":", 1)[1])

    def end(self, how=signal.SIGTERM):
        """Ends it with that signal, if it runs."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(STOP_SECONDS)
        if self.process:
            self.process.stdout.close()
