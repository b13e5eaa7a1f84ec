"""What goes wrong with recording, told once in words that a person can act on."""

from __future__ import annotations

import logging
import threading
from typing import Any

#: code → what happened (with the words that came with it), what to do.
_SAID = {
    "ledger-damaged": (
        "The file with the history of executions was damaged. It was set aside as {}, and a new one begun.",
        "Look at the disk. The new one has what could still be read, and what is in the journals of kernels.",
    ),
    "ledger-unwritable": (
        "Executions cannot be written down at the moment: {}.",
        "Make room on the disk. What ran meanwhile waits, and is written down then.",
    ),
    "journal-damaged": (
        "A part of what a kernel wrote down cannot be read and was passed over: {}.",
        "If cells are missing in the history, look at the disk.",
    ),
    "journal-refused": (
        "A file among the journals of kernels was not read: {}.",
        "Nobody but the kernels of this person may write there.",
    ),
    "journal-foreign": (
        "A kernel tried to tell of what another one ran; that was passed over: {}.",
        "Look at the code that runs in this kernel.",
    ),
    "journal-lost": (
        "A kernel found no room on the disk to write down what it ran: {}.",
        "Make room on the disk. What the Jupyter server saw itself is kept.",
    ),
    "messages-cut": (
        "A kernel printed faster, or more at once, than could be kept: {}.",
        "The places are marked in the outputs.",
    ),
    "recorder-failed": (
        "A kernel cannot be recorded: {}.",
        "Restart the kernel; if it happens again, see the log of the Jupyter server.",
    ),
}


class Troubles:
    """Safe from any thread."""

    def __init__(self, log: logging.Logger | Any) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._known: dict[str, str] = {}

    def add(self, code: str, words: str) -> bool:
        """Something has gone wrong; whether that is news."""
        with self._lock:
            if code in self._known:
                return False
            self._known[code] = words[:300]
        self._log.warning("MLflow's recorder: %s: %s", code, words[:300])
        return True

    def solved(self, code: str) -> None:
        """It goes right again."""
        with self._lock:
            self._known.pop(code, None)

    def to_json(self) -> list[dict[str, Any]]:
        """The `Problem`s of docs/architecture.md."""
        with self._lock:
            known = list(self._known.items())
        return [
            {"code": code, "message": _SAID[code][0].format(words), "hint": _SAID[code][1], "log": None}
            for code, words in known
        ]
