"""Logs of what we start: bounded, private, without credentials."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path
from typing import IO

from ..local.stores import redact_text

#: Two files of this size at most: the current one and the one before.
MAX_BYTES = 1_000_000
MAX_JOB_BYTES = 5_000_000
#: What a Problem shows of it.
TAIL_LINES = 40
#: Longer lines are cut: what is redacted line by line must end somewhere.
MAX_LINE = 8192


class ServerLog:
    """Takes the output of one process after another and keeps the end of it."""

    def __init__(self, path: Path, secrets: tuple[str, ...] = ()) -> None:
        self._path = path
        self._secrets = secrets
        self._lock = threading.Lock()
        self._file = self._open()

    def write(self, line: str) -> None:
        """Add one line, redacted. A full disk loses lines, it never stops the server."""
        text = redact_text(line, self._secrets).rstrip("\r\n") + "\n"
        with self._lock, contextlib.suppress(OSError, ValueError):
            text = self._make_room(text)
            self._file.write(text)
            self._file.flush()

    def follow(self, stream: IO[bytes]) -> threading.Thread:
        """Copy `stream` into the log until it ends, in a thread of its own, which is returned."""

        def copy() -> None:
            with contextlib.suppress(OSError, ValueError):
                while line := stream.readline(MAX_LINE):
                    self.write(line.decode("utf-8", "replace"))

        thread = threading.Thread(target=copy, daemon=True)
        thread.start()
        return thread

    def mark(self) -> int:
        """A place in the log, for `since`."""
        with self._lock:
            return self._file.tell()

    def since(self, mark: int) -> str:
        """What was written since `mark`, as long as the file was not turned over; else all there is."""
        with self._lock, contextlib.suppress(OSError):
            data = self._path.read_bytes()
            return (data[mark:] if mark <= len(data) else data).decode("utf-8", "replace")
        return ""

    def tail(self, mark: int = 0) -> str:
        """The last lines since `mark`."""
        return "\n".join(self.since(mark).splitlines()[-TAIL_LINES:])

    def close(self) -> None:
        """Close the file; later lines are dropped."""
        with self._lock:
            self._file.close()

    def _make_room(self, text: str) -> str:
        """What to write of `text`, after turning the file over if it is full."""
        if self._file.tell() + len(text) > MAX_BYTES:
            self._file.close()
            os.replace(self._path, self._path.with_name(self._path.name + ".1"))
            self._file = self._open()
        return text

    def _open(self) -> IO[str]:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        file = os.fdopen(descriptor, "a", encoding="utf-8", errors="replace")
        file.seek(0, os.SEEK_END)
        return file


class JobLog(ServerLog):
    """Only ever grows, so that an offset keeps its meaning; when it is full, the rest is left out."""

    _full = False

    def _make_room(self, text: str) -> str:
        if self._full:
            return ""
        room = MAX_JOB_BYTES - self._file.tell()
        if len(text) < room:
            return text
        self._full = True
        return "(the log is full: the rest is left out)\n"

    def read(self, offset: int, limit: int = 256 * 1024) -> tuple[str, int]:
        """Text from byte `offset` on, whole lines only, and the offset to go on from."""
        with contextlib.suppress(OSError), open(self._path, "rb") as file:
            file.seek(max(0, offset))
            data = file.read(limit)
            data = data[: data.rfind(b"\n") + 1]
            return data.decode("utf-8", "replace"), max(0, offset) + len(data)
        return "", offset
