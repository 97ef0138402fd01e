"""The pictures that README.md shows, each for light and for dark pages."""

import math

from results import number
from svg import DARK, LIGHT, Drawing, apart

NAMES = {"ceiling": "bare server", "sqlite": "SQLite", "postgres": "Postgres"}
LOADS = {"public": "Public timeline", "post": "Posting a message", "mix": "Nine reads to one post"}
WIDTH = 860

THROUGHPUT = ("Requests a second by number of clients on kept connections, for the public timeline, "
              "for posting and for a mix: MiniTwit on SQLite and on Postgres beside a bare server "
              "that does nothing. The figures are in results.json.")
LATENCY = ("The 99th percentile of the time to an answer, by number of clients on kept connections, "
           "for the same three loads. The figures are in results.json.")
GROWTH = ("How much longer each call of storage takes as messages gather, relative to ten thousand "
          "messages, on SQLite and on Postgres. The figures are in results.json.")


def draw(found, folder):
    """Writes those pictures that there are figures for; their names."""
    names = []
    for theme in (LIGHT, DARK):
        pictures = {}
        if any(entry["clients"] != 64 for entry in found["crowds"]):
            pictures["throughput"] = throughput(found, theme)
            pictures["latency"] = latency(found, theme)
        if len(found["run"]["sizes"]) > 1 and found["growth"]:
            pictures["growth"] = growth(found, theme)
        for name, drawing in pictures.items():
            path = folder / f"{name}-{theme.name}.svg"
            path.write_text(str(drawing), encoding="utf-8")
            names.append(path.name)
    return names


def short(value):
    """A number for an axis: 60k."""
    return f"{value / 1000:g}k" if value >= 1000 else f"{value:g}"


def steps(most):
    """Round numbers from 0 to just above a value, four or five of them."""
    step = 10 ** math.floor(math.log10(most / 4))
    step *= next(factor for factor in (1, 2, 2.5, 5, 10) if most / (step * factor) <= 5)
    return [step * i for i in range(math.ceil(most / step) + 1)]


def throughput(found, theme):
    """Requests a second by clients."""
    title = "Requests a second by number of clients"
    drawing = Drawing(WIDTH, 330, theme, title, THROUGHPUT)
    drawing.text(0, 18, title, size=15, weight=600)
    drawing.text(0, 36, circumstances(found), fill=theme.quiet)
    panels(drawing, found, "per_second", steps, linear)
    return drawing


def latency(found, theme):
    """p99 by clients."""
    title = "99th percentile of the time to an answer, milliseconds"
    drawing = Drawing(WIDTH, 330, theme, title, LATENCY)
    drawing.text(0, 18, title, size=15, weight=600)
    drawing.text(0, 36, circumstances(found) + "; each line of the scale is ten times the one below",
                 fill=theme.quiet)
    panels(drawing, found, "p99_ms", tens(found), logarithmic)
    return drawing


def tens(found):
    """One scale of powers of ten for all panels."""
    values = [entry["p99_ms"] for entry in found["crowds"] if entry["connection"] == "keep-alive"]
    low, high = math.floor(math.log10(max(min(values), 0.01))), math.ceil(math.log10(max(values)))
    ticks = [10.0 ** power for power in range(low, max(high, low + 1) + 1)]
    return lambda _: ticks


def circumstances(found):
    """What one has to know to read a picture."""
    run = found["run"]
    return (f"{words(run['messages'])} messages, kept connections, server and load together on "
            f"{run['processors']} processors")


def linear(value, ticks):
    """Where a value is, from 0 to 1."""
    return value / ticks[-1]


def logarithmic(value, ticks):
    """Where a value is on a scale of powers, from 0 to 1."""
    low, high = math.log(ticks[0]), math.log(ticks[-1])
    return (math.log(max(value, ticks[0])) - low) / (high - low)


def panels(drawing, found, field, ticks_for, place):
    """Three panels side by side, a line for each server."""
    top, bottom, panel, stride, left = 92, 280, 166, 282, 40
    for column, (load, name) in enumerate(LOADS.items()):
        x0 = left + column * stride
        lines = {backend: series(found, backend, load, field) for backend in NAMES}
        ticks = ticks_for(max(value for points in lines.values() for _, value in points))
        clients = [count for count, _ in lines["sqlite"]]
        x = scale_of_clients(clients, x0, panel)

        def y(value, ticks=ticks):
            return bottom - place(value, ticks) * (bottom - top)

        drawing.text(x0, 72, name, size=13, weight=600)
        for tick in ticks:
            drawing.line(x0, y(tick), x0 + panel, y(tick), width=1.0)
            drawing.text(x0 - 6, y(tick) + 4, short(tick), size=11, fill=drawing.theme.quiet,
                         anchor="end")
        for count in clients:
            drawing.text(x(count), bottom + 18, str(count), size=11, fill=drawing.theme.quiet,
                         anchor="middle")
        drawing.text(x0 + panel / 2, bottom + 38, "clients", size=11, fill=drawing.theme.quiet,
                     anchor="middle")
        ends = {}
        for backend, points in lines.items():
            colour = drawing.theme.series[backend]
            places = [(x(count), y(value)) for count, value in points]
            drawing.path(places, colour, "2 4" if backend == "ceiling" else None)
            for place_x, place_y in places if backend != "ceiling" else []:
                drawing.dot(place_x, place_y, colour)
            ends[backend] = places[-1][1]
        for backend, end in apart(ends, 15).items():
            drawing.text(x0 + panel + 8, end + 4, NAMES[backend], weight=600,
                         fill=drawing.theme.series[backend])


