"""Tries the image that the Dockerfile makes, in real containers."""

import contextlib
import json
import os
import pathlib
import subprocess
import tempfile
import time
import urllib.request

from docker import DEBIAN, docker, inspect
from machine import ROOT, eventually
from servers import direct

IMAGE = "minitwit"
AUTH = "robot:sesame-street"
MOST_BYTES = 30_000_000
HARDENED = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]


def build():
    """Builds the image; how long it took."""
    began = time.monotonic()
    docker("build", "--tag", IMAGE, str(ROOT), stdout=None, stderr=None)
    return time.monotonic() - began


def program(folder):
    """The program out of the image, to drive servers with."""
    container = docker("create", IMAGE)
    docker("cp", f"{container}:/usr/bin/minitwit", f"{folder}/minitwit")
    docker("rm", container)
    return pathlib.Path(folder, "minitwit")


class Container:
    """A running server. Use it as a context: it is gone at the end."""

    def __init__(self, *options, hardened=HARDENED):
        self.id = docker("create", *hardened, "--env", f"MINITWIT_SIMULATOR_AUTH={AUTH}", "--env",
                         "MINITWIT_BCRYPT_COST=4", *options, IMAGE)

    def __enter__(self):
        docker("start", self.id)
        self.url = f"http://{inspect(self.id, 'NetworkSettings.Networks.bridge.IPAddress')}:5000"
        eventually("the container to be ready", lambda: is_ready(self.url))
        return self

    def __exit__(self, *_):
        docker("rm", "--force", self.id)

    def log(self):
        """What it has written."""
        return docker("logs", self.id)


def is_ready(url):
    """Whether a server says so."""
    try:
        with direct.open(f"{url}/readyz", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def contents(url):
    """All that a server has, as its API tells it."""
    request = urllib.request.Request(f"{url}/msgs?no=1000000")
    request.add_header("Authorization", "Basic cm9ib3Q6c2VzYW1lLXN0cmVldA==")
    with direct.open(request, timeout=30) as messages, direct.open(f"{url}/latest") as latest:
        return json.load(messages), json.load(latest)


def traffic(minitwit, url, seconds, *flags):
    """The simulator at work, until it has reported."""
    return subprocess.Popen(
        [minitwit, "simulate", "--url", url, "--speed", "10", "--clients", "4", "--for",
         f"{seconds}s", "--json", "-", *flags], text=True,
        env={**os.environ, "MINITWIT_SIMULATOR_AUTH": AUTH}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def failures(simulator):
    """What went wrong in the simulator's eyes: its report, counted."""
    said = json.loads(simulator.communicate()[0])
    wrong = {error["error"]: error["count"] for kind in said["kinds"] for error in kind["errors"]}
    if said["check"]["missing"]:
        wrong["missing"] = said["check"]["missing"]
    return wrong, sum(kind["calls"] for kind in said["kinds"])


def expect_none_failed(wrong):
    """Fails if a call did. One that took longer than the simulator waits is told, but may be a
    matter of the machine."""
    others = {error: count for error, count in wrong.items() if error != "ReadTimeout"}
    expect(not others, f"the simulator saw {wrong}")
    return f"none failed, {wrong.get('ReadTimeout', 0)} took longer than 0.3 s"


@contextlib.contextmanager
def volume(name):
    """A volume that is gone at the end."""
    docker("volume", "create", name)
    try:
        yield name
    finally:
        docker("volume", "rm", "--force", name)


def expect(truth, what):
    """Fails unless it is so."""
    if not truth:
        raise AssertionError(what)


def holds_little():
    """It is small, and has no shell."""
    size = inspect(IMAGE, "Size")
    expect(size < MOST_BYTES, f"the image has {size} bytes")
    expect(inspect(IMAGE, "Config.User") == "10001:10001", "the user is not a number")
    shell = subprocess.run(["docker", "run", "--rm", "--entrypoint", "/bin/sh", IMAGE, "-c", ":"],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    expect(shell.returncode != 0, "there is a shell")
    return f"{size / 1e6:.1f} MB, no shell, user 10001"


def is_ready_soon():
    """A second after it was started it serves; its health check sees it; it stops well."""
    times = []
    for _ in range(3):
        with Container() as container:
            times.append(container_age(container))
    expect(min(times) < 1, f"ready after {times} s")
    with Container() as container:
        eventually("the health check",
                   lambda: inspect(container.id, "State.Health.Status") == "healthy")
        docker("stop", container.id)
        expect(inspect(container.id, "State.ExitCode") == 0, "it did not stop well")
    return f"ready {min(times) * 1000:.0f} ms after its process began, healthy, ended with 0"


def container_age(container):
    """Seconds since the process of a container began."""
    pid = inspect(container.id, "State.Pid")
    stat = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    began = int(stat.rsplit(")", 1)[1].split()[19]) / os.sysconf("SC_CLK_TCK")
    return time.clock_gettime(time.CLOCK_BOOTTIME) - began


def warns_of_loss():
    """It says so if its database would be lost with the container."""
    with Container("--user", "0", "--env", "DATABASE_URL=/lost.db", hardened=()) as container:
        expect("/lost.db is inside the container" in container.log(), container.log())
    return "a database in the container's own layer is warned of"


def keeps_everything(minitwit):
    """Made anew after a kill, and with its volume moved, it has what it had."""
    with volume("minitwit-first") as first, volume("minitwit-second") as second:
        with Container("--volume", f"{first}:/data") as container:
            wrong, calls = failures(traffic(minitwit, container.url, 5))
            expect(not wrong, f"the simulator saw {wrong}")
            before = contents(container.url)
            expect("gone with it" not in container.log(), "a warning about a volume")
        with Container("--volume", f"{first}:/data") as container:
            expect(contents(container.url) == before, "made anew it has something else")
            docker("stop", container.id)
        docker("run", "--rm", "--volume", f"{first}:/from", "--volume", f"{second}:/to", DEBIAN,
               "cp", "--archive", "/from/.", "/to")
        with Container("--volume", f"{second}:/data") as container:
            expect(contents(container.url) == before, "its volume moved it has something else")
    return (f"{calls} calls, {len(before[0])} messages: killed and made anew, volume moved: "
            "all there")
