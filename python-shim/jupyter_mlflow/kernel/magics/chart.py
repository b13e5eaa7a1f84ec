"""The history of metrics as a bundle: points for our renderer, a row of bars for everybody else."""

import math

from . import bundles, text
from .problem import Unreachable

#: Lines whose history is fetched, and points of each that the snapshot keeps.
LINES, POINTS = 10, 60
#: Metrics that one chart is asked for.
KEYS = 20


def ids_of(parsed):
    """What a live chart asks for and how it is drawn."""
    options = parsed.options
    return {
        "run_ids": [],
        "keys": [word.text for word in parsed.words],
        "x": options.get("x", "step"),
        "smooth": options.get("smooth", 0.0),
        "log": bool(options.get("log")),
    }


def draw(tracking, ids, runs, keys, note=""):
    """The bundle of these runs' histories; what did not come in time is left to the live view."""
    lines, rows, sampled_any = [], [], False
    wanted = [(run, key) for run in runs for key in keys if key in run.metrics]
    for run, key in wanted[:LINES]:
        try:
            found, is_sample = tracking.call("history", run.id, key)
        except Unreachable as problem:
            note = problem.message
            break
        sampled_any = sampled_any or is_sample
        points = [_point(each) for each in found]
        points.sort(key=lambda each: (each[0], each[1]))
        values = [value for _, _, value in points]
        lines.append({"run_id": run.id, "name": run.name, "key": key, "points": sampled(points, POINTS)})
        finite = [each for each in smoothed(values, ids["smooth"]) if math.isfinite(each)]
        ends = (values[0], values[-1], min(finite), max(finite)) if finite else (None,) * 4
        rows.append(
            [
                run.name or run.id[:8],
                key,
                *map(text.number, ends),
                text.sparkline(smoothed(values, ids["smooth"])),
            ]
        )
    if len(wanted) > LINES and len(lines) == LINES:
        note = (note + " The first %d of %d histories." % (LINES, len(wanted))).strip()
    if sampled_any:
        note = (note + " Of long histories a sample is shown.").strip()
    columns = ("run", "metric", "first", "last", "min", "max", "history")
    return bundles.bundle("chart", ids, {"lines": lines}, columns, rows, "", right=(2, 3, 4, 5), note=note)


def _point(each):
    try:
        value = float(each.get("value"))
    except (TypeError, ValueError):
        value = float("nan")
    return int(each.get("step") or 0), int(each.get("timestamp") or 0), value


def smoothed(values, weight):
    """Exponential moving average; `weight` 0 leaves the values as they are."""
    if not weight:
        return values
    found, last = [], None
    for value in values:
        if math.isfinite(value):
            last = value if last is None else last * weight + value * (1 - weight)
        found.append(last if last is not None and math.isfinite(value) else value)
    return found


def sampled(points, count):
    """At most `count` of them, evenly, with the first and the last."""
    if len(points) <= count:
        return [list(each) for each in points]
    step = (len(points) - 1) / (count - 1)
    return [list(points[round(i * step)]) for i in range(count)]
