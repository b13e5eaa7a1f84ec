"""Sub-commands that log to the active run: log-param, log-metric, end."""

import sys

from . import active, bundles, text
from .problem import Problem
from .records import Shown
from .store import Tracking
from .words import pair


def _run_id():
    id = active.run_id()
    if id is None:
        raise Problem(
            "No run is active.", hint="Open one with %%mlflow around the cell, or mlflow.start_run()."
        )
    return id


def _said(sentence, id):
    return Shown(
        bundles.bundle("status", {"topic": "log", "run_id": id}, {"rows": [["", sentence]]}, (), [], sentence)
    )


def log_param(parsed):
    """Parameters of the active run; a value never changes."""
    if not parsed.words:
        raise Problem("Which parameters?", hint="%mlflow log-param depth=3")
    found = dict(map(pair, parsed.words))
    id = _run_id()
    Tracking().call("log", id, found, {}, {}, 0)
    return _said(
        "Logged to run %s: %s" % (id[:8], text.plain(", ".join("%s=%s" % each for each in found.items()))), id
    )


def log_metric(parsed):
    """Metrics of the active run."""
    if not parsed.words:
        raise Problem("Which metrics?", hint="%mlflow log-metric acc=0.93")
    found = {}
    for word in parsed.words:
        key, value = pair(word)
        try:
            found[key] = float(value)
        except ValueError:
            hint = "%mlflow log-param takes any text."
            raise Problem("A metric is a number, not “%s”." % text.plain(value, 60), word, hint) from None
    id = _run_id()
    Tracking().call("log", id, {}, found, {}, parsed.options.get("step", 0))
    return _said(
        "Logged to run %s: %s" % (id[:8], text.plain(", ".join("%s=%s" % each for each in found.items()))), id
    )


def end(parsed):
    """End the active run."""
    id, status = _run_id(), "FAILED" if parsed.options.get("failed") else "FINISHED"
    if active.is_of_mlflow():
        # First the server, in time: MLflow's own end_run would wait for a dead one for minutes.
        Tracking().call("run", id)
        sys.modules["mlflow"].end_run(status)
    else:
        Tracking().call("end_run", id, status)
        active.pop(id)
    return _said("Ended run %s as %s." % (id[:8], status), id)
