"""How long to wait before trying again."""

from __future__ import annotations

import random
from dataclasses import dataclass

from ..problems import Problem

FIRST_S, LONGEST_S = 1.0, 300.0
#: For artifacts that no way is open for: somebody has to do something first.
FILES_FIRST_S, FILES_LONGEST_S = 600.0, 86_400.0


def backoff(attempts: int, *, first: float = FIRST_S, longest: float = LONGEST_S) -> float:
    """Seconds: twice as long each time, and by chance up to a half more, so that not all come at once."""
    return float(min(longest, first * 2 ** min(attempts, 30)) * random.uniform(1.0, 1.5))  # noqa: S311


@dataclass
class Pause:
    """A server that is left alone for a while."""

    until: float = 0.0
    failures: int = 0
    problem: Problem | None = None
