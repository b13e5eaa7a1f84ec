"""What waits to be sent, durably: the queue's rows in the ledger, and what has become of each."""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

from ..problems import Problem
from .execution import Execution, read_execution

State = Literal["waiting", "sent", "kept", "refused", "dropped"]

Answer = TypeVar("Answer")

#: Seconds that an execution waits for facts and outputs which come after its end, and for git.
LATE_S = 5.0
#: And one of a kernel without a Jupyter server for its cell, which is found when all has run.
HEADLESS_S = 86400.0

#: Nobody has named the cell, and it has not been looked for yet.
_NO_CELL = "(e.cell_id IS NULL AND e.slots NOT LIKE '%\"matched\":%')"
#: Seconds; `?2` are the usual ones.
_WAITS = f"(CASE WHEN {_NO_CELL} AND e.kernel_id LIKE 'headless-%' THEN {HEADLESS_S} ELSE ?2 END)"
_READY = (
    "(q.attempts > 0 OR q.frozen IS NOT NULL OR e.slots LIKE '%\"gone\":%'"
    f" OR q.added + {_WAITS} <= ?1"
    f" OR (NOT {_NO_CELL} AND e.slots LIKE '%\"idle\":%' AND e.slots LIKE '%\"end\":%'"
    "     AND (e.slots NOT LIKE '%\"asks\":%' OR e.slots LIKE '%\"git\":%')))"
)
#: What was dropped when its run had been made already is taken back.
_LATER = (
    "(q.state IN ('sent', 'kept') AND q.files = 'waiting')"
    " OR (q.state = 'dropped' AND (q.run_id IS NOT NULL OR q.frozen IS NOT NULL))"
)
_DUE = f"((q.state = 'waiting' AND {_READY}) OR {_LATER})"
#: Values: ids of the servers that there are, as JSON.
_MOVABLE = (
    "(q.state = 'refused' OR (q.state = 'waiting'"
    " AND json_extract(q.target, '$.server_id') NOT IN (SELECT value FROM json_each(?))))"
)
#: Of what is frozen, that which it takes to end the run of the session.
_OF_THE_SESSION = ("parent", "experiment", "adopts")
_OF = "FROM queue q JOIN executions e ON e.id = q.execution_id"
#: With what was moved to another place, whose run at the old one is still to be taken back.
_ALL = "FROM queue q LEFT JOIN executions e ON e.id = q.execution_id"


@dataclass(frozen=True)
class Entry:
    """A row of the queue."""

    execution_id: str
    state: State
    attempts: int
    #: what was decided at the first attempt, and stays so
    frozen: Mapping[str, Any] | None
    run_id: str | None
    #: "waiting": its artifacts still are to be sent
    files: str | None


