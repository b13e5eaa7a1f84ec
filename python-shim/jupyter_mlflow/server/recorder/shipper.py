"""Sends recorded executions to MLflow: each exactly once, in steps of which each may be the last.

Whatever is not acknowledged is begun again from what the ledger knows, and every step can be done twice.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from ..problems import Problem
from .artifacts import ArtifactLadder, KeptHere
from .backoff import FILES_FIRST_S, FILES_LONGEST_S, Pause, backoff
from .execution import Execution
from .made_runs import MadeRuns
from .own_runs import OutOfReach, OwnRuns
from .run_content import Parcel, RunContent
from .session_runs import SessionRuns
from .shipping_queue import Entry, ShippingQueue
from .tracking import Later, Refused, Tracking
from .withdrawing import Withdrawing

#: Executions that are sent to one server at the same time.
AT_ONCE = 3
#: A server that fails for one execution alone, so often and for so long, is taken at its word.
GIVE_UP_ATTEMPTS, GIVE_UP_S = 12, 3 * 86400.0

Connect = Callable[[str], Awaitable[Tracking]]
Fill = Callable[[Execution], Awaitable[Parcel]]


class Shipper:
    """Works on the event loop; what blocks is done in threads."""

    def __init__(
        self,
        queue: ShippingQueue,
        made: MadeRuns,
        *,
        connect: Connect,
        fill: Fill,
        ladder: ArtifactLadder,
        own_runs: OwnRuns,
        log: logging.Logger | Any,
        at: Callable[[str], Awaitable[None]],
        clock: Callable[[], float] = time.time,
        on_change: Callable[[Execution], None] = lambda execution: None,
    ) -> None:
        """
        :param connect: the server of an id; raises Problem for one that is not there
        :param fill: what is sent of an execution
        :param at: called at each step, with its name
        :param on_change: told of each execution whose sending has come further
        """
        self._queue = queue
        self._made = made
        self._connect = connect
        self._fill = fill
        self._ladder = ladder
        self._own_runs = own_runs
        self._log = log
        self._at = at
        self._clock = clock
        self._on_change = on_change
        self._pauses: dict[str, Pause] = {}
        self._experiments: dict[tuple[str, str], str] = {}
        self._sessions = SessionRuns(made)
        self._withdrawing = Withdrawing(queue, made, self._sessions, find_experiment=self._experiment)

    def pauses(self) -> list[Pause]:
        """Of all servers."""
        return list(self._pauses.values())

    def pause_of(self, server_id: str) -> Pause:
        """Until when a server is left alone, and why."""
        return self._pauses.setdefault(server_id, Pause())

    async def due(self) -> list[str]:
        """Servers for which there is something to do now."""
        now = self._clock()
        waiting = await asyncio.to_thread(self._queue.servers, now)
        to_check = await asyncio.to_thread(self._made.servers)
        return [each for each in {*waiting, *to_check} if self.pause_of(each).until <= now]

    async def next_time(self) -> float | None:
        """Seconds since the epoch at which something is to do next; None while nothing waits."""
        now = self._clock()
        soonest = await asyncio.to_thread(self._queue.next_time, now)
        if soonest is None:
            return None
        # Without an order of servers here: one that is paused may be asked for too early, for nothing.
        pauses = [pause.until for pause in self._pauses.values() if pause.until > now]
        return max(soonest, min(pauses)) if soonest <= now and pauses else soonest

    async def drain(self, server_id: str) -> None:
        """Send what is due there, until nothing is, or the server is to be left alone."""
        try:
            tracking = await self._connect(server_id)
        except Problem as problem:
            self._leave(server_id, Later(problem))
            await self._explain(server_id, problem)
            return
        try:
            await self._made.check(tracking)
        except Later as later:
            self._leave(server_id, later)
        while self._clock() >= self.pause_of(server_id).until:
            batch = await asyncio.to_thread(self._queue.due, server_id, self._clock(), AT_ONCE)
            if not batch:
                return
            await asyncio.gather(*(self._ship(tracking, id) for id in batch))

    async def _ship(self, tracking: Tracking, execution_id: str) -> None:
        entry = await asyncio.to_thread(self._queue.entry, execution_id)
        if entry is not None and entry.state == "dropped":
            await self._withdraw(tracking, entry)
            return
        found = await asyncio.to_thread(self._queue.read, execution_id)
        if found is None:
            return
        entry, execution = found
        try:
            if entry.state == "waiting":
                await self._send(tracking, entry, execution)
            else:
                await self._send_files(tracking, entry, execution)
            pause = self.pause_of(tracking.server_id)
            pause.failures, pause.problem = 0, None
        except Refused as refused:
            if entry.state == "waiting":
                await asyncio.to_thread(self._queue.refuse, execution_id, refused.problem)
        except Later as later:
            await self._put_off(tracking.server_id, entry, execution, later)
        except Exception as error:
            # A fault of ours, or an answer of a form that nobody knows: never the end of all shipping.
            self._log.exception("sending a recorded cell")
            problem = Problem(
                "sending-failed",
                f"Sending failed unexpectedly ({type(error).__name__}).",
                "It is tried again by itself; the log of the Jupyter server tells more.",
            )
            await self._put_off(tracking.server_id, entry, execution, Later(problem, of_server=False))
        self._on_change(execution)

    async def _withdraw(self, tracking: Tracking, entry: Entry) -> None:
        try:
            await self._withdrawing.take_back(tracking, entry)
        except Later as later:
            if later.of_server:
                self._leave(tracking.server_id, later)
            await self._wait(entry, later)

    async def _send(self, tracking: Tracking, entry: Entry, execution: Execution) -> None:
        parcel = await self._fill(execution)
        frozen = entry.frozen
        if frozen is None:
            frozen = {
                "run": parcel.run.to_json(),
                "parent": parcel.parent.to_json(),
                "experiment": parcel.experiment,
                "adopts": list(parcel.adopts),
                "tags": dict(parcel.tags),
            }
            if not await asyncio.to_thread(self._queue.freeze, execution.id, frozen):
                return
            await self._at("frozen")
        run, parent = RunContent.from_json(frozen["run"]), RunContent.from_json(frozen["parent"])
        adopts = tuple(frozen["adopts"])
        if not adopts:
            experiment_id = await self._experiment(tracking, frozen["experiment"])
            try:
                adopts = await self._send_run(tracking, entry, execution, parcel, experiment_id, run, parent)
            except Refused:
                if self._experiments.pop((tracking.server_id, frozen["experiment"]), None) is not None:
                    # That it was deleted says more than what was refused.
                    await tracking.experiment(frozen["experiment"])
                raise
            if not adopts:
                return
            # The kernel's shim said nothing of these runs, but they say which execution made them.
            frozen = {**frozen, "adopts": list(adopts)}
            await asyncio.to_thread(self._queue.freeze, execution.id, frozen)
        await self._adopt(entry, execution, parcel, adopts, frozen["tags"])

    async def _send_run(
        self,
        tracking: Tracking,
        entry: Entry,
        execution: Execution,
        parcel: Parcel,
        experiment_id: str,
        content: RunContent,
        parent: RunContent,
    ) -> tuple[str, ...]:
        """:return: runs that the execution's own code has made; nothing of ours was made then"""
        parent_id = await self._sessions.ensure(tracking, experiment_id, parent)
        run, run_id, own = await self._made.ensure(
            tracking, experiment_id, content, {"mlflow.parentRunId": parent_id}
        )
        if own:
            return tuple(own)
        if not await asyncio.to_thread(self._queue.set_run, execution.id, run_id):
            # Deleted here meanwhile, which also means: not to be sent.
            await self._withdrawing.delete(tracking, run_id)
            return ()
        await self._at("run-kept")
        if run is None or entry.attempts > 0 or not run.artifact_uri:
            run = await tracking.get_run(run_id)
        if run.is_deleted:
            raise Refused(
                Problem(
                    "run-deleted",
                    "The run of this cell was deleted on the tracking server.",
                    "Restore it and send again, or send to another experiment.",
                )
            )
        if run.has_ended and entry.frozen is None:
            # By a ledger that is lost now: all of it is there, with the outputs that no journal tells.
            await asyncio.to_thread(self._queue.acknowledge, execution.id)
            return ()
        # A store of files would keep a value twice.
        is_new = any(run.metrics.get(name) != value for name, value in content.metrics.items())
        await tracking.log(run_id, content, metrics=is_new)
        await self._at("logged")
        kept: KeptHere | None = None
        try:
            await self._ladder.send(tracking, run, parcel.files)
        except KeptHere as error:
            kept = error
        await self._at("files-sent")
        await tracking.end_run(run_id, content.status, content.end_time)
        await self._at("ended")
        await self._sessions.end(tracking, experiment_id, parent_id, parent)
        if kept is not None:
            await self._keep_files(entry, kept.problem)
        await asyncio.to_thread(
            self._queue.acknowledge, execution.id, problem=kept.problem if kept is not None else None
        )
        await self._at("acknowledged")
        return ()

    async def _adopt(
        self,
        entry: Entry,
        execution: Execution,
        parcel: Parcel,
        run_ids: tuple[str, ...],
        tags: dict[str, str],
    ) -> None:
        try:
            await self._own_runs.attach(execution, run_ids, parcel.files, tags)
        except OutOfReach as error:
            await asyncio.to_thread(
                self._queue.acknowledge, execution.id, state="kept", problem=error.problem
            )
            return
        except KeptHere as kept:
            await self._keep_files(entry, kept.problem)
            await asyncio.to_thread(self._queue.acknowledge, execution.id, problem=kept.problem)
            return
        await self._at("attached")
        await asyncio.to_thread(self._queue.acknowledge, execution.id)

    async def _send_files(self, tracking: Tracking, entry: Entry, execution: Execution) -> None:
        """Artifacts that had to stay here."""
        parcel = await self._fill(execution)
        adopts = tuple((entry.frozen or {}).get("adopts", ()))
        try:
            if entry.run_id is not None and not adopts:
                run = await tracking.get_run(entry.run_id)
                await self._ladder.send(tracking, run, parcel.files)
            else:
                await self._own_runs.attach(execution, adopts, parcel.files, {}, only_files=True)
        except KeptHere as kept:
            await self._keep_files(entry, kept.problem)
            return
        except (OutOfReach, Refused) as gone:
            self._log.info("artifacts of a recorded cell are not sent: %s", gone.problem.code)
        await asyncio.to_thread(self._queue.files_sent, execution.id)

    async def _keep_files(self, entry: Entry, problem: Problem) -> None:
        attempts = entry.attempts if entry.files is not None else 0
        wait = backoff(attempts, first=FILES_FIRST_S, longest=FILES_LONGEST_S)
        await asyncio.to_thread(self._queue.keep_files, entry.execution_id, problem, self._clock() + wait)
        if entry.files is not None:
            await asyncio.to_thread(
                self._queue.put_off, entry.execution_id, problem, self._clock() + wait, counts=True
            )

    async def _experiment(self, tracking: Tracking, name: str) -> str:
        known = self._experiments.get((tracking.server_id, name))
        if known is None:
            known = await tracking.experiment(name)
            self._experiments[tracking.server_id, name] = known
        return known

    async def _put_off(self, server_id: str, entry: Entry, execution: Execution, later: Later) -> None:
        now = self._clock()
        problem = later.problem
        if later.of_server:
            self._leave(server_id, later)
        else:
            age = now - (execution.ended or now)
            if problem.code == "upstream-error" and entry.attempts >= GIVE_UP_ATTEMPTS and age > GIVE_UP_S:
                await asyncio.to_thread(self._queue.refuse, entry.execution_id, problem)
                return
        await self._wait(entry, later)

    async def _wait(self, entry: Entry, later: Later) -> None:
        until = self._clock() + _wait(later, entry.attempts)
        await asyncio.to_thread(self._queue.put_off, entry.execution_id, later.problem, until, counts=True)

    def _leave(self, server_id: str, later: Later) -> None:
        pause = self.pause_of(server_id)
        wait = _wait(later, pause.failures)
        # Several that fail together are one failure.
        if self._clock() >= pause.until:
            pause.failures += 1
        pause.until = max(pause.until, self._clock() + wait)
        pause.problem = later.problem

    async def _explain(self, server_id: str, problem: Problem) -> None:
        """Nothing can be sent there now: the first that waits says why."""
        for id in await asyncio.to_thread(self._queue.due, server_id, self._clock(), 1):
            await asyncio.to_thread(
                self._queue.put_off, id, problem, self.pause_of(server_id).until, counts=False
            )


def _wait(later: Later, failures: int) -> float:
    """Seconds: what the server wants, but a server that says "at once" is not asked without end."""
    return backoff(failures) if later.after is None else max(later.after, backoff(0))
