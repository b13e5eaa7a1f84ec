"""Tab after `%mlflow`: sub-commands, options, experiments, keys of metrics and parameters."""

import threading
import time

from .. import logging_to
from . import catalogue, places, searching
from .store import Tracking

#: Seconds that Tab waits for the server; that an answer counts.
PATIENCE_S, FRESH_S = 0.5, 30.0

#: From (place, what) to (time, names).
_known = {}
_asking = set()


def complete(shell, event):
    """What can stand where the cursor is; nothing rather than late."""
    before = event.text_until_cursor
    at = before.rfind("%mlflow")
    is_cell = before[:at].endswith("%")
    words = before[at + len("%mlflow") :].split(" ")
    done, current = [each for each in words[:-1] if each], words[-1]
    if is_cell:
        command = catalogue.CELL
    elif not done:
        return [name for name in catalogue.names() if name.startswith(current)]
    else:
        command = catalogue.find(done[0])
    if command is None:
        return []
    last = done[-1] if done else ""
    if last.startswith("--"):
        return _values(command, last[2:])
    if current.startswith("-"):
        return ["--" + name for name in command.options]
    return _words(command)


def _values(command, option):
    kind = command.options.get(option)
    if isinstance(kind, tuple):
        return list(kind)
    if option == "experiment":
        return _quoted(_names("experiments"))
    if option in ("sort", "columns"):
        return _names("metrics") + _names("params")
    return _words(command) if kind == "flag" else []


def _words(command):
    options = ["--" + name for name in command.options]
    if command.name == "help":
        return [each.name for each in catalogue.COMMANDS]
    if command.name == "experiment":
        return _quoted(_names("experiments"))
    if command.name in ("chart", "best"):
        return _names("metrics") + options
    if command.name == "autolog":
        return ["on", "off"]
    if command.name == "runs":
        return (
            ["metrics." + each for each in _names("metrics")]
            + ["params." + each for each in _names("params")]
            + options
        )
    return options


def _quoted(names):
    return ['"%s"' % each if " " in each else each for each in names]


def _names(what):
    """Of the cache, or of the server within the patience; a later Tab gets what came too late."""
    place = (logging_to.configured(), what)
    kept = _known.get(place)
    if kept is not None and time.monotonic() - kept[0] < FRESH_S:
        return kept[1]
    if what not in _asking:
        _asking.add(what)
        done = threading.Event()
        threading.Thread(
            target=_ask, args=(place, what, done), name="jupyter-mlflow-tab", daemon=True
        ).start()
        done.wait(PATIENCE_S)
    kept = _known.get(place)
    return kept[1] if kept is not None else []


def _ask(place, what, done):
    names = []
    try:
        tracking = Tracking()
        if what == "experiments":
            names = [str(each.get("name")) for each in tracking.call("experiments", 200)]
        else:
            metrics, params = searching.known_keys(tracking, [places.experiment_id(tracking)])
            names = metrics if what == "metrics" else params
    except Exception:
        names = []
    finally:
        _known[place] = (time.monotonic(), [each for each in names if each.isprintable() and '"' not in each])
        _asking.discard(what)
        done.set()
