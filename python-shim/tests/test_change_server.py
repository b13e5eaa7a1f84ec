"""Changing a server that was added: its name, its login, its CA; everything or nothing."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable

from jupyter_under_test import Jupyter
from upstream import Upstream


def test_another_login_is_used_and_never_told(jupyter: Jupyter, upstream: Upstream) -> None:
    answer = jupyter.client.post(
        "servers",
        json={"uri": upstream.url, "auth": {"kind": "basic", "username": "ann", "password": "old-secret"}},
    )
    server = answer.json()
    changed = jupyter.client.patch(
        f"servers/{server['id']}",
        json={"name": "ours", "auth": {"kind": "basic", "username": "ann", "password": "new-secret"}},
    )
    assert changed.status_code == 200
    assert "secret" not in changed.text
    assert changed.json() == {**server, "name": "ours"}
    jupyter.search_experiments(server["id"])
    assert upstream.exchanges[-1].header("Authorization") == "Basic " + b64encode(b"ann:new-secret").decode()

    assert jupyter.client.patch(f"servers/{server['id']}", json={"auth": None}).status_code == 200
    jupyter.search_experiments(server["id"])
    assert upstream.exchanges[-1].header("Authorization") is None


def test_what_is_refused_changes_nothing(jupyter: Jupyter, upstream: Upstream) -> None:
    id = jupyter.add(upstream.url)
    before = jupyter.client.get("servers").json()["servers"]
    for body, code in (
        ({"name": "x", "ca": "/nowhere/ca.pem"}, "ca-missing"),
        ({"name": "x", "auth": {"kind": "basic", "username": ""}}, "invalid-auth"),
        ({"name": 7}, "invalid-server"),
    ):
        answer = jupyter.client.patch(f"servers/{id}", json=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    assert jupyter.client.get("servers").json()["servers"] == before


def test_only_what_was_added_can_be_changed(
    start_jupyter: Callable[..., Jupyter], upstream: Upstream
) -> None:
    jupyter = start_jupyter(config=f"c.JupyterMlflow.servers = [{{'uri': {upstream.url!r}}}]\n")
    (server,) = jupyter.client.get("servers").json()["servers"]
    answer = jupyter.client.patch(f"servers/{server['id']}", json={"name": "x"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not-removable")
