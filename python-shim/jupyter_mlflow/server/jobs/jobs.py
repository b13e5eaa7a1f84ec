"""Jobs: long work that a person starts, watches and may cancel.

They live in the Jupyter server, not in the page.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ..problems import Problem
from ..processes.kept_process import KeptProcess
from ..processes.leases import private_folder
from ..processes.server_log import JobLog

JobState = Literal["running", "done", "failed", "cancelled"]

#: Work that takes longer is given up, seconds: a slow network may need minutes for MLflow's 300 MB.
TIMEOUT_S = 45 * 60.0
#: Finished jobs that are remembered; and logs of earlier sessions, seconds.
REMEMBERED = 50
LOG_AGE_S = 7 * 24 * 3600.0
MAX_RUNNING = 4


class Cancelled(Exception):
    """The person does not want it any more."""


@dataclass
class Job:
    """One piece of work. Its thread changes it; everybody may read it."""

    id: str
    kind: str
    steps: tuple[str, ...]
    log: JobLog
    folder: Path
    #: of all its commands together, seconds
    timeout_s: float = TIMEOUT_S
    state: JobState = "running"
    step: str = ""
    problem: Problem | None = None
    result: dict[str, Any] | None = None
    _cancel: threading.Event = field(default_factory=threading.Event)
    _process: KeptProcess | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _thread: threading.Thread | None = None
    _deadline: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """The `Job` of docs/architecture.md."""
        return {
            "id": self.id,
            "kind": self.kind,
            "state": self.state,
            "step": self.step,
            "steps": list(self.steps),
            "problem": self.problem.to_json() if self.problem else None,
            "result": self.result,
        }

    def begin(self, step: str) -> None:
        """Go on to the named step. :raises Cancelled:"""
        self.check()
        self.step = step
        self.log.write(f"== {step}")

    def check(self) -> None:
        """:raises Cancelled: if it is to end"""
        if self._cancel.is_set():
            raise Cancelled

    def run(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> tuple[int, str]:
        """Run a command (never a shell), its output in the log.

        :param timeout_s: what this command may take, within the time of the job
        :return: exit code and output
        :raises Cancelled: killed, with all that it started
        :raises Problem: `job-timeout`; killed too
        """
        self.check()
        self.log.write("$ " + " ".join("…" if "\n" in word else word for word in argv))
        with self._lock:
            process = KeptProcess(
                argv, env=env, cwd=cwd or self.folder, record=self.folder / f"{self.id}.json", log=self.log
            )
            self._process = process
        allowed = min(timeout_s, self.timeout_s)
        deadline = min(self._deadline, time.monotonic() + timeout_s)
        try:
            while not process.ended.wait(0.5):
                if time.monotonic() > deadline:
                    raise Problem(
                        "job-timeout",
                        f"It took longer than {allowed / 60:.0f} minutes and was given up.",
                        "Try again when the network or the machine is less busy.",
                    )
                self.check()
            self.check()
            code = process.exit_code
            return (1 if code is None else code), self.log.since(process.mark)
        finally:
            process.stop()
            self._process = None

    def cancel(self) -> None:
        """End it, with all that it started. Returns at once."""
        self._cancel.set()
        process = self._process
        if process is not None:
            threading.Thread(target=process.stop, daemon=True).start()

    def join(self, timeout_s: float | None = None) -> None:
        """Wait until it has ended."""
        if self._thread is not None:
            self._thread.join(timeout_s)


Work = Callable[[Job], dict[str, Any]]
#: From a request to the names of the steps and the work; raises Problem if it cannot begin.
Kind = Callable[[Mapping[str, Any]], tuple[tuple[str, ...], Work]]


class Jobs:
    """All jobs of this Jupyter server."""

    def __init__(
        self,
        *,
        state_dir: Path,
        kinds: Mapping[str, Kind],
        enabled: bool = True,
        log: logging.Logger | Any = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """
        :param state_dir: logs go to `jobs/` below it
        :param kinds: what can be done
        :param enabled: the administrator's switch
        """
        self._folder = state_dir / "jobs"
        self._kinds = kinds
        self._log = log or logging.getLogger(__name__)
        self._timeout_s = timeout_s
        self._jobs: dict[str, Job] = {}
        self.enabled = enabled

    def create(self, body: Any) -> Job:
        """Begin what `POST jobs` asks for.

        :raises Problem: `feature-off` (403), `invalid-job`, `too-many-jobs` (409), or what the kind says
        """
        self._check_enabled()
        if not isinstance(body, Mapping) or not isinstance(body.get("kind"), str):
            raise Problem(
                "invalid-job", "The request names no kind of job.", "Reload the page and try again."
            )
        kind = self._kinds.get(body["kind"])
        if kind is None:
            raise Problem("invalid-job", "This kind of job is not known.", "Reload the page and try again.")
        if sum(job.state == "running" for job in self._jobs.values()) >= MAX_RUNNING:
            raise Problem(
                "too-many-jobs",
                f"{MAX_RUNNING} jobs are running.",
                "Wait for one to end, or cancel one.",
                status=409,
            )
        private_folder(self._folder)
        self._forget_old()
        id = secrets.token_hex(8)
        path = self._folder / f"{id}.log"
        log = JobLog(path)
        try:
            steps, work = kind(body)
        except BaseException:
            log.close()
            path.unlink(missing_ok=True)
            raise
        job = Job(
            id=id,
            kind=body["kind"],
            steps=steps,
            log=log,
            folder=self._folder,
            timeout_s=self._timeout_s,
            step=steps[0],
            _deadline=time.monotonic() + self._timeout_s,
        )
        self._jobs[id] = job
        job._thread = threading.Thread(
            target=self._do, args=(job, work), name=f"mlflow-job-{id[:6]}", daemon=True
        )
        job._thread.start()
        return job

    def get(self, id: str) -> Job:
        """:raises Problem: `unknown-job` (404), `feature-off` (403)"""
        self._check_enabled()
        if id not in self._jobs:
            raise Problem(
                "unknown-job",
                "This job is not known; the Jupyter server may have been restarted.",
                "Start it again if it is still needed.",
                status=404,
            )
        return self._jobs[id]

    def read_log(self, id: str, offset: int) -> dict[str, Any]:
        """`{text, next_offset, done}`; `done` says that no more will come after this text."""
        job = self.get(id)
        ended = job.state != "running"
        text, after = job.log.read(offset)
        return {"text": text, "next_offset": after, "done": ended and not text}

    def close(self, timeout_s: float = 10.0) -> None:
        """Cancel all and wait until nothing of them is left. Blocks."""
        running = [job for job in self._jobs.values() if job.state == "running"]
        for job in running:
            job.cancel()
        for job in running:
            job.join(timeout_s)

    def _do(self, job: Job, work: Work) -> None:
        state: JobState = "failed"
        try:
            job.result = work(job)
            state = "done"
        except Cancelled:
            job.log.write("cancelled")
            state = "cancelled"
        except Problem as problem:
            if problem.log is None:
                problem.log = job.log.tail()
            job.problem = problem
            job.log.write(problem.message)
        except OSError as error:
            job.problem = _os_problem(error, job.log.tail())
        except Exception as error:
            self._log.exception("job %s", job.kind)
            job.problem = Problem(
                "job-failed",
                f"It failed unexpectedly ({type(error).__name__}).",
                "The log of the Jupyter server tells more; try again.",
                log=job.log.tail(),
            )
        finally:
            # Last, so that whoever sees the state sees all the rest.
            job.state = state

    def _check_enabled(self) -> None:
        if not self.enabled:
            raise Problem(
                "feature-off",
                "The administrator of this Jupyter server has turned jobs off.",
                "Ask for the feature “jobs” in JupyterMlflow.enabled_features, or do it in a terminal.",
                status=403,
            )

    def _forget_old(self) -> None:
        ended = [job for job in self._jobs.values() if job.state != "running"]
        for job in ended[: max(0, len(ended) - REMEMBERED)]:
            job.log.close()
            del self._jobs[job.id]
        for path in self._folder.glob("*.log"):
            with contextlib.suppress(OSError):
                if path.stem not in self._jobs and time.time() - path.stat().st_mtime > LOG_AGE_S:
                    os.remove(path)


def _os_problem(error: OSError, log: str) -> Problem:
    import errno

    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Problem("disk-full", "The disk is full.", "Free some space, then try again.", log=log)
    return Problem(
        "job-failed",
        f"It failed: {error.strerror or error}.",
        "Check that the state folder of jupyter-mlflow can be written, then try again.",
        log=log,
    )
