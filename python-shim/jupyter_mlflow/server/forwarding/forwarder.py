"""Carries requests to tracking servers: connections, credentials, time-outs, errors."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import httpx

from ..problems import Problem
from ..tracking.addresses import RemoteAddress, split_remote
from ..tracking.tracking_servers import TrackingServer
from .connections import Connections, client_key
from .credentials import Access, access_for
from .upstream_errors import upstream_problem

Body = bytes | AsyncIterator[bytes]
#: returns headers for the server at an address; called again after a 401
AuthProvider = Callable[[str], Mapping[str, str] | Awaitable[Mapping[str, str]]]

USER_AGENT = "jupyter-mlflow"
WORKSPACE_HEADER = "X-MLFLOW-WORKSPACE"
SERVER_INFO = "ajax-api/3.0/mlflow/server-info"


@dataclass(frozen=True)
class Answer:
    """A whole answer in memory."""

    status: int
    headers: httpx.Headers
    content: bytes


@dataclass(frozen=True)
class Limits:
    """`request` and `connect`: seconds in all; `transfer`: seconds of silence; `answer`: bytes."""

    request: float = 60.0
    transfer: float = 600.0
    connect: float = 10.0
    answer: int = 64 * 1024 * 1024


class Forwarder:
    """Sends requests to the servers of the list. One for each Jupyter server."""

    def __init__(
        self,
        *,
        limits: Limits,
        log: logging.Logger | logging.LoggerAdapter[Any],
        local_origin: Callable[[TrackingServer], str] | None = None,
        auth_provider: AuthProvider | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.limits = limits
        self._log = log
        self._local_origin = local_origin
        self._auth_provider = auth_provider
        self._environ = environ
        self._provided: dict[str, dict[str, str]] = {}
        self._with_workspaces: set[str] = set()
        self._connections = Connections(connect_timeout=limits.connect, environ=environ)

    async def close(self) -> None:
        """Closes every connection."""
        await self._connections.close()

    def address(self, server: TrackingServer) -> RemoteAddress:
        """Where requests for `server` go; raises `Problem` when it has a problem or is not running."""
        if server.problem is not None:
            raise Problem(
                "server-failed",
                server.problem.message,
                server.problem.hint,
                log=server.problem.log,
                status=503,
            )
        if server.address is not None:
            return server.address
        if self._local_origin is None:
            raise Problem(
                "server-failed",
                "Local tracking servers are turned off on this Jupyter server.",
                "Connect to a tracking server by its address.",
                status=503,
            )
        return split_remote(self._local_origin(server))[0]

    async def fetch(
        self,
        server: TrackingServer,
        method: str,
        path: str,
        *,
        query: str = "",
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        safe: bool = True,
        timeout: float | None = None,
        below_prefix: bool = True,
    ) -> Answer:
        """Sends one request and reads its whole answer.

        `path` and `query` are percent-encoded, `path` without leading slash. Raises `Problem` with one of
        the codes of the route contract; `timeout` in seconds is for everything together.
        """
        seconds = self.limits.request if timeout is None else timeout

        async def whole() -> Answer:
            try:
                return await self._read_whole(server, method, path, query, headers, body, below_prefix)
            except Problem as problem:
                if problem.code != "upstream-broken" or not safe:
                    raise
            # No answer or half of one, to a question that changes nothing: asked again, on a new connection.
            return await self._read_whole(
                server, method, path, query, headers, body, below_prefix, fresh=True
            )

        try:
            return await asyncio.wait_for(whole(), seconds)
        except asyncio.TimeoutError:
            raise upstream_problem(server.uri, httpx.ReadTimeout(""), seconds) from None

    async def _read_whole(
        self,
        server: TrackingServer,
        method: str,
        path: str,
        query: str,
        headers: Mapping[str, str] | None,
        body: bytes,
        below_prefix: bool,
        fresh: bool = False,
    ) -> Answer:
        async with self.stream(
            server,
            method,
            path,
            query=query,
            headers=headers,
            body=body,
            below_prefix=below_prefix,
            fresh=fresh,
        ) as response:
            limit = self.limits.answer
            parts: list[bytes] = []
            size = int(response.headers.get("content-length") or 0)
            if size <= limit:
                size = 0
                async for chunk in self.chunks(server, response):
                    size += len(chunk)
                    parts.append(chunk)
                    if size > limit:
                        break
            if size > limit:
                raise Problem(
                    "answer-too-large",
                    f"The tracking server's answer is larger than {limit // 2**20} MiB.",
                    "Ask for less: fewer runs at once, a narrower filter, or a shorter history.",
                    status=502,
                )
            return Answer(response.status_code, response.headers, b"".join(parts))

    async def chunks(self, server: TrackingServer, response: httpx.Response) -> AsyncIterator[bytes]:
        """The bytes of an answer as they come; raises `Problem` `upstream-broken` when it ends too early."""
        try:
            async for chunk in response.aiter_raw():
                yield chunk
        except (httpx.HTTPError, OSError) as error:
            raise upstream_problem(server.uri, error, self.limits.transfer, begun=True) from error

    @contextlib.asynccontextmanager
    async def stream(
        self,
        server: TrackingServer,
        method: str,
        path: str,
        *,
        query: str = "",
        headers: Mapping[str, str] | None = None,
        body: Body = b"",
        safe: bool = False,
        transfer: bool = False,
        below_prefix: bool = True,
        fresh: bool = False,
    ) -> AsyncIterator[httpx.Response]:
        """Sends one request; gives the answer once its headers are there, its bytes not yet read.

        A request that is `safe` is sent again once, on a fresh connection, when the old one had been closed.
        """
        response = await self._send(
            server, method, path, query, headers, body, safe, transfer, below_prefix, fresh
        )
        try:
            yield response
        finally:
            await response.aclose()

    async def _send(
        self,
        server: TrackingServer,
        method: str,
        path: str,
        query: str,
        headers: Mapping[str, str] | None,
        body: Body,
        safe: bool,
        transfer: bool,
        below_prefix: bool,
        fresh: bool,
    ) -> httpx.Response:
        address = self.address(server)
        if server.workspace:
            await self._check_workspaces(server)
        access = self._access(server, address)
        root = address.url if below_prefix else address.origin
        url = httpx.URL(f"{root}/{path}" + (f"?{query}" if query else ""))
        seconds = self.limits.transfer if transfer else self.limits.request
        repeatable = isinstance(body, bytes)
        may_ask_again = repeatable
        while True:
            try:
                client = await self._connections.client(client_key(server.id, address, access), fresh=fresh)
                provided = await self._provide(server, address)
                request = client.build_request(
                    method,
                    url,
                    headers={**(headers or {}), **_own_headers(server, access), **(provided or {})},
                    content=body if body or method in {"POST", "PUT", "PATCH"} else None,
                    timeout=httpx.Timeout(seconds, connect=self.limits.connect, pool=seconds),
                )
                response = await client.send(request, stream=True)
            except (httpx.HTTPError, OSError) as error:
                lost = isinstance(error, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError)
                if lost and safe and repeatable and not fresh:
                    fresh = True
                    continue
                raise upstream_problem(server.uri, error, seconds) from error
            if response.is_redirect or response.status_code in {300, 305}:
                await response.aclose()
                raise _redirect_problem(server, response)
            if response.status_code == 401 and provided is not None:
                # Only what was refused is forgotten: another request may have fetched anew meanwhile.
                if self._provided.get(server.id) is provided:
                    del self._provided[server.id]
                if may_ask_again:
                    await response.aclose()
                    may_ask_again = False
                    continue
            return response

    def _access(self, server: TrackingServer, address: RemoteAddress) -> Access:
        return access_for(
            address,
            configured=server.origin == "config",
            own_auth=server.auth,
            own_ca=server.ca,
            environ={} if server.store is not None else self._environ,
        )

    async def _check_workspaces(self, server: TrackingServer) -> None:
        """Raises `Problem` when the server has no workspaces: it would show what is in none of them."""
        if server.id in self._with_workspaces:
            return
        plain = replace(server, workspace=None)
        answer = await self._read_whole(plain, "GET", SERVER_INFO, "", None, b"", True)
        try:
            enabled = answer.status == 200 and json.loads(answer.content).get("workspaces_enabled") is True
        except (ValueError, AttributeError):
            enabled = False
        if not enabled:
            raise Problem(
                "workspaces-off",
                f"{server.uri} has no workspaces, so its workspace “{server.workspace}” cannot be opened.",
                "Add the server without a workspace.",
                status=502,
            )
        self._with_workspaces.add(server.id)

    async def _provide(self, server: TrackingServer, address: RemoteAddress) -> dict[str, str] | None:
        """What the administrator's `auth_provider` returns, kept until a 401 says that it has expired."""
        if self._auth_provider is None or server.origin == "user" or server.address is None:
            return None
        if server.id not in self._provided:
            try:
                given: Any = self._auth_provider(address.url)
                if inspect.isawaitable(given):
                    given = await given
                self._provided[server.id] = {str(key): str(value) for key, value in dict(given or {}).items()}
            except Exception as error:
                # Its text may hold the token: only the kind of error is written down.
                self._log.error("auth_provider failed: %s", type(error).__name__)
                raise Problem(
                    "auth-provider-failed",
                    f"The administrator's auth_provider failed ({type(error).__name__}).",
                    "Ask the administrator of this Jupyter server.",
                    status=502,
                ) from None
        return self._provided[server.id]


def _own_headers(server: TrackingServer, access: Access) -> dict[str, str]:
    own = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
    if access.auth is not None:
        own["Authorization"] = access.auth.header()
    if server.workspace:
        own[WORKSPACE_HEADER] = server.workspace
    return own


def _redirect_problem(server: TrackingServer, response: httpx.Response) -> Problem:
    target = ""
    with contextlib.suppress(Problem, httpx.InvalidURL, UnicodeError):
        target = split_remote(
            str(response.url.join(response.headers.get("location", "")).copy_with(query=None, fragment=None))
        )[0].origin
    return Problem(
        "redirect-refused",
        f"{server.uri} sends requests on to another address{f' ({target})' if target else ''}, which is "
        "not followed.",
        "Use the final address of the tracking server. A page that asks for a login cannot be passed "
        "from here.",
        status=502,
    )
