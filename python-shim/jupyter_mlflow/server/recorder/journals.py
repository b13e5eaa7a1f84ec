"""The folders that kernels write their journals into, and reading those files without trusting them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_runtime_dir

from ..processes.leases import FileLock, private_folder, write_private
from .journal_frames import MAX_BAD, MAX_HEAD, MAX_SOURCE, Read, read_frames

MODE = "mode.json"
LOCK = "lock"
_FILE = re.compile(r"([A-Za-z0-9_-]{1,64})\.([0-9]{1,9})\.journal")
_FOLDER = re.compile(r"[A-Za-z0-9_.-]{1,80}")
#: Bytes that are read at once: one frame fits in.
_CHUNK = 2 * (MAX_HEAD + MAX_SOURCE)


def journals_root() -> Path:
    """Where kernels of this person write."""
    return Path(jupyter_runtime_dir()) / "jupyter-mlflow" / "journals"


class Refused(Exception):
    """A file that no kernel of this person wrote, or one that is full of what does not fit."""


@dataclass
class JournalFile:
    """One segment of the journal of one process of a kernel."""

    path: Path
    process: str
    segment: int
    #: nothing is written to it any more: there is a later one
    is_closed: bool

    @property
    def name(self) -> str:
        """Below the folder of all journals."""
        return f"{self.path.parent.name}/{self.path.name}"


@dataclass
class JournalFolder:
    """The journals of one kernel, and the lock that says who reads them."""

    path: Path
    lock: FileLock
    _refused: set[str] = field(default_factory=set)
    _bad: dict[str, int] = field(default_factory=dict)

    @classmethod
    def take(cls, path: Path) -> JournalFolder | None:
        """The folder, made if it is not there; None if another Jupyter server reads it. Raises OSError."""
        private_folder(path)
        lock = FileLock(path / LOCK)
        return cls(path, lock) if lock.acquire() else None

    @property
    def mode_file(self) -> Path:
        """What the kernel obeys."""
        return self.path / MODE

    def write_mode(self, mode: Mapping[str, Any]) -> None:
        """Replace it. Raises OSError."""
        write_private(self.mode_file, json.dumps(mode))

    def read_mode(self) -> dict[str, Any]:
        """What a Jupyter server wrote; empty where none did."""
        with contextlib.suppress(OSError, ValueError):
            found = json.loads(self.mode_file.read_text(encoding="utf-8"))
            if isinstance(found, dict):
                return found
        return {}

    def files(self) -> list[JournalFile]:
        """All segments, in the order in which they were written."""
        found: dict[str, list[tuple[int, Path]]] = {}
        with contextlib.suppress(OSError):
            for entry in os.scandir(self.path):
                named = _FILE.fullmatch(entry.name)
                if named is not None and entry.name not in self._refused:
                    found.setdefault(named[1], []).append((int(named[2]), Path(entry.path)))
        return [
            JournalFile(path, process, segment, is_closed=segment < max(segments)[0])
            for process, segments in sorted(found.items())
            for segment, path in sorted(segments)
        ]

    def read(self, file: JournalFile, offset: int, *, is_all: bool) -> Iterator[tuple[Read, int]]:
        """What was written since `offset`, and up to where it has been read.

        :param is_all: nothing will be written any more
        :raises Refused: once; the file is passed over from then on
        """
        try:
            data_of = _open(file.path)
        except FileNotFoundError:
            return
        except OSError as error:
            self._refused.add(file.path.name)
            raise Refused(f"{file.path.name}: {error.strerror or error}") from None
        with os.fdopen(data_of, "rb") as stream:
            while True:
                stream.seek(offset)
                data = stream.read(_CHUNK)
                if not data:
                    return
                is_rest = len(data) < _CHUNK
                found = read_frames(data, is_all=is_rest and (is_all or file.is_closed))
                if found.used == 0:
                    if is_rest:
                        return
                    # A frame larger than any that the kernel's side writes.
                    found = Read([], len(data), 1)
                self._count(file, found.bad)
                offset += found.used
                yield found, offset
                if is_rest:
                    return

    def first(self, file: JournalFile) -> Mapping[str, Any] | None:
        """The object of its first frame, if that is the one that a journal begins with."""
        with contextlib.suppress(OSError), os.fdopen(_open(file.path), "rb") as stream:
            frames = read_frames(stream.read(MAX_HEAD), is_all=False).frames
            if frames and frames[0].head.get("k") == "journal":
                return frames[0].head
        return None

    def remove(self, file: JournalFile) -> None:
        """It has been read."""
        with contextlib.suppress(OSError):
            file.path.unlink()

    def close(self, *, remove: bool) -> None:
        """Let go of it, perhaps with all that is in it."""
        if remove:
            # With its lock still held: nobody takes up a folder that is half gone.
            shutil.rmtree(self.path, ignore_errors=True)
        self.lock.release()

    def _count(self, file: JournalFile, bad: int) -> None:
        count = self._bad[file.name] = self._bad.get(file.name, 0) + bad
        if count > MAX_BAD:
            self._refused.add(file.path.name)
            raise Refused(f"{file.path.name}: it is full of what no kernel writes")


def folder_of(root: Path, kernel_id: str) -> Path:
    """Where the journals of a kernel of this server are."""
    name = kernel_id if _FOLDER.fullmatch(kernel_id) and not kernel_id.startswith((".", "headless-")) else ""
    return root / (name or hashlib.sha256(kernel_id.encode()).hexdigest()[:32])


def folders(root: Path) -> list[Path]:
    """All that are there."""
    with contextlib.suppress(OSError):
        return sorted(
            Path(entry.path)
            for entry in os.scandir(root)
            if entry.is_dir(follow_symlinks=False) and _FOLDER.fullmatch(entry.name)
        )
    return []


def _open(path: Path) -> int:
    """A plain file of this person with one name, and no link. Raises OSError."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0))
    found = os.fstat(descriptor)
    is_ours = not hasattr(os, "getuid") or found.st_uid == os.getuid()
    if not stat.S_ISREG(found.st_mode) or not is_ours or found.st_nlink > 1:
        os.close(descriptor)
        raise OSError(0, "it is no file that a kernel of this person wrote")
    return descriptor
