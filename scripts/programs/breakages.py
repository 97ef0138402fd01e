"""The ways in which scripts/drill-alerts breaks its world: each as long as its context is open."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import time

import watchers
from promises import People
from servers import run


@contextlib.contextmanager
def server_gone(world):
    """The server is killed."""
    world.server.end(signal.SIGKILL)
    yield
    world.server.start()


@contextlib.contextmanager
def proxy_gone(world):
    """nginx stops; the server is well."""
    world.end_nginx()
    yield
    world.start_nginx()


@contextlib.contextmanager
def certificate_of_a_week(world):
    """nginx shows a certificate that ends in seven days."""
    world.show_certificate("short")
    yield
    world.show_certificate("long")


@contextlib.contextmanager
def nobody_known(world):
    """The simulator writes for somebody whose registration was lost."""
    people = People(world.server.port, 1, "lost")
    for _ in range(50):
        people.do("message", "hello", "/msgs/nobody", {"content": "hello"})
    yield


@contextlib.contextmanager
def slow_disk(world):
    """Each fdatasync of the server takes half a second longer."""
    with traced(world, "inject=fsync,fdatasync:delay_enter=500000"):
        yield


@contextlib.contextmanager
def traced(world, fault):
    """strace meddles with the server."""
    process = subprocess.Popen(
        ["strace", "-f", "-qq", "-p", str(world.server.process.pid), "-e", "trace=fsync,fdatasync",
         "-e", fault], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def database_locked(world):
    """Another program holds the database for itself."""
    other = sqlite3.connect(world.database, isolation_level=None)
    other.execute("PRAGMA busy_timeout = 10000")
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


@contextlib.contextmanager
def database_away(world):
    """Somebody moves the file."""
    away = world.database.with_suffix(".away")
    world.database.rename(away)
    yield
    away.rename(world.database)
    world.server.end()
    world.server.start()


@contextlib.contextmanager
def disk_full(world):
    """Something else fills the disk, up to a twentieth."""
    state = os.statvfs(world.database.parent)
    much = state.f_bavail * state.f_frsize - state.f_blocks * state.f_frsize // 20
    other = world.database.with_name("other")
    with open(other, "wb") as file:
        os.posix_fallocate(file.fileno(), 0, much)
    yield
    other.unlink()


@contextlib.contextmanager
def reader_that_stays(world):
    """Another program reads in one transaction, and does not end it."""
    other = sqlite3.connect(world.database, isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM message").fetchone()
    yield
    other.execute("COMMIT")
    # What has grown is emptied, and cut off when the server has closed it.
    other.close()
    world.server.end()
    world.server.start()


@contextlib.contextmanager
def silence(world):
    """The simulator comes no more, and a restart does not bring it back."""
    world.community.close()
    world.server.end()
    world.server.start()
    yield
    world.go_on_writing()


@contextlib.contextmanager
def old_backup(world):
    """The last backup is of the day before yesterday."""
    marker = world.database.with_name("minitwit.db.last-backup")
    os.utime(marker, (time.time() - 48 * 3600,) * 2)
    yield
    run(world.minitwit, "backup", "--database", world.database, "--to", world.folder / "backup.db")


@contextlib.contextmanager
def little_memory(world):
    """The server believes that its machine has 8 MB."""
    meminfo = world.folder / "meminfo"
    meminfo.write_text("MemTotal:           8192 kB\n", encoding="utf-8")
    command = world.server.command
    world.server.end()
    world.server.command = [
        "unshare", "--mount", "--propagation", "private", "sh", "-c",
        'mount --bind "$0" /proc/meminfo && exec "$@"', str(meminfo), *command]
    world.server.start()
    world.server.command = command
    yield
    world.server.end()
    world.server.start()


@contextlib.contextmanager
def blackbox_gone(world):
    """The Blackbox exporter is killed."""
    world.watch.end("blackbox")
    yield
    world.watch.start("blackbox", watchers.blackbox())


# What is broken, and who has to be told of what.
BREAKAGES = [
    (server_gone, {"MiniTwitDown"}),
    (proxy_gone, {"MiniTwitUnreachable"}),
    (certificate_of_a_week, {"MiniTwitCertificateEnding"}),
    (nobody_known, {"MiniTwitUnknownUsers"}),
    (slow_disk, {"MiniTwitSlow"}),
    (database_locked, {"MiniTwitDatabaseFailing", "MiniTwitErrors"}),
    (database_away, {"MiniTwitDatabaseDown"}),
    (disk_full, {"MiniTwitDiskNearlyFull"}),
    (reader_that_stays, {"MiniTwitWalLarge"}),
    (old_backup, {"MiniTwitBackupTooOld"}),
    (little_memory, {"MiniTwitMemoryNearLimit"}),
    (blackbox_gone, {"MonitoringDown"}),
    (silence, {"MiniTwitSimulatorSilent"}),
]
