"""The kernels of this Jupyter server.

Each gets the shim when it starts or restarts, and is asked when somebody wants to know.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import zmq.asyncio

from .gateway_channel import RETRY_S, GatewayChannel, gateway_kernelspec
from .kernel_channel import Followers, KernelChannel, Lost, NotAsked, ZmqChannel
from .kernel_problems import out_of_reach, questions_off, unheard, unknown_kernel
from .kernel_record import KernelRecord
from .payload import expression

ACTIONS = "https://events.jupyter.org/jupyter_server/kernel_actions/v1"
REPORT_EVENT = "https://jupyter-mlflow.readthedocs.io/events/kernel_report/v1"
#: Seconds that somebody waits for a kernel that does not answer, before it counts as busy.
PATIENCE_S = 5.0
#: The same, where an idle kernel is told to import MLflow first.
IMPORT_PATIENCE_S = 30.0
#: A cell that fails takes queued questions with it: how often they are asked again.
ASK_AGAIN = 3

#: How many kernels that have died are still told of.
DEAD_KEPT = 16

#: What a request for a kernel holds beside what it asks: its notebook, user, settings. May read files.
RequestOf = Callable[[KernelRecord], Mapping[str, Any]]


class KernelObserver(Protocol):
    """Hears of every kernel, of whatever language. Called on the event loop; must not block or raise."""

    def attached(self, record: KernelRecord) -> None:
        """It was started or restarted, or was there already."""

    def ended(self, record: KernelRecord) -> None:
        """It was shut down, or has died for good."""

    def heard(self, record: KernelRecord, message: Any) -> None:
        """A gateway passes on a message that it published."""


class Kernels:
    """Follows all kernels by Jupyter's own events; one connection to each Python kernel, none to others."""

    def __init__(
        self,
        kernel_manager: Any,
        *,
        event_logger: Any,
        request_of: RequestOf,
        enabled: bool = True,
        log: logging.Logger | Any = None,
    ) -> None:
        """
        :param request_of: the request that a kernel gets when it starts; called in a thread
        :param enabled: the administrator's switch: without it no kernel is spoken to
        """
        self._manager = kernel_manager
        self._events = event_logger
        self._request_of = request_of
        self._enabled = enabled
        self._log = log or logging.getLogger(__name__)
        self._kernels: dict[str, KernelRecord] = {}
        self._context: zmq.asyncio.Context | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.observer: KernelObserver | None = None

    def start(self) -> None:
        """Begin to listen, and take up kernels that run already."""
        if not self._enabled:
            return
        self._loop = asyncio.get_running_loop()
        self._events.add_listener(schema_id=ACTIONS, listener=self._on_action)
        for id in self._manager.list_kernel_ids():
            self._attach(id)

    def close(self) -> None:
        """Let go of all kernels."""
        if self._enabled:
            with contextlib.suppress(Exception):
                self._events.remove_listener(listener=self._on_action)
        for record in list(self._kernels.values()):
            record.close()
        self._kernels.clear()
        if self._context is not None:
            self._context.destroy(linger=0)

    def records(self) -> list[KernelRecord]:
        """All that are followed."""
        return list(self._kernels.values())

    def get(self, id: str) -> KernelRecord:
        """:raises Problem: `feature-off` (403), `unknown-kernel` (404)"""
        if not self._enabled:
            raise questions_off()
        if id not in self._kernels:
            raise unknown_kernel()
        return self._kernels[id]

    async def probe(self, id: str, modules: Sequence[str] = ()) -> KernelRecord:
        """Ask the kernel now. A busy one is `unknown` after some seconds, and answers when it is free.

        :param modules: whether an import would find these is told from now on, until the kernel is gone
        :raises Problem: see `get`
        """
        record = self.get(id)
        if record.channel is None:
            return record
        record.wait_for(modules)
        if record.asking is None:
            self._ask(record, {})
        await self._wait(record)
        if record.state == "known" and record.asking is None and not record.tells(modules):
            # The question that was on its way was without them.
            self._ask(record, {})
            await self._wait(record)
        return record

    async def tell(self, id: str, request: Mapping[str, Any], *, imports: bool = False) -> KernelRecord:
        """Let the kernel do what `request` says (kernel/shim.py).

        :param imports: whether that imports MLflow
        :raises Problem: see `get`; `kernel-out-of-reach` (409); `kernel-busy` (409), and it is done later;
            `kernel-not-reached` (409), and it is not; `kernel-refused` (409): the kernel could not do it
        """
        record = self.get(id)
        if record.channel is None:
            raise out_of_reach()
        while record.asking is not None:
            if not await self._wait(record):
                self._keep(record, self._ask_later(record, request))
                break
        else:
            patience = IMPORT_PATIENCE_S if imports and not record.is_busy else PATIENCE_S
            self._ask(record, request)
            await self._wait(record, patience)
        if record.state != "known":
            raise unheard(record.reason)
        return record

    def refresh(self, ids: list[str]) -> None:
        """Tell kernels what has changed about their notebooks; does not wait."""
        for id in ids:
            record = self._kernels.get(id)
            if record is not None and record.channel is not None:
                self._keep(record, self._ask_later(record, {}))

    def import_tried(
        self, id: str, said: Mapping[str, Any], generation: int, result: Mapping[str, Any]
    ) -> None:
        """A new process has imported MLflow as this kernel would, or not. From any thread.

        :param said: the kernel's facts when that began
        """

        def take() -> None:
            record = self._kernels.get(id)
            if record is not None and record.imports.take(result, said, generation):
                if record.facts is not None:
                    record.imports.compare(record.facts)
                self._announce(record)

        self._soon(take)

    def packages_changed(self, prefix: str) -> None:
        """An installation into an environment has ended: its kernels are asked again. From any thread."""

        def take() -> None:
            ids = []
            for record in self._kernels.values():
                theirs = (record.facts or {}).get("prefix")
                if isinstance(theirs, str) and os.path.realpath(theirs) == os.path.realpath(prefix):
                    record.imports.forget()
                    ids.append(record.id)
            self.refresh(ids)

        self._soon(take)

    def _soon(self, work: Callable[[], None]) -> None:
        if self._loop is not None:
            # A loop that has ended has no kernels any more.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(work)

    async def _ask_later(self, record: KernelRecord, request: Mapping[str, Any]) -> None:
        """After what is on its way, which may have been without it."""
        while record.asking is not None:
            await asyncio.wait([record.asking])
        if record.channel is not None:
            self._ask(record, request)

    async def _on_action(self, logger: Any, schema_id: str, data: Mapping[str, Any]) -> None:
        """Jupyter's event: a kernel was started, restarted or shut down."""
        id = data.get("kernel_id")
        if not isinstance(id, str) or data.get("status") != "success":
            return
        try:
            if data["action"] in ("start", "restart"):
                self._attach(id)
            elif data["action"] == "shutdown":
                self._detach(id)
        except Exception:
            # The kernel is the person's: whatever is wrong with us must not reach it.
            self._log.exception("MLflow could not follow the kernel %s", id)

    def _attach(self, id: str) -> None:
        try:
            manager = self._manager.get_kernel(id)
        except KeyError:
            return
        record = self._kernels.get(id)
        if record is not None and record.manager is manager and record.state != "dead":
            channel = record.channel
            if isinstance(channel, ZmqChannel) and channel.url != manager._make_url("shell"):
                channel.close()
                self._connect(record)
            elif isinstance(channel, GatewayChannel):
                self._on_process(record)
            self._keep(record, self._prepare(record))
            self._observe_start(record)
            return
        self._detach(id)
        if hasattr(manager, "kernel_url"):
            self._kernels[id] = record = KernelRecord(id, manager, "gateway", None)
            self._keep(record, self._meet(record))
            return
        self._kernels[id] = record = KernelRecord(id, manager, "local", _language(manager))
        # Neither of Jupyter's events tells that a kernel has died for good.
        record.on_dead = lambda: self._on_dead(record)
        manager.add_restart_callback(record.on_dead, "dead")
        self._take_up(record)

    async def _meet(self, record: KernelRecord) -> None:
        """Asks the gateway what kind of kernel that is, for as long as it does not answer."""
        pause = RETRY_S[0]
        while True:
            try:
                told = await gateway_kernelspec(record.manager, self._manager.kernel_spec_manager) or {}
                break
            except Exception:
                self._on_lost(record, "unreachable")
                await asyncio.sleep(pause)
                pause = min(2 * pause, RETRY_S[1])
        record.language = told.pop("language", None)
        record.kernelspec = told or None
        self._take_up(record)

    def _observe_start(self, record: KernelRecord) -> None:
        if self.observer is not None:
            self.observer.attached(record)

    def _take_up(self, record: KernelRecord) -> None:
        self._observe_start(record)
        if (record.language or "").lower() != "python":
            record.state, record.reason = "foreign", None
            if record.reach == "gateway":
                self._announce(record)
            return
        # Before the process is there: reading files then would cost the race with the first cell.
        self._keep(record, self._prepare(record))
        self._connect(record)

    def _connect(self, record: KernelRecord) -> None:
        record.channel = self._channel(record)

    def _channel(self, record: KernelRecord) -> KernelChannel:
        followers = Followers(
            connected=lambda: self._on_process(record),
            lost=lambda reason: self._on_lost(record, reason),
            dead=lambda: self._on_dead(record),
            heard=lambda message: self._on_heard(record, message),
        )
        if record.reach == "gateway":
            return GatewayChannel(record.manager, followers)
        if self._context is None:
            self._context = zmq.asyncio.Context()
        return ZmqChannel(self._context, record.manager, followers)

    def _detach(self, id: str) -> None:
        record = self._kernels.pop(id, None)
        if record is None:
            return
        if record.on_dead is not None:
            # Not at its death: Jupyter goes through these callbacks then.
            with contextlib.suppress(Exception):
                record.manager.remove_restart_callback(record.on_dead, "dead")
        record.close()
        if self.observer is not None:
            self.observer.ended(record)

    def _on_heard(self, record: KernelRecord, message: Any) -> None:
        if self.observer is not None:
            self.observer.heard(record, message)

    def _on_dead(self, record: KernelRecord) -> None:
        record.close()
        if self.observer is not None:
            self.observer.ended(record)
        record.state, record.reason, record.injected = "dead", "dead", False
        self._announce(record)
        # Jupyter forgets these without an event; pages may ask for a while.
        dead = [each.id for each in self._kernels.values() if each.state == "dead"]
        for id in dead[:-DEAD_KEPT]:
            self._detach(id)

    def _on_lost(self, record: KernelRecord, reason: Lost) -> None:
        """What the kernel has said was said by a process that is gone, or perhaps is."""
        record.injected = False
        if (record.state, record.reason) != ("unknown", reason):
            record.unknown(reason)
            # Of restarts Jupyter tells the page itself, which waits for the new process.
            if reason == "unreachable":
                self._announce(record)

    def _on_process(self, record: KernelRecord) -> None:
        """A new process of the kernel listens, perhaps: be there before its first cell."""
        record.injected = False
        record.imports.forget()
        self._ask(record, {}, is_first=True)

    def _ask(self, record: KernelRecord, request: Mapping[str, Any], *, is_first: bool = False) -> None:
        task = self._keep(record, self._answer_of(record, request, is_first))
        record.asking = task

        def ended(task: asyncio.Task[None]) -> None:
            if record.asking is task:
                record.asking = None

        task.add_done_callback(ended)

    def _keep(self, record: KernelRecord, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        record.tasks.add(task)
        task.add_done_callback(record.tasks.discard)
        return task

    async def _prepare(self, record: KernelRecord) -> None:
        record.request = await asyncio.to_thread(self._request_of, record)

    async def _answer_of(self, record: KernelRecord, extra: Mapping[str, Any], is_first: bool) -> None:
        channel = record.channel
        if channel is None:
            return
        try:
            if record.request is None or not is_first:
                await self._prepare(record)
            request = {**(record.request or {}), "modules": record.modules, **extra}
            if not is_first and "connect" not in extra:
                # The person's code may have chosen another place since the start.
                request.pop("connect", None)
            for _ in range(ASK_AGAIN):
                reply = await channel.ask(expression(request))
                if record.channel is not channel:
                    return
                record.take(reply, now=time.time(), is_first=is_first)
                if record.reason != "aborted":
                    break
            if reply.error:
                self._log.debug("MLflow's question to kernel %s: %s", record.id, reply.error)
        except NotAsked as lost:
            if record.channel is not channel:
                return
            record.unknown(lost.reason)
        except Exception:
            self._log.exception("MLflow could not ask the kernel %s", record.id)
            record.unknown("unreachable")
        self._announce(record)

    async def _wait(self, record: KernelRecord, patience_s: float = PATIENCE_S) -> bool:
        """Whether the question that is on its way has come to an end in time."""
        task = record.asking
        if task is None:
            return True
        done, _ = await asyncio.wait([task], timeout=patience_s)
        if not done and record.asking is task and record.state != "dead":
            record.unknown("busy" if record.is_busy else "timeout")
            self._announce(record)
        return bool(done)

    def _announce(self, record: KernelRecord) -> None:
        with contextlib.suppress(Exception):
            self._events.emit(schema_id=REPORT_EVENT, data={"kernel_id": record.id, "state": record.state})


def _language(manager: Any) -> str | None:
    try:
        return str(manager.kernel_spec.language)
    except Exception:
        return None
