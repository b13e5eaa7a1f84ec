"""What writes a journal as a shell does, and what reads it."""

from __future__ import annotations

import json
import types
import zlib
from typing import Any

from jupyter_mlflow.kernel.journal import Journal
from jupyter_mlflow.server.recorder.history import History
from jupyter_mlflow.server.recorder.journal_reader import JournalReader
from jupyter_mlflow.server.recorder.journals import JournalFolder
from jupyter_mlflow.server.recorder.ledger import Ledger, Origin


class Shell:
    """What of IPython's shell a journal uses."""

    def __init__(self) -> None:
        self.execution_count = 1
        self.parent: dict[str, Any] = {}
        session = types.SimpleNamespace(session="process-1")
        self.kernel = types.SimpleNamespace(get_parent=lambda _: self.parent, session=session)

    def run(
        self, journal: Journal, id: str, source: str, error: Exception | None = None, **metadata: Any
    ) -> None:
        """As a cell runs."""
        self.begin(journal, id, source, **metadata)
        journal.after(result(error))

    def begin(self, journal: Journal, id: str, source: str, **metadata: Any) -> None:
        """As a cell begins to."""
        self.parent = {"header": {"msg_id": id, "session": "client-1"}, "metadata": metadata}
        journal.before(types.SimpleNamespace(raw_cell=source, cell_id=None))


def result(error: Exception | None = None) -> Any:
    return types.SimpleNamespace(error_before_exec=None, error_in_exec=error, execution_count=7)


class Troubles(list[tuple[str, str]]):
    """What a person would be told."""

    def __call__(self, code: str, words: str) -> None:
        self.append((code, words))

    @property
    def codes(self) -> set[str]:
        return {code for code, _ in self}


def make_reader(folder: JournalFolder, troubles: Troubles) -> JournalReader:
    origin = Origin("kernel-1", "notebook-1", "a.ipynb", "python")
    return JournalReader(folder, "kernel-1", lambda client, header: origin, lambda fact: fact, troubles)


def rows(ledger: Ledger) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = History(ledger).list(limit=500)["executions"]
    return sorted(found, key=lambda row: row["id"])


def frame(head: dict[str, Any], source: bytes | None = None) -> bytes:
    """As a kernel writes it, or somebody who knows how it does."""
    if source is not None:
        head = {**head, "len": len(source)}
    text = json.dumps(head).encode()
    crc = zlib.crc32(source or b"", zlib.crc32(text))
    return b'\x1e%s,"crc":%d}\n' % (text[:-1], crc) + (source + b"\n" if source is not None else b"")
