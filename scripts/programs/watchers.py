"""Where Debian's Prometheus, Alertmanager and Blackbox exporter are."""

import os
import pathlib
import shutil
import subprocess

from machine import ROOT

TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
UNPACKED = TARGET / "test-tools/debian"


def program(name, package):
    """The path of a program of a Debian package. What the machine lacks is unpacked below target/
    and not installed: else it would start as a service."""
    unpacked = UNPACKED / "usr/bin" / name
    if found := shutil.which(name):
        return found
    if not unpacked.exists():
        UNPACKED.mkdir(parents=True, exist_ok=True)
        if not download(package):
            root = [] if os.geteuid() == 0 else ["sudo"]
            subprocess.run([*root, "apt-get", "update"], check=True, stdout=subprocess.DEVNULL)
            if not download(package):
                raise SystemExit(f"there is no Debian package {package} to be had")
        for archive in UNPACKED.glob(f"{package}_*.deb"):
            subprocess.run(["dpkg-deb", "--extract", archive, UNPACKED], check=True)
            archive.unlink()
    return str(unpacked)


def download(package):
    """Whether the package could be had."""
    return subprocess.run(["apt-get", "download", "--quiet", package], cwd=UNPACKED, check=False,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def prometheus():
    """The command of the server."""
    return [program("prometheus", "prometheus")]


def promtool():
    """What checks the server's configuration and tests its rules."""
    return program("promtool", "prometheus")


def alertmanager():
    """The command of who tells people. Debian's looks for its templates in a place of the system:
    one that is unpacked sees its own there, in a mount namespace of its own, for which one has to be
    root."""
    path = program("prometheus-alertmanager", "prometheus-alertmanager")
    if not path.startswith(str(UNPACKED)):
        return [path]
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c",
            'mount --bind "$0" /usr/share/prometheus && exec "$@"',
            str(UNPACKED / "usr/share/prometheus"), path]


def amtool():
    """What checks its configuration."""
    return program("amtool", "prometheus-alertmanager")


def blackbox():
    """The command of who looks from outside."""
    return [program("prometheus-blackbox-exporter", "prometheus-blackbox-exporter")]
