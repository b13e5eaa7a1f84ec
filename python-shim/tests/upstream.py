"""A scripted HTTP server, for what a real MLflow cannot be made to do."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from servers import LoopThread


@dataclass
class Exchange:
    """One request as it arrived, and the way to answer it."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    connection: int
    body: bytes = b""

    @property
    def path(self) -> str:
        """Without the query."""
        return self.target.partition("?")[0]

    def header(self, name: str) -> str | None:
        """The value of a header, None when it is not there."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    async def send(self, data: bytes) -> None:
        """Bytes as they are."""
        self.writer.write(data)
        await self.writer.drain()

    async def answer(
        self, content: bytes, status: str = "200 OK", kind: str = "application/json", **headers: str
    ) -> None:
        """A whole answer."""
        lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(content)}"]
        lines += [f"{key.replace('_', '-')}: {value}" for key, value in headers.items()]
        await self.send("\r\n".join([*lines, "", ""]).encode() + content)


Script = Callable[[Exchange], Awaitable[None]]


async def _mlflow(exchange: Exchange) -> None:
    """What the smallest MLflow would say."""
    if exchange.path == "/version":
        await exchange.answer(b"3.0.0", kind="text/html")
    elif exchange.path == "/health":
        await exchange.answer(b"OK", kind="text/html")
    else:
        await exchange.answer(b'{"experiments": []}')


@dataclass
class _State:
    exchanges: list[Exchange] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    lost: int = 0


class Upstream:
    """Runs `script` for each request. It reads the body first unless `reads_body` is False."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.script: Script = _mlflow
        self.reads_body = True
        self.state = _State()
        self._thread = LoopThread()
        server = self._thread.run(asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls))
        self._server: asyncio.Server = server  # type: ignore[assignment]
        self.port: int = self._server.sockets[0].getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def exchanges(self) -> list[Exchange]:
        """All requests so far, except those for the version."""
        return [each for each in self.state.exchanges if not each.path.endswith("/version")]

    def event(self) -> asyncio.Event:
        """An event of this server's loop."""
        return asyncio.Event()

    def set(self, event: asyncio.Event) -> None:
        """Sets it from the test's thread."""
        self._thread.loop.call_soon_threadsafe(event.set)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.state.connections += 1
        self.state.open += 1
        number = self.state.connections
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.rstrip().split("\r\n")
                method, target, _ = first.split(" ")
                headers = [(key, value.strip()) for key, _, value in (line.partition(":") for line in lines)]
                exchange = Exchange(method, target, headers, reader, writer, number)
                length = exchange.header("Content-Length")
                if length and self.reads_body:
                    exchange.body = await reader.readexactly(int(length))
                self.state.exchanges.append(exchange)
                await self.script(exchange)
                await writer.drain()
                if writer.is_closing():
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            self.state.lost += 1
        finally:
            self.state.open -= 1
            with contextlib.suppress(OSError, RuntimeError):
                writer.close()

    def close(self) -> None:
        """Ends it with all connections."""
        self._thread.loop.call_soon_threadsafe(self._server.close)
        self._thread.close()
