"""Puts artifacts into S3 and the like by running MLflow's own code in an interpreter that has it."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..environments.environments import Interpreter
from ..jobs.jobs import Job, Jobs, Work
from ..local.server_process import interpreter_environ
from ..problems import Problem
from ..processes.leases import private_folder
from .artifacts import KeptHere
from .redaction import Redaction
from .run_files import File

UPLOAD = "Upload"
TIMEOUT_S = 600.0
#: Exit code of an interpreter that lacks a package for this kind of store.
_LACKS = 3

_SCRIPT = """
import sys
try:
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
    get_artifact_repository(sys.argv[1]).log_artifacts(sys.argv[2])
except ImportError as error:
    print(error)
    sys.exit(3)
"""


class MlflowStoreJob:
    """One upload at a time; each is a job with a log, a time-out and an end with Jupyter."""

    def __init__(
        self,
        *,
        state_dir: Path,
        interpreters: Callable[[], Awaitable[list[Interpreter]]],
        log: logging.Logger | Any = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """:param interpreters: those that have MLflow, the best first"""
        self._folder = state_dir / "recorder"
        self._interpreters = interpreters
        self._environ = environ
        self._jobs = Jobs(state_dir=self._folder, kinds={"upload": self._kind}, log=log)
        self._one = asyncio.Lock()

    async def put(self, uri: str, files: Iterable[File]) -> None:
        """:raises KeptHere:"""
        async with self._one:
            interpreters = await self._interpreters()
            if not interpreters:
                raise KeptHere(
                    Problem(
                        "no-interpreter",
                        "no environment with MLflow is at hand to upload them.",
                        "Make an environment in the MLflow panel, or install mlflow where Jupyter runs.",
                    )
                )
            folder = await asyncio.to_thread(self._write, files)
            try:
                await self._upload(uri, folder, interpreters)
            finally:
                await asyncio.to_thread(shutil.rmtree, folder, True)

    def close(self) -> None:
        """End what runs. Blocks."""
        self._jobs.close()

    async def _upload(self, uri: str, folder: Path, interpreters: list[Interpreter]) -> None:
        last: Problem | None = None
        for interpreter in interpreters:
            body = {"kind": "upload", "uri": uri, "folder": str(folder), "executable": interpreter.executable}
            job = await asyncio.to_thread(self._jobs.create, body)
            try:
                await asyncio.to_thread(job.join)
            except asyncio.CancelledError:
                job.cancel()
                raise
            if job.state == "done" and job.problem is None and job.result is not None:
                if job.result["code"] == 0:
                    return
                # Another interpreter may have the package that this one lacks; no other helps otherwise.
                last = _failed(uri, job.result["code"], job.result["output"])
                if job.result["code"] != _LACKS:
                    break
            else:
                last = job.problem or last
        raise KeptHere(last or _failed(uri, 1, ""))

    def _kind(self, body: Mapping[str, Any]) -> tuple[tuple[str, ...], Work]:
        def work(job: Job) -> dict[str, Any]:
            job.begin(UPLOAD)
            executable = body["executable"]
            argv = [executable, "-c", _SCRIPT, body["uri"], body["folder"]]
            code, output = job.run(
                argv, env=interpreter_environ(executable, self._environ), timeout_s=TIMEOUT_S
            )
            return {"code": code, "output": output}

        return (UPLOAD,), work

    def _write(self, files: Iterable[File]) -> Path:
        private_folder(self._folder)
        folder = Path(tempfile.mkdtemp(prefix="upload-", dir=self._folder))
        for file in files:
            path = folder / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)
        return folder


def _failed(uri: str, code: int, output: str) -> Problem:
    store = urlsplit(uri).scheme
    last = next((line.strip() for line in reversed(output.splitlines()) if line.strip()), "")
    if code == _LACKS:
        message = f"no environment with MLflow has what {store} needs ({last[:200]})."
        hint = "Install it where Jupyter runs (for S3: boto3)."
    else:
        message = f"uploading to {store} failed."
        hint = (
            "Check the variables of this store (for S3: AWS_…, MLFLOW_S3_ENDPOINT_URL) where Jupyter starts."
        )
    return Problem("upload-failed", message, hint, log=Redaction().text(output[-4000:]) or None)
