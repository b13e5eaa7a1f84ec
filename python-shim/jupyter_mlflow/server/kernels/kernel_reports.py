"""Kernels as the page sees them: their facts, their notebooks, and the tracking servers that they log to."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..notebooks import Notebooks
from ..preferences import Preferences
from ..problems import Problem
from ..tracking.tracking_servers import TrackingServer
from .kernel_places import describe_place, import_path, tracking_request
from .kernel_record import KernelRecord

if TYPE_CHECKING:
    from ..services import Services

CONTENTS = "https://events.jupyter.org/jupyter_server/contents_service/v1"


class KernelReports:
    """Joins kernels with the record of notebooks, the preferences and the list of tracking servers."""

    def __init__(
        self,
        services: Services,
        *,
        notebooks: Notebooks,
        preferences: Preferences,
        session_manager: Any,
        user_env: str,
    ) -> None:
        """:param user_env: the variable that names the person"""
        self._services = services
        self.notebooks = notebooks
        self.preferences = preferences
        self._sessions = session_manager
        self._user_env = user_env
        #: one after the other: of two in a row the second begins where the first ends
        self._moving = asyncio.Lock()

    async def report(self, record: KernelRecord) -> dict[str, Any]:
        """The `KernelReport` of docs/architecture.md."""
        await self._follow_session(record)
        notebook, logs_to, imported_from = await asyncio.to_thread(self._read, record)
        return {
            "id": record.id,
            "name": record.name,
            "language": record.language,
            "implementation": record.implementation,
            "reach": record.reach,
            "state": record.state,
            "reason": record.reason,
            "facts": record.facts,
            "asked_at": record.asked_at,
            "injected": record.injected,
            "lost_race": record.lost_race,
            "notebook": notebook,
            "kernelspec": record.describe_kernelspec(),
            "logs_to": logs_to,
            "import_path": imported_from,
            "import_check": record.imports.result,
        }

    def user(self) -> str | None:
        """The person, by the name that runs are tagged with."""
        return self._services.environ.get(self._user_env) or _os_user()

    def request_of(self, record: KernelRecord) -> dict[str, Any]:
        """What a kernel is told whenever it is asked: who and which notebook it works for. Reads files."""
        if record.path is None:
            record.path = self._path_at_start(record)
        path = record.path
        is_notebook = path is not None and path.endswith(".ipynb")
        preferences = self.preferences.read()
        wishes = self.preferences.of_notebook(path)
        panel = self._wanted_server(preferences["panel_server_id"])
        context = {
            "user": self.user(),
            "kernel_id": record.id,
            "notebook_id": None,
            "notebook_path": path,
            "run_tags": preferences["run_tags"],
            "experiment": wishes["experiment"],
            "servers": self._servers_known(record),
            "panel_server_id": panel.id if panel is not None else self._services.servers.default_id(),
        }
        if path is not None and is_notebook:
            # A folder that cannot be written costs the id, not the kernel.
            with contextlib.suppress(OSError):
                context["notebook_id"] = self.notebooks.id_of(path)
        request: dict[str, Any] = {"do": "facts", "context": context}
        server = self._wanted_server(wishes["server_id"])
        if server is not None:
            with contextlib.suppress(Problem):
                connect = self.connect_request(record, server, with_login=False)
                request["connect"] = {**connect, "gently": wishes["gently"]}
        recorder = self._services.recorder
        if recorder is not None:
            recording = recorder.request_part(record)
            if recording is not None:
                request["recording"] = recording
        return request

    def path_at_start(self, record: KernelRecord) -> str | None:
        """The path of its notebook, from Jupyter's root, as the kernel was started with it."""
        return self._path_at_start(record)

    def _servers_known(self, record: KernelRecord) -> list[dict[str, Any]]:
        """Ids for the places that the kernel may log to, so that what `%mlflow` shows names no address."""
        found = []
        for server in self._services.servers.list():
            if record.reach != "local" and server.is_loopback:
                continue
            address = server.address.url if server.address is not None else self._origin_of(server)
            places = [address] if address else []
            if server.store is not None and record.reach == "local":
                places.append(server.store.public_uri)
            found.append({"id": server.id, "name": server.name, "uri": address, "places": places})
        return found

    def connect_request(
        self, record: KernelRecord, server: TrackingServer, *, with_login: bool
    ) -> dict[str, Any]:
        """What lets this kernel log to that server.

        :raises Problem: the local server is not up; or the kernel runs elsewhere and cannot reach it
        (`kernel-remote`)
        """
        if server.problem is not None:
            raise server.problem
        if record.reach != "local" and server.is_loopback:
            raise Problem(
                "kernel-remote",
                f"This kernel runs on another machine, which cannot reach “{server.name}”.",
                "Choose a tracking server with an address that the kernel's machine can reach.",
                status=409,
            )
        address = server.address.url if server.address is not None else self._services.local_origin(server)
        return tracking_request(server, address, with_login=with_login, environ=self._services.environ)

    async def on_contents(self, logger: Any, schema_id: str, data: Mapping[str, Any]) -> None:
        """Jupyter's event: a file was renamed or deleted. Identities and wishes go with it."""
        action, path, source = data.get("action"), data.get("path"), data.get("source_path")
        with contextlib.suppress(OSError, Problem):
            if action == "rename" and isinstance(path, str) and isinstance(source, str):
                async with self._moving:
                    await self._moved(source.strip("/"), path.strip("/"))
            elif action == "delete" and isinstance(path, str):
                await asyncio.to_thread(self.notebooks.deleted, path.strip("/"))

    async def _moved(self, source: str, path: str) -> None:
        is_known = await asyncio.to_thread(self._move, source, path)
        kernels, recorder = self._services.kernels, self._services.recorder
        moved = []
        for record in kernels.records() if kernels is not None else []:
            if record.path == source or (record.path or "").startswith(source + "/"):
                record.path = path + (record.path or "")[len(source) :]
                moved.append(record.id)
        if kernels is not None:
            kernels.refresh(moved)
        is_notebook = path.endswith(".ipynb")
        if recorder is not None and (is_notebook or is_known or moved):
            # At once, and kernels of other notebooks, too: the rule of another folder may count now. Pages
            # may have asked too early.
            await recorder.apply(path if is_notebook else None, is_wide=not is_notebook)

    def _move(self, source: str, path: str) -> bool:
        is_known = self.notebooks.moved(source, path)
        self.preferences.moved(source, path)
        if self._services.recorder is not None:
            self._services.recorder.moved(source, path)
        return is_known

    def _read(self, record: KernelRecord) -> tuple[dict[str, Any] | None, dict[str, Any] | None, str | None]:
        notebook = None
        if record.path is not None and record.path.endswith(".ipynb"):
            found = self.notebooks.find(path=record.path)
            own = self.preferences.read()["notebooks"].get(record.path, {})
            chosen = {name: own.get(name) for name in ("server_id", "experiment")}
            notebook = {**found, **chosen} if found is not None else None
        if record.facts is None:
            return notebook, None, None
        root_dir, is_here = self._services.settings.root_dir, record.reach == "local"
        logs_to = describe_place(
            record.facts,
            servers=self._services.servers.list(),
            local_origin=self._origin_of,
            root_dir=root_dir,
            is_here=is_here,
        )
        file = import_path(record.facts, root_dir=str(root_dir), notebook=record.path) if is_here else None
        return notebook, logs_to, file

    def _origin_of(self, server: TrackingServer) -> str | None:
        try:
            return self._services.local_origin(server)
        except Problem:
            return None

    def _wanted_server(self, id: str | None) -> TrackingServer | None:
        with contextlib.suppress(Problem):
            return self._services.servers.get(id) if id is not None else None
        return None

    async def _follow_session(self, record: KernelRecord) -> None:
        """The session tells the path of now, also where no file was renamed: "Save as", another notebook."""
        try:
            session = await self._sessions.get_session(kernel_id=record.id)
            path = str(session["path"]).strip("/")
        except Exception:
            return  # a kernel without a session
        if session.get("type") == "notebook" and path.endswith(".ipynb") and path != record.path:
            record.path = path
            kernels = self._services.kernels
            if kernels is not None:
                kernels.refresh([record.id])

    def _path_at_start(self, record: KernelRecord) -> str | None:
        """jupyter_server names the file in the kernel's environment; the session is kept only later."""
        launched = getattr(record.manager, "_launch_args", None) or {}
        named = (launched.get("env") or {}).get("JPY_SESSION_NAME")
        if not isinstance(named, str) or not named:
            return None
        if os.path.isabs(named):
            return self.notebooks.api_path(self.notebooks.absolute(named))
        return named.strip("/")


def _os_user() -> str | None:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return None
