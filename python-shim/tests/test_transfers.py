"""Files pass both ways in pieces: flat memory, back-pressure, ranges, and nothing a browser would run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import repeat

import httpx
import pytest
from jupyter_under_test import TOKEN, Jupyter
from processes_under_test import wait_until
from upstream import Exchange, Upstream

from servers import NEWEST, OLDEST

PIECE = hashlib.sha512(b"piece").digest() * 16384  # 1 MiB that is not zeros
#: MiB: more than Jupyter's own limit for a body would be one request too slow for each test run
SIZE = 256
ARTIFACTS = "ajax-api/2.0/mlflow-artifacts/artifacts/"
#: Bytes that a transfer may add to the Jupyter server
GROWTH = 64 * 2**20


def pieces() -> Iterator[bytes]:
    """SIZE MiB."""
    return repeat(PIECE, SIZE)


async def swallow(exchange: Exchange) -> None:
    """Reads the whole body; raises when it breaks off."""
    left = int(exchange.header("Content-Length") or 0)
    while left:
        piece = await exchange.reader.read(2**20)
        if not piece:
            raise ConnectionResetError
        left -= len(piece)


@pytest.mark.parametrize("version", [NEWEST, OLDEST])
def test_a_large_file_passes_both_ways_with_flat_memory(
    jupyter: Jupyter, plain_servers, version: str
) -> None:
    server = plain_servers(version)
    id = jupyter.add(server.url)
    path = jupyter.path(id, f"{ARTIFACTS}large/model.bin")
    jupyter.search_experiments(id)
    before, most = jupyter.memory(), 0

    def watched() -> Iterator[bytes]:
        nonlocal most
        for piece in pieces():
            most = max(most, jupyter.memory())
            yield piece

    length = {"Content-Length": str(SIZE * 2**20)}
    answer = jupyter.client.put(path, content=watched(), headers=length, timeout=300)
    assert answer.status_code == 200, answer.text
    assert most - before < GROWTH
    stored = next(server.folder.rglob("model.bin"))
    assert stored.stat().st_size == SIZE * 2**20

    expected, found, size = hashlib.md5(), hashlib.md5(), 0
    for piece in pieces():
        expected.update(piece)
    with jupyter.client.stream("GET", path, timeout=300) as answer:
        assert answer.status_code == 200
        for chunk in answer.iter_raw():
            found.update(chunk)
            size += len(chunk)
            most = max(most, jupyter.memory()) if size % 2**24 < len(chunk) else most
    assert size == SIZE * 2**20
    assert found.digest() == expected.digest()
    assert most - before < GROWTH


def test_jupyters_limit_for_bodies_does_not_hold_for_files(jupyter: Jupyter, upstream: Upstream) -> None:
    async def take(exchange: Exchange) -> None:
        await swallow(exchange)
        await exchange.answer(b"{}")

    upstream.script, upstream.reads_body = take, False
    path = jupyter.path(jupyter.add(upstream.url), f"{ARTIFACTS}larger")
    size = 600 * 2**20
    answer = jupyter.client.put(
        path, content=repeat(PIECE, 600), headers={"Content-Length": str(size)}, timeout=300
    )
    assert answer.status_code == 200, answer.text
    assert upstream.exchanges[0].header("Content-Length") == str(size)


def test_a_slow_server_slows_the_upload_down(jupyter: Jupyter, upstream: Upstream) -> None:
    gate = upstream.event()
    sent = 0

    async def wait(exchange: Exchange) -> None:
        await gate.wait()
        await swallow(exchange)
        await exchange.answer(b"{}")

    def counted() -> Iterator[bytes]:
        nonlocal sent
        for piece in pieces():
            sent += 1
            # It stands still long before everything is sent: only then is the server let go.
            if sent == SIZE // 2:
                pytest.fail("half of the file was taken by a server that reads nothing")
            yield piece
            if sent == 40 and not upstream.exchanges:
                wait_until(lambda: bool(upstream.exchanges), "the upload arrives")

    upstream.script, upstream.reads_body = wait, False
    path = jupyter.path(jupyter.add(upstream.url), f"{ARTIFACTS}slow")
    length = {"Content-Length": str(SIZE * 2**20)}
    before = jupyter.memory()
    with pytest.raises(httpx.WriteTimeout):
        jupyter.client.put(path, content=counted(), headers=length, timeout=httpx.Timeout(30, write=1))
    assert jupyter.memory() - before < GROWTH
    upstream.set(gate)
    # Half an upload is no upload: the server sees it break off.
    wait_until(lambda: upstream.state.open == 0, "the upload breaks off")


def test_a_slow_browser_slows_the_download_down(jupyter: Jupyter, upstream: Upstream) -> None:
    written = 0

    async def pour(exchange: Exchange) -> None:
        nonlocal written
        await exchange.send(f"HTTP/1.1 200 OK\r\nContent-Length: {SIZE * 2**20}\r\n\r\n".encode())
        for piece in pieces():
            await exchange.send(piece)
            written += len(piece)

    upstream.script = pour
    path = jupyter.path(jupyter.add(upstream.url), f"{ARTIFACTS}fast")
    before = jupyter.memory()
    with jupyter.client.stream("GET", path) as answer:
        chunks = answer.iter_raw(2**20)
        next(chunks)
        seen: list[int] = []

        def stands_still() -> bool:
            seen.append(written)
            return len(seen) > 25 and seen[-1] == seen[-25]

        wait_until(stands_still, "the server waits for the browser")
        assert written < SIZE * 2**20 / 2
        assert jupyter.memory() - before < GROWTH
        assert sum(len(chunk) for chunk in chunks) == (SIZE - 1) * 2**20


def test_an_upload_without_a_length_passes(jupyter: Jupyter, plain_servers) -> None:
    id = jupyter.add(plain_servers(NEWEST).url)
    path = jupyter.path(id, f"{ARTIFACTS}chunked.txt")
    assert jupyter.client.put(path, content=iter([b"one ", b"two"])).status_code == 200
    assert jupyter.client.get(path).content == b"one two"


@pytest.mark.parametrize("version", [NEWEST, OLDEST])
def test_a_file_is_never_a_page_of_jupyter(jupyter: Jupyter, plain_servers, version: str) -> None:
    id = jupyter.add(plain_servers(version).url)
    path = jupyter.path(id, f"{ARTIFACTS}page/report.html")
    assert jupyter.client.put(path, content=b"<script>alert(1)</script>").status_code == 200
    missing = jupyter.path(id, f"{ARTIFACTS}page/missing.html")
    answers = {
        "whole": jupyter.client.get(path),
        "part": jupyter.client.get(path, headers={"Range": "bytes=1-6"}),
        "missing": jupyter.client.get(missing),
        "by run": jupyter.client.get(jupyter.path(id, "get-artifact", run_id="0" * 32, path="report.html")),
    }
    assert answers["whole"].content == b"<script>alert(1)</script>"
    assert answers["missing"].status_code >= 400
    assert answers["by run"].status_code >= 400
    for what, answer in answers.items():
        assert answer.headers["Content-Disposition"].startswith("attachment"), what
        assert answer.headers["X-Content-Type-Options"] == "nosniff", what
        assert "sandbox" in answer.headers["Content-Security-Policy"], what
    if answers["part"].status_code == 206:
        assert answers["part"].content == b"script"
        assert answers["part"].headers["Content-Range"] == "bytes 1-6/25"


def test_a_part_of_a_file(jupyter: Jupyter, upstream: Upstream) -> None:
    async def part(exchange: Exchange) -> None:
        assert exchange.header("Range") == "bytes=5-9"
        await exchange.answer(
            b"56789", "206 Partial Content", "text/html", Content_Range="bytes 5-9/10", ETag='"e"',
            Content_Disposition='inline; filename="a.html"',
        )  # fmt: skip

    upstream.script = part
    path = jupyter.path(jupyter.add(upstream.url), f"{ARTIFACTS}a.html")
    answer = jupyter.client.get(path, headers={"Range": "bytes=5-9"})
    assert answer.status_code == 206
    assert answer.content == b"56789"
    assert answer.headers["Content-Range"] == "bytes 5-9/10"
    assert answer.headers["ETag"] == '"e"'
    assert answer.headers["Content-Disposition"] == 'attachment; filename="a.html"'
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_an_upload_that_is_refused_early_says_why(jupyter: Jupyter, upstream: Upstream) -> None:
    async def refuse(exchange: Exchange) -> None:
        await exchange.answer(b'{"error_code": "PERMISSION_DENIED"}', "403 Forbidden")
        exchange.writer.close()

    upstream.script, upstream.reads_body = refuse, False
    path = jupyter.path(jupyter.add(upstream.url), f"{ARTIFACTS}no")
    length = {"Content-Length": str(SIZE * 2**20)}
    answer = jupyter.client.put(path, content=pieces(), headers=length, timeout=60)
    assert answer.status_code in {403, 502}
    assert answer.json()


def test_a_stranger_cannot_send_a_large_file(jupyter: Jupyter, upstream: Upstream) -> None:
    path = jupyter.api + jupyter.path(jupyter.add(upstream.url), f"{ARTIFACTS}no")
    # Another test may have sent it on purpose, in a form that Jupyter does not take for one.
    logged = len(jupyter.log)
    sent = 0

    def counted() -> Iterator[bytes]:
        nonlocal sent
        for piece in pieces():
            sent += 1
            yield piece

    try:
        answer = httpx.put(path, content=counted(), headers={"Content-Length": str(SIZE * 2**20)}, timeout=60)
        assert answer.status_code == 403
    except httpx.WriteError:
        pass  # the connection was closed while the file was being sent
    assert sent < SIZE
    assert upstream.exchanges == []
    assert TOKEN not in jupyter.log[logged:]
