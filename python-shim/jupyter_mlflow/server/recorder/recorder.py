"""The recorder: from Jupyter's kernels and a person's wishes to the ledger, and back to the page."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ..kernels.kernel_record import KernelRecord
from ..kernels.payload import journal_part
from ..notebooks import Notebooks
from ..problems import Problem
from .adoption import Adoption
from .batch import Redacts
from .desk import Desk
from .desk_orders import Ended, Follow, Heard, Restarted
from .folding import Change, Origin
from .history import History
from .iopub import message_of
from .journals import folders
from .kernel_sessions import Sessions, Wanted
from .ledger import Ledger
from .local_kernel import born as born_of
from .local_kernel import curve, signature
from .matching import only_cell
from .modes import Allowed, Modes
from .recording_state import Sends, rules_of, state_of
from .reducer import Fact
from .server_executions import ServerExecutions
from .spill_queue import SpillQueue
from .troubles import Troubles
from .witness import Witness

EXECUTION_EVENT = "https://jupyter-mlflow.readthedocs.io/events/execution/v1"
RECORDING_EVENT = "https://jupyter-mlflow.readthedocs.io/events/recording/v1"
#: Seconds between two looks for journals that nobody reads, and between two cleanings of the history.
ADOPT_S = 30.0
CLEAN_S = 3600.0
#: Seconds after which an execution whose cell nobody has named is looked for in the notebook.
FIND_CELL_S = 1.5


class Recorder:
    """Made once by the extension. Where nothing is recorded, a thread sleeps, and that is all."""

    def __init__(
        self,
        *,
        state_dir: Path,
        journals: Path,
        allowed: Allowed,
        notebooks: Notebooks,
        path_of: Callable[[KernelRecord], str | None],
        records: Callable[[], Iterable[KernelRecord]],
        refresh: Callable[[list[str]], None],
        emit: Callable[[str, Mapping[str, Any]], None],
        find_server: Callable[[str], str | None] = lambda uri: None,
        redaction: Redacts | None = None,
        log: logging.Logger | Any = None,
    ) -> None:
        """
        :param journals: the folder of all journals
        :param path_of: the path of a kernel's notebook when it starts; reads files
        :param records: the kernels of this server
        :param refresh: has kernels asked again, and so told what is to be recorded
        :param emit: puts an event on Jupyter's bus; called on the event loop
        :param find_server: the id of the tracking server with that URI, or of the usual one without
        :param redaction: masks what is kept, if the administrator wants that
        """
        self.modes = Modes(state_dir / "recording.json", allowed)
        self.troubles = Troubles(log or logging.getLogger(__name__))
        #: called when something new waits to be sent; in any thread
        self.on_waiting: list[Callable[[], None]] = []
        #: set by whoever ships
        self.sending: Sends | None = None
        #: names cells that are executed on the server, where something does that
        self.server_executions: ServerExecutions | None = None
        self._ledger_folder = state_dir / "ledger"
        self._journals = journals
        self._notebooks = notebooks
        self._path_of = path_of
        self._records = records
        self._refresh = refresh
        self._emit = emit
        self._log = log or logging.getLogger(__name__)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Future[Any]] = set()
        #: how often kernels of an id have ended
        self._lives: Counter[str] = Counter()
        self._apply_lock = threading.Lock()
        self._desk = Desk(
            SpillQueue(state_dir / "recorder"),
            open_ledger=lambda: Ledger(self._ledger_folder, on_damage=self._on_damage),
            on_trouble=self._on_trouble,
            on_change=self._on_change,
            on_unneeded=lambda kernel_id: self._witness.disconnect(kernel_id),
            redaction=redaction,
            log=self._log,
        )
        self._witness = Witness(self._desk.queue.put)
        self.sessions = Sessions(
            self.modes, notebooks, root=journals, ledger_path=lambda: str(self.ledger().path)
        )
        self._adoption = Adoption(
            journals, self._desk, find_notebook=notebooks.known_or_new, find_server=find_server
        )
        self._desk.chores = [
            (ADOPT_S, lambda: self._adoption.step(mine=self.sessions.folders)),
            (CLEAN_S, self._clean),
        ]

    def start(self) -> None:
        """Begin; on the event loop. Blocks for nothing."""
        self._loop = asyncio.get_running_loop()
        self._desk.queue.put(self._begin)
        self._desk.start()

    async def close(self) -> None:
        """Let go of kernels and ledger, after all that was seen has been written."""
        for task in self._tasks:
            task.cancel()
        await asyncio.to_thread(self._close)

    def ledger(self) -> Ledger:
        """Opened when first asked for. Blocks. Raises OSError, sqlite3.Error."""
        return self._desk.ledger()

    @property
    def has_ledger(self) -> bool:
        """Whether there can be anything in it: nobody's disk is written to who records nothing."""
        return self._desk.has_ledger or self._ledger_folder.exists()

    async def history(self) -> History:
        """:raises Problem: `ledger-unreadable`"""
        try:
            return History(await asyncio.to_thread(self.ledger))
        except Exception as error:
            raise Problem(
                "ledger-unreadable",
                f"The history of executions cannot be read: {error}.",
                "Make the state folder writable, or set JupyterMlflow.state_dir to another one.",
                status=500,
            ) from error

    # What the kernels of this server do; on the event loop.

    def attached(self, record: KernelRecord) -> None:
        """A kernel was started or restarted, or was there already."""
        self._soon(asyncio.to_thread(self._attached, record))

    def ended(self, record: KernelRecord) -> None:
        """A kernel was shut down, or has died for good."""
        self.sessions.ended(record.id)
        life = self._lives[record.id]
        self._lives[record.id] += 1
        self._witness.disconnect(record.id, then=Ended(record.id, life=life))

    def heard(self, record: KernelRecord, message: Any) -> None:
        """A gateway has passed on a message of a kernel."""
        with contextlib.suppress(KeyError, TypeError, AttributeError):
            read = message_of(message["header"], message.get("parent_header") or {}, message["content"])
            self._desk.queue.put(Heard(record.id, time.time(), read))

    def request_part(self, record: KernelRecord) -> dict[str, Any] | None:
        """What a kernel is told when it is asked: where to write its journal. Reads and writes files."""
        wanted = self._apply(record)
        if wanted is None or wanted.folder is None or not wanted.is_on:
            return None
        return journal_part({"folder": str(wanted.folder.path), "mode": str(wanted.folder.mode_file)})

    def moved(self, source: str, target: str) -> None:
        """Notebooks have another path. Reads and writes files."""
        with contextlib.suppress(OSError):
            self.modes.moved(source, target)
        self.sessions.moved(source, target)

    # What a person does.

    async def apply(self, path: str | None = None, *, is_wide: bool = False) -> None:
        """The rules have changed: all kernels follow them now, and pages are told.

        :param path: of the notebook that somebody looks at
        :param is_wide: other notebooks may be recorded otherwise, too
        """
        records = list(self._records())
        found = await asyncio.gather(*(asyncio.to_thread(self._apply, record) for record in records))
        self._refresh(
            [
                record.id
                for record, wanted in zip(records, found, strict=True)
                if wanted is not None and wanted.is_new and wanted.folder is not None
            ]
        )
        if path is not None:
            self._emit(RECORDING_EVENT, {"path": path, "state": state_of(path, found)})
        if is_wide:
            self._emit(RECORDING_EVENT, {"path": "", "state": "changed"})

    async def describe(
        self, path: str, notebook_id: str | None, *, proposed_server: str | None
    ) -> dict[str, Any]:
        """The `Recording` of docs/architecture.md.

        :param proposed_server: where its cells could be sent to
        """
        return await asyncio.to_thread(self._describe, path, notebook_id, proposed_server)

    async def set_client(self, kernel_id: str, client: str, path: str) -> None:
        """What this client session asks a kernel for belongs to that notebook.

        :raises Problem: `unknown-kernel`
        """
        record = next((each for each in self._records() if each.id == kernel_id), None)
        if record is None:
            raise Problem(
                "unknown-kernel", "This kernel does not run here any more.", "Start it again.", status=404
            )
        if self.sessions.set_client(kernel_id, client, path):
            wanted = await asyncio.to_thread(self._apply, record)
            if wanted is not None and wanted.is_new and wanted.folder is not None:
                self._refresh([kernel_id])

    def _describe(self, path: str, notebook_id: str | None, server: str | None) -> dict[str, Any]:
        waiting = refused = 0
        if self.has_ledger and notebook_id is not None:
            waiting, refused = History(self.ledger()).unsent_and_refused(notebook_id)
        return {
            **rules_of(self.modes, path, notebook_id),
            "sessions": self.sessions.describe(path, {record.id: record for record in self._records()}),
            "proposed_target": {"server_id": server, "experiment": self.modes.experiment(path)}
            if server is not None
            else None,
            "waiting": waiting,
            "refused": refused,
            "problems": self.troubles.to_json(),
        }

    def announce(self, changes: Iterable[Change]) -> None:
        """Tell pages that executions are others now. From any thread."""
        for change in changes:
            data = {
                "execution_id": change.execution_id,
                "kernel_id": change.kernel_id,
                "notebook_id": change.notebook_id,
                "cell_id": change.cell_id,
                "status": change.status,
            }
            self._on_loop(lambda data=data: self._emit(EXECUTION_EVENT, data))  # type: ignore[misc]

    def _attached(self, record: KernelRecord) -> None:
        self.sessions.new_process(record.id)
        self._apply(record)
        born = born_of(record)
        if born is not None:
            self._witness.tell(record.id, Restarted(record.id, born))

    def _apply(self, record: KernelRecord) -> Wanted | None:
        """Have one kernel followed as the rules say. In a thread; raises nothing."""
        try:
            # One after the other: what was decided later must also be told later.
            with self._apply_lock:
                life = self._lives[record.id]
                if record.state == "dead" or record not in list(self._records()):
                    return None
                if record.path is None:
                    record.path = self._path_of(record)
                wanted = self.sessions.want(record)
                is_heard = wanted.is_on and record.reach == "local"
                key = signature(record) if is_heard else None
                # What was printed before a pause is of the time before it, and what was printed in it is
                # not kept when it ends: though the witness may not have taken it yet.
                self._witness.tell(record.id, Follow(record.id, wanted.plan, key, wanted.folder, life))
                if is_heard:
                    self._witness.connect(record.id, record.manager._make_url("iopub"), curve(record))
                return wanted
        except Exception as error:
            self._log.debug("MLflow's recorder and kernel %s", record.id, exc_info=True)
            self._on_trouble("recorder-failed", str(error))
            return None

    def _begin(self) -> None:
        """What an earlier server has left behind comes to its end."""
        if not self.has_ledger and not folders(self._journals):
            return
        ledger = self._desk.ledger()
        self._adoption.step(mine=self.sessions.folders)
        here = {record.id for record in self._records()} | self._adoption.kernels()
        self._desk.gone(lambda each: each.kernel_id not in here, "unknown", time.time())
        if History(ledger).unsent():
            self._wake()

    def _clean(self) -> None:
        if self.has_ledger:
            days, most = self.modes.retention()
            History(self._desk.ledger()).clean(days=days, max_bytes=most)

    def _on_damage(self, aside: Path) -> None:
        self._on_trouble("ledger-damaged", aside.name)
        self._desk.queue.put(self._desk.damaged)
        self._desk.queue.put(self._adoption.damaged)

    def _on_change(self, changes: list[Change]) -> None:
        self.troubles.solved("ledger-unwritable")
        self.announce(changes)
        if any(change.waits for change in changes):
            self._wake()
        for change in changes:
            if change.is_new and change.cell_id is None and change.notebook_id is not None:
                # The journal may name it yet.
                self._desk.after(FIND_CELL_S, partial(self._find_cell, change.execution_id))

    def _find_cell(self, execution_id: str) -> None:
        """Other kernels than Python's, and who executes on the server, do not name the cell."""
        ledger = self._desk.ledger()
        with contextlib.suppress(Problem):
            row = History(ledger).get(execution_id)
            path, source, cell = row["path"], row["source"], None
            if row["cell_id"] is not None:
                return
            if source and path:
                named = self.server_executions
                if named is not None:
                    cell = named.cell_of(row["notebook_id"], source, row["started"])
                cell = cell or only_cell(self._notebooks.absolute(path), source)
            # Also that there is none: what is to be sent has waited for that.
            if cell is not None or row["send"] != "nothing":
                ledger.add(Origin(row["kernel_id"]), [Fact(execution_id, "matched", {"cell": cell})])

    def _wake(self) -> None:
        for each in self.on_waiting:
            each()

    def _on_trouble(self, code: str, words: str) -> None:
        if self.troubles.add(code, words):
            self._on_loop(lambda: self._emit(RECORDING_EVENT, {"path": "", "state": "problem"}))

    def _close(self) -> None:
        self._witness.close()
        self._desk.queue.put(self._adoption.close)
        self._desk.close()

    def _soon(self, work: Awaitable[Any]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _on_loop(self, work: Callable[[], None]) -> None:
        if self._loop is not None:
            # A loop that has ended has no page any more.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(work)
