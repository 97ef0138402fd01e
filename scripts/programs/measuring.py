"""One run of the bench: how long everything is measured, on which data, and what was found."""

import contextlib
import hashlib
import pathlib
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

import loads
import machine
from results import Row
from servers import Server, plain_environment

PROGRAMS = pathlib.Path(__file__).resolve().parent
ROOT = machine.ROOT
RELEASE = ROOT / "target/release"
MINITWIT = RELEASE / "minitwit"
OTHERS = RELEASE / "examples/bench"
SCRATCH = ROOT / "target/bench"

SERVE = [MINITWIT, "serve", "--database", "{database}", "--listen", "127.0.0.1:0",
         "--metrics-listen", "127.0.0.1:0"]


@dataclass
class Effort:
    """How long is measured. Rounds decide how far a median can be trusted."""

    name: str
    rounds: int
    seconds: int  # of one load
    crowd_rounds: int  # of the loads by clients, which are many
    crowd_seconds: int
    call_millis: int  # of one call of the storage trait


FULL = Effort("full", 3, 3, 2, 1, 100)
SHORT = Effort("short", 3, 1, 1, 1, 60)
QUICK = Effort("quick", 2, 1, 1, 1, 20)


class Bench:
    """One run."""

    def __init__(self, effort, sizes):
        self.effort, self.rounds, self.seconds = effort, effort.rounds, effort.seconds
        self.sizes = sizes
        self.messages = max([size for size in sizes if size <= 1_000_000] or [min(sizes)])
        self.rows, self.crowds, self.growth, self.disk = [], [], [], []
        self.peak_bytes, self.page_bytes, self.troubles = 0, 0, []

    @property
    def data(self):
        """The file that loads are measured on."""
        return data_set(self.messages)

    @contextlib.contextmanager
    def minitwit(self, url=None, messages=None):
        """MiniTwit on a fresh copy of the data, or on the database of that URL."""
        serve = [url if url and part == "{database}" else part for part in SERVE]
        file = None if url else data_set(messages or self.messages)
        with Server(serve, SCRATCH, file) as server:
            yield server
        self.peak_bytes = max(self.peak_bytes, server.peak_bytes)

    @contextlib.contextmanager
    def ceiling(self, page_bytes):
        """The bare server, with a page of that size."""
        with Server([OTHERS, "ceiling", "--bytes", page_bytes], SCRATCH) as server:
            yield server

    def in_turns(self, *, rounds=None, **runs):
        """Runs each in every round; the loads of each, by its name."""
        seen = {name: [] for name in runs}
        for _ in range(rounds or self.rounds):
            for name, run in runs.items():
                load = run()
                seen[name].append(load)
                self.mind(name, load)
        return seen

    def mind(self, name, load):
        """Notes what went wrong in a load."""
        if load.failed or load.refused:
            self.troubles.append(f"{name}: {load.failed} connections failed, "
                                 f"{load.refused} requests were refused")

    def add(self, row):
        """Adds a row to the table."""
        self.rows.append(row)
        verdict = {None: "", True: ", reached", False: ", MISSED"}[row.reached]
        target = f" (target {row.target}{verdict})" if row.target else ""
        ratio = f", ratio {statistics.median(row.ratios):.2f}" if row.ratios else ""
        print(f"  {row.what}: {row.value}{ratio}{target}", file=sys.stderr)


def median(runs, field="per_second"):
    """The median of one figure of some loads."""
    return statistics.median(getattr(load, field) for load in runs)


def ratios(runs, others, field="per_second"):
    """How two series of loads compare, round by round."""
    return [getattr(a, field) / max(getattr(b, field), 0.001) for a, b in zip(runs, others)]


def compared(what, runs, name, others):
    """A row that compares requests a second."""
    return Row(what, f"{median(runs):,.0f}/s", f"{name} {median(others):,.0f}/s",
               ratios(runs, others))


def in_words(messages):
    """A number of messages as people write it: 10k, 1M."""
    for unit, name in ((1_000_000, "M"), (1_000, "k")):
        if messages >= unit and messages % unit == 0:
            return f"{messages // unit}{name}"
    return str(messages)


def data_set(messages):
    """The path of a filled database. It is made once for each schema and kept."""
    recipe = (ROOT / "schema.sql").read_bytes() + (PROGRAMS / "data_set.rs").read_bytes()
    path = SCRATCH / f"data-{messages}-{hashlib.sha256(recipe).hexdigest()[:12]}.db"
    if not path.exists():
        for old in SCRATCH.glob(f"data-{messages}-*"):
            old.unlink()
        unfinished = SCRATCH / "unfinished.db"
        for old in SCRATCH.glob("unfinished.db*"):
            old.unlink()
        start = time.monotonic()
        subprocess.run([MINITWIT, "init-db", "--database", unfinished], check=True,
                       stdout=subprocess.DEVNULL)
        subprocess.run([OTHERS, "data-set", "--database", unfinished, "--messages",
                        str(messages)], check=True)
        unfinished.rename(path)
        print(f"Made {messages:,} messages, {path.stat().st_size / 1e6:.0f} MB, in "
              f"{time.monotonic() - start:.0f} s.", file=sys.stderr)
    return path


@contextlib.contextmanager
def copy_of(file, name):
    """A copy of a database, which is gone in the end."""
    copy = SCRATCH / name
    shutil.copyfile(file, copy)
    try:
        yield copy
    finally:
        for part in SCRATCH.glob(f"{name}*"):
            part.unlink()


def move(messages, cluster):
    """Fills a new Postgres database with so many messages; its URL."""
    name = f"bench_{messages}"
    url = cluster.new_database(name)
    with copy_of(data_set(messages), "moved.db") as copy:
        said = subprocess.run([MINITWIT, "migrate-to-postgres", "--from", copy, "--to", url],
                              check=False, env=plain_environment(), capture_output=True, text=True)
    if said.returncode != 0:
        raise SystemExit(f"the data did not get into Postgres:\n{said.stdout}{said.stderr}")
    cluster.psql(name, "VACUUM ANALYZE", "CHECKPOINT")
    return url


def warm(server, *paths):
    """Asks a server for something, so that it is not measured while it fills its caches."""
    for path in paths:
        loads.wrk(server.url + path, 1)
