"""Whether the process that writes a journal is still there: by its id, where that means anything here.

A home folder may be shared by the nodes of a cluster or by containers. A process of another one has an id
there which is nobody's here, or somebody else's.
"""

from __future__ import annotations

import time

import psutil

from ...kernel.journal import machine
from ..processes.processes import is_alive
from .journal_reader import JournalReader
from .journals import JournalFile

#: Seconds without a word from a process elsewhere, after which nothing more is waited for: a cell of a batch
#: job may run for days.
ELSEWHERE_S = 7 * 86400.0
_HERE: str | None = machine()  # type: ignore[no-untyped-call]


def may_write(reader: JournalReader, file: JournalFile) -> bool:
    """Whether more may come from the process that writes this file."""
    if reader.has_exited(file.process):
        return False
    if is_elsewhere(reader, file):
        try:
            return time.time() - file.path.stat().st_mtime < ELSEWHERE_S
        except OSError:
            return False
    pid = reader.pid_of(file)
    return pid is not None and is_alive(pid)


def has_died(reader: JournalReader, file: JournalFile) -> bool:
    """Whether its process, of this machine, is known and not there any more."""
    pid = reader.pid_of(file)
    return pid is not None and not is_elsewhere(reader, file) and not psutil.pid_exists(pid)


def is_elsewhere(reader: JournalReader, file: JournalFile) -> bool:
    """Whether the process's id is one of another machine, or of another container."""
    named = reader.header(file).get("machine")
    return named is not None and named != _HERE