def series(found, backend, load, field):
    """Clients and values of one line."""
    return [(entry["clients"], entry[field]) for entry in found["crowds"]
            if (entry["backend"], entry["load"], entry["connection"])
            == (backend, load, "keep-alive")]


def scale_of_clients(clients, x0, width):
    """Where a number of clients is: each four times as many as the one before."""
    last = max(math.log(clients[-1]), 1e-9)
    return lambda count: x0 + 6 + math.log(count) / last * (width - 12)


def growth(found, theme):
    """A row for each call: how much longer it takes at each size, relative to the smallest."""
    sizes = found["run"]["sizes"]
    calls = list(dict.fromkeys(entry["call"] for entry in found["growth"]))
    by = {(entry["backend"], entry["call"]): entry for entry in found["growth"]}
    top, row = 104, 21
    title = f"Time of a call with {words(sizes[-1])} messages, relative to {words(sizes[0])}"
    drawing = Drawing(WIDTH, top + row * len(calls) + 26, theme, title, GROWTH)
    drawing.text(0, 18, title, size=15, weight=600)
    drawing.text(0, 36, "nothing kept, and without HTTP except for the last rows; the upright bar is the target",
                 fill=theme.quiet)
    bottom = top + row * (len(calls) - 1) + 12
    for column, backend in enumerate(("sqlite", "postgres")):
        x0 = 262 + column * 300
        drawing.text(x0, 66, NAMES[backend], size=13, weight=600, fill=theme.series[backend])
        drawing.text(x0 + 282, 66, f"µs at {words(sizes[-1])}", size=11, fill=theme.quiet,
                     anchor="end")
        for tick in (0.5, 1, 1.5, 2, 3, 4):
            drawing.line(ratio_x(tick, x0), top - 14, ratio_x(tick, x0), bottom,
                         stroke=theme.quiet if tick == 1 else None)
            drawing.text(ratio_x(tick, x0), top - 20, f"{tick:g}×", size=11, fill=theme.quiet,
                         anchor="middle")
        for number_of_row, call in enumerate(calls):
            growth_row(drawing, by.get((backend, call)), x0, top + row * number_of_row, backend)
    for number_of_row, call in enumerate(calls):
        start = by.get(("sqlite", call), {}).get("from", sizes[0])
        drawing.text(0, top + row * number_of_row + 4, call + "*" * (start != sizes[0]))
    drawing.text(0, drawing.height - 6, f"A dot is {words(sizes[-1])} messages, a ring a size "
                 "between. Red and bold: the target is missed. * Relative to 1 million: fewer do not "
                 "fill these pages.", size=11, fill=theme.quiet)
    return drawing


def ratio_x(ratio, x0):
    """Where a ratio is: on a scale of powers from a half to four."""
    held = min(max(ratio, 0.5), 4.2)
    return x0 + 6 + math.log(held / 0.5) / math.log(8) * 214


def growth_row(drawing, entry, x0, y, backend):
    """The dots of one call."""
    theme = drawing.theme
    if not entry or not entry["growth"]:
        return
    micros = sorted((int(size), value) for size, value in entry["micros"].items())
    first = dict(micros)[entry["from"]]
    missed = entry["reached"] is False
    colour = theme.missed if missed else theme.series[backend]
    if entry["target"]:
        target = ratio_x(entry["target"], x0)
        drawing.line(target, y - 7, target, y + 7, stroke=theme.quiet, width=2.0)
    last = sorted(entry["growth"])[len(entry["growth"]) // 2]
    drawing.line(ratio_x(1, x0), y, ratio_x(last, x0), y, stroke=colour, width=2.0)
    for size, value in micros[:-1]:
        if size > entry["from"]:
            drawing.dot(ratio_x(value / first, x0), y, colour, 3, hollow=True)
    drawing.dot(ratio_x(last, x0), y, colour, 4.5)
    drawing.text(x0 + 282, y + 4, number(micros[-1][1]), size=11, anchor="end",
                 fill=theme.missed if missed else None, weight=700 if missed else None)


def words(size):
    """10 thousand, 1 million."""
    return f"{size // 1_000_000} million" if size >= 1_000_000 else f"{size // 1000} thousand"
