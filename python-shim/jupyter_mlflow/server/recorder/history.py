"""What the ledger tells of executions, and deleting them."""

from __future__ import annotations

import base64
import json
import sqlite3
import time
from collections.abc import Sequence
from typing import Any

from ..problems import Problem
from . import gentle_json
from .forgetting import empty, forget, give_back
from .ledger import Ledger
from .ledger_file import SEARCHED
from .reducer import reduce

PAGE = 100
STATUSES = ("running", "ok", "error", "interrupted", "killed", "unknown")
#: Seconds after which an execution that was deleted while it ran sends no facts any more.
FORGET_DELETED_S = 86400.0
#: Seconds that an execution which is only to be sent may wait for facts that come late.
UNKEPT_S = 60.0
#: Rows in one transaction of the clean-up: others wait for it.
_AT_ONCE = 500

#: Sources that a search takes from the index; what more hold is read from the newest on, as it comes soon.
_FEW = 2000

_Values = list[str | float]

_COLUMNS = (
    "e.pos, e.id, e.kernel_id, e.notebook_id, e.path, e.language, e.slots, e.output_bytes, e.cut_bytes,"
    " e.keep, e.send, e.target, b.text, q.state, q.run_id"
)
#: What is to be kept, and what was to be sent alone: of that, once it is sent, no more than the line stays.
_SHOWN = "e.shown = 1 AND (e.keep = 1 OR q.state IS NOT NULL)"
_FROM = "executions e LEFT JOIN blobs b ON b.hash = e.source LEFT JOIN queue q ON q.execution_id = e.id"


