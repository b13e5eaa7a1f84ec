"""What is known of one kernel, and how it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

from ..tracking.addresses import redact_uri
from .import_results import ImportMemory
from .kernel_channel import KernelChannel, Reply

State = Literal["asking", "known", "unknown", "foreign", "dead", "off"]

#: The form of the facts: kernel/facts.py.
FORM = 1
#: What ipykernel calls itself.
IPYKERNEL = "ipython"
#: Kernels whose process is the one that runs the cells. What others say may be true of themselves alone.
ASKED = (IPYKERNEL, "xeus-python")
#: Bytes of facts as text; a thousand entries of sys.path fit in.
MAX_FACTS = 512 * 1024
#: Finding one takes a few file look-ups in the kernel.
MAX_MODULES = 20


@dataclass
class KernelRecord:
    """One kernel, through its restarts. Changed on the event loop only."""

    id: str
    manager: Any
    reach: Literal["local", "gateway"]
    language: str | None
    channel: KernelChannel | None = None
    #: which program it is, as it says itself; None until that is known
    implementation: str | None = None
    state: State = "asking"
    reason: str | None = None
    facts: dict[str, Any] | None = None
    #: seconds since the epoch
    asked_at: float | None = None
    injected: bool = False
    #: a cell had run before the shim was there
    lost_race: bool = False
    #: of a gateway, as that describes it; for others Jupyter's manager knows it
    kernelspec: dict[str, Any] | None = None
    #: what a new process of it is told
    request: Mapping[str, Any] | None = None
    #: of its notebook, from Jupyter's root
    path: str | None = None
    #: outermost modules that somebody waits for; every question asks for them too
    modules: tuple[str, ...] = ()
    #: whether a new process could import MLflow as this kernel would, if that was tried
    imports: ImportMemory = field(default_factory=ImportMemory)
    #: the question that is on its way
    asking: asyncio.Task[None] | None = None
    #: whether that is the first of its process
    is_asked_first: bool = False
    #: given to Jupyter's manager, to be taken back
    on_dead: Callable[[], None] | None = None
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    @property
    def name(self) -> str:
        """Of its kernelspec."""
        return kernel_name(self.manager)

    @property
    def is_python(self) -> bool:
        """Whether it can be asked, as far as is known."""
        speaks = (self.language or "").lower() == "python"
        return speaks and (self.implementation is None or self.implementation in ASKED)

    @property
    def is_busy(self) -> bool:
        """As far as the channel or Jupyter knows."""
        heard = self.channel.is_busy if self.channel is not None else None
        return bool(self.manager.execution_state == "busy") if heard is None else heard

    def leave(self) -> None:
        """It is none that could be asked: from now on it is left alone."""
        if self.channel is not None:
            self.channel.close()
            self.channel = None
        self.state, self.reason, self.facts, self.injected = "foreign", None, None, False

    def unknown(self, reason: str) -> None:
        """It could not be asked; what it said before stays, as of then."""
        self.state, self.reason = "unknown", reason

    def wait_for(self, modules: Iterable[str]) -> None:
        """Ask for these, too, from now on; the latest `MAX_MODULES` are kept."""
        self.modules = tuple(dict.fromkeys((*self.modules, *modules)))[-MAX_MODULES:]

    def tells(self, modules: Iterable[str]) -> bool:
        """Whether the last answer is about these, too."""
        told = (self.facts or {}).get("modules")
        return isinstance(told, Mapping) and all(name in told for name in modules)

    def take(self, reply: Reply, *, now: float, is_first: bool) -> None:
        """Read an answer."""
        if is_first and reply.execution_count is not None and not _was_there(reply.data):
            self.lost_race = reply.execution_count > 0
        if reply.status == "aborted":
            self.unknown("aborted")
            return
        facts = read_facts(reply.data)
        self.injected = facts is not None
        if facts is None:
            self.unknown("shim-failed")
            return
        self.state, self.reason, self.facts, self.asked_at = "known", None, facts, now
        self.imports.compare(facts)

    def describe_kernelspec(self) -> dict[str, Any] | None:
        """The kernelspec that it was started from."""
        if self.reach == "gateway":
            return self.kernelspec
        try:
            spec = self.manager.kernel_spec
            return {
                "name": self.name,
                "display_name": str(spec.display_name),
                "argv": [str(word) for word in spec.argv],
                "resource_dir": str(spec.resource_dir),
            }
        except Exception:
            # It was removed while its kernel ran.
            return None

    def close(self) -> None:
        """Let go of the kernel."""
        for task in self.tasks:
            task.cancel()
        if self.channel is not None:
            self.channel.close()
            self.channel = None


def kernel_name(manager: Any) -> str:
    """Of the kernelspec; a gateway's manager keeps it in the kernel's model alone."""
    model = getattr(manager, "kernel", None)
    named = model.get("name") if isinstance(model, dict) else None
    return str(named or manager.kernel_name or "")


def runs_ipykernel(argv: Iterable[str]) -> bool:
    """Whether a kernelspec says by itself that it starts ipykernel, perhaps by another program."""
    return any(
        flag == "-m" and module in ("ipykernel_launcher", "ipykernel") for flag, module in pairwise(argv)
    )


def _was_there(answer: Any) -> bool:
    """The shim had been asked before: the connection is new, and not the process."""
    return isinstance(answer, dict) and answer.get("is_first") is False


def read_facts(answer: Any) -> dict[str, Any] | None:
    """The facts of an answer of the shim, or None for anything else: a kernel need not be trusted."""
    if not isinstance(answer, dict) or answer.get("ok") is not True:
        return None
    facts = answer.get("facts")
    if not isinstance(facts, dict) or facts.get("form") != FORM or len(repr(facts)) > MAX_FACTS:
        return None
    if not all(isinstance(facts.get(name), str) for name in ("executable", "prefix", "cwd", "platform")):
        return None
    for name in ("tracking", "registry"):
        place = facts.get(name)
        if not isinstance(place, dict):
            return None
        for key in ("uri", "place"):
            if isinstance(place.get(key), str):
                place[key] = redact_uri(place[key])
    return facts
