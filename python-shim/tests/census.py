"""A server extension for tests alone: what the Jupyter server's process holds, to find what it leaves."""

from __future__ import annotations

import asyncio
import gc
import os
import re
import threading
from collections import Counter
from typing import Any

import zmq
from jupyter_server.base.handlers import APIHandler
from tornado import web

#: Threads of pools: they come when there is work, up to a number, and stay.
POOLS = ("asyncio_", "ThreadPoolExecutor")


def take(context: zmq.Context[Any] | None) -> dict[str, Any]:
    """Open file descriptors and ZMQ sockets, asyncio tasks and threads by name.

    :param context: of the extension: what is made of it is `ours`
    """
    gc.collect()
    found = [each for each in gc.get_objects() if issubclass(type(each), zmq.Socket)]
    sockets = [each for each in found if not each.closed]
    tasks = Counter(getattr(each.get_coro(), "__qualname__", "?") for each in asyncio.all_tasks())
    threads = Counter(
        re.sub(r"\d+", "", each.name) for each in threading.enumerate() if not each.name.startswith(POOLS)
    )
    return {
        "files": len(os.listdir("/proc/self/fd")),
        "sockets": len(sockets),
        "ours": sum(context is not None and each.context is context for each in sockets),
        "tasks": dict(tasks),
        "threads": dict(threads),
    }


class CensusHandler(APIHandler):
    """GET `census`."""

    @web.authenticated
    async def get(self) -> None:
        """As of now."""
        self.finish(take(self.settings["jupyter_mlflow"].kernels._context))


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "census"}]


def _load_jupyter_server_extension(app: Any) -> None:
    app.web_app.add_handlers(".*", [(app.base_url + "census", CensusHandler)])
