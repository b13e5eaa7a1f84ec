"""Sees what kernels publish: a thread and subscriptions of its own, so that nothing waits for Jupyter."""

from __future__ import annotations

import contextlib
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
#: Messages of one kernel, and bytes of them, that are taken before others have their turn.
_AT_ONCE = 500
_AT_ONCE_BYTES = 4 * 1024 * 1024
#: Seconds that messages are left where they are after some were taken: many together cost less of the time
#: that kernels, pages and Jupyter itself need meanwhile. Twice as long each time while they come in floods.
REST_S = 0.02
REST_MAX_S = 1.0
#: Messages since the rest before, and messages in a second, that are a flood together; and bytes that may
#: come together in a rest.
_FLOOD, _FLOOD_RATE = 20, 500.0
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
        self._orders: deque[Callable[[_Subscriptions], None]] = deque()
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
            self._orders.append(lambda known: known.connect(kernel_id, url, curve))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="mlflow-witness", daemon=True)
                self._thread.start()
        self._wake()

    def disconnect(self, kernel_id: str, *, then: Any = None) -> None:
        """Stop listening.

        :param then: put after the last message of that kernel
        """
        self._order(lambda known: known.drop(kernel_id), then)

    def tell(self, kernel_id: str, item: Any) -> None:
        """Put it after the messages of that kernel which have come, wherever they are yet."""
        self._order(lambda known: known.take_all(kernel_id), item)

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

    def _order(self, work: Callable[[_Subscriptions], None], then: Any) -> None:
        def order(known: _Subscriptions) -> None:
            work(known)
            if then is not None:
                self._put(then)

        with self._lock:
            is_there = self._thread is not None and not self._ends
            if is_there:
                self._orders.append(order)
        if is_there:
            self._wake()
        elif then is not None:
            self._put(then)

    def _run(self) -> None:
        known = _Subscriptions(self._put, self._woken)
        try:
            while not self._ends:
                known.step()
                with contextlib.suppress(OSError):
                    self._woken.recv(4096)
                while self._orders:
                    self._orders.popleft()(known)
        finally:
            while self._orders:
                self._orders.popleft()(known)
            known.close()


@dataclass
class _Subscription:
    """To one kernel."""

    kernel_id: str
    url: str
    socket: zmq.Socket[bytes]
    rest: Rest
    #: monotonic seconds until which its messages are left where they are
    rests_until: float | None = None


class _Subscriptions:
    """Those of the witness's thread, and used in it alone."""

    def __init__(self, put: Callable[..., None], woken: socket.socket) -> None:
        self._put = put
        # Of its own: the loop's context is not for another thread's sockets.
        self._context = zmq.Context()
        self._poller = zmq.Poller()
        self._poller.register(woken, zmq.POLLIN)
        self._kernels: dict[str, _Subscription] = {}
        self._sockets: dict[Any, _Subscription] = {}

    def step(self) -> None:
        """Wait for messages or for the waker, and take what has come."""
        now = time.monotonic()
        least: float | None = None
        for each in self._kernels.values():
            if each.rests_until is None:
                continue
            if each.rests_until <= now:
                each.rests_until = None
                self._poller.register(each.socket, zmq.POLLIN)
            else:
                left = each.rests_until - now
                least = left if least is None else min(least, left)
        for ready, _ in self._poller.poll(None if least is None else int(1000 * least) + 1):
            found = self._sockets.get(ready)
            if found is None:
                continue
            found.rest.taken(*self._take(found))
            seconds = found.rest.seconds()
            if seconds > 0:
                found.rests_until = time.monotonic() + seconds
                self._poller.unregister(found.socket)

    def connect(self, kernel_id: str, url: str, curve: Curve | None) -> None:
        """Subscribe, anew if the address is another one."""
        known = self._kernels.get(kernel_id)
        if known is not None and known.url == url:
            return
        self.drop(kernel_id)
        made = _Subscription(kernel_id, url, _subscribe(self._context, url, curve), Rest())
        self._kernels[kernel_id] = self._sockets[made.socket] = made
        self._poller.register(made.socket, zmq.POLLIN)

    def drop(self, kernel_id: str) -> None:
        """End a subscription, after what has come was taken."""
        self.take_all(kernel_id)
        known = self._kernels.pop(kernel_id, None)
        if known is not None:
            del self._sockets[known.socket]
            if known.rests_until is None:
                self._poller.unregister(known.socket)
            known.socket.close(0)

    def take_all(self, kernel_id: str) -> None:
        """What has come, though it rests."""
        known = self._kernels.get(kernel_id)
        while known is not None and self._take(known)[2]:
            pass

    def close(self) -> None:
        """End all of them."""
        for kernel_id in list(self._kernels):
            self.drop(kernel_id)
        self._context.destroy(linger=0)

    def _take(self, known: _Subscription) -> tuple[int, int, bool]:
        """How many messages there were, their bytes, and whether there may be more."""
        taken: list[Arrived] = []
        size = 0
        kernel_id, receive, at = known.kernel_id, known.socket.recv_multipart, time.time()
        is_more = False
        with contextlib.suppress(zmq.ZMQError):
            while not is_more:
                taken.append(one := Arrived(kernel_id, at, receive(zmq.NOBLOCK)))
                size += one.size
                is_more = len(taken) >= _AT_ONCE or size >= _AT_ONCE_BYTES
        self._put(*taken)
        return len(taken), size, is_more


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
        passed = max(now - self._since, 0.001)
        is_flood = self._count >= max(_FLOOD, _FLOOD_RATE * passed)
        self._rest = min(REST_MAX_S, 2 * self._rest) if is_flood else REST_S
        rate = self._size / passed
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
