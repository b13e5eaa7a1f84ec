"""Sub-commands that log to the active run: log-param, log-metric, end."""

import sys

from . import active, bundles, later, text
from .deadline import deadline
from .problem import Problem, Unreachable, interrupted
from .records import Shown
from .rest import Refused
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


def _log(id, params, metrics, step=0):
    """One request, never repeated: where its answer is lost, nobody but the person can tell what to do.

    :raises Problem: saying whether anything was logged
    """
    names = text.plain(", ".join([*params, *metrics]), 200)
    doubt = "Whether %s was logged is not known: look with %%mlflow show before you repeat it." % names
    try:
        Tracking().call("log", id, params, metrics, {}, step)
    except Unreachable as problem:
        raise Unreachable(
            problem.message, hint=doubt if problem.may_have_arrived else "%s was not logged." % names
        ) from None
    except KeyboardInterrupt:
        raise interrupted("This was interrupted. " + doubt) from None
    pairs = ["%s=%s" % each for each in (*params.items(), *metrics.items())]
    return _said("Logged to run %s: %s" % (id[:8], text.plain(", ".join(pairs))), id)


def log_param(parsed):
    """Parameters of the active run; a value never changes."""
    if not parsed.words:
        raise Problem("Which parameters?", hint="%mlflow log-param depth=3")
    found = dict(map(pair, parsed.words))
    return _log(_run_id(), found, {})


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
    return _log(_run_id(), {}, found, parsed.options.get("step", 0))


def end(parsed):
    """End the active run. It is over in this kernel even if its tracking server does not answer."""
    id, status = _run_id(), "FAILED" if parsed.options.get("failed") else "FINISHED"
    if active.is_fork():
        raise Problem("This process is a fork of the kernel: the run is the kernel's to end.")
    tracking = Tracking()
    try:
        if active.is_of_mlflow():
            # First the server, in time: MLflow's own end_run would wait for a dead one for minutes.
            tracking.call("run", id)
            with deadline(tracking.left(), tracking.late):
                sys.modules["mlflow"].end_run(status)
        else:
            tracking.call("end_run", id, status)
    except Unreachable as problem:
        later.end(tracking, id, status)
        active.forget(id)
        # A value would not be shown in the midst of a cell.
        said = "MLflow: run %s is over here. %s %s"
        print(said % (id[:8], problem.message, later.TOLD % status), file=sys.stderr)
        return None
    except KeyboardInterrupt:
        later.end(tracking, id, status)
        active.forget(id)
        said = "This was interrupted, and run %s is over here, not yet on the tracking server. %s"
        raise interrupted(said % (id[:8], later.TOLD % status)) from None
    except Refused as problem:
        if problem.code != "RESOURCE_DOES_NOT_EXIST":
            raise
        active.forget(id)
        return _said("The tracking server does not know run %s any more, and it is over here." % id[:8], id)
    active.pop(id)
    return _said("Ended run %s as %s." % (id[:8], status), id)
