"""Puts the results of a run where they are read: docs/bench/, README.md and docs/SCALING.md.

What comes from results stands between two comments in those files, so that it cannot rot: `check`
tells whether it still is what docs/bench/results.json says.
"""

import json
import pathlib
import re
import statistics
import tempfile

import carrying
import charts
import machine
from results import number

ROOT = machine.ROOT
FOLDER = ROOT / "docs/bench"
RESULTS = FOLDER / "results.json"

# The rows that README.md shows, in its words.
SHOWN = {
    "public timeline": "public timeline",
    "public timeline, 100 posted a second": "… while 100 messages a second are posted",
    "public timeline, Connection: close": "… over a connection for each request",
    "a user's page": "a user's page, the same one",
    "a user's page, one user after another": "… of one user after another",
    "my timeline, 100 followed": "my timeline, signed in, 100 followed",
    "GET /msgs?no=100": "`GET /msgs?no=100`",
    "GET /msgs/{user}?no=100": "`GET /msgs/{user}?no=100`, the same one",
    "GET /msgs/{user}?no=100, one user after another": "… of one user after another",
    "POST /msgs/{user}, 64 clients": "`POST /msgs/{user}`, 64 clients",
    "POST /msgs/{user}, p99": "… its 99th percentile",
    "POST /msgs/{user}, beside a plain group commit":
        "… beside a bare server that only commits in groups",
    "group commit alone": "… that bare server itself",
    "POST /msgs/{user}, Connection: close": "… over a connection for each request",
    "group commit alone, Connection: close": "… the bare server that only commits in groups",
    "GET /public p99, 50 registering, 64 clients":
        "`GET /public`, 99th percentile while fifty people register",
    "registrations, nothing else": "registrations (bcrypt, cost 10)",
    "SQLite: nine reads to one message, 64 clients, keep-alive": "nine reads to one posted message",
    "Postgres: nine reads to one message, 64 clients, keep-alive": "… on Postgres",
    "Postgres: POST /msgs/{user}, 64 clients": "Postgres: `POST /msgs/{user}`, 64 clients",
    "Postgres: public timeline, older page": "Postgres: an older public page",
    "resident memory, at most": "resident memory, at most",
    "size of the binary": "size of the binary",
}


def published():
    """What was published last."""
    return json.loads(RESULTS.read_text(encoding="utf-8"))


def publish(found):
    """Writes results, pictures and tables."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    charts.draw(found, FOLDER)
    for path, text in documents(found).items():
        path.write_text(text, encoding="utf-8")


def check():
    """Says what does not agree with the published results; nothing if all does, or if there are
    none yet."""
    if not RESULTS.exists():
        return []
    found = published()
    stale = [str(path.relative_to(ROOT)) for path, text in documents(found).items()
             if path.read_text(encoding="utf-8") != text]
    with tempfile.TemporaryDirectory() as folder:
        for name in charts.draw(found, pathlib.Path(folder)):
            shown = FOLDER / name
            if not shown.exists() or shown.read_bytes() != pathlib.Path(folder, name).read_bytes():
                stale.append(str(shown.relative_to(ROOT)))
    return stale


def documents(found):
    """What the documents have to say, by path."""
    fill = {ROOT / "README.md": {"figures": figures(found)},
            ROOT / "docs/SCALING.md": carrying.tables(found)}
    return {path: filled(path.read_text(encoding="utf-8"), parts) for path, parts in fill.items()}


def filled(text, parts):
    """The text with each part between its two comments."""
    for name, part in parts.items():
        begin, end = f"<!-- bench: {name} -->", "<!-- bench: end -->"
        pattern = re.compile(re.escape(begin) + r"\n.*?" + re.escape(end), re.DOTALL)
        text, times = pattern.subn(lambda _, part=part: f"{begin}\n{part}\n{end}", text)
        if times != 1:
            raise SystemExit(f"there has to be one place for the bench's {name}, not {times}")
    return text


def figures(found):
    """The table of README.md."""
    rows = {row["what"]: row for row in found["rows"]}
    lines = ["| | | beside | ratio | asked for |", "|---|---|---|---|---|"]
    for what, words in SHOWN.items():
        row = rows[what]
        ratio = number(statistics.median(row["ratios"])) if row["ratios"] else ""
        missed = " **missed**" if row["reached"] is False else ""
        lines.append(f"| {words} | {row['value']} | {row['compared_with']} | {ratio} | "
                     f"{row['target']}{missed} |")
    return "\n".join([*lines, "", grown(found), "", where(found)])


def grown(found):
    """A sentence on growth."""
    entries = [entry for entry in found["growth"] if entry["reached"] is not None]
    missed = [entry for entry in entries if not entry["reached"]]
    sizes = found["run"]["sizes"]
    count = len(entries) - len(missed) if missed else "all"
    told = (f"From {charts.words(sizes[0])} to {charts.words(sizes[-1])} messages, {len(entries)} "
            f"pages and calls were timed on the two databases; {count} of them became no slower than "
            "asked for (1.5 times; personal timelines 3).")
    if missed:
        told += " The others: " + "; ".join(
            f"{entry['call']} on {charts.NAMES[entry['backend']]} "
            f"{number(statistics.median(entry['growth']))}" for entry in missed) + "."
    return told


def where(found):
    """When and where it was measured."""
    run = found["run"]
    return (f"Measured on {run['date']} at {run['commit']} on {run['processors']} processors "
            f"({run['processor']}), {run['memory_bytes'] / 1e9:.0f} GB.")
