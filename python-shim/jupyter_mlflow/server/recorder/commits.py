"""Commit and state of the folders that cells run in: git is asked by the Jupyter server, never by a kernel.

A child process of the kernel could be met by a person's own `os.wait()`.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from ...kernel.run_tags import ask_git

#: Seconds after which git is asked again; and that an execution may have run already when it is asked: later,
#: the folder may be another one.
AGAIN_S = 10.0
LATE_S = 10.0
#: Folders whose state is remembered, folders that may wait, and executions that may wait for one.
_FOLDERS = 200
_WAITING = 1000
#: A folder's own settings run no command of theirs for being looked at.
_OPTIONS = ("-c", "core.fsmonitor=false")

#: `commit`, None where there is none, and whether there are changes: `dirty`.
Commit = Mapping[str, Any]
_NONE: Commit = {"commit": None, "dirty": False}


class Commits:
    """What git says, asked in a thread of its own that is there while something is asked."""

    def __init__(
        self,
        *,
        ask: Callable[[str], Commit] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """:param ask: for a folder"""
        self._ask = ask or _ask
        self._clock = clock
        self._lock = threading.Lock()
        #: folder → when it was asked for last, and what was said then
        self._known: OrderedDict[str, tuple[float, Commit]] = OrderedDict()
        #: folder → who waits to hear of it
        self._waiting: OrderedDict[str, list[Callable[[Commit], None]]] = OrderedDict()
        self._is_asking = False

    def of(self, folder: str, began: float, tell: Callable[[Commit], None]) -> Mapping[str, Any]:
        """For the start of an execution: `git` if it is known, `asks` if it is told soon, or nothing. Does
        not wait.

        :param began: when the execution did, seconds since the epoch
        :param tell: called in the thread of this
        """
        now = self._clock()
        if abs(now - began) > LATE_S:
            return {}
        with self._lock:
            known = self._known.get(folder)
            if known is not None and now - known[0] <= AGAIN_S:
                return {"git": known[1]}
            if folder not in self._waiting and len(self._waiting) >= _FOLDERS:
                return {}
            waiting = self._waiting.setdefault(folder, [])
            if len(waiting) >= _WAITING:
                return {}
            waiting.append(tell)
            if not self._is_asking:
                self._is_asking = True
                threading.Thread(target=self._run, name="mlflow-commits", daemon=True).start()
            return {"asks": True}

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._is_asking = False
                    return
                folder = next(iter(self._waiting))
            at = self._clock()
            try:
                found = self._ask(folder)
            except Exception:
                found = _NONE
            with self._lock:
                self._known[folder] = (at, found)
                self._known.move_to_end(folder)
                while len(self._known) > _FOLDERS:
                    self._known.popitem(last=False)
                waiting = self._waiting.pop(folder)
            for tell in waiting:
                tell(found)


def _ask(folder: str) -> Commit:
    found: Mapping[str, str] = ask_git(folder, _OPTIONS)  # type: ignore[no-untyped-call]
    commit = found.get("jupyter.git.commit")
    return {"commit": commit, "dirty": found["jupyter.git.dirty"] == "true"} if commit else _NONE
