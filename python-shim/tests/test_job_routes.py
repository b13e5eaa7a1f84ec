"""Jobs and local servers through a real Jupyter server."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

import httpx
from job_support import NO_NETWORK
from jupyter_under_test import Jupyter
from local_support import OLDEST, processes_of, until


async def test_a_job_is_begun_watched_and_outlives_the_page(start_jupyter: Callable[..., Jupyter]) -> None:
    jupyter = start_jupyter(env=NO_NETWORK)
    client = jupyter.client
    answer = client.post("jobs", json={"kind": "create-environment", "name": "mine"})
    assert answer.status_code == 201, answer.text
    job = answer.json()
    assert (job["state"], job["problem"], job["result"]) == ("running", None, None)
    assert job["step"] in job["steps"]

    await until(lambda: client.get(f"jobs/{job['id']}").json()["state"] != "running", 120)
    job = client.get(f"jobs/{job['id']}").json()
    assert (job["state"], job["problem"]["code"]) == ("failed", "no-registry"), job
    text, offset, done = "", 0, False
    while not done:
        part = client.get(f"jobs/{job['id']}/log", params={"offset": offset}).json()
        text, offset, done = text + part["text"], part["next_offset"], part["done"]
    assert "== Make the environment" in text
    assert "hunter2" not in text + str(job)

    assert client.delete(f"jobs/{job['id']}").status_code == 202, "cancelling what has ended changes nothing"
    assert client.get(f"jobs/{job['id']}").json()["state"] == "failed"
    assert client.get("jobs/0123456789abcdef").json()["error"]["code"] == "unknown-job"
    assert client.get(f"jobs/{job['id']}/log?offset=-1").json()["error"]["code"] == "invalid-offset"
    assert client.post("jobs", json=[]).json()["error"]["code"] == "invalid-job"
    for path in ("environments", f"jobs/{job['id']}"):
        stranger = await asyncio.to_thread(httpx.get, jupyter.api + path, trust_env=False)
        assert stranger.status_code == 403, "not without a login"

    found = client.get("environments").json()
    assert found["uv"] in (True, False)
    assert sys.executable in [each["executable"] for each in found["interpreters"]]
    assert found["jobs"] is True


async def test_an_administrator_can_turn_jobs_off(start_jupyter: Callable[..., Jupyter]) -> None:
    jupyter = start_jupyter(config="c.JupyterMlflow.enabled_features = ['local_servers', 'add_servers']\n")
    answer = jupyter.client.post("jobs", json={"kind": "create-environment"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "feature-off")
    assert jupyter.client.get("status").json()["features"]["jobs"] is False


async def test_a_killed_jupyter_takes_its_local_server_with_it(start_jupyter: Callable[..., Jupyter]) -> None:
    jupyter = start_jupyter(config=f"c.JupyterMlflow.mlflow_python = {OLDEST!r}\n")
    id = jupyter.add("sqlite:///mlflow.db")
    answer = jupyter.client.post(f"servers/{id}/start", json={})
    assert answer.status_code == 202, answer.text
    await until(lambda: jupyter.health(id)["state"] == "connected")
    assert jupyter.health(id)["version"] == "2.3.2"
    assert processes_of(jupyter.root)
    jupyter.process.process.kill()
    await until(lambda: not processes_of(jupyter.state_dir) and not processes_of(jupyter.root), 240)
