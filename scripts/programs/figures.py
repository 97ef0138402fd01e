"""Single figures beside what they are compared with: the targets of the table."""

import statistics
import time

import loads
from cluster import Cluster
from measuring import MINITWIT, OTHERS, SCRATCH, compared, median, move, ratios
from results import Row, at_least, at_most, below
from servers import Server

READERS = {"follows_100": "100 followed", "follows_1000_active": "1,000 active followed",
           "follows_1000_silent": "1,000 silent followed", "follows_nobody": "nobody followed"}


def public_timeline(bench):
    """GET /public against a constant page of the same size, kept alive and not."""
    with bench.minitwit() as minitwit:
        size = len(minitwit.get("/public"))
        page = minitwit.url + "/public"
        posted = []

        def while_posted():
            with loads.posting(minitwit.url, 100) as count:
                load = loads.wrk(page, 1)
            load.refused += count.refused
            posted.append(count.done)
            if b"steady message" not in minitwit.get("/public"):
                raise SystemExit("the public timeline does not show what was posted")
            return load

        with bench.ceiling(size) as ceiling:
            loads.wrk(page, 1)
            loads.wrk(ceiling.url, 1)
            # Many short turns: the two are so close that the machine's own moods would decide.
            seen = bench.in_turns(
                rounds=bench.rounds * bench.seconds,
                ceiling=lambda: loads.wrk(ceiling.url, 1),
                public=lambda: loads.wrk(page, 1),
                public_while_posted=while_posted,
                close_ceiling=lambda: loads.wrk(ceiling.url, 1, loads.CLOSE),
                public_close=lambda: loads.wrk(page, 1, loads.CLOSE))
    top, close_top = seen["ceiling"], seen["close_ceiling"]
    bench.add(at_least(compared("public timeline", seen["public"], "constant page", top), 0.9))
    row = compared("public timeline, 100 posted a second", seen["public_while_posted"],
                   "constant page", top)
    row.note = f"{statistics.median(posted):.0f} messages a second were stored"
    bench.add(at_least(row, 0.5))
    row = compared("public timeline, Connection: close", seen["public_close"], "constant page",
                   close_top)
    row.note = f"the page has {size:,} bytes"
    bench.add(at_least(row, 0.85))


def posts(bench):
    """POST /msgs/{user}?latest=N against one transaction for each request, and against a group
    commit that does nothing else."""
    def shape(name):
        return Server([OTHERS, name, "--database", "{database}"], SCRATCH, bench.data)

    with (bench.minitwit() as minitwit, shape("one-transaction-each") as slow,
          shape("group-commit") as alone, bench.ceiling(1) as ceiling):
        for server in (minitwit, slow, alone):
            loads.post(server.url, 1)
        seconds = bench.seconds
        seen = bench.in_turns(
            one_transaction_each=lambda: loads.post(slow.url, seconds),
            alone=lambda: loads.post(alone.url, seconds),
            post=lambda: loads.post(minitwit.url, seconds),
            alone_close=lambda: loads.post(alone.url, seconds, loads.CLOSE),
            post_close=lambda: loads.post(minitwit.url, seconds, loads.CLOSE),
            post_ceiling=lambda: loads.post(ceiling.url, seconds, path="/"),
            close_ceiling=lambda: loads.post(ceiling.url, seconds, loads.CLOSE, "/"))
    one_each = ("one transaction each", seen["one_transaction_each"])
    bench.add(at_least(compared("POST /msgs/{user}, 64 clients", seen["post"], *one_each), 8))
    p99 = median(seen["post"], "p99_ms")
    row = Row("POST /msgs/{user}, p99", f"{p99:.1f} ms",
              f"one transaction each {median(one_each[1], 'p99_ms'):,.0f} ms",
              ratios(seen["post"], one_each[1], "p99_ms"))
    bench.add(below(row, p99, 15, "ms"))
    bench.add(compared("POST /msgs/{user}, beside a plain group commit", seen["post"],
                       "group commit alone", seen["alone"]))
    bench.add(compared("group commit alone", seen["alone"], *one_each))
    bench.add(compared("POST /msgs/{user}", seen["post"], "empty 204", seen["post_ceiling"]))
    empty = ("empty 204", seen["close_ceiling"])
    row = compared("POST /msgs/{user}, Connection: close", seen["post_close"], *empty)
    bench.add(at_least(row, 0.8))
    bench.add(compared("group commit alone, Connection: close", seen["alone_close"], *empty))


