"""What the desk is told beside the messages of kernels."""

from __future__ import annotations

from dataclasses import dataclass

from .following import Plan
from .iopub import IopubMessage, Signature
from .journals import JournalFolder


@dataclass(frozen=True)
class Follow:
    """Follow a kernel from now on, or as another plan says."""

    kernel_id: str
    plan: Plan
    #: of its messages; None for those that were checked already
    signature: Signature | None = None
    folder: JournalFolder | None = None
    #: counts how often a kernel of that id has ended: Jupyter may start it again
    life: int = 0


@dataclass(frozen=True)
class Restarted:
    """Jupyter says that a kernel has another process."""

    kernel_id: str
    #: seconds since the epoch at which that process began
    born: float


@dataclass(frozen=True)
class Ended:
    """A kernel's process is gone, and none takes its place."""

    kernel_id: str
    why: str = "killed"
    #: of the kernel that has ended, see `Follow`
    life: int = 0


@dataclass(frozen=True)
class Heard:
    """A message that came by a gateway, and has been read."""

    kernel_id: str
    at: float
    message: IopubMessage
