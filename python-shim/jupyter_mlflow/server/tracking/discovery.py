"""What could be used with one click: stores in the workspace, an MLflow on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from ..problems import Problem
from .addresses import is_loopback_host, split_remote
from .health import HealthProbe
from .tracking_servers import TrackingServer, TrackingServers, server_id

#: Where `mlflow ui` and `mlflow server` listen when nobody says otherwise.
LOOPBACK_URL = "http://127.0.0.1:5000"
#: A workspace may be a home folder on a slow disk: looking ends at the first of these.
MAX_DEPTH = 2
MAX_FOLDERS = 400
MAX_SECONDS = 1.5
#: Seconds that a server on this machine may take to say that it is MLflow.
LOOPBACK_SECONDS = 3.0
#: Seconds that the interpreters of this machine may take to say whether they have MLflow.
INTERPRETER_SECONDS = 3.0

_SQLITE_MAGIC = b"SQLite format 3\x00"
#: Folders full of files that are nobody's workspace.
_SKIPPED = frozenset({"node_modules", "__pycache__", "site-packages", "venv", "env", "mlruns", "mlartifacts"})


@dataclass(frozen=True)
class Suggestion:
    """The `Suggestion` of docs/architecture.md."""

    id: str
    kind: Literal["start-here", "mlruns", "mlflow-db", "loopback"]
    uri: str
    label: str
    version: str | None = None
    needs_environment: bool = False


class Discovery:
    """Looks around when asked to, and never on a shared machine's loopback addresses."""

    def __init__(
        self,
        *,
        root_dir: Path,
        servers: TrackingServers,
        health: HealthProbe,
        local_servers: bool,
        shared_machine: bool,
        has_mlflow: Callable[[], Awaitable[bool]],
        loopback_url: str = LOOPBACK_URL,
    ) -> None:
        self._root = root_dir
        self._servers = servers
        self._health = health
        self._local_servers = local_servers
        self._shared_machine = shared_machine
        self._has_mlflow = has_mlflow
        self._loopback_url = loopback_url

    async def suggestions(
        self, known: Sequence[TrackingServer], *, discover: bool = False
    ) -> list[dict[str, Any]]:
        """What is not in the list (`known`) yet; without `discover` only what costs nothing to find."""
        if not self._servers.allow_adding:
            return []
        found: list[Suggestion] = []
        if self._local_servers:
            found.append(self._start_here())
            if discover:
                found += await asyncio.to_thread(self._stores)
        if discover and not self._shared_machine:
            found += await self._loopback(known)
        taken = {server.id for server in known}
        fresh: dict[str, Suggestion] = {}
        for suggestion in found:
            id = self._id(suggestion.uri)
            if id is not None and id not in taken:
                fresh.setdefault(id, suggestion)
        if any(each.kind != "loopback" for each in fresh.values()) and (discover or not known):
            needs = not await self._knows_mlflow()
        else:
            needs = False
        return [
            {**asdict(each), "id": id, "needs_environment": needs and each.kind != "loopback"}
            for id, each in fresh.items()
        ]

    def _id(self, uri: str) -> str | None:
        """The id a server at `uri` would have; None where it would not be accepted."""
        with contextlib.suppress(Problem):
            return self._servers.preview({"uri": uri}).id
        return None

    async def _knows_mlflow(self) -> bool:
        try:
            return await asyncio.wait_for(self._has_mlflow(), INTERPRETER_SECONDS)
        except asyncio.TimeoutError:
            # Starting asks again, and says so when there is none.
            return True

    def _start_here(self) -> Suggestion:
        path = self._root / "mlflow.db"
        kind: Literal["mlflow-db", "start-here"] = "mlflow-db" if _is_sqlite(path) else "start-here"
        return Suggestion("", kind, _sqlite_uri(path), "./mlflow.db")

    def _stores(self) -> list[Suggestion]:
        """Folders of runs and databases of MLflow in the workspace. Blocks."""
        found: list[Suggestion] = []
        for folder in _folders(self._root):
            mlruns, database = folder / "mlruns", folder / "mlflow.db"
            if _holds_experiments(mlruns):
                found.append(Suggestion("", "mlruns", str(mlruns), self._label(mlruns)))
            if _is_sqlite(database):
                found.append(Suggestion("", "mlflow-db", _sqlite_uri(database), self._label(database)))
        return found

    def _label(self, path: Path) -> str:
        return "./" + path.relative_to(self._root).as_posix()

    async def _loopback(self, known: Sequence[TrackingServer]) -> list[Suggestion]:
        """An MLflow that somebody started in a terminal."""
        address, _ = split_remote(self._loopback_url)
        for server in known:
            each = server.address
            if each is not None and each.port == address.port and is_loopback_host(each.host):
                return []
        candidate = TrackingServer(
            server_id(address.url, None), address.url, "user", address.url, address=address
        )
        try:
            version = await asyncio.wait_for(self._health.recognise(candidate), LOOPBACK_SECONDS)
        except asyncio.TimeoutError:
            return []
        if version is None:
            return []
        label = address.url.split("://", 1)[1]
        return [Suggestion("", "loopback", address.url, label, version)]


def _sqlite_uri(path: Path) -> str:
    return f"sqlite:///{path.as_posix()}"


def _folders(root: Path) -> Iterator[Path]:
    """`root` and what is below it, breadth first, as far as the bounds allow."""
    deadline = time.monotonic() + MAX_SECONDS
    level, seen = [root], 0
    for depth in range(MAX_DEPTH + 1):
        below: list[Path] = []
        for folder in level:
            seen += 1
            if seen > MAX_FOLDERS or time.monotonic() > deadline:
                return
            yield folder
            if depth < MAX_DEPTH:
                below += _subfolders(folder)
        level = below


def _subfolders(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return sorted(
                Path(entry.path)
                for entry in entries
                if not entry.name.startswith(".")
                and entry.name not in _SKIPPED
                and entry.is_dir(follow_symlinks=False)
            )
    except OSError:
        return []


def _holds_experiments(folder: Path) -> bool:
    """Whether MLflow's file store is there: a server over a database uses the same name, for files alone."""
    try:
        with os.scandir(folder) as entries:
            return any(
                entry.is_dir(follow_symlinks=False) and (Path(entry.path) / "meta.yaml").is_file()
                for entry in entries
            )
    except OSError:
        return False


def _is_sqlite(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_SQLITE_MAGIC)) == _SQLITE_MAGIC
    except OSError:
        return False
