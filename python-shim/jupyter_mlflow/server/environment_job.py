"""The job "create-environment".

An environment that holds MLflow for local servers, tested before it is called good.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from packaging.version import Version

from .environments import READY_MARK, Interpreter, ask_interpreter, environment_python, find_uv
from .jobs import Job, Work
from .leases import FileLock, private_folder, write_private
from .mlflow_releases import Recipe, recipe
from .problems import Problem
from .server_process import interpreter_environ

NAME = re.compile(r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$")
#: In the folder as long as it is being made: what lies there without being ready is ours to remove.
MAKING_MARK = ".jupyter-mlflow-making"
STEPS = ("Find a Python", "Make the environment", "Install MLflow", "Test it")

#: Imports MLflow and opens a store with it: only this tells that an environment works.
_SMOKE_TEST = """
import os, shutil, tempfile
import mlflow, mlflow.server
from mlflow.tracking import MlflowClient
folder = tempfile.mkdtemp()
try:
    client = MlflowClient("sqlite:///" + os.path.join(folder, "test.db").replace(os.sep, "/"))
    assert client.search_experiments()
finally:
    shutil.rmtree(folder, ignore_errors=True)
print("mlflow", mlflow.__version__, "works")
"""

_NETWORK = re.compile(
    r"Failed to establish a new connection|name resolution|Name or service not known|dns error|error "
    r"sending request"
    r"|Failed to fetch|Could not connect|Connection refused|Connection reset|tunnel error|Network is "
    r"unreachable"
    r"|Read timed out|ConnectTimeout|operation timed "
    r"out|ProxyError|SSLError|CERTIFICATE_VERIFY_FAILED|invalid peer cert",
    re.IGNORECASE,
)
_NO_VERSION = re.compile(
    r"No matching distribution found|No solution found|Could not find a version", re.IGNORECASE
)
_DISK = re.compile(r"No space left on device|Disk quota exceeded|os error 28", re.IGNORECASE)
_ERROR_LINE = re.compile(r"error|×|╰|caused by|failed", re.IGNORECASE)


class EnvironmentMaker:
    """Makes environments below `state_dir/environments`."""

    def __init__(
        self, state_dir: Path, *, environ: Mapping[str, str] = os.environ, python: str = sys.executable
    ) -> None:
        """:param python: what environments are made with where uv is not found"""
        self._root = state_dir / "environments"
        self._environ = environ
        self._python = python

    def kind(self, body: Mapping[str, Any]) -> tuple[tuple[str, ...], Work]:
        """Read the request `{name?, mlflow?}` and take the environment's lock.

        :raises Problem: `invalid-name`, `invalid-version`, `environment-busy` (409), `environment-exists`
            (409)
        """
        wanted = body.get("mlflow")
        if wanted is not None and not isinstance(wanted, str):
            raise Problem("invalid-version", "The version of MLflow is not a text.", "Write it as 3.17.2.")
        how = recipe(wanted)
        name = body.get("name")
        if name is None:
            digits = re.sub(r"[^0-9.]+", "-", wanted or "").strip("-.")
            name = f"mlflow-{digits}" if digits else "mlflow"
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise Problem(
                "invalid-name",
                "This is not a name for an environment.",
                "Use up to 64 letters, digits, dots, dashes and underscores, a letter or digit first.",
            )
        private_folder(self._root)
        lock = FileLock(self._root / f".{name}.lock")
        if not lock.acquire():
            raise Problem(
                "environment-busy",
                f"The environment “{name}” is being made just now.",
                "Wait until that has ended, or cancel it.",
                status=409,
            )
        folder = self._root / name
        try:
            self._check_free(folder)
        except BaseException:
            lock.release()
            raise

        def work(job: Job) -> dict[str, Any]:
            try:
                return self._make(job, folder, how)
            finally:
                lock.release()

        return STEPS, work

    def _check_free(self, folder: Path) -> None:
        if (folder / READY_MARK).is_file():
            raise Problem(
                "environment-exists",
                f"There is an environment “{folder.name}” already.",
                "Use it, or choose another name.",
                status=409,
                executable=str(environment_python(folder)),
            )
        if folder.exists() and not (folder / MAKING_MARK).is_file():
            raise Problem(
                "environment-exists",
                f"The folder {folder} exists and was not made here.",
                "Choose another name, or move that folder away.",
                status=409,
            )

    def _make(self, job: Job, folder: Path, how: Recipe) -> dict[str, Any]:
        # What a killed Jupyter server left half made; the lock says that nobody is at it.
        if folder.exists():
            job.log.write(f"removing what an interrupted job left in {folder}")
            shutil.rmtree(folder)
        folder.mkdir(mode=0o700)
        write_private(folder / MAKING_MARK, job.id)
        try:
            job.begin(STEPS[0])
            uv = find_uv(self._environ)
            made = self._with_uv(job, uv, folder, how) if uv else self._with_venv(job, folder, how)
            write_private(folder / READY_MARK, json.dumps({"mlflow": made.mlflow}))
            (folder / MAKING_MARK).unlink(missing_ok=True)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return {
            "name": folder.name,
            "executable": made.executable,
            "mlflow": made.mlflow,
            "python": made.version,
        }

    def _with_uv(self, job: Job, uv: list[str], folder: Path, how: Recipe) -> Interpreter:
        env = self._environment(
            UV_NO_PROGRESS="1", UV_PYTHON_DOWNLOADS=self._environ.get("UV_PYTHON_DOWNLOADS", "automatic")
        )
        own = ask_interpreter(self._python, "jupyter")
        python = self._python if own and how.python.contains(own.version) else str(how.python)
        dated = ["--exclude-newer", how.as_of.isoformat()] if how.as_of else []
        job.begin(STEPS[1])
        # --seed: people, and our own remedies, install into it with pip; of its time too, as it may bring
        # setuptools. --allow-existing: the folder is there already, marked as ours.
        venv = [*uv, "venv", "--seed", "--allow-existing", *dated, "--python", python, str(folder)]
        self._run(job, venv, env, "no-python")
        job.begin(STEPS[2])
        target = [*uv, "pip", "install", "--python", str(environment_python(folder))]
        try:
            self._run(job, [*target, *dated, how.requirement], env, "install-failed")
        except Problem as problem:
            if not dated or problem.code != "no-such-version":
                raise
            # A late patch release, or an index that tells no dates.
            job.log.write("not found as of that day; trying with known limits instead")
            self._run(job, [*target, how.requirement, *how.bounds], env, "install-failed")
        return self._test(job, folder, how)

    def _with_venv(self, job: Job, folder: Path, how: Recipe) -> Interpreter:
        env = self._environment()
        own = ask_interpreter(self._python, "jupyter")
        if own is None or not how.python.contains(own.version):
            raise Problem(
                "no-python",
                f"This MLflow needs a Python {how.python}; Jupyter's own is "
                f"{own.version if own else 'unknown'}.",
                "Install uv (pip install uv), which finds or fetches a fitting one, or choose a newer "
                "MLflow.",
            )
        job.begin(STEPS[1])
        pip = [str(environment_python(folder)), "-m", "pip"]
        code, _ = job.run([self._python, "-c", "import ensurepip"], env=env)
        if code == 0:
            self._run(job, [self._python, "-m", "venv", str(folder)], env, "no-venv")
        else:
            # Debian and Ubuntu keep ensurepip in a package of its own; a pip of 22.3 or later can serve from
            # outside.
            self._run(job, [self._python, "-m", "venv", "--without-pip", str(folder)], env, "no-venv")
            pip = [self._python, "-m", "pip", "--python", str(environment_python(folder))]
            code, _ = job.run([*pip, "--version"], env=env)
            if code != 0:
                raise _no_venv()
        job.begin(STEPS[2])
        install = [*pip, "install", "--no-input", "--disable-pip-version-check"]
        self._run(job, [*install, how.requirement, *how.bounds], env, "install-failed")
        return self._test(job, folder, how)

    def _test(self, job: Job, folder: Path, how: Recipe) -> Interpreter:
        job.begin(STEPS[3])
        python = str(environment_python(folder))
        work = job.folder / "cwd"  # an SQLite client makes an mlruns folder where it stands
        work.mkdir(exist_ok=True)
        code, _ = job.run(
            [python, "-c", _SMOKE_TEST], env=interpreter_environ(python, self._environ), cwd=work
        )
        made = ask_interpreter(python, f"environment:{folder.name}")
        if code != 0 or made is None or made.mlflow is None:
            raise Problem(
                "environment-broken",
                "MLflow was installed but does not work there, so the environment was removed again.",
                "The end of the log tells why; another version of MLflow may work.",
            )
        if (
            Version(made.mlflow).major < 3
            and sys.platform != "win32"
            and not (folder / "bin" / "gunicorn").exists()
        ):
            raise Problem(
                "environment-broken", "gunicorn is missing there.", "Choose a newer version of MLflow."
            )
        return made

    def _environment(self, **more: str) -> dict[str, str]:
        """Ours, with the person's settings of pip and uv, but none that would lead the packages elsewhere."""
        env = interpreter_environ(self._python, self._environ)
        for name in (
            "PIP_TARGET",
            "PIP_PREFIX",
            "PIP_USER",
            "PIP_REQUIRE_VIRTUALENV",
            "UV_SYSTEM_PYTHON",
            "UV_PYTHON",
        ):
            env.pop(name, None)
        return {**env, "PIP_NO_INPUT": "1", "NO_COLOR": "1", **more}

    def _run(self, job: Job, argv: list[str], env: Mapping[str, str], code: str) -> None:
        exit_code, output = job.run(argv, env=env)
        if exit_code != 0:
            raise _install_problem(code, output)


