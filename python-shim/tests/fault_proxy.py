"""Stands before a real tracking server and does to requests what networks and servers do."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from collections import Counter
from collections.abc import Callable

import httpx

from servers import LoopThread

#: What may happen to a request. `commit-…`: the server has done what it was asked for.
FAULTS = (
    "reset",
    "hang",
    "429",
    "500",
    "503",
    "commit-reset",
    "commit-hang",
    "commit-500",
    "commit-half",
    "late",
)
#: method and path → one of FAULTS, or a number of seconds to be slow, or None
Plan = Callable[[str, str], str | float | None]
#: Seconds after which a "late" request is done, its client long gone.
LATE_S = 2.5


class FaultProxy:
    """Answers on a port of its own; `plan` may be changed at any time."""

    def __init__(self, target: str) -> None:
        self.plan: Plan = lambda method, path: None
        #: what happened, by fault
        self.happened: Counter[str] = Counter()
        #: requests that reached the server, by path
        self.passed: Counter[str] = Counter()
        self._late: set[asyncio.Task[None]] = set()
        self._thread = LoopThread()
        self._client = httpx.AsyncClient(base_url=target, trust_env=False, timeout=60)
        server = self._thread.run(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self._server: asyncio.Server = server  # type: ignore[assignment]
        self.port: int = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def settle(self) -> None:
        """Wait until the server has done everything that it was asked for late."""

        async def wait() -> None:
            await asyncio.gather(*self._late)

        self._thread.run(wait())

    def close(self) -> None:
        """Ends it with all connections."""
        self._thread.loop.call_soon_threadsafe(self._server.close)
        self._thread.run(self._client.aclose())
        self._thread.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.rstrip().split("\r\n")
                method, target, _ = first.split(" ")
                headers = {
                    key.lower(): value.strip() for key, _, value in (line.partition(":") for line in lines)
                }
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                if not await self._handle(method, target, headers, body, reader, writer):
                    break
        writer.close()

    async def _handle(
        self,
        method: str,
        target: str,
        headers: dict[str, str],
        body: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> bool:
        path = target.partition("?")[0]
        fault = self.plan(method, path)
        if isinstance(fault, str):
            self.happened[fault] += 1
        if isinstance(fault, int | float):
            await asyncio.sleep(fault)
            fault = None
        if fault == "commit-half":
            body = _half(path, body)
        if fault == "late":
            task = asyncio.ensure_future(self._pass_late(method, target, headers, body))
            self._late.add(task)
        answer = None
        if fault is None or fault.startswith("commit"):
            answer = await self._pass(method, target, headers, body)
        if fault in ("hang", "commit-hang", "late"):
            await reader.read()
            return False
        if fault in ("reset", "commit-reset"):
            _reset(writer)
            return False
        if fault is None and answer is not None:
            await _answer(writer, answer.status_code, answer.content, answer.headers.get("content-type", ""))
            return True
        status = int(fault) if fault is not None and fault.isdigit() else 500
        await _answer(
            writer, status, b"<html>no</html>", "text/html", "Retry-After: 0\r\n" if status == 429 else ""
        )
        return True

    async def _pass(self, method: str, target: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        self.passed[target.partition("?")[0]] += 1
        kept = {key: value for key, value in headers.items() if key in ("content-type", "authorization")}
        return await self._client.request(method, target, headers=kept, content=body)

    async def _pass_late(self, method: str, target: str, headers: dict[str, str], body: bytes) -> None:
        await asyncio.sleep(LATE_S)
        await self._pass(method, target, headers, body)


def _half(path: str, body: bytes) -> bytes:
    """A batch of which the server did the first part, as it is no transaction."""
    if not path.endswith("log-batch"):
        return body
    batch = json.loads(body)
    for name in ("params", "tags", "metrics"):
        batch[name] = batch.get(name, [])[: 1 if name == "params" else 0]
    return json.dumps(batch).encode()


def _reset(writer: asyncio.StreamWriter) -> None:
    sock: socket.socket = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _answer(
    writer: asyncio.StreamWriter, status: int, content: bytes, kind: str, more: str = ""
) -> None:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n{more}\r\n"
    writer.write(head.encode() + content)
    await writer.drain()
