"""Loads: wrk, somebody who posts steadily, and people who register all at once."""

import base64
import contextlib
import http.client
import http.cookiejar
import itertools
import json
import os
import pathlib
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass

HERE = pathlib.Path(__file__).parent
SIMULATOR = "Basic " + base64.b64encode(b"simulator:super_safe!").decode()
CLOSE = ("Connection: close",)
CLIENTS = 64

numbers = itertools.count(1_000_000, 1_000_000)


@dataclass
class Load:
    """What one run of wrk saw."""

    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float
    failed: int  # connections
    refused: int  # answers of 400 and above


def wrk(url, seconds, headers=(), script="report.lua", arguments=(), clients=CLIENTS):
    """So many clients, each of which asks again as soon as it has its answer."""
    options = [option for header in headers for option in ("-H", header)]
    command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "10s", "--latency",
               *options, "-s", script, url, "--", *map(str, arguments)]
    said = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    line = next((line for line in said.stdout.splitlines() if line.startswith("JSON ")), None)
    if line is None:
        raise SystemExit(f"wrk failed on {url}:\n{said.stdout}{said.stderr}")
    seen = json.loads(line.removeprefix("JSON "))
    return Load(seen["requests"], seen["requests"] / seen["micros"] * 1e6, seen["p50"] / 1000,
                seen["p99"] / 1000, seen["failed"], seen["refused"])


def post(url, seconds, headers=(), path=None, clients=CLIENTS):
    """Posts messages by many users, each with a `latest` of its own."""
    arguments = [next(numbers), *([path] if path else [])]
    return wrk(url, seconds, (f"Authorization: {SIMULATOR}", *headers), "post.lua", arguments,
               clients)


def mix(url, seconds, cookie, headers=(), path=None, clients=CLIENTS):
    """Nine reads of all kinds to one posted message. `cookie` is that of `sign_in`."""
    arguments = [next(numbers), cookie.removeprefix("Cookie: "), *([path] if path else [])]
    return wrk(url, seconds, (f"Authorization: {SIMULATOR}", *headers), "mix.lua", arguments,
               clients)


def older(url, seconds, path, users, moments):
    """Older pages of the first so many users, each from another moment between those two on."""
    return wrk(url, seconds, script="older.lua", arguments=[path, users, *moments])


def call_simulator(url, path, body):
    """One call of the simulator API on a connection of its own; the status."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=120)
    with contextlib.closing(connection):
        headers = {"Authorization": SIMULATOR, "Content-Type": "application/json",
                   "Connection": "close"}
        connection.request("POST", path, json.dumps(body), headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status


@dataclass
class Count:
    """How many calls were answered well, and how many were not."""

    done: int = 0
    refused: int = 0

    def add(self, status):
        """Counts one answer."""
        if status == 204:
            self.done += 1
        else:
            self.refused += 1


@contextlib.contextmanager
def posting(url, per_second):
    """Meanwhile somebody posts that many messages a second."""
    stop, count = threading.Event(), Count()

    def run():
        due = time.monotonic()
        while not stop.is_set():
            number = count.done + count.refused
            text = f"steady message {number}, about as long as messages are"
            path = f"/msgs/user_{number % 8996 + 1:05}?latest={number}"
            status = call_simulator(url, path, {"content": text})
            count.add(status)
            due += 1 / per_second
            stop.wait(max(0.0, due - time.monotonic()))

    with running([threading.Thread(target=run)], stop):
        yield count


@contextlib.contextmanager
def registering(url, at_once):
    """Meanwhile so many people at a time register. Who is sent away asks again half a second
    later."""
    stop, count = threading.Event(), Count()
    names = itertools.count(next(numbers))

    def run():
        step_back()
        while not stop.is_set():
            person = {"username": f"person {next(names)}", "email": "person@example.org",
                      "pwd": "a password"}
            status = call_simulator(url, "/register", person)
            count.add(status)
            if status != 204:
                stop.wait(0.5)

    with running([threading.Thread(target=run) for _ in range(at_once)], stop):
        time.sleep(0.2)
        yield count


def step_back():
    """Leaves the processors to the server and to wrk: people's browsers would not be here. On
    Linux this concerns the calling thread alone."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)


@contextlib.contextmanager
def running(threads, stop):
    """Runs the threads until the end of the context and for as long as they need to finish."""
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def sign_in(server, username):
    """Signs in by the form; the header to send then."""
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(jar))
    form = urllib.parse.urlencode({"username": username, "password": "bench"}).encode()
    with opener.open(server.url + "/login", form, timeout=30) as page:
        if b"sign out" not in page.read():
            raise SystemExit(f"{username} cannot sign in")
    server.get("/", opener)
    return "Cookie: " + "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