class Writes(Protocol):
    """A ledger, perhaps one that is opened when it is needed."""

    def write(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """See `Ledger.write`."""


class ShippingQueue:
    """Blocks, like the ledger."""

    def __init__(self, ledger: Writes, *, late_s: float = LATE_S) -> None:
        self._ledger = ledger
        self._late_s = late_s

    def servers(self, now: float) -> list[str]:
        """Ids of the tracking servers for which something is due."""
        query = (
            f"SELECT DISTINCT json_extract(q.target, '$.server_id') {_ALL} WHERE q.next_at <= ?1 AND {_DUE}"
        )
        rows = self._ledger.write(lambda db: db.execute(query, (now, self._late_s)).fetchall())
        return [str(server_id) for (server_id,) in rows]

    def due(self, server_id: str, now: float, limit: int) -> list[str]:
        """Executions to be sent there now, the oldest first; those whose files alone are missing at last."""
        query = (
            f"SELECT q.execution_id {_ALL} WHERE json_extract(q.target, '$.server_id') IS ?3"
            f" AND q.next_at <= ?1 AND {_DUE} ORDER BY q.state != 'waiting', e.pos LIMIT ?4"
        )
        values = (now, self._late_s, server_id, limit)
        return [row[0] for row in self._ledger.write(lambda db: db.execute(query, values).fetchall())]

    def next_time(self, now: float) -> float | None:
        """When something is due next; None while nothing waits."""
        query = (
            f"SELECT min(CASE WHEN {_READY} THEN q.next_at ELSE max(q.next_at, q.added + {_WAITS}) END)"
            f" {_ALL} WHERE q.state = 'waiting' OR {_LATER}"
        )

        def read(db: sqlite3.Connection) -> float | None:
            (soonest,) = db.execute(query, (now, self._late_s)).fetchone()
            (check,) = db.execute("SELECT min(next_check) FROM made_runs").fetchone()
            times = [each for each in (soonest, check) if each is not None]
            return min(times) if times else None

        return self._ledger.write(read)

    def without_server(self) -> list[str]:
        """Tracking URIs, as kernels without a Jupyter server told them, of servers that nobody knew then."""
        query = (
            "SELECT DISTINCT json_extract(target, '$.uri') FROM queue WHERE state = 'waiting'"
            " AND json_extract(target, '$.server_id') = ''"
        )
        return [str(uri) for (uri,) in self._ledger.write(lambda db: db.execute(query).fetchall()) if uri]

    def set_server(self, uri: str, server_id: str) -> None:
        """It is known now."""
        self._ledger.write(
            lambda db: db.execute(
                "UPDATE queue SET target = json_set(target, '$.server_id', ?), next_at = 0"
                " WHERE state = 'waiting' AND json_extract(target, '$.server_id') = ''"
                " AND json_extract(target, '$.uri') = ?",
                (server_id, uri),
            )
        )

    def read(self, execution_id: str) -> tuple[Entry, Execution] | None:
        """None for what was deleted meanwhile."""

        def work(db: sqlite3.Connection) -> tuple[Entry, Callable[[], Execution]] | None:
            entry = _entry(db, execution_id)
            execution = read_execution(db, execution_id) if entry is not None else None
            return (entry, execution) if entry is not None and execution is not None else None

        found = self._ledger.write(work)
        return (found[0], found[1]()) if found is not None else None

    def entry(self, execution_id: str) -> Entry | None:
        """Also of what was deleted when some of it had been sent."""
        return self._ledger.write(lambda db: _entry(db, execution_id))

    def execution(self, execution_id: str) -> Execution | None:
        """Also one that does not wait."""
        read = self._ledger.write(lambda db: read_execution(db, execution_id))
        return read() if read is not None else None

    def freeze(self, execution_id: str, frozen: Mapping[str, Any]) -> bool:
        """What is sent, from the first attempt on; False if it was dropped or deleted."""
        return self._set(execution_id, frozen=json.dumps(frozen))

    def set_run(self, execution_id: str, run_id: str) -> bool:
        """The run that its data go into; False if it was dropped or deleted."""
        return self._set(execution_id, run_id=run_id)

    def acknowledge(
        self, execution_id: str, *, state: State = "sent", problem: Problem | None = None
    ) -> bool:
        """All of it is there, but perhaps for its files."""
        reason = json.dumps(problem.to_json()) if problem is not None else None
        return self._set(execution_id, state=state, since=time.time(), reason=reason, attempts=0)

    def keep_files(self, execution_id: str, problem: Problem, next_at: float) -> bool:
        """Its artifacts stay here until then."""
        reason = json.dumps(problem.to_json())
        return self._set(execution_id, files="waiting", reason=reason, next_at=next_at)

    def taken_back(self, execution_id: str) -> bool:
        """Nothing of it is on the server any more."""

        def work(db: sqlite3.Connection) -> bool:
            query = (
                "DELETE FROM queue WHERE execution_id = ?1 AND state = 'dropped' AND NOT EXISTS"
                " (SELECT 1 FROM executions WHERE id = ?1 AND status != 'deleted')"
            )
            if db.execute(query, (execution_id,)).rowcount:
                return True
            query = (
                "UPDATE queue SET run_id = NULL, frozen = NULL WHERE execution_id = ? AND state = 'dropped'"
            )
            return db.execute(query, (execution_id,)).rowcount > 0

        return self._ledger.write(work)

    def files_sent(self, execution_id: str) -> bool:
        """Nothing of it is missing."""
        return self._set(execution_id, files=None, reason=None)

    def put_off(self, execution_id: str, problem: Problem, next_at: float, *, counts: bool) -> bool:
        """Not now. `counts`: it was tried."""
        return self._ledger.write(
            lambda db: (
                db.execute(
                    "UPDATE queue SET reason = ?, next_at = ?, attempts = attempts + ?"
                    " WHERE execution_id = ?",
                    (json.dumps(problem.to_json()), next_at, int(counts), execution_id),
                ).rowcount
                > 0
            )
        )

    def refuse(self, execution_id: str, problem: Problem) -> bool:
        """The server does not want it. It stays here until somebody sends it again or drops it."""
        return self._set(
            execution_id, state="refused", since=time.time(), reason=json.dumps(problem.to_json())
        )

    def resend(self, execution_id: str | None) -> int:
        """Try what was refused, and artifacts that stayed here, at once; None: all of them. How many."""
        query = (
            "UPDATE queue SET next_at = 0, attempts = 0, reason = NULL,"
            " state = CASE WHEN files IS NULL THEN 'waiting' ELSE state END"
            " WHERE (state IN ('refused', 'kept', 'dropped') OR files = 'waiting' OR state = 'waiting')"
            " AND execution_id IN (SELECT id FROM executions WHERE status != 'deleted')"
        )
        return self._change(query, execution_id, "state != 'dropped'")

    def drop(self, execution_id: str | None) -> int:
        """Never send what waits or was refused; None: all that was refused. How many."""
        query = (
            "UPDATE queue SET state = CASE WHEN state IN ('sent', 'kept') THEN state ELSE 'dropped' END,"
            " files = NULL WHERE (state IN ('waiting', 'refused') OR files = 'waiting')"
        )
        return self._change(query, execution_id, "state = 'refused'")

    def movable(self, notebook_id: str, known_servers: Collection[str]) -> list[str]:
        """Of a notebook what was refused, and what waits for a server that is not there any more."""
        query = (
            f"SELECT q.execution_id {_OF} WHERE e.notebook_id = ? AND e.status != 'deleted' AND {_MOVABLE}"
            " ORDER BY e.pos"
        )
        values = (notebook_id, json.dumps(list(known_servers)))
        return [row[0] for row in self._ledger.write(lambda db: db.execute(query, values).fetchall())]

    def redirect(
        self,
        execution_id: str,
        target: Mapping[str, str],
        known_servers: Collection[str],
        leave: Callable[[sqlite3.Connection], None],
    ) -> int:
        """Send it to another place instead; 0 unless it is `movable`.

        What was made of it at the old place becomes a row of its own in the queue, which is to be taken back.

        :param leave: called, within the same transaction, when the old place is left
        """

        def work(db: sqlite3.Connection) -> int:
            query = (
                f"SELECT q.target, q.frozen, q.run_id {_OF}"
                f" WHERE q.execution_id = ? AND e.status != 'deleted' AND {_MOVABLE}"
            )
            row = db.execute(query, (execution_id, json.dumps(list(known_servers)))).fetchone()
            if row is None:
                return 0
            before, frozen, run_id = row
            is_elsewhere = any(json.loads(before).get(name) != value for name, value in target.items())
            if is_elsewhere and (frozen or run_id):
                kept = {name: json.loads(frozen or "{}").get(name) for name in _OF_THE_SESSION}
                id, left = f"{execution_id} (moved {uuid.uuid4().hex})", json.dumps(kept) if frozen else None
                db.execute(
                    "INSERT INTO queue (execution_id, target, state, added, frozen, run_id)"
                    " VALUES (?, ?, 'dropped', ?, ?, ?)",
                    (id, before, time.time(), left, run_id),
                )
            if is_elsewhere:
                leave(db)
                db.execute(
                    "UPDATE queue SET target = ?, frozen = NULL, run_id = NULL, files = NULL"
                    " WHERE execution_id = ?",
                    (json.dumps(target), execution_id),
                )
                db.execute(
                    "UPDATE executions SET target = ? WHERE id = ?", (json.dumps(target), execution_id)
                )
            db.execute(
                "UPDATE queue SET state = 'waiting', attempts = 0, next_at = 0, reason = NULL"
                " WHERE execution_id = ?",
                (execution_id,),
            )
            return 1

        return self._ledger.write(work)

    def wake(self, server_id: str) -> None:
        """Forget how long is to be waited for a server."""
        self._ledger.write(
            lambda db: db.execute(
                "UPDATE queue SET next_at = 0 WHERE state = 'waiting'"
                " AND json_extract(target, '$.server_id') IS ?",
                (server_id,),
            )
        )

    def summary(self, notebook_id: str | None = None) -> dict[str, Any]:
        """The answer of GET `sending`."""
        wheres, values = ["q.state IN ('waiting', 'refused') OR q.files = 'waiting'"], []
        if notebook_id is not None:
            wheres.append("e.notebook_id = ?")
            values.append(notebook_id)
        query = (
            "SELECT q.execution_id, q.state, q.files, q.reason, q.attempts, coalesce(q.since, q.added)"
            f" {_OF} WHERE {' AND '.join(f'({each})' for each in wheres)} ORDER BY e.pos"
        )
        rows = self._ledger.write(lambda db: db.execute(query, values).fetchall())
        entries = [
            {
                "execution_id": id,
                "state": state,
                "reason": json.loads(reason) if reason else None,
                "attempts": attempts,
                "since": since,
            }
            for id, state, _, reason, attempts, since in rows
        ]
        waiting = [each for each in entries if each["state"] == "waiting"]
        return {
            "waiting": len(waiting),
            "reason": next((each["reason"] for each in waiting if each["reason"]), None),
            "refused": [each for each in entries if each["state"] == "refused"],
            "files": [each for each in entries if each["state"] in ("sent", "kept")],
        }

    def _set(self, execution_id: str, **columns: Any) -> bool:
        # Names of columns are those of this file. What was dropped while it was sent is taken back.
        assignments = ", ".join(f"{name} = ?" for name in columns)
        query = f"UPDATE queue SET {assignments} WHERE execution_id = ? AND state != 'dropped'"  # noqa: S608
        values = (*columns.values(), execution_id)
        return self._ledger.write(lambda db: db.execute(query, values).rowcount > 0)

    def _change(self, query: str, execution_id: str | None, otherwise: str) -> int:
        condition, values = (
            (" AND execution_id = ?", (execution_id,))
            if execution_id is not None
            else (f" AND {otherwise}", ())
        )
        work: Callable[[sqlite3.Connection], int] = lambda db: db.execute(query + condition, values).rowcount  # noqa: E731
        return self._ledger.write(work)


def _entry(db: sqlite3.Connection, execution_id: str) -> Entry | None:
    row = db.execute(
        "SELECT state, attempts, frozen, run_id, files FROM queue WHERE execution_id = ?", (execution_id,)
    ).fetchone()
    if row is None:
        return None
    state, attempts, frozen, run_id, files = row
    return Entry(execution_id, state, attempts, json.loads(frozen) if frozen else None, run_id, files)
