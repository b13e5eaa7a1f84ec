"""A JSON file in the state folder that several Jupyter servers of one person read and change."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .processes.leases import FileLock, private_folder, write_private

#: How long to wait for another process that is writing, seconds; it takes milliseconds.
LOCK_SECONDS = 3.0


class StateFile:
    """Mode 0600, written whole or not at all, read at each question."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()

    def read(self) -> Any:
        """What is kept, or None without a file. Raises OSError, or ValueError for what is no JSON."""
        try:
            return json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Other threads and Jupyter servers wait, so that none forgets what another adds. Raises OSError."""
        with self._lock:
            lock = FileLock(self.path.with_suffix(".lock"))
            deadline = time.monotonic() + LOCK_SECONDS
            private_folder(self.path.parent)
            while not lock.acquire() and time.monotonic() < deadline:
                time.sleep(0.01)
            try:
                yield
            finally:
                lock.release()

    def write(self, value: Any) -> None:
        """Replace what is kept; to be called `alone`. Raises OSError."""
        write_private(self.path, json.dumps(value, ensure_ascii=False, indent=2))
