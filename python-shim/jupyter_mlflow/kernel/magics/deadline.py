"""A time limit for what must run in the kernel's own thread: MLflow's client, which tries for minutes."""

import contextlib
import signal
import threading
import time

#: Seconds after which it is broken off again, where the first time was lost in code that swallows everything.
AGAIN_S = 0.5


class _TooLate(BaseException):
    """No Exception, which a client that tries again would catch."""


@contextlib.contextmanager
def deadline(seconds, late):
    """Break off what takes longer, as an interrupt of the kernel would.

    Where there are no such signals, as in other threads and on Windows, it takes as long as it takes.

    :raises: what `late()` gives
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return
    is_over = []

    def break_off(*_):
        if not is_over:
            raise _TooLate

    begun, handler = time.monotonic(), signal.signal(signal.SIGALRM, break_off)
    # A person's own timer goes on afterwards.
    left, interval = signal.setitimer(signal.ITIMER_REAL, max(0.05, seconds), AGAIN_S)
    try:
        yield
    except _TooLate:
        is_over.append(True)
        raise late() from None
    finally:
        is_over.append(True)
        own = max(0.001, left - (time.monotonic() - begun)) if left else 0
        signal.setitimer(signal.ITIMER_REAL, own, interval)
        signal.signal(signal.SIGALRM, signal.SIG_DFL if handler is None else handler)
