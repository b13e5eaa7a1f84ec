"""The parts of the extension, put together; handlers reach them through the application's settings."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .coalescing import Coalescing
from .environments.environments import Environments
from .environments.machine import Machine
from .forwarding.forwarder import Answer, Forwarder
from .jobs.jobs import Jobs
from .kernels.kernel_reports import KernelReports
from .kernels.kernels import Kernels
from .local.local_servers import LocalServers
from .local.stores import Store
from .problems import Problem
from .recorder.recorder import Recorder
from .recorder.sending import Sending
from .tracking.discovery import Discovery
from .tracking.health import Health, HealthProbe
from .tracking.tracking_servers import TrackingServer, TrackingServers


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
    discovery: Discovery
    environments: Environments
    jobs: Jobs
    local: LocalServers | None = None
    kernels: Kernels | None = None
    reports: KernelReports | None = None
    machine: Machine | None = None
    recorder: Recorder | None = None
    sending: Sending | None = None
    #: local servers that a person has stopped: these wait for the person to start them
    resting: set[str] = field(default_factory=set)
    #: how often each server has been changed from here
    changes: Counter[str] = field(default_factory=Counter)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def describe(self, server: TrackingServer, *, page: str | None = None) -> dict[str, Any]:
        """The `Server` of docs/architecture.md."""
        state, problem, store = "ready", server.problem, None
        if server.problem is not None:
            state = "failed"
        elif server.store is not None:
            state, problem, store = self._describe_local(server.store)
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

    def _describe_local(self, store: Store) -> tuple[str, Problem | None, dict[str, str]]:
        places = {"runs": store.label, "artifacts": str(store.artifacts or "")}
        if self.local is None:
            return "failed", local_servers_off(), places
        status = self.local.status(store)
        places["artifacts"] = status.artifacts or places["artifacts"]
        return status.state, status.problem, places

    async def probe(self, server: TrackingServer) -> Health:
        """How `server` is now; several who ask at once share one probe."""
        return await self.probes.ask(server, lambda: self.health.probe(server))

    async def start(self, server: TrackingServer, *, migrate: bool = False) -> None:
        """Starts the local server; returns at once. Raises `Problem` where there is none to start."""
        local, store = self._local(server)
        self.resting.discard(server.id)
        await local.start(store, migrate=migrate)

    async def stop(self, server: TrackingServer) -> None:
        """Stops it, for everybody who uses it, until it is started again by `start`."""
        local, store = self._local(server)
        self.resting.add(server.id)
        await local.stop(store)

    async def wake(self, server: TrackingServer) -> None:
        """Starts a local server that is used for the first time; a stopped or failed one stays so."""
        if server.store is None or self.local is None or server.id in self.resting:
            return
        if self.local.status(server.store).state == "stopped":
            await self.local.start(server.store)

    async def forget(self, server: TrackingServer) -> None:
        """Stops the local server of a server that was taken from the list."""
        self.resting.discard(server.id)
        if server.store is not None and self.local is not None:
            await self.local.stop(server.store)

    def _local(self, server: TrackingServer) -> tuple[LocalServers, Store]:
        if server.problem is not None:
            raise server.problem
        if server.store is None:
            raise Problem(
                "not-local",
                f"“{server.name}” is not started by Jupyter.",
                "Ask whoever runs that tracking server.",
            )
        if self.local is None:
            raise local_servers_off()
        return self.local, server.store

    def local_origin(self, server: TrackingServer) -> str:
        """Where the local server of a store answers; raises `Problem` while it does not."""
        local, store = self._local(server)
        status = local.status(store)
        if status.state == "ready" and status.origin:
            return status.origin
        problem = status.problem
        if status.state == "failed" and problem is not None:
            raise Problem("server-failed", problem.message, problem.hint, log=problem.log, status=503)
        if status.state == "starting":
            raise Problem(
                "server-starting",
                problem.message if problem else f"The local tracking server over {store.label} is starting.",
                "It takes some seconds.",
                status=503,
            )
        raise Problem(
            "server-stopped",
            f"The local tracking server over {store.label} is not running.",
            "Start it in the MLflow panel.",
            status=503,
        )

    async def close(self) -> None:
        """Ends what runs."""
        if self.kernels is not None:
            self.kernels.close()
        if self.sending is not None:
            await self.sending.close()
        if self.recorder is not None:
            await self.recorder.close()
        await self.forwarder.close()
        await asyncio.to_thread(self.jobs.close)
        if self.local is not None:
            await self.local.close()


def local_servers_off() -> Problem:
    """Why a store cannot be served here."""
    return Problem(
        "local-servers-off",
        "Local tracking servers are turned off on this Jupyter server, as they have no login.",
        "Connect to a tracking server by its address, or ask the administrator for "
        "JupyterMlflow.local_servers.",
        status=403,
    )
