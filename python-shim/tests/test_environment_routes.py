"""Environments and jobs on them through a real Jupyter server, with real kernels."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from environment_factory import EnvironmentFactory, contents
from jupyter_under_test import TOKEN, Jupyter
from local_support import until
from upstream import Exchange, Upstream
from wheelhouse import Wheelhouse

PATIENCE_S = 120.0


class Kernel:
    """A kernel that was started as a page does."""

    def __init__(self, jupyter: Jupyter, python: str, name: str = "course") -> None:
        folder = jupyter.home / "data" / "kernels" / name
        folder.mkdir(parents=True, exist_ok=True)
        argv = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec = {"argv": argv, "display_name": name, "language": "python"}
        (folder / "kernel.json").write_text(json.dumps(spec))
        self._jupyter = jupyter
        self._http = httpx.Client(
            base_url=jupyter.url, headers={"Authorization": f"token {TOKEN}"}, trust_env=False, timeout=60
        )
        answer = self._http.post("api/kernels", json={"name": name})
        assert answer.status_code == 201, answer.text
        self.id: str = answer.json()["id"]

    def facts(self) -> Mapping[str, Any]:
        """What it says of itself, once it does."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            report = self._jupyter.client.get(f"kernels/{self.id}").json()
            if report.get("state") == "known":
                facts: Mapping[str, Any] = report["facts"]
                return facts
            assert time.monotonic() < deadline, report
            time.sleep(0.05)

    def restart(self) -> None:
        """Another process in its place."""
        assert self._http.post(f"api/kernels/{self.id}/restart").status_code == 200

    def close(self) -> None:
        """Shut it down."""
        self._http.delete(f"api/kernels/{self.id}")
        self._http.close()


@pytest.fixture
def start(start_jupyter: Callable[..., Jupyter]) -> Iterator[Callable[..., tuple[Jupyter, Kernel]]]:
    """Starts a Jupyter server and a kernel of an interpreter."""
    kernels: list[Kernel] = []

    def begin(python: str, env: Mapping[str, str]) -> tuple[Jupyter, Kernel]:
        jupyter = start_jupyter(env=env)
        kernels.append(Kernel(jupyter, python))
        return jupyter, kernels[-1]

    yield begin
    for each in kernels:
        each.close()


async def job(jupyter: Jupyter, kind: str, **body: Any) -> dict[str, Any]:
    """Do it to its end."""
    answer = jupyter.client.post("jobs", json={"kind": kind, **body})
    assert answer.status_code == 201, answer.text
    id = answer.json()["id"]
    await until(lambda: jupyter.client.get(f"jobs/{id}").json()["state"] != "running", PATIENCE_S)
    ended: dict[str, Any] = jupyter.client.get(f"jobs/{id}").json()
    return ended


async def test_a_kernel_without_mlflow_gets_it_and_is_asked_again(
    start: Callable[..., tuple[Jupyter, Kernel]],
    environments: EnvironmentFactory,
    wheelhouse: Wheelhouse,
    tmp_path: Path,
) -> None:
    python = environments.fresh(tmp_path / "späte Übung", "ipykernel")
    jupyter, kernel = start(python, wheelhouse.environ)
    assert kernel.facts()["executable"] == python
    before = await job(jupyter, "check-imports", kernel_id=kernel.id)
    assert before["result"]["error"]["module"] == "mlflow", before
    # What was found is told with the kernel, to this page and to others.
    assert told(jupyter, kernel)["error"]["module"] == "mlflow"

    ended = await job(jupyter, "install", kernel_id=kernel.id, packages=["mlflow==3.99.0"])
    assert ended["result"]["installed"] == [{"name": "mlflow", "version": "3.99.0"}], ended
    # Nobody has asked the kernel: the server does, and what was found before is void.
    await until(lambda: kernel.facts()["mlflow"]["spec"] == "module", PATIENCE_S)
    assert told(jupyter, kernel) is None
    after = await job(jupyter, "check-imports", kernel_id=kernel.id)
    assert after["result"]["ok"] is True, after
    report = jupyter.client.post(f"kernels/{kernel.id}/probe").json()
    assert report["facts"]["mlflow"]["distributions"][0]["version"] == "3.99.0"
    assert report["import_check"]["ok"] is True
    kernel.restart()
    await until(lambda: kernel.facts()["pid"] != report["facts"]["pid"], PATIENCE_S)
    assert told(jupyter, kernel) is None

    found = jupyter.client.get("environments").json()
    spec = next(each for each in found["kernelspecs"] if each["name"] == "course")
    assert (spec["problem"], spec["mlflow"], spec["prefix"]) == (
        None,
        "3.99.0",
        str(tmp_path / "späte Übung"),
    )
    owner = next(each for each in found["interpreters"] if each["prefix"] == spec["prefix"])
    assert owner["kernelspecs"] == ["course"]
    assert found["folder"] == str(jupyter.root)

    unknown = jupyter.client.post("jobs", json={"kind": "install", "kernel_id": "x", "packages": ["a"]})
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (409, "kernel-unknown")


