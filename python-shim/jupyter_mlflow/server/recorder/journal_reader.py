"""From the journals of kernels into the ledger: each frame once, whatever ends in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from .folding import Origin
from .journal_frames import Frame, client_of, fact_of, folder_of, knows_folder
from .journals import JournalFile, JournalFolder, Refused
from .ledger import JournalMark, Ledger
from .reducer import Fact

#: Executions that are passed over, as their client is not recorded.
_PASSED = 10_000


@dataclass
class JournalReader:
    """Reads the folder of one kernel. Belongs to one thread."""

    folder: JournalFolder
    kernel_id: str
    #: by the client session that asked and the first frame of the file; None: not to be recorded
    origin_of: Callable[[str | None, Mapping[str, Any]], Origin | None]
    #: changes what is kept: an administrator's redaction
    change: Callable[[Fact], Fact]
    #: told once of each trouble: a code of docs/recorder.md and what there is to know
    on_trouble: Callable[[str, str], None]
    #: what is known of the folder that an execution begins in: execution, folder, seconds since the epoch
    commit_of: Callable[[Origin, str, str, float], Mapping[str, Any]] = lambda origin, id, folder, at: {}
    _headers: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _marks: dict[str, JournalMark] = field(default_factory=dict)
    _passed: set[str] = field(default_factory=set)
    _unsent: set[str] = field(default_factory=set)
    _exited: set[str] = field(default_factory=set)

    def resume(self, marks: Mapping[str, JournalMark]) -> None:
        """Go on where a ledger says that reading had ended; from the beginning without."""
        prefix = f"{self.folder.path.name}/"
        self._marks = {name: mark for name, mark in marks.items() if name.startswith(prefix)}

    def read(self, ledger: Ledger, *, ended: Callable[[str], bool] = lambda process: False) -> None:
        """Take in what is new.

        :param ended: whether nothing will be written for a process any more; its files go once they are read
        """
        for file in self.folder.files():
            is_all = ended(file.process)
            self._read_file(ledger, file, is_all)
            if is_all or file.is_closed:
                self.folder.remove(file)
                if file.name in self._marks:
                    ledger.forget_journal(file.name)
                    del self._marks[file.name]

    def header(self, file: JournalFile) -> Mapping[str, Any]:
        """What its first frame says; empty if there is none."""
        if file.name not in self._headers:
            head = self.folder.first(file)
            if head is None:
                return {}
            self._headers[file.name] = head
        return self._headers[file.name]

    def pid_of(self, file: JournalFile) -> int | None:
        """Of the process that writes it."""
        pid = self.header(file).get("pid")
        return pid if type(pid) is int and 0 < pid < 2**31 else None

    def has_exited(self, process: str) -> bool:
        """Whether it has written that it ends."""
        return process in self._exited

    def _was_sent(self, file: JournalFile, frame: Frame) -> bool:
        """Whether something of the kernel was to be sent when the cell began: what ran before that was not
        meant, and may be read after it, by another Jupyter server or for another ledger."""
        return knows_folder(frame) or "mode" in self.header(file)

    def _read_file(self, ledger: Ledger, file: JournalFile, is_all: bool) -> None:
        mark = self._marks.get(file.name)
        offset = mark.offset if mark is not None else 0
        bad = 0
        try:
            for found, used in self.folder.read(file, offset, is_all=is_all):
                bad += found.bad
                self._take(ledger, file, found.frames, used)
            # The last line of a process that was killed in the midst of it is no damage.
            if bad > (1 if is_all else 0):
                self.on_trouble("journal-damaged", f"{bad} entries of {file.name} could not be read")
        except Refused as error:
            self.on_trouble("journal-refused", str(error))

    def _take(self, ledger: Ledger, file: JournalFile, frames: list[Frame], offset: int) -> None:
        by_origin: dict[int, tuple[Origin, list[Fact]]] = {}
        unsent: dict[int, tuple[Origin, Origin]] = {}
        last: Origin | None = None
        for frame in frames:
            kind = frame.head.get("k")
            if kind == "journal":
                continue
            if kind == "exit":
                self._exited.add(file.process)
                continue
            if kind == "lost":
                self.on_trouble(
                    "journal-lost", f"{str(frame.head.get('n'))[:12]} entries found no room on disk"
                )
                continue
            fact = fact_of(frame, file.process)
            if fact is None:
                self.on_trouble("journal-damaged", f"an entry of {file.name} is of no form that is known")
                continue
            origin = self.origin_of(client_of(frame), self.header(file))
            if origin is None and kind == "start":
                if len(self._passed) < _PASSED:
                    self._passed.add(fact.execution_id)
                continue
            if fact.execution_id in self._passed:
                continue
            if origin is None:
                # Of a cell that began while it was recorded.
                origin = Origin(self.kernel_id)
            if origin.send != "nothing":
                if kind == "start" and not self._was_sent(file, frame):
                    self._unsent.add(fact.execution_id)
                if fact.execution_id in self._unsent:
                    plain = replace(origin, send="nothing", target=None)
                    _, origin = unsent.setdefault(id(origin), (origin, plain))
            if kind == "end":
                self._unsent.discard(fact.execution_id)
            folder = folder_of(frame) if kind == "start" and origin.send != "nothing" else None
            if folder is not None:
                known = self.commit_of(origin, fact.execution_id, folder, fact.value["at"])
                fact = Fact(fact.execution_id, fact.slot, {**fact.value, **known})
            by_origin.setdefault(id(origin), (origin, []))[1].append(self.change(fact))
            last = origin
        mark = JournalMark(
            file.name,
            self.kernel_id,
            offset,
            asdict(last or Origin(self.kernel_id)),
            self.pid_of(file),
        )
        groups = list(by_origin.values()) or [(Origin(self.kernel_id), [])]
        for number, (origin, facts) in enumerate(groups, 1):
            refused = ledger.add(origin, facts, journal=mark if number == len(groups) else None)
            if refused:
                self.on_trouble("journal-foreign", f"{file.name} speaks of executions of another kernel")
        self._marks[file.name] = mark
