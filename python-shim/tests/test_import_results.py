"""For how long the result of a thorough check holds."""

from __future__ import annotations

from typing import Any

import pytest
from jupyter_mlflow.server.kernels.import_results import ImportMemory

BROKEN = {"ok": False, "seconds": 0.1, "error": {"type": "ImportError", "message": "no", "module": "yaml"}}
FACTS: dict[str, Any] = {
    "pid": 1,
    "executable": "/env/bin/python",
    "mlflow": {"spec": "module", "imported": None},
    "packages": {"numpy": "2.0"},
    "env": {"PATH": "/bin"},
}


def tried() -> ImportMemory:
    memory = ImportMemory()
    assert memory.take(BROKEN, FACTS, 0)
    return memory


def test_it_holds_while_the_process_says_the_same() -> None:
    memory = tried()
    memory.compare(dict(FACTS))
    memory.compare({**FACTS, "env": {"PATH": "/other"}, "cwd": "/tmp"})
    assert memory.result == BROKEN


@pytest.mark.parametrize(
    "change",
    [
        {"pid": 2},
        {"packages": {"numpy": "1.26"}},
        {"mlflow": {"spec": "none", "imported": None}},
        {"mlflow": {"spec": "module", "imported": {"version": "3.1.0", "file": "/f"}}},
    ],
    ids=["another process", "other packages", "MLflow removed", "the kernel has imported it"],
)
def test_it_is_void_when_the_kernel_says_something_else(change: dict[str, Any]) -> None:
    memory = tried()
    memory.compare({**FACTS, **change})
    assert memory.result is None


def test_one_that_was_under_way_when_something_changed_is_not_believed() -> None:
    memory = ImportMemory()
    began = memory.generation
    memory.forget()
    assert not memory.take(BROKEN, FACTS, began)
    assert memory.result is None
