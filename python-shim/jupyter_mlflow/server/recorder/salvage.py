"""What can still be read of a damaged ledger goes over into the new one.

Journals do not hold what they had been read for long ago: what waits to be sent would be lost with the file,
and what was sent would have to be looked for.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .folding import enqueue
from .ledger_file import FORM, SEARCHED
from .reducer import reduce

#: Tables and the order of their pages. Journals are read from their beginning once more, so not their marks.
_ORDERS = {
    "kernels": ("id",),
    "blobs": ("number",),
    "executions": ("pos",),
    "outputs": ("execution_id", "message_id"),
    "queue": ("rowid",),
    "made_runs": ("key", "server_id", "experiment_id"),
}
#: Columns in which a page that is damaged within may have left what is no JSON.
_JSON = {"executions": ("slots", "target"), "queue": ("target", "frozen", "reason")}

#: As SQLite writes it for a file like ours, see https://sqlite.org/fileformat.html.
_MAGIC = b"SQLite format 3\0"
_HEADER = ">16sHBBBBBB12I20xII"


def take_over(aside: Path, db: sqlite3.Connection, *, has_index: bool) -> None:
    """Within the caller's transaction. The file that was set aside stays as it is.

    :param db: a ledger with nothing in it
    """
    copy = aside.with_name("being-read.db")
    try:
        # Its write-ahead log holds what was written last, and reading it changes both.
        for suffix in ("", "-wal"):
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(f"{aside}{suffix}", f"{copy}{suffix}")
        (page_size,) = db.execute("PRAGMA page_size").fetchone()
        with contextlib.closing(_readable(copy, page_size)) as damaged:
            whole = {table: _copy(damaged, db, table) for table in _ORDERS}
    finally:
        for suffix in ("", "-wal"):
            Path(f"{copy}{suffix}").unlink(missing_ok=True)
    for table, columns in _JSON.items():
        for column in columns:
            db.execute(f"DELETE FROM {table} WHERE NOT json_valid(coalesce({column}, '{{}}'))")  # noqa: S608
    # What was dropped is to be taken back, also without its execution; nothing else can be sent without.
    db.execute(
        "DELETE FROM queue WHERE state != 'dropped' AND execution_id NOT IN (SELECT id FROM executions)"
    )
    if not whole["queue"]:
        _enqueue_again(db)
    sources = "hash IN (SELECT source FROM executions WHERE source IS NOT NULL)"
    db.execute(f"UPDATE blobs SET searched = ? AND {sources}", (has_index,))  # noqa: S608
    if has_index:
        db.execute(
            "INSERT INTO searched (rowid, text)"
            " SELECT number, substr(text, 1, ?) FROM blobs WHERE searched = 1",
            (SEARCHED,),
        )


def _readable(file: Path, page_size: int) -> sqlite3.Connection:
    """:raises sqlite3.Error: not even its tables are known"""
    try:
        return _open(file)
    except sqlite3.DatabaseError:
        _mend_header(file, page_size)
        return _open(file)


def _open(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("SELECT name FROM sqlite_master").fetchall()
    except BaseException:
        connection.close()
        raise
    return connection


def _mend_header(file: Path, page_size: int) -> None:
    """All ledgers have the same one, but for their size and for what only those need to know who write."""
    pages = os.path.getsize(file) // page_size
    changes, cookie, schema_format, largest_root, utf8 = 1, 1, 4, 1, 1
    header = struct.pack(
        _HEADER,
        *(_MAGIC, page_size, 2, 2, 0, 64, 32, 32),
        *(changes, pages, 0, 0, cookie, schema_format, 0, largest_root, utf8, FORM, 1, 0),
        *(changes, sqlite3.sqlite_version_info[0] * 1_000_000),
    )
    with file.open("r+b") as stream:
        stream.write(header)


def _copy(damaged: sqlite3.Connection, db: sqlite3.Connection, table: str) -> bool:
    """Whether all of it was there."""
    columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    names, values = ", ".join(columns), ", ".join("?" * len(columns))
    # Nothing comes twice, and what lacks something is no row of ours.
    insert = f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({values})"  # noqa: S608
    problems: list[sqlite3.Error] = []
    # From both ends up to the page that is damaged.
    for direction in ("ASC", "DESC"):
        order = ", ".join(f"{column} {direction}" for column in _ORDERS[table])
        query = f"SELECT {names} FROM {table} ORDER BY {order}"  # noqa: S608
        for row in _read(damaged, query, problems):
            if table != "blobs" or _is_whole(*(row[columns.index(name)] for name in ("hash", "text"))):
                db.execute(insert, row)
        if not problems:
            return True
    return False


def _read(db: sqlite3.Connection, query: str, problems: list[sqlite3.Error]) -> Iterator[tuple[Any, ...]]:
    """Up to what cannot be read."""
    count = 0
    try:
        for row in db.execute(query):
            count += 1
            yield row
    except sqlite3.DatabaseError as error:
        problems.append(error)
        # Python reads one row ahead, and keeps the last good one to itself.
        with contextlib.suppress(sqlite3.DatabaseError):
            yield from db.execute(f"{query} LIMIT 1 OFFSET {count}")


def _is_whole(hash: Any, text: Any) -> bool:
    """Whether a text is the one that its name stands for."""
    return isinstance(text, str) and hashlib.sha256(text.encode()).hexdigest() == hash


def _enqueue_again(db: sqlite3.Connection) -> None:
    """Nobody knows what of it has been sent: the tracking server does."""
    rows = db.execute(
        "SELECT id, slots FROM executions WHERE shown = 1 AND status NOT IN ('running', 'deleted')"
        " AND id NOT IN (SELECT execution_id FROM queue) ORDER BY pos"
    ).fetchall()
    for id, slots in rows:
        enqueue(db, id, reduce(json.loads(slots)))
