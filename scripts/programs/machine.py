"""What bench and drills need of the machine they run on."""

import os
import pathlib
import re
import shutil
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PATIENCE = 60


def install(program, package):
    """Sees to it that the program is there: it is in that Debian package."""
    if not shutil.which(program):
        subprocess.run(["apt-get", "update"], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", package],
                       check=True, stdout=subprocess.DEVNULL)


def build(*, example=False):
    """Builds the program as people do, and apart from it the bench's others: what they need would
    add to the binary that is measured."""
    for what in [["--bin", "minitwit"]] + [["--example", "bench"]] * example:
        subprocess.run(["cargo", "build", "--release", "--locked", *what], cwd=ROOT, check=True)


def what_it_is():
    """The machine, as far as figures depend on it."""
    model = re.search(r"model name\s*: (.*)", read("/proc/cpuinfo"))
    memory = re.search(r"MemTotal:\s+(\d+) kB", read("/proc/meminfo"))
    return {"processors": os.cpu_count(), "processor": model[1] if model else "",
            "memory_bytes": int(memory[1]) * 1024 if memory else 0}


def read(path):
    """What a small file holds."""
    return pathlib.Path(path).read_text(encoding="utf-8")


def eventually(what, condition, patience=PATIENCE):
    """Waits until the condition holds."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"waited {patience} s in vain for {what}")
        time.sleep(0.01)
