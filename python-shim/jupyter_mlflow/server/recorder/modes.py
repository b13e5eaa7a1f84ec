"""What a person wants recorded: of a notebook, of the notebooks in a folder, of all. And what is allowed."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from ..problems import Problem
from ..state_file import StateFile

SENDS = ("nothing", "runs", "tagged", "all")
SCOPES = ("notebook", "folder", "personal")
#: Rules that are remembered of each kind; the oldest are forgotten.
REMEMBERED = 2000
#: What stands for the notebook's name in the experiment of a rule for many.
NOTEBOOK = "{notebook}"


@dataclass(frozen=True)
class Allowed:
    """What the administrator allows."""

    keep: bool = True
    send: tuple[str, ...] = SENDS
    redact_at_capture: bool = False
    retention_days: float = 30.0
    retention_bytes: int = 10**9
    runs_per_day: int | None = None
    experiment: str = f"{NOTEBOOK} (cells)"


@dataclass(frozen=True)
class Mode:
    """What is recorded of a notebook now, and which rule says so."""

    keep: bool = False
    send: str = "nothing"
    #: `{"server_id", "experiment"}`
    target: Mapping[str, str] | None = None
    paused: bool = False
    rule: str = "none"
    #: of the folder that the rule is for
    rule_path: str | None = None
    by: str | None = None

    @property
    def is_on(self) -> bool:
        """Whether anything is recorded, or would be if it were not paused."""
        return self.keep or self.send != "nothing"


@dataclass
class Wishes:
    """The content of `recording.json`."""

    personal: dict[str, Any] | None = None
    folders: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: id → rule with the `path` of when it was made
    notebooks: dict[str, dict[str, Any]] = field(default_factory=dict)
    paused: list[str] = field(default_factory=list)
    offered: bool = False
    retention: dict[str, Any] = field(default_factory=dict)


class Modes:
    """The record, kept for the person whose Jupyter server this is. Reads and writes files."""

    def __init__(self, file: Path, allowed: Allowed) -> None:
        """:param file: `recording.json` in the state folder"""
        self._file = StateFile(file)
        self.allowed = allowed

    def read(self) -> Wishes:
        """Everything; what is broken in the file counts as not said, and so as "no"."""
        kept: Any = None
        with contextlib.suppress(OSError, ValueError):
            kept = self._file.read()
        return _clean(kept if isinstance(kept, Mapping) else {})

    def of(self, notebook_id: str | None, path: str | None) -> Mode:
        """The mode of a notebook, within what is allowed."""
        wishes = self.read()
        rule, name, where = self._applying(wishes, notebook_id, path)
        if rule is None:
            return Mode()
        send = rule["send"] if rule["send"] in self.allowed.send else "nothing"
        target = rule["target"]
        if target is not None and path is not None:
            target = {**target, "experiment": _named(target["experiment"], path)}
        return Mode(
            keep=rule["keep"] and self.allowed.keep,
            send=send,
            target=target,
            paused=notebook_id in wishes.paused,
            rule=name,
            rule_path=where,
            by=rule["by"],
        )

    def retention(self) -> tuple[float, int]:
        """Days and bytes that the history may have: a person may want less than is allowed."""
        wanted = self.read().retention
        return (
            min(wanted.get("days", self.allowed.retention_days), self.allowed.retention_days),
            min(wanted.get("bytes", self.allowed.retention_bytes), self.allowed.retention_bytes),
        )

    def experiment(self, path: str) -> str:
        """The experiment that is proposed for a notebook's cells."""
        return _named(self.allowed.experiment, path)

    def put(
        self,
        scope: str,
        *,
        path: str,
        notebook_id: str | None,
        rule: Mapping[str, Any] | None,
        by: str | None,
    ) -> None:
        """Make a rule, or forget it with None.

        :param path: the notebook's, or the folder's for `scope` "folder"
        :raises Problem: `invalid-request` (400), `recording-not-allowed` (403). Raises OSError.
        """
        made = self._checked(rule, by) if rule is not None else None
        with self._file.alone():
            wishes = self.read()
            if scope == "personal":
                wishes.personal = made
            elif scope == "folder":
                _put(wishes.folders, path.strip("/"), made)
            elif scope == "notebook" and notebook_id is not None:
                _put(wishes.notebooks, notebook_id, {**made, "path": path} if made is not None else None)
                if made is None or not (made["keep"] or made["send"] != "nothing"):
                    wishes.paused = [id for id in wishes.paused if id != notebook_id]
            else:
                raise _invalid()
            self._write(wishes)

    def change(
        self,
        *,
        notebook_id: str | None = None,
        paused: bool | None = None,
        offered: bool | None = None,
        retention: Mapping[str, Any] | None = None,
    ) -> None:
        """Pause or resume a notebook; note that the offer was answered; how much history is kept.

        Raises OSError.
        """
        with self._file.alone():
            wishes = self.read()
            if paused is not None and notebook_id is not None:
                wishes.paused = [id for id in wishes.paused if id != notebook_id]
                wishes.paused += [notebook_id] if paused else []
            if offered is not None:
                wishes.offered = offered
            if retention is not None:
                wishes.retention = {**wishes.retention, **retention}
            self._write(wishes)

    def moved(self, source: str, target: str) -> None:
        """A folder or notebook has another path from Jupyter's root now. Raises OSError."""
        wishes = self.read()
        if not any(_is_at(path, source) for path in wishes.folders):
            return
        with self._file.alone():
            wishes = self.read()
            wishes.folders = {
                target + path[len(source) :] if _is_at(path, source) else path: rule
                for path, rule in wishes.folders.items()
            }
            self._write(wishes)

    def _applying(
        self, wishes: Wishes, notebook_id: str | None, path: str | None
    ) -> tuple[dict[str, Any] | None, str, str | None]:
        if notebook_id in wishes.notebooks:
            return wishes.notebooks[notebook_id or ""], "notebook", None
        if path is not None:
            for above in PurePosixPath("/" + path.strip("/")).parents:
                folder = str(above).strip("/")
                if folder in wishes.folders:
                    return wishes.folders[folder], "folder", folder
        if wishes.personal is not None:
            return wishes.personal, "personal", None
        return None, "none", None

    def _checked(self, rule: Mapping[str, Any], by: str | None) -> dict[str, Any]:
        made = _rule({**rule, "by": by})
        if made is None or rule.get("send") not in SENDS or not isinstance(rule.get("keep"), bool):
            raise _invalid()
        if made["keep"] and not self.allowed.keep:
            raise Problem(
                "recording-not-allowed",
                "The administrator of this Jupyter server does not let cells be kept on this machine.",
                "Ask for JupyterMlflow.recorder_keep.",
                status=403,
            )
        if made["send"] != "nothing" and made["send"] not in self.allowed.send:
            raise Problem(
                "recording-not-allowed",
                "The administrator of this Jupyter server does not let these cells be sent to MLflow.",
                "Ask for JupyterMlflow.recorder_send.",
                status=403,
            )
        if made["send"] != "nothing" and made["target"] is None:
            raise Problem(
                "no-target",
                "It is not said where the cells shall be sent to.",
                "Choose a tracking server and an experiment.",
            )
        return made

    def _write(self, wishes: Wishes) -> None:
        self._file.write(
            {
                "personal": wishes.personal,
                "folders": dict(list(wishes.folders.items())[-REMEMBERED:]),
                "notebooks": dict(list(wishes.notebooks.items())[-REMEMBERED:]),
                "paused": wishes.paused[-REMEMBERED:],
                "offered": wishes.offered,
                "retention": wishes.retention,
            }
        )


