"""The file that keeps the servers a person added: readable by them alone, written whole or not at all."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from .leases import FileLock, private_folder, write_private
from .problems import Problem

#: How long to wait for another process that is writing, seconds; it takes milliseconds.
LOCK_SECONDS = 3.0

Entry = dict[str, Any]


class ServerFile:
    """A JSON file `{"version": 1, "servers": [{uri, name, auth?, ca?, workspace?}]}`, mode 0600.

    It is read at each question, so that several Jupyter servers of one person agree.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def read(self) -> list[Entry]:
        """What is kept; empty without a file. Raises `Problem` `servers-file` when the file is not ours."""
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as error:
            raise self._unreadable() from error
        try:
            servers = json.loads(text)["servers"]
            return [
                entry for entry in servers if isinstance(entry, dict) and isinstance(entry.get("uri"), str)
            ]
        except (ValueError, KeyError, TypeError) as error:
            raise self._unreadable() from error

    def add(self, entry: Entry) -> None:
        """Appends one entry."""
        with self._alone():
            self._write([*self.read(), entry])

    def remove(self, matches: Callable[[Entry], bool]) -> None:
        """Drops every entry that `matches`."""
        with self._alone():
            self._write([entry for entry in self.read() if not matches(entry)])

    def change(self, rewrite: Callable[[list[Entry]], list[Entry]]) -> None:
        """Keeps what `rewrite` makes of all entries; what it raises changes nothing."""
        with self._alone():
            self._write(rewrite(self.read()))

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Other threads and Jupyter servers wait, so that none forgets what another adds."""
        with self._lock:
            lock = FileLock(self._path.with_suffix(".lock"))
            deadline = time.monotonic() + LOCK_SECONDS
            try:
                private_folder(self._path.parent)
                while not lock.acquire() and time.monotonic() < deadline:
                    time.sleep(0.01)
            except OSError as error:
                raise self._unwritable(error) from error
            try:
                yield
            finally:
                lock.release()

    def _unwritable(self, error: OSError) -> Problem:
        return Problem(
            "servers-file",
            f"The list of added tracking servers could not be written: {error.strerror} "
            f"({self._path.parent}).",
            "Make that folder writable, or set JupyterMlflow.state_dir to another one.",
            status=500,
        )

    def _unreadable(self) -> Problem:
        return Problem(
            "servers-file",
            f"The list of added tracking servers in {self._path} cannot be read.",
            "Correct or remove that file.",
            status=500,
        )

    def _write(self, entries: list[Entry]) -> None:
        try:
            write_private(
                self._path, json.dumps({"version": 1, "servers": entries}, ensure_ascii=False, indent=2)
            )
        except OSError as error:
            raise self._unwritable(error) from error
