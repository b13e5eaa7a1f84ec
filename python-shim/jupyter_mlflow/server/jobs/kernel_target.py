"""The interpreter that a job is for: a kernel's, or one that the person chose, checked before it is used."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import psutil

from ..environments.interpreter_facts import InterpreterFacts, NotAnswered, ask
from ..problems import Problem


@dataclass(frozen=True)
class KernelSaid:
    """What is known of a kernel. Its facts come from the kernel itself, which need not tell the truth."""

    reach: str
    facts: Mapping[str, Any] | None
    #: of the process that Jupyter started; None where that is not known
    pid: int | None
    #: of its `ImportMemory`
    generation: int = 0


#: From a kernel's id to what is known of it; None for one that is not.
SaidBy = Callable[[str], KernelSaid | None]


@dataclass(frozen=True)
class KernelTarget:
    """A kernel of this machine whose interpreter was found to be what the kernel says."""

    interpreter: InterpreterFacts
    cwd: str | None
    path: tuple[str, ...]
    #: the variables that its process was started with; None where they cannot be read
    env: Mapping[str, str] | None
    #: what it said, and the generation of its `ImportMemory` then
    said: Mapping[str, Any]
    generation: int


class Targets:
    """Finds the interpreter that a request names."""

    def __init__(self, said_by: SaidBy) -> None:
        self._said_by = said_by

    def interpreter(self, body: Mapping[str, Any]) -> InterpreterFacts:
        """Of `{kernel_id?, executable?}`. Blocks.

        :raises Problem: see `kernel`; `invalid-python`
        """
        if body.get("kernel_id") is not None:
            return self.kernel(body["kernel_id"]).interpreter
        return chosen_interpreter(body.get("executable"))

    def kernel(self, id: Any) -> KernelTarget:
        """Of a running kernel. Blocks.

        :raises Problem: `kernel-unknown` (409), `kernel-remote` (409), `kernel-untrue` (409)
        """
        said = self._said_by(id) if isinstance(id, str) else None
        if said is None or (said.reach == "local" and said.facts is None):
            raise Problem(
                "kernel-unknown",
                "This kernel has not said which interpreter it is.",
                "Wait until it is idle, or restart it, and try again.",
                status=409,
            )
        if said.reach != "local":
            raise Problem(
                "kernel-remote",
                "This kernel runs on another machine, where Jupyter can install nothing.",
                "Run %pip install in a cell of the notebook instead.",
                status=409,
            )
        facts = said.facts or {}
        return KernelTarget(
            interpreter=_confirmed(facts),
            cwd=_folder(facts.get("cwd")),
            path=tuple(str(entry) for entry in facts.get("path") or ()),
            env=_environ(facts.get("pid"), said.pid),
            said=facts,
            generation=said.generation,
        )


def chosen_interpreter(value: Any) -> InterpreterFacts:
    """An interpreter by the path of its file. Blocks.

    :raises Problem: `invalid-python`
    """
    hint = "Choose one of the list, or give the whole path of its file."
    if not isinstance(value, str) or not os.path.isabs(value) or not os.path.isfile(value):
        raise Problem("invalid-python", f"There is no Python at “{str(value)[:120]}”.", hint)
    try:
        return ask(value, isolated=True)
    except NotAnswered as error:
        raise Problem("invalid-python", f"{value} cannot be used. {error}", hint) from None


def _confirmed(facts: Mapping[str, Any]) -> InterpreterFacts:
    executable, prefix = facts.get("executable"), facts.get("prefix")
    hint = "Restart the kernel; if it happens again, choose another one."
    if isinstance(executable, str) and os.path.isabs(executable) and os.path.isfile(executable):
        try:
            found = ask(executable, isolated=True)
        except NotAnswered as error:
            raise Problem(
                "kernel-untrue", f"The kernel's interpreter cannot be used. {error}", hint, status=409
            ) from None
        if isinstance(prefix, str) and os.path.realpath(found.prefix) == os.path.realpath(prefix):
            return found
    raise Problem("kernel-untrue", "The kernel names an interpreter that is not its own.", hint, status=409)


def _folder(value: Any) -> str | None:
    return value if isinstance(value, str) and os.path.isabs(value) and os.path.isdir(value) else None


def _environ(said: Any, started: int | None) -> Mapping[str, str] | None:
    """The variables of the kernel's process: the one that Jupyter started, or one below it (a runner's)."""
    if started is None:
        return None
    with contextlib.suppress(psutil.Error, OSError):
        process = psutil.Process(started)
        if isinstance(said, int) and said != started:
            below = {child.pid: child for child in process.children(recursive=True)}
            process = below.get(said, process)
        environ: dict[str, str] = process.environ()
        return environ
    return None
