"""The environments that jobs have made: which they are, and who is at work on one."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
from pathlib import Path
from typing import Any

from ..problems import Problem
from ..processes.leases import FileLock, private_folder, write_private
from .environments import READY_MARK

#: In the folder as long as it is being made: what lies there without being ready is ours to remove.
MAKING_MARK = ".jupyter-mlflow-making"


class MadeEnvironments:
    """A record for each, outside of it: a mark inside can be copied together with the folder."""

    def __init__(self, state_dir: Path) -> None:
        """:param state_dir: records are kept below it, and environments for which no folder was named"""
        #: where environments for local servers lie
        self.root = state_dir / "environments"
        self._records = state_dir / "made"
        self._locks = state_dir / "locks"

    def lock(self, prefix: str | Path) -> FileLock:
        """The lock that every job on this environment holds, taken.

        :raises Problem: `environment-busy` (409)
        """
        private_folder(self._locks)
        lock = FileLock(self._locks / f"{_key(prefix)}.lock")
        if not lock.acquire():
            raise Problem(
                "environment-busy",
                f"Another job is at work on the environment “{Path(prefix).name}” just now.",
                "Wait until that has ended, or cancel it.",
                status=409,
                prefix=str(prefix),
            )
        return lock

    def begin(self, folder: Path) -> None:
        """Make the empty folder, marked as being made. Raises OSError."""
        folder.mkdir(mode=0o700)
        token = secrets.token_hex(8)
        private_folder(self._records)
        self._write(folder, token)
        write_private(folder / MAKING_MARK, token)

    def finish(self, folder: Path, facts: dict[str, Any]) -> None:
        """It was tested and is good. Raises OSError."""
        token = self._token(folder) or secrets.token_hex(8)
        self._write(folder, token)
        write_private(folder / READY_MARK, json.dumps({**facts, "token": token}))
        (folder / MAKING_MARK).unlink(missing_ok=True)

    def is_ready(self, folder: Path) -> bool:
        """Whether a job made it and called it good."""
        return self._is_ours(folder, READY_MARK)

    def is_left_over(self, folder: Path) -> bool:
        """Whether a job began it and did not come to its end. True also while one is at work: see `lock`."""
        return self._is_ours(folder, MAKING_MARK) and not (folder / READY_MARK).is_file()

    def all(self) -> list[Path]:
        """Those that are ready, in the order of their names."""
        found: set[Path] = set()
        with contextlib.suppress(OSError):
            found.update(self.root.iterdir())
        with contextlib.suppress(OSError):
            for path in self._records.glob("*.json"):
                with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                    found.add(Path(json.loads(path.read_text(encoding="utf-8"))["prefix"]))
        return sorted(folder for folder in found if self.is_ready(folder))

    def empty(self, folder: Path) -> None:
        """Delete what is in it, but not the marks. Raises OSError."""
        for path in folder.iterdir():
            if path.name in (READY_MARK, MAKING_MARK):
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()

    def remove(self, folder: Path) -> None:
        """Delete it and its record. The marks go last: what could not be deleted stays ours.

        :raises OSError: something of it is left
        """
        self.empty(folder)
        shutil.rmtree(folder)
        self._path(folder).unlink(missing_ok=True)

    def _is_ours(self, folder: Path, mark: str) -> bool:
        if folder.is_symlink() or not (folder / mark).is_file():
            return False
        if os.path.normcase(folder.parent) == os.path.normcase(self.root):
            return True
        token = self._token(folder)
        with contextlib.suppress(OSError, ValueError):
            text = (folder / mark).read_text(encoding="utf-8")
            return token is not None and token in text
        return False

    def _token(self, folder: Path) -> str | None:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            record = json.loads(self._path(folder).read_text(encoding="utf-8"))
            if _key(record["prefix"]) == _key(folder):
                return str(record["token"])
        return None

    def _write(self, folder: Path, token: str) -> None:
        private_folder(self._records)
        write_private(self._path(folder), json.dumps({"prefix": str(folder), "token": token}))

    def _path(self, folder: Path) -> Path:
        return self._records / f"{_key(folder)}.json"


def _key(prefix: str | Path) -> str:
    """A file's name for an environment.

    Links to its folder are followed, those to its interpreter are not: two environments may share one.
    """
    path = os.path.normcase(os.path.realpath(prefix))
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:24]
