"""Artifacts reach a run's store by the first way that is open: a ladder.

The server's proxy, its upload, a job with an interpreter that has MLflow (for S3 and the like). When none is,
the run is recorded and its artifacts stay here, to be tried again.
"""

from __future__ import annotations

import posixpath
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol
from urllib.parse import urlsplit

from ..problems import Problem
from .run_files import File
from .tracking import Later, Refused, Run, Tracking

#: Bytes that `upload-artifact` takes.
MAX_UPLOAD = 10 * 1024 * 1024
#: Stores that MLflow's own code reaches from here with what the environment holds. Not `file`: the path would
#: be one of this machine, chosen by whoever runs the tracking server.
STORES = frozenset({"s3", "gs", "wasb", "wasbs", "abfs", "abfss", "hdfs", "viewfs", "oss", "b2", "r2"})
_PROXY = "/mlflow-artifacts/artifacts/"


class KeptHere(Exception):
    """No way was open. The problem says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class StoreJob(Protocol):
    """Puts files into a store with MLflow's own code."""

    async def put(self, uri: str, files: Iterable[File]) -> None:
        """:raises KeptHere:"""


class ArtifactLadder:
    """One for all servers."""

    def __init__(self, job: StoreJob | None, *, at: Callable[[str], Awaitable[None]]) -> None:
        """
        :param job: None where the administrator has turned jobs off
        :param at: called after each file
        """
        self._job = job
        self._at = at

    async def send(self, tracking: Tracking, run: Run, files: Iterable[File], folder: str = "") -> None:
        """All of them, over those that are there. :raises KeptHere: :raises Later:"""
        left = [File(posixpath.join(folder, each.path), each.content) for each in files]
        why: list[Problem] = []
        for rung in (self._by_proxy, self._by_upload, self._by_job):
            left = await rung(tracking, run, left, why)
            if not left:
                return
        reason = why[-1] if why else _no_way(run)
        raise KeptHere(
            Problem(
                "artifacts-kept",
                f"The run is recorded, and {len(left)} of its files stay on this machine: {reason.message}",
                reason.hint or "They are tried again by themselves.",
                log=reason.log,
            )
        )

    async def _by_proxy(
        self, tracking: Tracking, run: Run, files: list[File], why: list[Problem]
    ) -> list[File]:
        root = _proxied(run.artifact_uri)
        if root is None:
            return files
        return await self._each(
            files, why, lambda file: tracking.put_file(posixpath.join(root, file.path), file.content)
        )

    async def _by_upload(
        self, tracking: Tracking, run: Run, files: list[File], why: list[Problem]
    ) -> list[File]:
        large = [file for file in files if len(file.content) > MAX_UPLOAD]
        small = [file for file in files if len(file.content) <= MAX_UPLOAD]
        left = await self._each(small, why, lambda file: tracking.upload(run.run_id, file.path, file.content))
        return [*left, *large]

    async def _by_job(
        self, tracking: Tracking, run: Run, files: list[File], why: list[Problem]
    ) -> list[File]:
        if urlsplit(run.artifact_uri).scheme not in STORES:
            return files
        if self._job is None:
            why.append(
                Problem(
                    "jobs-off",
                    "the server does not pass them on, and jobs are turned off on this Jupyter server.",
                    "Ask whoever runs the tracking server for --serve-artifacts.",
                )
            )
            return files
        try:
            await self._job.put(run.artifact_uri, files)
        except KeptHere as kept:
            why.append(kept.problem)
            return files
        await self._at("file-sent")
        return []

    async def _each(
        self, files: list[File], why: list[Problem], send: Callable[[File], Awaitable[None]]
    ) -> list[File]:
        for place, file in enumerate(files):
            try:
                await send(file)
            except Refused as refused:
                why.append(refused.problem)
                return files[place:]
            except Later as later:
                if later.of_server:
                    raise
                why.append(later.problem)
                return files[place:]
            await self._at("file-sent")
        return []


def _proxied(uri: str) -> str | None:
    """The path below the server's proxy; None for a store that it does not stand before."""
    parts = urlsplit(uri)
    if parts.scheme == "mlflow-artifacts":
        return parts.path.strip("/")
    if parts.scheme in ("http", "https") and _PROXY in parts.path:
        return parts.path.partition(_PROXY)[2].strip("/")
    return None


def _no_way(run: Run) -> Problem:
    scheme = urlsplit(run.artifact_uri).scheme or "file"
    return Problem(
        "no-way",
        f"nothing from here can write into its store ({scheme}).",
        "Ask whoever runs the tracking server for --serve-artifacts.",
    )
