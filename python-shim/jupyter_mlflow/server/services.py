"""The parts of the extension, put together; handlers reach them through the application's settings."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .coalescing import Coalescing
from .forwarder import Answer, Forwarder
from .health import Health, HealthProbe
from .problems import Problem
from .tracking_servers import TrackingServer, TrackingServers


@dataclass(frozen=True)
class Settings:
    """What handlers tell the browser, and decide by."""

    version: str
    root_dir: Path
    features: Mapping[str, bool]
    shared_machine: bool
    loopback_interval_ms: int
    remote_interval_ms: int
    max_json_body: int = 16 * 1024 * 1024


@dataclass
class Services:
    """Made once by the extension, closed by it."""

    settings: Settings
    servers: TrackingServers
    forwarder: Forwarder
    health: HealthProbe
    answers: Coalescing[Answer]
    probes: Coalescing[Health]
    local: Any | None = None
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def describe(self, server: TrackingServer, *, page: str | None = None) -> dict[str, Any]:
        """The `Server` of docs/architecture.md."""
        state, problem, store = "ready", server.problem, None
        if server.problem is not None:
            state = "failed"
        elif server.store is not None:
            state, problem, store = self._describe_local(server)
        interval = (
            self.settings.loopback_interval_ms if server.is_loopback else self.settings.remote_interval_ms
        )
        return {
            "id": server.id,
            "name": server.name,
            "origin": server.origin,
            "kind": server.kind,
            "uri": server.uri,
            "page": page,
            "state": state,
            "problem": problem.to_json() if problem else None,
            "removable": server.origin == "user" and self.servers.allow_adding,
            "min_poll_interval_ms": interval,
            "store": store,
        }

    def _describe_local(self, server: TrackingServer) -> tuple[str, Problem | None, dict[str, str] | None]:
        artifacts = getattr(server.store, "artifacts", None)
        store = {"runs": server.store.label, "artifacts": str(artifacts or "")}
        if self.local is None:
            return "failed", local_servers_off(), store
        status = self.local.status(server.store)
        store["artifacts"] = str(status.artifacts or artifacts or "")
        return status.state, status.problem, store

    async def probe(self, server: TrackingServer) -> Health:
        """How `server` is now; several who ask at once share one probe."""
        return await self.probes.ask(server, lambda: self.health.probe(server))

    def local_origin(self, server: TrackingServer) -> str:
        """Where the local server of a store answers; raises `Problem` while it does not."""
        if self.local is None:
            raise local_servers_off()
        status = self.local.status(server.store)
        if status.state == "ready" and status.origin:
            return str(status.origin)
        if status.state == "failed" and status.problem is not None:
            problem = status.problem
            raise Problem("server-failed", problem.message, problem.hint, log=problem.log, status=503)
        if status.state == "starting":
            raise Problem(
                "server-starting",
                f"The local tracking server over {server.store.label} is starting.",
                "It takes some seconds.",
                status=503,
            )
        raise Problem(
            "server-stopped",
            f"The local tracking server over {server.store.label} is not running.",
            "Start it in the MLflow panel.",
            status=503,
        )

    async def close(self) -> None:
        """Ends what runs."""
        await self.forwarder.close()
        if self.local is not None:
            await self.local.close()


def local_servers_off() -> Problem:
    """Why a store cannot be served here."""
    return Problem(
        "local-servers-off",
        "Local tracking servers are turned off on this Jupyter server, as they have no login.",
        "Connect to a tracking server by its address, or ask the administrator for JupyterMlflow.local_servers.",
        status=403,
    )