def _install_problem(code: str, output: str) -> Problem:
    """What the output of uv, venv or pip means."""
    if _DISK.search(output):
        return Problem(
            "disk-full", "The disk is full.", "Free some space (MLflow needs about 1 GB), then try again."
        )
    # pip that may not retry says no more than this about an index that does not answer.
    silent = "(from versions: none)" in output and "Ignored the following" not in output
    if _NETWORK.search(output) or silent:
        return Problem(
            "no-registry",
            f"The package index cannot be reached: {_reason(output, _NO_VERSION if silent else _NETWORK)}",
            "Check the network, and the index, proxy and certificates that pip or uv are set to.",
        )
    if code == "no-venv":
        return _no_venv()
    if code == "no-python":
        return Problem(
            "no-python",
            f"No fitting Python was found: {_reason(output, _ERROR_LINE)}",
            "Install one (uv python install 3.11), or choose a newer MLflow.",
        )
    if _NO_VERSION.search(output):
        return Problem(
            "no-such-version",
            f"The package index does not have it for this Python: {_reason(output, _NO_VERSION)}",
            "Choose another version of MLflow.",
        )
    return Problem(
        "install-failed", f"The installation failed: {_reason(output, _ERROR_LINE)}", "The log tells more."
    )


def _reason(output: str, pattern: re.Pattern[str]) -> str:
    """The last line that tells, shortened to a sentence."""
    lines = [line.strip(" ×╰─▶│├╭") for line in output.splitlines() if pattern.search(line)]
    text = re.sub(r"\s+", " ", lines[-1] if lines else "its output does not say why").strip()
    return text[:237] + "…" if len(text) > 240 else text.rstrip(".") + "."


def _no_venv() -> Problem:
    return Problem(
        "no-venv",
        "This Python cannot make environments: it lacks ensurepip.",
        "Install uv (pip install uv), or the package python3-venv (sudo apt install python3-venv).",
    )
