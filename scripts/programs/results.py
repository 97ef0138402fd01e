"""What a run found, and what it is written into.

`target/bench/results.json`, and `docs/bench/results.json` once it is published, is one object:

  run      how it was measured: date, commit, effort (full, short, quick), seconds it took,
           processors and their name, memory_bytes, load_before, sizes, messages (of the loads),
           page_bytes (of the public timeline)
  rows     the table, line by line: what, value, compared_with, ratios (one for each round),
           target, reached (null: no target), note
  crowds   loads by clients: backend, load (public, post, mix), connection (keep-alive, close),
           clients, per_second, p50_ms, p99_ms, ratios (to the ceiling, one for each round),
           cpu_us and database_cpu_us (of MiniTwit and of Postgres, for each request),
           resident_bytes. The backend `ceiling` is the bare server.
  growth   a call of storage, or pages and calls over HTTP, on databases of several sizes: backend,
           call, micros (by number of messages; a median of rounds), rows (that came back, the same
           way), growth (ratios of the largest size to the one in `from`, one for each round),
           target (null: it is asked of the same over HTTP), reached
  disk     what the messages take: backend, messages, bytes
  troubles what went wrong, in words

Figures are medians over rounds in which everything takes its turn.
"""

import statistics
from dataclasses import asdict, dataclass, field


@dataclass
class Row:
    """One line of the table: a measured value beside what it is compared with."""

    what: str
    value: str
    compared_with: str = ""
    ratios: list = field(default_factory=list)  # one for each round
    target: str = ""
    reached: bool | None = None  # None: there is no target, the row is for information
    note: str = ""

    def cells(self):
        """The row as the table shows it."""
        ratio = spread = ""
        if self.ratios:
            middle, low, high = statistics.median(self.ratios), min(self.ratios), max(self.ratios)
            ratio, spread = number(middle), f"{number(low)} to {number(high)}"
        verdict = {None: "", True: "reached", False: "MISSED"}[self.reached]
        return [self.what, self.value, self.compared_with, ratio, spread, self.target, verdict]


def number(value):
    """A number with three digits that say something."""
    return f"{value:.2f}" if value < 9.95 else f"{value:.1f}" if value < 99.5 else f"{value:,.0f}"


def at_least(row, target):
    """Asks that the median ratio is no lower."""
    row.target = f"≥ {target:g}"
    row.reached = statistics.median(row.ratios) >= target
    return row


def at_most(row, target):
    """Asks that the median ratio is no higher."""
    row.target = f"≤ {target:g}"
    row.reached = statistics.median(row.ratios) <= target
    return row


def below(row, value, limit, unit):
    """Asks that the value itself is lower."""
    row.target = f"< {limit:g} {unit}"
    row.reached = value < limit
    return row


def table(rows):
    """The rows as aligned text."""
    header = ["", "MiniTwit", "compared with", "ratio", "of the rounds", "target", ""]
    cells = [header] + [row.cells() for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(len(header))]
    lines = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in cells]
    lines.insert(1, "-" * max(map(len, lines)))
    notes = [f"{row.what}: {row.note}" for row in rows if row.note]
    missed = [row.what for row in rows if row.reached is False]
    verdict = "All targets reached." if not missed else "Missed: " + "; ".join(missed) + "."
    return "\n".join(lines + [""] + notes + [verdict])


def as_json(bench, run):
    """Everything for other programs."""
    return {"run": run, "rows": [asdict(row) for row in bench.rows], "crowds": bench.crowds,
            "growth": bench.growth, "disk": bench.disk, "troubles": bench.troubles}
