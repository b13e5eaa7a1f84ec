"""A queue between threads that keeps order and never holds much memory: what is too much waits on disk."""

from __future__ import annotations

import contextlib
import struct
import tempfile
import threading
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ..processes.leases import private_folder
from .iopub import is_needed

#: Bytes of messages in memory, above which they go to disk; and on disk, above which they are cut.
MEMORY = 64 * 1024 * 1024
DISK = 2 * 1024 * 1024 * 1024
#: Items, and bytes of them, that are taken out together.
AT_ONCE = 2000
_AT_ONCE_BYTES = 4 * 1024 * 1024
_HEAD = struct.Struct("<IdI")
_LENGTH = struct.Struct("<I")


class Arrived:
    """Frames of a message, as they came from a kernel's socket."""

    __slots__ = ("at", "kernel_id", "parts", "size")

    def __init__(self, kernel_id: str, at: float, parts: Sequence[bytes]) -> None:
        """:param at: seconds since the epoch"""
        self.kernel_id = kernel_id
        self.at = at
        self.parts = parts
        #: bytes, roughly; asked for at every step of its way
        self.size = 200 + sum(map(len, parts))


@dataclass(frozen=True)
class Cut:
    """So many messages of a kernel found no room here."""

    kernel_id: str
    count: int


class SpillQueue:
    """Safe from any thread. Messages may be spilled and cut; anything else that is put stays in memory."""

    def __init__(self, folder: Path, *, memory: int = MEMORY, disk: int = DISK) -> None:
        """:param folder: for the file, made if it is needed"""
        self._folder = folder
        self._memory, self._disk = memory, disk
        self._ready = threading.Condition()
        self._near: deque[Any] = deque()
        self._near_bytes = 0
        self._file: IO[bytes] | None = None
        self._read_at = self._write_at = 0
        #: what came after messages that are on disk, and is no message or must not be cut
        self._kernels: list[str] = []
        self._kept: dict[int, Any] = {}
        self._kept_count = 0
        self._cut: Counter[str] = Counter()

    def put(self, *items: Any) -> None:
        """Add at the end, in this order."""
        with self._ready:
            for item in items:
                self._put(item)
            self._ready.notify()

    def get(self, timeout: float | None) -> Any:
        """Take the first, or None after `timeout` seconds."""
        with self._ready:
            while not self._is_any():
                if not self._ready.wait(timeout):
                    return None
            return self._get()

    def take(self, timeout: float | None) -> list[Any]:
        """The first ones, of a few megabytes at most; empty after `timeout` seconds."""
        first = self.get(timeout)
        found = [] if first is None else [first]
        size = first.size if isinstance(first, Arrived) else 0
        with self._ready:
            # Whatever else is there costs no lock of its own: in a flood they are thousands.
            while found and len(found) < AT_ONCE and size < _AT_ONCE_BYTES and self._is_any():
                item = self._get()
                found.append(item)
                size += item.size if isinstance(item, Arrived) else 0
        return found

    @property
    def bytes_in_memory(self) -> int:
        """Of messages."""
        return self._near_bytes

    def _is_any(self) -> bool:
        return bool(self._near) or self._file is not None or bool(self._cut)

    def _get(self) -> Any:
        if self._near:
            item = self._near.popleft()
            self._near_bytes -= item.size if isinstance(item, Arrived) else 0
            return item
        if self._file is not None:
            return self._get_far(self._file)
        kernel, count = self._cut.popitem()
        return Cut(kernel, count)

    def _put(self, item: Any) -> None:
        if self._file is None and isinstance(item, Arrived) and self._near_bytes >= self._memory:
            # A disk that is full: what must not be cut stays in memory.
            with contextlib.suppress(OSError):
                private_folder(self._folder)
                # Has no name: whatever happens to us, it is gone with us.
                self._file = tempfile.TemporaryFile(dir=self._folder, buffering=0)  # noqa: SIM115
                self._read_at = self._write_at = 0
        if self._file is None:
            self._put_near(item)
        else:
            self._put_far(self._file, item)

    def _put_near(self, item: Any) -> None:
        if isinstance(item, Arrived):
            if self._near_bytes >= self._memory and not is_needed(item.parts):
                self._cut[item.kernel_id] += 1
                return
            self._near_bytes += item.size
        self._near.append(item)

    def _put_far(self, file: IO[bytes], item: Any) -> None:
        if isinstance(item, Arrived):
            if self._write_at < self._disk:
                lengths = b"".join(_LENGTH.pack(len(part)) for part in item.parts)
                head = _HEAD.pack(self._number(item.kernel_id), item.at, len(item.parts))
                if self._append(file, head + lengths + b"".join(item.parts)):
                    return
            if not is_needed(item.parts):
                self._cut[item.kernel_id] += 1
                return
        self._kept_count += 1
        self._kept[self._kept_count] = item
        if not self._append(file, _HEAD.pack(0, float(self._kept_count), 0)):
            # No room even for the mark of its place: then it comes early.
            self._near.append(self._kept.pop(self._kept_count))

    def _append(self, file: IO[bytes], data: bytes) -> bool:
        try:
            file.seek(self._write_at)
            if file.write(data) < len(data):
                return False
        except OSError:
            return False
        self._write_at += len(data)
        return True

    def _get_far(self, file: IO[bytes]) -> Any:
        item: Any = None
        file.seek(self._read_at)
        number, at, count = _HEAD.unpack(_read(file, _HEAD.size))
        if count == 0:
            self._read_at += _HEAD.size
            item = self._kept.pop(int(at))
        else:
            table = _read(file, count * _LENGTH.size)
            lengths = [length for (length,) in _LENGTH.iter_unpack(table)]
            parts = [_read(file, length) for length in lengths]
            self._read_at += _HEAD.size + len(table) + sum(lengths)
            item = Arrived(self._kernels[number - 1], at, parts)
        if self._read_at >= self._write_at:
            file.close()
            self._file = None
            self._kernels.clear()
        return item

    def _number(self, kernel_id: str) -> int:
        if kernel_id not in self._kernels:
            self._kernels.append(kernel_id)
        return self._kernels.index(kernel_id) + 1


def _read(file: IO[bytes], count: int) -> bytes:
    found = bytearray()
    while len(found) < count:
        more = file.read(count - len(found))
        if not more:
            raise OSError("the queue's file is shorter than it was")
        found += more
    return bytes(found)
