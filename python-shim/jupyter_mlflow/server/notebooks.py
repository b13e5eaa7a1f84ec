"""Which notebook is which: an id that stays when a notebook is renamed or moved with Jupyter."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

from .state_file import StateFile

#: Notebooks that are remembered; those not used for longest are forgotten.
REMEMBERED = 5000


class Notebooks:
    """The record `id -> file`, kept for each person. A copied notebook is another one."""

    def __init__(self, file: Path, *, root_dir: Path) -> None:
        """:param file: `notebooks.json` in the state folder
        :param root_dir: Jupyter's root, which API paths begin at
        """
        self._file = StateFile(file)
        self._root = Path(os.path.abspath(root_dir))

    def absolute(self, path: str) -> Path:
        """The file that an API path (or an absolute one, as kernels name it) means."""
        return (
            Path(os.path.abspath(self._root / path.lstrip("/"))) if not self._is_below(path) else Path(path)
        )

    def api_path(self, file: Path) -> str | None:
        """From Jupyter's root with slashes; None outside of it."""
        try:
            return str(PurePosixPath(*file.relative_to(self._root).parts))
        except ValueError:
            return None

    def id_of(self, path: str) -> str:
        """The id of a notebook, made if it has none yet. Reads and perhaps writes a file."""
        file = str(self.absolute(path))
        known = self._read().get(file)
        if known is not None:
            return str(known["id"])

        def add(notebooks: dict[str, Any]) -> None:
            notebooks.setdefault(file, {"id": secrets.token_hex(8), "used": round(time.time())})

        return str(self._change(add)[file]["id"])

    def find(self, *, path: str | None = None, id: str | None = None) -> dict[str, str] | None:
        """`{"id", "path"}` of a notebook that has an id, or None."""
        notebooks = self._read()
        for file, entry in notebooks.items():
            if entry["id"] == id if path is None else file == str(self.absolute(path)):
                api_path = self.api_path(Path(file))
                return None if api_path is None else {"id": entry["id"], "path": api_path}
        return None

    def known_or_new(self, path: str) -> dict[str, str] | None:
        """`{"id", "path"}` of the notebook at an absolute path, made if it has none; None outside of
        Jupyter's root. Raises OSError."""
        api_path = self.api_path(Path(path))
        if api_path is None or not api_path.endswith(".ipynb"):
            return None
        return {"id": self.id_of(api_path), "path": api_path}

    def moved(self, source: str, target: str) -> bool:
        """A file or a folder has another path now; whether notebooks with an id have moved with it."""
        old, new = str(self.absolute(source)), str(self.absolute(target))
        if not any(_is_at(file, old) for file in self._read()):
            return False

        def move(notebooks: dict[str, Any]) -> None:
            for file in [file for file in notebooks if _is_at(file, old)]:
                notebooks[new + file[len(old) :]] = notebooks.pop(file)

        self._change(move)
        return True

    def deleted(self, path: str) -> None:
        """A file or a folder is gone: another one of this name will be another notebook."""
        gone = str(self.absolute(path))
        if not any(_is_at(file, gone) for file in self._read()):
            return

        def forget(notebooks: dict[str, Any]) -> None:
            for file in [file for file in notebooks if _is_at(file, gone)]:
                del notebooks[file]

        self._change(forget)

    def _is_below(self, path: str) -> bool:
        return os.path.isabs(path) and Path(path).is_relative_to(self._root)

    def _read(self) -> dict[str, Any]:
        # A broken file costs identities, which are made anew, and never a kernel.
        with contextlib.suppress(OSError, ValueError, AttributeError):
            return {
                file: entry
                for file, entry in (self._file.read() or {}).items()
                if isinstance(entry, dict) and isinstance(entry.get("id"), str)
            }
        return {}

    def _change(self, change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        with self._file.alone():
            notebooks = self._read()
            change(notebooks)
            for file in sorted(notebooks, key=lambda file: notebooks[file].get("used", 0))[:-REMEMBERED]:
                del notebooks[file]
            self._file.write(notebooks)
            return notebooks


def _is_at(file: str, place: str) -> bool:
    return file == place or file.startswith(place + os.sep)
