"""Kernelspecs: what Jupyter shows, what it hides, and whether each can start."""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import re
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from string import Template
from typing import Any, Literal

from .interpreter_facts import FactsMemory, InterpreterFacts, NotAnswered
from .kernel_registry import KernelRegistry

KernelspecProblem = Literal["stale", "bare-python", "no-ipykernel", "broken-json", "shadowed", "check-failed"]
#: jupyter_client starts its own interpreter for these, whatever PATH says.
OWN_NAMES = ("python", f"python{sys.version_info[0]}", "python{}.{}".format(*sys.version_info[:2]))
_PYTHON = re.compile(r"^python(\d+(\.\d+)?)?w?(\.exe)?$", re.IGNORECASE)
_MODULES = ("ipykernel_launcher", "ipykernel")


@dataclass(frozen=True)
class Kernelspec:
    """A kernelspec as Jupyter reads it, before its interpreter is asked."""

    name: str
    display_name: str
    language: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    resource_dir: str
    problem: KernelspecProblem | None = None
    detail: str | None = None

    @property
    def is_python(self) -> bool:
        """Whether ipykernel runs it: other kernels of Python have other needs."""
        return self.language.lower() == "python" and self.runs_ipykernel

    @property
    def runs_ipykernel(self) -> bool:
        """Whether `argv` is an interpreter, its options, and ipykernel. A runner (conda, pixi) is not."""
        if not self.argv or not _PYTHON.match(Path(self.argv[0]).name):
            return False
        words = list(self.argv[1:])
        return "-m" in words[:-1] and words[words.index("-m") + 1] in _MODULES

    @property
    def is_bare(self) -> bool:
        """Whether the interpreter is named without a path."""
        return bool(self.argv) and not os.path.dirname(self.argv[0])

    def environ(self, environ: Mapping[str, str]) -> dict[str, str]:
        """The variables that its kernel is started with, as jupyter_client makes them."""
        more = {name: Template(value).safe_substitute(environ) for name, value in self.env.items()}
        return {**environ, **more}

    def executable(self, environ: Mapping[str, str]) -> str | None:
        """The interpreter that jupyter_client would start, None where that is not told by `argv`."""
        if not self.runs_ipykernel:
            return None
        program = self.argv[0].replace("{prefix}", sys.prefix).replace("{resource_dir}", self.resource_dir)
        if program in OWN_NAMES:
            return os.path.abspath(sys.executable)
        if os.path.isabs(program):
            return program
        return shutil.which(program, path=self.environ(environ).get("PATH", os.defpath))


async def list_kernelspecs(registry: KernelRegistry) -> list[Kernelspec]:
    """All that Jupyter shows, and beside them those of its folders that are broken or hidden by others."""
    manager = registry.manager
    shown = await asyncio.to_thread(manager.get_all_specs)
    if inspect.isawaitable(shown):
        shown = await shown
    return await asyncio.to_thread(_with_hidden, registry, shown)


def _with_hidden(registry: KernelRegistry, shown: Mapping[str, Any]) -> list[Kernelspec]:
    found = {name: _read_shown(name, entry) for name, entry in shown.items()}
    allowed = getattr(registry.manager, "allowed_kernelspecs", None)
    hidden: list[Kernelspec] = []
    winners: dict[str, str] = {}
    for folder in registry.folders:
        for entry in _entries(folder):
            name = entry.name.lower()
            if not (entry / "kernel.json").is_file() or (allowed and name not in allowed):
                continue
            winner = winners.setdefault(name, str(entry))
            spec = read_kernelspec(entry)
            if _same(winner, str(entry)):
                # Jupyter leaves out what it cannot read, or takes it for something; its log alone says so.
                if spec.problem is not None:
                    found[name] = spec
            elif spec.problem is None:
                detail = f"The kernelspec of the same name in {winner} comes first."
                hidden.append(replace(spec, problem="shadowed", detail=detail))
    return [*(found[name] for name in sorted(found)), *hidden]


def read_kernelspec(folder: Path) -> Kernelspec:
    """The kernelspec in `folder`; one that Jupyter cannot read has the problem `broken-json`."""
    name = folder.name.lower()
    try:
        data = json.loads((folder / "kernel.json").read_text(encoding="utf-8"))
        if not isinstance(data, dict):
            raise ValueError("it holds no object")
        argv = data.get("argv", [])
        if not isinstance(argv, list) or not argv or not all(isinstance(word, str) for word in argv):
            raise ValueError("its “argv” is no list of words")
        return _read_shown(name, {"resource_dir": str(folder), "spec": data})
    except (OSError, ValueError) as error:
        return Kernelspec(
            name, name, "", (), {}, str(folder), "broken-json", f"kernel.json cannot be read: {error}."
        )


def _read_shown(name: str, entry: Mapping[str, Any]) -> Kernelspec:
    spec = entry.get("spec") or {}
    env = spec.get("env") or {}
    return Kernelspec(
        name=name,
        display_name=str(spec.get("display_name") or name),
        language=str(spec.get("language") or ""),
        argv=tuple(str(word) for word in spec.get("argv") or ()),
        env={str(key): str(value) for key, value in env.items()} if isinstance(env, dict) else {},
        resource_dir=str(entry.get("resource_dir") or ""),
    )


def check_kernelspec(
    spec: Kernelspec, memory: FactsMemory, environ: Mapping[str, str]
) -> tuple[Kernelspec, InterpreterFacts | None]:
    """Say what keeps the kernel from starting, proved by running its interpreter. Blocks.

    :return: the kernelspec with its problem, and what its interpreter says with the kernel's own variables
    """
    if not spec.is_python or spec.problem == "broken-json":
        return spec, None
    executable = spec.executable(environ)
    if executable is None:
        return _troubled(spec, "check-failed", f"There is no {spec.argv[0]} on the PATH."), None
    if not os.path.exists(executable):
        return _troubled(spec, "stale", f"There is no {executable} any more."), None
    try:
        facts = memory.ask(executable, spec.environ(environ))
    except NotAnswered as error:
        return _troubled(spec, "check-failed", str(error)), None
    if facts.ipykernel is None:
        spec = _troubled(spec, "no-ipykernel", f"{executable} has no package ipykernel.")
    elif spec.argv[0] in OWN_NAMES and not _belongs(spec, facts):
        spec = _troubled(
            spec, "bare-python", f"Its “{spec.argv[0]}” starts Jupyter’s own interpreter, {executable}."
        )
    return spec, facts


def _troubled(spec: Kernelspec, problem: KernelspecProblem, detail: str) -> Kernelspec:
    return spec if spec.problem is not None else replace(spec, problem=problem, detail=detail)


def _belongs(spec: Kernelspec, facts: InterpreterFacts) -> bool:
    """Whether it is the one that comes with ipykernel: it stands in the environment that it starts."""
    folder = os.path.realpath(spec.resource_dir)
    return spec.name == "python3" or any(
        Path(folder).is_relative_to(os.path.realpath(prefix)) for prefix in (facts.prefix, facts.base_prefix)
    )


def _same(one: str, other: str) -> bool:
    return os.path.normcase(os.path.realpath(one)) == os.path.normcase(os.path.realpath(other))


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
