"""Takes back what was made on a tracking server for an execution that is not to be there after all."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from .made_runs import MadeRuns
from .run_content import DROPPED, DUPLICATE_OF, RunContent
from .session_runs import SessionRuns
from .shipping_queue import Entry, ShippingQueue
from .tracking import Refused, Tracking

FindExperiment = Callable[[Tracking, str], Awaitable[str]]


class Withdrawing:
    """Of executions that were dropped, or deleted here, when some of them had been sent already."""

    def __init__(
        self,
        queue: ShippingQueue,
        made: MadeRuns,
        sessions: SessionRuns,
        *,
        find_experiment: FindExperiment,
    ) -> None:
        """:param find_experiment: the id of the experiment of a name"""
        self._queue = queue
        self._made = made
        self._sessions = sessions
        self._find_experiment = find_experiment

    async def take_back(self, tracking: Tracking, entry: Entry) -> None:
        """Its run is deleted, and that of its session ends. Can be done twice. Raises `Later`.

        A run whose create was not answered yet is deleted when it is looked for, see `MadeRuns.check`.
        """
        if entry.run_id is not None:
            await self.delete(tracking, entry.run_id)
        if entry.frozen is not None:
            # Refused: its experiment is gone, and with it the session's run.
            with contextlib.suppress(Refused):
                await self._end_session(tracking, entry.frozen)
        await asyncio.to_thread(self._queue.taken_back, entry.execution_id)

    async def delete(self, tracking: Tracking, run_id: str) -> None:
        """Into MLflow's bin; marked at least, without the right to delete. Raises `Later`."""
        with contextlib.suppress(Refused):
            await tracking.set_tags(run_id, {DUPLICATE_OF: DROPPED})
            await tracking.delete_run(run_id)
        await asyncio.to_thread(self._made.forget_run, run_id)

    async def _end_session(self, tracking: Tracking, frozen: Mapping[str, Any]) -> None:
        if frozen.get("adopts"):
            return
        parent = RunContent.from_json(frozen["parent"])
        experiment_id = await self._find_experiment(tracking, frozen["experiment"])
        await self._sessions.end_if_made(tracking, experiment_id, parent)
