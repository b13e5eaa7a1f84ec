"""What the recorder needs to know of a kernel of this machine, from whoever manages it."""

from __future__ import annotations

import psutil

from ..kernels.kernel_record import KernelRecord
from .iopub import Signature
from .witness import Curve


def born(record: KernelRecord) -> float | None:
    """When the kernel's process began, seconds since the epoch; None where that cannot be known."""
    try:
        return float(psutil.Process(record.manager.provisioner.pid).create_time())
    except Exception:
        return None


def curve(record: KernelRecord) -> Curve | None:
    """Its keys; None where its sockets are not encrypted."""
    public, secret = (getattr(record.manager, f"curve_{name}key", None) for name in ("public", "secret"))
    if not public or not secret:
        return None
    return Curve(*(key.encode() if isinstance(key, str) else key for key in (public, secret)))


def signature(record: KernelRecord) -> Signature:
    """Of its messages. Raises ValueError for a scheme that nobody knows."""
    return Signature(record.manager.session.key, record.manager.session.signature_scheme)
