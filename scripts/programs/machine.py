"""What bench and drills need of the machine they run on."""

import pathlib
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


def eventually(what, condition, patience=PATIENCE):
    """Waits until the condition holds."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"waited {patience} s in vain for {what}")
        time.sleep(0.01)
