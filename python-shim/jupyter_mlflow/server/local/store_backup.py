"""Copies of a SQLite store, made by SQLite itself, so that they are whole while others write."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from datetime import date
from pathlib import Path

from ..problems import Problem
from .store_schema import check_folder, open_read_only

#: A copy that comes no further for so long is given up, seconds.
STALL_S = 10.0
#: One step of the copy; between steps others may write.
PAGES = 4096


def back_up(path: Path, *, mlflow: str, today: date) -> Path:
    """Copy the store to `<name>.before-<version>-<date>.bak` beside it; never over an existing file.

    :param mlflow: the version that is about to change the store
    :return: the copy, complete and checked
    :raises Problem: `backup-failed`, `disk-full`; nothing is left half made
    """
    check_folder(path.parent, min_free=path.stat().st_size + 16 * 1024 * 1024)
    stem = f"{path.name}.before-{mlflow}-{today:%Y%m%d}"
    target = path.with_name(f"{stem}.bak")
    number = 2
    while target.exists():
        target = path.with_name(f"{stem}-{number}.bak")
        number += 1
    temporary = target.with_name(f"{target.name}.part")
    try:
        temporary.unlink(missing_ok=True)
        with (
            contextlib.closing(open_read_only(path)) as source,
            contextlib.closing(_create(temporary)) as copy,
        ):
            _copy(source, copy)
            answer = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
            if answer != "ok":
                raise sqlite3.DatabaseError(str(answer))
        os.chmod(temporary, path.stat().st_mode & 0o777)
        os.replace(temporary, target)
    except (OSError, sqlite3.Error) as error:
        temporary.unlink(missing_ok=True)
        raise Problem(
            "backup-failed",
            f"{path.name} could not be backed up ({error}), so it was not changed.",
            "Check the free space and your rights in its folder, then try again.",
        ) from None
    return target


def restore(backup: Path, path: Path) -> None:
    """Write the backup over the store through SQLite, so that nobody sees half of it.

    :raises sqlite3.Error:
    """
    with contextlib.closing(open_read_only(backup)) as source:
        with contextlib.closing(sqlite3.connect(path, timeout=30.0)) as target:
            _copy(source, target)


def _copy(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Copy all pages. sqlite3 itself would wait for a lock without end. :raises sqlite3.Error:"""
    last: tuple[int, int] | None = None
    since = time.monotonic()

    def progress(status: int, remaining: int, total: int) -> None:
        nonlocal last, since
        if (remaining, total) != last:
            last, since = (remaining, total), time.monotonic()
        elif time.monotonic() - since > STALL_S:
            raise sqlite3.OperationalError("database is locked")

    source.backup(target, pages=PAGES, progress=progress, sleep=0.05)


def _create(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    return sqlite3.connect(path)
