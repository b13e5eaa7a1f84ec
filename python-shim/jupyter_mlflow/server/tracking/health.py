"""How a tracking server is: whether it answers, which version, how fast, and whether it is MLflow."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from typing import Any, Literal

from ..forwarding.forwarder import Answer, Forwarder
from ..problems import Problem
from .tracking_servers import TrackingServer

#: Seconds that a probe may take.
PROBE_SECONDS = 10.0
_VERSION = re.compile(r"\d+\.\d+[0-9A-Za-z.+-]*")
_SEARCH = "ajax-api/2.0/mlflow/experiments/search"


@dataclass(frozen=True)
class Health:
    """`latency_ms`: milliseconds of the smallest real question (one experiment), None without an answer."""

    state: Literal["connected", "starting", "failed", "signed-out"]
    version: str | None = None
    latency_ms: float | None = None
    problem: Problem | None = None

    def to_json(self) -> dict[str, Any]:
        """The answer of GET `servers/<id>/health`."""
        return {
            "state": self.state,
            "version": self.version,
            "latency_ms": self.latency_ms,
            "problem": self.problem.to_json() if self.problem else None,
        }


class HealthProbe:
    """Asks servers. A version once seen is believed until the server fails."""

    def __init__(self, forwarder: Forwarder) -> None:
        self._forwarder = forwarder
        self._versions: dict[str, str] = {}

    async def probe(self, server: TrackingServer) -> Health:
        """Asks `server` now; every failure is part of the answer, nothing is raised."""
        try:
            self._forwarder.address(server)
        except Problem as problem:
            state: Literal["starting", "failed"] = (
                "starting" if problem.code == "server-starting" else "failed"
            )
            return Health(state, problem=problem)
        try:
            began = time.perf_counter()
            answer = await self._forwarder.fetch(
                server,
                "POST",
                _SEARCH,
                headers={"Content-Type": "application/json"},
                body=b'{"max_results": 1}',
                timeout=PROBE_SECONDS,
            )
            latency = round((time.perf_counter() - began) * 1000, 1)
            health = await self._judge(server, answer, latency)
        except Problem as problem:
            health = Health("failed", problem=problem)
        if health.state != "connected":
            self._versions.pop(server.id, None)
        return health

    async def recognise(self, server: TrackingServer) -> str | None:
        """The version of an MLflow at `server`, else None. Unlike `probe`, it makes no server open its store.

        An old server opens it at its first real question, which may take seconds.
        """
        version = await self._version(server)
        return version if version is not None and await self._answers(server) else None

    async def _judge(self, server: TrackingServer, answer: Answer, latency: float) -> Health:
        version = await self._version(server)
        if answer.status == 401:
            return Health("signed-out", version, problem=_signed_out(server))
        if answer.status == 403:
            return Health("failed", version, problem=_forbidden(server))
        content = _json_object(answer.content)
        if answer.status == 200 and _is_search_answer(content, version):
            return Health("connected", version, latency)
        if answer.status >= 500 and (version is not None or await self._answers(server)):
            return Health("failed", version, problem=_ill(server, answer.status))
        return Health("failed", version, problem=_not_mlflow(server))

    async def _version(self, server: TrackingServer) -> str | None:
        if server.id not in self._versions:
            # Below the prefix on new servers, at the root on old ones.
            for below_prefix in _places(server):
                answer = await self._ask(server, "version", below_prefix)
                text = answer.content.decode("utf-8", "replace").strip() if answer else ""
                if answer and answer.status == 200 and _VERSION.fullmatch(text) and len(text) < 64:
                    self._versions[server.id] = text
                    break
        return self._versions.get(server.id)

    async def _answers(self, server: TrackingServer) -> bool:
        """Whether `health` answers as MLflow does; with a login, old ones say 401 even there."""
        for below_prefix in _places(server):
            answer = await self._ask(server, "health", below_prefix)
            if answer and (
                answer.status == 401 or (answer.status == 200 and answer.content.strip() == b"OK")
            ):
                return True
        return False

    async def _ask(self, server: TrackingServer, path: str, below_prefix: bool) -> Answer | None:
        try:
            return await self._forwarder.fetch(
                server, "GET", path, timeout=PROBE_SECONDS, below_prefix=below_prefix
            )
        except Problem:
            return None


def _places(server: TrackingServer) -> tuple[bool, ...]:
    return (True, False) if server.address is not None and server.address.prefix else (True,)


def _is_search_answer(content: dict[str, Any] | None, version: str | None) -> bool:
    """Whether `content` is MLflow's. An empty store gives {}, as much else may: then the version tells."""
    if content is None or not set(content) <= {"experiments", "next_page_token"}:
        return False
    return isinstance(content.get("experiments"), list) or version is not None


def _json_object(content: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(content)
    except (ValueError, UnicodeDecodeError):
        return None
    return value if isinstance(value, dict) else None


def _signed_out(server: TrackingServer) -> Problem:
    if server.origin == "user":
        hint = "Remove the server and add it again with the right login."
    else:
        hint = "Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD (or a token) where Jupyter starts."
    known = "refuses the login that it was given" if server.auth is not None else "asks for a login"
    return Problem("upstream-unauthenticated", f"{server.uri} {known}.", hint, status=401)


def _forbidden(server: TrackingServer) -> Problem:
    return Problem(
        "upstream-forbidden",
        f"{server.uri} does not allow this user to see experiments.",
        "Ask the administrator of the tracking server for permission.",
        status=403,
    )


def _ill(server: TrackingServer, status: int) -> Problem:
    return Problem(
        "upstream-error",
        f"{server.uri} is up, but cannot read its store (HTTP {status}).",
        "See the log of the tracking server: its database may be away.",
        status=502,
    )


def _not_mlflow(server: TrackingServer) -> Problem:
    return Problem(
        "not-mlflow",
        f"What answers at {server.uri} is not an MLflow tracking server.",
        "Check the address, and whether MLflow stands below a path, as in https://host/mlflow.",
        status=502,
    )
