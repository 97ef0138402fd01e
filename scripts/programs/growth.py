"""What becomes slower as messages gather: every call of storage, uncached; and over HTTP the mix,
and those pages and calls of which storage alone becomes slower than they may."""

import contextlib
import json
import sqlite3
import statistics
import subprocess

import loads
from cluster import Cluster
from measuring import OTHERS, copy_of, data_set, in_words, median, move
from results import Row, at_most, below, number

MOST = 1.5
MOST_PERSONAL = 3
MIX = "nine reads to one message, 64 clients"
OLDER = "an author's page, an older one"
MESSAGE = "message, 64 at once"
OVER_HTTP = ", over HTTP"
# Authors who write little fill a page only from a million messages on: with fewer, less is asked.
FULL_PAGES_FROM = {"an author's page, any author": 1_000_000, MIX: 1_000_000}
BACKENDS = {"sqlite": "SQLite", "postgres": "Postgres"}


def growth(bench):
    """Every call at every size, and the mix at every size, on both backends."""
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(copy_of(data_set(size), f"growth-{size}.db"))
                 for size in bench.sizes]
        add_disk(bench, "sqlite", [file.stat().st_size for file in files])
        calls(bench, "sqlite", files)
    over_http(bench, "sqlite", [None] * len(bench.sizes))
    with Cluster(["shared_buffers=256MB"]) as cluster:
        urls = [move(size, cluster) for size in bench.sizes]
        add_disk(bench, "postgres", [database_bytes(cluster, url) for url in urls])
        over_http(bench, "postgres", urls)
        calls(bench, "postgres", urls)


def database_bytes(cluster, url):
    """What a Postgres database takes on disk."""
    [[size]] = cluster.psql(url.rpartition("/")[2], "SELECT pg_database_size(current_database())")
    return int(size)


def add_disk(bench, backend, sizes):
    """Keeps how much room the messages take."""
    for messages, size in zip(bench.sizes, sizes):
        bench.disk.append({"backend": backend, "messages": messages, "bytes": size})


def calls(bench, backend, databases):
    """Times each call of storage on all databases in turns."""
    said = subprocess.run(
        [OTHERS, "calls", *(part for database in databases for part in ("--database", database)),
         "--rounds", str(bench.rounds), "--millis", str(bench.effort.call_millis)],
        check=True, capture_output=True, text=True)
    by_size = {size: {timing["call"]: timing for timing in timings}
               for size, timings in zip(bench.sizes, json.loads(said.stdout))}
    for name in by_size[bench.sizes[0]]:
        micros = {size: timings[name]["micros"] for size, timings in by_size.items()}
        rows = {size: timings[name]["rows"] for size, timings in by_size.items()}
        target = MOST_PERSONAL if name.startswith("personal") else MOST
        if name in (OLDER, MESSAGE):
            target = None  # is asked of the whole page and of the whole call
        add_growth(bench, backend, name, micros, rows, target)
    personal(bench, backend, by_size[bench.messages])


def personal(bench, backend, timings):
    """What a personal timeline's query costs beside the public one's."""
    public = timings["public timeline"]["micros"]
    for name, timing in timings.items():
        if not name.startswith("personal timeline, ") or "older" in name:
            continue
        micros = statistics.median(timing["micros"])
        row = Row(f"{BACKENDS[backend]}: {name} (the query)", f"{micros:,.0f} µs",
                  f"public query {statistics.median(public):,.0f} µs",
                  [a / b for a, b in zip(timing["micros"], public)])
        if backend == "postgres":
            bench.add(below(row, micros / 1000, 10, "ms"))
        else:
            bench.add(at_most(row, 10 if "100 " in name else 50))


def over_http(bench, backend, urls):
    """Nine reads of all kinds to one posted message, older pages, and messages as the course's
    simulator posts them, by 64 clients over HTTP at every size in turns."""
    with contextlib.ExitStack() as stack:
        servers = {size: stack.enter_context(bench.minitwit(url, size))
                   for url, size in zip(urls, bench.sizes)}
        cookies = {size: loads.sign_in(server, "follows_100") for size, server in servers.items()}
        moments = {size: newer_half(size) for size in servers}
        kinds = {
            MIX: lambda size, seconds: loads.mix(servers[size].url, seconds, cookies[size]),
            OLDER + OVER_HTTP: lambda size, seconds: loads.older(
                servers[size].url, seconds, "/%s", 4, moments[size]),
            MESSAGE + OVER_HTTP: lambda size, seconds: loads.post(
                servers[size].url, seconds, loads.CLOSE)}
        for name, load in kinds.items():
            for size in servers:
                load(size, 1)
            seen = bench.in_turns(**{
                str(size): lambda load=load, size=size: load(size, bench.seconds)
                for size in servers})
            micros = {size: [1e6 / run.per_second for run in seen[str(size)]] for size in servers}
            p99 = {size: median(seen[str(size)], "p99_ms") for size in servers}
            note = "p99 " + ", ".join(f"{in_words(size)} {value:.1f} ms"
                                      for size, value in p99.items())
            add_growth(bench, backend, name, micros, {}, MOST, note)


def newer_half(size):
    """The moments of the middle and of the newest of so many messages."""
    with contextlib.closing(sqlite3.connect(f"file:{data_set(size)}?immutable=1", uri=True)) as db:
        [first, last] = db.execute("SELECT min(pub_date), max(pub_date) FROM message").fetchone()
    return (first + last) // 2, last


def add_growth(bench, backend, call, micros, rows, target, note=""):
    """Adds what was seen of one call, by size, and its row of the table."""
    sizes = [size for size in bench.sizes if size >= FULL_PAGES_FROM.get(call, 0)]
    ratios = []
    if len(sizes) > 1:
        ratios = [large / small for small, large in zip(micros[sizes[0]], micros[sizes[-1]])]
    seen = {size: statistics.median(values) for size, values in micros.items()}
    entry = {"backend": backend, "call": call, "micros": seen, "rows": rows, "growth": ratios,
             "from": sizes[0] if sizes else None, "target": target, "reached": None}
    if ratios:
        row = Row(f"{BACKENDS[backend]}: {call}, {in_words(sizes[-1])}",
                  f"{number(seen[sizes[-1]])} µs",
                  f"{in_words(sizes[0])} {number(seen[sizes[0]])} µs", ratios, note=note)
        bench.add(at_most(row, target) if target else row)
        entry["reached"] = row.reached
    bench.growth.append(entry)
