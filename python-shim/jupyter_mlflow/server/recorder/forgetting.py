"""Executions lose their content, and texts that nothing refers to go with it."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable

from .ledger_file import SEARCHED


def forget(db: sqlite3.Connection, ids: list[str], has_index: bool) -> int:
    """A row without content stays for a while: facts that are on their way would bring it back."""

    def change() -> None:
        for id in ids:
            _unqueue(db, id)
            db.execute(
                "UPDATE executions SET shown = 0, status = 'deleted', slots = '{}', source = NULL,"
                " cell_id = NULL, path = NULL, ended = ? WHERE id = ?",
                (time.time(), id),
            )

    _release(db, ids, has_index, change)
    return len(ids)


def empty(db: sqlite3.Connection, ids: list[str], has_index: bool) -> int:
    """When it ran, how it ended and as which run it was sent stays; code, outputs and messages go."""

    def change() -> None:
        for id in ids:
            (slots,) = db.execute("SELECT slots FROM executions WHERE id = ?", (id,)).fetchone()
            left = {
                slot: {name: each for name, each in value.items() if name not in ("src", "evalue")}
                for slot, value in json.loads(slots).items()
            }
            db.execute(
                "UPDATE executions SET slots = ?, source = NULL, output_bytes = 0, cut_bytes = 0"
                " WHERE id = ?",
                (json.dumps(left, sort_keys=True), id),
            )
            db.execute("UPDATE queue SET frozen = NULL WHERE execution_id = ?", (id,))

    _release(db, ids, has_index, change)
    return len(ids)


def _release(db: sqlite3.Connection, ids: list[str], has_index: bool, change: Callable[[], None]) -> None:
    """Take the outputs away, and after `change` every text that nothing refers to any more."""
    hashes: set[str] = set()
    for id in ids:
        hashes |= {row[0] for row in db.execute("SELECT hash FROM outputs WHERE execution_id = ?", (id,))}
        hashes |= {
            row[0] for row in db.execute("SELECT source FROM executions WHERE id = ?", (id,)) if row[0]
        }
        db.execute("DELETE FROM outputs WHERE execution_id = ?", (id,))
    change()
    unused = (
        "hash = ?1 AND NOT EXISTS (SELECT 1 FROM outputs WHERE hash = ?1)"
        " AND NOT EXISTS (SELECT 1 FROM executions WHERE source = ?1)"
    )
    for hash in hashes:
        if has_index:
            text = f"SELECT 'delete', number, substr(text, 1, ?2) FROM blobs WHERE searched = 1 AND {unused}"  # noqa: S608
            db.execute(f"INSERT INTO searched (searched, rowid, text) {text}", (hash, SEARCHED))
        db.execute(f"DELETE FROM blobs WHERE {unused}", (hash,))  # noqa: S608


def _unqueue(db: sqlite3.Connection, id: str) -> None:
    """Of what was being sent stays what it takes to take it back: the run, the experiment, and the run of the
    session, which tells nothing of the cell."""
    db.execute(
        "UPDATE queue SET state = 'dropped', files = NULL, reason = NULL, next_at = 0, frozen = json_object("
        "'parent', json_extract(frozen, '$.parent'), 'experiment', json_extract(frozen, '$.experiment'),"
        " 'adopts', json_extract(frozen, '$.adopts'))"
        " WHERE execution_id = ? AND frozen IS NOT NULL AND state IN ('waiting', 'refused', 'dropped')",
        (id,),
    )
    db.execute("DELETE FROM queue WHERE execution_id = ? AND (state != 'dropped' OR frozen IS NULL)", (id,))


def give_back(db: sqlite3.Connection) -> None:
    """Room that is free in the file, to the disk."""
    db.execute("PRAGMA incremental_vacuum(4096)").fetchall()
