"""The file that keeps the servers a person added: readable by them alone, written whole or not at all."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ..problems import Problem
from ..state_file import StateFile

Entry = dict[str, Any]


class ServerFile:
    """A JSON file `{"version": 1, "servers": [{uri, name, auth?, ca?, workspace?}]}`, mode 0600.

    It is read at each question, so that several Jupyter servers of one person agree.
    """

    def __init__(self, path: Path) -> None:
        self._file = StateFile(path)

    def read(self) -> list[Entry]:
        """What is kept; empty without a file. Raises `Problem` `servers-file` when the file is not ours."""
        try:
            kept = self._file.read()
            servers = [] if kept is None else kept["servers"]
            return [
                entry for entry in servers if isinstance(entry, dict) and isinstance(entry.get("uri"), str)
            ]
        except (OSError, ValueError, KeyError, TypeError) as error:
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
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(self._file.alone())
            except OSError as error:
                raise self._unwritable(error) from error
            yield

    def _unwritable(self, error: OSError) -> Problem:
        return Problem(
            "servers-file",
            f"The list of added tracking servers could not be written: {error.strerror} "
            f"({self._file.path.parent}).",
            "Make that folder writable, or set JupyterMlflow.state_dir to another one.",
            status=500,
        )

    def _unreadable(self) -> Problem:
        return Problem(
            "servers-file",
            f"The list of added tracking servers in {self._file.path} cannot be read.",
            "Correct or remove that file.",
            status=500,
        )

    def _write(self, entries: list[Entry]) -> None:
        try:
            self._file.write({"version": 1, "servers": entries})
        except OSError as error:
            raise self._unwritable(error) from error
