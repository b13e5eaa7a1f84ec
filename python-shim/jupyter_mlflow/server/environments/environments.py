"""The interpreters that may run local servers: those that Jupyter knows without searching the machine."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import util
from pathlib import Path

from .interpreter_facts import ASK_TIMEOUT_S, FactsMemory, InterpreterFacts, NotAnswered, ask

#: In the folder of an environment that a job made and tested.
READY_MARK = ".jupyter-mlflow-ready"


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


def ask_interpreter(executable: str, source: str, *, timeout_s: float = ASK_TIMEOUT_S) -> Interpreter | None:
    """Run `executable` and let it tell about itself; None if it does not run or does not answer in time.

    Blocks.
    """
    try:
        return _interpreter(ask(executable, timeout_s=timeout_s), executable, source)
    except NotAnswered:
        return None


def _interpreter(facts: InterpreterFacts, executable: str, source: str) -> Interpreter:
    # The other distributions of MLflow have no server.
    is_whole = facts.distribution == "mlflow"
    return Interpreter(
        executable=executable,
        version=facts.python,
        mlflow=facts.mlflow if is_whole else None,
        source=source,
        package_dir=facts.package_dir if is_whole else None,
    )


#: Shared by all who ask interpreters, so that each is run once.
memory = FactsMemory()


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
        answers = pool.map(lambda item: _ask(*item), wanted.items())
    return [answer for answer in answers if answer is not None]


def _ask(executable: str, source: str) -> Interpreter | None:
    try:
        return _interpreter(memory.ask(executable), executable, source)
    except NotAnswered:
        return None


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
