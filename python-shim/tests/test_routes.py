"""Who may call the routes, and what a call counts as."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from jupyter_mlflow.server.extension import JupyterMlflow
from jupyter_mlflow.server.forwarding.allowlist import Kind, find_rule
from jupyter_mlflow.server.recorder.options import RecorderOptions
from jupyter_under_test import TOKEN, Jupyter
from upstream import Upstream

#: of the form that ids of jobs have; no server has it
ID = "0123456789abcdef"
SEARCH = "ajax-api/2.0/mlflow/experiments/search"


def routes() -> list[tuple[str, str]]:
    """(method, path) of everything that the extension registers, ids filled in."""
    app = JupyterMlflow()
    app.initialize_handlers()
    found = []
    for pattern, handler, *_ in app.handlers:
        path = pattern.removeprefix("/jupyter-mlflow/").replace("(.*)", SEARCH)
        path = re.sub(r"\([^)]*\)", ID, path)
        for method in ("get", "head", "post", "put", "patch", "delete"):
            own = getattr(handler, method)
            if own.__qualname__.startswith(("RequestHandler.", "JupyterHandler.", "APIHandler.")):
                continue
            found.append((method.upper(), path))
    return found


def test_all_routes_of_the_contract_are_there() -> None:
    assert {
        ("GET", "status"),
        ("GET", "servers"),
        ("POST", "servers"),
        ("DELETE", f"servers/{ID}"),
        ("POST", f"servers/{ID}/start"),
        ("POST", f"servers/{ID}/stop"),
        ("GET", f"servers/{ID}/health"),
        *((method, f"servers/{ID}/mlflow/{SEARCH}") for method in ("GET", "POST", "PUT", "PATCH", "DELETE")),
    } <= set(routes())


@pytest.mark.parametrize(("method", "path"), routes())
def test_a_stranger_is_refused(jupyter: Jupyter, method: str, path: str) -> None:
    answer = httpx.request(method, jupyter.api + path, json={} if method != "GET" else None, timeout=60)
    assert answer.status_code == 403
    assert "root_dir" not in answer.text


@pytest.mark.parametrize(("method", "path"), [each for each in routes() if each[0] not in {"GET", "HEAD"}])
def test_a_browser_without_the_xsrf_token_is_refused(jupyter: Jupyter, method: str, path: str) -> None:
    with httpx.Client(timeout=60) as browser:
        sign_in(browser, jupyter)
        answer = browser.request(method, jupyter.api + path, content=b"{}")
        assert answer.status_code == 403
        assert "XSRF" in answer.text or "_xsrf" in answer.text
        # With it, the same request is judged on its merits.
        token = browser.cookies["_xsrf"]
        answer = browser.request(method, jupyter.api + path, content=b"{}", headers={"X-XSRFToken": token})
        assert "_xsrf" not in answer.text


def sign_in(browser: httpx.Client, jupyter: Jupyter) -> None:
    """Gives `browser` the cookies of somebody who is signed in."""
    browser.get(jupyter.url + "login", params={"token": TOKEN}, follow_redirects=True)
    assert browser.get(jupyter.url + "api/status").status_code == 200
    assert "_xsrf" in browser.cookies


def last_activity(jupyter: Jupyter) -> str:
    answer = jupyter.client.get(jupyter.url + "api/status")
    found: str = answer.json()["last_activity"]
    return found


def test_asking_is_no_activity_and_changing_is(jupyter: Jupyter, upstream: Upstream) -> None:
    id = jupyter.add(upstream.url)
    before = last_activity(jupyter)
    assert jupyter.client.get("status").status_code == 200
    assert jupyter.client.get("servers?discover=1").status_code == 200
    assert jupyter.health(id)["state"] == "connected"
    assert jupyter.search_experiments(id).status_code == 200
    runs = jupyter.path(id, "ajax-api/2.0/mlflow/runs/search")
    assert jupyter.client.post(runs, json={}).status_code == 200
    assert jupyter.client.get(jupyter.path(id, "version")).status_code == 200
    assert last_activity(jupyter) == before
    create = jupyter.path(id, "ajax-api/2.0/mlflow/experiments/create")
    assert jupyter.client.post(create, json={"name": "x"}).status_code == 200
    assert last_activity(jupyter) > before


def test_status_says_what_is_configured(jupyter: Jupyter) -> None:
    found = jupyter.client.get("status").json()
    assert found["features"] == dict.fromkeys(
        ("local_servers", "jobs", "add_servers", "kernels", "recorder"), True
    )
    assert found["polling"] == {"loopback_ms": 800, "remote_ms": 10000}
    assert found["hub"] is None
    assert found["shared_machine"] is False
    assert found["root_dir"] == str(jupyter.root)


@pytest.mark.parametrize("id", ["unknown", "..", "0123456789ab"])
def test_an_unknown_server_is_named_as_such(jupyter: Jupyter, id: str) -> None:
    for method, path in (
        ("GET", "health"),
        ("POST", "start"),
        ("POST", "stop"),
        ("POST", f"mlflow/{SEARCH}"),
    ):
        answer = jupyter.client.request(method, f"{jupyter.api}servers/{id}x/{path}", json={})
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == "unknown-server"
        assert answer.headers["X-Jupyter-Mlflow-Error"] == "unknown-server"


def test_every_kind_of_rule_is_reachable() -> None:
    samples = {
        Kind.READ: ("POST", SEARCH),
        Kind.WRITE: ("POST", "ajax-api/2.0/mlflow/runs/create"),
        Kind.DOWNLOAD: ("GET", "get-artifact"),
        Kind.UPLOAD: ("PUT", "ajax-api/2.0/mlflow-artifacts/artifacts/a"),
    }
    for kind, (method, path) in samples.items():
        rule = find_rule(method, path)
        assert rule is not None
        assert rule.kind is kind


def test_the_administrators_table_names_every_trait() -> None:
    table = (Path(__file__).resolve().parents[2] / "docs" / "admin.md").read_text()
    own = {*JupyterMlflow.class_own_traits(config=True), *RecorderOptions.class_own_traits(config=True)}
    named = set(re.findall(r"^\| `(\w+)`", table, re.M))
    assert own == named
