"""What a person gets when the tracking server, or the way to it, fails."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from jupyter_under_test import Jupyter
from processes_under_test import free_port, wait_until
from upstream import Exchange, Upstream

SEARCH = "ajax-api/2.0/mlflow/experiments/search"
CREATE = "ajax-api/2.0/mlflow/experiments/create"
FILE = "ajax-api/2.0/mlflow-artifacts/artifacts/a/b.bin"


def problem(answer: httpx.Response) -> dict[str, Any]:
    """The error of an answer that must be one of ours."""
    found: dict[str, Any] = answer.json()["error"]
    assert answer.headers["X-Jupyter-Mlflow-Error"] == found["code"]
    assert found["message"].endswith(".")
    assert found["hint"].endswith(".")
    assert "Traceback" not in answer.text
    return found


def test_nobody_answers(jupyter: Jupyter) -> None:
    id = jupyter.add(f"http://127.0.0.1:{free_port()}")
    answer = jupyter.search_experiments(id)
    assert answer.status_code == 502
    assert problem(answer)["code"] == "upstream-unreachable"
    assert "nothing answers there" in problem(answer)["message"]
    health = jupyter.health(id)
    assert health["state"] == "failed"
    assert health["problem"]["code"] == "upstream-unreachable"


def test_no_machine_has_this_name(jupyter: Jupyter) -> None:
    id = jupyter.add("http://no-such-machine.invalid:5000")
    answer = jupyter.search_experiments(id)
    assert problem(answer)["code"] == "upstream-unreachable"
    assert "no machine has this name" in problem(answer)["message"]


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    """A Jupyter server that waits for half a second."""
    running = Jupyter(
        tmp_path_factory.mktemp("hasty"),
        config="c.JupyterMlflow.request_timeout = 0.5\nc.JupyterMlflow.transfer_timeout = 0.5\n",
    )
    yield running
    running.stop()


def test_a_silent_server_is_given_up(hasty: Jupyter, upstream: Upstream) -> None:
    async def silent(exchange: Exchange) -> None:
        await exchange.reader.read()

    upstream.script = silent
    jupyter = hasty
    id = jupyter.add(upstream.url)
    answer = jupyter.search_experiments(id)
    assert answer.status_code == 504
    assert problem(answer)["code"] == "upstream-timeout"
    assert "0.5 seconds" in problem(answer)["message"]
    assert jupyter.client.get(jupyter.path(id, FILE)).status_code == 504
    assert jupyter.client.put(jupyter.path(id, FILE), content=b"x").status_code == 504
    # Whoever was given up is also let go.
    wait_until(lambda: upstream.state.open == 0, "the connections are closed")


def test_a_dripping_answer_is_given_up(hasty: Jupyter, upstream: Upstream) -> None:
    async def drip(exchange: Exchange) -> None:
        await exchange.send(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
        )
        while True:
            await exchange.send(b" ")
            await asyncio.sleep(0.05)

    upstream.script = drip
    answer = hasty.search_experiments(hasty.add(upstream.url))
    assert answer.status_code == 504


@pytest.mark.parametrize(
    "half", [b"HTTP/1.1 200 OK\r\nContent-Le", b'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"a']
)
def test_half_an_answer_is_no_answer(jupyter: Jupyter, upstream: Upstream, half: bytes) -> None:
    async def break_off(exchange: Exchange) -> None:
        await exchange.send(half)
        exchange.writer.close()

    upstream.script = break_off
    id = jupyter.add(upstream.url)
    answer = jupyter.search_experiments(id)
    assert answer.status_code == 502
    assert problem(answer)["code"] == "upstream-broken"
    assert len(upstream.exchanges) == 2, "a question is asked twice"
    answer = jupyter.client.post(jupyter.path(id, CREATE), json={"name": "x"})
    assert problem(answer)["code"] == "upstream-broken"
    assert len(upstream.exchanges) == 3, "a change is asked for once"


def test_half_a_file_reaches_the_browser_as_broken(jupyter: Jupyter, upstream: Upstream) -> None:
    async def break_off(exchange: Exchange) -> None:
        await exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + b"x" * 100_000)
        exchange.writer.close()

    upstream.script = break_off
    id = jupyter.add(upstream.url)
    with pytest.raises(httpx.RemoteProtocolError):
        jupyter.client.get(jupyter.path(id, FILE))


def test_half_a_chunked_file_reaches_the_browser_as_broken(jupyter: Jupyter, upstream: Upstream) -> None:
    async def break_off(exchange: Exchange) -> None:
        await exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        exchange.writer.close()

    upstream.script = break_off
    id = jupyter.add(upstream.url)
    with pytest.raises(httpx.RemoteProtocolError):
        jupyter.client.get(jupyter.path(id, FILE))


def test_a_closed_keep_alive_connection_is_replaced(jupyter: Jupyter, upstream: Upstream) -> None:
    async def once(exchange: Exchange) -> None:
        """Answers each connection once, and resets it at the second request, as by a restart."""
        first = sum(each.connection == exchange.connection for each in upstream.state.exchanges) == 1
        if first:
            await exchange.answer(b'{"experiments": []}')
        else:
            handle = exchange.writer.get_extra_info("socket")
            handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            exchange.writer.close()

    upstream.script = once
    id = jupyter.add(upstream.url)
    for _ in range(4):
        assert jupyter.search_experiments(id).status_code == 200
    changes = [jupyter.client.post(jupyter.path(id, CREATE), json={}).status_code for _ in range(2)]
    # What is not safe is never sent twice: it may fail, and then says so.
    assert set(changes) <= {200, 502}
    assert sum(each.path.endswith("create") for each in upstream.exchanges) == 2


def test_a_large_answer_is_refused_before_it_fills_the_memory(jupyter: Jupyter, upstream: Upstream) -> None:
    piece = b" " * 2**20

    async def large(exchange: Exchange) -> None:
        length = b"Content-Length: 209715200\r\n" if exchange.path.endswith("search") else b""
        await exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + length + b"\r\n")
        for _ in range(200):
            await exchange.send(piece)
        exchange.writer.close()

    upstream.script = large
    id = jupyter.add(upstream.url)
    before = jupyter.memory()
    answer = jupyter.search_experiments(id)
    assert answer.status_code == 502
    assert problem(answer)["code"] == "answer-too-large"
    assert "64 MiB" in problem(answer)["message"]
    assert jupyter.memory() - before < 32 * 2**20
    # Without a length it is noticed on the way.
    answer = jupyter.client.get(jupyter.path(id, "ajax-api/2.0/mlflow/runs/get", run_id="a"))
    assert problem(answer)["code"] == "answer-too-large"
    assert jupyter.memory() - before < 160 * 2**20


def test_a_redirect_is_not_followed(jupyter: Jupyter, upstream: Upstream) -> None:
    async def redirect(exchange: Exchange) -> None:
        await exchange.answer(
            b"", "302 Found", Location=f"http://user:secret-word@localhost:{upstream.port}/login?a=b"
        )

    upstream.script = redirect
    id = jupyter.add(upstream.url)
    for answer in (jupyter.search_experiments(id), jupyter.client.get(jupyter.path(id, FILE))):
        assert answer.status_code == 502
        assert problem(answer)["code"] == "redirect-refused"
        assert f"http://localhost:{upstream.port}" in problem(answer)["message"]
        assert "secret-word" not in answer.text
        assert "location" not in answer.headers
    assert {each.path for each in upstream.exchanges} == {f"/{SEARCH}", f"/{FILE}"}
    assert jupyter.health(id)["problem"]["code"] == "redirect-refused"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"<!doctype html><title>Welcome</title>", "text/html"),
        (b'{"status": "ok"}', "application/json"),
        (b'["experiments"]', "application/json"),
        (b"{}", "application/json"),
        (b'{"experiments": []', "application/json"),
    ],
)
def test_what_is_not_mlflow_is_named(jupyter: Jupyter, upstream: Upstream, content: bytes, kind: str) -> None:
    async def other(exchange: Exchange) -> None:
        await exchange.answer(content, kind=kind)

    upstream.script = other
    health = jupyter.health(jupyter.add(upstream.url))
    assert health["state"] == "failed"
    assert health["problem"]["code"] == "not-mlflow"


def test_a_refused_login_is_not_jupyters(jupyter: Jupyter, upstream: Upstream) -> None:
    async def refuse(exchange: Exchange) -> None:
        await exchange.answer(
            b"no", "401 Unauthorized", "text/plain", WWW_Authenticate='Basic realm="mlflow"'
        )

    upstream.script = refuse
    id = jupyter.add(upstream.url)
    for answer in (
        jupyter.search_experiments(id),
        jupyter.client.get(jupyter.path(id, FILE)),
        jupyter.client.put(jupyter.path(id, FILE), content=b"x"),
    ):
        assert answer.status_code == 401
        assert problem(answer)["code"] == "upstream-unauthenticated"
        assert "WWW-Authenticate" not in answer.headers
    assert jupyter.health(id)["state"] == "signed-out"


def test_a_fail_closed_server_is_told_from_a_wrong_login(jupyter: Jupyter, upstream: Upstream) -> None:
    async def forbid(exchange: Exchange) -> None:
        await exchange.answer(b"Permission denied", "403 Forbidden", "text/plain")

    upstream.script = forbid
    id = jupyter.add(upstream.url)
    answer = jupyter.search_experiments(id)
    assert answer.status_code == 403
    assert "X-Jupyter-Mlflow-Error" not in answer.headers
    assert jupyter.health(id)["problem"]["code"] == "upstream-forbidden"


def test_a_database_that_is_away_is_told_from_a_server_that_is(jupyter: Jupyter, upstream: Upstream) -> None:
    async def ill(exchange: Exchange) -> None:
        if exchange.path == "/health":
            await exchange.answer(b"OK", kind="text/plain")
        elif exchange.path == "/version":
            await exchange.answer(b"denied", "403 Forbidden", "text/plain")
        else:
            await exchange.answer(b'{"error_code": "TEMPORARILY_UNAVAILABLE"}', "503 Service Unavailable")

    upstream.script = ill
    health = jupyter.health(jupyter.add(upstream.url))
    assert health["problem"]["code"] == "upstream-error"
    assert "503" in health["problem"]["message"]


def test_who_leaves_cancels_the_question(jupyter: Jupyter, upstream: Upstream) -> None:
    async def silent(exchange: Exchange) -> None:
        await exchange.reader.read()

    upstream.script = silent
    id = jupyter.add(upstream.url)
    for path in (SEARCH, FILE):
        with pytest.raises(httpx.ReadTimeout):
            jupyter.client.request(
                "POST" if path == SEARCH else "GET",
                jupyter.path(id, path),
                timeout=httpx.Timeout(5, read=0.3),
            )
        wait_until(lambda: upstream.state.open == 0, "the question is cancelled")
