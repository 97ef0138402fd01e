"""Rows, targets, and the table."""

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


def as_json(rows):
    """The rows for other programs."""
    return [asdict(row) for row in rows]
