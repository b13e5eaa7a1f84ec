"""The run of a session, below which its cells' runs lie: made once, and ended when the last of them has."""

from __future__ import annotations

import asyncio

from .made_runs import MadeRuns
from .run_content import RunContent
from .tracking import Refused, Tracking


class SessionRuns:
    """Works on the event loop."""

    def __init__(self, made: MadeRuns) -> None:
        self._made = made
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}

    async def ensure(self, tracking: Tracking, experiment_id: str, content: RunContent) -> str:
        """Its id. Raises like `MadeRuns.ensure`."""
        # Executions that are sent at once would all ask for it.
        async with self._lock(content):
            _, run_id, _ = await self._made.ensure(tracking, experiment_id, content, {})
            return run_id

    async def end(self, tracking: Tracking, experiment_id: str, run_id: str, content: RunContent) -> None:
        """A session ends when the last of its cells did, as far as is known now. Raises `Later`."""
        place = (content.key, tracking.server_id, experiment_id)
        async with self._lock(content):
            if await asyncio.to_thread(self._made.told_end, *place, content.end_time):
                return
            try:
                await tracking.end_run(run_id, content.status, content.end_time)
            except Refused:
                # Somebody has deleted it; the cells' own runs are what counts.
                return
            await asyncio.to_thread(self._made.tell_end, *place, content.end_time)

    async def end_if_made(self, tracking: Tracking, experiment_id: str, content: RunContent) -> None:
        """The same, where there is one. Raises `Later`."""
        run_id = await asyncio.to_thread(self._made.run_of, content.key, tracking.server_id, experiment_id)
        if run_id is not None:
            await self.end(tracking, experiment_id, run_id, content)

    def _lock(self, content: RunContent) -> asyncio.Lock:
        return self._locks.setdefault(content.key, asyncio.Lock())
