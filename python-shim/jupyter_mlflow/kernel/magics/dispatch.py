"""From a line to the sub-command that does it."""

import importlib

from . import bundles, catalogue, words
from .problem import Problem, interrupted
from .records import Shown
from .text import plain

#: Module and function of each sub-command: imported when it is first asked for.
DOES = {
    "status": ("kernel_commands", "status"),
    "check": ("kernel_commands", "check"),
    "connect": ("kernel_commands", "connect"),
    "experiment": ("kernel_commands", "experiment"),
    "autolog": ("kernel_commands", "autolog"),
    "runs": ("run_commands", "runs"),
    "show": ("run_commands", "show"),
    "compare": ("together", "compare"),
    "chart": ("together", "draw_chart"),
    "best": ("run_commands", "best"),
    "models": ("model_commands", "models"),
    "log-param": ("log_commands", "log_param"),
    "log-metric": ("log_commands", "log_metric"),
    "end": ("log_commands", "end"),
}


def run(shell, line, cell=None):
    """Do what the line says and return what it shows.

    :raises Problem: with one sentence
    """
    __tracebackhide__ = True
    if cell is not None:
        return _module("cell_magic").run(shell, words.parse(line, is_cell=True), cell)
    parsed = words.parse(line)
    try:
        command = parsed.command.name if parsed.command else "status"
        if command == "help":
            return help_about(parsed)
        module, function = DOES[command]
        return getattr(_module(module), function)(parsed)
    except Problem:
        raise
    except KeyboardInterrupt as interrupt:
        if hasattr(interrupt, "_render_traceback_"):
            raise
        raise interrupted("%%mlflow %s was interrupted." % (command if command != "status" else "")) from None
    except Exception as error:
        # A fault of ours is no reason for a page of traceback.
        name = parsed.command.name if parsed.command else ""
        said = plain("%s: %s" % (type(error).__name__, error), 200)
        raise Problem("%%mlflow %s could not be done: %s" % (name, said)) from error


def _module(name):
    return importlib.import_module("." + name, __package__)


def help_about(parsed):
    """All sub-commands, or one of them with its examples."""
    if not parsed.words:
        rows = [(catalogue.usage(each), each.summary) for each in (*catalogue.COMMANDS, catalogue.CELL)]
        return _told(rows, ("write", "to see or do"), "%mlflow help runs explains one.")
    wanted = parsed.words[0]
    name = wanted.text.lstrip("%") or "status"
    if wanted.text.startswith("%%") or wanted.text == "cell":
        command = catalogue.CELL
    else:
        command = catalogue.find("status" if name == "mlflow" else name)
    if command is None:
        raise Problem(
            "There is no help about “%s”." % plain(wanted.text, 60),
            wanted,
            words.near(name, catalogue.names()),
        )
    rows = [("use", catalogue.usage(command)), ("does", command.summary)]
    rows += [("for example", line) for each in command.examples for line in each.splitlines()]
    if command.aliases:
        rows.append(("also", ", ".join(command.aliases)))
    return _told(rows)


def _told(rows, columns=("", ""), note=""):
    return Shown(bundles.bundle("status", {"topic": "help"}, {"rows": rows}, columns, rows, "", note=note))
