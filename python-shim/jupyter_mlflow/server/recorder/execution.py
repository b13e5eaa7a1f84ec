"""One execution as the ledger knows it, with its outputs, for those who send it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import gentle_json
from .history import drawn
from .reducer import Status, reduce


@dataclass(frozen=True)
class Execution:
    """Times are seconds since the epoch."""

    id: str
    kernel_id: str
    process: str | None
    notebook_id: str | None
    path: str | None
    language: str | None
    status: Status
    started: float | None
    ended: float | None
    seconds: float | None
    execution_count: int | None
    cell_id: str | None
    source: str
    source_sha256: str | None
    error: tuple[str, str] | None
    #: started by the execution itself
    runs: tuple[str, ...] = ()
    #: run id → tracking URI without login, as the kernel told it
    run_uris: Mapping[str, str] = field(default_factory=dict)
    target: Mapping[str, Any] | None = None
    #: as nbformat has them
    outputs: tuple[Mapping[str, Any], ...] = ()
    cut_bytes: int = 0
    #: name of the kernelspec
    kernel: str | None = None
    #: `{"commit", "dirty"}` of the kernel's folder, as far as it was known when the execution began
    git: Mapping[str, Any] | None = None


def read_execution(db: sqlite3.Connection, id: str) -> Callable[[], Execution] | None:
    """None for one that is not there (any more).

    :return: reads what the ledger gave, which takes long for large outputs: to be called without the ledger
    """
    row = db.execute(
        "SELECT e.kernel_id, e.process, e.notebook_id, e.path, e.language, e.slots, e.target, e.cut_bytes,"
        " b.text, k.name FROM executions e LEFT JOIN blobs b ON b.hash = e.source"
        " LEFT JOIN kernels k ON k.id = e.kernel_id"
        " WHERE e.id = ? AND e.status != 'deleted'",
        (id,),
    ).fetchone()
    if row is None:
        return None
    outputs = db.execute(
        "SELECT b.text FROM outputs o JOIN blobs b ON b.hash = o.hash WHERE o.execution_id = ?"
        " ORDER BY o.ordinal",
        (id,),
    ).fetchall()
    return lambda: _read(id, row, outputs)


def _read(id: str, row: Sequence[Any], outputs: Sequence[Sequence[str]]) -> Execution:
    kernel_id, process, notebook_id, path, language, slots, target, cut_bytes, source, kernel = row
    facts = json.loads(slots)
    known = reduce(facts)
    return Execution(
        id=id,
        kernel_id=kernel_id,
        process=process,
        notebook_id=notebook_id,
        path=path,
        language=language,
        status=known.status,
        started=known.started,
        ended=known.ended,
        seconds=known.seconds,
        execution_count=known.execution_count,
        cell_id=known.cell_id,
        source=source or "",
        source_sha256=known.source,
        error=known.error,
        runs=known.runs,
        run_uris=known.run_uris,
        target=json.loads(target) if target else None,
        outputs=tuple(drawn([gentle_json.loads(text) for (text,) in outputs])),
        cut_bytes=cut_bytes,
        kernel=kernel,
        git=facts.get("git") or facts.get("start", {}).get("git"),
    )
