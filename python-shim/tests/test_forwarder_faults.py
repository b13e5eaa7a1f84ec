"""What a person gets when the tracking server, or the way to it, fails."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import struct
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from jupyter_under_test import TOKEN, Jupyter
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


def test_a_silent_server_is_given_up(start_jupyter: Callable[..., Jupyter], upstream: Upstream) -> None:
    async def silent(exchange: Exchange) -> None:
        await exchange.reader.read()

    upstream.script = silent
    jupyter = start_jupyter(
        config="c.JupyterMlflow.request_timeout = 0.5\nc.JupyterMlflow.transfer_timeout = 0.5\n"
    )
    id = jupyter.add(upstream.url)
    answer = jupyter.search_experiments(id)
    assert answer.status_code == 504
    assert problem(answer)["code"] == "upstream-timeout"
    assert "0.5 seconds" in problem(answer)["message"]
    assert jupyter.client.get(jupyter.path(id, FILE)).status_code == 504
    assert jupyter.client.put(jupyter.path(id, FILE), content=b"x").status_code == 504
    # Whoever was given up is also let go.
    wait_until(lambda: upstream.state.open == 0, "the connections are closed")


def test_a_dripping_answer_is_given_up(start_jupyter: Callable[..., Jupyter], upstream: Upstream) -> None:
    async def drip(exchange: Exchange) -> None:
        await exchange.send(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
        )
        while True:
            await exchange.send(b" ")
            await asyncio.sleep(0.05)

    upstream.script = drip
    jupyter = start_jupyter(config="c.JupyterMlflow.request_timeout = 0.5\n")
    answer = jupyter.search_experiments(jupyter.add(upstream.url))
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


def test_an_html_page_from_upstream_is_inert(jupyter: Jupyter, upstream: Upstream) -> None:
    async def page(exchange: Exchange) -> None:
        await exchange.answer(
            b"<script>alert(1)</script>",
            "500 Internal Server Error",
            "text/html",
            Set_Cookie="stolen=1",
            WWW_Authenticate="Basic",
            Access_Control_Allow_Origin="*",
        )

    upstream.script = page
    id = jupyter.add(upstream.url)
    for answer in (jupyter.search_experiments(id), jupyter.client.get(jupyter.path(id, FILE))):
        assert answer.status_code == 500
        assert answer.headers["Content-Disposition"] == "attachment"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert "stolen" not in answer.headers.get("Set-Cookie", "")
        assert "WWW-Authenticate" not in answer.headers
        assert answer.headers.get("Access-Control-Allow-Origin", "") != "*"


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


def test_what_stays_with_jupyter(jupyter: Jupyter, upstream: Upstream) -> None:
    id = jupyter.add(upstream.url, auth={"kind": "token", "token": "of-mlflow"})
    answer = jupyter.search_experiments(
        id,
        headers={
            "Cookie": "_xsrf=1; session=2",
            "Origin": jupyter.origin,
            "Referer": jupyter.url + "lab",
            "X-XSRFToken": "1",
            "X-Forwarded-For": "10.0.0.1",
            "Connection": "keep-alive, X-Hop",
            "X-Hop": "1",
            "X-MLFLOW-WORKSPACE": "others",
            "Proxy-Authorization": "Basic eDp5",
        },
    )
    assert answer.status_code == 200
    sent = {key.lower(): value for key, value in upstream.exchanges[0].headers}
    assert set(sent) <= {
        "host", "accept", "accept-encoding", "authorization", "connection", "content-length", "content-type",
        "user-agent",
    }  # fmt: skip
    assert sent["host"] == f"127.0.0.1:{upstream.port}"
    assert sent["authorization"] == "Bearer of-mlflow"
    assert sent["accept-encoding"] == "identity"
    assert TOKEN not in json.dumps(sent)


def test_query_and_body_pass_unchanged(jupyter: Jupyter, upstream: Upstream) -> None:
    id = jupyter.add(upstream.url + "/pre%20fix/")
    odd = "run_id=a&run_id=b&metric_key=%2525%C3%BC%3D%26&x=%3D+"
    jupyter.client.get(jupyter.path(id, "ajax-api/2.0/mlflow/metrics/get-history-bulk") + "?" + odd)
    assert upstream.exchanges[0].target == f"/pre%20fix/ajax-api/2.0/mlflow/metrics/get-history-bulk?{odd}"
    body = '{"name": "\U0001f600 <script>", "n": 12345678901234567890}'.encode()
    jupyter.client.post(jupyter.path(id, CREATE), content=body, headers={"Content-Type": "application/json"})
    assert upstream.exchanges[1].body == body
    name = "ajax-api/2.0/mlflow-artifacts/artifacts/a%20b/%C3%BC%23%3F.txt"
    jupyter.client.put(jupyter.path(id, name), content=b"")
    assert upstream.exchanges[2].target == "/pre%20fix/" + name


@pytest.mark.parametrize(
    "path",
    [
        "ajax-api/2.0/mlflow-artifacts/artifacts/%2e%2e/%2e%2e/secret",
        "ajax-api/2.0/mlflow-artifacts/artifacts/a%2f..%2fb",
        "ajax-api/2.0/mlflow-artifacts/artifacts/%252e%252e/x",
        "ajax-api/2.0/mlflow-artifacts/artifacts/..%5cx",
        "ajax-api/2.0/mlflow-artifacts/artifacts//etc/passwd",
        "get-artifact?run_id=a&path=../../etc/passwd",
        "get-artifact?run_id=a&path=%2e%2e%2fx",
        "ajax-api/2.0/mlflow/webhooks",
        "graphql",
        "ajax-api/2.0/mlflow/users/create",
        "",
    ],
)
def test_what_is_not_on_the_list_does_not_pass(jupyter: Jupyter, upstream: Upstream, path: str) -> None:
    id = jupyter.add(upstream.url)
    # As raw bytes: clients tidy addresses before they send them.
    with socket.create_connection(("127.0.0.1", int(jupyter.origin.rsplit(":", 1)[1]))) as raw:
        target = f"/jupyter-mlflow/servers/{id}/mlflow/{path}"
        raw.sendall(
            f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: token {TOKEN}\r\n\r\n".encode()
        )
        head = raw.recv(65536).decode()
    assert head.startswith("HTTP/1.1 403 ")
    assert "X-Jupyter-Mlflow-Error: not-allowed" in head
    assert upstream.exchanges == []


def test_answers_are_compressed_for_browsers_that_want_it(jupyter: Jupyter, upstream: Upstream) -> None:
    content = json.dumps(
        {"experiments": [{"name": f"experiment {n}"} for n in range(5000)]}, indent=2
    ).encode()

    async def long(exchange: Exchange) -> None:
        await exchange.answer(content)

    upstream.script = long
    id = jupyter.add(upstream.url)
    with jupyter.client.stream(
        "POST", jupyter.path(id, SEARCH), json={}, headers={"Accept-Encoding": "gzip, br"}
    ) as answer:
        packed = b"".join(answer.iter_raw())
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert len(packed) < len(content) / 4
    assert gzip.decompress(packed) == content
    for refused in ("identity", "gzip;q=0"):
        plain = jupyter.client.post(jupyter.path(id, SEARCH), json={}, headers={"Accept-Encoding": refused})
        assert "Content-Encoding" not in plain.headers
        assert plain.content == content


def test_equal_questions_at_the_same_time_are_one(jupyter: Jupyter, upstream: Upstream) -> None:
    gate = upstream.event()

    async def wait(exchange: Exchange) -> None:
        await gate.wait()
        await exchange.answer(b'{"experiments": [{"name": "one"}]}')

    upstream.script = wait
    id = jupyter.add(upstream.url)

    async def ask_all() -> list[httpx.Response]:
        async with httpx.AsyncClient(headers={"Authorization": f"token {TOKEN}"}, trust_env=False) as browser:

            async def ask(body: dict[str, int]) -> httpx.Response:
                return await browser.post(jupyter.api + jupyter.path(id, SEARCH), json=body, timeout=30)

            equal = [asyncio.ensure_future(ask({"max_results": 1})) for _ in range(20)]
            other = asyncio.ensure_future(ask({"max_results": 2}))
            await asyncio.to_thread(wait_until, lambda: len(upstream.exchanges) >= 2, "both questions arrive")
            # One of those who wait leaves: the others still get their answer.
            equal.pop(0).cancel()
            upstream.set(gate)
            return [*await asyncio.gather(*equal), await other]

    answers = asyncio.run(ask_all())
    assert {answer.status_code for answer in answers} == {200}
    assert len(upstream.exchanges) == 2
    assert jupyter.search_experiments(id).status_code == 200
    assert len(upstream.exchanges) == 3, "an answer is not kept"


def test_who_has_changed_something_gets_a_fresh_answer(jupyter: Jupyter, upstream: Upstream) -> None:
    gate = upstream.event()
    names = ["old"]

    async def serve(exchange: Exchange) -> None:
        found = json.dumps({"experiments": [{"name": name} for name in names]}).encode()
        if exchange.path.endswith("create"):
            names.append("new")
        elif len(names) == 1:
            await gate.wait()
        await exchange.answer(found)

    upstream.script = serve
    id = jupyter.add(upstream.url)

    async def ask() -> tuple[httpx.Response, httpx.Response]:
        async with httpx.AsyncClient(headers={"Authorization": f"token {TOKEN}"}, trust_env=False) as browser:
            search, create = (jupyter.api + jupyter.path(id, path) for path in (SEARCH, CREATE))
            early = asyncio.ensure_future(browser.post(search, json={}, timeout=30))
            await asyncio.to_thread(wait_until, lambda: len(upstream.exchanges) == 1, "the question arrives")
            assert (await browser.post(create, json={"name": "new"})).status_code == 200
            late = await browser.post(search, json={}, timeout=30)
            upstream.set(gate)
            return await early, late

    early, late = asyncio.run(ask())
    assert [each["name"] for each in early.json()["experiments"]] == ["old"]
    assert [each["name"] for each in late.json()["experiments"]] == ["old", "new"]


def test_jupyters_token_in_an_address_stays_with_jupyter(jupyter: Jupyter, upstream: Upstream) -> None:
    id = jupyter.add(upstream.url)
    path = jupyter.api + jupyter.path(id, FILE)
    query = f"a=1&token={TOKEN}&page_token=p&%74oken={TOKEN}&_xsrf=x&no_track_activity=1&b=%26"
    assert httpx.get(f"{path}?{query}", trust_env=False).status_code == 200
    assert upstream.exchanges[0].target == f"/{FILE}?a=1&page_token=p&b=%26"


def test_file_names_of_any_alphabet(jupyter: Jupyter, upstream: Upstream) -> None:
    async def file(exchange: Exchange) -> None:
        await exchange.send(
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n"
            'Content-Disposition: inline; filename="\u6a21\u578b.bin"\r\n\r\nx'.encode()
        )

    upstream.script = file
    answer = jupyter.client.get(jupyter.path(jupyter.add(upstream.url), FILE))
    assert answer.content == b"x"
    assert answer.headers["Content-Disposition"] == "attachment"


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
