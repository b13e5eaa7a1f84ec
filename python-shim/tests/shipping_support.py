"""A ledger with executions, and the shipping of it, without a Jupyter server around."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
from jupyter_mlflow.server.environments.environments import Interpreter
from jupyter_mlflow.server.forwarding.forwarder import Forwarder, Limits
from jupyter_mlflow.server.local.stores import parse_store
from jupyter_mlflow.server.problems import Problem
from jupyter_mlflow.server.recorder.ledger import Ledger, Origin, Output
from jupyter_mlflow.server.recorder.reducer import Fact
from jupyter_mlflow.server.recorder.sending import Reach, Sending, Sources
from jupyter_mlflow.server.tracking.server_file import ServerFile
from jupyter_mlflow.server.tracking.tracking_servers import TrackingServer, TrackingServers

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


async def nothing(step: str) -> None:
    """At no step anything happens."""


class Yard:
    """All parts of shipping over one ledger. Made and used within one event loop."""

    def __init__(
        self,
        folder: Path,
        url: str,
        *,
        experiment: str = "train (cells)",
        other_urls: tuple[str, ...] = (),
        at: Callable[[str], Awaitable[None]] = nothing,
        request_s: float = 20.0,
        interpreters: Callable[[], Awaitable[list[Interpreter]]] | None = None,
        environ: Mapping[str, str] = os.environ,
        **options: Any,
    ) -> None:
        self.folder = folder
        self.url = url
        self.servers = TrackingServers(
            configured=[{"uri": each} for each in (url, *other_urls)],
            file=ServerFile(folder / "servers.json"),
            parse_store=lambda uri: parse_store(uri, root_dir=folder),
            environ={},
        )
        self.server_id = self.servers.list()[0].id
        self.ledger = Ledger(folder / "ledger")
        self.origin = Origin(
            "kernel-1",
            "notebook-1",
            "work/train.ipynb",
            "python",
            keep=True,
            send="all",
            target={"server_id": self.server_id, "experiment": experiment},
        )
        self.experiment = experiment
        log = logging.getLogger("shipping")
        self.forwarder = Forwarder(limits=Limits(request_s, request_s, 5.0), log=log, environ={})
        self.changes: list[str] = []
        self.sending = Sending(
            self.ledger,
            sources=Sources(
                root_dir=folder, user="anna", kernel_name=lambda id: "python3", **options.pop("sources", {})
            ),
            reach=Reach(
                servers=self.servers,
                forwarder=self.forwarder,
                wake=_wake,
                local_origin=_no_origin,
                interpreters=interpreters,
            ),
            state_dir=folder,
            log=log,
            at=at,
            late_s=options.pop("late_s", 0.0),
            on_change=lambda execution: self.changes.append(execution.id),
            **options,
        )

    def ran(
        self,
        id: str,
        source: str = "1 + 1",
        *,
        outputs: tuple[Mapping[str, Any], ...] = (),
        runs: Mapping[str, str] | None = None,
        at: float | None = None,
        count: int = 1,
        origin: Origin | None = None,
        **end: Any,
    ) -> None:
        """One execution that has ended."""
        began = time.time() - 10 if at is None else at
        facts = [
            Fact(id, "start", {"at": began, "n": count, "cell": "c1", "source": source, "process": "p"}),
            Fact(id, "end", {"at": began + 2, "seconds": 2.0, "ok": True, **end}),
            Fact(id, "idle", {"at": began + 2}),
        ]
        if runs:
            facts.append(Fact(id, "runs", {"ids": sorted(runs), "uris": dict(runs)}))
        messages = [Output(id, f"{id}-{n}", each) for n, each in enumerate(outputs)]
        self.ledger.add(origin or self.origin, facts[:1], messages)
        self.ledger.add(origin or self.origin, facts[1:])

    def states(self) -> dict[str, str]:
        """Execution id → state of its row in the queue."""
        return dict(
            self.ledger.write(lambda db: db.execute("SELECT execution_id, state FROM queue").fetchall())
        )

    async def settle(self, seconds: float = 60.0) -> None:
        """Ship until nothing waits any more."""
        deadline = time.monotonic() + seconds
        while set(self.states().values()) & {"waiting"}:
            assert time.monotonic() < deadline, self.summary_text()
            await self.sending.drain()
            soonest = await self.sending.shipper.next_time()
            if soonest is not None:
                await asyncio.sleep(min(1.0, max(0.02, soonest - time.time())))

    def summary_text(self) -> str:
        """For a test that fails."""
        query = "SELECT execution_id, state, attempts, reason FROM queue WHERE state != 'sent' LIMIT 5"
        return str(self.ledger.write(lambda db: db.execute(query).fetchall()))

    def check_twins_now(self) -> None:
        """As if an hour had gone by since every create without an answer."""
        self.ledger.write(
            lambda db: db.execute("UPDATE made_runs SET next_check = 0 WHERE next_check IS NOT NULL")
        )

    def hurry(self) -> None:
        """As if all times to wait for had gone by."""
        self.check_twins_now()
        self.ledger.write(lambda db: db.execute("UPDATE queue SET next_at = 0"))
        for pause in self.sending.shipper.pauses():
            pause.until = 0.0

    async def close(self) -> None:
        """Let go of everything."""
        await self.sending.close()
        await self.forwarder.close()
        self.ledger.close()


async def _wake(server: TrackingServer) -> None:
    return None


def _no_origin(server: TrackingServer) -> str:
    raise Problem("server-stopped", "It is not running.", "Start it.", status=503)


class Mlflow:
    """What is really on a tracking server."""

    def __init__(self, url: str) -> None:
        self.client = httpx.Client(base_url=f"{url}/ajax-api/2.0/mlflow/", trust_env=False, timeout=60)
        self.files = httpx.Client(base_url=url, trust_env=False, timeout=60)

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        """A request that has to succeed."""
        answer = self.client.post(path, json=body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def experiment(self, name: str) -> str:
        """Its id."""
        answer = self.client.get("experiments/get-by-name", params={"experiment_name": name})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["experiment"]["experiment_id"])

    def runs(self, experiment: str, view: str = "ACTIVE_ONLY") -> list[dict[str, Any]]:
        """All of an experiment, each with `tags`, `params`, `metrics` as dicts."""
        found: list[dict[str, Any]] = []
        token = None
        while True:
            page = self.post(
                "runs/search",
                experiment_ids=[self.experiment(experiment)],
                run_view_type=view,
                max_results=1000,
                **({"page_token": token} if token else {}),
            )
            for run in page.get("runs", []):
                data = run.get("data", {})
                pairs = {
                    kind: {each["key"]: each["value"] for each in data.get(kind, [])}
                    for kind in ("tags", "params", "metrics")
                }
                found.append({**run["info"], **pairs})
            token = page.get("next_page_token")
            if not token or not page.get("runs"):
                return found

    def cells(self, experiment: str, view: str = "ACTIVE_ONLY") -> dict[str, list[dict[str, Any]]]:
        """Execution id → recorded runs with it."""
        found: dict[str, list[dict[str, Any]]] = {}
        for run in self.runs(experiment, view):
            if run["tags"].get("jupyter.recorded") == "cell":
                found.setdefault(run["tags"]["jupyter.execution_id"], []).append(run)
        return found

    def get(self, run_id: str) -> dict[str, Any]:
        """One run."""
        answer = self.client.get("runs/get", params={"run_id": run_id})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["run"]
        return found

    def history(self, run_id: str, key: str) -> list[dict[str, Any]]:
        """All values of a metric."""
        answer = self.client.get("metrics/get-history", params={"run_id": run_id, "metric_key": key})
        found: list[dict[str, Any]] = answer.json().get("metrics", [])
        return found

    def list_files(self, run_id: str, path: str = "") -> set[str]:
        """Paths of all artifacts."""
        answer = self.client.get(
            "artifacts/list", params={"run_id": run_id, **({"path": path} if path else {})}
        )
        assert answer.status_code == 200, answer.text
        found: set[str] = set()
        for each in answer.json().get("files", []):
            found |= self.list_files(run_id, each["path"]) if each.get("is_dir") else {each["path"]}
        return found

    def file(self, run_id: str, path: str) -> bytes:
        """The content of an artifact."""
        answer = self.files.get("/get-artifact", params={"run_id": run_id, "path": path})
        assert answer.status_code == 200, answer.text
        return answer.content

    def close(self) -> None:
        """Let go of connections."""
        self.client.close()
        self.files.close()


def check_complete(mlflow: Mlflow, yard_experiment: str, ids: set[str]) -> None:
    """Zero lost, zero doubled, nothing half."""
    cells = mlflow.cells(yard_experiment)
    assert set(cells) == ids, f"lost: {sorted(ids - set(cells))}, foreign: {sorted(set(cells) - ids)}"
    doubled = {id: len(runs) for id, runs in cells.items() if len(runs) != 1}
    assert not doubled
    for (run,) in cells.values():
        assert run["status"] == "FINISHED", run
        assert run["params"]["execution_count"], run
        assert run["metrics"]["duration_s"] == 2.0
        assert len(mlflow.history(run["run_id"], "duration_s")) == 1
        assert mlflow.list_files(run["run_id"]) >= {"source.py", "execution.ipynb"}
    sessions = [
        run for run in mlflow.runs(yard_experiment) if run["tags"].get("jupyter.recorded") == "session"
    ]
    assert len(sessions) == 1
    assert {run["tags"]["mlflow.parentRunId"] for (run,) in cells.values()} == {sessions[0]["run_id"]}