class History:
    """Reads a ledger. Blocks."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def list(
        self,
        *,
        notebook_id: str | None = None,
        status: str | None = None,
        text: str | None = None,
        cell_id: str | None = None,
        cursor: str | None = None,
        limit: int = PAGE,
    ) -> dict[str, Any]:
        """A page of executions, the newest first: `{"executions", "next"}`.

        :param text: in the source, letters of either case
        :raises Problem: `invalid-request`
        """
        wheres = [_SHOWN]
        values: _Values = []
        for column, value in (("notebook_id", notebook_id), ("cell_id", cell_id), ("status", status)):
            if value is not None:
                wheres.append(f"e.{column} = ?")
                values.append(value)
        if text:
            wheres.append("instr(lower(b.text), lower(?)) > 0")
            values.append(text)
            wheres.append(self._candidates(text))
        if cursor is not None:
            wheres.append("(e.started, e.pos) < (?, ?)")
            values.extend(_read_cursor(cursor))
        # Only constants of this file are put together here.
        query = (
            f"SELECT {_COLUMNS} FROM {_FROM} WHERE {' AND '.join(wheres)}"  # noqa: S608
            " ORDER BY e.started DESC, e.pos DESC LIMIT ?"
        )
        rows = self._ledger.write(lambda db: db.execute(query, (*values, limit + 1)).fetchall())
        found = [_describe(row) for row in rows[:limit]]
        last = rows[limit - 1] if len(rows) > limit else None
        return {
            "executions": found,
            "next": _cursor(found[-1]["started"], last[0]) if last is not None else None,
        }

    def _candidates(self, text: str) -> str:
        """A condition that the index knows: it leaves few sources to look into, or says nothing."""
        grams = {text[at : at + 3] for at in range(len(text) - 2)}
        if not grams or not self._ledger.has_index:
            return "1"
        words = " ".join('"{}"'.format(gram.replace('"', '""')) for gram in sorted(grams)[:64])
        query = "SELECT rowid FROM searched WHERE searched MATCH ? LIMIT ?"
        found = self._ledger.write(lambda db: db.execute(query, (words, _FEW + 1)).fetchall())
        if len(found) > _FEW:
            return "1"
        numbers = ",".join(str(int(number)) for (number,) in found)
        long = f"SELECT hash FROM blobs WHERE size > {SEARCHED} AND searched = 1"  # noqa: S608
        return f"e.source IN (SELECT hash FROM blobs WHERE number IN ({numbers}) UNION ALL {long})"  # noqa: S608

    def get(self, id: str) -> dict[str, Any]:
        """:raises Problem: `unknown-execution` (404)"""
        query = f"SELECT {_COLUMNS} FROM {_FROM} WHERE e.id = ? AND {_SHOWN}"  # noqa: S608
        row = self._ledger.write(lambda db: db.execute(query, (id,)).fetchone())
        if row is None:
            raise Problem(
                "unknown-execution",
                "This execution is not kept here (any more).",
                "Reload the history.",
                status=404,
            )
        return _describe(row)

    def outputs(self, id: str) -> dict[str, Any]:
        """As nbformat has them: `{"outputs", "cut_bytes"}`. Raises like `get`."""
        known = self.get(id)
        rows = self._ledger.write(
            lambda db: db.execute(
                "SELECT b.text FROM outputs o JOIN blobs b ON b.hash = o.hash WHERE o.execution_id = ?"
                " ORDER BY o.ordinal",
                (id,),
            ).fetchall()
        )
        found = drawn([gentle_json.loads(text) for (text,) in rows])
        return {"outputs": found, "cut_bytes": known["cut_bytes"]}

    def delete(
        self, *, id: str | None = None, notebook_id: str | None = None, cell_id: str | None = None
    ) -> int:
        """Forget executions, all of them without a condition; how many. What waits to be sent is not sent."""
        wheres, values = ["shown = 1"], []
        for column, value in (("id", id), ("notebook_id", notebook_id), ("cell_id", cell_id)):
            if value is not None:
                wheres.append(f"{column} = ?")
                values.append(value)
        deleted = 0
        query = f"SELECT id FROM executions WHERE {' AND '.join(wheres)} LIMIT {_AT_ONCE}"  # noqa: S608
        while True:
            gone = self._forget(query, values)
            deleted += gone
            if gone < _AT_ONCE:
                self._ledger.write(give_back)
                return deleted

    def clean(self, *, days: float, max_bytes: int, now: float | None = None) -> int:
        """Forget what is older than `days`, and the oldest while the ledger is larger; how many.

        What has not been sent yet, and what runs, stays; what a server has refused stays as long as the rest.
        What was to be sent and not to be kept loses its content once it is sent.
        """
        now = time.time() if now is None else now
        free = (
            "SELECT id FROM executions WHERE shown = 1 AND status != 'running' AND id NOT IN"
            " (SELECT execution_id FROM queue WHERE state = 'waiting' OR files IN ('waiting', 'kept'))"
        )
        unkept = (
            "(keep = 0 AND ended < ? AND id NOT IN"
            " (SELECT execution_id FROM queue WHERE state IN ('refused', 'kept', 'sent')))"
        )
        emptied = (
            "SELECT id FROM executions WHERE shown = 1 AND keep = 0 AND ended < ?"
            " AND (source IS NOT NULL OR output_bytes > 0 OR slots LIKE '%\"evalue\":%') AND id IN"
            " (SELECT execution_id FROM queue WHERE state = 'sent' AND files IS NULL) LIMIT ?"
        )
        ended = f"{free} AND (coalesce(ended, started, 0) < ? OR {unkept}) LIMIT {_AT_ONCE}"
        oldest = f"{free} ORDER BY started LIMIT {_AT_ONCE}"
        forgotten = 0
        too_old = (now - 86400 * days, now - UNKEPT_S)
        while self._empty(emptied, (now - UNKEPT_S, _AT_ONCE)):
            pass
        while True:
            gone = self._forget(ended, too_old)
            if gone == 0 and self.bytes() > max_bytes:
                gone = self._forget(oldest, ())
            forgotten += gone
            if gone == 0:
                break
        self._ledger.write(
            lambda db: db.execute(
                "DELETE FROM executions WHERE shown = 0 AND coalesce(ended, 0) < ?"
                " AND id NOT IN (SELECT execution_id FROM queue)",
                (now - FORGET_DELETED_S,),
            )
        )
        self._ledger.write(give_back)
        return forgotten

    def _forget(self, query: str, values: Sequence[str | float]) -> int:
        has_index = self._ledger.has_index
        return self._ledger.write(
            lambda db: forget(db, [row[0] for row in db.execute(query, values)], has_index)
        )

    def _empty(self, query: str, values: Sequence[str | float]) -> int:
        has_index = self._ledger.has_index
        return self._ledger.write(
            lambda db: empty(db, [row[0] for row in db.execute(query, values)], has_index)
        )

    def bytes(self) -> int:
        """What the ledger's content takes."""

        def size(db: sqlite3.Connection) -> int:
            pages, free, each = (
                db.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("page_count", "freelist_count", "page_size")
            )
            return int((pages - free) * each)

        return self._ledger.write(size)

    def unsent(self, notebook_id: str | None = None) -> int:
        """How many executions wait to be sent."""
        query = (
            "SELECT count(*) FROM queue q JOIN executions e ON e.id = q.execution_id"
            " WHERE q.state = 'waiting'"
        )
        values: tuple[str, ...] = ()
        if notebook_id is not None:
            query, values = query + " AND e.notebook_id = ?", (notebook_id,)
        return int(self._ledger.write(lambda db: db.execute(query, values).fetchone()[0]))

    def unsent_and_refused(self, notebook_id: str) -> tuple[int, int]:
        """How many executions of a notebook wait to be sent, and how many were refused."""
        query = (
            "SELECT q.state, count(*) FROM queue q JOIN executions e ON e.id = q.execution_id"
            " WHERE q.state IN ('waiting', 'refused') AND e.notebook_id = ? GROUP BY q.state"
        )
        found = dict(self._ledger.write(lambda db: db.execute(query, (notebook_id,)).fetchall()))
        return found.get("waiting", 0), found.get("refused", 0)


