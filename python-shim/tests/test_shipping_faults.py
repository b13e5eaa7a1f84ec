"""Zero lost, zero doubled: whatever network and server do, and wherever Jupyter is killed."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fault_proxy import FAULTS, FaultProxy
from jupyter_mlflow.server.recorder import shipper
from jupyter_mlflow.server.recorder.history import History
from processes_under_test import free_port
from shipping_support import Mlflow, Yard, check_complete

from servers import MlflowServer

#: Of the random faults; printed by pytest when a test fails.
SEED = int(os.environ.get("JUPYTER_MLFLOW_TEST_SEED", "20"))


@pytest.fixture(params=["newest", "oldest"])
def server(request: pytest.FixtureRequest, plain_servers: Callable[[str], MlflowServer]) -> MlflowServer:
    """A real one."""
    return plain_servers(request.param)


@pytest.fixture
def proxy(server: MlflowServer) -> Iterator[FaultProxy]:
    """Before it."""
    made = FaultProxy(server.url)
    yield made
    made.close()


@pytest.fixture
def mlflow(server: MlflowServer) -> Iterator[Mlflow]:
    """What is really there, asked past the proxy."""
    found = Mlflow(server.url)
    yield found
    found.close()


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Faults are tried again at once."""
    monkeypatch.setattr(shipper, "backoff", lambda attempts, **limits: 0.02)


def ids(count: int) -> set[str]:
    """Of executions."""
    return {f"e{n}" for n in range(count)}


