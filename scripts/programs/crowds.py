"""Loads by so many clients at once, on kept connections and on a new one for each request."""

import contextlib
import statistics
import sys

import loads
from cluster import Cluster
from measuring import QUICK, median, move, ratios, warm
from results import Row, at_least, below

CLIENTS = (1, 4, 16, 64, 256)
CLIENTS_OF_QUICK = (1, 64)
CONNECTIONS = {"keep-alive": (), "close": loads.CLOSE}
LOADS = {"public": "public timeline", "post": "POST /msgs/{user}",
         "mix": "nine reads to one message"}


class Measured:
    """A load of a server, and what it took of the machine."""

    def __init__(self, load, before, after, resident):
        self.load, self.resident_bytes = load, resident
        self.cpu = [(b - a) * 1e6 / max(load.requests, 1) for a, b in zip(before, after)]


class Target:
    """A server that crowds come to."""

    def __init__(self, name, server, cookie="", cluster=None):
        self.name, self.server, self.cookie, self.cluster = name, server, cookie, cluster

    def processor_seconds(self):
        """Of the server, and of its Postgres."""
        database = self.cluster.processor_seconds() if self.cluster else 0.0
        return self.server.processor_seconds(), database

    def bear(self, load, clients, headers, seconds):
        """Lets a crowd come; what it saw."""
        before = self.processor_seconds()
        seen = self.send(load, clients, headers, seconds)
        return Measured(seen, before, self.processor_seconds(), self.server.read_resident())

    def send(self, load, clients, headers, seconds):
        """One run of wrk."""
        url, path = self.server.url, "/" if self.name == "ceiling" else None
        if load == "post":
            return loads.post(url, seconds, headers, path, clients)
        if load == "mix":
            return loads.mix(url, seconds, self.cookie, headers, path, clients)
        return loads.wrk(url + (path or "/public"), seconds, headers, clients=clients)


def crowds(bench):
    """Every load, by every number of clients, in turns with the bare server."""
    with contextlib.ExitStack() as stack:
        cluster = stack.enter_context(Cluster(["shared_buffers=256MB"]))
        url = move(bench.messages, cluster)
        sqlite = stack.enter_context(bench.minitwit())
        postgres = stack.enter_context(bench.minitwit(url))
        bench.page_bytes = len(sqlite.get("/public"))
        ceiling = stack.enter_context(bench.ceiling(bench.page_bytes))
        targets = [Target("ceiling", ceiling),
                   Target("sqlite", sqlite, loads.sign_in(sqlite, "follows_100")),
                   Target("postgres", postgres, loads.sign_in(postgres, "follows_100"), cluster)]
        warm(ceiling, "/")
        for server in (sqlite, postgres):
            warm(server, "/public")
            loads.post(server.url, 1)
        for connection in CONNECTIONS:
            for clients in CLIENTS_OF_QUICK if bench.effort is QUICK else CLIENTS:
                for load in LOADS:
                    come(bench, targets, load, connection, clients)
    add_rows(bench)


def come(bench, targets, load, connection, clients):
    """One load on all servers in turns, round by round."""
    effort = bench.effort
    seen = {target.name: [] for target in targets}
    for _ in range(effort.crowd_rounds):
        for target in targets:
            measured = target.bear(load, clients, CONNECTIONS[connection], effort.crowd_seconds)
            seen[target.name].append(measured)
            bench.mind(f"{target.name}, {load}, {connection}, {clients} clients", measured.load)
    tops = [measured.load for measured in seen["ceiling"]]
    for name, runs in seen.items():
        runs_of_wrk = [measured.load for measured in runs]
        own, database = (statistics.median(measured.cpu[which] for measured in runs)
                         for which in (0, 1))
        entry = {"backend": name, "load": load, "connection": connection, "clients": clients,
                 "per_second": median(runs_of_wrk), "p50_ms": median(runs_of_wrk, "p50_ms"),
                 "p99_ms": median(runs_of_wrk, "p99_ms"), "ratios": ratios(runs_of_wrk, tops),
                 "cpu_us": own, "database_cpu_us": database,
                 "resident_bytes": max(measured.resident_bytes for measured in runs)}
        bench.crowds.append(entry)
        print(f"  {name}: {load}, {connection}, {clients} clients: {entry['per_second']:,.0f}/s, "
              f"p99 {entry['p99_ms']:.1f} ms", file=sys.stderr)


def add_rows(bench):
    """What of it goes into the table: 64 clients, and the memory."""
    by = {(entry["backend"], entry["load"], entry["connection"]): entry
          for entry in bench.crowds if entry["clients"] == 64}
    for (backend, load, connection), entry in by.items():
        if backend == "ceiling":
            continue
        top = by["ceiling", load, connection]["per_second"]
        name = {"sqlite": "SQLite", "postgres": "Postgres"}[backend]
        row = Row(f"{name}: {LOADS[load]}, 64 clients, {connection}",
                  f"{entry['per_second']:,.0f}/s", f"bare server {top:,.0f}/s", entry["ratios"],
                  note=f"p99 {entry['p99_ms']:.1f} ms; {entry['cpu_us']:.0f} µs of the processor "
                       f"for a request, Postgres {entry['database_cpu_us']:.0f}")
        target = {("sqlite", "post", "close"): 0.8}.get((backend, load, connection))
        bench.add(at_least(row, target) if target else row)
    for backend in ("sqlite", "postgres"):
        most = max(entry["resident_bytes"] for entry in bench.crowds if entry["backend"] == backend)
        row = Row(f"resident memory, up to 256 clients, {backend}", f"{most / 1e6:.1f} MB")
        bench.add(below(row, most / 1e6, 64, "MB"))
