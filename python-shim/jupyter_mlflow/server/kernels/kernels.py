"""The kernels of this Jupyter server.

Each gets the shim when it starts or restarts, and is asked when somebody wants to know.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import zmq.asyncio

from .gateway_channel import RETRY_S, GatewayChannel, gateway_kernelspec
from .kernel_channel import Followers, KernelChannel, Lost, ZmqChannel
from .kernel_problems import questions_off, unknown_kernel
from .kernel_questions import KernelQuestions, RequestOf
from .kernel_record import KernelRecord

ACTIONS = "https://events.jupyter.org/jupyter_server/kernel_actions/v1"
REPORT_EVENT = "https://jupyter-mlflow.readthedocs.io/events/kernel_report/v1"
#: How many kernels that have died are still told of.
DEAD_KEPT = 16


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
        self._enabled = enabled
        self._log = log or logging.getLogger(__name__)
        self._questions = KernelQuestions(request_of, answered=self._announce, log=self._log)
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
        """Ask the kernel now, see `KernelQuestions.probe`.

        :raises Problem: see `get`
        """
        record = self.get(id)
        if record.channel is not None:
            await self._questions.probe(record, modules)
        return record

    async def tell(self, id: str, request: Mapping[str, Any], *, imports: bool = False) -> KernelRecord:
        """Let the kernel do something.

        :raises Problem: see `get`, `KernelQuestions.tell`
        """
        record = self.get(id)
        await self._questions.tell(record, request, imports=imports)
        return record

    def refresh(self, ids: list[str]) -> None:
        """Tell kernels what has changed about their notebooks; does not wait."""
        for id in ids:
            record = self._kernels.get(id)
            if record is not None and record.channel is not None:
                self._questions.ask_later(record, {})

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
            self._questions.prepare(record)
            self._observe_start(record)
            return
        self._detach(id)
        if hasattr(manager, "kernel_url"):
            self._kernels[id] = record = KernelRecord(id, manager, "gateway", None)
            self._questions.keep(record, self._meet(record))
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
        if not record.is_python:
            record.leave()
            if record.reach == "gateway":
                self._announce(record)
            return
        # Before the process is there: reading files then would cost the race with the first cell.
        self._questions.prepare(record)
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
        self._questions.ask(record, {}, is_first=True)

    def _announce(self, record: KernelRecord) -> None:
        with contextlib.suppress(Exception):
            self._events.emit(schema_id=REPORT_EVENT, data={"kernel_id": record.id, "state": record.state})


def _language(manager: Any) -> str | None:
    try:
        return str(manager.kernel_spec.language)
    except Exception:
        return None
