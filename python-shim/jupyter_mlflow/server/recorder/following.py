"""One kernel as the recorder follows it: from the messages that it publishes to facts about executions."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .folding import Origin
from .iopub import OUTPUTS, IopubMessage, output_of
from .ledger import Output
from .reducer import Fact

#: Executions of a kernel that are remembered: threads of a cell may print long after it has ended.
REMEMBERED = 2000


@dataclass(frozen=True)
class View:
    """What is recorded of the executions that a client asks for."""

    origin: Origin
    #: on, and not paused
    records: bool


@dataclass(frozen=True)
class Plan:
    """The views of a kernel's notebooks: of the one that it was started for, and of client sessions known
    to belong to another one."""

    default: View
    clients: Mapping[str, View] = field(default_factory=dict)

    def view(self, client: str | None) -> View:
        """Of executions that this client session asks for."""
        return self.clients.get(client or "", self.default)

    #: on, perhaps paused: its messages are needed
    listens: bool = True
    #: its messages come by a gateway, which may lose some
    is_partial: bool = False


class Seen(NamedTuple):
    """What a message says, and whose it is."""

    origin: Origin
    what: Fact | Output


class Following:
    """Changed by one thread alone."""

    def __init__(self, kernel_id: str, plan: Plan, *, life: int = 0) -> None:
        self.kernel_id = kernel_id
        self.plan = plan
        self.life = life
        #: names the kernel's process that is there now; None until it is known
        self.process: str | None = None
        #: when that was seen first, seconds since the epoch
        self.process_since = 0.0
        self._running: set[str] = set()
        self._counted = 0
        self._processes: set[str] = set()
        # The executions that were seen to begin: where to record them, None for those not to be recorded.
        self._executions: OrderedDict[str, Origin | None] = OrderedDict()

    @property
    def is_needed(self) -> bool:
        """Whether its messages are: what began while it was recorded has an end, too."""
        return self.plan.listens or bool(self._running)

    def replaced_process(self, message: IopubMessage, at: float) -> str | None:
        """Take note of the process that a message comes from; which one it took the place of, if any."""
        state = message.content.get("execution_state") if message.kind == "status" else None
        before = self.process
        if message.process is not None:
            if message.process in self._processes or (before is not None and state is None):
                return None
            self._processes.add(message.process)
            self.process = message.process
        elif state == "starting" or before is None:
            self._counted += 1
            self.process = f"{self.kernel_id[:40]}-{self._counted}"
        else:
            return None
        self.process_since = at
        if before is not None:
            self._running.clear()
        return before

    def forget_process(self) -> str | None:
        """The process has ended; which one that was."""
        before, self.process = self.process, None
        self._executions.clear()
        self._running.clear()
        return before

    def last_execution(self) -> tuple[str, Origin] | None:
        """The one that was seen last of those that are recorded."""
        for id, origin in reversed(self._executions.items()):
            if origin is not None:
                return id, origin
        return None

    def see(self, message: IopubMessage, at: float) -> Iterator[Seen]:
        """What it tells.

        :param at: when it came, seconds since the epoch
        """
        id = message.execution_id
        if id is None:
            return
        view = self.plan.view(message.client)
        if message.kind == "status":
            yield from self._see_status(id, message.content.get("execution_state"), at)
        elif message.kind == "execute_input":
            code, n = message.content.get("code"), message.content.get("execution_count")
            if not view.records:
                # What comes once it is on again is still seen, as of an execution that ran already.
                self._executions.pop(id, None)
                return
            self._remember(id, view.origin)
            value = {"at": at, "n": n if type(n) is int else None, "process": self.process}
            if self.plan.is_partial:
                value["partial"] = True
            yield Seen(
                view.origin, Fact(id, "input", {**value, "source": code if isinstance(code, str) else ""})
            )
        elif message.kind in OUTPUTS and (view.records or self._executions.get(id) is not None):
            yield from self._see_output(id, message, view, at)

    def _see_status(self, id: str, state: Any, at: float) -> Iterator[Seen]:
        if state == "busy":
            if id not in self._executions:
                self._remember(id, None)
        elif state == "idle":
            origin = self._executions.get(id)
            self._running.discard(id)
            if origin is not None:
                yield Seen(origin, Fact(id, "idle", {"at": at}))

    def _see_output(self, id: str, message: IopubMessage, view: View, at: float) -> Iterator[Seen]:
        if id not in self._executions:
            self._remember(id, view.origin)
            yield Seen(view.origin, Fact(id, "attached", {"at": at, "process": self.process}))
        origin = self._executions[id]
        output = output_of(message)
        if origin is None or output is None:
            return
        if message.kind == "error":
            said = output["evalue"][:2000] if view.records else None
            yield Seen(origin, Fact(id, "error", {"at": at, "ename": output["ename"][:200], "evalue": said}))
        if view.records:
            yield Seen(origin, Output(id, message.id, output))

    def _remember(self, id: str, origin: Origin | None) -> None:
        self._executions[id] = origin
        self._executions.move_to_end(id)
        if origin is not None:
            self._running.add(id)
        while len(self._executions) > REMEMBERED:
            self._executions.popitem(last=False)
