"""The jobs on kernelspecs: "register-kernel", "repair-kernel" and "remove-kernel"."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..environments.environments import memory
from ..environments.interpreter_facts import InterpreterFacts, NotAnswered
from ..environments.kernel_registry import MARK, KernelRegistry, kernel_json
from ..environments.kernelspecs import OWN_NAMES, Kernelspec, check_kernelspec, read_kernelspec
from ..environments.made_environments import MadeEnvironments
from ..problems import Problem
from ..processes.leases import FileLock
from .environment_order import read_display_name, read_name
from .install_job import PackageInstaller, check_may_install
from .jobs import Job, Work
from .kernel_target import chosen_interpreter

INSTALL, REGISTER, REPAIR, TEST, REMOVE = (
    "Install ipykernel",
    "Add it to the kernels",
    "Write its kernel.json",
    "Test it",
    "Remove it",
)


class KernelspecJobs:
    """Changes kernelspecs, each under the lock of its environment; never one silently for another."""

    def __init__(
        self,
        registry: KernelRegistry,
        made: MadeEnvironments,
        installer: PackageInstaller,
        *,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._registry = registry
        self._made = made
        self._installer = installer
        self._environ = environ

    def register(self, body: Mapping[str, Any]) -> tuple[tuple[str, ...], Work]:
        """`{executable, name?, display_name?, consent?}`; an environment without ipykernel gets it.

        :raises Problem: `kernels-restricted` (403), `invalid-name`, `invalid-display-name`,
            `invalid-python`; see `check_may_install`; `environment-busy` (409)
        """
        self._registry.check_may_add()
        display_name = read_display_name(body.get("display_name"))
        facts = chosen_interpreter(body.get("executable"))
        name = read_name(body.get("name"), _name_of(facts))
        needs_ipykernel, lock = self._prepare(facts, body)

        def work(job: Job) -> dict[str, Any]:
            with _held(lock):
                if needs_ipykernel:
                    job.begin(INSTALL)
                    self._installer.install(job, facts, ["ipykernel"])
                job.begin(REGISTER)
                found, shown = self._registry.add(_current(facts), name=name, display_name=display_name)
                return {"kernel_name": found, "display_name": shown}

        return (*([INSTALL] if needs_ipykernel else []), REGISTER), work

    def repair(self, body: Mapping[str, Any]) -> tuple[tuple[str, ...], Work]:
        """`{kernel_name, executable?, consent?}`; the old kernel.json is kept beside the new one.

        :raises Problem: `unknown-kernelspec` (404), `not-removable` (409), `needs-executable` (409),
            `invalid-python`; see `check_may_install`; `environment-busy` (409)
        """
        folder = self._registry.find(body.get("kernel_name"))
        spec = read_kernelspec(folder)
        chosen = body.get("executable") or self._interpreter_of(spec)
        facts = chosen_interpreter(chosen)
        wanted = _mended(folder, spec, facts)
        changes = wanted.get("argv") != list(spec.argv)
        if changes:
            self._check_writable(folder)
        needs_ipykernel, lock = self._prepare(facts, body)

        def work(job: Job) -> dict[str, Any]:
            with _held(lock):
                if needs_ipykernel:
                    job.begin(INSTALL)
                    self._installer.install(job, facts, ["ipykernel"])
                kept: Path | None = None
                if changes:
                    job.begin(REPAIR)
                    kept = self._registry.replace(folder, wanted)
                    job.log.write(f"the old kernel.json is {kept}")
                job.begin(TEST)
                self._test(folder, kept)
                return {"kernel_name": spec.name}

        return (
            *([INSTALL] if needs_ipykernel else []),
            *([REPAIR] if changes else []),
            TEST,
        ), work

    def remove(self, body: Mapping[str, Any]) -> tuple[tuple[str, ...], Work]:
        """`{kernel_name, resource_dir?}`; its kernel.json stays readable in the job's log.

        :raises Problem: `unknown-kernelspec` (404), `not-removable` (409)
        """
        folder = self._registry.find(body.get("kernel_name"), body.get("resource_dir"))
        self._check_writable(folder)

        def work(job: Job) -> dict[str, Any]:
            job.begin(REMOVE)
            with contextlib.suppress(OSError, UnicodeDecodeError):
                job.log.write(f"{folder / 'kernel.json'} was:")
                for line in (folder / "kernel.json").read_text(encoding="utf-8").splitlines():
                    job.log.write(line)
            self._registry.remove(folder)
            return {"kernel_name": folder.name.lower()}

        return (REMOVE,), work

    def _prepare(self, facts: InterpreterFacts, body: Mapping[str, Any]) -> tuple[bool, FileLock]:
        """Whether ipykernel must be installed, which is checked to be allowed; and the environment's lock."""
        needs_ipykernel = _current(facts).ipykernel is None
        if needs_ipykernel:
            check_may_install(facts, body.get("consent"))
        return needs_ipykernel, self._made.lock(facts.prefix)

    def _interpreter_of(self, spec: Kernelspec) -> str:
        """The interpreter that the kernelspec means, if that can be said for certain."""
        executable = spec.executable(self._environ)
        if executable is not None and os.path.isfile(executable):
            return executable
        if executable is not None:
            # Another name of it: a new minor version of Python in the same environment.
            for name in ("python", "python3"):
                other = os.path.join(os.path.dirname(executable), name)
                if os.path.isfile(other):
                    return other
        raise Problem(
            "needs-executable",
            f"It is not known which interpreter the kernel “{spec.display_name}” should start.",
            "Choose one for it.",
            status=409,
        )

    def _check_writable(self, folder: Path) -> None:
        if not self._registry.is_removable(folder):
            raise Problem(
                "not-removable",
                f"The kernelspec in {folder} belongs to the system or to a package, or cannot be written.",
                "Register the interpreter under a name of your own instead.",
                status=409,
            )

    def _test(self, folder: Path, kept: Path | None) -> None:
        memory.forget()
        spec, _ = check_kernelspec(read_kernelspec(folder), memory, self._environ)
        if spec.problem is None or spec.problem == "bare-python":
            return
        if kept is not None:
            os.replace(kept, folder / "kernel.json")
        raise Problem(
            "kernel-still-broken",
            f"The kernel would still not start: {spec.detail}",
            "Choose another interpreter for it; nothing of it was changed.",
        )


