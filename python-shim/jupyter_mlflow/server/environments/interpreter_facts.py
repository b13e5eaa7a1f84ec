"""What a Python says of itself when it is run once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..local.server_process import interpreter_environ

#: Asking one interpreter takes 0.05 s; a network home can take much longer.
ASK_TIMEOUT_S = 20.0
#: One that did not answer may have been slow for once, but is not waited for at every question, seconds.
FAILURE_S = 120.0
#: Variables by which the same interpreter finds other packages.
STEERING = ("PYTHONPATH", "PYTHONHOME", "PYTHONNOUSERSITE", "PYTHONUSERBASE", "PYTHONPLATLIBDIR")

#: Runs in the interpreter, of any age. Imports no MLflow: that takes seconds and may be broken.
_SCRIPT = r"""
import json, os, sys
sys.path[:] = [p for p in sys.path if p]
facts = {"python": "%d.%d.%d" % sys.version_info[:3], "executable": sys.executable, "prefix": sys.prefix,
         "base_prefix": getattr(sys, "base_prefix", sys.prefix), "packages": [
             p for p in sys.path if os.path.basename(p) in ("site-packages", "dist-packages")]}
try:
    import sysconfig
    purelib = sysconfig.get_path("purelib")
    facts["packages"].append(purelib)
    facts["writable"] = os.access(purelib, os.W_OK)
    facts["externally_managed"] = sys.prefix == facts["base_prefix"] and os.path.isfile(
        os.path.join(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED"))
    facts["conda"] = os.path.isdir(os.path.join(sys.prefix, "conda-meta"))
    facts["conda_base"] = facts["conda"] and os.path.isdir(os.path.join(sys.prefix, "condabin"))
    from importlib import metadata, util
    def version(name):
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            return None
    def has(name):
        spec = util.find_spec(name)
        return spec if spec is not None and spec.origin else None
    facts["pip"] = has("pip") is not None
    for name in ("ipykernel", "ipywidgets"):
        facts[name] = version(name) if has(name) else None
    mlflow = has("mlflow")
    if mlflow is not None:
        facts["package_dir"] = mlflow.origin[: -len("__init__.py") - 1]
        for name in ("mlflow", "mlflow-skinny", "mlflow-tracing"):
            if version(name):
                facts["mlflow"], facts["distribution"] = version(name), name
                break
except Exception as error:
    facts["error"] = "%s: %s" % (type(error).__name__, error)
sys.stdout.write("\n" + json.dumps(facts) + "\n")
"""


@dataclass(frozen=True)
class InterpreterFacts:
    """A Python as it describes itself. Paths are as it sees them; links are not followed."""

    executable: str
    prefix: str
    base_prefix: str
    #: version
    python: str
    #: version of what `import mlflow` finds; None where it finds nothing
    mlflow: str | None
    #: which distribution that is: mlflow, mlflow-skinny or mlflow-tracing
    distribution: str | None
    #: where the package `mlflow` lies
    package_dir: str | None
    ipykernel: str | None
    ipywidgets: str | None
    pip: bool
    #: packages can be installed into it by this user
    writable: bool
    #: PEP 668
    externally_managed: bool
    conda: bool
    conda_base: bool
    #: folders whose change means that packages came or went
    packages: tuple[str, ...]

    @property
    def is_virtual(self) -> bool:
        """Whether it is a virtual environment: of a base, but not the base."""
        return self.prefix != self.base_prefix


class NotAnswered(Exception):
    """The interpreter did not run, or said nothing that could be understood: its text says why."""


def ask(
    executable: str,
    *,
    env: Mapping[str, str] | None = None,
    isolated: bool = False,
    timeout_s: float = ASK_TIMEOUT_S,
) -> InterpreterFacts:
    """Run `executable` and let it tell about itself. Blocks.

    :param env: its environment variables; those of this process, less what would mislead it, if not given
    :param isolated: nothing but its own packages counts, neither variables nor those of the user
    :raises NotAnswered:
    """
    try:
        answer = subprocess.run(
            [executable, *(["-I"] if isolated else []), "-c", _SCRIPT],
            env=dict(env) if env is not None else clean_environ(executable),
            cwd=Path(executable).anchor or None,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotAnswered(f"It did not answer within {timeout_s:.0f} seconds.") from None
    except (OSError, ValueError) as error:
        raise NotAnswered(f"It does not run: {getattr(error, 'strerror', None) or error}.") from None
    try:
        facts = json.loads(answer.stdout.decode("utf-8", "replace").strip().splitlines()[-1])
        return _read(facts, executable)
    except (ValueError, IndexError, KeyError, TypeError):
        words = answer.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise NotAnswered(f"It does not work: {words[0][:200] if words else 'it says nothing'}.") from None


def clean_environ(executable: str) -> dict[str, str]:
    """The variables with which an interpreter is asked about itself."""
    own = os.path.normcase(executable) == os.path.normcase(os.path.abspath(sys.executable))
    return interpreter_environ(executable, os.environ, keep_python_path=own)


def _read(facts: Any, executable: str) -> InterpreterFacts:
    return InterpreterFacts(
        executable=facts["executable"] or executable,
        prefix=facts["prefix"],
        base_prefix=facts["base_prefix"],
        python=str(facts["python"]),
        mlflow=facts.get("mlflow"),
        distribution=facts.get("distribution"),
        package_dir=facts.get("package_dir"),
        ipykernel=facts.get("ipykernel"),
        ipywidgets=facts.get("ipywidgets"),
        pip=bool(facts.get("pip")),
        writable=bool(facts.get("writable")),
        externally_managed=bool(facts.get("externally_managed")),
        conda=bool(facts.get("conda")),
        conda_base=bool(facts.get("conda_base")),
        packages=tuple(sorted({str(folder) for folder in facts.get("packages", ())})),
    )


Stamp = tuple[float, ...]


class FactsMemory:
    """Remembers what interpreters told, until their file or their packages change. Any thread may ask."""

    def __init__(self, timeout_s: float = ASK_TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._known: dict[tuple[str, ...], tuple[Stamp, InterpreterFacts]] = {}
        self._failed: dict[tuple[str, ...], tuple[Stamp, float, NotAnswered]] = {}

    def ask(self, executable: str, env: Mapping[str, str] | None = None) -> InterpreterFacts:
        """What `executable` says about itself, from memory where nothing changed. Blocks.

        :param env: see `ask`; counts only as far as it steers where packages are found
        :raises NotAnswered:
        """
        if not os.path.isfile(executable):
            raise NotAnswered("Its file is gone.")
        key = (executable, *(f"{name}={(env or {}).get(name, '')}" for name in STEERING))
        with self._lock:
            known, failed = self._known.get(key), self._failed.get(key)
        if known is not None and known[0] == _stamp(executable, known[1].packages):
            return known[1]
        file = _stamp(executable, ())
        if failed is not None and failed[0] == file and time.monotonic() - failed[1] < FAILURE_S:
            raise failed[2]
        began = time.time()
        try:
            facts = ask(executable, env=env, timeout_s=self._timeout_s)
        except NotAnswered as error:
            with self._lock:
                self._failed[key] = (file, time.monotonic(), error)
            raise
        stamp = _stamp(executable, facts.packages)
        # What changed while it was asked may not be in its answer.
        if max(stamp) < began:
            with self._lock:
                self._known[key] = (stamp, facts)
        return facts

    def forget(self) -> None:
        """Ask all of them anew."""
        with self._lock:
            self._known.clear()
            self._failed.clear()


def _stamp(executable: str, folders: Sequence[str]) -> Stamp:
    """The interpreter and its packages as of now: installing changes the folder of the packages."""
    return tuple(_changed(path) for path in (executable, *folders))


def _changed(path: str) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return 0.0
