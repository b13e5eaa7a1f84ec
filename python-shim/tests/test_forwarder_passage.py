"""What passes between browser and tracking server, how often, and what stays with Jupyter."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket

import httpx
import pytest
from jupyter_under_test import TOKEN, Jupyter
from processes_under_test import wait_until
from upstream import Exchange, Upstream

SEARCH = "ajax-api/2.0/mlflow/experiments/search"
CREATE = "ajax-api/2.0/mlflow/experiments/create"
FILE = "ajax-api/2.0/mlflow-artifacts/artifacts/a/b.bin"


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
        async with httpx.AsyncClient(
            headers={"Authorization": f"token {TOKEN}"}, trust_env=False, timeout=60
        ) as browser:

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
        async with httpx.AsyncClient(
            headers={"Authorization": f"token {TOKEN}"}, trust_env=False, timeout=60
        ) as browser:
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
    assert httpx.get(f"{path}?{query}", trust_env=False, timeout=60).status_code == 200
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
