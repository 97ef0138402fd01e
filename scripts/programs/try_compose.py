"""Brings the compose files of deploy/ up, upgrades what runs, and breaks an upgrade."""

import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

from docker import STAND_IN, docker, is_own
from machine import ROOT, eventually
from try_image import (AUTH, IMAGE, contents, expect, expect_none_failed, failures, is_ready,
                       traffic)

NEXT = f"{IMAGE}:next"
UNHEALTHY, ENDING = f"{IMAGE}:unhealthy", f"{IMAGE}:ending"
SQLITE, POSTGRES = "compose.yaml", "compose.postgres.yaml"


def programs():
    """Each compose there is, as a command."""
    plugin = subprocess.run(["docker", "compose", "version"], stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL, check=False)
    found = [["docker", "compose"]] if plugin.returncode == 0 else []
    return found + ([["docker-compose"]] if shutil.which("docker-compose") else [])


def version(compose):
    """Which one it is."""
    return subprocess.run([*compose, "version", "--short"], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip()


def make_other_images():
    """One that is as good, one that never is healthy, and one that ends as soon as it starts."""
    docker("tag", IMAGE, NEXT)
    docker("build", "--tag", UNHEALTHY, "-", input=(
        f"FROM {IMAGE}\nHEALTHCHECK --interval=1s --timeout=1s --retries=2 "
        'CMD ["/usr/bin/minitwit", "healthcheck", "--listen", "127.0.0.1:1"]\n'))
    docker("build", "--tag", ENDING, "-", input=f'FROM {IMAGE}\nCMD ["no-such-command"]\n')


def free_port():
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Stack:
    """What a compose file describes, in a copy of deploy/. Use it as a context: it is gone with
    its volumes at the end."""

    def __init__(self, compose, file):
        self.compose, self.port = compose, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.scratch = tempfile.TemporaryDirectory(prefix="minitwit-stack.")
        self.folder = pathlib.Path(self.scratch.name, "deploy")
        shutil.copytree(ROOT / "deploy", self.folder)
        pathlib.Path(self.scratch.name).chmod(0o755)
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith(("MINITWIT_", "POSTGRES_", "COMPOSE_"))}
        # Cheap hashes: what is tried is not how fast two cores hash passwords.
        services = ["minitwit"] if file == SQLITE else ["minitwit-1", "minitwit-2"]
        (self.folder / "cheap.yaml").write_text("services:\n" + "".join(
            f"  {service}: {{environment: {{MINITWIT_BCRYPT_COST: 4}}}}\n"
            for service in services), encoding="utf-8")
        self.settings = [f"COMPOSE_FILE={file}:cheap.yaml", "COMPOSE_PROJECT_NAME=minitwit-try",
                         f"MINITWIT_PUBLISH=127.0.0.1:{self.port}"]
        if is_own():
            self.settings += [f"NGINX_IMAGE={STAND_IN}", f"POSTGRES_IMAGE={STAND_IN}"]

    def __enter__(self):
        self.write([])
        refused = self.run("up", "--detach", check=False)
        expect(refused.returncode != 0 and "set it in .env" in refused.stderr,
               f"without secrets it says: {refused.stderr}")
        self.write([f"MINITWIT_SIMULATOR_AUTH={AUTH}", "POSTGRES_PASSWORD=sesame"])
        return self

    def __exit__(self, *_):
        self.run("down", "--volumes", check=False)
        self.scratch.cleanup()

    def write(self, secrets):
        """Writes .env."""
        lines = "\n".join(self.settings + secrets)
        (self.folder / ".env").write_text(f"{lines}\n", encoding="utf-8")

    def run(self, *arguments, check=True):
        """Runs compose."""
        return self.call([*self.compose, *arguments], check)

    def call(self, command, check=True):
        """Runs a command in the folder."""
        done = subprocess.run(command, cwd=self.folder, env=self.environment, text=True,
                              capture_output=True, check=False)
        if check and done.returncode != 0:
            raise AssertionError(f"{command} says: {done.stdout}{done.stderr}")
        return done

    def up(self):
        """Brings it up; how long until it served."""
        began = time.monotonic()
        self.run("up", "--detach")
        eventually("the stack to serve", lambda: is_ready(self.url))
        return time.monotonic() - began

    def upgrade(self, image, works=True):
        """Runs deploy/upgrade, which has to work, or not to."""
        done = self.call(["./upgrade", image], check=False)
        expect((done.returncode == 0) == works, f"upgrade to {image}: {done.stdout}{done.stderr}")
        running = docker("ps", "--filter", "label=com.docker.compose.project=minitwit-try",
                         "--format", "{{.Names}} {{.Status}}")
        expect("unhealthy" not in running, f"{running}: {done.stdout}{done.stderr}")


def stays(compose, file, minitwit):
    """Up, traffic, down, up: everything is there."""
    with Stack(compose, file) as stack:
        seconds = stack.up()
        wrong, calls = failures(traffic(minitwit, stack.url, 5, "--soak"))
        expect("missing" not in wrong, f"the simulator misses {wrong}")
        before = contents(stack.url)
        stack.run("down")
        stack.up()
        expect(contents(stack.url) == before, "down and up again it has something else")
    return f"up after {seconds:.0f} s, {calls} calls, down and up: nothing lost"


def upgrades(compose, file, minitwit):
    """An upgrade, and two that are rolled back, under traffic."""
    with Stack(compose, file) as stack:
        stack.up()
        simulator = traffic(minitwit, stack.url, 60, *([] if file == POSTGRES else ["--soak"]))
        time.sleep(1)
        stack.upgrade(NEXT)
        stack.upgrade(UNHEALTHY, works=False)
        stack.upgrade(ENDING, works=False)
        noted = (stack.folder / ".env").read_text(encoding="utf-8")
        expect(noted.endswith(f"MINITWIT_IMAGE={NEXT}\n"), noted)
        expect(is_ready(stack.url), "rolled back it does not serve")
        wrong, calls = failures(simulator)
        if file == POSTGRES:
            said = expect_none_failed(wrong)
            return f"upgraded and rolled back twice under {calls} calls: {said}"
        expect("missing" not in wrong, f"the simulator misses {wrong}")
        return (f"upgraded and rolled back twice under {calls} calls: nothing lost; "
                f"while away: {wrong}")
