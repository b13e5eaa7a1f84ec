"""The active run of this kernel: MLflow's own, or where there is no MLflow, one of ours."""

import os
import sys

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
