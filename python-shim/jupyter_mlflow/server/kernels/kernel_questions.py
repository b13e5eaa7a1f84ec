"""What kernels are asked, and told to do: one question of each at a time, none of which waits for ever."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from .kernel_channel import KernelChannel, NotAsked
from .kernel_problems import out_of_reach, unheard
from .kernel_record import IPYKERNEL, KernelRecord, runs_ipykernel
from .payload import expression

#: Seconds that somebody waits for a kernel that does not answer, before it counts as busy.
PATIENCE_S = 5.0
#: The same, where an idle kernel is told to import MLflow first.
IMPORT_PATIENCE_S = 30.0
#: A cell that fails takes queued questions with it: how often they are asked again.
ASK_AGAIN = 3

#: What a request for a kernel holds beside what it asks: its notebook, user, settings. May read files.
RequestOf = Callable[[KernelRecord], Mapping[str, Any]]


class KernelQuestions:
    """Puts questions to kernels that have a channel, and the answers into their records."""

    def __init__(
        self, request_of: RequestOf, *, answered: Callable[[KernelRecord], None], log: logging.Logger | Any
    ) -> None:
        """
        :param request_of: called in a thread
        :param answered: hears of every record that has changed
        """
        self._request_of = request_of
        self._answered = answered
        self._log = log

    async def probe(self, record: KernelRecord, modules: Sequence[str]) -> None:
        """Ask now. A busy kernel is `unknown` after some seconds, and answers when it is free.

        :param modules: whether an import would find these is told from now on, until the kernel is gone
        """
        record.wait_for(modules)
        if record.asking is not None and not record.is_asked_first and not await self._wait(record):
            return
        # What was on its way may have been answered before the person changed what is asked about. Those who
        # waited for it, too, ask together.
        if record.asking is None:
            self.ask(record, {})
        await self._wait(record)
        if record.state == "known" and record.asking is None and not record.tells(modules):
            # The question that was on its way was without them.
            self.ask(record, {})
            await self._wait(record)

    async def tell(self, record: KernelRecord, request: Mapping[str, Any], *, imports: bool) -> None:
        """Let the kernel do what `request` says (kernel/shim.py).

        :param imports: whether that imports MLflow
        :raises Problem: `kernel-out-of-reach` (409); `kernel-busy` (409), and it is done later;
            `kernel-not-reached` (409), and it is not; `kernel-refused` (409): the kernel could not do it
        """
        if record.channel is None:
            raise out_of_reach()
        while record.asking is not None:
            if not await self._wait(record):
                self.ask_later(record, request)
                break
        else:
            patience = IMPORT_PATIENCE_S if imports and not record.is_busy else PATIENCE_S
            self.ask(record, request)
            await self._wait(record, patience)
        if record.channel is None:
            raise out_of_reach()
        if record.state != "known":
            raise unheard(record.reason)

    def ask(self, record: KernelRecord, request: Mapping[str, Any], *, is_first: bool = False) -> None:
        """Send a question; does not wait.

        :param is_first: of a process that has just begun to listen
        """
        task = self.keep(record, self._answer_of(record, request, is_first))
        record.asking, record.is_asked_first = task, is_first

        def ended(task: asyncio.Task[None]) -> None:
            if record.asking is task:
                record.asking = None

        task.add_done_callback(ended)

    def ask_later(self, record: KernelRecord, request: Mapping[str, Any]) -> None:
        """After what is on its way, which may have been without it; does not wait."""
        self.keep(record, self._ask_later(record, request))

    def prepare(self, record: KernelRecord) -> None:
        """Read what the next process of the kernel will be told; does not wait."""
        self.keep(record, self._prepare(record))

    def keep(self, record: KernelRecord, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """A task that ends with the kernel."""
        task = asyncio.ensure_future(work)
        record.tasks.add(task)
        task.add_done_callback(record.tasks.discard)
        return task

    async def _ask_later(self, record: KernelRecord, request: Mapping[str, Any]) -> None:
        while record.asking is not None:
            await asyncio.wait([record.asking])
        if record.channel is not None:
            self.ask(record, request)

    async def _prepare(self, record: KernelRecord) -> None:
        record.request = await asyncio.to_thread(self._request_of, record)

    async def _answer_of(self, record: KernelRecord, extra: Mapping[str, Any], is_first: bool) -> None:
        channel = record.channel
        if channel is None:
            return
        try:
            if not await self._is_one_of_ours(record, channel):
                return
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
            if record.reason == "shim-failed" and record.implementation != IPYKERNEL:
                record.leave()
            if reply.error:
                self._log.debug("MLflow's question to kernel %s: %s", record.id, reply.error)
        except NotAsked as lost:
            if record.channel is not channel:
                return
            record.unknown(lost.reason)
        except Exception:
            self._log.exception("MLflow could not ask the kernel %s", record.id)
            record.unknown("unreachable")
        self._answered(record)

    async def _is_one_of_ours(self, record: KernelRecord, channel: KernelChannel) -> bool:
        """Before anything is run in it: an empty cell may start a job of a cluster, or worse.

        Where the kernelspec tells, the kernel is not asked: that could cost the race with the first cell.
        """
        if record.implementation is None:
            spec = record.describe_kernelspec() or {}
            is_told = runs_ipykernel(spec.get("argv") or ())
            named = IPYKERNEL if is_told else await channel.implementation()
            if record.channel is not channel:
                return False
            record.implementation = named
        if not record.is_python:
            record.leave()
            self._answered(record)
        return record.is_python

    async def _wait(self, record: KernelRecord, patience_s: float = PATIENCE_S) -> bool:
        """Whether the question that is on its way has come to an end in time."""
        task = record.asking
        if task is None:
            return True
        done, _ = await asyncio.wait([task], timeout=patience_s)
        if not done and record.asking is task and record.state != "dead":
            record.unknown("busy" if record.is_busy else "timeout")
            self._answered(record)
        return bool(done)
