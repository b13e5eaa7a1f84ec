"""What was seen and is to be written into the ledger at once: streams joined, secrets masked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from .folding import Origin
from .following import Seen
from .iopub import IopubMessage
from .ledger import Output
from .reducer import Fact


class Redacts(Protocol):
    """Masks secrets."""

    def text(self, text: str) -> str:
        """In a text."""

    def output(self, output: Mapping[str, Any]) -> dict[str, Any]:
        """In an output as nbformat has it."""


class Batch:
    """Belongs to one thread."""

    def __init__(self, redaction: Redacts | None = None) -> None:
        """:param redaction: masks what is kept, if the administrator wants that"""
        self._redaction = redaction
        #: of outputs, roughly
        self.characters = 0
        self._seen: list[Seen] = []
        #: more text of the last output
        self._pieces: list[str] = []
        #: kernel, execution and name of the stream that the last output is of
        self._tail: tuple[str, str | None, Any] | None = None

    def is_more(self, kernel_id: str, message: IopubMessage) -> bool:
        """Whether it is the next piece of the last output, and taken as that: 50,000 lines are not 50,000
        rows, nor looked at one by one."""
        if message.kind != "stream" or self._tail is None:
            return False
        text = message.content.get("text")
        if not isinstance(text, str):
            return False
        return self.add_text(kernel_id, message.execution_id, message.content.get("name"), text)

    def is_tail(self, kernel_id: str, execution_id: str | None, name: Any) -> bool:
        """Whether the last output is a stream of that name and execution."""
        return self._tail == (kernel_id, execution_id, name)

    def add_text(self, kernel_id: str, execution_id: str | None, name: Any, text: str) -> bool:
        """The next piece of the last output; False if it is not."""
        if not self.is_tail(kernel_id, execution_id, name):
            return False
        self._pieces.append(text)
        self.characters += len(text)
        return True

    def add(self, kernel_id: str, seen: Seen) -> None:
        """One more."""
        self._join_pieces()
        what = seen.what
        if isinstance(what, Output):
            text = what.content.get("text")
            self.characters += len(text) if isinstance(text, str) else 1000
            if isinstance(text, str):
                self._tail = (kernel_id, what.execution_id, what.content.get("name"))
        self._seen.append(seen)

    def take(self) -> list[tuple[Origin, list[Seen]]]:
        """All of it, in its order; the batch is empty then."""
        self._join_pieces()
        batch, self._seen, self.characters = self._seen, [], 0
        groups: list[tuple[Origin, list[Seen]]] = []
        for seen in batch:
            if not groups or groups[-1][0] is not seen.origin:
                groups.append((seen.origin, []))
            # Masked not before pieces are joined: a secret may lie across two of them.
            groups[-1][1].append(Seen(seen.origin, self._redacted(seen.what)))
        return groups

    def redact_fact(self, fact: Fact) -> Fact:
        """As it is kept."""
        redaction = self._redaction
        if redaction is None:
            return fact
        masked = {
            name: redaction.text(value) if name in ("source", "evalue") and isinstance(value, str) else value
            for name, value in fact.value.items()
        }
        return Fact(fact.execution_id, fact.slot, masked)

    def _redacted(self, what: Fact | Output) -> Fact | Output:
        if isinstance(what, Fact):
            return self.redact_fact(what)
        if self._redaction is None:
            return what
        return Output(what.execution_id, what.message_id, self._redaction.output(what.content))

    def _join_pieces(self) -> None:
        self._tail = None
        if not self._pieces:
            return
        last = self._seen[-1]
        assert isinstance(last.what, Output)  # noqa: S101 - by how pieces come to be
        text = "".join([last.what.content["text"], *self._pieces])
        output = Output(last.what.execution_id, last.what.message_id, {**last.what.content, "text": text})
        self._seen[-1] = Seen(last.origin, output)
        self._pieces = []
