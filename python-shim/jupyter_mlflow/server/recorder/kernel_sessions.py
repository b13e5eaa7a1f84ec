"""What is recorded of each kernel's notebooks, from the rules to what the kernel and the desk are told."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..kernels.kernel_record import KernelRecord
from ..notebooks import Notebooks
from .folding import Origin
from .following import Plan, View
from .journals import JournalFolder, folder_of
from .modes import Mode, Modes

#: Client sessions of a kernel that are known to belong to another notebook than the one it was started for.
MAX_CLIENTS = 100


@dataclass
class Session:
    """One notebook in one process of a kernel."""

    path: str
    notebook_id: str | None
    since: float
    mode: Mode
    #: frozen at the first moment in which something was to be sent
    target: Mapping[str, str] | None = None


@dataclass
class KernelSessions:
    """Those of one kernel."""

    #: path → session of the process that is there now
    sessions: dict[str, Session] = field(default_factory=dict)
    #: client session → path of the notebook that it belongs to
    clients: dict[str, str] = field(default_factory=dict)
    folder: JournalFolder | None = None
    #: something was recorded in this process
    was_on: bool = False


@dataclass(frozen=True)
class Wanted:
    """What is to be done about a kernel."""

    plan: Plan
    is_on: bool
    #: nothing of it was recorded before in this process
    is_new: bool
    folder: JournalFolder | None


class Sessions:
    """Of all kernels. Reads and writes files; safe from any thread."""

    def __init__(self, modes: Modes, notebooks: Notebooks, *, root: Path, ledger_path: Any) -> None:
        """
        :param root: of journals
        :param ledger_path: called for the path of this server's ledger
        """
        self._modes = modes
        self._notebooks = notebooks
        self._root = root
        self._ledger_path = ledger_path
        self._lock = threading.Lock()
        self._kernels: dict[str, KernelSessions] = {}

    def want(self, record: KernelRecord) -> Wanted:
        """What the rules say now; the kernel's mode file is written. Raises OSError."""
        with self._lock:
            known = self._kernels.setdefault(record.id, KernelSessions())
            paths = dict.fromkeys([record.path, *known.clients.values()])
            views = {path: self._view(record, known, path) for path in paths}
            default = views[record.path]
            clients = {client: views[path] for client, path in known.clients.items()}
            listens = any(session.mode.is_on for session in known.sessions.values())
            plan = Plan(default, clients, listens=listens, is_partial=record.reach != "local")
            is_new = listens and not known.was_on
            known.was_on |= listens
            is_python = record.reach == "local" and record.is_python
            if listens and is_python and known.folder is None:
                known.folder = JournalFolder.take(folder_of(self._root, record.id))
            if known.folder is not None:
                known.folder.write_mode(self._mode_of(record, plan))
            return Wanted(plan, listens, is_new, known.folder)

    def new_process(self, kernel_id: str) -> None:
        """The kernel was restarted: a new session, with the targets of the rules."""
        with self._lock:
            known = self._kernels.get(kernel_id)
            if known is not None:
                known.sessions.clear()
                known.was_on = False

    def retarget(self, path: str, target: Mapping[str, str]) -> None:
        """The frozen target of a notebook's sessions takes nothing any more: they go on with another one."""
        with self._lock:
            for known in self._kernels.values():
                session = known.sessions.get(path)
                if session is not None and session.target is not None:
                    session.target = dict(target)

    def set_client(self, kernel_id: str, client: str, path: str) -> bool:
        """A client session of a kernel belongs to that notebook; whether that is news."""
        with self._lock:
            clients = self._kernels.setdefault(kernel_id, KernelSessions()).clients
            if clients.get(client) == path:
                return False
            clients.pop(client, None)
            clients[client] = path
            while len(clients) > MAX_CLIENTS:
                del clients[next(iter(clients))]
            return True

    def moved(self, source: str, target: str) -> None:
        """Notebooks have another path; sessions go on."""
        with self._lock:
            for known in self._kernels.values():
                for client, path in known.clients.items():
                    known.clients[client] = _moved(path, source, target)
                known.sessions = {
                    _moved(path, source, target): session for path, session in known.sessions.items()
                }
                for path, session in known.sessions.items():
                    session.path = path

    def ended(self, kernel_id: str) -> None:
        """The kernel is gone."""
        with self._lock:
            self._kernels.pop(kernel_id, None)

    def folders(self) -> set[Path]:
        """Journals that this server reads for its own kernels."""
        with self._lock:
            return {known.folder.path for known in self._kernels.values() if known.folder is not None}

    def describe(self, path: str, records: Mapping[str, KernelRecord]) -> list[dict[str, Any]]:
        """The `Session`s of docs/architecture.md of a notebook."""
        with self._lock:
            return [
                {
                    "kernel_id": kernel_id,
                    "since": session.since,
                    "keep": session.mode.keep,
                    "send": session.mode.send,
                    "target": dict(session.target) if session.target is not None else None,
                    "state": "paused" if session.mode.paused else "on",
                    "capture": _capture(records[kernel_id]),
                }
                for kernel_id, known in self._kernels.items()
                for session in known.sessions.values()
                if session.path == path and session.mode.is_on and kernel_id in records
            ]

    def _view(self, record: KernelRecord, known: KernelSessions, path: str | None) -> View:
        if path is None or not path.endswith(".ipynb"):
            return View(Origin(record.id, path=path, language=record.language, keep=False), False)
        found = self._notebooks.find(path=path)
        notebook_id = found["id"] if found is not None else None
        mode = self._modes.of(notebook_id, path)
        if mode.is_on and notebook_id is None:
            notebook_id = self._notebooks.id_of(path)
        session = known.sessions.get(path)
        if session is None:
            session = known.sessions[path] = Session(path, notebook_id, time.time(), mode)
        elif mode.is_on and not session.mode.is_on:
            session.since = time.time()
        session.mode, session.notebook_id = mode, notebook_id
        if session.target is None and mode.send != "nothing":
            session.target = mode.target
        origin = Origin(
            record.id,
            notebook_id,
            path,
            record.language,
            keep=mode.keep,
            send=mode.send,
            target=session.target if mode.send != "nothing" else None,
            kernel=record.name,
        )
        return View(origin, mode.is_on and not mode.paused)

    def _mode_of(self, record: KernelRecord, plan: Plan) -> dict[str, Any]:
        """What the kernel obeys, and what whoever adopts its journal needs to know."""
        views = {client: view for client, view in plan.clients.items() if view is not plan.default}
        return {
            "on": plan.default.records or any(view.records for view in views.values()),
            "source": not self._modes.allowed.redact_at_capture,
            # Where cells run: there git is asked for what is sent.
            "cwd": any(
                view.records and view.origin.send != "nothing" for view in (plan.default, *views.values())
            ),
            "only_of": None if plan.default.records else [c for c, view in views.items() if view.records],
            "not_of": [client for client, view in views.items() if not view.records],
            "kernel_id": record.id,
            "ledger": self._ledger_path(),
            "origin": asdict(plan.default.origin) if plan.default.records else None,
            "clients": {client: asdict(view.origin) for client, view in views.items() if view.records},
        }


def _moved(path: str, source: str, target: str) -> str:
    if path == source or path.startswith(source.rstrip("/") + "/"):
        return target + path[len(source) :]
    return path


def _capture(record: KernelRecord) -> str:
    if record.reach != "local":
        return "partial"
    return "full" if record.is_python else "witness"
