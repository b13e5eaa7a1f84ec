"""Routes about the list of tracking servers. Thin: they read a request, ask a part, write its answer."""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import Any
from urllib.parse import urlsplit

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..base_handler import MlflowHandler
from ..problems import Problem
from .addresses import is_loopback_host
from .tracking_servers import TrackingServer


class ServerAwareHandler(MlflowHandler):
    """Describes servers for the browser that asks."""

    def describe(self, server: TrackingServer) -> dict[str, Any]:
        """The `Server` of docs/architecture.md, with the address of MLflow's own page for this browser."""
        return self.services.describe(server, page=self._page(server))

    def _page(self, server: TrackingServer) -> str | None:
        if server.address is not None and not server.is_loopback:
            return server.address.url + "/"
        if not self._browser_is_here() or server.problem is not None:
            return None
        if server.address is not None:
            return server.address.url + "/"
        with contextlib.suppress(Problem):
            return self.services.local_origin(server) + "/"
        return None

    def _browser_is_here(self) -> bool:
        """Whether a loopback address means this machine to the browser, as far as can be known."""
        host = urlsplit(f"//{self.request.host}").hostname or ""
        proxied = "X-Forwarded-For" in self.request.headers or "X-Forwarded-Host" in self.request.headers
        return is_loopback_host(host) and not proxied and "JUPYTERHUB_SERVICE_PREFIX" not in os.environ


class StatusHandler(MlflowHandler):
    """GET `status`."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """What is configured; asks nobody."""
        settings = self.services.settings
        environ = self.services.environ
        hub = None
        if environ.get("JUPYTERHUB_SERVICE_PREFIX"):
            base = environ.get("JUPYTERHUB_BASE_URL") or "/"
            hub = {
                "user": environ.get("JUPYTERHUB_USER", ""),
                "share_prefix": f"{base.rstrip('/')}/hub/user-redirect/",
            }
        self.write_json(
            {
                "version": settings.version,
                "features": dict(settings.features),
                "shared_machine": settings.shared_machine,
                "polling": {
                    "loopback_ms": settings.loopback_interval_ms,
                    "remote_ms": settings.remote_interval_ms,
                },
                "hub": hub,
                "root_dir": str(settings.root_dir),
            }
        )


class ServersHandler(ServerAwareHandler):
    """GET, POST `servers`."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """The list; with `?discover=1` also what could be used."""
        services = self.services
        servers = await asyncio.to_thread(services.servers.list)
        discover = self.get_query_argument("discover", "0") == "1"
        self.write_json(
            {
                "servers": [self.describe(server) for server in servers],
                "suggestions": await services.discovery.suggestions(servers, discover=discover),
                "default": services.servers.default_id(),
            }
        )

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Adds a server that a person gave."""
        server = await asyncio.to_thread(self.services.servers.add, self.read_json())
        self.write_json(self.describe(server), 201)


class ServerHandler(ServerAwareHandler):
    """PATCH, DELETE `servers/<id>`."""

    @web.authenticated
    @authorized
    async def patch(self, id: str) -> None:
        """Changes name, login or CA of a server that a person added."""
        server = await asyncio.to_thread(self.services.servers.update, id, self.read_json())
        self.services.resting.discard(id)
        self.write_json(self.describe(server))

    @web.authenticated
    @authorized
    async def delete(self, id: str) -> None:
        """Forgets a server; a local one is stopped, its runs stay."""
        server = await asyncio.to_thread(self.services.servers.remove, id)
        await self.services.forget(server)
        self.set_status(204)
        await self.finish()


class StartHandler(ServerAwareHandler):
    """POST `servers/<id>/start`."""

    @web.authenticated
    @authorized
    async def post(self, id: str) -> None:
        """Starts a local server; `migrate` allows what changes an older store."""
        server = self.services.servers.get(id)
        body = self.read_json()
        migrate = isinstance(body, dict) and body.get("migrate") is True
        await self.services.start(server, migrate=migrate)
        self.write_json(self.describe(server), 202)


class StopHandler(ServerAwareHandler):
    """POST `servers/<id>/stop`."""

    @web.authenticated
    @authorized
    async def post(self, id: str) -> None:
        """Stops a local server, for everybody who uses it."""
        server = self.services.servers.get(id)
        await self.services.stop(server)
        self.write_json(self.describe(server), 202)


class HealthHandler(MlflowHandler):
    """GET `servers/<id>/health`."""

    @web.authenticated
    @authorized
    async def get(self, id: str) -> None:
        """Asks the server now; equal questions at the same time are one."""
        server = self.services.servers.get(id)
        health = await self.services.probe(server)
        self.write_json(health.to_json())
