"""Python interpreters on this machine that may hold MLflow, as facts."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from importlib import util
from pathlib import Path
from typing import Any

from .server_process import interpreter_environ

#: Asking one interpreter takes 0.05 s; a network home can take much longer.
ASK_TIMEOUT_S = 20.0
#: One that did not answer may have been slow for once, but is not waited for at every question, seconds.
FAILURE_S = 120.0
#: In the folder of an environment that a job made and tested.
READY_MARK = ".jupyter-mlflow-ready"

#: Runs in the interpreter. Imports no MLflow: that takes seconds and may be broken.
_FACTS = """
import json, sys
sys.path[:] = [p for p in sys.path if p]
facts = {"version": "%d.%d.%d" % sys.version_info[:3], "executable": sys.executable, "prefix": sys.prefix}
try:
    from importlib import metadata, util
    try:
        facts["mlflow"] = metadata.version("mlflow")
        spec = util.find_spec("mlflow")
        if spec is None or not spec.origin:
            facts["mlflow"] = None
        else:
            facts["package_dir"] = spec.origin[: -len("__init__.py") - 1]
    except metadata.PackageNotFoundError:
        facts["mlflow"] = None
except Exception as error:
    facts["error"] = "%s: %s" % (type(error).__name__, error)
sys.stdout.write("\\n" + json.dumps(facts) + "\\n")
"""


@dataclass(frozen=True)
class Interpreter:
    """A Python that was asked about itself."""

    executable: str
    #: of Python
    version: str
    #: of MLflow with its server; None where there is none
    mlflow: str | None
    #: "configured", "jupyter", "environment:<name>" (made by us) or "kernel:<spec name>"
    source: str
    #: where the package `mlflow` lies
    package_dir: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The form of docs/architecture.md."""
        facts = asdict(self)
        facts.pop("package_dir")
        return facts


def ask_interpreter(executable: str, source: str, *, timeout_s: float = ASK_TIMEOUT_S) -> Interpreter | None:
    """Run `executable` and let it tell about itself; None if it does not run or does not answer in time.

    Blocks.
    """
    path = Path(executable)
    own = os.path.normcase(executable) == os.path.normcase(os.path.abspath(sys.executable))
    try:
        answer = subprocess.run(
            [executable, "-c", _FACTS],
            env=interpreter_environ(executable, os.environ, keep_python_path=own),
            cwd=path.anchor or None,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            check=False,
        )
        facts = json.loads(answer.stdout.decode("utf-8", "replace").strip().splitlines()[-1])
        return Interpreter(
            executable=executable,
            version=str(facts["version"]),
            mlflow=facts.get("mlflow"),
            source=source,
            package_dir=facts.get("package_dir"),
        )
    except (OSError, subprocess.TimeoutExpired, ValueError, IndexError, KeyError, TypeError):
        return None


