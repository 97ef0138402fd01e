"""A Postgres primary with a streaming standby, which change places."""

import os
import pathlib
import shutil
import signal
import subprocess

from cluster import Cluster
from machine import eventually


class Node(Cluster):
    """A server that can be a standby of another."""

    def __init__(self):
        super().__init__(("max_wal_senders=10", "wal_keep_size=256MB", "hot_standby=on"))

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        """Starts the server on the data it has."""
        options = " ".join(f"-c {setting}" for setting in self.settings)
        self.run("pg_ctl", "-D", self.data, "-l", f"{self.folder}/log", "-w", "-o", options,
                 "start")

    def become_standby_of(self, primary):
        """Starts over as a copy of the primary that follows it."""
        shutil.rmtree(self.data, ignore_errors=True)
        self.run("pg_basebackup", "-D", self.data, "-R", "-X", "stream", "-c", "fast",
                 "-d", primary.url("postgres"))
        self.start()
        # From now on nothing is acknowledged that the standby does not have.
        primary.ask("ALTER SYSTEM SET synchronous_standby_names = '*'",
                    "SELECT pg_reload_conf()")
        state = "SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')"
        eventually("the standby to follow", lambda: primary.ask(state) == "1")

    def promote(self):
        """Makes a standby the primary; there is no standby of its own yet to wait for."""
        # Before it may write: its copy of the settings would make it wait.
        self.drop_synchronous_setting()
        self.run("pg_ctl", "-D", self.data, "-w", "promote")
        eventually("the promotion", lambda: self.ask("SELECT pg_is_in_recovery()") == "f")

    def drop_synchronous_setting(self):
        """A standby cannot ALTER SYSTEM; its file is a copy of the primary's."""
        path = pathlib.Path(self.data, "postgresql.auto.conf")
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith("synchronous_standby_names")]
        path.write_text("".join(kept), encoding="utf-8")
        self.run("pg_ctl", "-D", self.data, "reload")

    def processes(self):
        """The ids of all processes of the server, the first one first."""
        try:
            first = pathlib.Path(self.data, "postmaster.pid").read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        parent = first.split("\n", 1)[0]
        children = subprocess.run(["pgrep", "-P", parent], capture_output=True, text=True,
                                  check=False)
        return [int(parent), *map(int, children.stdout.split())]

    def signal(self, number):
        """Sends a signal to all processes of the server."""
        for process in self.processes():
            try:
                os.kill(process, number)
            except ProcessLookupError:
                pass

    def kill(self):
        """Ends all processes as the loss of the machine would."""
        processes = self.processes()
        self.signal(signal.SIGKILL)
        for process in processes:
            eventually("a process to end", lambda: not pathlib.Path(f"/proc/{process}").exists())
        pathlib.Path(self.data, "postmaster.pid").unlink(missing_ok=True)

    def lines(self, *statements, database="postgres"):
        """The only column of what the last of the statements returns."""
        return [row[0] for row in self.psql(database, *statements)]

    def ask(self, *statements):
        """The only value that the statements return."""
        return "".join(self.lines(*statements))
