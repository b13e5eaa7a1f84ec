"""Local servers: MLflow started over a store, shared by Jupyter servers, gone with the last of them."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

from .local_holder import FindInterpreter, FindInterpreters, LocalHolder, LocalState, LocalStatus
from .stores import Store

__all__ = ["FindInterpreter", "FindInterpreters", "LocalServers", "LocalState", "LocalStatus"]


class LocalServers:
    """The local servers that this Jupyter server uses: one thread and one lease for each."""

    def __init__(
        self,
        *,
        state_dir: Path,
        find_interpreter: FindInterpreter,
        log: logging.Logger | Any,
        workers: int = 1,
        other_interpreters: FindInterpreters | None = None,
    ) -> None:
        """
        :param state_dir: private folder; Jupyter servers that share it share local servers
        :param find_interpreter: an interpreter with MLflow, or None; asked only when a server must really be
            started
        :param workers: of MLflow; one holds about 250 MB
        :param other_interpreters: those that may serve a store which the preferred one could only open by
            changing it
        """
        self._state_dir = state_dir
        self._find_interpreter = find_interpreter
        self._other_interpreters = other_interpreters
        self._log = log
        self._workers = workers
        self._holders: dict[str, LocalHolder] = {}

    def status(self, store: Store) -> LocalStatus:
        """How the server over `store` stands for us. No I/O: safe and cheap on the event loop."""
        holder = self._holders.get(store.key)
        return holder.status if holder else LocalStatus("stopped", artifacts=self._artifacts(store))

    async def start(self, store: Store, *, migrate: bool = False) -> LocalStatus:
        """Start the server or join the one that runs; returns at once, mostly with "starting".

        :param migrate: whether MLflow may change an older SQLite file, which is backed up first
        """
        holder = self._holders.get(store.key)
        if holder is not None and not holder.is_over:
            return holder.status
        holder = LocalHolder(
            store=store,
            folder=self._state_dir / "local-servers" / store.key,
            artifacts=self._artifacts(store),
            migrate=migrate,
            workers=self._workers,
            find_interpreter=self._find_interpreter,
            other_interpreters=self._other_interpreters,
            loop=asyncio.get_running_loop(),
            log=self._log,
        )
        self._holders[store.key] = holder
        holder.start()
        return holder.status

    async def stop(self, store: Store) -> LocalStatus:
        """Stop the server, for every Jupyter server that uses it; returns when it has ended."""
        holder = self._holders.get(store.key)
        if holder is not None:
            holder.stop()
            await asyncio.to_thread(holder.join, 20.0)
        return self.status(store)

    async def close(self) -> None:
        """Give all leases back; servers that nobody else uses end by themselves."""
        holders = list(self._holders.values())
        for holder in holders:
            holder.release()
        await asyncio.gather(*(asyncio.to_thread(holder.join, 5.0) for holder in holders))

    def _artifacts(self, store: Store) -> str:
        return str(store.artifacts or self._state_dir / "artifacts" / store.key)
