"""Real MLflow servers over real stores, started and stopped as Jupyter servers do."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from jupyter_mlflow.server.local.stores import Store, parse_store
from local_support import (
    NEWEST,
    OLDEST,
    give_back_local_servers,  # noqa: F401
    interpreter,
    local_servers,
    named,
    processes_of,
    refused,
    settled,
    started,
    until,
)

#: What is about processes and not about MLflow is tested with the one that starts in a third of the time.
LIGHT = OLDEST or NEWEST
SUPERVISOR, KEEPER = "jupyter_mlflow.server.local.supervisor", "jupyter_mlflow.server.processes.keeper"
SERVER_OF_ITS_OWN = Path(__file__).with_name("lease_holder.py")


def call(origin: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """POST to MLflow."""
    request = urllib.request.Request(
        f"{origin}/ajax-api/2.0/mlflow/{path}",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())  # type: ignore[no-any-return]


def put_artifact(origin: str, run: dict[str, Any], data: bytes) -> None:
    """As the client does it for `mlflow-artifacts:/…`."""
    path = run["info"]["artifact_uri"].removeprefix("mlflow-artifacts:/")
    url = f"{origin}/api/2.0/mlflow-artifacts/artifacts/{path}/note.txt"
    urllib.request.urlopen(urllib.request.Request(url, data, method="PUT"), timeout=30).close()


@pytest.mark.parametrize("executable", [NEWEST, OLDEST], ids=["newest", "oldest"])
async def test_starts_keeps_runs_and_files_beside_the_store_and_leaves_nothing_behind(
    tmp_path: Path, executable: str
) -> None:
    folder = tmp_path / "100% wörk #1"
    folder.mkdir()
    state_dir = tmp_path / "state"
    store = parse_store("sqlite:///mlflow.db", root_dir=folder)
    servers = local_servers(state_dir, executable)
    assert servers.status(store).state == "stopped"

    first = await servers.start(store)
    assert first.state == "starting"
    status = await settled(servers, store)
    assert status.state == "ready", status.problem and status.problem.to_json()
    assert status.origin is not None
    assert status.version == interpreter(executable).mlflow
    assert status.artifacts == str(folder / "mlartifacts")

    run = call(status.origin, "runs/create", {"experiment_id": "0", "start_time": 1})["run"]
    put_artifact(status.origin, run, b"kept")
    assert [path.read_bytes() for path in (folder / "mlartifacts").rglob("note.txt")] == [b"kept"]
    assert {path.name for path in folder.iterdir()} == {"mlflow.db", "mlartifacts"}

    if os.name == "posix":
        for path in state_dir.rglob("*"):
            if path.is_file() and path.name != "lock":
                assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
        home = state_dir / "local-servers" / store.key
        assert {stat.S_IMODE(path.stat().st_mode) for path in (state_dir, home.parent, home)} == {0o700}

    again = await servers.start(store)
    assert again.origin == status.origin
    assert (await servers.stop(store)).state == "stopped"
    await until(lambda: not processes_of(tmp_path), what="no process left")

    after = await started(servers, store)
    assert after.origin == status.origin, "the port is remembered"
    assert len(call(status.origin, "runs/search", {"experiment_ids": ["0"]})["runs"]) == 1
    await servers.close()
    await until(lambda: not processes_of(tmp_path), what="no process left after close")
    assert servers.status(store).state == "stopped"


class Holder:
    """A second Jupyter server, as far as local servers are concerned: a process of its own."""

    def __init__(self, state_dir: Path, store: Store) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(SERVER_OF_ITS_OWN), str(state_dir), store.uri, LIGHT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    async def say(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    async def hear(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        return json.loads(await asyncio.to_thread(self.process.stdout.readline))  # type: ignore[no-any-return]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()


async def test_two_jupyter_servers_share_one_mlflow_which_ends_with_the_last_even_if_killed(
    tmp_path: Path,
) -> None:
    store = parse_store("sqlite:///mlflow.db", root_dir=tmp_path)
    holders = [Holder(tmp_path / "state", store) for _ in range(2)]
    try:
        for holder in holders:
            assert (await holder.hear())["state"] == "waiting"
        for holder in holders:  # both at the same moment
            await holder.say("start")
        first, second = await asyncio.gather(*(holder.hear() for holder in holders))
        assert (first["state"], second["state"]) == ("ready", "ready"), (first, second)
        assert first["origin"] == second["origin"]
        assert len(named(processes_of(tmp_path), SUPERVISOR)) == 1
        assert len(named(processes_of(tmp_path), KEEPER)) == 1

        holders[0].kill()  # SIGKILL: nothing can be tidied up
        await holders[1].say("status")
        assert (await holders[1].hear())["state"] == "ready"
        assert call(second["origin"], "experiments/search", {"max_results": 1})["experiments"]

        holders[1].kill()
        await until(lambda: not processes_of(tmp_path), what="everything ended with the last lease")
    finally:
        for holder in holders:
            if holder.process.poll() is None:
                holder.kill()


async def test_a_killed_server_is_started_again_and_says_so(tmp_path: Path) -> None:
    store = parse_store("sqlite:///mlflow.db", root_dir=tmp_path)
    servers = local_servers(tmp_path / "state", LIGHT)
    status = await started(servers, store)
    assert status.state == "ready", status
    record = json.loads((tmp_path / "state" / "local-servers" / store.key / "server.json").read_text())

    os.killpg(record["pid"], signal.SIGKILL)
    await until(lambda: servers.status(store).state == "starting")
    problem = servers.status(store).problem
    assert problem is not None
    assert problem.code == "restarting"
    assert "attempt 1 of 5" in problem.message
    again = await settled(servers, store)
    assert again.state == "ready", again
    assert again.origin == status.origin
    await servers.stop(store)


async def test_a_killed_supervisor_takes_mlflow_with_it_and_is_replaced(tmp_path: Path) -> None:
    store = parse_store("sqlite:///mlflow.db", root_dir=tmp_path)
    servers = local_servers(tmp_path / "state", LIGHT)
    status = await started(servers, store)
    assert status.state == "ready", status
    before = {process.pid for process in processes_of(tmp_path)}
    (supervisor,) = named(processes_of(tmp_path), SUPERVISOR)

    supervisor.kill()
    await until(lambda: servers.status(store).state == "starting")
    again = await settled(servers, store)
    assert again.state == "ready", again.problem and again.problem.to_json()
    assert not before & {process.pid for process in processes_of(tmp_path)}, "nothing of the first is left"
    assert again.origin == status.origin
    await servers.close()
    await until(lambda: not processes_of(tmp_path))


async def test_what_a_killed_keeper_left_is_cleared_away_by_the_next_supervisor(tmp_path: Path) -> None:
    store = parse_store("sqlite:///mlflow.db", root_dir=tmp_path)
    servers = local_servers(tmp_path / "state", LIGHT)
    assert (await started(servers, store)).state == "ready"
    (supervisor,) = named(processes_of(tmp_path), SUPERVISOR)
    (keeper,) = named(processes_of(tmp_path), KEEPER)
    record = json.loads((tmp_path / "state" / "local-servers" / store.key / "server.json").read_text())

    supervisor.suspend()
    keeper.kill()
    supervisor.kill()
    await until(lambda: servers.status(store).state == "starting", what="noticed")
    again = await settled(servers, store)
    assert again.state == "ready", again
    assert again.problem is None
    assert record["pid"] not in {process.pid for process in processes_of(tmp_path)}
    await servers.close()
    await until(lambda: not processes_of(tmp_path))


async def test_a_taken_port_is_left_to_its_owner(tmp_path: Path) -> None:
    store = parse_store("sqlite:///mlflow.db", root_dir=tmp_path)
    home = tmp_path / "state" / "local-servers" / store.key
    home.mkdir(parents=True)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        (home / "port").write_text(str(other.getsockname()[1]))
        servers = local_servers(tmp_path / "state", LIGHT)
        status = await started(servers, store)
        assert status.state == "ready", status
        assert status.origin != f"http://127.0.0.1:{other.getsockname()[1]}"
        await servers.stop(store)


async def test_stopping_while_it_starts(tmp_path: Path) -> None:
    store = parse_store("sqlite:///mlflow.db", root_dir=tmp_path)
    servers = local_servers(tmp_path / "state", LIGHT)
    assert (await servers.start(store)).state == "starting"
    assert (await servers.stop(store)).state == "stopped"
    await until(lambda: not processes_of(tmp_path), what="nothing left")
    status = await started(servers, store)
    assert status.state == "ready", status.problem and status.problem.to_json()
    await servers.close()


async def test_no_interpreter_with_mlflow(tmp_path: Path) -> None:
    servers = local_servers(tmp_path / "state", None)
    status = await refused(servers, parse_store("sqlite:///m.db", root_dir=tmp_path), "no-mlflow")
    assert "environment" in (status.problem.hint if status.problem else "")
    assert not (tmp_path / "m.db").exists()


@pytest.mark.parametrize("executable", [NEWEST, OLDEST], ids=["newest", "oldest"])
async def test_a_folder_of_runs_is_served_by_every_mlflow(tmp_path: Path, executable: str) -> None:
    (tmp_path / "mlruns").mkdir()
    store = parse_store("mlruns", root_dir=tmp_path)
    servers = local_servers(tmp_path / "state", executable)
    status = await started(servers, store)
    assert status.state == "ready", status.problem and status.problem.to_json()
    assert status.origin is not None
    experiment = call(status.origin, "experiments/create", {"name": "mine"})["experiment_id"]
    call(status.origin, "runs/create", {"experiment_id": experiment, "start_time": 1})
    assert list((tmp_path / "mlruns" / experiment).glob("*/meta.yaml"))
    await servers.close()


async def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "work" / "mlruns").mkdir(parents=True)
    (tmp_path / "work" / "notes.txt").write_text("mine")
    servers = local_servers(tmp_path / "state")
    status = await refused(servers, parse_store("work", root_dir=tmp_path), "not-mlflow-store")
    assert str(tmp_path / "work" / "mlruns") in (status.problem.hint if status.problem else "")
    await refused(servers, parse_store("nowhere", root_dir=tmp_path), "folder-missing")
    assert {path.name for path in (tmp_path / "work").iterdir()} == {"mlruns", "notes.txt"}
