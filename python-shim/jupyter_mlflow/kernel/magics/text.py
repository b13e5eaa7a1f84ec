"""Text that a terminal, a page and a notebook on GitHub show as text, whatever a name or value holds."""

import datetime
import html
import math
import unicodedata

#: Characters of one value in a snapshot; of one in a table of text.
VALUE_LIMIT, CELL_LIMIT = 200, 40
#: Of a cell of HTML that is not broken into lines; how others are.
ONE_LINE, LONG = 30, "min-width: 12em; overflow-wrap: anywhere"
BARS = "▁▂▃▄▅▆▇█"


def plain(value, limit=VALUE_LIMIT):
    """One line without control characters, direction overrides or halves of characters, cut with `…`."""
    text = str(value)
    was_cut = len(text) > limit
    out = []
    for character in text[:limit]:
        category = unicodedata.category(character)
        if ord(character) < 32:
            out.append(chr(0x2400 + ord(character)))
        elif category in ("Cc", "Cs", "Zl", "Zp") or (category == "Cf" and character not in "\u200c\u200d"):
            out.append("\ufffd")
        else:
            out.append(character)
    return "".join(out) + ("…" if was_cut else "")


def escaped(value, limit=VALUE_LIMIT):
    """For HTML. Dollars and backslashes stand alone in an element: else JupyterLab would typeset them."""
    text = html.escape(plain(value, limit), quote=True)
    return text.replace("\\", "<span>&#92;</span>").replace("$", "<span>&#36;</span>")


def number(value):
    """A metric's value, short."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return plain(value, CELL_LIMIT)
    if value is None:
        return ""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("∞" if value > 0 else "-∞")
    if float(value).is_integer() and abs(value) < 1e15:
        return "%d" % value
    return "%.4g" % value


def moment(milliseconds):
    """A time to the second, of the zone that kernels and browsers share."""
    try:
        time = datetime.datetime.fromtimestamp(int(milliseconds) // 1000, datetime.timezone.utc)
        return time.strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, TypeError, OverflowError, OSError):
        return ""


def duration(start, end):
    """`1 h 2 min`, `3.4 s`; empty where one of the times is not known."""
    try:
        seconds = (int(end) - int(start)) / 1000
    except (TypeError, ValueError):
        return ""
    if seconds < 0 or not end:
        return ""
    if seconds < 60:
        return "%.1f s" % seconds
    minutes = int(seconds // 60)
    if minutes < 60:
        return "%d min %d s" % (minutes, seconds % 60)
    return "%d h %d min" % (minutes // 60, minutes % 60)


def size(count):
    """Bytes as people say them."""
    try:
        count = float(count)
    except (TypeError, ValueError):
        return ""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            return ("%d %s" if unit == "B" else "%.1f %s") % (count, unit)
        count /= 1000


def sparkline(values, width=24):
    """Bars for at most `width` stretches of the history; what is no number is a dot."""
    values = list(values)
    if len(values) > width:
        step = len(values) / width
        values = [values[int(i * step)] for i in range(width - 1)] + [values[-1]]
    finite = [each for each in values if math.isfinite(each)]
    if not finite:
        return "·" * len(values)
    low, high = min(finite), max(finite)
    # Halved, so that the range of the greatest floats is no infinity.
    span = high / 2 - low / 2
    top = len(BARS) - 1

    def bar(value):
        if not math.isfinite(value):
            return "·"
        return BARS[round((value / 2 - low / 2) / span * top) if span else top // 2]

    return "".join(map(bar, values))


def width_of(text):
    """Columns that a terminal needs."""
    wide = sum(unicodedata.east_asian_width(each) in "WF" for each in text)
    return len(text) + wide - sum(bool(unicodedata.combining(each)) for each in text)


def text_table(columns, rows, right=()):
    """Aligned; `right` are the numbers of columns that hold numbers."""
    has_head = any(columns)
    limit = CELL_LIMIT if len(columns) > 2 else VALUE_LIMIT
    cells = [[plain(cell, limit) for cell in row] for row in ([columns] if has_head else []) + list(rows)]
    widths = [max(width_of(row[i]) for row in cells) for i in range(len(columns))]

    def padded(i, cell):
        gap = " " * (widths[i] - width_of(cell))
        return gap + cell if i in right else cell + gap

    lines = ["  ".join(padded(i, cell) for i, cell in enumerate(row)).rstrip() for row in cells]
    if has_head:
        lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def html_table(columns, rows, right=(), caption=""):
    """With inline styles only: sanitizers of JupyterLab and GitHub take everything else away."""

    def cell(tag, i, value):
        align = "right" if i in right else "left"
        # Times and names stay on one line; one long word does not push the others off the page.
        wrap = "white-space: nowrap" if len(plain(value)) <= ONE_LINE else LONG
        return '<%s dir="auto" style="text-align: %s; %s">%s</%s>' % (tag, align, wrap, escaped(value), tag)

    def line(tag, row):
        return "<tr>%s</tr>" % "".join(cell(tag, i, value) for i, value in enumerate(row))

    head = "<thead>%s</thead>" % line("th", columns) if any(columns) else ""
    above = '<p style="margin: 0.3em 0">%s</p>' % escaped(caption) if caption else ""
    return "%s<table>%s<tbody>%s</tbody></table>" % (above, head, "".join(line("td", row) for row in rows))
