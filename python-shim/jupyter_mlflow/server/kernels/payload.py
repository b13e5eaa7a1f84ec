"""The shim as one expression that a kernel evaluates: it brings the modules where they are not there yet,
then asks.

A user expression of a silent, empty request leaves no trace (`_`, `In`, `Out`, counter, globals). It uses
no name at all
that the person could have replaced: from a tuple it goes to the class of the interpreter's own importer,
whose globals
hold `sys` and a plain `__import__`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

#: The package that the modules become in the kernel.
PACKAGE = "_jupyter_mlflow_shim"
#: The name under which the expression and its answer travel.
KEY = "jupyter_mlflow"
#: In the order of their needs.
MODULES = ("logging_to", "facts", "run_tags", "magic", "offered", "shim")
#: The second stage, below `magics`: packed, and each compiled when it is first needed.
LATER = (
    "text",
    "problem",
    "catalogue",
    "words",
    "rest",
    "store",
    "deadline",
    "later",
    "bundles",
    "showing",
    "records",
    "active",
    "places",
    "conflicts",
    "comparing",
    "findings",
    "kernel_commands",
    "searching",
    "tables",
    "cards",
    "chart",
    "ticks",
    "run_commands",
    "together",
    "signatures",
    "model_commands",
    "log_commands",
    "cell_magic",
    "completion",
    "dispatch",
    "widgets",
)

_NAME_OF_CLASS = "().__class__.__class__.__dict__['__name__'].__get__"
_IMPORT_GLOBALS = (
    f"(c for c in ().__class__.__base__.__subclasses__() if {_NAME_OF_CLASS}(c) == 'BuiltinImporter')"
    ".__next__().find_spec.__func__.__globals__"
)

#: Runs with `sys`, `sources`, `later`, `version`, `request` and sets `reply`. All-or-nothing: a half-made
#: package is taken away. The files are named "<frozen …", where debuggers neither stop nor step (debugpy's
#: IGNORE_BASENAMES_STARTING_WITH): who pauses at every exception would pause at ours, which are caught.
_BOOTSTRAP = f"""
package = sys.modules.get({PACKAGE!r})
if getattr(package, '__version__', None) != version:
    made = {{}}
    make = type(sys)
    for name, source in sources:
        module = make({PACKAGE!r} + name)
        module.__dict__.update(__builtins__=__builtins__, __package__={PACKAGE!r}, __version__=version)
        if not name:
            module.__path__ = []
        made[{PACKAGE!r} + name] = module
    made[{PACKAGE!r}].__later__ = later
    before = {{name: sys.modules[name] for name in made if name in sys.modules}}
    sys.modules.update(made)
    try:
        for name, source in sources:
            code = compile(source, '<frozen jupyter-mlflow' + name + '>', 'exec')
            exec(code, made[{PACKAGE!r} + name].__dict__)
            if name:
                setattr(made[{PACKAGE!r}], name[1:], made[{PACKAGE!r} + name])
    except BaseException:
        for name in made:
            sys.modules.pop(name, None)
        sys.modules.update(before)
        raise
reply = sys.modules[{PACKAGE!r} + '.shim'].answer(request)
"""


@cache
def shim_sources() -> tuple[tuple[str, str], ...]:
    """Pairs of a module's name below the package (`""`, `".facts"`, …) and its source text."""
    folder = files("jupyter_mlflow") / "kernel"
    return tuple(
        (f".{name}" if name else "", (folder / f"{name or '__init__'}.py").read_text(encoding="utf-8"))
        for name in ("", *MODULES)
    )


@cache
def later_sources() -> tuple[tuple[str, str], ...]:
    """The same pairs of the second stage: `".magics"`, `".magics.text"`, …"""
    folder = files("jupyter_mlflow") / "kernel" / "magics"
    return tuple(
        (f".magics.{name}" if name else ".magics", (folder / f"{name or '__init__'}.py").read_text("utf-8"))
        for name in ("", *LATER)
    )


@cache
def _later_packed() -> str:
    """For kernel/magic.py to unpack; a fourth of the text. Base 85 would take the kernel 3 ms more."""
    return base64.b64encode(zlib.compress(json.dumps(later_sources()).encode(), 9)).decode()


@cache
def _journal_source() -> str:
    return (files("jupyter_mlflow") / "kernel" / "journal.py").read_text(encoding="utf-8")


def journal_part(options: Mapping[str, Any]) -> dict[str, Any]:
    """`recording` of a request: the module that only a recorded kernel gets, and where it writes.

    :param options: of kernel/journal.py
    """
    return {"version": shim_version(), "source": _journal_source(), "options": dict(options)}


@cache
def shim_version() -> str:
    """Changes with every letter of the shim."""
    sources = (shim_sources(), later_sources(), _journal_source())
    return hashlib.sha256(repr(sources).encode()).hexdigest()[:16]


@cache
def _fixed_parts() -> tuple[str, str, str]:
    return repr(_BOOTSTRAP), repr(shim_sources()), repr(_later_packed())


def expression(request: Mapping[str, Any]) -> str:
    """A Python expression (3.8 and newer) whose value shows itself as `application/json`: the shim's answer.

    :param request: what JSON can hold: `{"do": "facts" | "tracking" | "options", …}`, see kernel/shim.py
    """
    bootstrap, sources, later = _fixed_parts()
    # JSON and not repr: the request holds what people named, and is data only.
    wanted = repr(json.dumps(request))
    return (
        "(lambda g, b, n: "
        "(b['exec'](b['compile'](n['code'], '<frozen jupyter-mlflow>', 'exec'), n), n['reply'])[1])"
        "(*(lambda g: (g, g['sys'].modules['builtins'].__dict__, {"
        "'__builtins__': {**g['sys'].modules['builtins'].__dict__, '__import__': g['__import__']}, "
        f"'sys': g['sys'], 'code': {bootstrap}, 'sources': {sources}, 'later': {later}, "
        f"'version': {shim_version()!r}, 'request': {wanted}}}))({_IMPORT_GLOBALS}))"
    )
