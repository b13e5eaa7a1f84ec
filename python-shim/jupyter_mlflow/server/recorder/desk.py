"""Where all that was seen comes together: one thread that reads, joins and writes it into the ledger."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from .batch import Batch, Redacts
from .commits import Commits
from .desk_orders import Ended, Follow, Heard, Restarted
from .folding import Change, Origin
from .following import Following, Plan, Seen
from .iopub import IopubMessage, Signature, StreamLike, read_beginning, read_message, stream_like
from .journal_reader import JournalReader
from .journals import JournalFolder
from .ledger import Ledger, Output, Running
from .reducer import Fact
from .spill_queue import Arrived, Cut, SpillQueue
from .writers import has_died

#: Seconds between two looks at journals without a message that calls for one; after one that does.
LOOK_S = 1.0
LOOK_SOON_S = 0.05
#: Seconds until a ledger that cannot be written (a full disk) is tried again.
TRY_AGAIN_S = 1.0
#: Characters of outputs that are written at once.
BATCH_CHARACTERS = 4_000_000
#: Seconds that a message may have been on its way, for its own time to be believed.
LATE_S = 10.0
#: Bytes of one message, above which it is not read; and of its text that are kept of one that is printed.
MAX_MESSAGE = 64 * 1024 * 1024
BEGINNING = 1024 * 1024


class Desk:
    """Owns the thread. What is put into its queue is done in that order."""

    def __init__(
        self,
        queue: SpillQueue,
        *,
        open_ledger: Callable[[], Ledger],
        on_trouble: Callable[[str, str], None],
        on_change: Callable[[list[Change]], None],
        on_unneeded: Callable[[str], None],
        redaction: Redacts | None = None,
        log: logging.Logger | Any = None,
    ) -> None:
        """
        :param open_ledger: called in the thread, when there is something to write
        :param on_trouble: told of what a person should know: a code, and words about it
        :param on_unneeded: told of a kernel whose messages nobody needs any more
        :param redaction: masks what is kept, if the administrator wants that
        """
        self.queue = queue
        self._open_ledger = open_ledger
        self._on_trouble = on_trouble
        self._on_change = on_change
        self._on_unneeded = on_unneeded
        self._log = log or logging.getLogger(__name__)
        self._followings: dict[str, Following] = {}
        self._signatures: dict[str, Signature] = {}
        #: kernel → what the stream that it is writing looks like
        self._streams: dict[str, StreamLike | None] = {}
        self._readers: dict[str, JournalReader] = {}
        self._ledger: Ledger | None = None
        self._opening = threading.Lock()
        self._is_closed = False
        self._batch = Batch(redaction)
        self._commits = Commits()
        self._look_at = 0.0
        self._ends = threading.Event()
        self._later: list[tuple[float, Callable[[], None]]] = []
        #: done now and then: `(every so many seconds, what)`
        self.chores: list[tuple[float, Callable[[], None]]] = []
        self._done_at: dict[int, float] = {}
        self._thread = threading.Thread(target=self._run, name="mlflow-recorder", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End, after what is in the queue has been done; waits. The ledger is closed."""
        self._ends.set()
        self.queue.put(lambda: None)
        if self._thread.is_alive():
            self._thread.join()

    def ledger(self) -> Ledger:
        """Opened when first asked for, from any thread. Blocks. Raises OSError, sqlite3.Error."""
        with self._opening:
            if self._ledger is None:
                if self._is_closed:
                    raise OSError(0, "the Jupyter server is ending")
                made = self._open_ledger()
                made.on_change = self._on_change
                self._ledger = made
            return self._ledger

    @property
    def has_ledger(self) -> bool:
        """Whether it is open."""
        return self._ledger is not None

    def after(self, seconds: float, work: Callable[[], None]) -> None:
        """Do it in the desk's thread, some time from now; not any more when the server ends before."""
        due = (time.monotonic() + seconds, work)
        self.queue.put(lambda: self._later.append(due))

    def damaged(self) -> None:
        """The ledger is a new one: what journals still hold goes into it once more."""
        for reader in self._readers.values():
            reader.resume({})

    def _run(self) -> None:
        while not self._ends.is_set():
            self._step(self.queue.take(self._timeout()))
        while items := self.queue.take(0):
            self._step(items)
        self._safely(self._look)
        for reader in self._readers.values():
            reader.folder.close(remove=False)
        with self._opening:
            self._is_closed = True
            if self._ledger is not None:
                self._ledger.close()

    def _timeout(self) -> float:
        now = time.monotonic()
        least = self._look_at - now if self._readers else 60.0
        least = min([least, *(when - now for when, _ in self._later)])
        for number, (every, _) in enumerate(self.chores):
            least = min(least, self._done_at.get(number, -every) + every - now)
        return max(0.0, least)

    def _step(self, items: list[Any]) -> None:
        for item in items:
            self._safely(self._do, item)
            if self._batch.characters > BATCH_CHARACTERS:
                self._safely(self._flush)
        self._safely(self._flush)
        if self._readers and time.monotonic() >= self._look_at:
            self._safely(self._look)
        now = time.monotonic()
        due = [work for when, work in self._later if when <= now]
        self._later = [each for each in self._later if each[0] > now]
        for work in due:
            self._safely(work)
        for number, (every, chore) in enumerate(self.chores):
            if time.monotonic() >= self._done_at.get(number, -every) + every and not self._ends.is_set():
                self._done_at[number] = time.monotonic()
                self._safely(chore)

    def _safely(self, work: Callable[..., None], *args: Any) -> None:
        try:
            work(*args)
        except (OSError, sqlite3.Error) as error:
            self._on_trouble("ledger-unwritable", str(error))
        except Exception:
            self._log.exception("MLflow's recorder could not do a step")

    def _do(self, item: Any) -> None:
        if isinstance(item, Arrived):
            self._arrived(item)
        elif isinstance(item, Heard):
            self._heard(item.kernel_id, item.message, item.at)
        elif isinstance(item, Cut):
            self._cut(item)
        else:
            # The rest speaks of what came before: that comes first.
            self._flush()
            if isinstance(item, Follow):
                self._follow(item)
            elif isinstance(item, Restarted):
                self._restarted(item)
            elif isinstance(item, Ended):
                self._ended(item)
            else:
                item()

    def _arrived(self, item: Arrived) -> None:
        kernel_id, signature = item.kernel_id, self._signatures.get(item.kernel_id)
        if signature is None:
            return
        if item.size > MAX_MESSAGE:
            # To read it would take several times as much memory, and most of it would be cut anyway.
            beginning = read_beginning(item.parts, signature, BEGINNING)
            if beginning is not None:
                self._heard(kernel_id, beginning, item.at)
            self._cut(Cut(kernel_id, 1))
            return
        like = self._streams.get(kernel_id)
        if like is not None and self._batch.is_tail(kernel_id, like.execution_id, like.name):
            text = like.text_of(item.parts, signature)
            if text is not None:
                self._batch.add_text(kernel_id, like.execution_id, like.name, text)
                return
        message = read_message(item.parts, signature)
        if message is not None:
            self._heard(kernel_id, message, item.at)
            if message.kind == "stream":
                self._streams[kernel_id] = stream_like(item.parts, message)

    def _heard(self, kernel_id: str, message: IopubMessage, at: float) -> None:
        following = self._followings.get(kernel_id)
        if following is None or self._batch.is_more(kernel_id, message):
            return
        if message.sent is not None and at - LATE_S < message.sent <= at:
            # The witness lets messages come together.
            at = message.sent
        known = following.process
        replaced = following.replaced_process(message, at)
        if following.process != known:
            self._flush()
            self._process_ended(following, replaced or "", "killed", at)
        for seen in following.see(message, at):
            self._batch.add(kernel_id, seen)
        if message.kind in ("execute_input", "status"):
            self._look_at = min(self._look_at, time.monotonic() + LOOK_SOON_S)
            if not following.is_needed:
                self._on_unneeded(kernel_id)

    def _flush(self) -> None:
        for origin, group in self._batch.take():
            self._write(origin, group)

    def _write(self, origin: Origin, group: list[Seen]) -> None:
        """Until it is written: what a full disk has no room for now is not lost."""
        facts = [seen.what for seen in group if isinstance(seen.what, Fact)]
        outputs = [seen.what for seen in group if isinstance(seen.what, Output)]
        while True:
            try:
                self.ledger().add(origin, facts, outputs)
                return
            except (OSError, sqlite3.OperationalError) as error:
                self._on_trouble("ledger-unwritable", str(error))
                if self._ends.wait(TRY_AGAIN_S):
                    return
            except Exception:
                if len(group) == 1:
                    raise
                # Something in it cannot be kept: the rest can.
                for seen in group:
                    self._safely(self._write, origin, [seen])
                return

    def _cut(self, item: Cut) -> None:
        self._on_trouble("messages-cut", f"{item.count} messages of a kernel found no room")
        following = self._followings.get(item.kernel_id)
        last = following.last_execution() if following is not None else None
        if last is not None:
            id, origin = last
            text = (
                f"\n… messages were cut here ({item.count}): too large, or faster than they could be kept\n"
            )
            content = {"output_type": "stream", "name": "stderr", "text": text}
            self._batch.add(item.kernel_id, Seen(origin, Output(id, f"cut-{time.time_ns()}", content)))

    def _follow(self, item: Follow) -> None:
        following = self._followings.get(item.kernel_id)
        if following is not None and following.life < item.life:
            self._ended(Ended(item.kernel_id, life=following.life))
            following = None
        if following is None:
            following = self._followings[item.kernel_id] = Following(
                item.kernel_id, item.plan, life=item.life
            )
        else:
            # What was written under the old plan.
            self._look_into(item.kernel_id)
            following.plan = item.plan
        if not following.is_needed:
            self._on_unneeded(item.kernel_id)
        if item.signature is not None:
            self._signatures[item.kernel_id] = item.signature
        if item.folder is not None and item.kernel_id not in self._readers:
            reader = self.reader(
                item.folder, item.kernel_id, lambda client, _: _origin(following.plan, client)
            )
            reader.commit_of = self._commit_of
            self._readers[item.kernel_id] = reader

    def reader(
        self,
        folder: JournalFolder,
        kernel_id: str,
        origin_of: Callable[[str | None, Mapping[str, Any]], Origin | None],
    ) -> JournalReader:
        """For journals, wherever they come from; goes on where the ledger says."""
        made = JournalReader(folder, kernel_id, origin_of, self._batch.redact_fact, self._on_trouble)
        made.resume(self.ledger().journal_marks())
        return made

    def _commit_of(self, origin: Origin, id: str, folder: str, began: float) -> Mapping[str, Any]:
        # Written where the start belongs: on a disk that is full, it may be there before it.
        def tell(commit: Mapping[str, Any]) -> None:
            self.queue.put(lambda: self._write(origin, [Seen(origin, Fact(id, "git", commit))]))

        return self._commits.of(folder, began, tell)

    def _restarted(self, item: Restarted) -> None:
        following = self._followings.get(item.kernel_id)
        if following is None or following.process_since >= item.born:
            return
        replaced = following.forget_process()
        if replaced is not None:
            self._process_ended(following, replaced, "killed", item.born)

    def _ended(self, item: Ended) -> None:
        following = self._followings.get(item.kernel_id)
        if following is None or following.life > item.life:
            return
        del self._followings[item.kernel_id]
        self._signatures.pop(item.kernel_id, None)
        self._streams.pop(item.kernel_id, None)
        is_read = False
        try:
            self._process_ended(following, None, item.why, time.time())
            is_read = True
        finally:
            reader = self._readers.pop(item.kernel_id, None)
            if reader is not None:
                # What could not be read now is adopted later.
                reader.folder.close(remove=is_read)

    def _process_ended(self, following: Following, process: str | None, why: str, at: float) -> None:
        """What it was running has ended with it, and what ran before in one that nobody heard. Without a
        process: all of the kernel."""
        reader = self._readers.get(following.kernel_id)
        if reader is not None:
            # Its last words first: a cell that had ended was not killed.
            reader.read(self.ledger(), ended=lambda each: process is None or each == process)

        def is_gone(each: Running) -> bool:
            if each.kernel_id != following.kernel_id:
                return False
            # A process that died before it was heard is known from its journal alone.
            is_here = following.process in (None, each.process)
            was_before = not is_here and each.started is not None and each.started <= at
            return process in (None, each.process) or was_before

        self.gone(is_gone, why, at)

    def gone(self, is_meant: Callable[[Running], bool], why: str, at: float) -> None:
        """End those of what runs in the ledger."""
        if self._ledger is None:
            return
        for each in self._ledger.running():
            if is_meant(each):
                origin = Origin(each.kernel_id)
                self._write(origin, [Seen(origin, Fact(each.id, "gone", {"at": at, "why": why}))])

    def _look(self) -> None:
        self._look_at = time.monotonic() + LOOK_S
        for kernel_id in list(self._readers):
            self._look_into(kernel_id)

    def _look_into(self, kernel_id: str) -> None:
        reader = self._readers.get(kernel_id)
        if reader is None:
            return
        # Such as died before they were heard, without a message since; what they wrote last is read then.
        dead = {file.process for file in reader.folder.files() if has_died(reader, file)}
        reader.read(self.ledger())
        if dead:
            self.gone(
                lambda each: each.kernel_id == kernel_id and each.process in dead, "killed", time.time()
            )


def _origin(plan: Plan, client: str | None) -> Origin | None:
    view = plan.view(client)
    return view.origin if view.records else None
