"""The first panel: what is found, what is offered, and a local server started from it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jupyter_mlflow.server.forwarding.forwarder import Forwarder, Limits
from jupyter_mlflow.server.local.stores import parse_store
from jupyter_mlflow.server.tracking import discovery
from jupyter_mlflow.server.tracking.discovery import Discovery
from jupyter_mlflow.server.tracking.health import HealthProbe
from jupyter_mlflow.server.tracking.server_file import ServerFile
from jupyter_mlflow.server.tracking.tracking_servers import TrackingServers
from jupyter_under_test import Jupyter
from processes_under_test import free_port, wait_until
from upstream import Exchange, Upstream

from servers import OLDEST, MlflowServer

Look = Callable[..., Any]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Looks around in `tmp_path`; gives (kind, label, version) of what is offered."""
    nobody = f"http://127.0.0.1:{free_port()}"

    async def look(
        *,
        discover: bool = True,
        mlflow: bool = True,
        loopback: str = nobody,
        add: tuple[str, ...] = (),
        **options: Any,
    ) -> list[dict[str, Any]]:
        servers = TrackingServers(
            configured=[],
            file=ServerFile(tmp_path / ".state" / "servers.json"),
            parse_store=lambda uri: parse_store(uri, root_dir=tmp_path),
            environ={},
            **{key: options.pop(key) for key in ("allowed_uris", "allow_adding") if key in options},
        )
        for uri in add:
            servers.add({"uri": uri})
        import logging

        forwarder = Forwarder(limits=Limits(), log=logging.getLogger("test"), environ={})

        async def has_mlflow() -> bool:
            return mlflow

        looking = Discovery(
            root_dir=tmp_path,
            servers=servers,
            health=HealthProbe(forwarder),
            local_servers=options.pop("local_servers", True),
            shared_machine=options.pop("shared_machine", False),
            has_mlflow=has_mlflow,
            loopback_url=loopback,
        )
        try:
            return await looking.suggestions(servers.list(), discover=discover)
        finally:
            await forwarder.close()

    return look


def kinds(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(each["kind"], each["label"]) for each in found]


def file_store(folder: Path) -> None:
    (folder / "0").mkdir(parents=True)
    (folder / "0" / "meta.yaml").write_text("experiment_id: '0'\n")


