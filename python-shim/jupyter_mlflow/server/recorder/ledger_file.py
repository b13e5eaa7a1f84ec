"""The ledger's file: one for each Jupyter server, and set aside when it is damaged."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from ..processes.leases import FileLock, private_folder

#: Of the tables; a file of another form is set aside.
FORM = 1
#: Bytes up to which every page is checked when the ledger is opened; above that it is done as pages are read.
CHECK_UP_TO = 64 * 1024 * 1024
#: Characters at the beginning of a source that can be searched for.
SEARCHED = 100_000

_TABLES = """
CREATE TABLE IF NOT EXISTS executions (
  pos INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  kernel_id TEXT NOT NULL,
  process TEXT,
  notebook_id TEXT,
  path TEXT,
  language TEXT,
  keep INTEGER NOT NULL,
  send TEXT NOT NULL,
  target TEXT,
  shown INTEGER NOT NULL,
  status TEXT NOT NULL,
  started REAL,
  ended REAL,
  cell_id TEXT,
  source TEXT,
  slots TEXT NOT NULL,
  output_bytes INTEGER NOT NULL DEFAULT 0,
  cut_bytes INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS of_notebook ON executions (notebook_id, shown, started DESC, pos DESC);
CREATE INDEX IF NOT EXISTS of_time ON executions (shown, started DESC, pos DESC);
CREATE INDEX IF NOT EXISTS of_status ON executions (status, started DESC, pos DESC);
CREATE INDEX IF NOT EXISTS of_cell ON executions (cell_id, started DESC, pos DESC);
CREATE INDEX IF NOT EXISTS of_source ON executions (source);
CREATE INDEX IF NOT EXISTS still_running ON executions (kernel_id) WHERE status = 'running';
CREATE TABLE IF NOT EXISTS outputs (
  execution_id TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (execution_id, message_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS of_hash ON outputs (hash);
CREATE TABLE IF NOT EXISTS blobs (
  number INTEGER PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  size INTEGER NOT NULL,
  text TEXT NOT NULL,
  searched INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS kernels (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS journals (
  name TEXT PRIMARY KEY,
  kernel_id TEXT NOT NULL,
  origin TEXT NOT NULL,
  offset INTEGER NOT NULL,
  pid INTEGER,
  born REAL
);
CREATE TABLE IF NOT EXISTS queue (
  execution_id TEXT PRIMARY KEY,
  target TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting',
  added REAL NOT NULL,
  since REAL,
  next_at REAL NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  frozen TEXT,
  run_id TEXT,
  files TEXT,
  reason TEXT
);
CREATE INDEX IF NOT EXISTS of_state ON queue (state, next_at);
CREATE TABLE IF NOT EXISTS made_runs (
  key TEXT NOT NULL,
  server_id TEXT NOT NULL,
  experiment_id TEXT NOT NULL,
  run_id TEXT,
  asked REAL NOT NULL,
  told INTEGER,
  checks INTEGER,
  next_check REAL,
  PRIMARY KEY (key, server_id, experiment_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS to_check ON made_runs (next_check) WHERE next_check IS NOT NULL;
"""


#: Which sources hold three letters: without it, a search reads all of them. Not in every build of SQLite.
_SEARCH = """
CREATE VIRTUAL TABLE IF NOT EXISTS searched USING fts5 (text, content='', detail=none, tokenize='trigram');
"""


@dataclass
class LedgerFile:
    """An open ledger and the lock on it."""

    path: Path
    connection: sqlite3.Connection
    lock: FileLock
    #: where a damaged file lies now, if there was one
    set_aside: Path | None = None
    #: whether sources are indexed for the search
    has_index: bool = False

    def close(self) -> None:
        """Let go, so that another Jupyter server may take it."""
        with contextlib.suppress(sqlite3.Error):
            self.connection.close()
        self.lock.release()


def open_ledger(folder: Path) -> LedgerFile:
    """Take the first ledger in `folder` that no living Jupyter server holds, and with it what one that has
    ended left behind; make one if there is none. Raises OSError, sqlite3.Error."""
    private_folder(folder)
    number = 0
    while True:
        number += 1
        path = folder / f"ledger-{number}.db"
        lock = FileLock(path.with_suffix(".lock"))
        if not lock.acquire():
            continue
        try:
            connection, aside = _open_or_renew(path)
        except BaseException:
            lock.release()
            raise
        return LedgerFile(path, connection, lock, aside, _add_index(connection))


def renew(file: LedgerFile) -> LedgerFile:
    """Set a file that turned out damaged aside, and begin another one under the same lock."""
    with contextlib.suppress(sqlite3.Error):
        file.connection.close()
    aside = _set_aside(file.path)
    connection = _open(file.path)
    return LedgerFile(file.path, connection, file.lock, aside, _add_index(connection))


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is broken, and not the disk full or a statement wrong."""
    name = getattr(error, "sqlite_errorname", "") or ""
    return name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or any(
        words in str(error) for words in ("malformed", "not a database", "no such table", "no such column")
    )


def _open_or_renew(path: Path) -> tuple[sqlite3.Connection, Path | None]:
    try:
        return _open(path), None
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
    aside = _set_aside(path)
    return _open(path), aside


def _open(path: Path) -> sqlite3.Connection:
    # SQLite would make it readable for the group.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, cached_statements=64)
    try:
        # EXCLUSIVE before WAL: then there is no shared memory, which network folders break.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        (form,) = connection.execute("PRAGMA user_version").fetchone()
        if form not in (0, FORM):
            raise sqlite3.DatabaseError(f"no such table: the ledger has form {form}")
        if path.stat().st_size <= CHECK_UP_TO:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                raise sqlite3.DatabaseError(f"malformed: {verdict}")
        connection.executescript(_TABLES)
        connection.execute(f"PRAGMA user_version = {FORM}")
    except BaseException:
        connection.close()
        raise
    return connection


def _add_index(connection: sqlite3.Connection) -> bool:
    try:
        connection.executescript(_SEARCH)
    except sqlite3.OperationalError:
        return False
    return True


def _set_aside(path: Path) -> Path:
    aside = path.with_name(f"{path.stem}-damaged-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.db")
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.replace(f"{path}{suffix}", f"{aside}{suffix}")
    return aside
