"""The job "create-environment": an environment that holds MLflow, tested before it is called good."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from packaging.version import Version

from ..environments.environments import environment_python, find_uv, memory
from ..environments.interpreter_facts import InterpreterFacts, NotAnswered
from ..environments.kernel_registry import KernelRegistry
from ..environments.made_environments import MadeEnvironments
from ..environments.mlflow_releases import Recipe
from ..problems import Problem
from ..processes.leases import FileLock, private_folder
from .environment_order import EnvironmentOrder, read_order
from .installers import Installation, install_environ
from .jobs import Job, Work

FIND, MAKE, INSTALL, TEST = "Find a Python", "Make the environment", "Install MLflow", "Test it"
REGISTER = "Add it to the kernels"

#: Imports MLflow and opens a store with it: only this tells that an environment works.
_SMOKE_TEST = """
import os, shutil, sys, tempfile
import mlflow
for name in sys.argv[1:]:
    __import__(name)
from mlflow.tracking import MlflowClient
folder = tempfile.mkdtemp()
try:
    client = MlflowClient("sqlite:///" + os.path.join(folder, "test.db").replace(os.sep, "/"))
    assert client.search_experiments()
finally:
    shutil.rmtree(folder, ignore_errors=True)
print("mlflow", mlflow.__version__, "works")
"""


class EnvironmentMaker:
    """Makes environments."""

    def __init__(
        self,
        made: MadeEnvironments,
        *,
        root_dir: Path,
        registry: KernelRegistry | None = None,
        environ: Mapping[str, str] = os.environ,
        python: str = sys.executable,
        other_pythons: Callable[[], Sequence[InterpreterFacts]] = tuple,
    ) -> None:
        """
        :param root_dir: Jupyter's root
        :param registry: where kernels are registered; None: there are none
        :param python: what environments are made with, if it fits
        :param other_pythons: those found on the machine, for an MLflow that `python` does not fit
        """
        self._made = made
        self._root_dir = root_dir
        self._registry = registry
        self._environ = environ
        self._python = python
        self._other_pythons = other_pythons

    def kind(self, body: Mapping[str, Any]) -> tuple[tuple[str, ...], Work]:
        """Read the request and take the environment's lock.

        :raises Problem: see `read_order`; `environment-busy` (409), `environment-exists` (409),
            `kernels-restricted` (403)
        """
        order = read_order(body, root_dir=self._root_dir, made=self._made)
        if order.is_kernel:
            self._kernels().check_may_add()
        if order.folder.parent == self._made.root:
            private_folder(self._made.root)
        lock = self._made.lock(order.folder)
        try:
            self._check_free(order.folder)
        except BaseException:
            lock.release()
            raise
        steps = (FIND, MAKE, INSTALL, TEST, *([REGISTER] if order.is_kernel else []))
        return steps, self._work(order, lock)

    def _work(self, order: EnvironmentOrder, lock: FileLock) -> Work:
        def work(job: Job) -> dict[str, Any]:
            try:
                return self._make(job, order)
            finally:
                lock.release()

        return work

    def _check_free(self, folder: Path) -> None:
        if self._made.is_ready(folder):
            raise Problem(
                "environment-exists",
                f"There is an environment “{folder.name}” already.",
                "Use it, or choose another name.",
                status=409,
                executable=str(environment_python(folder)),
            )
        if os.path.lexists(folder) and not self._made.is_left_over(folder):
            what = "folder" if folder.is_dir() else "file"
            raise Problem(
                "environment-exists",
                f"The {what} {folder} exists and was not made here.",
                f"Choose another name, or move that {what} away.",
                status=409,
            )

    def _make(self, job: Job, order: EnvironmentOrder) -> dict[str, Any]:
        folder = order.folder
        # What a killed Jupyter server left half made; the lock says that nobody is at it.
        if folder.exists():
            job.log.write(f"removing what an interrupted job left in {folder}")
            self._made.remove(folder)
        self._made.begin(folder)
        try:
            job.begin(FIND)
            todo = Installation(job, environ=self._environ, python=self._python)
            self._fill(todo, order)
            facts = self._test(job, order)
            self._made.finish(folder, {"mlflow": facts.mlflow})
            # Last: nothing can fail any more that would leave a kernel without its environment.
            name = self._register(job, order, facts) if order.is_kernel else None
        except BaseException:
            self._clear_away(job, folder)
            raise
        return {
            "name": folder.name,
            "executable": facts.executable,
            "prefix": facts.prefix,
            "version": facts.mlflow,
            "mlflow": facts.mlflow,
            "python": facts.python,
            "kernel_name": name,
            "commands": todo.commands,
        }

    def _fill(self, todo: Installation, order: EnvironmentOrder) -> None:
        """Make the environment in the empty folder, and install."""
        uv = find_uv(self._environ)
        if uv is None:
            self._with_venv(todo, order)
            return
        try:
            self._with_uv(todo, uv, order)
        except Problem as problem:
            if problem.code != "no-registry" or not todo.pip_has_index(self._python):
                raise
            todo.job.log.write("uv does not reach the package index; trying with pip, which has settings")
            todo.commands.clear()
            self._made.empty(order.folder)
            self._with_venv(todo, order)

    def _with_uv(self, todo: Installation, uv: list[str], order: EnvironmentOrder) -> None:
        how, folder = order.mlflow, order.folder
        python = order.python or self._fitting(how)
        if order.python is not None:
            self._check_fits(order.python, how)
        dated = ["--exclude-newer", how.as_of.isoformat()] if how.as_of else []
        todo.job.begin(MAKE)
        # --seed: people, and our own remedies, install into it with pip; of its time too, as it may bring
        # setuptools. --allow-existing: the folder is there already, marked as ours.
        venv = [*uv, "venv", "--seed", "--allow-existing", *dated, "--python", python or str(how.python)]
        todo.run([*venv, str(folder)], "no-python")
        todo.job.begin(INSTALL)
        target = [*uv, "pip", "install", "--python", str(environment_python(folder))]
        try:
            self._install(todo, [*target, *dated], order, () if dated else how.bounds)
        except Problem as problem:
            if not dated or problem.code not in ("no-such-version", "no-such-package"):
                raise
            # A late patch release, a package of later years, or an index that tells no dates.
            todo.job.log.write("not found as of that day; trying with known limits instead")
            self._install(todo, target, order, how.bounds)

    def _with_venv(self, todo: Installation, order: EnvironmentOrder) -> None:
        how = order.mlflow
        python = order.python or self._fitting(how)
        if python is None:
            raise Problem(
                "no-python",
                f"This MLflow needs a Python {how.python}, and none was found on this machine.",
                "Install uv (pip install uv), which fetches a fitting one, or choose a newer MLflow.",
            )
        self._check_fits(python, how)
        todo.job.begin(MAKE)
        pip = todo.make_venv(python, order.folder)
        todo.job.begin(INSTALL)
        self._install(todo, pip, order, how.bounds)

    def _install(
        self, todo: Installation, command: list[str], order: EnvironmentOrder, bounds: Sequence[str] = ()
    ) -> None:
        file, cwd = [], None
        if order.requirements is not None:
            # Its relative paths count from where it stands.
            file, cwd = ["-r", str(order.requirements)], order.requirements.parent
        todo.run([*command, *order.wanted, *bounds, *file], "install-failed", cwd=cwd)

    def _fitting(self, how: Recipe) -> str | None:
        """An interpreter that MLflow was made for: Jupyter's own, or the newest of the others."""
        own = self._facts(self._python)
        if own is not None and how.python.contains(own.python):
            return self._python
        fitting = (facts for facts in self._other_pythons() if how.python.contains(facts.python))
        return next((facts.executable for facts in fitting), None)

    def _check_fits(self, python: str, how: Recipe) -> None:
        facts = self._facts(python)
        if facts is None or not how.python.contains(facts.python):
            found = f"is {facts.python}" if facts is not None else "does not run"
            raise Problem(
                "no-python",
                f"This MLflow needs a Python {how.python}; the one at {python} {found}.",
                "Choose another Python, or another version of MLflow.",
            )

    def _test(self, job: Job, order: EnvironmentOrder) -> InterpreterFacts:
        job.begin(TEST)
        python = str(environment_python(order.folder))
        work = job.folder / "cwd"  # an SQLite client makes an mlruns folder where it stands
        work.mkdir(exist_ok=True)
        modules = ["ipykernel.kernelapp"] if order.is_kernel else ["mlflow.server"]
        code, _ = job.run(
            [python, "-c", _SMOKE_TEST, *modules], env=install_environ(self._environ, python), cwd=work
        )
        facts = self._facts(python)
        if code != 0 or facts is None or facts.mlflow is None:
            raise Problem(
                "environment-broken",
                "MLflow was installed but does not work there, so the environment was removed again.",
                "The end of the log tells why; another version of MLflow may work.",
            )
        is_2 = Version(facts.mlflow).major < 3 and sys.platform != "win32"
        if is_2 and not (order.folder / "bin" / "gunicorn").exists():
            raise Problem(
                "environment-broken", "gunicorn is missing there.", "Choose a newer version of MLflow."
            )
        return facts

    def _register(self, job: Job, order: EnvironmentOrder, facts: InterpreterFacts) -> str:
        job.begin(REGISTER)
        name, shown = self._kernels().add(facts, name=order.folder.name, display_name=order.display_name)
        job.log.write(f"kernel “{shown}” ({name})")
        return name

    def _clear_away(self, job: Job, folder: Path) -> None:
        try:
            self._made.remove(folder)
        except OSError as error:
            job.log.write(f"{folder} could not be removed: {error}; the next job of this name will")

    def _kernels(self) -> KernelRegistry:
        if self._registry is None:
            raise Problem(
                "kernels-restricted",
                "Kernels cannot be added to this Jupyter server.",
                "Ask its administrator for a kernel with MLflow.",
                status=403,
            )
        return self._registry

    @staticmethod
    def _facts(python: str) -> InterpreterFacts | None:
        try:
            return memory.ask(python)
        except NotAnswered:
            return None
