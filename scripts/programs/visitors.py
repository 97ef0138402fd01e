"""People with browsers: one connection for many pages, and a session that has to last."""

import http.client
import threading
import time
import urllib.parse

HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}


class Visitor:
    """Somebody who signs in once and then reads and posts, until told to stop."""

    def __init__(self, name, host, port):
        self.name, self.host, self.port = name, host, port
        self.connection = http.client.HTTPConnection(host, port, timeout=10)
        self.cookies, self.fresh = {}, True
        self.pages = self.repeated = self.slowest = 0
        self.posted, self.troubles = [], []
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.live, daemon=True)

    def request(self, method, path, **fields):
        """A page, asked for as browsers do: once more when an idle connection was just closed."""
        fresh = self.fresh
        try:
            return self.try_request(method, path, fields)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self.connection.close()
            self.fresh = True
            if fresh:
                raise
            self.repeated += 1
            return self.try_request(method, path, fields)

    def try_request(self, method, path, fields):
        """A page, asked for once: status and text."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self.connection.request(method, path, urllib.parse.urlencode(fields),
                                {**HEADERS, "Cookie": cookie})
        answer = self.connection.getresponse()
        text = answer.read().decode()
        self.fresh = answer.will_close
        for header in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = header.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, text

    def sign_in(self):
        """Registers and signs in, once."""
        self.request("POST", "/register", username=self.name, email="a@example.com",
                     password="secret", password2="secret")
        status, text = self.request("POST", "/login", username=self.name, password="secret")
        if status != 302:
            raise SystemExit(f"{self.name} cannot sign in: {status} {text}")

    def __enter__(self):
        self.sign_in()
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.thread.join()

    def live(self):
        """Reads the own timeline, and posts now and then."""
        while not self.stopped.wait(0.02):
            began = time.monotonic()
            try:
                self.look()
            except (OSError, http.client.HTTPException) as error:
                self.troubles.append(f"{type(error).__name__}: {error}")
                self.connection.close()
                self.fresh = True
            self.slowest = max(self.slowest, time.monotonic() - began)

    def look(self):
        """One page."""
        self.pages += 1
        if self.pages % 10 == 0:
            text = f"{self.name} has seen {self.pages} pages"
            status, _ = self.request("POST", "/add_message", text=text)
            self.posted.append(text)
            if status != 302:
                self.troubles.append(f"posting: {status}")
        status, page = self.request("GET", "/")
        if status != 200 or f"sign out [{self.name}]" not in page:
            self.troubles.append(f"signed out: {status}")
