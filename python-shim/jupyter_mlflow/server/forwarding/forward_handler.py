"""ANY `servers/<id>/mlflow/<path>`: requests of the browser, on their way to a tracking server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import httpx
from jupyter_server.utils import ensure_async
from tornado import web
from tornado.iostream import StreamClosedError

from ..base_handler import MlflowHandler, authorized_to
from ..problems import Problem
from .allowlist import Kind, find_rule
from .compression import MIN_BYTES, accepts_gzip, gzip
from .forwarder import Answer
from .passing import (
    ANSWER_HEADERS,
    FILE_HEADERS,
    as_attachment,
    can_be_sent,
    forwarded_headers,
    forwarded_query,
)

#: Bytes of a body that is read to its end although the request is refused.
SMALL_BODY = 1024 * 1024
#: Bytes of an upload that may wait between browser and tracking server, in chunks of at most 64 KiB.
UPLOAD_CHUNKS = 8


@web.stream_request_body
class ForwardHandler(MlflowHandler):
    """Passes what the allowlist names, and nothing else."""

    async def prepare(self) -> None:  # type: ignore[override]
        """Runs before the body is read: who may not pass does not send a gigabyte first."""
        self._body = bytearray()
        self._upload: asyncio.Queue[bytes | None] | None = None
        self._work: asyncio.Task[None] | None = None
        self._refusal: Exception | None = None
        self._begun = self._admitted = False
        try:
            await super().prepare()
            if self.request.method != "OPTIONS":
                await self._admit()
        except (web.HTTPError, Problem) as refusal:
            # An answer before the end of the body closes the connection: the browser may never see it.
            if not self._admitted and not 0 <= self._content_length() <= SMALL_BODY:
                raise
            self._refusal = refusal

    async def _admit(self) -> None:
        """Raises unless this person may send this request; begins an upload."""
        method = self.request.method or ""
        if self.current_user is None:
            raise web.HTTPError(403)
        id, path = self._parts()
        rule = find_rule(method, path, self.request.query)
        writes = rule is None or rule.kind in {Kind.WRITE, Kind.UPLOAD}
        # Searching is a POST, and yet it is only reading: neither an action of a person nor a right to write.
        self._track_activity = writes
        action = "write" if writes else "read"
        if not await ensure_async(
            self.authorizer.is_authorized(self, self.current_user, action, self.auth_resource)
        ):
            raise web.HTTPError(403, f"User is not authorized to {action} on resource: {self.auth_resource}.")
        self._admitted = True
        if rule is None:
            raise _not_allowed(method)
        if rule.kind is Kind.UPLOAD:
            # Jupyter allows 512 MB; how large a file may be is for the tracking server to say.
            # `getattr`: HTTP/1 connections, the only ones there are, have what their type lacks.
            getattr(self.request.connection, "set_max_body_size")(2**63 - 1)  # noqa: B009
        self._server, self._path, self._rule = self.services.servers.get(id), path, rule
        if method not in {"GET", "HEAD"}:
            # Not on GET, which another page can make a browser send.
            await self.services.wake(self._server)
        if rule.kind is Kind.UPLOAD:
            self.services.forwarder.address(self._server)
            self._upload = asyncio.Queue(UPLOAD_CHUNKS)
            self._work = asyncio.ensure_future(self._forward_upload(self._upload))

    def _content_length(self) -> int:
        """Bytes of the body as announced; -1 where nobody knows."""
        if "Transfer-Encoding" in self.request.headers:
            return -1
        try:
            return int(self.request.headers.get("Content-Length") or 0)
        except ValueError:
            return -1

    def _parts(self) -> tuple[str, str]:
        """Id and path as they came, still percent-encoded."""
        marker = "/jupyter-mlflow/servers/"
        below = self.request.path.split(marker, 1)[1]
        id, _, path = below.partition("/mlflow/")
        return id, path

    async def data_received(self, chunk: bytes) -> None:
        """A piece of the body. Returns when there is room for the next one: this is the back-pressure."""
        if self._refusal is not None:
            return
        if self._upload is None:
            if len(self._body) + len(chunk) > self.services.settings.max_json_body:
                self._refusal = web.HTTPError(413, "The request is too large.")
                self._body.clear()
                return
            self._body += chunk
        elif self._work is not None and not self._work.done():
            await self._put(chunk)

    async def _put(self, chunk: bytes | None) -> None:
        """Waits for room, but not for a request that has ended meanwhile."""
        if self._upload is None or self._work is None:
            return
        putting = asyncio.ensure_future(self._upload.put(chunk))
        await asyncio.wait({putting, self._work}, return_when=asyncio.FIRST_COMPLETED)
        if not putting.done():
            putting.cancel()

    def on_connection_close(self) -> None:
        """The browser has gone: so does the question."""
        super().on_connection_close()
        if self._work is not None:
            self._work.cancel()

    @web.authenticated
    @authorized_to("read")
    async def get(self, *_: str) -> None:
        """Forwards."""
        await self._forward()

    @web.authenticated
    @authorized_to("read")
    async def head(self, *_: str) -> None:
        """Forwards."""
        await self._forward()

    @web.authenticated
    @authorized_to("read")
    async def post(self, *_: str) -> None:
        """Forwards; whether it writes was judged in `prepare`."""
        await self._forward()

    @web.authenticated
    @authorized_to("write")
    async def put(self, *_: str) -> None:
        """Forwards."""
        await self._forward()

    @web.authenticated
    @authorized_to("write")
    async def patch(self, *_: str) -> None:
        """Forwards."""
        await self._forward()

    @web.authenticated
    @authorized_to("write")
    async def delete(self, *_: str) -> None:
        """Forwards."""
        await self._forward()

    async def _forward(self) -> None:
        if self._refusal is not None:
            raise self._refusal
        if self._work is not None:
            if not self._work.done():
                await self._put(None)
        else:
            work: Coroutine[Any, Any, None]
            if self._rule.kind is Kind.DOWNLOAD:
                work = self._forward_download()
            else:
                work = self._forward_message(bytes(self._body))
            self._work = asyncio.ensure_future(work)
        try:
            await self._work
        except asyncio.CancelledError:
            if not self._work.cancelled():
                raise
        except StreamClosedError:
            pass
        except Problem as problem:
            if not self._begun:
                raise
            # Headers are gone: breaking the connection is the only way left to say that this is not all.
            self.log.warning("%s", problem.message)
            self._break_off()

    async def _forward_message(self, body: bytes) -> None:
        """A question and its answer, both of a size that fits into memory."""
        server, method = self._server, self.request.method or "GET"
        query, headers = forwarded_query(self.request.query), forwarded_headers(self.request.headers)
        reads = self._rule.kind is Kind.READ

        async def question() -> Answer:
            return await self.services.forwarder.fetch(
                server, method, self._path, query=query, headers=headers, body=body, safe=reads
            )

        if reads:
            # Who has changed something must not be given an answer that was begun before.
            age = self.services.changes[server.id]
            key = (server, age, method, self._path, query, tuple(sorted(headers.items())), body)
            answer = await self.services.answers.ask(key, question)
        else:
            try:
                answer = await question()
            finally:
                self.services.changes[server.id] += 1
        await self._write_answer(answer)

    async def _write_answer(self, answer: Answer) -> None:
        self._check_login(answer.status)
        self.set_status(answer.status)
        self._copy_headers(answer.headers, ANSWER_HEADERS)
        self.set_header("Content-Security-Policy", "sandbox; default-src 'none'")
        content_type = answer.headers.get("content-type", "application/octet-stream")
        if not content_type.startswith("application/json"):
            self.set_header("Content-Disposition", "attachment")
        content = answer.content
        if answer.status in {204, 304}:
            self.clear_header("Content-Type")
            await web.RequestHandler.finish(self)
            return
        self.set_header("Vary", "Accept-Encoding")
        if len(content) >= MIN_BYTES and accepts_gzip(self.request.headers.get("Accept-Encoding", "")):
            content = await gzip(content)
            self.set_header("Content-Encoding", "gzip")
        self.finish(content, set_content_type=content_type)

    async def _forward_download(self) -> None:
        """A file towards the browser, in pieces, as fast as the slower side."""
        forwarder = self.services.forwarder
        async with forwarder.stream(
            self._server,
            self.request.method or "GET",
            self._path,
            query=forwarded_query(self.request.query),
            headers=forwarded_headers(self.request.headers),
            safe=True,
            transfer=True,
        ) as response:
            await self._write_file(response)

    async def _forward_upload(self, queue: asyncio.Queue[bytes | None]) -> None:
        """A file towards the tracking server."""
        headers = forwarded_headers(self.request.headers)
        if "Content-Length" in self.request.headers:
            headers["Content-Length"] = self.request.headers["Content-Length"]

        async def body() -> AsyncIterator[bytes]:
            while (chunk := await queue.get()) is not None:
                yield chunk

        forwarder = self.services.forwarder
        async with forwarder.stream(
            self._server,
            self.request.method or "PUT",
            self._path,
            query=forwarded_query(self.request.query),
            headers=headers,
            body=body(),
            transfer=True,
        ) as response:
            self.services.changes[self._server.id] += 1
            content = bytearray()
            async for chunk in forwarder.chunks(self._server, response):
                if len(content) < 2**20:
                    content += chunk
            self._answer = Answer(response.status_code, response.headers, bytes(content))
        await self._write_answer(self._answer)

    async def _write_file(self, response: httpx.Response) -> None:
        self._check_login(response.status_code)
        self.set_status(response.status_code)
        self._copy_headers(response.headers, ANSWER_HEADERS + FILE_HEADERS)
        # A file served from Jupyter's origin as a page would be a script in the person's session.
        self.set_header("Content-Disposition", as_attachment(response.headers.get("content-disposition")))
        self.set_header("Content-Security-Policy", "sandbox; default-src 'none'")
        length = response.headers.get("content-length")
        if length is not None:
            self.set_header("Content-Length", length)
        content_type = response.headers.get("content-type", "application/octet-stream")
        if self.request.method == "HEAD" or response.status_code in {204, 304}:
            self._begun = True
            await web.RequestHandler.finish(self)
            return
        async for chunk in self.services.forwarder.chunks(self._server, response):
            self._begun = True
            self.write(chunk)
            await self.flush()
        self.finish(set_content_type=content_type)

    def _check_login(self, status: int) -> None:
        """A 401 of the tracking server must not look like one of Jupyter."""
        if status == 401:
            raise Problem(
                "upstream-unauthenticated",
                f"{self._server.uri} asks for a login, or refuses the one that it was given.",
                "Give a login for this tracking server, or ask its administrator.",
                status=401,
            )

    def _copy_headers(self, headers: httpx.Headers, names: tuple[str, ...]) -> None:
        for name in names:
            if name in headers and can_be_sent(headers[name]):
                self.set_header(name, headers[name])

    def _break_off(self) -> None:
        stream = getattr(self.request.connection, "stream", None)
        with contextlib.suppress(Exception):
            if stream is not None:
                stream.close()
            self._finished = True


def _not_allowed(method: str) -> Problem:
    return Problem(
        "not-allowed",
        f"This {method} request is not one that may pass to a tracking server.",
        "Use MLflow's own page or its Python client for this.",
        status=403,
    )
