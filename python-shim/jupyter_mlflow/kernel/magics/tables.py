"""Runs as a table: which columns, and the bundle."""

import time

from . import bundles, text
from .problem import Problem, near

FIXED = ("name", "status", "started", "took")
#: Metrics and parameters of a table where no columns are asked for.
KEYS_OF_EACH = 4


def _columns(records, wanted):
    """Pairs (kind, key) of the columns beside the fixed ones."""
    metrics, params = (
        list(dict.fromkeys(key for run in records for key in getattr(run, kind)))
        for kind in ("metrics", "params")
    )
    if wanted is None:
        metrics = [key for key in metrics if not key.startswith("system/")]
        return [("metrics", key) for key in metrics[:KEYS_OF_EACH]] + [
            ("params", key) for key in params[:KEYS_OF_EACH]
        ]
    found = []
    for name in wanted:
        kind, dot, key = name.partition(".")
        if dot and kind in ("metrics", "params", "tags"):
            found.append((kind, key))
        elif name in metrics or name in params:
            found.append(("metrics" if name in metrics else "params", name))
        elif records and name not in FIXED:
            known = metrics + params
            raise Problem(
                "These runs have no metric or parameter “%s”." % text.plain(name, 60), hint=near(name, known)
            )
    return found


def cell(run, kind, key):
    """A value as a text."""
    value = getattr(run, kind).get(key)
    return text.number(value) if kind == "metrics" else "" if value is None else value


def row_of(run, columns):
    """A row of a table, as texts."""
    end = run.end_time or (int(time.time() * 1000) if run.status == "RUNNING" else None)
    fixed = [
        run.name or run.id[:8],
        run.status,
        text.moment(run.start_time),
        text.duration(run.start_time, end),
    ]
    return fixed + [cell(run, kind, key) for kind, key in columns]


def table(ids, records, wanted, note):
    """The bundle of a table.

    :param wanted: names of columns; None for the first metrics and parameters
    """
    columns = _columns(records, wanted)
    names = list(FIXED) + [key for _, key in columns]
    rows = [row_of(run, columns) for run in records]
    right = [i + len(FIXED) for i, (kind, _) in enumerate(columns) if kind == "metrics"]
    snapshot = None
    if records or not note or note.startswith(("No runs", "There are no")):
        snapshot = {
            "columns": [{"kind": kind, "key": key} for kind, key in columns],
            "rows": [
                [run.id, run.experiment_id, run.name, run.status, run.start_time, run.end_time]
                + [getattr(run, kind).get(key) for kind, key in columns]
                for run in records
            ],
        }
    caption = "%d run%s" % (len(records), "" if len(records) == 1 else "s") if records else ""
    return bundles.bundle("table", ids, snapshot, names, rows, caption, right, note)
