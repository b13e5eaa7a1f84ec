"""All interpreters and kernelspecs of this machine, as the page lists them."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..coalescing import Coalescing
from ..jobs.environment_order import default_folder
from .environments import environment_python, find_uv
from .interpreter_facts import FactsMemory, InterpreterFacts, NotAnswered
from .interpreter_search import distinct, environments_in, pythons_of_machine
from .kernel_registry import KernelRegistry
from .kernelspecs import Kernelspec, check_kernelspec, list_kernelspecs
from .made_environments import MadeEnvironments
from .workspace_environments import read_environment

#: How many interpreters are asked at the same time.
AT_ONCE = 4

CheckedSpec = tuple[Kernelspec, InterpreterFacts | None]


@dataclass
class FoundInterpreter:
    """An interpreter of the list."""

    facts: InterpreterFacts | None
    executable: str
    prefix: str
    #: why there are no facts
    problem: str | None = None
    kernelspecs: list[str] = field(default_factory=list)


class Machine:
    """Finds what is there; nothing of it is taken from the network, nothing blocks the event loop."""

    def __init__(
        self,
        *,
        root_dir: Path,
        made: MadeEnvironments,
        registry: KernelRegistry,
        memory: FactsMemory,
        jobs_enabled: bool = True,
        environ: Mapping[str, str] = os.environ,
        search: Callable[[Mapping[str, str]], Iterable[str]] = pythons_of_machine,
    ) -> None:
        """
        :param root_dir: Jupyter's root, in which environments are looked for, too
        :param search: the installed interpreters, some perhaps twice
        """
        self._root_dir = root_dir
        self._made = made
        self._registry = registry
        self._memory = memory
        self._jobs_enabled = jobs_enabled
        self._environ = environ
        self._search = search
        self._questions: Coalescing[dict[str, Any]] = Coalescing()

    async def describe(self, *, fresh: bool = False) -> dict[str, Any]:
        """The answer of GET `environments`.

        :param fresh: ask every interpreter anew, also where nothing seems to have changed
        """
        if fresh:
            self._memory.forget()
        return await self._questions.ask(fresh, self._describe)

    async def _describe(self) -> dict[str, Any]:
        specs = await list_kernelspecs(self._registry)
        checked, found = await asyncio.to_thread(self._ask_all, specs)
        uv = await asyncio.to_thread(find_uv, self._environ)
        return {
            "interpreters": [self._interpreter_json(each) for each in found],
            "kernelspecs": [self._kernelspec_json(spec, facts) for spec, facts in checked],
            "uv": uv is not None,
            "uv_command": uv,
            "folder": str(default_folder(self._root_dir, self._made)),
            "reach": "local" if self._registry.is_local else "gateway",
            "jobs": self._jobs_enabled,
        }

    def interpreters(self) -> list[InterpreterFacts]:
        """Installed interpreters that work, the newest Python first. Blocks."""
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            found = [
                each.facts
                for each in pool.map(self._ask, distinct(self._search(self._environ)))
                if each.facts is not None
            ]
        usable = [facts for facts in _once(found) if not facts.is_virtual]
        return sorted(usable, key=lambda facts: _version(facts.python), reverse=True)

    def _ask_all(self, specs: Sequence[Kernelspec]) -> tuple[list[CheckedSpec], list[FoundInterpreter]]:
        made = [str(environment_python(folder)) for folder in self._made.all()]
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            checks = pool.map(self._check, specs)
            answers = list(pool.map(self._ask, distinct([*made, *self._search(self._environ)])))
            checked = list(checks)
        found: dict[str, FoundInterpreter] = {}
        for each in answers:
            # One prefix, one entry: python3.11 and python3 of /usr/bin are one.
            if each.facts is not None or each.executable in made:
                found.setdefault(_key(each.prefix), each)
        for spec, facts in checked:
            if facts is not None:
                entry = FoundInterpreter(facts, facts.executable, facts.prefix)
                found.setdefault(_key(facts.prefix), entry).kernelspecs.append(spec.name)
        for folder in environments_in(self._root_dir):
            # Not run: it may have come with a downloaded project.
            if _key(str(folder)) not in found and not self._made.is_left_over(folder):
                found[_key(str(folder))] = _read(folder)
        return checked, list(found.values())

    def _check(self, spec: Kernelspec) -> CheckedSpec:
        # The paths of a gateway's kernelspecs are those of another machine.
        if not self._registry.is_local:
            return spec, None
        return check_kernelspec(spec, self._memory, self._environ)

    def _ask(self, executable: str) -> FoundInterpreter:
        try:
            facts = self._memory.ask(executable)
        except NotAnswered as error:
            prefix = os.path.dirname(os.path.dirname(executable))
            return FoundInterpreter(None, executable, prefix, str(error))
        return FoundInterpreter(facts, facts.executable, facts.prefix)

    def _interpreter_json(self, found: FoundInterpreter) -> dict[str, Any]:
        facts = found.facts
        is_ours = self._made.is_ready(Path(found.prefix))
        runs_jupyter = _key(found.prefix) == _key(sys.prefix)
        return {
            "executable": found.executable,
            "prefix": found.prefix,
            "base_prefix": facts.base_prefix if facts else found.prefix,
            "python": facts.python if facts else None,
            "mlflow": facts.mlflow if facts else None,
            "distribution": facts.distribution if facts else None,
            "ipykernel": facts.ipykernel if facts else None,
            "ipywidgets": facts.ipywidgets if facts else None,
            "pip": bool(facts and facts.pip),
            "writable": bool(facts and facts.writable),
            "externally_managed": bool(facts and facts.externally_managed),
            "conda": bool(facts and facts.conda),
            "kind": "ours" if is_ours else _kind(facts),
            "problem": found.problem or _too_old(facts),
            "kernelspecs": found.kernelspecs,
            "removable": is_ours and not runs_jupyter,
            "runs_jupyter": runs_jupyter,
        }

    def _kernelspec_json(self, spec: Kernelspec, facts: InterpreterFacts | None) -> dict[str, Any]:
        return {
            "name": spec.name,
            "display_name": spec.display_name,
            "language": spec.language,
            "argv": list(spec.argv),
            "resource_dir": spec.resource_dir,
            "executable": spec.executable(self._environ) if self._registry.is_local else None,
            "prefix": facts.prefix if facts else None,
            "python": facts.python if facts else None,
            "mlflow": facts.mlflow if facts else None,
            "ipykernel": facts.ipykernel if facts else None,
            "problem": spec.problem,
            "detail": spec.detail,
            "removable": self._registry.is_removable(Path(spec.resource_dir)),
        }


def _read(folder: Path) -> FoundInterpreter:
    python = str(environment_python(folder))
    try:
        return FoundInterpreter(read_environment(folder), python, str(folder))
    except (NotAnswered, OSError) as error:
        return FoundInterpreter(None, python, str(folder), str(error))


def _kind(facts: InterpreterFacts | None) -> str:
    if facts is None:
        return "venv"
    if facts.conda:
        return "conda"
    return "venv" if facts.is_virtual else "system"


def _too_old(facts: InterpreterFacts | None) -> str | None:
    if facts is None or _version(facts.python) >= (3, 8):
        return None
    return f"Python {facts.python} is too old for MLflow and for the kernels of today."


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())


def _once(found: Iterable[InterpreterFacts]) -> list[InterpreterFacts]:
    distinct: dict[str, InterpreterFacts] = {}
    for facts in found:
        distinct.setdefault(_key(facts.prefix), facts)
    return list(distinct.values())


def _key(prefix: str) -> str:
    """An environment's identity. Two links to one folder are one; two environments of one base are two."""
    return os.path.normcase(os.path.realpath(prefix))
