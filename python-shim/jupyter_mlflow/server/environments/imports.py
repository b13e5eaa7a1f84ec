"""Which packages a notebook imports, read from its cells; nothing of them is run."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ..problems import Problem

#: Cells, and characters of all of them, at most.
MAX_CELLS = 5000
MAX_TEXT = 4 * 1024 * 1024
#: Cell magics whose cell is Python.
_PYTHON_MAGIC = re.compile(r"^\s*%%(capture|memit|mprun|prun|time|timeit|python3?)\b[^\n]*(\n|$)")
_IMPORT_LINE = re.compile(r"^\s*(?:import|from)\s+[^\W\d]")
_MAGIC_LINE = re.compile(r"^\s*[!%?]|\?\s*$")
#: Every kernel of IPython brings it.
_BUILT_IN = {"IPython", "__main__", "__future__", *sys.stdlib_module_names}


def read_sources(body: Any) -> list[str]:
    """The cells of a request. Raises Problem `invalid-request`."""
    sources = body.get("sources") if isinstance(body, Mapping) else None
    if (
        not isinstance(sources, list)
        or len(sources) > MAX_CELLS
        or not all(isinstance(each, str) for each in sources)
        or sum(map(len, sources)) > MAX_TEXT
    ):
        raise Problem(
            "invalid-request", "The request holds no cells, or too many.", "Reload the page and try again."
        )
    return sources


def read_notebook_folder(body: Mapping[str, Any], root_dir: Path) -> Path | None:
    """The folder of the notebook, from Jupyter's root; None if it is not told. Raises Problem."""
    value = body.get("folder")
    if value is None:
        return None
    folder = root_dir / value.lstrip("/") if isinstance(value, str) and "\0" not in value else None
    if folder is None or not folder.resolve().is_relative_to(root_dir.resolve()) or not folder.is_dir():
        raise Problem(
            "invalid-folder", "There is no such folder.", "Reload the page and try again.", status=404
        )
    return folder


def packages_of(sources: Sequence[str], folder: Path | None = None) -> list[dict[str, str | None]]:
    """The third-party modules that cells import, in their order, with the distribution that provides each.

    :param folder: of the notebook: modules that lie beside it are left out
    :return: `{module, package, installed_as}`; `package` is null where it is not known for certain
    """
    found: dict[str, dict[str, str | None]] = {}
    for name in _imported(sources):
        module, package = _look_up(name)
        top = name.partition(".")[0]
        if top in _BUILT_IN or (folder is not None and _is_local(top, folder, package is not None)):
            continue
        found.setdefault(module, {"module": module, "package": package, "installed_as": None})
    return list(found.values())


@cache
def import_names() -> Mapping[str, str]:
    """Module → distribution, the kept list."""
    text = (Path(__file__).parent / "import_names.txt").read_text(encoding="utf-8")
    rows = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    return {row[0]: row[-1] for row in rows}


def _look_up(name: str) -> tuple[str, str | None]:
    """The longest part of a dotted name that the list knows; else its first part."""
    names = import_names()
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        known = ".".join(parts[:length])
        if known in names:
            return known, names[known]
    return parts[0], None


def _imported(sources: Iterable[str]) -> Iterator[str]:
    for source in sources:
        for tree in _parse(source):
            for node in ast.walk(tree):
                if isinstance(node, ast.Import):
                    yield from (alias.name for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                    # `from google.cloud import storage`: the last part may be the module.
                    yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _parse(source: str) -> list[ast.AST]:
    """The cell as Python, or as much of it as can be read."""
    python = _PYTHON_MAGIC.sub("", source, count=1)
    if python.lstrip().startswith("%%"):
        return []  # another language
    for text in (python, _without_magics(python)):
        if text is not None and (tree := _tree(text)) is not None:
            return [tree]
    # Half a cell, or Python of another age: its lines of imports.
    lines = [line.strip() for line in python.splitlines() if _IMPORT_LINE.match(line)]
    return [tree for line in lines if (tree := _tree(line)) is not None]


def _without_magics(source: str) -> str | None:
    try:
        from IPython.core.inputtransformer2 import TransformerManager

        manager = TransformerManager()  # type: ignore[no-untyped-call, unused-ignore]
        return manager.transform_cell(source)
    except (ImportError, SyntaxError, ValueError, RecursionError):
        lines = [line for line in source.splitlines() if not _MAGIC_LINE.search(line)]
        return "\n".join(lines)


def _tree(text: str) -> ast.AST | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _is_local(name: str, folder: Path, is_known: bool) -> bool:
    """Whether an import from the notebook's folder finds a module that lies there."""
    if (folder / f"{name}.py").is_file() or (folder / name / "__init__.py").is_file():
        return True
    # A plain folder counts only where no package of that name would come first.
    return not is_known and any((folder / name).glob("*.py"))
