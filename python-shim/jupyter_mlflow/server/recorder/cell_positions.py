"""Where a cell stands in its notebook, as the file says."""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path

#: Bytes of a notebook that is looked through, and notebooks that are remembered.
_LARGEST, _REMEMBERED = 200 * 1024 * 1024, 50
#: Jupyter writes notebooks with one space for each level: these are the keys of cells. Read by lines, as a
#: parser would hold the interpreter for as long as it needs for the whole file.
_ID = re.compile(r'^   "id": "([^"\\]{1,64})",?$')
_CELL, _END = "  {\n", ' "metadata": {\n'


class CellPositions:
    """Remembers a notebook until its file changes. Blocks; for any thread."""

    def __init__(self, root_dir: Path) -> None:
        self._root = root_dir
        self._lock = threading.Lock()
        self._known: dict[Path, tuple[tuple[int, int], dict[str, int]]] = {}

    def of(self, path: str | None, cell_id: str | None) -> int | None:
        """From 1; None for what the file as it is saved does not tell."""
        if not path or not cell_id or not path.endswith(".ipynb"):
            return None
        file = Path(os.path.normpath(self._root / path.lstrip("/")))
        if not file.is_relative_to(self._root):
            return None
        try:
            stat = file.stat()
            if stat.st_size > _LARGEST:
                return None
            mark = (stat.st_mtime_ns, stat.st_size)
            with self._lock:
                if file not in self._known or self._known[file][0] != mark:
                    self._known[file] = (mark, _read(file))
                    while len(self._known) > _REMEMBERED:
                        del self._known[next(iter(self._known))]
                return self._known[file][1].get(cell_id)
        except OSError:
            return None


def _read(file: Path) -> dict[str, int]:
    found: dict[str, int] = {}
    position = 0
    with file.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line == _CELL:
                position += 1
            elif line == _END:
                break
            elif line.startswith('   "id"') and (match := _ID.match(line)):
                found.setdefault(match.group(1), position)
    return found
