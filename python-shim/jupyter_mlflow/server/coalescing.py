"""Equal questions that are asked at the same time are asked once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class _Flight(Generic[T]):
    def __init__(self, task: asyncio.Task[T]) -> None:
        self.task = task
        self.waiting = 0


class Coalescing(Generic[T]):
    """Shares the answer of a question among all who ask it while it is on its way.

    Whoever stops waiting only leaves; when the last one has left, the question itself is cancelled.
    Nothing is kept after the answer.
    """

    def __init__(self) -> None:
        self._flights: dict[Hashable, _Flight[T]] = {}

    async def ask(self, key: Hashable, question: Callable[[], Awaitable[T]]) -> T:
        """The answer to `question`, or to an equal one (same `key`) that is being answered."""
        flight = self._flights.get(key)
        if flight is None:
            flight = _Flight(asyncio.ensure_future(_call(question)))
            self._flights[key] = flight
            mine = flight
            flight.task.add_done_callback(lambda task: self._land(key, mine))
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if flight.waiting == 0 and not flight.task.done():
                # Whoever comes now must not join a question that is being cancelled.
                self._land(key, flight)
                flight.task.cancel()

    def _land(self, key: Hashable, flight: _Flight[T]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
        if flight.task.done() and not flight.task.cancelled():
            # Read, so that an error nobody waited for is not reported as lost.
            flight.task.exception()


async def _call(question: Callable[[], Awaitable[T]]) -> T:
    return await question()
