"""Ships journals without a Jupyter server: what `python -m jupyter_mlflow sync` does."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..environments.environments import Environments
from ..extension import JupyterMlflow
from ..forwarding.forwarder import Forwarder, Limits
from ..local.local_servers import LocalServers
from ..local.stores import parse_store
from ..preferences import Preferences
from ..problems import Problem
from ..tracking.server_file import ServerFile
from ..tracking.tracking_servers import TrackingServer, TrackingServers
from .adoption import Adoption
from .desk import Desk
from .journals import folders
from .ledger import Ledger
from .sending import Reach, Sending, Sources
from .spill_queue import SpillQueue

#: Seconds between two looks while a server does not answer.
_LOOK_S = 0.5


@dataclass
class Shipped:
    """What came of it."""

    sent: int = 0
    waiting: int = 0
    #: reasons, of those that wait and of those that were refused
    reasons: list[dict[str, Any]] = field(default_factory=list)
    refused: int = 0
    #: whose own runs are on no server that could be reached
    kept: int = 0
    files_left: int = 0
    #: processes of kernels that still run: what they write later is shipped later
    alive: int = 0


class HeadlessSync:
    """Reads journals into a ledger of the state folder, and sends what waits in it. For one use."""

    def __init__(
        self,
        options: JupyterMlflow,
        *,
        state_dir: Path,
        journals: Path,
        only: Path | None = None,
        extra_servers: Iterable[str] = (),
        ledger_dir: Path | None = None,
        tell: Callable[[str], None] = print,
        log: logging.Logger | Any = None,
    ) -> None:
        """
        :param journals: the folder of journals' folders
        :param only: the one of them that is read
        :param extra_servers: addresses, beside those that are configured and those of the environment
        :param ledger_dir: that of the state folder, if not given
        """
        self._log = log or logging.getLogger(__name__)
        self._journals = journals
        self._only = only
        self._state_dir = state_dir
        self.servers = TrackingServers(
            configured=[*options.servers, *({"uri": uri} for uri in extra_servers)],
            file=ServerFile(state_dir / "servers.json"),
            parse_store=lambda uri: parse_store(uri, root_dir=Path.cwd()),
            has_auth_provider=options.auth_provider is not None,
        )
        self._options = options
        self._environments = Environments(state_dir=state_dir, configured=options.mlflow_python or None)
        self._desk = Desk(
            SpillQueue(state_dir / "recorder"),
            open_ledger=lambda: Ledger(ledger_dir or state_dir / "ledger"),
            on_trouble=lambda code, words: tell(f"{code}: {words}"),
            on_change=lambda changes: None,
            on_unneeded=lambda kernel_id: None,
            log=self._log,
        )

    def read(self) -> int:
        """Take the journals up that nobody else reads; kernels that still write. Blocks."""
        adoption = Adoption(self._journals, self._desk, find_server=self._find_server)
        others = set(folders(self._journals)) - {self._only} if self._only is not None else set()
        adoption.step(mine=lambda: others)
        alive = len(adoption.kernels())
        adoption.close()
        return alive

    async def ship(self, *, wait_s: float) -> Shipped:
        """Send everything; what does not go through in `wait_s` seconds waits for the next time."""
        forwarder = Forwarder(
            limits=Limits(
                self._options.request_timeout, self._options.transfer_timeout, self._options.connect_timeout
            ),
            log=self._log,
            local_origin=lambda server: self._origin(server),
            auth_provider=self._options.auth_provider,
        )
        self._local = LocalServers(
            state_dir=self._state_dir,
            find_interpreter=self._environments.best,
            other_interpreters=self._environments.usable,
            log=self._log,
        )
        sending = self._sending(forwarder)
        try:
            await sending.begin()
            deadline = time.monotonic() + wait_s
            while True:
                await sending.drain()
                found = await asyncio.to_thread(self._shipped, sending)
                if found.waiting == 0 or time.monotonic() > deadline:
                    return found
                await asyncio.sleep(_LOOK_S)
        finally:
            await sending.close()
            await forwarder.close()
            await self._local.close()

    def previews(self) -> list[dict[str, Any]]:
        """What would be sent, of all that waits. Blocks."""
        sending = self._sending(Forwarder(limits=Limits(), log=self._log))
        waiting = self._desk.ledger().write(
            lambda db: db.execute(
                "SELECT execution_id FROM queue q JOIN executions e ON e.id = q.execution_id"
                " WHERE q.state = 'waiting' ORDER BY e.pos"
            ).fetchall()
        )
        return [sending.preview(id) for (id,) in waiting]

    def close(self) -> None:
        """Let go of the ledger."""
        if self._desk.has_ledger:
            self._desk.ledger().close()

    def _sending(self, forwarder: Forwarder) -> Sending:
        preferences = Preferences(self._state_dir / "preferences.json")
        options = self._options
        return Sending(
            self._desk.ledger(),
            sources=Sources(
                root_dir=Path.cwd(),
                secret_words=lambda: [*options.recorder_secret_words, *preferences.read()["secret_words"]],
            ),
            reach=Reach(
                servers=self.servers,
                forwarder=forwarder,
                wake=self._wake,
                local_origin=self._origin,
                interpreters=self._environments.usable,
            ),
            state_dir=self._state_dir,
            runs_per_day=options.recorder_runs_per_day or None,
            log=self._log,
            late_s=0.0,
        )

    def _find_server(self, uri: str) -> str | None:
        if not uri:
            return self.servers.default_id()
        for server in self.servers.list():
            known = (server.uri, server.address.url if server.address is not None else None)
            if uri.rstrip("/") in [each.rstrip("/") for each in known if each]:
                return server.id
        return None

    async def _wake(self, server: TrackingServer) -> None:
        if server.store is not None and self._local.status(server.store).state == "stopped":
            await self._local.start(server.store)

    def _origin(self, server: TrackingServer) -> str:
        if server.store is None:
            raise Problem("not-local", f"“{server.name}” is not started here.")
        status = self._local.status(server.store)
        if status.state == "ready" and status.origin:
            return status.origin
        if status.problem is not None:
            raise Problem("server-failed", status.problem.message, status.problem.hint, status=503)
        raise Problem("server-starting", "The local tracking server is starting.", status=503)

    def _shipped(self, sending: Sending) -> Shipped:
        summary = sending.summary()
        counts = dict(
            self._desk.ledger().write(
                lambda db: db.execute("SELECT state, count(*) FROM queue GROUP BY state").fetchall()
            )
        )
        reasons = [summary["reason"], *(each["reason"] for each in (*summary["refused"], *summary["files"]))]
        return Shipped(
            sent=counts.get("sent", 0),
            waiting=summary["waiting"],
            reasons=[each for each in reasons if each is not None],
            refused=len(summary["refused"]),
            kept=counts.get("kept", 0),
            files_left=len(summary["files"]),
        )