def on_postgres(bench):
    """The same on a Postgres that waits for the disk, beside SQLite."""
    older = "/public?before=9999999999-1"  # past the newest page, which is kept rendered
    with Cluster(["shared_buffers=256MB"]) as cluster:
        url = move(bench.messages, cluster)
        with bench.minitwit() as sqlite, bench.minitwit(url) as postgres:
            for server in (sqlite, postgres):
                loads.wrk(server.url + older, 1)
                loads.post(server.url, 1)
            seen = bench.in_turns(
                older=lambda: loads.wrk(sqlite.url + older, bench.seconds),
                pg_older=lambda: loads.wrk(postgres.url + older, bench.seconds),
                public=lambda: loads.wrk(sqlite.url + "/public", bench.seconds),
                pg_public=lambda: loads.wrk(postgres.url + "/public", bench.seconds),
                post=lambda: loads.post(sqlite.url, bench.seconds),
                pg_post=lambda: loads.post(postgres.url, bench.seconds))
        for what, name, target in (("public timeline, older page", "older", 0.5),
                                   ("public timeline", "public", None),
                                   ("POST /msgs/{user}, 64 clients", "post", 0.7)):
            row = compared(f"Postgres: {what}", seen[f"pg_{name}"], "SQLite", seen[name])
            bench.add(at_least(row, target) if target else row)


def registrations(bench):
    """p99 of GET /public with fifty registrations at once, beside p99 without."""
    with bench.minitwit() as minitwit:
        page, registered = minitwit.url + "/public", []

        def run(script):
            with loads.registering(minitwit.url, 50) as count:
                load = loads.wrk(page, bench.seconds, script=script)
            registered.append(count)
            return load

        loads.wrk(page, 1)
        seen = bench.in_turns(
            flood=lambda: loads.wrk(page, bench.seconds),
            flood_registering=lambda: run("report.lua"),
            visitors=lambda: loads.wrk(page, bench.seconds, script="visitors.lua"),
            visitors_registering=lambda: run("visitors.lua"))
        rates = [registering_alone(bench, minitwit) for _ in range(bench.rounds)]
    done = sum(count.done for count in registered)
    refused = sum(count.refused for count in registered)
    for name, what in (("visitors", "3,000 visits/s"), ("flood", "64 clients")):
        busy, idle = seen[f"{name}_registering"], seen[name]
        row = Row(f"GET /public p99, 50 registering, {what}", f"{median(busy, 'p99_ms'):.2f} ms",
                  f"without {median(idle, 'p99_ms'):.2f} ms", ratios(busy, idle, "p99_ms"))
        bench.add(at_most(row, 1.5) if name == "flood" else row)
    bench.rows[-1].note = f"{done} people registered, {refused} were asked to come back later"
    bench.add(Row("registrations, nothing else", f"{statistics.median(rates):.1f}/s"))


def registering_alone(bench, minitwit):
    """How many people a second can register while nobody does anything else."""
    start = time.monotonic()
    with loads.registering(minitwit.url, 4) as count:
        time.sleep(bench.seconds)
    return count.done / (time.monotonic() - start)


def pages(bench):
    """What else is asked for, beside the constant page: over and over, so that it is kept, and of
    one user after another, so that it is not."""
    simulator = (f"Authorization: {loads.SIMULATOR}",)
    with bench.minitwit() as minitwit:
        users = {"a user's page": ("/user_00042", "/%s", ()),
                 "GET /msgs/{user}?no=100": ("/msgs/user_00042?no=100", "/msgs/%s?no=100", simulator),
                 "GET /fllws/{user}": ("/fllws/user_00042", "/fllws/%s", simulator)}
        runs = {"GET /msgs?no=100": (0.5, "/msgs?no=100", simulator),
                "GET /msgs?no=100&latest=N": (None, "/msgs?no=100&latest=7", simulator),
                "GET /latest": (None, "/latest", ())}
        for name, (path, paths, headers) in users.items():
            runs[name] = (None if "fllws" in name else 0.5, path, headers)
            runs[f"{name}, one user after another"] = (None, paths, headers)
        for reader, words in READERS.items():
            target = 0.1 if reader == "follows_100" else None
            runs[f"my timeline, {words}"] = (target, "/", (loads.sign_in(minitwit, reader),))
        beside_the_ceiling(bench, minitwit, runs)


def beside_the_ceiling(bench, minitwit, wanted):
    """A row for each path, which is asked for with headers and may have a target."""
    seconds = max(1, bench.seconds // 3)

    def load(path, headers):
        if "%s" in path:
            return lambda: loads.wrk(minitwit.url, seconds, headers, "users.lua", [path])
        return lambda: loads.wrk(minitwit.url + path, seconds, headers)

    with bench.ceiling(len(minitwit.get("/public"))) as ceiling:
        seen = bench.in_turns(
            top=lambda: loads.wrk(ceiling.url, seconds),
            **{name: load(path, headers) for name, (_, path, headers) in wanted.items()})
    top = seen.pop("top")
    for name, runs in seen.items():
        row = compared(name, runs, "constant page", top)
        target = wanted[name][0]
        bench.add(at_least(row, target) if target else row)


def sizes(bench):
    """What MiniTwit takes of the machine."""
    for what, value, limit in (("resident memory, at most", bench.peak_bytes, 64),
                               ("size of the binary", MINITWIT.stat().st_size, 10)):
        bench.add(below(Row(what, f"{value / 1e6:.1f} MB"), value / 1e6, limit, "MB"))
