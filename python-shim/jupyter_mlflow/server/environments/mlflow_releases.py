"""What old releases of MLflow need beside them: packages of their own time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from ...kernel.magics.conflicts import TABLE
from ..problems import Problem

#: When minor releases of MLflow 2 came out (from its changelog). The packages of that time still exist and
#: fit.
RELEASED = {
    (2, 3): date(2023, 4, 18),
    (2, 4): date(2023, 6, 6),
    (2, 5): date(2023, 7, 17),
    (2, 6): date(2023, 8, 15),
    (2, 7): date(2023, 9, 12),
    (2, 8): date(2023, 10, 28),
    (2, 9): date(2023, 12, 6),
    (2, 10): date(2024, 1, 26),
    (2, 11): date(2024, 2, 29),
    (2, 12): date(2024, 4, 16),
    (2, 13): date(2024, 5, 20),
    (2, 14): date(2024, 6, 17),
    (2, 15): date(2024, 7, 30),
    (2, 16): date(2024, 8, 30),
    (2, 17): date(2024, 10, 11),
    (2, 18): date(2024, 11, 18),
    (2, 19): date(2024, 12, 11),
    (2, 20): date(2025, 1, 23),
    (2, 21): date(2025, 3, 14),
    (2, 22): date(2025, 4, 24),
}
#: After the next minor release there are hardly patches of this one.
GRACE = timedelta(days=25)
OLDEST = Version("2.3.2")


@dataclass(frozen=True)
class Recipe:
    """How to install the wanted MLflow."""

    #: a requirement for pip or uv
    requirement: str
    #: further requirements, where packages are not taken as of a day
    bounds: tuple[str, ...] = ()
    #: take packages as of this day
    as_of: date | None = None
    #: Pythons that packages of that time were built for
    python: SpecifierSet = field(default_factory=lambda: SpecifierSet(">=3.10"))


def recipe(wanted: str | None) -> Recipe:
    """How to install `wanted`: nothing (the newest), a version ("2.3.2") or a specifier (">=3,<4").

    :raises Problem: `invalid-version`
    """
    text = (wanted or "").strip()
    if not text:
        return Recipe("mlflow")
    try:
        version = Version(text)
        specifiers = SpecifierSet(f"=={version}")
    except InvalidVersion:
        try:
            specifiers = SpecifierSet(text)
        except InvalidSpecifier:
            raise _invalid(text) from None
        exact = [s.version for s in specifiers if s.operator == "==" and "*" not in s.version]
        version = Version(exact[0]) if exact else Version("999")
    if any(specifier.operator == "===" for specifier in specifiers) or version.local:
        raise _invalid(text)
    if version < OLDEST:
        raise Problem(
            "invalid-version",
            f"MLflow {version} is older than {OLDEST}, the oldest that is supported.",
            f"Choose {OLDEST} or newer.",
        )
    bounds = tuple(row["remedy"] for row in TABLE["conflicts"] if _is_in(version, row["mlflow"]))
    if version.major >= 3:
        return Recipe(f"mlflow{specifiers}", bounds)
    return Recipe(f"mlflow{specifiers}", bounds, _as_of(version), _pythons(version))


def _as_of(version: Version) -> date:
    minors = sorted(RELEASED)
    later = [minor for minor in minors if minor > (version.major, version.minor)]
    # The last minor of 2 had patches for months.
    return (RELEASED[later[0]] if later else date(2025, 12, 6)) + GRACE


def _pythons(version: Version) -> SpecifierSet:
    # numpy and pandas of 2023 have no builds for 3.12; those of 2024 none for 3.13.
    oldest, end = next(row["python"] for row in TABLE["pythons"] if _is_in(version, row["mlflow"]))
    return SpecifierSet(f">={oldest},<{end}")


def _is_in(version: Version, ends: Sequence[str]) -> bool:
    """A range of the table: from, and before."""
    return Version(ends[0]) <= version < Version(ends[1])


def _invalid(text: str) -> Problem:
    return Problem(
        "invalid-version",
        f"“{text[:60]}” is not a version of MLflow.",
        "Write a version such as 2.3.2, or a range such as >=3,<4.",
    )