def _put(rules: dict[str, dict[str, Any]], key: str, rule: dict[str, Any] | None) -> None:
    # Anew at the end: the oldest are forgotten first.
    rules.pop(key, None)
    if rule is not None:
        rules[key] = rule


def _clean(kept: Mapping[str, Any]) -> Wishes:
    retention = kept.get("retention")
    return Wishes(
        personal=_rule(kept.get("personal")),
        folders=_rules(kept.get("folders")),
        notebooks=_rules(kept.get("notebooks")),
        paused=[id for id in kept.get("paused") or () if isinstance(id, str)]
        if isinstance(kept.get("paused"), list)
        else [],
        offered=kept.get("offered") is True,
        retention=read_retention(retention) if isinstance(retention, Mapping) else {},
    )


def read_retention(kept: Mapping[str, Any]) -> dict[str, Any]:
    """`{days, bytes}`, as far as they are numbers that can be meant."""
    found: dict[str, Any] = {}
    for name, least in (("days", 0.01), ("bytes", 1_000_000)):
        value = kept.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and least <= value < 1e15:
            found[name] = value
    return found


def _rules(kept: Any) -> dict[str, dict[str, Any]]:
    if not isinstance(kept, Mapping):
        return {}
    found = {key: (_rule(each), each) for key, each in kept.items()}
    return {
        key: {**rule, "path": str(each["path"])} if "path" in each else rule
        for key, (rule, each) in found.items()
        if rule is not None
    }


def _rule(kept: Any) -> dict[str, Any] | None:
    if not isinstance(kept, Mapping):
        return None
    target = kept.get("target")
    if isinstance(target, Mapping):
        names = [target.get(name) for name in ("server_id", "experiment")]
        is_whole = all(isinstance(name, str) and 0 < len(name) <= 500 for name in names)
        target = {"server_id": names[0], "experiment": names[1]} if is_whole else None
    else:
        target = None
    by = kept.get("by")
    return {
        "keep": kept.get("keep") is True,
        "send": kept["send"] if kept.get("send") in SENDS else "nothing",
        "target": target,
        "by": by[:200] if isinstance(by, str) else None,
    }


def _named(experiment: str, path: str) -> str:
    return experiment.replace(NOTEBOOK, PurePosixPath(path).stem)[:500]


def _is_at(path: str, place: str) -> bool:
    return path == place or path.startswith(place.rstrip("/") + "/")


def _invalid() -> Problem:
    return Problem("invalid-request", "This is no rule for recording.", "Reload the page and try again.")
