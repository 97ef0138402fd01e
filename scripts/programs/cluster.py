"""A Postgres of the scripts' own, which stores as durably as one in production."""

import os
import pathlib
import shutil
import socket
import subprocess
import tempfile

import machine
from servers import processor_seconds

NEWEST = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"),
                key=lambda folder: int(folder.parent.name))


def install():
    """Sees to it that there is a Postgres."""
    if not NEWEST:
        machine.install("initdb", "postgresql")
        NEWEST.extend(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))


def tool(name):
    """The path of one of Postgres' programs."""
    return str(NEWEST[-1] / name) if NEWEST else name


def as_user(command):
    """The command as somebody whom Postgres accepts: it does not run as root."""
    if os.geteuid() != 0:
        return command
    return ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", "--",
            *command]


class Cluster:
    """A running server. Use it as a context: it is stopped at the end, and its files are gone."""

    def __init__(self, settings=()):
        install()
        self.folder = tempfile.mkdtemp(prefix="minitwit-postgres.")
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self.data = f"{self.folder}/data"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.settings = ["listen_addresses=127.0.0.1", f"port={self.port}",
                         f"unix_socket_directories={self.folder}", *settings]

    def __enter__(self):
        self.make()
        options = " ".join(f"-c {setting}" for setting in self.settings)
        self.run("pg_ctl", "-D", self.data, "-l", f"{self.folder}/log", "-w", "-o", options,
                 "start")
        return self

    def make(self):
        """Makes the data directory."""
        self.run("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8",
                 "--no-locale", "-D", self.data)

    def __exit__(self, *_):
        self.run("pg_ctl", "-D", self.data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    @staticmethod
    def run(name, *arguments):
        """Runs one of Postgres' programs to its end."""
        subprocess.run(as_user([tool(name), *arguments]), check=True, cwd="/",
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def processor_seconds(self):
        """The time that processors have worked for its processes so far."""
        postmaster = pathlib.Path(self.data, "postmaster.pid").read_text().split()[0]
        children = pathlib.Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text()
        return sum(map(processor_seconds, [postmaster, *children.split()]))

    def url(self, database):
        """Where a database is."""
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    def new_database(self, name):
        """An empty database, in the place of one of that name; returns its URL."""
        self.psql("postgres", f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self.psql("postgres", f"CREATE DATABASE {name}")
        return self.url(name)

    def psql(self, database, *statements):
        """What psql prints for statements: a list of rows, each a list of texts."""
        command = [tool("psql"), "-XAtq", "-F", "\x1f", "-R", "\x1e", "-v", "ON_ERROR_STOP=1"]
        for statement in statements:
            command += ["-c", statement]
        said = subprocess.run([*command, self.url(database)], check=True, capture_output=True,
                              text=True, cwd="/")
        rows = said.stdout.rstrip("\n").split("\x1e") if said.stdout.strip() else []
        return [row.split("\x1f") for row in rows]
