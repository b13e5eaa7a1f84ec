"""Runs a command for as long as this process's standard input stays open.

`python guard.py [--grace SECONDS] [--log FILE] -- command …`. The command gets a process group of its
own. When standard input ends (whoever started us has gone, by SIGKILL too) or a signal arrives, the
group is asked to end, then made to. Jupyter starts kernels in groups of their own: what descends from
the command when the end begins is remembered, and made to end as well. The supervisor of a local MLflow
server is left alone: other Jupyter servers may use it, and it ends by itself when the last of them has
gone.

Standard library only: it also guards the set-up, before there is an environment.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time

WINDOWS = os.name == "nt"
SUPERVISOR = "jupyter_mlflow.server.local.supervisor"


def processes() -> dict[int, tuple[int, str]]:
    """Process id → (parent's id, start time) of everything that runs; empty where `ps` is missing."""
    found: dict[int, tuple[int, str]] = {}
    if os.path.isdir("/proc/self"):
        for name in os.listdir("/proc"):
            if name.isdigit():
                with contextlib.suppress(OSError, ValueError, IndexError):
                    with open(f"/proc/{name}/stat", encoding="utf8", errors="replace") as file:
                        # The command, in parentheses, may itself hold spaces and parentheses.
                        fields = file.read().rpartition(")")[2].split()
                    if fields[0] != "Z":
                        found[int(name)] = (int(fields[1]), fields[19])
        return found
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        listing = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid=,lstart="], capture_output=True, text=True, timeout=5, check=True
        )
        for line in listing.stdout.splitlines():
            pid, parent, started = line.split(None, 2)
            found[int(pid)] = (int(parent), started)
    return found


def is_shared(pid: int) -> bool:
    """Whether other Jupyter servers may use the process: the supervisor of a local MLflow server."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        if os.path.isdir("/proc/self"):
            with open(f"/proc/{pid}/cmdline", encoding="utf8", errors="replace") as file:
                return SUPERVISOR in file.read()
        shown = subprocess.run(
            ["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, timeout=5, check=False
        )
        return SUPERVISOR in shown.stdout
    return False


def descendants(pid: int) -> set[tuple[int, str]]:
    """(id, start time) of the processes below `pid`: the time tells a reused id from the process meant."""
    table = processes()
    below: set[tuple[int, str]] = set()
    edge = {pid}
    while edge:
        edge = {child for child, (parent, _) in table.items() if parent in edge and not is_shared(child)}
        below |= {(child, table[child][1]) for child in edge}
    return below


def alive(remembered: set[tuple[int, str]]) -> list[int]:
    """The ids among `remembered` that are still the same processes."""
    table = processes()
    return [pid for pid, started in remembered if pid in table and table[pid][1] == started]


class Guard:
    """One command and its end."""

    def __init__(self, command: list[str], grace: float, log: str | None = None) -> None:
        self.grace = grace
        self.ending = threading.Event()
        flags = {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)} if WINDOWS else {}
        output = open(log, "ab") if log else None  # noqa: SIM115 - the command's, for as long as it runs
        self.child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            start_new_session=not WINDOWS,
            **flags,
        )

    def end_when_input_ends(self) -> None:
        """Blocks until standard input ends, then begins the end."""
        with contextlib.suppress(OSError, ValueError):
            while os.read(sys.stdin.fileno(), 4096):
                pass
        self.ending.set()

    def run(self) -> int:
        """Waits for the command, or for the sign to end it; returns its exit code."""
        threading.Thread(target=self.end_when_input_ends, daemon=True).start()
        waiter = threading.Thread(target=self._wait, daemon=True)
        waiter.start()
        self.ending.wait()
        if waiter.is_alive():
            self.end(waiter)
        code = self.child.poll()
        return 1 if code is None else code if code >= 0 else 128 - code

    def _wait(self) -> None:
        self.child.wait()
        self.ending.set()

    def end(self, waiter: threading.Thread) -> None:
        """Asks the group to end, waits for `grace` seconds, then makes it, and whatever it left behind."""
        if WINDOWS:
            subprocess.run(
                ["taskkill", "/T", "/F", "/PID", str(self.child.pid)], capture_output=True, check=False
            )
            return
        family = descendants(self.child.pid)
        self._signal(signal.SIGTERM)
        waiter.join(self.grace)
        self._signal(signal.SIGKILL)
        waiter.join(self.grace)
        deadline = time.monotonic() + self.grace
        while alive(family) and time.monotonic() < deadline:
            time.sleep(0.05)
        for pid in alive(family):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)

    def _signal(self, number: int) -> None:
        with contextlib.suppress(OSError):
            os.killpg(self.child.pid, number)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Runs a command for as long as standard input stays open.")
    parser.add_argument(
        "--grace", type=float, default=15.0, help="seconds between asking to end and making it end"
    )
    parser.add_argument("--log", help="file that the command's output is added to")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        parser.error("no command was given")
    try:
        guard = Guard(command, options.grace, options.log)
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)
        return 127
    for name in ("SIGTERM", "SIGHUP", "SIGINT"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: guard.ending.set())
    return guard.run()


if __name__ == "__main__":
    sys.exit(main())
