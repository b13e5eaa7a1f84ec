"""Where Pythons may lie on this machine. Looks, and runs nothing."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from .environments import environment_python

_NAME = re.compile(r"^python(3(\.\d+)?)?(\.exe)?$", re.IGNORECASE)
#: Folders of a workspace that are looked into, at most.
MAX_FOLDERS = 2000
#: Not where people keep environments, and large.
_SKIPPED = {"node_modules", "__pycache__", ".git", "mlruns", "mlartifacts"}


def pythons_of_machine(environ: Mapping[str, str]) -> Iterator[str]:
    """Interpreters that were installed: on PATH, by pyenv, uv, conda or the installer of Windows.

    What belongs to no workspace, and may be run to be asked about itself. Some may be named twice.
    """
    yield os.path.abspath(sys.executable)
    home = Path(environ.get("HOME") or Path.home())
    for entry in environ.get("PATH", "").split(os.pathsep):
        # The shims of pyenv and asdf decide by the working folder what they are.
        if os.path.isabs(entry) and Path(entry).name != "shims":
            yield from _in_folder(Path(entry))
    pyenv = Path(environ.get("PYENV_ROOT") or home / ".pyenv")
    for prefix in _entries(pyenv / "versions"):
        yield from _of_prefix(prefix)
    for folder in _uv_folders(environ, home):
        for prefix in _entries(folder):
            # The links "cpython-3.12" name the newest patch release.
            if not prefix.is_symlink():
                yield from _of_prefix(prefix)
    for prefix in _conda_prefixes(environ, home):
        yield from _of_prefix(prefix)
    local = environ.get("LOCALAPPDATA")
    if sys.platform == "win32" and local:
        for prefix in _entries(Path(local) / "Programs" / "Python"):
            yield from _of_prefix(prefix)


def environments_in(root: Path, depth: int = 2) -> list[Path]:
    """Virtual environments at most `depth` folders below `root`."""
    found: list[Path] = []
    level, seen = [root], 0
    for _ in range(depth):
        below: list[Path] = []
        for folder in level:
            for entry in _entries(folder):
                seen += 1
                if seen > MAX_FOLDERS:
                    return found
                if entry.name in _SKIPPED or not entry.is_dir():
                    continue
                if (entry / "pyvenv.cfg").is_file():
                    found.append(entry)
                elif not entry.is_symlink():
                    below.append(entry)
        level = below
    return found


def distinct(executables: Iterable[str]) -> list[str]:
    """Each interpreter once: `python` and `python3` of one folder that are one file are one.

    Not by the real path alone: two virtual environments are links to one binary.
    """
    found: dict[tuple[str, str], str] = {}
    for executable in executables:
        path = os.path.abspath(executable)
        folder = os.path.normcase(os.path.realpath(os.path.dirname(path)))
        found.setdefault((folder, os.path.normcase(os.path.realpath(path))), path)
    return list(found.values())


def _in_folder(folder: Path) -> Iterator[str]:
    for path in sorted(_entries(folder), key=lambda path: path.name):
        if _NAME.fullmatch(path.name) and path.is_file() and os.access(path, os.X_OK):
            yield str(path)


def _of_prefix(prefix: Path) -> Iterator[str]:
    for path in (environment_python(prefix), prefix / "bin" / "python3", prefix / "python.exe"):
        if path.is_file():
            yield str(path)
            return


def _uv_folders(environ: Mapping[str, str], home: Path) -> Iterator[Path]:
    if named := environ.get("UV_PYTHON_INSTALL_DIR"):
        yield Path(named)
    if sys.platform == "win32":
        if roaming := environ.get("APPDATA"):
            yield Path(roaming) / "uv" / "python"
        return
    yield Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "uv" / "python"


def _conda_prefixes(environ: Mapping[str, str], home: Path) -> Iterator[Path]:
    bases = [
        *(home / name for name in ("miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba")),
        Path("/opt/conda"),
    ]
    if program := environ.get("CONDA_EXE"):
        bases.insert(0, Path(program).parent.parent)
    for variable in ("CONDA_PREFIX", "MAMBA_ROOT_PREFIX"):
        if prefix := environ.get(variable):
            bases.append(Path(prefix))
    for base in bases:
        yield base
        yield from _entries(base / "envs")
    # conda writes down every environment that it makes.
    with contextlib.suppress(OSError, UnicodeDecodeError):
        text = (home / ".conda" / "environments.txt").read_text(encoding="utf-8")
        yield from (Path(line.strip()) for line in text.splitlines() if line.strip())


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
