"""The active run of this kernel: MLflow's own, or where there is no MLflow, one of ours."""

import os
import sys

from .. import magic

#: Runs that were opened by `%%mlflow` in a kernel without MLflow, innermost last: (id, process).
_opened = []


def run_id():
    """Id of the active run, None without one. Imports nothing."""
    mlflow = sys.modules.get("mlflow")
    ask = getattr(mlflow, "active_run", None)
    run = ask() if callable(ask) else None
    if run is not None:
        return run.info.run_id
    # A forked child must not end its parent's run.
    own = [id for id, pid in _opened if pid == os.getpid()]
    return own[-1] if own else None


def is_of_mlflow():
    """Whether the active run stands on MLflow's own stack."""
    ask = getattr(sys.modules.get("mlflow"), "active_run", None)
    return callable(ask) and ask() is not None


def push(id):
    """A run of ours begins."""
    _opened.append((id, os.getpid()))


def pop(id):
    """It has ended; False if somebody else ended it before."""
    entry = (id, os.getpid())
    if entry in _opened:
        _opened.remove(entry)
        return True
    return False


def forget(id):
    """Take it off, without a word to the tracking server."""
    pop(id)
    entries = _stack()
    for run in list(entries):
        if run.info.run_id == id:
            entries.remove(run)


def ids_of_mlflow():
    """The runs on MLflow's own stack, the innermost last."""
    return [run.info.run_id for run in _stack()]


def is_fork():
    """Whether this is a child of the process that the kernel is."""
    return os.getpid() != magic.PROCESS


def _stack():
    stack = getattr(sys.modules.get("mlflow.tracking.fluent"), "_active_run_stack", None)
    return (stack.get() if hasattr(stack, "get") else stack) or []
