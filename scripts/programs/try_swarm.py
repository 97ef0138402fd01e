"""Deploys the Swarm stacks of deploy/, updates what runs, and breaks an update."""

import os
import time

from docker import STAND_IN, docker, is_own
from machine import ROOT, eventually
from try_compose import NEXT, UNHEALTHY, free_port
from try_image import (AUTH, IMAGE, contents, expect, expect_none_failed, failures, is_ready,
                       traffic)

STACK = "minitwit-try"
SECRETS = {
    "minitwit_simulator_auth": AUTH,
    "minitwit_postgres_password": "sesame",
    "minitwit_database_url": "postgres://minitwit:sesame@postgres/minitwit?sslmode=disable",
}


class Swarm:
    """A Swarm of this machine alone. Use it as a context: it is left at the end."""

    def __enter__(self):
        docker("swarm", "init", "--advertise-addr", "127.0.0.1", "--default-addr-pool",
               "10.213.0.0/16")
        node = docker("node", "ls", "--quiet")
        docker("node", "update", "--label-add", "minitwit.data=true", node)
        for name, value in SECRETS.items():
            docker("secret", "create", name, "-", input=value)
        return self

    def __exit__(self, *_):
        docker("swarm", "leave", "--force")


class Stack:
    """What a file describes. Use it as a context: it is gone with its volumes at the end."""

    def __init__(self, file):
        self.file, self.port = ROOT / "deploy" / file, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.service = f"{STACK}_minitwit"

    def __enter__(self):
        refused = self.deploy("", check=False)
        expect("which image? set it" in refused, f"without an image it says: {refused}")
        self.deploy(IMAGE)
        eventually("the stack to serve", lambda: is_ready(self.url))
        # Cheap hashes: what is tried is not how fast two cores hash passwords.
        docker("service", "update", "--detach", "--env-add", "MINITWIT_BCRYPT_COST=4", self.service)
        self.settled()
        return self

    def __exit__(self, *_):
        docker("stack", "rm", STACK)
        eventually("the stack to be gone", lambda: not docker(
            "ps", "--all", "--quiet", "--filter", f"label=com.docker.stack.namespace={STACK}"))
        volumes = docker("volume", "ls", "--quiet", "--filter", f"name={STACK}").split()
        for volume in volumes:
            docker("volume", "rm", "--force", volume)

    def deploy(self, image, check=True):
        """Runs docker stack deploy."""
        environment = {**os.environ, "MINITWIT_IMAGE": image, "MINITWIT_PORT": str(self.port)}
        if is_own():
            environment |= {"NGINX_IMAGE": STAND_IN, "POSTGRES_IMAGE": STAND_IN}
        return docker("stack", "deploy", "--resolve-image", "never", "--compose-file",
                      str(self.file), STACK, env=environment, check=check)

    def settled(self):
        """Waits for the end of an update; how it ended."""
        path = "{{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}"
        ends = ("completed", "rollback_completed", "paused", "rollback_paused")
        deadline = time.monotonic() + 300
        while (state := docker("service", "inspect", "--format", path, self.service)) not in ends:
            if time.monotonic() > deadline:
                raise AssertionError(f"after five minutes the update is {state}")
            time.sleep(0.5)
        return state

    def update(self, image, expected):
        """Updates the service to an image, and sees how that ends."""
        docker("service", "update", "--detach", "--no-resolve-image", "--image", image,
               self.service)
        # The state of the update before lingers for a moment.
        time.sleep(2)
        state = self.settled()
        expect(state == expected, f"the update to {image} is {state}")


def story(file, minitwit, *flags):
    """An update and one that is rolled back, under traffic; what went wrong, what was there."""
    with Stack(file) as stack:
        simulator = traffic(minitwit, stack.url, 150, *flags)
        stack.update(NEXT, "completed")
        stack.update(UNHEALTHY, "rollback_completed")
        wrong, calls = failures(simulator)
        expect("missing" not in wrong, f"the simulator misses {wrong}")
        expect(contents(stack.url)[0], "there is nothing")
    return wrong, calls


def sqlite(minitwit):
    """One server on a file: stopped before the next one starts."""
    wrong, calls = story("swarm.yaml", minitwit, "--soak")
    return f"updated and rolled back under {calls} calls: nothing lost; while away: {wrong}"


def postgres(minitwit):
    """Two replicas behind nginx: the next one is healthy before one is stopped."""
    wrong, calls = story("swarm.postgres.yaml", minitwit)
    return f"updated and rolled back under {calls} calls: {expect_none_failed(wrong)}"
