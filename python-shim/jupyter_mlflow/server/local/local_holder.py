"""One local server as one Jupyter server sees it: finds or starts its supervisor and follows it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import wait
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from ..environments.environments import Interpreter
from ..problems import Problem
from ..processes.leases import Lease, holder_host, private_folder
from ..processes.spawning import own_environ, spawn
from .stores import Store

LocalState = Literal["stopped", "starting", "ready", "failed"]
FindInterpreter = Callable[[], Awaitable[Interpreter | None]]
FindInterpreters = Callable[[], Awaitable[Sequence[Interpreter]]]

#: How long a supervisor that is just ending may keep its lock, seconds.
ELECTION_S = 30.0
#: A supervisor that was killed is replaced as often within ten minutes.
MAX_REELECTIONS = 5
REELECTION_WINDOW_S = 600.0


@dataclass(frozen=True)
class LocalStatus:
    """How a local server stands."""

    state: LocalState
    #: "http://127.0.0.1:port" while it is ready
    origin: str | None = None
    #: of MLflow, as the server itself says
    version: str | None = None
    #: why it failed, or that it is being restarted
    problem: Problem | None = None
    #: folder that receives files, absolute
    artifacts: str | None = None


class LocalHolder:
    """Keeps one lease: finds or starts the supervisor, follows its state, replaces it when it was killed."""

    def __init__(
        self,
        *,
        store: Store,
        folder: Path,
        artifacts: str,
        migrate: bool,
        workers: int,
        find_interpreter: FindInterpreter,
        other_interpreters: FindInterpreters | None,
        loop: asyncio.AbstractEventLoop,
        log: Any,
    ) -> None:
        self._store = store
        self._folder = folder
        self._artifacts = artifacts
        self._migrate = migrate
        self._workers = workers
        self._find_interpreter = find_interpreter
        self._other_interpreters = other_interpreters
        self._loop = loop
        self._log = log
        self._lease: Lease | None = None
        self._released = threading.Event()
        self._stop_asked = False
        self._losses: list[float] = []
        self._thread = threading.Thread(target=self._run, name=f"mlflow-{store.key[:8]}", daemon=True)
        #: replaced as a whole, read without a lock
        self.status = LocalStatus("starting", artifacts=artifacts)

    @property
    def is_over(self) -> bool:
        """Whether a new start needs a new holder."""
        return (
            self._released.is_set()
            or self.status.state in ("stopped", "failed")
            or not self._thread.is_alive()
        )

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Ask for the end of the server, for everybody."""
        self._stop_asked = True
        if self._lease is not None:
            self._lease.stop()
        else:
            self._released.set()

    def release(self) -> None:
        """Give the lease back; the server goes on for others."""
        self._released.set()
        if self._lease is not None:
            self._lease.close()

    def join(self, timeout_s: float) -> None:
        """Wait until this has ended."""
        self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            while not self._released.is_set():
                if self._follow(self._connect()):
                    return
                self._after_loss()
        except Problem as problem:
            self.status = LocalStatus("failed", problem=problem, artifacts=self._artifacts)
        except OSError as error:
            self.status = LocalStatus(
                "failed",
                problem=Problem(
                    "state-folder",
                    f"The state folder for local servers cannot be used ({error.strerror or error}).",
                    f"Check that {self._folder.parent} can be written and its disk is not full.",
                ),
                artifacts=self._artifacts,
            )
        except Exception:
            self._log.exception("local server over %s", self._store.public_uri)
            self.status = LocalStatus(
                "failed",
                problem=Problem(
                    "start-failed", "MLflow could not be started.", "The log of the Jupyter server tells why."
                ),
                artifacts=self._artifacts,
            )
        finally:
            if self._released.is_set():
                self.status = LocalStatus("stopped", artifacts=self._artifacts)

    def _follow(self, lease: Lease | None) -> bool:
        """Until the lease ends; whether that is the end of it (stopped, failed) and not a loss."""
        if lease is None:
            return True
        self._lease = lease
        if self._released.is_set():
            lease.close()
        elif self._stop_asked:
            lease.stop()
        try:
            for state in lease.states():
                self.status = self._decode(state)
        finally:
            self._lease = None
            lease.close()
        return self.status.state in ("stopped", "failed") or self._released.is_set()

    def _decode(self, state: dict[str, Any]) -> LocalStatus:
        problem = state.get("problem")
        port = state.get("port")
        return LocalStatus(
            state=state.get("state", "starting"),
            origin=f"http://127.0.0.1:{port}" if port else None,
            version=state.get("version"),
            problem=Problem(problem.pop("code"), problem.pop("message"), problem.pop("hint"), **problem)
            if problem
            else None,
            artifacts=state.get("artifacts") or self._artifacts,
        )

    def _after_loss(self) -> None:
        """The supervisor was killed: go on, unless that happens all the time."""
        now = time.monotonic()
        self._losses = [t for t in self._losses if now - t < REELECTION_WINDOW_S] + [now]
        if len(self._losses) > MAX_REELECTIONS:
            raise Problem(
                "supervisor-lost",
                "The process that looks after MLflow was killed again and again.",
                "Start it again; if it happens again, ask who ends processes on this machine (memory "
                "limits?).",
            )
        self.status = replace(
            LocalStatus("starting", artifacts=self._artifacts),
            problem=Problem(
                "restarting",
                "The process that looks after MLflow was killed; it is being started again.",
                "Nothing to do; what was saved before is kept.",
            ),
        )
        self._released.wait(min(5.0, 0.2 * 2 ** len(self._losses)))

    def _connect(self) -> Lease | None:
        """A lease on the supervisor there is, or on one that we start. None: released meanwhile."""
        private_folder(self._folder)
        deadline = time.monotonic() + ELECTION_S
        interpreters: list[Interpreter] | None = None
        while not self._released.is_set():
            lease = Lease.connect(self._folder)
            if lease is not None:
                return lease
            interpreters = interpreters or self._interpreters()
            if interpreters is None:
                return None
            if self._elect(interpreters) and (lease := Lease.connect(self._folder)):
                return lease
            if time.monotonic() > deadline:
                raise self._not_elected()
            # Another supervisor holds the lock: it is either just starting or just ending.
            self._released.wait(0.1)
        return None

    def _interpreters(self) -> list[Interpreter] | None:
        """Those with MLflow, the preferred one first. None: released meanwhile."""
        future = asyncio.run_coroutine_threadsafe(self._ask_interpreters(), self._loop)
        while not self._released.is_set():
            if not wait([future], timeout=0.2).done:
                continue
            if found := future.result():
                return found
            raise Problem(
                "no-mlflow",
                "No Python on this machine that Jupyter knows of has MLflow.",
                "Let an environment be made for it, or install MLflow beside Jupyter: pip install mlflow",
            )
        future.cancel()
        return None

    async def _ask_interpreters(self) -> list[Interpreter]:
        preferred = await self._find_interpreter()
        if preferred is None or preferred.mlflow is None:
            return []
        others = await self._other_interpreters() if self._other_interpreters is not None else []
        return [
            preferred,
            *(other for other in others if other.mlflow and other.executable != preferred.executable),
        ]

    def _elect(self, interpreters: Sequence[Interpreter]) -> bool:
        """Start a supervisor; whether it was elected (or another one just was)."""
        order = {
            "store": {
                "kind": self._store.kind,
                "uri": self._store.uri,
                "public_uri": self._store.public_uri,
                "label": self._store.label,
                "artifacts": self._artifacts,
                "path": str(self._store.path) if self._store.path else None,
            },
            "secrets": list(self._store.secrets),
            "interpreters": [asdict(interpreter) for interpreter in interpreters],
            "workers": self._workers,
            "migrate": self._migrate,
        }
        errors = os.open(self._folder / "supervisor.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(errors, "wb") as file:
            process = spawn(
                [sys.executable, "-m", "jupyter_mlflow.server.local.supervisor", str(self._folder)],
                env=own_environ(),
                cwd=self._folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
            )
        stdin, stdout = process.stdin, process.stdout
        if stdin is None or stdout is None:
            raise OSError("no pipe to the supervisor")
        with contextlib.suppress(OSError):  # it ended at once: its output tells
            stdin.write(json.dumps(order).encode() + b"\n")
            stdin.close()
        word = stdout.readline().strip()
        stdout.close()
        # Reaped when it ends, so that no zombie stays.
        threading.Thread(target=process.wait, daemon=True).start()
        if word not in (b"listening", b"busy"):
            tail = (self._folder / "supervisor.log").read_text(encoding="utf-8", errors="replace")[-2000:]
            raise Problem(
                "supervisor-failed",
                "The process that looks after MLflow could not be started.",
                "Check that jupyter-mlflow is installed in the environment of the Jupyter server.",
                log=tail,
            )
        return word == b"listening"

    def _not_elected(self) -> Problem:
        host = holder_host(self._folder)
        if host is not None:
            return Problem(
                "store-in-use-elsewhere",
                f"MLflow already runs over this store on the machine {host}.",
                "Stop it there, or set the trait state_dir to a folder of this machine alone.",
            )
        return Problem(
            "supervisor-failed",
            "Another process looks after this store but does not answer.",
            "Wait a moment and start again; if it stays so, end the process that runs "
            "jupyter_mlflow.server.local.supervisor.",
        )
