"""Shipping as the rest of the Jupyter server sees it: it runs, it tells, it can be told."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..environments.environments import Interpreter
from ..forwarding.forwarder import Forwarder
from ..local.stores import parse_store
from ..problems import Problem
from ..tracking.addresses import is_remote, split_remote
from ..tracking.tracking_servers import TrackingServer, TrackingServers
from .artifacts import ArtifactLadder
from .cell_positions import CellPositions
from .execution import Execution
from .made_runs import SETTLE_S, MadeRuns
from .own_runs import OwnRuns
from .redaction import Redaction
from .run_content import EXECUTION_ID, Parcel, Surroundings, what_is_sent
from .sent_names import searchable
from .shipper import Shipper
from .shipping_queue import LATE_S, ShippingQueue, Writes
from .store_job import MlflowStoreJob
from .tracking import Later, MlflowTracking, Tracking

#: Seconds between two looks at the queue while nothing is told, at least and at most.
_SOONEST_S, _LATEST_S = 0.5, 600.0
#: Seconds after a failure of our own.
_FAILED_S = 10.0


@dataclass(frozen=True)
class Sources:
    """Where the parts of what is sent come from."""

    root_dir: Path
    user: str = ""
    #: words of the person and of the administrator that are secret, see `own_pattern`; read each time
    secret_words: Callable[[], Iterable[str]] = tuple
    #: kernel id → name of its kernelspec
    kernel_name: Callable[[str], str | None] = lambda kernel_id: None


@dataclass(frozen=True)
class Reach:
    """How tracking servers and stores are reached."""

    servers: TrackingServers
    forwarder: Forwarder
    #: starts a local server that is used for the first time
    wake: Callable[[TrackingServer], Awaitable[None]]
    #: where a local server answers; raises Problem while it does not
    local_origin: Callable[[TrackingServer], str]
    #: interpreters with MLflow for stores that the server does not pass artifacts on to; None: not allowed
    interpreters: Callable[[], Awaitable[list[Interpreter]]] | None = None


async def _pass(step: str) -> None:
    """Nothing happens at a step."""


class Sending:
    """One for each ledger."""

    def __init__(
        self,
        ledger: Writes,
        *,
        sources: Sources,
        reach: Reach,
        state_dir: Path,
        runs_per_day: int | None = None,
        log: logging.Logger | Any = None,
        on_change: Callable[[Execution], None] = lambda execution: None,
        has_ledger: Callable[[], bool] = lambda: True,
        at: Callable[[str], Awaitable[None]] = _pass,
        clock: Callable[[], float] = time.time,
        late_s: float = LATE_S,
        settle_s: float = SETTLE_S,
    ) -> None:
        """
        :param on_change: told of each execution whose sending has come further; in any thread
        :param has_ledger: whether there can be anything to send; the ledger is not touched before
        :param at: called at each step of shipping with its name; for tests
        :param late_s: seconds that facts may come after the end of an execution
        :param settle_s: seconds that an unanswered create is given
        """
        self._sources = sources
        self._reach = reach
        self._positions = CellPositions(sources.root_dir)
        self._redactions: dict[tuple[str, ...], Redaction] = {}
        self._clock = clock
        self._on_change = on_change
        self._has_ledger = has_ledger
        self._log = log or logging.getLogger(__name__)
        self._store_job = (
            MlflowStoreJob(state_dir=state_dir, interpreters=reach.interpreters, log=self._log)
            if reach.interpreters is not None
            else None
        )
        ladder = ArtifactLadder(self._store_job, at=at)
        self._queue = ShippingQueue(ledger, late_s=late_s)
        self._made = MadeRuns(ledger, runs_per_day=runs_per_day, settle_s=settle_s, clock=clock, at=at)
        self.shipper = Shipper(
            self._queue,
            self._made,
            connect=self._connect,
            fill=self._fill,
            ladder=ladder,
            own_runs=OwnRuns(self._places, ladder),
            log=self._log,
            at=at,
            clock=clock,
            on_change=on_change,
        )
        self._woken = asyncio.Event()
        self._filling = asyncio.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._workers: dict[str, asyncio.Task[None]] = {}

    def start(self) -> None:
        """Begin to send what waits. On the event loop."""
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._run())

    def on_waiting(self) -> None:
        """Something waits that did not before. From any thread."""
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # it has been closed
                loop.call_soon_threadsafe(self._woken.set)

    async def close(self) -> None:
        """Stop at once: what is not acknowledged is sent when a Jupyter server begins again."""
        self._loop = None
        tasks = [*self._workers.values(), *([self._task] if self._task is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._store_job is not None:
            await asyncio.to_thread(self._store_job.close)

    async def begin(self) -> None:
        """Look for what the one before did not come to the end of."""
        await asyncio.to_thread(self._made.begin)
        await asyncio.to_thread(self._name_servers)

    def _name_servers(self) -> None:
        """Kernels without a Jupyter server know where they log, but not what that is called here."""
        for uri in self._queue.without_server():
            server = next((each for each in self._reach.servers.list() if self._is_at(each, uri)), None)
            if server is not None:
                self._queue.set_server(uri, server.id)

    # What routes ask for. Blocks.

    def summary(self, notebook_id: str | None = None) -> dict[str, Any]:
        """The answer of GET `sending`: what waits and why, what was refused, whose files are still here."""
        found = self._queue.summary(notebook_id)
        if found["waiting"] and found["reason"] is None:
            paused = (each.problem for each in self.shipper.pauses() if each.problem is not None)
            problem = next(paused, None)
            found["reason"] = problem.to_json() if problem is not None else None
        return found

    def preview(self, execution_id: str) -> dict[str, Any]:
        """Exactly what would be sent. Raises `Problem` `unknown-execution` (404)."""
        execution = self._queue.execution(execution_id)
        if execution is None:
            raise Problem(
                "unknown-execution",
                "This execution is not kept here (any more).",
                "Reload the history.",
                status=404,
            )
        return self._fill_here(execution).to_json()

    def resend(self, execution_id: str | None = None) -> int:
        """Try at once what was refused, waits, or has files here; None: everything. How many."""
        self._name_servers()
        found = self._queue.resend(execution_id)
        for pause in self.shipper.pauses():
            pause.until = 0.0
        self._tell(execution_id)
        self.on_waiting()
        return found

    def drop(self, execution_id: str | None = None) -> int:
        """Never send it; None: all that was refused. How many."""
        found = self._queue.drop(execution_id)
        self._tell(execution_id)
        self.on_waiting()
        return found

    def redirect(self, execution_id: str, target: Mapping[str, str]) -> int:
        """Send what was refused, or waits for a server that is gone, to another place; how many."""
        key = (EXECUTION_ID, searchable(execution_id))
        found = self._queue.redirect(
            execution_id, target, self._server_ids(), lambda db: self._made.leave(db, key)
        )
        self._tell(execution_id)
        self.on_waiting()
        return found

    def movable(self, notebook_id: str) -> list[str]:
        """Executions of a notebook that `redirect` can do something for."""
        return self._queue.movable(notebook_id, self._server_ids())

    def _server_ids(self) -> list[str]:
        return [server.id for server in self._reach.servers.list()]

    def _tell(self, execution_id: str | None) -> None:
        execution = self._queue.execution(execution_id) if execution_id is not None else None
        if execution is not None:
            self._on_change(execution)

    async def drain(self) -> None:
        """Send everything that is due now."""
        while servers := await self.shipper.due():
            await asyncio.gather(*(self.shipper.drain(each) for each in servers))

    async def _run(self) -> None:
        while not self._has_ledger():
            await self._woken.wait()
            self._woken.clear()
        await self._guarded(self.begin())
        while True:
            self._woken.clear()
            await self._guarded(self._dispatch())
            wait = _LATEST_S
            with contextlib.suppress(Exception):
                soonest = await self.shipper.next_time()
                if soonest is not None:
                    wait = min(_LATEST_S, max(_SOONEST_S, soonest - self._clock()))
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._woken.wait(), wait)

    async def _dispatch(self) -> None:
        for server_id in await self.shipper.due():
            if server_id not in self._workers:
                task = asyncio.ensure_future(self._guarded(self.shipper.drain(server_id)))
                self._workers[server_id] = task
                task.add_done_callback(lambda ended: self._ended(ended))

    def _ended(self, ended: asyncio.Task[None]) -> None:
        self._workers = {id: task for id, task in self._workers.items() if task is not ended}
        self._woken.set()

    async def _guarded(self, work: Awaitable[None]) -> None:
        """A full disk, above all, must not end the shipping of this server for good."""
        try:
            await work
        except Exception:
            self._log.exception("sending recorded cells")
            await asyncio.sleep(_FAILED_S)

    async def _connect(self, server_id: str) -> Tracking:
        if not server_id:
            raise Problem(
                "unknown-server",
                "These cells ran without Jupyter, and log to a tracking server that is not known here.",
                "Add it in the MLflow panel and send again, or use --server of the command line.",
            )
        server = await asyncio.to_thread(self._reach.servers.get, server_id)
        if server.store is not None:
            await self._reach.wake(server)
            # Raises while it does not answer.
            self._reach.local_origin(server)
        return MlflowTracking(self._reach.forwarder, server)

    async def _places(self, uri: str | None) -> list[Tracking]:
        """Servers that this tracking URI of a kernel names; all that could be where it names none.

        :raises Later: the one that it names does not answer just now
        """
        servers = await asyncio.to_thread(self._reach.servers.list)
        named = [each for each in servers if self._is_at(each, uri)] if uri else servers
        found: list[Tracking] = []
        for server in named:
            try:
                if uri and server.store is not None:
                    await self._reach.wake(server)
                self._reach.forwarder.address(server)
            except Problem as problem:
                if uri:
                    raise Later(problem, of_server=False) from problem
            else:
                found.append(MlflowTracking(self._reach.forwarder, server))
        return found

    def _is_at(self, server: TrackingServer, uri: str) -> bool:
        try:
            if is_remote(uri):
                url = split_remote(uri)[0].url
                if server.store is not None:
                    return self._reach.local_origin(server) == url
                return server.address is not None and server.address.url == url
            store = parse_store(uri, root_dir=self._sources.root_dir)
            return server.store is not None and server.store.key == store.key
        except Problem:
            return False

    async def _fill(self, execution: Execution) -> Parcel:
        # One after the other: each thread that computes makes the event loop wait its turn.
        async with self._filling:
            return await asyncio.to_thread(self._fill_here, execution)

    def _fill_here(self, execution: Execution) -> Parcel:
        around = Surroundings(
            user=self._sources.user,
            kernel=execution.kernel or self._sources.kernel_name(execution.kernel_id) or None,
            position=self._positions.of(execution.path, execution.cell_id),
        )
        return what_is_sent(execution, self._redaction(), around)

    def _redaction(self) -> Redaction:
        words = tuple(self._sources.secret_words())
        if words not in self._redactions:
            self._redactions = {words: Redaction(words)}
        return self._redactions[words]
