"""Asking a kernel that runs behind a gateway: a Jupyter server, Kernel Gateway or Enterprise Gateway."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

from jupyter_client.session import Session
from jupyter_server.utils import ensure_async
from tornado.escape import url_escape
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.web import HTTPError
from tornado.websocket import WebSocketClientConnection, websocket_connect

from .kernel_channel import Followers, Lost, NotAsked, Reply, read_implementation, read_reply, request_content
from .kernel_record import kernel_name

#: Seconds between attempts to reach a gateway that went away: doubled up to the second figure.
RETRY_S = (0.5, 30.0)
#: Seconds after which a gateway that says nothing at all is asked for a sign of life; after as many again
#: it is gone.
PING_S = 30.0


async def gateway_kernelspec(manager: Any, specs: Any) -> dict[str, Any] | None:
    """The kernelspec of a kernel in the gateway's own words, as `KernelReport` has it and with `language`.

    Never this machine's, which may have another one of that name. None: the gateway has none any more.

    :param manager: a started `GatewayKernelManager`; its own manager of kernelspecs is this machine's
    :param specs: the `GatewayKernelSpecManager`
    :raises Exception: the gateway could not be asked
    """
    name = kernel_name(manager)
    try:
        model = await ensure_async(specs.get_kernel_spec(name))
    except KeyError:
        return None
    spec = model["spec"]
    return {
        "name": name,
        "display_name": str(spec.get("display_name") or name),
        "argv": [str(word) for word in spec.get("argv") or ()],
        # A gateway does not tell: it is a folder of its machine.
        "resource_dir": "",
        "language": str(spec.get("language") or ""),
    }


class GatewayChannel:
    """By a websocket of our own, as jupyter_server's `GatewayWebSocketConnection` opens it: with the
    gateway's login.

    (`GatewayKernelClient` sends none, connects synchronously, and two of one manager make the same message
    ids.)
    """

    def __init__(self, manager: Any, followers: Followers) -> None:
        """:param manager: a started `GatewayKernelManager`"""
        self._manager = manager
        self._followers = followers
        self._session = Session(username="jupyter-mlflow")
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._socket: WebSocketClientConnection | None = None
        self._is_busy: bool | None = None
        self._task = asyncio.create_task(self._run())

    @property
    def is_busy(self) -> bool | None:
        """See `KernelChannel`."""
        return self._is_busy

    async def ask(self, expression: str) -> Reply:
        """See `KernelChannel`."""
        return read_reply(await self._request("execute", request_content(expression)))

    async def implementation(self) -> str:
        """See `KernelChannel`."""
        return read_implementation(await self._request("kernel_info", {}))

    async def _request(self, kind: str, content: dict[str, Any]) -> Any:
        """The content of the kernel's reply."""
        socket = self._socket
        if socket is None:
            raise NotAsked("unreachable")
        message = self._session.msg(f"{kind}_request", content)
        id = message["header"]["msg_id"]
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[id] = future
        try:
            text = json.dumps({**message, "channel": "shell", "buffers": []}, default=str)
            await socket.write_message(text)
            return await future
        except NotAsked:
            raise
        except Exception as error:
            raise NotAsked("unreachable") from error
        finally:
            self._waiting.pop(id, None)

    def close(self) -> None:
        """See `KernelChannel`."""
        self._task.cancel()
        self._give_up("unreachable")
        if self._socket is not None:
            self._socket.close()

    async def _run(self) -> None:
        pause = RETRY_S[0]
        while True:
            try:
                self._socket = await self._connect()
                pause = RETRY_S[0]
                self._followers.connected()
                await self._read(self._socket)
            except (HTTPClientError, HTTPError) as error:
                if getattr(error, "code", getattr(error, "status_code", None)) == 404:
                    self._followers.dead()
                    return
            except Exception:  # noqa: S110 - whatever keeps us from the gateway, we try again
                pass
            self._socket = self._is_busy = None
            self._give_up("unreachable")
            self._followers.lost("unreachable")
            await asyncio.sleep(pause)
            pause = min(2 * pause, RETRY_S[1])

    async def _connect(self) -> WebSocketClientConnection:
        from jupyter_server.gateway.gateway_client import GatewayClient

        gateway = GatewayClient.instance()
        id = url_escape(str(self._manager.kernel_id))
        url = f"{(gateway.ws_url or '').rstrip('/')}/{gateway.kernels_endpoint.strip('/')}/{id}/channels"
        request = HTTPRequest(url, **gateway.load_connection_args())  # type: ignore[no-untyped-call]
        return await websocket_connect(request, ping_interval=PING_S)

    async def _read(self, socket: WebSocketClientConnection) -> None:
        while True:
            text = await socket.read_message()
            if text is None:
                return
            # Not understood is not answered.
            with contextlib.suppress(ValueError, KeyError, AttributeError, TypeError):
                message = json.loads(text)
                kind = message["header"]["msg_type"]
                if message.get("channel") == "iopub":
                    self._followers.heard(message)
                if kind.endswith("_reply"):
                    future = self._waiting.get(message["parent_header"].get("msg_id"))
                    if future is not None and not future.done():
                        future.set_result(message["content"])
                elif kind == "status":
                    cause = (message.get("parent_header") or {}).get("msg_type")
                    self._hear(message["content"]["execution_state"], cause)

    def _hear(self, state: str, cause: str | None) -> None:
        """The kernel's state, from the kernel itself or from the gateway that watches over it."""
        # Not what is asked beside the cells, on the control channel.
        if state in ("busy", "idle") and cause == "execute_request":
            self._is_busy = state == "busy"
        if state in ("starting", "restarting"):
            self._give_up("restarting")
            self._followers.lost("restarting")
            # The gateway keeps a question for the new process; not all of these say "starting".
            self._followers.connected()
        elif state == "dead":
            self._give_up("restarting")
            self._followers.dead()

    def _give_up(self, reason: Lost) -> None:
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(NotAsked(reason))
