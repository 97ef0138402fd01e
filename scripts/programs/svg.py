"""Writing SVG: just what the charts need."""

from xml.sax.saxutils import escape, quoteattr

FONT = "-apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif"


class Theme:
    """Colours for a light or a dark page, told apart also by who does not see all colours."""

    def __init__(self, name, text, quiet, line, sqlite, postgres, ceiling, missed):
        self.name, self.text, self.quiet, self.line = name, text, quiet, line
        self.series = {"sqlite": sqlite, "postgres": postgres, "ceiling": ceiling}
        self.missed = missed


LIGHT = Theme("light", "#1f2328", "#59636e", "#d1d9e0", "#0969da", "#bc4c00", "#818b98", "#cf222e")
DARK = Theme("dark", "#f0f6fc", "#9198a1", "#3d444d", "#58a6ff", "#f0883e", "#7d8590", "#ff7b72")


class Drawing:
    """A picture that is added to from back to front. `words` describe it to who cannot see it."""

    def __init__(self, width, height, theme, title, words):
        self.width, self.height, self.theme = width, height, theme
        self.parts = [f"<title>{escape(title)}</title>", f"<desc>{escape(words)}</desc>"]

    def add(self, name, inside=None, **attributes):
        """Adds an element; `stroke_width` becomes stroke-width, numbers are rounded."""
        told = "".join(f" {key.replace('_', '-')}={quoteattr(self.plain(value))}"
                       for key, value in attributes.items() if value is not None)
        end = "/>" if inside is None else f">{escape(inside)}</{name}>"
        self.parts.append(f"<{name}{told}{end}")

    @staticmethod
    def plain(value):
        """A number as short as it can be, anything else as it is."""
        return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)

    def text(self, x, y, words, *, size=12, fill=None, anchor=None, weight=None):
        """A line of text; `anchor` is start, middle or end."""
        self.add("text", words, x=float(x), y=float(y), font_size=size,
                 fill=fill or self.theme.text, text_anchor=anchor, font_weight=weight)

    def line(self, x1, y1, x2, y2, *, stroke=None, width=1.0, dash=None):
        """A straight line."""
        self.add("line", x1=float(x1), y1=float(y1), x2=float(x2), y2=float(y2),
                 stroke=stroke or self.theme.line, stroke_width=width, stroke_dasharray=dash)

    def path(self, points, stroke, dash=None):
        """A line through points."""
        way = "M" + " L".join(f"{self.plain(float(x))} {self.plain(float(y))}" for x, y in points)
        self.add("path", d=way, fill="none", stroke=stroke, stroke_width=2, stroke_dasharray=dash,
                 stroke_linejoin="round", stroke_linecap="round")

    def dot(self, x, y, fill, radius=3.5, hollow=False):
        """A dot, or a ring."""
        self.add("circle", cx=float(x), cy=float(y), r=radius, fill="none" if hollow else fill,
                 stroke=fill, stroke_width=1.5)

    def __str__(self):
        start = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
                 f'width="{self.width}" height="{self.height}" role="img" '
                 f'font-family="{FONT}" style="font-variant-numeric: tabular-nums">')
        return "\n".join([start, *self.parts, "</svg>"]) + "\n"


def apart(wanted, distance):
    """The places nearest to those wanted (by name) that leave so much room between them."""
    order = sorted(wanted, key=wanted.get)
    placed = {}
    for name in order:
        above = max(placed.values(), default=float("-inf"))
        placed[name] = max(wanted[name], above + distance)
    # What was pushed down too far pulls the whole heap up by half.
    shift = sum(placed[name] - wanted[name] for name in order) / max(len(order), 1)
    return {name: place - shift for name, place in placed.items()}
