"""Virtual environments that lie in the workspace, read from their files.

Such a folder may have come with a downloaded project: it is not run unless the person says so.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from .environments import environment_python
from .interpreter_facts import InterpreterFacts, NotAnswered

_LINE = re.compile(r"^\s*([\w-]+)\s*=\s*(.*?)\s*$", re.MULTILINE)
_VERSION = re.compile(r"^\d+(\.\d+){0,2}")


def read_environment(folder: Path) -> InterpreterFacts:
    """What the files of an environment tell, in the words of an interpreter that was asked.

    :raises NotAnswered: its interpreter or its description is missing
    """
    python = environment_python(folder)
    if not python.exists():
        raise NotAnswered("The Python that it was made with is gone.")
    try:
        settings = dict(_LINE.findall((folder / "pyvenv.cfg").read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError):
        raise NotAnswered("Its pyvenv.cfg cannot be read.") from None
    # venv writes `version`, uv and virtualenv write `version_info`.
    version = _VERSION.match(settings.get("version") or settings.get("version_info") or "")
    if version is None:
        raise NotAnswered("Its pyvenv.cfg names no version of Python.")
    libraries = [*folder.glob("lib/python3*/site-packages"), *folder.glob("Lib/site-packages")]
    names = {entry.name for library in libraries for entry in os.scandir(library) if entry.is_dir()}
    found = next(
        (
            (each, told)
            for each in ("mlflow", "mlflow-skinny", "mlflow-tracing")
            if (told := _told(names, each))
        ),
        None,
    )
    has_mlflow = found is not None and "mlflow" in names
    return InterpreterFacts(
        executable=str(python),
        prefix=str(folder),
        base_prefix=str(Path(settings.get("home", "")).parent),
        python=version.group(),
        mlflow=found[1] if found and has_mlflow else None,
        distribution=found[0] if found and has_mlflow else None,
        package_dir=None,
        ipykernel=_told(names, "ipykernel") if "ipykernel" in names else None,
        ipywidgets=_told(names, "ipywidgets") if "ipywidgets" in names else None,
        pip="pip" in names,
        writable=bool(libraries) and all(os.access(library, os.W_OK) for library in libraries),
        externally_managed=False,
        conda=False,
        conda_base=False,
        packages=tuple(str(library) for library in libraries),
    )


def _told(names: set[str], distribution: str) -> str | None:
    """The version in the name of a folder of metadata."""
    start = distribution.replace("-", "_") + "-"
    for name in names:
        if name.lower().startswith(start) and name.endswith(".dist-info"):
            return name[len(start) : -len(".dist-info")]
    return None
