"""Processes that end when they should: found again by pid and time, and killed whole."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Mapping, Sequence

import psutil

#: What a process gets to end by itself before it is killed, seconds.
TERM_GRACE_S = 4.0


def create_time(pid: int) -> float | None:
    """When process `pid` began (seconds since the epoch), or None.

    With the pid it names a process for good.
    """
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return None


def is_alive(pid: int) -> bool:
    """Whether there is a process `pid` that has not ended (one that nobody has waited for has)."""
    with contextlib.suppress(psutil.Error):
        return not _is_zombie(psutil.Process(pid))
    return False


def group_of(pid: int, created: float | None) -> list[psutil.Process]:
    """The process `pid` that began at `created`, its descendants, and the rest of the group that it headed.

    A pid that meanwhile belongs to another process yields nothing of that process.
    """
    found: dict[int, psutil.Process] = {}
    with contextlib.suppress(psutil.Error):
        head = psutil.Process(pid)
        if created is None or abs(head.create_time() - created) < 1.0:
            for process in [*head.children(recursive=True), head]:
                if not _is_zombie(process):
                    found[process.pid] = process
    if hasattr(os, "getpgid") and created is not None:
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                of_group = os.getpgid(process.pid) == pid and process.create_time() >= created - 1.0
                if of_group and not _is_zombie(process):
                    found.setdefault(process.pid, process)
    return list(found.values())


def _is_zombie(process: psutil.Process) -> bool:
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return True


def kill_group(pid: int, created: float | None, *, grace_s: float = TERM_GRACE_S) -> bool:
    """End the process, its descendants and its group: asked first, killed after `grace_s` seconds.

    :return: whether nothing of it is left
    """
    processes = group_of(pid, created)
    _signal(processes, signal.SIGTERM)
    deadline = time.monotonic() + grace_s
    _, alive = psutil.wait_procs(processes, timeout=grace_s)
    while alive or (processes := group_of(pid, created)):
        alive = [*alive, *processes]
        _signal(alive, getattr(signal, "SIGKILL", signal.SIGTERM))
        _, alive = psutil.wait_procs(alive, timeout=1.0)
        if time.monotonic() > deadline + 5.0:
            return not alive
    return True


def _signal(processes: Sequence[psutil.Process], number: int) -> None:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.send_signal(number)


def listens_on(pid: int, port: int) -> bool:
    """Whether the process or a descendant listens on TCP `port`; also True where the system does not tell."""
    try:
        head = psutil.Process(pid)
        tree = [head, *head.children(recursive=True)]
    except psutil.Error:
        return False
    for process in tree:
        try:
            # Renamed in psutil 6.
            connections = getattr(process, "net_connections", None) or process.connections
            for connection in connections(kind="tcp"):
                if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port:
                    return True
        except psutil.AccessDenied:
            return True
        except psutil.Error:
            continue
    return False


def path_with(executable: str, environ: Mapping[str, str]) -> str:
    """PATH with the folder of `executable` first: MLflow 2.x starts gunicorn by name."""
    folder = os.path.dirname(os.path.abspath(executable))
    return os.pathsep.join([folder, *filter(None, [environ.get("PATH", os.defpath)])])