def database(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(path) as connection:
        connection.execute("create table x (y)")
    connection.close()


async def test_a_newcomer_is_offered_to_start_here(look: Look, tmp_path: Path) -> None:
    found = await look(discover=False)
    assert kinds(found) == [("start-here", "./mlflow.db")]
    assert found[0]["uri"] == f"sqlite:///{tmp_path}/mlflow.db"
    assert found[0]["needs_environment"] is False
    assert (await look(discover=False, mlflow=False))[0]["needs_environment"] is True
    assert not (tmp_path / "mlflow.db").exists()


async def test_stores_in_the_workspace(look: Look, tmp_path: Path) -> None:
    file_store(tmp_path / "mlruns")
    database(tmp_path / "mlflow.db")
    file_store(tmp_path / "project" / "deep" / "mlruns")
    file_store(tmp_path / "a" / "b" / "c" / "mlruns")
    file_store(tmp_path / ".hidden" / "mlruns")
    (tmp_path / "other" / "mlruns" / "1").mkdir(parents=True)
    (tmp_path / "other" / "mlflow.db").write_text("no database")
    assert kinds(await look()) == [
        ("mlflow-db", "./mlflow.db"),
        ("mlruns", "./mlruns"),
        ("mlruns", "./project/deep/mlruns"),
    ]
    assert kinds(await look(discover=False)) == [("mlflow-db", "./mlflow.db")]


async def test_what_is_in_the_list_is_not_offered_again(
    look: Look, tmp_path: Path, upstream: Upstream
) -> None:
    file_store(tmp_path / "mlruns")
    loopback = upstream.url.replace("127.0.0.1", "localhost")
    assert kinds(await look(loopback=upstream.url))[-1] == ("loopback", upstream.url.split("//")[1])
    found = await look(loopback=upstream.url, add=(str(tmp_path / "mlruns"), "sqlite:///mlflow.db", loopback))
    assert found == []


async def test_looking_ends(look: Look, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(30):
        file_store(tmp_path / f"p{number:02}" / "mlruns")
    monkeypatch.setattr(discovery, "MAX_FOLDERS", 11)
    assert len(await look()) == 1 + 10
    monkeypatch.setattr(discovery, "MAX_SECONDS", 0.0)
    assert len(await look()) == 1


async def test_an_mlflow_on_this_machine(
    look: Look, plain_servers: Callable[[str], MlflowServer], upstream: Upstream
) -> None:
    server = plain_servers(OLDEST)
    found = (await look(loopback=server.url))[-1]
    assert (found["kind"], found["version"], found["uri"]) == ("loopback", "2.3.2", server.url)

    async def other(exchange: Exchange) -> None:
        await exchange.answer(b"<html>AirTunes</html>", "403 Forbidden", "text/html")

    upstream.script = other
    assert [each["kind"] for each in await look(loopback=upstream.url)] == ["start-here"]


async def test_a_shared_machine_is_not_looked_at(look: Look, upstream: Upstream) -> None:
    assert kinds(await look(loopback=upstream.url, shared_machine=True, local_servers=False)) == []
    assert kinds(await look(loopback=upstream.url, discover=False)) == [("start-here", "./mlflow.db")]
    assert upstream.state.exchanges == []


async def test_nothing_is_offered_that_may_not_be_added(
    look: Look, tmp_path: Path, upstream: Upstream
) -> None:
    file_store(tmp_path / "mlruns")
    assert await look(loopback=upstream.url, allow_adding=False) == []
    assert await look(loopback=upstream.url, allowed_uris=["https://*"]) == []


def test_start_here_from_the_first_panel_to_the_first_answer(start_jupyter: Callable[..., Jupyter]) -> None:
    jupyter = start_jupyter()
    listed = jupyter.client.get("servers?discover=1").json()
    assert listed["servers"] == []
    assert listed["default"] is None
    here = next(each for each in listed["suggestions"] if each["kind"] == "start-here")
    id = jupyter.add(here["uri"])
    assert id == here["id"]

    def described() -> dict[str, Any]:
        found: dict[str, Any] = jupyter.client.get("servers").json()["servers"][0]
        return found

    assert (described()["kind"], described()["state"]) == ("local", "stopped")
    assert described()["store"]["runs"] == "./mlflow.db"
    assert described()["page"] is None
    assert jupyter.client.get(jupyter.path(id, "version")).json()["error"]["code"] == "server-stopped"
    # Used for the first time, it starts by itself.
    answer = jupyter.search_experiments(id)
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "server-starting"
    assert jupyter.health(id)["state"] == "starting"
    jupyter.process.wait_until(lambda: described()["state"] != "starting", "the local server is up")
    assert described()["state"] == "ready", described()
    assert jupyter.health(id)["state"] == "connected"
    assert jupyter.search_experiments(id).json()["experiments"][0]["name"] == "Default"
    assert described()["page"].startswith("http://127.0.0.1:")
    assert (jupyter.root / "mlflow.db").exists()
    # Stopped by a person, it stays so until the person starts it.
    assert jupyter.client.post(f"servers/{id}/stop").json()["state"] == "stopped"
    assert jupyter.search_experiments(id).json()["error"]["code"] == "server-stopped"
    assert jupyter.client.post(f"servers/{id}/start").json()["state"] == "starting"
    wait_until(lambda: described()["state"] == "ready", "it is up again")
    assert jupyter.client.delete(f"servers/{id}").status_code == 204
    assert (jupyter.root / "mlflow.db").exists(), "runs stay where they are"
    remote = jupyter.add("http://remote.example")
    assert jupyter.client.post(f"servers/{remote}/start").json()["error"]["code"] == "not-local"


def test_a_hub_is_a_shared_machine(start_jupyter: Callable[..., Jupyter]) -> None:
    jupyter = start_jupyter(
        base_url="/user/ada/",
        env={
            "JUPYTERHUB_SERVICE_PREFIX": "/user/ada/",
            "JUPYTERHUB_BASE_URL": "/",
            "JUPYTERHUB_USER": "ada",
            "MLFLOW_TRACKING_URI": "sqlite:///runs.db",
        },
    )
    status = jupyter.client.get("status").json()
    assert status["shared_machine"] is True
    assert status["features"]["local_servers"] is False
    assert status["hub"] == {"user": "ada", "share_prefix": "/hub/user-redirect/"}
    listed = jupyter.client.get("servers?discover=1").json()
    assert listed["suggestions"] == []
    (server,) = listed["servers"]
    assert server["state"] == "failed"
    assert server["problem"]["code"] == "local-servers-off"
    answer = jupyter.client.post(f"servers/{server['id']}/start")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "local-servers-off")


def test_the_administrator_decides(start_jupyter: Callable[..., Jupyter], upstream: Upstream) -> None:
    jupyter = start_jupyter(
        config=(
            "c.JupyterMlflow.enabled_features = ['add_servers']\n"
            "c.JupyterMlflow.allowed_uris = ['https://team.example/*']\n"
            "c.JupyterMlflow.min_poll_interval_remote = 30\n"
            f"c.JupyterMlflow.servers = [{{'uri': '{upstream.url}', 'name': 'Team', 'auth': "
            "{'kind': 'token', 'token': 'configured-secret'}}]\n"
        )
    )
    status = jupyter.client.get("status").json()
    assert status["features"] == {
        "local_servers": False,
        "jobs": False,
        "add_servers": True,
        "kernels": False,
        "recorder": False,
    }
    assert status["polling"]["remote_ms"] == 30000
    listed = jupyter.client.get("servers")
    assert "configured-secret" not in listed.text
    (server,) = listed.json()["servers"]
    assert server["min_poll_interval_ms"] == 800
    assert jupyter.search_experiments(server["id"]).status_code == 200
    assert upstream.exchanges[0].header("Authorization") == "Bearer configured-secret"
    refused = jupyter.client.post("servers", json={"uri": "http://else.example"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "uri-not-allowed")
    refused = jupyter.client.delete(f"servers/{server['id']}")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "not-removable")
    assert jupyter.client.post("jobs", json={"kind": "create-environment"}).status_code == 403
    assert "configured-secret" not in jupyter.log
