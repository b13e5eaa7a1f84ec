"""Which cell of which notebook was executed, where nobody says it: by sources and their order."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

#: Notebooks of a folder that are looked into, and bytes of each, at most.
MAX_NOTEBOOKS = 200
MAX_BYTES = 20_000_000
#: Part of what ran that must be in a notebook: papermill adds a cell of its own.
ENOUGH = 0.6


@dataclass(frozen=True)
class Match:
    """A notebook, and for each execution the id of its cell, None for those that are of none."""

    path: Path
    cells: list[str | None]


def match_folder(folder: Path, sources: Sequence[str], *, began: float = math.inf) -> Match | None:
    """The one notebook in `folder` whose cells are what ran, in that order; None without or with several.

    :param began: seconds since the epoch; of those that match as well, one from before counts: nbconvert and
        papermill write what they executed beside it
    """
    found: list[tuple[tuple[int, bool], Match]] = []
    with contextlib.suppress(OSError):
        for path in sorted(folder.glob("*.ipynb"))[:MAX_NOTEBOOKS]:
            cells = _cells(path)
            matched = match_cells([source for _, source in cells], sources)
            count = sum(index is not None for index in matched)
            if count and count >= ENOUGH * len(sources):
                ids = [cells[index][0] if index is not None else None for index in matched]
                found.append(((count, path.stat().st_mtime <= began), Match(path, ids)))
    found.sort(key=lambda each: each[0], reverse=True)
    if not found or (len(found) > 1 and found[0][0] == found[1][0]):
        return None
    return found[0][1]


def match_cells(cells: Sequence[str], executed: Sequence[str]) -> list[int | None]:
    """For each execution the index of its cell, in the order of both; None where there is none."""
    at, matched = 0, list[int | None]()
    for source in executed:
        index = next((index for index in range(at, len(cells)) if cells[index] == source), None)
        matched.append(index)
        at = index + 1 if index is not None else at
    return matched


def only_cell(path: Path, source: str) -> str | None:
    """The id of the one code cell with that source in the notebook as it was saved; None without or with
    several."""
    ids = [id for id, text in _cells(path) if text == source]
    return ids[0] if len(ids) == 1 else None


def _cells(path: Path) -> list[tuple[str | None, str]]:
    """Ids and sources of the code cells; empty for what is no notebook."""
    try:
        if path.stat().st_size > MAX_BYTES:
            return []
        found = []
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            source = cell["source"]
            if cell["cell_type"] == "code":
                id = cell.get("id")
                text = source if isinstance(source, str) else "".join(source)
                found.append((id if isinstance(id, str) else None, text))
        return found
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []
