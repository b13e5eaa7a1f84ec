"""What a person may ask to have installed: names and versions, nothing that leads elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from ..problems import Problem

#: More are a mistake.
MAX_PACKAGES = 200
#: pip takes such a word for a file.
ARCHIVES = (".whl", ".zip", ".tar.gz", ".tar.bz2", ".tgz", ".egg")


def read_packages(value: Any) -> tuple[str, ...]:
    """The `packages` of a request, each as pip and uv read it, each name once.

    :raises Problem: `invalid-package`, with the first one that is no name (and version)
    """
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > MAX_PACKAGES:
        raise Problem("invalid-package", "The packages are no list of names.", "Write one name on each line.")
    found: dict[str, str] = {}
    for each in value:
        requirement = _read(each)
        found.setdefault(canonicalize_name(requirement.name), str(requirement))
    return tuple(found.values())


def names_of(packages: Iterable[str]) -> list[str]:
    """Their names alone."""
    return [Requirement(package).name for package in packages]


def _read(value: Any) -> Requirement:
    text = value.strip() if isinstance(value, str) else ""
    shown = text[:60] + ("…" if len(text) > 60 else "")
    hint = "Write a name such as pandas, with a version where one is needed: pandas>=2,<3."
    if text.startswith("-"):
        raise Problem(
            "invalid-package", f"“{shown}” is an option of the installer, not the name of a package.", hint
        )
    if "://" in text or " @ " in text or text.startswith(("git+", "file:", "@")):
        raise Problem("invalid-package", f"“{shown}” is an address, not the name of a package.", hint)
    if text.startswith((".", "~")) or "/" in text or "\\" in text or text.lower().endswith(ARCHIVES):
        raise Problem("invalid-package", f"“{shown}” is a path, not the name of a package.", hint)
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        raise Problem("invalid-package", f"“{shown}” is not the name of a package.", hint) from None
    if requirement.url is not None:
        raise Problem("invalid-package", f"“{shown}” is an address, not the name of a package.", hint)
    return requirement
