"""Facts about an execution become its row in the ledger, and a place in the queue where it is to be sent."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .reducer import Fact, Row, join, reduce

#: Characters of one cell's source that are kept.
MAX_SOURCE = 8 * 1024 * 1024


@dataclass(frozen=True)
class Origin:
    """Where executions come from, and what was wanted of them when they ran."""

    kernel_id: str
    notebook_id: str | None = None
    path: str | None = None
    language: str | None = None
    keep: bool = True
    send: str = "nothing"
    #: `{"server_id", "experiment"}`
    target: Mapping[str, Any] | None = None
    #: name of the kernelspec
    kernel: str | None = None


@dataclass(frozen=True)
class Change:
    """An execution is another one now."""

    execution_id: str
    kernel_id: str
    notebook_id: str | None
    cell_id: str | None
    status: str
    #: whether it is in the queue now
    waits: bool = False
    #: whether nothing was known of it before
    is_new: bool = False


class Intern(Protocol):
    """Keeps a text once."""

    def __call__(self, db: sqlite3.Connection, text: str, *, searched: bool = False) -> str:
        """Its hash."""


def fold(
    db: sqlite3.Connection,
    intern: Intern,
    origin: Origin,
    id: str,
    facts: Sequence[Fact],
    changes: list[Change],
) -> bool:
    """Take in what is told of one execution; False if it belongs to another kernel.

    :param changes: what is another one then is added to it
    """
    known = db.execute(
        "SELECT kernel_id, slots, status, cell_id, notebook_id FROM executions WHERE id = ?", (id,)
    ).fetchone()
    if known is not None and known[0] != origin.kernel_id:
        return False
    if known is not None and known[2] == "deleted":
        return True
    slots: Mapping[str, Mapping[str, Any]] = json.loads(known[1]) if known is not None else {}
    for fact in facts:
        slots = join(slots, {fact.slot: _without_source(db, intern, fact.value)})
    row = reduce(slots)
    values = (
        row.process,
        int(row.has_begun),
        row.status,
        row.started,
        row.ended,
        row.cell_id,
        row.source,
        json.dumps(slots, sort_keys=True),
    )
    if known is None:
        db.execute(
            "INSERT INTO executions (id, kernel_id, notebook_id, path, language, keep, send, target,"
            " process, shown, status, started, ended, cell_id, source, slots)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                id,
                origin.kernel_id,
                origin.notebook_id,
                origin.path,
                origin.language,
                int(origin.keep),
                origin.send,
                json.dumps(origin.target) if origin.target else None,
                *values,
            ),
        )
        if origin.kernel:
            # The kernel may be gone when it is asked for.
            db.execute(
                "INSERT OR IGNORE INTO kernels (id, name) VALUES (?, ?)",
                (origin.kernel_id, origin.kernel),
            )
    else:
        db.execute(
            "UPDATE executions SET process = ?, shown = ?, status = ?, started = ?, ended = ?,"
            " cell_id = ?, source = ?, slots = ? WHERE id = ?",
            (*values, id),
        )
    waits = row.status != "running" and row.has_begun and enqueue(db, id, row)
    has_runs = any(fact.slot == "runs" for fact in facts)
    if known is None or (known[2], known[3]) != (row.status, row.cell_id) or waits or has_runs:
        notebook = origin.notebook_id if known is None else known[4]
        is_new = known is None
        changes.append(Change(id, origin.kernel_id, notebook, row.cell_id, row.status, waits, is_new))
    return True


def enqueue(db: sqlite3.Connection, id: str, row: Row) -> bool:
    """What is to be sent waits, durably, from the moment that it ended; whether it is new in the queue."""
    wanted = db.execute("SELECT send, target FROM executions WHERE id = ?", (id,)).fetchone()
    send, target = wanted
    is_wanted = send == "all" or (send == "runs" and row.runs) or (send == "tagged" and row.tagged)
    if not is_wanted or not target:
        return False
    added = db.execute(
        "INSERT OR IGNORE INTO queue (execution_id, target, added) VALUES (?, ?, ?)",
        (id, target, time.time()),
    )
    return added.rowcount > 0


def _without_source(db: sqlite3.Connection, intern: Intern, value: Mapping[str, Any]) -> Mapping[str, Any]:
    source = value.get("source")
    if not isinstance(source, str):
        return value
    rest = {name: each for name, each in value.items() if name != "source"}
    cut = len(source) - MAX_SOURCE
    if cut > 0:
        source = f"{source[:MAX_SOURCE]}\n# … {cut} characters cut"
        rest["cut"] = cut
    return {**rest, "src": intern(db, source, searched=True)}
