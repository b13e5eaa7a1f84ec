"""Joining executions with the events of a server that executes, whatever happens between two of them."""

from __future__ import annotations

import asyncio
from datetime import datetime, timezone
from typing import Any

import pytest
from jupyter_mlflow.server.recorder import server_executions
from jupyter_mlflow.server.recorder.server_executions import ServerExecutions


def _event(kind: str, at: float, *, cell: str = "two") -> dict[str, Any]:
    moment = datetime.fromtimestamp(at, timezone.utc).isoformat()
    return {"document_id": "d", "cell_id": cell, "event_type": f"execution_{kind}", "timestamp": moment}


@pytest.fixture(autouse=True)
def _typed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_executions, "TYPED_S", 0.0)


async def _notebook_of(document: str) -> str:
    return "n"


async def test_an_end_that_comes_while_the_document_is_asked_ends_the_execution() -> None:
    is_asked, goes_on = asyncio.Event(), asyncio.Event()

    async def source_of(document: str, cell: str) -> str:
        is_asked.set()
        await goes_on.wait()
        return "print(1)"

    known = ServerExecutions(notebook_of=_notebook_of, source_of=source_of)
    begins = asyncio.create_task(known.on_event(None, "", _event("start", 100)))
    await is_asked.wait()
    ends = asyncio.create_task(known.on_event(None, "", _event("end", 101)))
    goes_on.set()
    await asyncio.gather(begins, ends)
    assert known.cell_of("n", "print(1)", 100.5) == "two"
    # Another client's, of the same source, after that.
    assert known.cell_of("n", "print(1)", 101.5) is None
    assert known.cell_of("another", "print(1)", 100.5) is None


async def test_what_is_typed_in_the_very_moment_counts_and_a_kernel_that_died_leaves_nothing_open() -> None:
    sources = iter(["prin", "print(1)", "print(2)", "print(2)"])

    async def source_of(document: str, cell: str) -> str:
        return next(sources)

    known = ServerExecutions(notebook_of=_notebook_of, source_of=source_of)
    await known.on_event(None, "", _event("start", 100, cell="one"))
    await known.on_event(None, "", _event("start", 200))
    assert known.cell_of("n", "print(1)", 150) == "one"
    assert known.cell_of("n", "print(1)", 201) is None
    assert known.cell_of("n", "print(2)", 201) == "two"
