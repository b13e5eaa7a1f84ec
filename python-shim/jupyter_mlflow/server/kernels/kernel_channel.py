"""Asking a kernel something, beside its clients and without a trace in it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import zmq
import zmq.asyncio
from jupyter_client.session import Session
from zmq.utils.monitor import parse_monitor_message

from .payload import KEY

#: Milliseconds between attempts to reach a kernel that is not there: at the default of 100, a cell that
#: waited for a restart reaches the new process before us.
RECONNECT_MS = 2
#: Characters of a kernel's name for itself.
MAX_NAME = 100


@dataclass(frozen=True)
class Reply:
    """What a kernel answered: `data` of form `application/json`, or why there is none."""

    status: str
    data: Any
    execution_count: int | None
    #: of a failure, one line
    error: str | None = None


#: Why a kernel does not answer: its process has ended and another may come, or nobody knows how it is.
Lost = Literal["restarting", "unreachable"]


class NotAsked(Exception):
    """The kernel went away before it answered."""

    def __init__(self, reason: Lost = "restarting") -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Followers:
    """Who hears of a kernel's process. Called on the event loop."""

    #: it listens: at the first connection and after each restart
    connected: Callable[[], None]
    lost: Callable[[Lost], None]
    #: it will not come back
    dead: Callable[[], None]
    #: it has published a message; of gateways alone, where there is no other way to hear it
    heard: Callable[[Any], None] = lambda message: None


class KernelChannel(Protocol):
    """A way to one kernel, for as long as that lives and through its restarts."""

    async def ask(self, expression: str) -> Reply:
        """The value of a Python expression. Waits as long as the kernel is busy.

        :raises NotAsked: the process that was asked is gone
        """

    async def implementation(self) -> str:
        """Which program the kernel is, as it says itself; empty if it does not. Runs nothing in it.

        :raises NotAsked: see `ask`
        """

    @property
    def is_busy(self) -> bool | None:
        """Whether it runs something, as far as the channel itself hears of it."""

    def close(self) -> None:
        """End it; whoever waits gets `NotAsked`."""


def request_content(expression: str) -> dict[str, Any]:
    """An `execute_request` that runs nothing, counts nothing, shows nothing and asks for one expression."""
    return {
        "code": "",
        "silent": True,
        "store_history": False,
        "user_expressions": {KEY: expression},
        "allow_stdin": False,
        "stop_on_error": False,
    }


def read_reply(content: Any) -> Reply:
    """The content of an `execute_reply`, as a kernel that need not be trusted wrote it."""
    if not isinstance(content, dict):
        return Reply("error", None, None, "The kernel sent no reply that can be read.")
    count = content.get("execution_count")
    status = content.get("status")
    count = count if isinstance(count, int) else None
    if status != "ok":
        return Reply(
            "aborted" if status in ("aborted", "abort") else "error", None, count, str(content.get("ename"))
        )
    expressions = content.get("user_expressions")
    value = expressions.get(KEY) if isinstance(expressions, dict) else None
    if not isinstance(value, dict) or value.get("status") != "ok":
        told = value if isinstance(value, dict) else {}
        return Reply("error", None, count, f"{told.get('ename')}: {told.get('evalue')}"[:300])
    data = value.get("data")
    return Reply("ok", data.get("application/json") if isinstance(data, dict) else None, count)


def read_implementation(content: Any) -> str:
    """Of the content of a `kernel_info_reply`."""
    named = content.get("implementation") if isinstance(content, dict) else None
    return named[:MAX_NAME] if isinstance(named, str) else ""


class ZmqChannel:
    """To a kernel that this Jupyter server started: a shell socket of our own.

    It says by itself when a process is there (again), which is at once after the kernel has opened its ports.
    """

    #: Not heard here: Jupyter itself follows its kernels.
    is_busy = None

    def __init__(self, context: zmq.asyncio.Context, manager: Any, followers: Followers) -> None:
        """:param manager: Jupyter's manager of the kernel, started
        :param followers: `dead` is never called: a socket cannot tell
        """
        self.url: str = manager._make_url("shell")
        self._followers = followers
        self._session = Session(
            key=manager.session.key,
            signature_scheme=manager.session.signature_scheme,
            username="jupyter-mlflow",
        )
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._socket: zmq.asyncio.Socket = context.socket(zmq.DEALER)
        self._socket.linger = 0
        self._socket.identity = self._session.bsession
        # Before connecting: it does not count afterwards.
        self._socket.setsockopt(zmq.RECONNECT_IVL, RECONNECT_MS)
        public_key = getattr(manager, "curve_publickey", None)
        if public_key is not None:
            self._socket.curve_secretkey = manager.curve_secretkey
            self._socket.curve_publickey = public_key
            self._socket.curve_serverkey = public_key
        self._monitor: zmq.asyncio.Socket = self._socket.get_monitor_socket(
            zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED
        )
        self._socket.connect(self.url)
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._watch())]

    async def ask(self, expression: str) -> Reply:
        """See `KernelChannel`."""
        return read_reply(await self._request("execute", request_content(expression)))

    async def implementation(self) -> str:
        """See `KernelChannel`."""
        return read_implementation(await self._request("kernel_info", {}))

    async def _request(self, kind: str, content: dict[str, Any]) -> Any:
        """The content of the kernel's reply."""
        message = self._session.msg(f"{kind}_request", content)
        id = message["header"]["msg_id"]
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[id] = future
        try:
            await self._socket.send_multipart(self._session.serialize(message))
            return await future
        except zmq.ZMQError as error:
            raise NotAsked from error
        finally:
            self._waiting.pop(id, None)

    def close(self) -> None:
        """See `KernelChannel`."""
        for task in self._tasks:
            task.cancel()
        self._give_up()
        with contextlib.suppress(zmq.ZMQError):
            self._socket.disable_monitor()
        self._monitor.close(0)
        self._socket.close(0)

    async def _read(self) -> None:
        while True:
            parts = await self._socket.recv_multipart()
            # Not signed with the kernel's key, or no message at all: not ours to understand.
            with contextlib.suppress(Exception):
                _, message_parts = self._session.feed_identities(parts)
                message = self._session.deserialize(message_parts)
                future = self._waiting.get(message["parent_header"].get("msg_id"))
                if future is not None and not future.done() and message["msg_type"].endswith("_reply"):
                    future.set_result(message["content"])

    async def _watch(self) -> None:
        while True:
            event = parse_monitor_message(await self._monitor.recv_multipart())
            if event["event"] == zmq.EVENT_DISCONNECTED:
                self._give_up()
                self._followers.lost("restarting")
            else:
                self._followers.connected()

    def _give_up(self) -> None:
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(NotAsked())
