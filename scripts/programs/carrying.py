"""What one machine carries, by arithmetic from the results: the tables of docs/SCALING.md."""

COMMUNITIES = (10_000, 1_000_000, 100_000_000)
# Of somebody who comes every day. docs/SCALING.md says where these come from.
POSTS_A_DAY = 1
READS_A_DAY = 40
PEAK = 3  # the busiest hour, beside the mean of the day
PER_FOLLOWED = 100
DAY = 86_400
BUSY = 0.5  # how much of a processor to use at the peak

LOADS = {"public": "public timeline, kept", "post": "posting a message",
         "mix": "nine reads to one message, hardly anything kept"}


def tables(found):
    """All tables, by their names in the document."""
    return {"a request": request(found), "a message": message(found), "memory": memory(found),
            "communities": communities(found)}


def table(header, rows):
    """Markdown."""
    return "\n".join(["| " + " | ".join(header) + " |", "|---" * len(header) + "|",
                      *("| " + " | ".join(row) + " |" for row in rows)])


def at_64(found, backend, load, connection="keep-alive"):
    """What 64 clients saw."""
    return next(entry for entry in found["crowds"]
                if (entry["backend"], entry["load"], entry["connection"], entry["clients"])
                == (backend, load, connection, 64))


def request(found):
    """What a request takes of a processor."""
    rows = []
    for load, words in LOADS.items():
        for connection in ("keep-alive", "close"):
            sqlite, postgres = (at_64(found, name, load, connection)
                                for name in ("sqlite", "postgres"))
            rows.append([f"{words}, {connection}", micros(sqlite["cpu_us"]),
                         f"{1e6 / sqlite['cpu_us']:,.0f}", micros(postgres["cpu_us"]),
                         micros(postgres["database_cpu_us"]),
                         f"{1e6 / (postgres['cpu_us'] + postgres['database_cpu_us']):,.0f}"])
    return table(["", "MiniTwit on SQLite", "so a core carries, a second", "MiniTwit on Postgres",
                  "Postgres itself", "so a core for both carries"], rows)


def micros(value):
    """Microseconds."""
    return f"{value:,.0f} µs"


def bytes_per_message(found, backend):
    """How much the file grows by for a message: the difference of the largest and smallest."""
    disk = sorted((entry["messages"], entry["bytes"]) for entry in found["disk"]
                  if entry["backend"] == backend)
    (few, small), (many, large) = disk[0], disk[-1]
    return (large - small) / (many - few)


def message(found):
    """What a message takes of the disk."""
    rows = []
    for backend, name in (("sqlite", "SQLite"), ("postgres", "Postgres")):
        size = bytes_per_message(found, backend)
        rows.append([name, f"{size:,.0f} bytes", f"{1e9 / size / 1e6:,.1f} million"])
    return table(["", "a message with its index entries", "so a GB holds"], rows)


def memory(found):
    """What MiniTwit keeps in memory."""
    rows = []
    for backend, name in (("sqlite", "SQLite"), ("postgres", "Postgres")):
        for clients in (1, 64, 256):
            most = max(entry["resident_bytes"] for entry in found["crowds"]
                       if entry["backend"] == backend and entry["clients"] <= clients)
            rows.append([f"{name}, {clients} clients" if clients > 1 else f"{name}, one client", f"{most / 1e6:.0f} MB"])
    return table(["", "resident"], rows)


def communities(found):
    """What communities of several sizes ask for."""
    sqlite, postgres = at_64(found, "sqlite", "mix"), at_64(found, "postgres", "mix")
    page = found["run"]["page_bytes"]
    rows = []
    columns = []
    for people in COMMUNITIES:
        posts, reads = people * POSTS_A_DAY / DAY * PEAK, people * READS_A_DAY / DAY * PEAK
        a_second = posts + reads
        year = people * POSTS_A_DAY * 365
        columns.append([
            amount(posts), amount(reads), amount(a_second * sqlite["cpu_us"] / 1e6 / BUSY),
            amount(a_second * postgres["cpu_us"] / 1e6 / BUSY),
            amount(a_second * postgres["database_cpu_us"] / 1e6 / BUSY),
            f"{amount(reads * page * 8 / 1e6)} Mbit/s",
            f"{amount(year * bytes_per_message(found, 'sqlite') / 1e9)} GB",
            f"{amount(year * bytes_per_message(found, 'postgres') / 1e9)} GB",
            amount(posts * PER_FOLLOWED)])
    names = ["messages a second at the peak", "reads a second at the peak",
             "cores, all on SQLite", "cores for MiniTwit beside Postgres", "cores for Postgres",
             "pages on the network", "SQLite's file grows in a year by",
             "Postgres grows in a year by", "entries a second if timelines were written ahead"]
    for name, *cells in zip(names, *columns):
        rows.append([name, *cells])
    return table(["people a day", *(f"{people:,}" for people in COMMUNITIES)], rows)


def amount(value):
    """Two digits that say something."""
    if value >= 100:
        digits = len(str(int(value))) - 2
        return f"{round(value, -digits):,.0f}"
    if value < 0.01:
        return "< 0.01"
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.2g}"
