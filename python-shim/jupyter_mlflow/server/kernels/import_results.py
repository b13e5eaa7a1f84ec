"""What thorough checks of a kernel's import of MLflow have found, for as long as that holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: What is told of a check: docs/architecture.md.
ImportResult = Mapping[str, Any]


@dataclass
class ImportMemory:
    """The last check of one kernel process. Void when the process, its packages or its imports are others."""

    #: counts what made earlier checks void, so that one that was under way meanwhile is not believed
    generation: int = 0
    result: ImportResult | None = None
    #: of the facts that the check was made for
    _of: str | None = None

    def take(self, result: ImportResult, facts: Mapping[str, Any], generation: int) -> bool:
        """Keep a result; False for one that came too late.

        :param facts: what the kernel said when the check began
        :param generation: as it was then
        """
        if generation != self.generation:
            return False
        self.result, self._of = result, _fingerprint(facts)
        return True

    def compare(self, facts: Mapping[str, Any]) -> None:
        """The kernel has answered: is the result still about what it says?"""
        if self.result is not None and self._of != _fingerprint(facts):
            self.forget()

    def forget(self) -> None:
        """Another process, or other packages."""
        self.generation += 1
        self.result = self._of = None


def _fingerprint(facts: Mapping[str, Any]) -> str:
    """The process, what MLflow is there, whether it has been imported by now, and packages that it uses."""
    parts = [facts.get(name) for name in ("pid", "executable", "mlflow", "packages")]
    return json.dumps(parts, sort_keys=True, default=repr)