def _mended(folder: Path, spec: Kernelspec, facts: InterpreterFacts) -> dict[str, Any]:
    """The kernel.json that starts this interpreter, with all else that the old one says."""
    fresh = kernel_json(facts, spec.display_name)
    try:
        old = json.loads((folder / "kernel.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return fresh
    if not isinstance(old, dict) or not spec.argv:
        return fresh
    argv = [facts.executable, *spec.argv[1:]] if spec.runs_ipykernel else fresh["argv"]
    if spec.argv[0] not in OWN_NAMES and spec.executable({}) == facts.executable:
        argv = list(spec.argv)
    mended = {**old, "argv": argv, "language": "python"}
    if MARK in (old.get("metadata") or {}):
        # Its variables are ours, too, and name the environment that was meant before.
        mended |= {"env": fresh.get("env", {}), "metadata": fresh["metadata"]}
    return mended


def _current(facts: InterpreterFacts) -> InterpreterFacts:
    """With what its kernels would find, packages of the user too."""
    try:
        return memory.ask(facts.executable)
    except NotAnswered:
        return facts


def _name_of(facts: InterpreterFacts) -> str:
    version = ".".join(facts.python.split(".")[:2])
    name = Path(facts.prefix).name if facts.is_virtual or facts.conda else f"python{version}"
    return "".join(each if each.isascii() and (each.isalnum() or each in "._-") else "-" for each in name)


@contextlib.contextmanager
def _held(lock: FileLock) -> Iterator[None]:
    try:
        yield
    finally:
        lock.release()
