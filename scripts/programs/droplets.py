"""A clean Debian 12 under a real systemd, in a container: the nearest to a machine of its own."""

import os
import pathlib
import subprocess
import tempfile
import time

import machine

BASE = "minitwit-drill/debian:bookworm"

# What a machine of its own has, and what systemd itself needs. No container of another kind of
# work should have that much.
CAPABILITIES = ["SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE", "SYS_NICE", "SYS_BOOT", "SYS_TIME",
                "SYSLOG", "AUDIT_CONTROL", "AUDIT_READ", "IPC_LOCK", "LINUX_IMMUTABLE"]

# Only this container's own groups are below /sys/fs/cgroup.
BOOT = """
mount -o remount,rw /sys/fs/cgroup 2>/dev/null
for group in /sys/fs/cgroup/*; do mount -o remount,bind,rw "$group" 2>/dev/null; done
exec /sbin/init
"""


def docker(*arguments, **options):
    """Runs docker to its end; what it says on stdout."""
    return subprocess.run(["docker", *arguments], check=True, stdout=subprocess.PIPE, text=True,
                          stdin=subprocess.DEVNULL, **options).stdout


def make_base():
    """Sees to it that there is an image of a clean Debian 12 with systemd; about a minute."""
    machine.install("docker", "docker.io")
    if subprocess.run(["docker", "image", "inspect", BASE], stdout=subprocess.DEVNULL,
                      stderr=subprocess.DEVNULL, check=False).returncode == 0:
        return
    machine.install("debootstrap", "debootstrap")
    with tempfile.TemporaryDirectory(prefix="minitwit-debian.") as folder:
        tree = pathlib.Path(folder, "tree")
        subprocess.run(["debootstrap", "--variant=minbase",
                        "--include=systemd-sysv,dbus,ca-certificates,iproute2,procps",
                        "bookworm", tree], check=True, stdout=subprocess.DEVNULL)
        with subprocess.Popen(["tar", "-C", tree, "--exclude=./var/cache/apt/archives/*.deb",
                               "-c", "."], stdout=subprocess.PIPE) as tar:
            subprocess.run(["docker", "import", "-", BASE], stdin=tar.stdout, check=True,
                           stdout=subprocess.DEVNULL)


class Droplet:
    """A running machine. Use it as a context: it is gone at the end."""

    def __init__(self):
        self.name = f"minitwit-drill-{os.getpid()}-{time.monotonic_ns() % 1000}"

    def __enter__(self):
        arguments = [argument for name in CAPABILITIES for argument in ("--cap-add", name)]
        for option in ["seccomp=unconfined", "apparmor=unconfined", "systempaths=unconfined"]:
            arguments += ["--security-opt", option]
        for place in ["/run:exec", "/run/lock", "/tmp:exec"]:
            arguments += ["--tmpfs", place]
        docker("run", "--detach", "--name", self.name, "--hostname", "droplet", *arguments,
               "--cgroupns", "private", "--env", "container=docker", BASE, "sh", "-c", BOOT)
        self.wait_for_systemd()
        return self

    def __exit__(self, *_):
        docker("rm", "--force", "--volumes", self.name)

    def wait_for_systemd(self):
        """Waits until all that starts with the machine has started."""
        machine.eventually("systemd", lambda: self.says(
            "systemctl is-system-running || true").strip() in ("running", "degraded"))

    def says(self, command):
        """What a shell command prints; it has to succeed."""
        run = subprocess.run(["docker", "exec", self.name, "sh", "-c", command], text=True,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, check=False)
        if run.returncode != 0:
            raise SystemExit(f"{command}: exit status {run.returncode}\n{run.stdout}")
        return run.stdout

    def fails(self, command):
        """What a shell command prints that has to fail."""
        return self.says(f"if {command}; then echo 'it succeeded' >&2; exit 1; fi")

    def copy(self, file, place):
        """Puts a file there."""
        docker("cp", "--follow-link", str(file), f"{self.name}:{place}")

    def copy_tree(self, root, names, place):
        """Puts files and folders there."""
        self.says(f"mkdir -p {place}")
        with subprocess.Popen(["tar", "-C", root, "-c", *names], stdout=subprocess.PIPE) as tar:
            subprocess.run(["docker", "exec", "--interactive", self.name, "tar", "-C", place,
                            "-x"], stdin=tar.stdout, check=True)

    def restart(self):
        """Shuts it down and starts it again, with what is on its disk."""
        docker("restart", "--time", "60", self.name)
        self.wait_for_systemd()

    @property
    def address(self):
        """Its address, for others."""
        return docker("inspect", "--format", "{{.NetworkSettings.IPAddress}}", self.name).strip()
