"""The ledger: all facts about an execution meet here under the id of its message."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from .folding import Change, Origin, fold
from .ledger_file import SEARCHED, LedgerFile, is_damage, open_ledger, renew
from .reducer import Fact
from .salvage import take_over

#: Characters of one execution's outputs that are kept.
MAX_OUTPUTS = 32 * 1024 * 1024

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class JournalMark:
    """How far a journal has been read, and whose it is: what it takes to go on after a restart."""

    #: `<folder>/<file>` below the folder of journals
    name: str
    kernel_id: str
    offset: int
    origin: Mapping[str, Any]
    pid: int | None = None


@dataclass(frozen=True)
class Output:
    """A message that the page draws. `content` has `output_type` and what nbformat has for it."""

    execution_id: str
    message_id: str
    content: Mapping[str, Any]


class Running(NamedTuple):
    """An execution that has not ended yet."""

    id: str
    kernel_id: str
    process: str | None
    #: seconds since the epoch
    started: float | None


class Ledger:
    """SQLite in WAL mode, for one Jupyter server alone.

    Blocks, so it is not for the event loop; safe from any thread.
    """

    def __init__(self, folder: Path, *, on_damage: Callable[[Path], None] | None = None) -> None:
        """Opens it. Raises OSError, sqlite3.Error.

        :param on_damage: told where a damaged file was moved to
        """
        self._folder = folder
        self._on_damage = on_damage
        #: told what has changed, after it was written; in the thread that wrote
        self.on_change: Callable[[list[Change]], None] | None = None
        self._lock = threading.RLock()
        self._file: LedgerFile = open_ledger(folder)
        self._tell_damage()

    @property
    def path(self) -> Path:
        """Of the file."""
        return self._file.path

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._file.close()

    def add(
        self,
        origin: Origin,
        facts: Iterable[Fact] = (),
        outputs: Iterable[Output] = (),
        *,
        journal: JournalMark | None = None,
    ) -> list[str]:
        """Take facts and outputs in, all or none.

        :param journal: up to where a journal has been read, if the facts come from one
        :return: ids that were refused, as they belong to another kernel
        """
        facts, outputs = list(facts), list(outputs)
        changes: list[Change] = []

        def work(db: sqlite3.Connection) -> list[str]:
            refused = set()
            changes.clear()
            by_id: dict[str, list[Fact]] = {}
            for fact in facts:
                by_id.setdefault(fact.execution_id, []).append(fact)
            for id, about in by_id.items():
                if not fold(db, self.intern, origin, id, about, changes):
                    refused.add(id)
            for output in outputs:
                if not self._add_output(db, origin, output):
                    refused.add(output.execution_id)
            if journal is not None:
                db.execute(
                    "INSERT OR REPLACE INTO journals (name, kernel_id, origin, offset, pid)"
                    " VALUES (?, ?, ?, ?, ?)",
                    (
                        journal.name,
                        journal.kernel_id,
                        json.dumps(journal.origin),
                        journal.offset,
                        journal.pid,
                    ),
                )
            return sorted(refused)

        found = self.write(work)
        if changes and self.on_change is not None:
            self.on_change(changes)
        return found

    def write(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """Do `work` in one transaction. A damaged file is set aside, and the work done in a new one, which
        has what could still be read."""
        with self._lock:
            try:
                with self._transaction() as db:
                    return work(db)
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
            self._file = renew(self._file)
            self._tell_damage()
            with self._transaction() as db:
                return work(db)

    def intern(self, db: sqlite3.Connection, text: str, *, searched: bool = False) -> str:
        """Keep a text once; its hash.

        :param searched: it shall be found by what it holds
        """
        hash = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        text = text.encode("utf-8", "replace").decode()
        added = db.execute(
            "INSERT OR IGNORE INTO blobs (hash, size, text) VALUES (?, ?, ?)", (hash, len(text), text)
        )
        if searched and self._file.has_index and (added.rowcount or not self._is_searched(db, hash)):
            db.execute("UPDATE blobs SET searched = 1 WHERE hash = ?", (hash,))
            db.execute(
                "INSERT INTO searched (rowid, text) SELECT number, substr(text, 1, ?) FROM blobs"
                " WHERE hash = ?",
                (SEARCHED, hash),
            )
        return hash

    @property
    def has_index(self) -> bool:
        """Whether sources are indexed for the search: not every build of SQLite can."""
        return self._file.has_index

    def running(self) -> list[Running]:
        """What has not ended yet."""
        query = "SELECT id, kernel_id, process, started FROM executions WHERE status = 'running'"
        return self.write(lambda db: [Running(*row) for row in db.execute(query)])

    def sources(self, kernel_id: str) -> list[tuple[str, str, float | None]]:
        """`(id, source, started)` of what a kernel ran, in that order."""
        query = (
            "SELECT e.id, coalesce(b.text, ''), e.started"
            " FROM executions e LEFT JOIN blobs b ON b.hash = e.source"
            " WHERE e.kernel_id = ? AND e.shown = 1 ORDER BY e.started, e.pos"
        )
        return self.write(lambda db: db.execute(query, (kernel_id,)).fetchall())

    def place(self, kernel_id: str, notebook_id: str | None, path: str) -> None:
        """It has turned out which notebook a kernel ran."""
        self.write(
            lambda db: db.execute(
                "UPDATE executions SET notebook_id = ?, path = ? WHERE kernel_id = ? AND notebook_id IS NULL",
                (notebook_id, path, kernel_id),
            )
        )

    def journal_marks(self) -> dict[str, JournalMark]:
        """How far journals have been read."""
        rows = self.write(
            lambda db: db.execute("SELECT name, kernel_id, offset, origin, pid FROM journals").fetchall()
        )
        return {
            name: JournalMark(name, kernel, offset, json.loads(origin), pid)
            for name, kernel, offset, origin, pid in rows
        }

    def forget_journal(self, name: str) -> None:
        """It is gone."""
        self.write(lambda db: db.execute("DELETE FROM journals WHERE name = ?", (name,)))

    @staticmethod
    def _is_searched(db: sqlite3.Connection, hash: str) -> bool:
        return bool(db.execute("SELECT searched FROM blobs WHERE hash = ?", (hash,)).fetchone()[0])

    def _add_output(self, db: sqlite3.Connection, origin: Origin, output: Output) -> bool:
        known = db.execute(
            "SELECT kernel_id, status, output_bytes FROM executions WHERE id = ?", (output.execution_id,)
        ).fetchone()
        if known is None or known[0] != origin.kernel_id:
            return False
        if known[1] == "deleted":
            return True
        key = (output.execution_id, output.message_id)
        if db.execute("SELECT 1 FROM outputs WHERE execution_id = ? AND message_id = ?", key).fetchone():
            return True
        content, size, cut = _within(output.content, MAX_OUTPUTS - known[2])
        if content is not None:
            (ordinal,) = db.execute(
                "SELECT coalesce(max(ordinal), 0) + 1 FROM outputs WHERE execution_id = ?",
                (output.execution_id,),
            ).fetchone()
            hash = self.intern(db, json.dumps(content, sort_keys=True))
            db.execute("INSERT INTO outputs VALUES (?, ?, ?, ?)", (key[0], ordinal, key[1], hash))
        db.execute(
            "UPDATE executions SET output_bytes = output_bytes + ?, cut_bytes = cut_bytes + ? WHERE id = ?",
            (size, cut, output.execution_id),
        )
        return True

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        db = self._file.connection
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
            db.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                db.execute("ROLLBACK")
            raise

    def _tell_damage(self) -> None:
        aside = self._file.set_aside
        if aside is not None:
            self._file = replace(self._file, set_aside=None)
            # A disk that is full, or a file of which nothing can be read: then the new one begins empty.
            with contextlib.suppress(OSError, sqlite3.Error), self._transaction() as db:
                take_over(aside, db, has_index=self._file.has_index)
            if self._on_damage is not None:
                self._on_damage(aside)


def _within(content: Mapping[str, Any], room: int) -> tuple[Mapping[str, Any] | None, int, int]:
    """What of an output fits in, its size and what was cut. Text is cut within, anything else as a whole."""
    text = content.get("text")
    size = len(text) if isinstance(text, str) else len(json.dumps(content))
    if size <= room:
        return content, size, 0
    if isinstance(text, str) and room > 0:
        return {**content, "text": text[:room]}, room, size - room
    return None, 0, size