@pytest.mark.usefixtures("hurry")
async def test_faults_at_random(proxy: FaultProxy, mlflow: Mlflow, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    left = 60

    def plan(method: str, path: str) -> str | None:
        nonlocal left
        if left == 0 or chance.random() < 0.5:
            return None
        left -= 1
        return chance.choice(FAULTS)

    proxy.plan = plan
    yard = Yard(tmp_path, proxy.url, experiment=f"{tmp_path.name} (cells)", request_s=0.5, settle_s=0.2)
    for n in range(12):
        yard.ran(f"e{n}", f"x = {n}", count=n + 1)
    await yard.settle(120)
    await asyncio.to_thread(proxy.settle)
    yard.check_twins_now()
    await yard.sending.drain()
    print(f"seed {SEED}: {dict(proxy.happened)}")
    check_complete(mlflow, yard.experiment, ids(12))
    assert set(yard.states().values()) == {"sent"}
    await yard.close()


@pytest.mark.parametrize(
    ("server", "fault"),
    [("newest", fault) for fault in ("commit-reset", "commit-hang", "commit-500", "late", "hang")]
    + [("oldest", fault) for fault in ("commit-hang", "late")],
    indirect=["server"],
)
@pytest.mark.usefixtures("hurry")
async def test_a_create_without_an_answer(
    proxy: FaultProxy, mlflow: Mlflow, tmp_path: Path, fault: str
) -> None:
    creates = 0

    def plan(method: str, path: str) -> str | None:
        nonlocal creates
        creates += path.endswith("runs/create")
        # The second is that of the cell, the first that of its session.
        return fault if path.endswith("runs/create") and creates in (1, 3) else None

    proxy.plan = plan
    # Only the fault shall last longer than this, and what is late come after the next attempt.
    patience = {"late": 1.0, "hang": 1.5, "commit-hang": 1.5}.get(fault, 20.0)
    yard = Yard(tmp_path, proxy.url, experiment=f"{tmp_path.name} (cells)", request_s=patience, settle_s=0.2)
    yard.ran("e0")
    await yard.settle()
    yard.ran("e1")
    await yard.settle()
    await asyncio.to_thread(proxy.settle)
    if fault == "late":
        assert len(mlflow.runs(yard.experiment)) == 5, "the server has done it after all: twins"
    yard.check_twins_now()
    await yard.sending.drain()
    check_complete(mlflow, yard.experiment, ids(2))
    if fault == "late":
        twins = [run for run in mlflow.runs(yard.experiment, "DELETED_ONLY")]
        assert len(twins) == 2
        active = {run["run_id"] for run in mlflow.runs(yard.experiment)}
        assert {run["tags"]["jupyter.duplicate_of"] for run in twins} <= active
    left = yard.ledger.write(lambda db: db.execute("SELECT checks, next_check FROM made_runs").fetchall())
    assert all(next_check is None or next_check > time.time() for _, next_check in left)
    await yard.close()


@pytest.mark.usefixtures("hurry")
async def test_a_server_that_is_down_is_waited_for(
    mlflow: Mlflow, server: MlflowServer, tmp_path: Path
) -> None:
    port = free_port()
    yard = Yard(tmp_path, f"http://127.0.0.1:{port}", experiment=f"{tmp_path.name} (cells)")
    for n in range(3):
        yard.ran(f"e{n}")
    for _ in range(20):
        await yard.sending.drain()
        await asyncio.sleep(0.02)
    assert set(yard.states().values()) == {"waiting"}
    summary = yard.sending.summary("notebook-1")
    assert summary["waiting"] == 3
    assert summary["reason"]["code"] == "upstream-unreachable"
    await yard.close()


@pytest.mark.parametrize("server", ["newest"], indirect=True)
async def test_a_slow_server_keeps_nobody_waiting(proxy: FaultProxy, mlflow: Mlflow, tmp_path: Path) -> None:
    proxy.plan = lambda method, path: 0.3
    yard = Yard(tmp_path, proxy.url, experiment=f"{tmp_path.name} (cells)")
    for n in range(3):
        yard.ran(f"e{n}")
    late = []

    async def watch() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.005)
            late.append(time.perf_counter() - began - 0.005)

    watching = asyncio.ensure_future(watch())
    await yard.settle()
    watching.cancel()
    check_complete(mlflow, yard.experiment, ids(3))
    assert sorted(late)[len(late) * 9 // 10] < 0.25, "the event loop was held while the server took its 0.3 s"
    await yard.close()


async def test_what_a_server_refuses_for_good_does_not_stop_the_rest(
    proxy: FaultProxy, mlflow: Mlflow, tmp_path: Path
) -> None:
    yard = Yard(tmp_path, proxy.url, experiment=f"{tmp_path.name} (cells)")
    yard.ran("e0")
    await yard.settle()
    yard.ran("e1")
    # Somebody else has given this run other parameters meanwhile.
    yard.ledger.write(lambda db: db.execute("UPDATE queue SET next_at = 1e12 WHERE execution_id = 'e1'"))
    tags = [{"key": "jupyter.execution_id", "value": "e1"}, {"key": "jupyter.recorded", "value": "cell"}]
    made = mlflow.post(
        "runs/create", experiment_id=mlflow.experiment(yard.experiment), start_time=1, tags=tags
    )
    run_id = made["run"]["info"]["run_id"]
    mlflow.post("runs/log-parameter", run_id=run_id, key="language", value="cobol")
    yard.ran("e2")
    yard.ledger.write(lambda db: db.execute("UPDATE queue SET next_at = 0"))
    await yard.settle()
    assert yard.states() == {"e0": "sent", "e1": "refused", "e2": "sent"}
    (refused,) = yard.sending.summary()["refused"]
    assert refused["reason"]["code"] == "server-refuses"
    assert "language" in refused["reason"]["message"]
    await yard.close()


@pytest.mark.parametrize("server", ["newest"], indirect=True)
@pytest.mark.parametrize(
    ("status", "code", "state"), [("401", "signed-out", "waiting"), ("403", "not-permitted", "refused")]
)
async def test_a_login_that_is_missing_or_may_not(
    proxy: FaultProxy, mlflow: Mlflow, tmp_path: Path, status: str, code: str, state: str
) -> None:
    proxy.plan = lambda method, path: status if path.endswith("runs/create") else None
    yard = Yard(tmp_path, proxy.url, experiment=f"{tmp_path.name} (cells)")
    yard.ran("e0")
    await yard.sending.drain()
    assert yard.states() == {"e0": state}
    summary = yard.sending.summary("notebook-1")
    reason = summary["reason"] if state == "waiting" else summary["refused"][0]["reason"]
    assert reason["code"] == code
    assert reason["hint"]
    proxy.plan = lambda method, path: None
    assert yard.sending.resend("e0") == 1
    await yard.settle()
    check_complete(mlflow, yard.experiment, ids(1))
    await yard.close()


@pytest.mark.parametrize("server", ["newest"], indirect=True)
async def test_a_create_that_comes_late_where_nothing_is_sent_any_more(
    proxy: FaultProxy, mlflow: Mlflow, tmp_path: Path
) -> None:
    """The execution has gone to another experiment meanwhile: its twin at the old place goes."""
    yard = Yard(tmp_path, proxy.url, experiment=f"{tmp_path.name} (cells)", request_s=8)
    creates = 0

    def plan(method: str, path: str) -> str | None:
        nonlocal creates
        # The first run is that of the session.
        creates += path.endswith("runs/create")
        return "late" if path.endswith("runs/create") and creates == 2 else None

    proxy.plan = plan
    yard.ran("e0")
    while creates < 2:
        yard.hurry()
        await yard.sending.drain()
    proxy.plan = lambda method, path: "403" if path.endswith("runs/search") else None
    yard.hurry()
    await yard.sending.drain()
    assert yard.states() == {"e0": "refused"}
    proxy.plan = lambda method, path: None
    other = {"server_id": yard.server_id, "experiment": f"{tmp_path.name} elsewhere"}
    assert yard.sending.redirect("e0", other) == 1
    await yard.settle()
    proxy.settle()
    yard.hurry()
    await yard.sending.drain()
    check_complete(mlflow, other["experiment"], ids(1))
    assert mlflow.cells(yard.experiment) == {}
    assert mlflow.cells(yard.experiment, "ALL").keys() == ids(1), "it came late, and was taken back"
    # And back again: what was taken back there is not taken for the run.
    yard.ledger.write(lambda db: db.execute("UPDATE queue SET state = 'refused'"))
    assert yard.sending.redirect("e0", {**other, "experiment": yard.experiment}) == 1
    await yard.settle()
    yard.hurry()
    await yard.sending.drain()
    check_complete(mlflow, yard.experiment, ids(1))
    assert mlflow.cells(other["experiment"]) == {}
    await yard.close()


@pytest.mark.parametrize("server", ["newest"], indirect=True)
async def test_what_is_dropped_half_way_is_taken_back(
    proxy: FaultProxy, mlflow: Mlflow, tmp_path: Path
) -> None:
    proxy.plan = lambda method, path: "500" if path.endswith("log-batch") else None
    yard = Yard(tmp_path, proxy.url, experiment=f"{tmp_path.name} (cells)")
    yard.ran("e0")
    await yard.sending.drain()
    assert [run["status"] for (run,) in mlflow.cells(yard.experiment).values()] == ["RUNNING"]
    assert yard.sending.drop("e0") == 1
    proxy.plan = lambda method, path: None
    yard.ledger.write(lambda db: db.execute("UPDATE queue SET next_at = 0"))
    await yard.sending.drain()
    assert mlflow.cells(yard.experiment) == {}
    assert yard.states() == {"e0": "dropped"}
    assert yard.sending.resend("e0") == 1
    await yard.settle()
    check_complete(mlflow, yard.experiment, ids(1))
    await yard.close()


@pytest.mark.parametrize("server", ["newest"], indirect=True)
@pytest.mark.parametrize("way", ["deleted", "dropped"])
@pytest.mark.parametrize(
    ("fault", "where"),
    [("500", "log-batch"), ("commit-reset", "runs/create"), ("late", "runs/create"), ("500", "runs/update")],
)
async def test_what_is_deleted_or_dropped_between_two_attempts_leaves_no_run_behind(
    proxy: FaultProxy, mlflow: Mlflow, tmp_path: Path, fault: str, where: str, way: str
) -> None:
    yard = Yard(tmp_path, proxy.url, experiment=f"{tmp_path.name} (cells)", request_s=3)
    creates = 0

    def plan(method: str, path: str) -> str | None:
        nonlocal creates
        # The first run is that of the session.
        creates += path.endswith("runs/create")
        return fault if path.endswith(where) and creates == 2 else None

    proxy.plan = plan
    yard.ran("e0", "# A name of its own")
    await yard.sending.drain()
    proxy.plan = lambda method, path: None
    if way == "deleted":
        assert History(yard.ledger).delete() == 1
        texts = yard.ledger.write(lambda db: db.execute("SELECT * FROM queue").fetchall())
        assert "name of its own" not in str(texts), "nothing of the cell is kept"
        assert yard.sending.summary(None)["waiting"] == 0
    else:
        assert yard.sending.drop("e0") == 1
    proxy.settle()
    yard.hurry()
    await yard.sending.drain()
    assert mlflow.cells(yard.experiment) == {}
    assert [run["status"] for run in mlflow.runs(yard.experiment)] == ["FINISHED"], "that of the session"
    assert yard.states() == ({} if way == "deleted" else {"e0": "dropped"})
    await yard.close()


@pytest.mark.parametrize("server", ["newest"], indirect=True)
async def test_what_is_deleted_while_it_is_sent_is_taken_back(
    proxy: FaultProxy, mlflow: Mlflow, tmp_path: Path
) -> None:
    deleted: list[str] = []

    async def at(step: str) -> None:
        if step == here:
            deleted.append(step)
            await asyncio.to_thread(History(yard.ledger).delete)

    steps = (
        "frozen",
        "session-made",
        "cell-asked",
        "cell-known",
        "run-kept",
        "logged",
        "files-sent",
        "ended",
    )
    for number, here in enumerate(steps):
        yard = Yard(tmp_path / here, proxy.url, experiment=f"{tmp_path.name} {here}", at=at)
        yard.ran(f"e{number}")
        await yard.sending.drain()
        yard.hurry()
        await yard.sending.drain()
        assert deleted[-1] == here
        assert mlflow.cells(yard.experiment) == {}, here
        assert {run["status"] for run in mlflow.runs(yard.experiment)} <= {"FINISHED"}, here
        assert yard.states() == {}, here
        await yard.close()


async def test_no_more_runs_than_the_administrator_allows(
    proxy: FaultProxy, mlflow: Mlflow, tmp_path: Path
) -> None:
    yard = Yard(tmp_path, proxy.url, experiment=f"{tmp_path.name} (cells)", runs_per_day=3)
    for n in range(4):
        yard.ran(f"e{n}")
    await yard.sending.drain()
    assert sorted(yard.states().values()) == ["sent", "sent", "waiting", "waiting"]
    assert yard.sending.summary()["reason"]["code"] == "runs-per-day"
    await yard.close()


STEPS = (
    "frozen",
    "session-asked",
    "session-made",
    "session-known",
    "cell-asked",
    "cell-made",
    "cell-known",
    "run-kept",
    "logged",
    "file-sent",
    "files-sent",
    "ended",
    "acknowledged",
)

CHILD = """
import asyncio, os, signal, sys
from pathlib import Path
sys.path[:0] = sys.argv[4:]
from shipping_support import Yard

async def main():
    async def at(step):
        if step == sys.argv[3]:
            os.kill(os.getpid(), signal.SIGKILL)
    yard = Yard(Path(sys.argv[1]), sys.argv[2], at=at, settle_s=0.1)
    await yard.sending.begin()
    if sys.argv[3] != "none":
        yard.ran(f"killed-at-{sys.argv[3]}", at=1.7e9)
    await yard.settle()
    await yard.close()

asyncio.run(main())
"""


@pytest.mark.parametrize("server", ["newest"], indirect=True)
def test_killed_at_every_step(server: MlflowServer, mlflow: Mlflow, tmp_path: Path) -> None:
    """A process for each step: it goes on with what the one before left, begins anew, and is killed."""
    tests = Path(__file__).parent
    paths = [str(tests), str(tests.parent)]

    def run(step: str) -> int:
        command = [sys.executable, "-c", CHILD, str(tmp_path), server.url, step, *paths]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr[-3000:]
        return done.returncode

    for step in STEPS:
        if step.startswith("session"):
            # A session is made once: what is known of it is forgotten, on both sides.
            for known in mlflow.runs("train (cells)") if step != "session-asked" else []:
                if known["tags"].get("jupyter.recorded") == "session":
                    mlflow.post(
                        "runs/set-tag", run_id=known["run_id"], key="jupyter.session", value=f"before {step}"
                    )
            _forget_sessions(tmp_path)
        assert run(step) == -signal.SIGKILL, step
    assert run("none") == 0
    cells = mlflow.cells("train (cells)")
    assert {id: len(runs) for id, runs in cells.items()} == {f"killed-at-{step}": 1 for step in STEPS}
    for (cell,) in cells.values():
        assert cell["status"] == "FINISHED"
        assert cell["metrics"] == {"duration_s": 2.0}
        assert len(mlflow.history(cell["run_id"], "duration_s")) == 1
        assert mlflow.list_files(cell["run_id"]) == {"source.py", "execution.ipynb"}
    sessions = [run["tags"].get("jupyter.session") for run in mlflow.runs("train (cells)")]
    assert sorted(filter(None, sessions)) == sorted(set(filter(None, sessions))), "a session twice"


def _forget_sessions(folder: Path) -> None:
    from jupyter_mlflow.server.recorder.ledger import Ledger

    ledger = Ledger(folder / "ledger")
    ledger.write(lambda db: db.execute("DELETE FROM made_runs WHERE key LIKE 'jupyter.session=%'"))
    ledger.close()
