"""A Docker to try images and stacks with: the machine's, or one of the scripts' own.

Where nothing answers to `docker info`, a daemon is started in a network and a mount namespace of
its own, so that the machine's firewall, bridges and mounts stay as they are. It can pull nothing.
The images that are pulled elsewhere are made on the machine then: Debian by debootstrap, Rust from
it and the machine's own toolchain, stand-ins for nginx and Postgres from the machine's programs.
"""

import atexit
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys

import machine
from cluster import NEWEST, install as install_postgres
from machine import ROOT, eventually

HOME = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "docker"
INSIDE = "MINITWIT_OWN_DOCKER"

DEBIAN, RUST = "debian:bookworm-slim", "rust:1-bookworm"
STAND_IN = "minitwit-stand-in"
BUILD_PACKAGES = "ca-certificates,gcc,libc6-dev"


def docker(*arguments, check=True, **options):
    """Runs a docker command; what it printed. With `check`, it has to succeed."""
    options = {"text": True, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, **options}
    done = subprocess.run(["docker", *arguments], check=False, **options)
    if check and done.returncode:
        raise AssertionError(f"docker {' '.join(arguments)}: {done.stdout}")
    return (done.stdout or "").strip()


def inspect(what, path):
    """A value out of `docker inspect`, by its path: "State.Health.Status"."""
    value = json.loads(docker("inspect", what, stderr=None))[0]
    for name in path.split("."):
        value = value[name] if value else None
    return value


def answers():
    """Whether there is a daemon."""
    return shutil.which("docker") is not None and subprocess.run(
        ["docker", "info"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        check=False).returncode == 0


def is_own():
    """Whether the daemon is one that the scripts started."""
    return INSIDE in os.environ


def get_ready():
    """Sees to it that there is a daemon, if need be by running this program again, in namespaces
    that have one: then it does not return."""
    if is_own():
        start_daemon()
        import_bases()
    elif not answers():
        if os.geteuid() != 0:
            raise SystemExit("no docker daemon answers; one is started only as root")
        prepare()
        os.execvpe("unshare", ["unshare", "--net", "--mount", "--", sys.executable, *sys.argv],
                   {**os.environ, INSIDE: "1", "DOCKER_HOST": f"unix://{HOME}/docker.sock",
                    "DOCKER_BUILDKIT": "0"})


def prepare():
    """What the daemon and its images need from outside, while there is a network."""
    machine.install("dockerd", "docker.io")
    machine.install("iptables", "iptables")
    machine.install("debootstrap", "debootstrap")
    machine.install("nginx", "nginx-light")
    install_postgres()
    HOME.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cargo", "fetch", "--locked"], cwd=ROOT, check=True)
    for name, packages in {"debian": [], "rust": [f"--include={BUILD_PACKAGES}"]}.items():
        if not (HOME / f"{name}.tar").exists():
            make_debian(HOME / name, packages)


def make_debian(folder, packages):
    """Packs a fresh Debian."""
    print(f"making {folder.name} from Debian's packages (about a minute)", flush=True)
    subprocess.run(["debootstrap", "--variant=minbase", *packages, "bookworm", str(folder)],
                   check=True, stdout=subprocess.DEVNULL)
    mounts = pathlib.Path("/proc/self/mounts").read_text(encoding="utf-8")
    if f" {folder}/" in mounts:
        raise SystemExit(f"something is still mounted below {folder}")
    subprocess.run(["tar", "-C", str(folder), "-cf", f"{folder}.tar.part", "."], check=True)
    os.rename(f"{folder}.tar.part", f"{folder}.tar")
    subprocess.run(["rm", "-rf", "--one-file-system", str(folder)], check=True)


def start_daemon():
    """Starts the daemon; it ends with this program."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    # A run that was broken off may have left a Swarm, and the daemon would go on with it.
    shutil.rmtree(HOME / "data/swarm", ignore_errors=True)
    with open(HOME / "dockerd.log", "wb") as log:
        daemon = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "dockerd", "--data-root", HOME / "data",
             "--exec-root", HOME / "exec", "--pidfile", HOME / "dockerd.pid", "--host",
             os.environ["DOCKER_HOST"], "--log-level", "warn", "--storage-driver", "overlay2"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, process_group=0)
    eventually("dockerd", answers)

    def stop():
        daemon.send_signal(signal.SIGTERM)
        daemon.wait()

    atexit.register(stop)
    docker("container", "prune", "--force")
    for volume in docker("volume", "ls", "--quiet", "--filter", "dangling=true").split():
        docker("volume", "rm", volume)


def import_bases():
    """Makes the images that cannot be pulled, unless they are there."""
    have = docker("images", "--format", "{{.Repository}}:{{.Tag}}").split()
    if DEBIAN not in have:
        docker("import", f"{HOME}/debian.tar", DEBIAN)
    if RUST not in have:
        import_rust()
    if f"{STAND_IN}:latest" not in have:
        build_stand_in()


def import_rust():
    """Debian with a compiler, and with the toolchain and the crates that the machine has."""
    said = subprocess.run(["rustc", "--print", "sysroot"], check=True, text=True, cwd=ROOT,
                          stdout=subprocess.PIPE)
    toolchain = said.stdout.strip()
    cargo = os.environ.get("CARGO_HOME", os.path.expanduser("~/.cargo"))
    names = [f"{toolchain}/bin", f"{toolchain}/lib", f"{toolchain}/libexec",
             f"{cargo}/registry/cache", f"{cargo}/registry/index"]
    whole = HOME / "rust-whole.tar"
    shutil.copyfile(HOME / "rust.tar", whole)
    subprocess.run(["tar", "-C", "/", "-rf", whole, *(name[1:] for name in names)], check=True)
    docker("import", "--change", f"ENV CARGO_HOME={cargo} CARGO_NET_OFFLINE=true",
           "--change", f"ENV PATH={toolchain}/bin:/usr/local/bin:/usr/bin:/bin", str(whole), RUST)
    whole.unlink()


def build_stand_in():
    """Debian with the machine's nginx and Postgres, started as their official images do it."""
    context = HOME / "stand-in"
    shutil.rmtree(context, ignore_errors=True)
    binaries = NEWEST[-1]
    share = pathlib.Path("/usr/share/postgresql") / binaries.parent.name
    for folder in (binaries.parent, share):
        shutil.copytree(folder, context / "root" / folder.relative_to("/"), symlinks=True,
                        ignore=shutil.ignore_patterns("bitcode"))
    (context / "root/usr/sbin").mkdir(parents=True)
    shutil.copy2("/usr/sbin/nginx", context / "root/usr/sbin")
    copy_libraries([*binaries.iterdir(), pathlib.Path("/usr/sbin/nginx")],
                   context / "root/usr/local/lib")
    for name in ("Dockerfile", "entrypoint"):
        shutil.copy2(ROOT / "scripts/programs/stand-in" / name, context)
    docker("build", "--quiet", "--build-arg", f"POSTGRES={binaries}", "--tag", STAND_IN,
           str(context))
    shutil.rmtree(context)


def copy_libraries(programs, to):
    """Copies the shared libraries that programs load, but for those of the C library."""
    to.mkdir(parents=True)
    said = subprocess.run(["ldd", *programs], check=True, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout
    paths = {line.split()[2] for line in said.splitlines() if " => /" in line}
    for path in paths:
        if pathlib.Path(path).name.split(".")[0] not in ("libc", "libm", "ld-linux-x86-64"):
            shutil.copy2(path, to)
