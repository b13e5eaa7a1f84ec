"""The file that keeps the servers a person added: readable by them alone, written whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .problems import Problem

Entry = dict[str, Any]


class ServerFile:
    """A JSON file `{"version": 1, "servers": [{uri, name, auth?, ca?, workspace?}]}`, mode 0600.

    It is read at each question, so that several Jupyter servers of one person agree.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> list[Entry]:
        """What is kept; empty when there is no file. A file that is not ours raises `Problem` `servers-file`."""
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
        self._write([*self.read(), entry])

    def remove(self, matches: Callable[[Entry], bool]) -> None:
        """Drops every entry that `matches`."""
        self._write([entry for entry in self.read() if not matches(entry)])

    def _unreadable(self) -> Problem:
        return Problem(
            "servers-file",
            f"The list of added tracking servers in {self._path} cannot be read.",
            "Correct or remove that file.",
            status=500,
        )

    def _write(self, entries: list[Entry]) -> None:
        folder = self._path.parent
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            # mkstemp makes the file 0600 before a byte is in it.
            handle, name = tempfile.mkstemp(dir=folder, prefix=self._path.name, suffix=".new")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as stream:
                    json.dump({"version": 1, "servers": entries}, stream, ensure_ascii=False, indent=2)
                    stream.flush()
                    os.fsync(stream.fileno())
                os.replace(name, self._path)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(name)
                raise
        except OSError as error:
            raise Problem(
                "servers-file",
                f"The list of added tracking servers could not be written: {error.strerror} ({folder}).",
                "Make that folder writable, or set JupyterMlflow.state_dir to another one.",
                status=500,
            ) from error
