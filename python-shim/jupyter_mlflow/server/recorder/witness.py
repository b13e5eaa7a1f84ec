"""Sees what kernels publish: a thread and subscriptions of its own, so that nothing waits for Jupyter."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import zmq

from .spill_queue import Arrived

#: Milliseconds between attempts to reach a kernel that is not there: at the default of 100, the first cell
#: after a restart has begun before us.
RECONNECT_MS = 2
#: Milliseconds that such attempts become apart: a kernel that stays away costs nothing.
RECONNECT_MAX_MS = 250
#: Messages of one kernel that are taken before others have their turn.
_AT_ONCE = 500
#: Seconds that messages are left where they are after some were taken: many together cost less of the time
#: that kernels, pages and Jupyter itself need meanwhile. Twice as long each time while they come in floods.
REST_S = 0.02
REST_MAX_S = 1.0
#: Messages since the rest before that are a flood; and bytes that may come together in a rest.
_FLOOD = 200
_REST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Curve:
    """Keys of kernels whose sockets are encrypted."""

    public: bytes
    secret: bytes


class Witness:
    """Subscriptions to kernels. Its methods may be called from any thread, and do not wait."""

    def __init__(self, put: Callable[..., None]) -> None:
        """:param put: takes messages in order; called in the witness's thread, must not block for long"""
        self._put = put
        self._orders: deque[tuple[str, str | None, Curve | None, Any]] = deque()
        self._waker, self._woken = socket.socketpair()
        self._woken.setblocking(False)
        self._waker.setblocking(False)
        self._ends = False
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def connect(self, kernel_id: str, url: str, curve: Curve | None = None) -> None:
        """Subscribe, anew if the address is another one."""
        with self._lock:
            if self._ends:
                return
            self._orders.append((kernel_id, url, curve, None))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="mlflow-witness", daemon=True)
                self._thread.start()
        self._wake()

    def disconnect(self, kernel_id: str, *, then: Any = None) -> None:
        """Stop listening.

        :param then: put after the last message of that kernel
        """
        with self._lock:
            if self._thread is not None and not self._ends:
                self._orders.append((kernel_id, None, None, then))
                then = None
        if then is not None:
            self._put(then)
        self._wake()

    def close(self) -> None:
        """End the thread and its sockets; waits for that."""
        with self._lock:
            self._ends = True
            thread = self._thread
        self._wake()
        if thread is not None:
            thread.join()
        self._waker.close()
        self._woken.close()

    def _wake(self) -> None:
        # Full means that it will wake up anyway.
        with contextlib.suppress(OSError):
            self._waker.send(b"\0")

    def _run(self) -> None:
        # Of its own: the loop's context is not for another thread's sockets.
        context = zmq.Context()
        poller = zmq.Poller()
        poller.register(self._woken, zmq.POLLIN)
        sockets: dict[str, tuple[str, zmq.Socket[bytes]]] = {}
        kernels: dict[zmq.Socket[bytes], str] = {}

        rest = Rest()

        def drop(kernel_id: str) -> None:
            _, old = sockets.pop(kernel_id)
            self._take(old, kernel_id, all=True)
            poller.unregister(old)
            del kernels[old]
            old.close(0)

        try:
            while not self._ends:
                is_any = False
                for ready, _ in poller.poll():
                    if ready in kernels:
                        is_any = True
                        rest.taken(*self._take(ready, kernels[ready]))
                if is_any and not self._orders and (seconds := rest.seconds()) > 0:
                    # Orders end it.
                    select.select([self._woken], [], [], seconds)
                with contextlib.suppress(OSError):
                    self._woken.recv(4096)
                while self._orders:
                    kernel_id, url, curve, then = self._orders.popleft()
                    known = sockets.get(kernel_id)
                    if known is not None and known[0] == url:
                        continue
                    if known is not None:
                        drop(kernel_id)
                    if then is not None:
                        self._put(then)
                    if url is not None:
                        made = _subscribe(context, url, curve)
                        sockets[kernel_id] = (url, made)
                        kernels[made] = kernel_id
                        poller.register(made, zmq.POLLIN)
        finally:
            for kernel_id in list(sockets):
                drop(kernel_id)
            context.destroy(linger=0)

    def _take(self, ready: zmq.Socket[bytes], kernel_id: str, *, all: bool = False) -> tuple[int, int, bool]:
        """How many messages there were, their bytes, and whether there may be more."""
        count = size = 0
        while True:
            taken: list[Arrived] = []
            at = time.time()
            with contextlib.suppress(zmq.ZMQError):
                while len(taken) < _AT_ONCE:
                    taken.append(Arrived(kernel_id, at, ready.recv_multipart(zmq.NOBLOCK)))
            self._put(*taken)
            count += len(taken)
            size += sum(each.size for each in taken)
            is_more = len(taken) == _AT_ONCE
            if not (all and is_more):
                return count, size, is_more


class Rest:
    """For how long messages may be left where they are."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since = clock()
        self._count = self._size = 0
        self._is_more = False
        self._rest = REST_S

    def taken(self, count: int, size: int, is_more: bool) -> None:
        """So much has come since the last rest, and there may be more of it."""
        self._count += count
        self._size += size
        self._is_more = is_more or self._is_more

    def seconds(self) -> float:
        """Until it is looked again, 0 while there is more; the rest begins."""
        if self._is_more:
            self._is_more = False
            return 0.0
        now = self._clock()
        self._rest = min(REST_MAX_S, 2 * self._rest) if self._count >= _FLOOD else REST_S
        rate = self._size / max(now - self._since, 0.001)
        self._since = now
        self._count = self._size = 0
        return min(self._rest, _REST_BYTES / max(rate, 1.0))


def _subscribe(context: zmq.Context[zmq.Socket[bytes]], url: str, curve: Curve | None) -> zmq.Socket[bytes]:
    made: zmq.Socket[bytes] = context.socket(zmq.SUB)
    made.linger = 0
    # No limit: the kernel's own side drops messages when ours is full.
    made.rcvhwm = 0
    made.setsockopt(zmq.RECONNECT_IVL, RECONNECT_MS)
    made.setsockopt(zmq.RECONNECT_IVL_MAX, RECONNECT_MAX_MS)
    if curve is not None:
        made.curve_secretkey, made.curve_publickey = curve.secret, curve.public
        made.curve_serverkey = curve.public
    made.setsockopt(zmq.SUBSCRIBE, b"")
    made.connect(url)
    return made