class InterpreterFinder:
    """Remembers what interpreters told, until their file or their packages change."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, float, float], Interpreter] = {}
        self._failed: dict[tuple[str, float, float], float] = {}

    def ask(self, executable: str, source: str) -> Interpreter | None:
        """What `executable` says about itself, from memory where nothing changed. Blocks."""
        stamp = _stamp(executable)
        if stamp is None:
            return None
        if stamp not in self._known:
            if time.monotonic() - self._failed.get(stamp, -FAILURE_S) < FAILURE_S:
                return None
            found = ask_interpreter(executable, source)
            if found is None:
                self._failed[stamp] = time.monotonic()
                return None
            self._known[stamp] = found
        return replace(self._known[stamp], source=source)


_finder = InterpreterFinder()


async def find_interpreters(
    *,
    configured: str | None = None,
    state_dir: Path | None = None,
    kernelspecs: Mapping[str, Sequence[str]] | None = None,
) -> list[Interpreter]:
    """Interpreters by preference: the configured one, Jupyter's own, environments made by us, kernelspecs'.

    :param configured: path of a Python, from the administrator
    :param state_dir: where `environments/<name>` lie
    :param kernelspecs: name → argv; read from this machine's Jupyter paths if not given
    :return: those that run, each once, with and without MLflow
    """
    return await asyncio.to_thread(_find, configured, state_dir, kernelspecs)


def environment_python(folder: Path) -> Path:
    """Where the interpreter of a virtual environment lies."""
    return folder / "Scripts" / "python.exe" if sys.platform == "win32" else folder / "bin" / "python"


class Environments:
    """The interpreters that this Jupyter server may use."""

    def __init__(self, *, state_dir: Path, configured: str | None = None) -> None:
        """
        :param state_dir: where `environments/<name>` lie
        :param configured: the administrator's interpreter; it alone then runs local servers
        """
        self._state_dir = state_dir
        self._configured = configured or None

    async def all(self) -> list[Interpreter]:
        """All of them, facts only."""
        return await find_interpreters(configured=self._configured, state_dir=self._state_dir)

    async def usable(self) -> list[Interpreter]:
        """Those that may run a local server, best first."""
        found = [interpreter for interpreter in await self.all() if interpreter.mlflow is not None]
        if self._configured is None:
            return found
        return [interpreter for interpreter in found if interpreter.source == "configured"]

    async def best(self) -> Interpreter | None:
        """The one that runs local servers, or None."""
        found = await self.usable()
        return found[0] if found else None


def find_uv(environ: Mapping[str, str] = os.environ) -> list[str] | None:
    """The command that runs uv.

    On PATH, beside Jupyter's Python, as its module, or where its installer puts it.
    """
    beside = os.path.dirname(os.path.abspath(sys.executable))
    home = [str(Path.home() / ".local" / "bin"), str(Path.home() / ".cargo" / "bin")]
    for path in (environ.get("PATH", ""), beside):
        if found := shutil.which("uv", path=path):
            return [found]
    if util.find_spec("uv") is not None:
        return [sys.executable, "-m", "uv"]
    found = shutil.which("uv", path=os.pathsep.join(home))
    return [found] if found else None


def _find(
    configured: str | None, state_dir: Path | None, kernelspecs: Mapping[str, Sequence[str]] | None
) -> list[Interpreter]:
    wanted: dict[str, str] = {}
    for executable, source in _candidates(configured, state_dir, kernelspecs):
        # Not the real path: two virtual environments are links to one binary.
        wanted.setdefault(os.path.normcase(os.path.abspath(executable)), source)
    with ThreadPoolExecutor(max_workers=4) as pool:
        answers = pool.map(lambda item: _finder.ask(*item), wanted.items())
    return [answer for answer in answers if answer is not None]


def _candidates(
    configured: str | None, state_dir: Path | None, kernelspecs: Mapping[str, Sequence[str]] | None
) -> Iterator[tuple[str, str]]:
    if configured:
        yield configured, "configured"
    yield sys.executable, "jupyter"
    if state_dir is not None and (state_dir / "environments").is_dir():
        for folder in sorted((state_dir / "environments").iterdir()):
            # One that is being made has no mark yet.
            if (folder / READY_MARK).is_file():
                yield str(environment_python(folder)), f"environment:{folder.name}"
    for name, argv in (kernelspecs if kernelspecs is not None else _kernelspecs()).items():
        # A bare `python` is Jupyter's own; runners (conda run, pixi) are not interpreters.
        if argv and os.path.isabs(argv[0]) and Path(argv[0]).name.lower().startswith("python"):
            yield argv[0], f"kernel:{name}"


def _kernelspecs() -> dict[str, Sequence[str]]:
    from jupyter_client.kernelspec import KernelSpecManager

    specs: dict[str, Sequence[str]] = {}
    for name, entry in KernelSpecManager().get_all_specs().items():
        spec = entry.get("spec", {})
        if spec.get("language", "").lower() == "python":
            specs[name] = spec.get("argv", [])
    return specs


def _stamp(executable: str) -> tuple[str, float, float] | None:
    """The interpreter and its packages as of now: installing changes the folder of the packages."""
    try:
        path = Path(executable)
        folder = path.parent.parent
        libraries = [*folder.glob("lib/python3*/site-packages"), *folder.glob("Lib/site-packages")]
        return executable, path.stat().st_mtime, max((p.stat().st_mtime for p in libraries), default=0.0)
    except OSError:
        return None
