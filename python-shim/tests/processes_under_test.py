"""Processes that tests start: found ready by asking, ended with all that they started."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

#: Seconds after which waiting for a condition fails the test; MLflow starts in 6 on a quiet machine.
PATIENCE = 240.0


#: Below those that systems give to outgoing connections: none of these takes a port between our asking and
#: the server's listening, which may be ten seconds later.
_PORTS = range(20_000, 32_000)
_given: set[int] = set()


def free_port() -> int:
    """A port that nobody uses now, and that this process has not named before."""
    while True:
        port = random.SystemRandom().choice(_PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            if port not in _given:
                _given.add(port)
                return port


def listens(port: int) -> bool:
    """Whether somebody takes connections there: cheap to ask again and again, unlike an HTTP client."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Asks again and again until `condition` holds; fails with `what` when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.02)


def last_lines(log: Path, count: int, since: int = 0) -> str:
    """The end of a file, of what was written after its first `since` bytes."""
    with contextlib.suppress(OSError), log.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(since, size - 400 * count))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-count:])
    return ""


class ProcessUnderTest:
    """A process in a group of its own, its output in a file."""

    #: Those that run, and those that ended since `forget_ended` was called: who looks for reasons reads them.
    known: ClassVar[list[ProcessUnderTest]] = []

    def __init__(
        self, command: Sequence[str], *, cwd: Path, env: Mapping[str, str], log: Path, name: str
    ) -> None:
        self.log = log
        self.name = name
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [str(part) for part in command],
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.known.append(self)

    @classmethod
    def forget_ended(cls) -> None:
        """Another test begins."""
        cls.known[:] = [each for each in cls.known if each.process.poll() is None]

    @property
    def output(self) -> str:
        """What it has written so far."""
        return self.log.read_text(errors="replace")

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        """Like `wait_until`, but fails at once when the process ends, and shows its output."""

        def checked() -> bool:
            ended = self.process.poll()
            assert ended is None, f"{self.name} ended with {ended}:\n{self.output[-4000:]}"
            return condition()

        try:
            wait_until(checked, what)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.output[-4000:]}") from None

    def stop(self) -> None:
        """Ends the whole group: MLflow's workers outlive their parent."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, sign)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(8)
        self.process.wait(8)
