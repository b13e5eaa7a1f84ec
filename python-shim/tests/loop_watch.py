"""A server extension for tests and benchmarks alone: how long Jupyter's event loop is held, and by what."""

from __future__ import annotations

import asyncio
import heapq
import threading
import time
from typing import Any

from jupyter_server.base.handlers import APIHandler
from tornado import web

#: Holds that are remembered.
MOST = 20


class LoopWatch:
    """The longest steps of the event loop's thread, in milliseconds of its processor time.

    Not of the clock: on a busy machine that tells how long the thread had to wait for a processor.
    """

    def __init__(self) -> None:
        self._holds: list[tuple[float, int, str]] = []
        self._count = 0
        self._thread = threading.get_ident()

    def install(self) -> None:
        """From now on, for as long as the process lives."""
        real = asyncio.Handle._run

        def run(handle: asyncio.Handle) -> None:
            if threading.get_ident() != self._thread:
                real(handle)
                return
            callback, name = getattr(handle, "_callback", None), ""
            task = getattr(callback, "__self__", None)
            if isinstance(task, asyncio.Task):
                # Looked at before: a task that has ended does not know any more what it was.
                name = _place(task)
            began = time.thread_time()
            real(handle)
            held = 1000 * (time.thread_time() - began)
            if len(self._holds) < MOST or held > self._holds[0][0]:
                self._count += 1
                heapq.heappush(self._holds, (held, self._count, name or repr(callback)[:200]))
                if len(self._holds) > MOST:
                    heapq.heappop(self._holds)

        asyncio.Handle._run = run  # type: ignore[method-assign]

    def take(self) -> list[dict[str, Any]]:
        """`{"ms", "what"}` since it was asked last, the longest first."""
        found, self._holds = self._holds, []
        return [{"ms": held, "what": what} for held, _, what in sorted(found, reverse=True)]


def _place(task: asyncio.Task[Any]) -> str:
    """The innermost coroutine that goes on in this step."""
    inner: Any = task.get_coro()
    names = []
    while inner is not None:
        frame = getattr(inner, "cr_frame", None)
        if frame is None:
            break
        code = frame.f_code
        names.append(f"{getattr(code, 'co_qualname', code.co_name)}:{frame.f_lineno}")
        inner = getattr(inner, "cr_await", None)
    return " > ".join(names)


class LoopWatchHandler(APIHandler):
    """GET `loop-watch`."""

    @web.authenticated
    async def get(self) -> None:
        """Since it was asked last."""
        self.finish({"holds": self.settings["loop_watch"].take()})


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "loop_watch"}]


async def _start_jupyter_server_extension(app: Any) -> None:
    # On the loop, in its thread.
    watch = LoopWatch()
    watch.install()
    app.web_app.settings["loop_watch"] = watch
    app.web_app.add_handlers(".*", [(app.base_url + "loop-watch", LoopWatchHandler)])


def _load_jupyter_server_extension(app: Any) -> None:
    """Nothing before the loop runs."""
