"""A child process under a keeper: it ends with us, however we end."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .processes import create_time, kill_group
from .server_log import ServerLog
from .spawning import own_environ, spawn


class KeptProcess:
    """A started process; its output goes into the log."""

    def __init__(
        self, argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, record: Path, log: ServerLog
    ) -> None:
        """Start it.

        :param record: file that tells a later supervisor what to clear away, should we and the keeper be
            killed
        :raises OSError: the keeper could not be started
        """
        self._record = record
        #: where its output begins in the log
        self.mark = log.mark()
        self._keeper = spawn(
            [sys.executable, "-m", "jupyter_mlflow.server.processes.keeper"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=own_environ(),
            cwd=cwd,
        )
        self._created = create_time(self._keeper.pid)
        stdin, stdout = self._keeper.stdin, self._keeper.stdout
        if stdin is None or stdout is None:
            raise OSError("no pipe to the keeper")
        self._pipe = stdin
        self._reader = log.follow(stdout)
        #: set when the process has ended
        self.ended = threading.Event()
        order = {"argv": list(argv), "env": dict(env), "cwd": str(cwd), "record": str(record)}
        with contextlib.suppress(OSError):  # it ended at once: the exit code tells
            stdin.write(json.dumps(order).encode() + b"\n")
            stdin.flush()
        threading.Thread(target=self._watch, daemon=True).start()

    @property
    def pid(self) -> int:
        """Of the keeper; the process itself is below it."""
        return self._keeper.pid

    @property
    def exit_code(self) -> int | None:
        """Of the process once it has ended (128 + n: killed by signal n)."""
        return self._keeper.poll()

    def stop(self) -> None:
        """End the process and all that it started; returns when nothing of it is left."""
        with contextlib.suppress(OSError):
            self._pipe.close()
        if not self.ended.wait(10.0):
            kill_group(self._keeper.pid, self._created, grace_s=0.5)
        clear_leftovers(self._record)
        self.ended.wait(5.0)

    def _watch(self) -> None:
        self._keeper.wait()
        # Its last words are what tells why.
        self._reader.join(2.0)
        self.ended.set()


def clear_leftovers(record: Path) -> bool:
    """Kill what an earlier keeper recorded and could not clear away itself; whether there was anything.

    The pid counts only together with the time at which its process began.
    """
    try:
        entry: dict[str, Any] = json.loads(record.read_text(encoding="utf-8"))
        pid, created = int(entry["pid"]), float(entry["created"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
    kill_group(pid, created)
    record.unlink(missing_ok=True)
    return True