def drawn(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a notebook shows after these messages: cleared outputs are gone, displays are as updated last."""
    shown: list[dict[str, Any]] = []
    clear_next = False
    for message in messages:
        kind = message.get("output_type")
        if kind == "clear_output":
            clear_next = bool(message.get("wait"))
            if not clear_next:
                shown.clear()
            continue
        display = (message.get("transient") or {}).get("display_id")
        if kind == "update_display_data":
            for each in shown:
                if display is not None and (each.get("transient") or {}).get("display_id") == display:
                    each.update(data=message.get("data"), metadata=message.get("metadata"))
            continue
        if clear_next:
            shown.clear()
            clear_next = False
        last = shown[-1] if shown else None
        if (
            kind == "stream"
            and last is not None
            and (last["output_type"], last["name"])
            == (
                "stream",
                message["name"],
            )
        ):
            last["text"] += message["text"]
        else:
            shown.append(dict(message))
    return [{name: value for name, value in each.items() if name != "transient"} for each in shown]


def _describe(row: Any) -> dict[str, Any]:
    _, id, kernel_id, notebook_id, path, language, slots, output_bytes, cut_bytes = row[:9]
    keep, send, target, source, sending, sent_run = row[9:]
    known = reduce(json.loads(slots))
    return {
        "id": id,
        "kernel_id": kernel_id,
        "process": known.process,
        "notebook_id": notebook_id,
        "path": path,
        "language": language,
        "status": known.status,
        "started": known.started,
        "ended": known.ended,
        "seconds": known.seconds,
        "execution_count": known.execution_count,
        "cell_id": known.cell_id,
        "source": source,
        "source_sha256": known.source,
        "error": {"name": known.error[0], "message": known.error[1]} if known.error else None,
        "runs": list(known.runs),
        "run_uris": dict(known.run_uris),
        "capture": known.capture,
        "output_bytes": output_bytes,
        "cut_bytes": cut_bytes,
        "keep": bool(keep),
        "send": send,
        "target": json.loads(target) if target else None,
        "sending": sending,
        "sent_run": sent_run,
    }


def _cursor(started: float | None, pos: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([started, pos]).encode()).decode()


def _read_cursor(cursor: str) -> tuple[float, int]:
    try:
        started, pos = json.loads(base64.urlsafe_b64decode(cursor))
        return float(started), int(pos)
    except (ValueError, TypeError):
        raise Problem("invalid-request", "This is no place in the history.", "Reload the history.") from None
