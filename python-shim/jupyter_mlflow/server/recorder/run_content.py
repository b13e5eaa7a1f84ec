"""What is sent of an execution. One function says it; the preview shows that and the shipper sends that."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath
from typing import Any

from .execution import Execution
from .redaction import Redaction
from .run_files import File, run_files
from .sent_names import EXPERIMENT, NAME, PARAM, TAG, clean, run_name, searchable

#: The tag that tells recorded runs from those of a person's code: `cell`, or `session` for their parent.
RECORDED = "jupyter.recorded"
EXECUTION_ID = "jupyter.execution_id"
SESSION = "jupyter.session"
DUPLICATE_OF = "jupyter.duplicate_of"
#: Its value of a run that is to be none: without the right to delete, the tag has to tell.
DROPPED = "dropped"
SOURCE_SHA256 = "jupyter.source_sha256"
#: Where files go in runs that a person's code made, which has files of its own there.
FOLDER = "jupyter"

_STATUS = {
    "ok": "FINISHED",
    "error": "FAILED",
    "interrupted": "KILLED",
    "killed": "KILLED",
    "unknown": "KILLED",
}


@dataclass(frozen=True)
class RunContent:
    """A run but for its files. Times are milliseconds since the epoch."""

    name: str
    status: str
    start_time: int
    end_time: int
    #: tag and value by which it is found again
    key: tuple[str, str]
    tags: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    user: str = ""

    def to_json(self) -> dict[str, Any]:
        """As it is frozen, and shown."""
        return asdict(self)

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> RunContent:
        """Reads what `to_json` wrote."""
        return RunContent(**{**value, "key": (value["key"][0], value["key"][1])})


@dataclass(frozen=True)
class Parcel:
    """All that is sent of one execution.

    Of one that started runs itself, `tags` and `files` are added to these, the files below `jupyter/`; there
    is no run of ours then, nor a parent.
    """

    server_id: str
    experiment: str
    parent: RunContent
    run: RunContent
    files: tuple[File, ...]
    adopts: tuple[str, ...]
    #: for runs that the execution started itself
    tags: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        """The answer of GET `executions/<id>/preview`."""
        own = not self.adopts
        return {
            "server_id": self.server_id,
            "experiment": self.experiment if own else None,
            "parent": self.parent.to_json() if own else None,
            "run": self.run.to_json() if own else None,
            "adopts": list(self.adopts),
            "tags": dict(self.run.tags if own else self.tags),
            "files": [
                {**each.to_json(), "path": each.path if own else f"{FOLDER}/{each.path}"}
                for each in self.files
            ],
        }


@dataclass(frozen=True)
class Surroundings:
    """What the ledger does not know of an execution."""

    user: str = ""
    #: of the kernelspec
    kernel: str | None = None
    #: of the cell in the notebook, from 1
    position: int | None = None


def what_is_sent(execution: Execution, redaction: Redaction, around: Surroundings) -> Parcel:
    """Everything of an execution that has ended, masked. May take seconds for large outputs."""
    target = execution.target or {}
    return Parcel(
        server_id=str(target.get("server_id") or ""),
        experiment=clean(str(target.get("experiment") or "").strip(), EXPERIMENT),
        parent=_parent(execution, redaction, around),
        run=_run(execution, redaction, around),
        files=run_files(execution, redaction),
        adopts=execution.runs,
        tags={SOURCE_SHA256: execution.source_sha256} if execution.source_sha256 else {},
    )


def session_key(execution: Execution) -> str:
    """The same for all executions of a notebook in one process of a kernel."""
    parts = (execution.kernel_id, execution.process or "", execution.notebook_id or execution.path or "")
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:40]


def _run(execution: Execution, redaction: Redaction, around: Surroundings) -> RunContent:
    start = _milliseconds(execution.started)
    end = max(start, _milliseconds(execution.ended))
    params = {
        "execution_count": execution.execution_count,
        "cell_position": around.position,
        "kernel": around.kernel,
        "language": execution.language,
    }
    seconds = execution.seconds
    if seconds is None and execution.started is not None and execution.ended is not None:
        seconds = max(0.0, execution.ended - execution.started)
    name, message = execution.error or ("", "")
    tags = {
        **_common(execution, redaction, around),
        RECORDED: "cell",
        EXECUTION_ID: searchable(execution.id),
        "jupyter.cell_id": execution.cell_id,
        "jupyter.status": execution.status,
        SOURCE_SHA256: execution.source_sha256,
        "jupyter.error_name": redaction.text(name),
        "jupyter.error_message": clean(redaction.text(message[:20_000]), 1000),
        **_git(execution),
    }
    return RunContent(
        name=run_name(redaction.text(execution.source[:20_000]), execution.execution_count),
        status=_STATUS.get(execution.status, "KILLED"),
        start_time=start,
        end_time=end,
        key=(EXECUTION_ID, searchable(execution.id)),
        tags=_texts(tags, TAG),
        params=_texts(params, PARAM),
        metrics={"duration_s": round(seconds, 6)} if seconds is not None else {},
        user=clean(around.user, NAME),
    )


def _parent(execution: Execution, redaction: Redaction, around: Surroundings) -> RunContent:
    path = execution.path or ""
    start = _milliseconds(execution.started)
    notebook = redaction.text(PurePosixPath(path).name) or "notebook"
    date = time.strftime("%Y-%m-%d %H:%M", time.localtime(start / 1000))
    key = session_key(execution)
    return RunContent(
        name=f"{clean(notebook, NAME)} · {date}",
        status="FINISHED",
        start_time=start,
        end_time=max(start, _milliseconds(execution.ended)),
        key=(SESSION, key),
        tags=_texts({**_common(execution, redaction, around), RECORDED: "session", SESSION: key}, TAG),
        user=clean(around.user, NAME),
    )


def _common(execution: Execution, redaction: Redaction, around: Surroundings) -> dict[str, str | None]:
    path = redaction.text(execution.path or "")
    return {
        "jupyter.kernel_id": execution.kernel_id,
        "jupyter.user": around.user,
        "jupyter.notebook_id": execution.notebook_id,
        "jupyter.notebook_path": path,
        "mlflow.source.name": path,
        "mlflow.source.type": "NOTEBOOK" if path else None,
        "mlflow.user": around.user,
    }


def _git(execution: Execution) -> dict[str, str]:
    """As the runs have it that a cell's own code starts."""
    commit = (execution.git or {}).get("commit")
    if not commit:
        return {}
    dirty = "true" if (execution.git or {}).get("dirty") else "false"
    return {
        "jupyter.git.commit": commit,
        "jupyter.git.dirty": dirty,
        "mlflow.source.git.commit": commit,
    }


def _texts(values: Mapping[str, Any], limit: int) -> dict[str, str]:
    """Only those that are there; an empty text is refused by some stores."""
    return {name: clean(str(value), limit) for name, value in values.items() if value not in (None, "")}


def _milliseconds(seconds: float | None) -> int:
    return round(seconds * 1000) if seconds is not None else 0