def told(jupyter: Jupyter, kernel: Kernel) -> Any:
    """What is known of importing MLflow in this kernel."""
    return jupyter.client.get(f"kernels/{kernel.id}").json()["import_check"]


class SlowIndex:
    """A package index that does not tell what it has before it is let."""

    def __init__(self, upstream: Upstream, wheelhouse: Wheelhouse) -> None:
        self._folder = wheelhouse.folder
        self._may_answer = threading.Event()
        upstream.script = self._answer
        self.asked: list[str] = []
        index = f"http://127.0.0.1:{upstream.port}/simple"
        self.environ = {"UV_DEFAULT_INDEX": index, "UV_NO_CONFIG": "1", "UV_FIND_LINKS": ""}

    def answer(self) -> None:
        """Let it."""
        self._may_answer.set()

    async def _answer(self, exchange: Exchange) -> None:
        self.asked.append(exchange.path)
        await asyncio.to_thread(self._may_answer.wait, PATIENCE_S)
        name = exchange.path.rstrip("/").rpartition("/")[2]
        if name.endswith(".whl"):
            await exchange.answer((self._folder / name).read_bytes(), kind="application/zip")
        else:
            links = [f'<a href="/{each.name}">{each.name}</a>' for each in self._folder.glob(f"{name}-*")]
            await exchange.answer(f"<html><body>{''.join(links)}</body></html>".encode(), kind="text/html")


@pytest.mark.parametrize("what", ["kernel dies", "job is cancelled"])
async def test_during_an_install(
    start: Callable[..., tuple[Jupyter, Kernel]],
    environments: EnvironmentFactory,
    upstream: Upstream,
    wheelhouse: Wheelhouse,
    tmp_path: Path,
    what: str,
) -> None:
    index = SlowIndex(upstream, wheelhouse)
    python = environments.fresh(tmp_path / "venv", "ipykernel")
    before = contents(python)
    jupyter, kernel = start(python, {**index.environ, "UV_CACHE_DIR": str(tmp_path / "cache")})
    pid = kernel.facts()["pid"]
    body = {"kind": "install", "kernel_id": kernel.id, "packages": ["alpha"]}
    id = jupyter.client.post("jobs", json=body).json()["id"]
    await until(lambda: index.asked, PATIENCE_S, "the installer asks the index")
    second = jupyter.client.post("jobs", json=body)
    assert (second.status_code, second.json()["error"]["code"]) == (409, "environment-busy")
    if what == "kernel dies":
        psutil.Process(pid).kill()
        await until(lambda: not psutil.pid_exists(pid), PATIENCE_S)
        index.answer()
    else:
        jupyter.client.delete(f"jobs/{id}")
    await until(lambda: jupyter.client.get(f"jobs/{id}").json()["state"] != "running", PATIENCE_S)
    ended = jupyter.client.get(f"jobs/{id}").json()
    if what == "kernel dies":
        assert ended["result"]["installed"] == [{"name": "alpha", "version": "2.0"}], ended
    else:
        assert ended["state"] == "cancelled"
        assert contents(python) == before
        index.answer()
        again = await job(jupyter, **body)
        assert again["state"] == "done", again


async def test_what_a_notebook_imports(jupyter: Jupyter) -> None:
    (jupyter.root / "course").mkdir(exist_ok=True)
    (jupyter.root / "course" / "helpers.py").write_text("")
    sources = ["import pandas, helpers\n%matplotlib inline", "from sklearn import svm"]
    answer = jupyter.client.post("imports", json={"sources": sources, "folder": "course"})
    assert answer.json()["packages"] == [
        {"module": "pandas", "package": "pandas", "installed_as": None},
        {"module": "sklearn", "package": "scikit-learn", "installed_as": None},
    ]
    assert jupyter.client.post("imports", json={"sources": 3}).status_code == 400
    assert jupyter.client.post("imports", json={"sources": [], "folder": "../x"}).status_code == 404
    address = f"{jupyter.api}imports"
    stranger = await asyncio.to_thread(httpx.post, address, json={"sources": []}, trust_env=False)
    assert stranger.status_code == 403
