"""Recorded executions reach real tracking servers, the newest and the oldest, as runs."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_mlflow.server.recorder.history import History
from jupyter_mlflow.server.recorder.ledger import Ledger, Origin
from jupyter_mlflow.server.recorder.reducer import Fact
from jupyter_mlflow.server.recorder.shipping_queue import HEADLESS_S, LATE_S, ShippingQueue
from shipping_support import PNG, Mlflow, Yard, check_complete

from servers import MlflowServer

VERSIONS = ["newest", "oldest"]


@pytest.fixture(params=VERSIONS)
def server(request: pytest.FixtureRequest, plain_servers: Callable[[str], MlflowServer]) -> MlflowServer:
    """A real one."""
    return plain_servers(request.param)


@pytest.fixture
async def yard(server: MlflowServer, tmp_path: Path) -> AsyncIterator[Yard]:
    """Shipping to it, into an experiment of the test's own."""
    made = Yard(tmp_path, server.url, experiment=f"{tmp_path.name} (cells)")
    yield made
    await made.close()


@pytest.fixture
def mlflow(server: MlflowServer) -> Any:
    """What is really there."""
    found = Mlflow(server.url)
    yield found
    found.close()


@pytest.mark.parametrize(
    ("kernel", "waits"), [("kernel-1", LATE_S), ("headless-1", HEADLESS_S)], ids=["server", "headless"]
)
def test_what_names_no_cell_waits_for_it_to_be_found(tmp_path: Path, kernel: str, waits: float) -> None:
    ledger = Ledger(tmp_path)
    queue = ShippingQueue(ledger)
    target = {"server_id": "s", "experiment": "e"}
    origin = Origin(kernel, "n", "a.ipynb", "python", keep=True, send="all", target=target)
    began = time.time()
    start = {"at": 1.0, "cell": None, "source": "1", "process": "p"}
    for id in ("found", "not-found", "not-looked-for", "gone"):
        end = Fact(id, "end", {"at": 2.0, "seconds": 1.0, "ok": True})
        ledger.add(origin, [Fact(id, "start", start), end, Fact(id, "idle", {"at": 2.0})])

    def due(seconds: float) -> set[str]:
        return set(queue.due("s", time.time() + seconds, 10))

    assert due(0) == set()
    soonest = queue.next_time(time.time())
    assert soonest is not None
    assert began + waits <= soonest <= time.time() + waits
    ledger.add(origin, [Fact("found", "matched", {"cell": "c"})])
    ledger.add(origin, [Fact("not-found", "matched", {"cell": None})])
    ledger.add(origin, [Fact("gone", "gone", {"at": 3.0, "why": "killed"})])
    assert due(0) == {"found", "not-found", "gone"}
    assert "not-looked-for" not in due(waits - 1)
    assert "not-looked-for" in due(waits + 1)
    ledger.close()


async def test_an_execution_becomes_a_run(yard: Yard, mlflow: Mlflow) -> None:
    source = "%%time\n# Train the model\npassword = 'hunter2'\nfit()"
    outputs = (
        {"output_type": "stream", "name": "stdout", "text": "epoch 1\n"},
        {"output_type": "stream", "name": "stderr", "text": "careful\n"},
        {"output_type": "display_data", "data": {"image/png": PNG, "text/plain": "fig"}, "metadata": {}},
        {"output_type": "display_data", "data": {"image/png": PNG, "text/plain": "fig"}, "metadata": {}},
        {"output_type": "execute_result", "data": {"text/plain": "42"}, "metadata": {}, "execution_count": 7},
        {
            "output_type": "error",
            "ename": "ValueError",
            "evalue": "no token='abcdefgh12'",
            "traceback": ["\x1b[31mValueError\x1b[0m", "password = 'hunter2'"],
        },
    )
    began = time.time() - 100
    yard.ran(
        "e1",
        source,
        outputs=outputs,
        at=began,
        count=7,
        ok=False,
        ename="ValueError",
        evalue="no token='abcdefgh12'",
    )
    await yard.settle()
    assert yard.states() == {"e1": "sent"}
    assert yard.changes == ["e1"]
    ((run,),) = mlflow.cells(yard.experiment).values()
    assert (run["run_name"], run["status"]) == ("Train the model", "FAILED")
    assert int(run["start_time"]) == round(began * 1000)
    assert int(run["end_time"]) == round((began + 2) * 1000)
    assert run["params"] == {"execution_count": "7", "kernel": "python3", "language": "python"}
    assert run["metrics"] == {"duration_s": 2.0}
    tags = run["tags"]
    assert tags["jupyter.source_sha256"] == hashlib.sha256(source.encode()).hexdigest()
    assert tags["jupyter.error_name"] == "ValueError"
    assert tags["jupyter.error_message"] == "no token='•••'"
    assert (tags["jupyter.cell_id"], tags["jupyter.kernel_id"]) == ("c1", "kernel-1")
    assert (tags["jupyter.user"], tags["jupyter.notebook_path"]) == ("anna", "work/train.ipynb")
    id = run["run_id"]
    picture = next(path for path in mlflow.list_files(id) if path.startswith("displays/"))
    assert mlflow.list_files(id) == {
        "source.py",
        "execution.ipynb",
        "stdout.txt",
        "stderr.txt",
        "traceback.txt",
        picture,
    }
    assert mlflow.file(id, "source.py").decode() == source.replace("hunter2", "•••")
    assert mlflow.file(id, "stdout.txt") == b"epoch 1\n"
    assert mlflow.file(id, "traceback.txt").decode() == "ValueError\npassword = '•••'"
    assert mlflow.file(id, picture).startswith(b"\x89PNG")
    notebook = nbformat.reads(mlflow.file(id, "execution.ipynb").decode(), as_version=4)
    nbformat.validate(notebook)
    assert [each["output_type"] for each in notebook.cells[0].outputs] == [
        each["output_type"] for each in outputs
    ]
    assert notebook.cells[0].outputs[3]["data"]["text/markdown"] == f"![image/png]({picture})"


async def test_cells_of_a_session_lie_below_one_run(yard: Yard, mlflow: Mlflow) -> None:
    now = time.time() - 1000
    for n in range(7):
        yard.ran(f"e{n}", f"x = {n}", at=now + 10 * n, count=n + 1)
    other = Origin("kernel-1", "notebook-2", "other.ipynb", "python", send="all", target=yard.origin.target)
    yard.ran("o1", at=now, origin=other)
    await yard.settle()
    runs = mlflow.runs(yard.experiment)
    parents = {run["run_id"]: run for run in runs if run["tags"]["jupyter.recorded"] == "session"}
    assert sorted(run["run_name"].split(" · ")[0] for run in parents.values()) == [
        "other.ipynb",
        "train.ipynb",
    ]
    cells = mlflow.cells(yard.experiment)
    assert len(cells) == 8
    (train,) = {cells[f"e{n}"][0]["tags"]["mlflow.parentRunId"] for n in range(7)}
    assert int(parents[train]["end_time"]) == round((now + 62) * 1000), "it ends with the last of its cells"
    assert parents[train]["status"] == "FINISHED"


async def test_exactly_what_the_preview_shows_is_sent(yard: Yard, mlflow: Mlflow) -> None:
    yard.ran(
        "e1",
        "token = 'Zx81kklmn0'  # mine",
        outputs=({"output_type": "stream", "name": "stdout", "text": "a"},),
    )
    shown = yard.sending.preview("e1")
    assert yard.states() == {"e1": "waiting"}
    await yard.settle()
    ((run,),) = mlflow.cells(yard.experiment).values()
    assert run["run_name"] == shown["run"]["name"] == "token = '•••' # mine"
    assert run["params"] == shown["run"]["params"]
    assert run["metrics"] == shown["run"]["metrics"]
    assert run["tags"].items() >= shown["run"]["tags"].items()
    assert set(run["tags"]) - set(shown["run"]["tags"]) <= {"mlflow.parentRunId", "mlflow.runName"}
    files = {each["path"]: each["text"] for each in shown["files"]}
    assert mlflow.list_files(run["run_id"]) == set(files)
    for path, text in files.items():
        assert mlflow.file(run["run_id"], path).decode() == text


async def test_runs_of_the_cells_own_code_are_adopted(yard: Yard, mlflow: Mlflow) -> None:
    id = mlflow.post("experiments/create", name=f"{yard.experiment} own")["experiment_id"]
    own = mlflow.post(
        "runs/create",
        experiment_id=id,
        start_time=1,
        run_name="mine",
        tags=[{"key": "jupyter.execution_id", "value": "e1"}, {"key": "mlflow.parentRunId", "value": "x"}],
    )["run"]["info"]["run_id"]
    foreign = mlflow.post("runs/create", experiment_id=id, start_time=1, run_name="not of this cell")["run"][
        "info"
    ]["run_id"]
    yard.ran("e1", "with mlflow.start_run(): fit()", runs={own: yard.url, foreign: yard.url})
    assert yard.sending.preview("e1")["adopts"] == sorted([own, foreign])
    await yard.settle()
    run = mlflow.get(own)
    assert (run["info"]["run_name"], run["info"]["status"]) == ("mine", "RUNNING"), "it is still the code's"
    tags = {each["key"]: each["value"] for each in run["data"]["tags"]}
    assert tags["mlflow.parentRunId"] == "x"
    assert "jupyter.recorded" not in tags
    assert len(tags["jupyter.source_sha256"]) == 64
    assert mlflow.list_files(own) == {"jupyter/source.py", "jupyter/execution.ipynb"}
    assert mlflow.list_files(foreign) == set(), "a kernel may name any run"
    assert (
        mlflow.client.get("experiments/get-by-name", params={"experiment_name": yard.experiment}).status_code
        == 404
    )


async def test_own_runs_that_nobody_told_of_are_found(yard: Yard, mlflow: Mlflow) -> None:
    id = mlflow.post("experiments/create", name=yard.experiment)["experiment_id"]
    tags = [{"key": "jupyter.execution_id", "value": "e1"}]
    own = mlflow.post("runs/create", experiment_id=id, start_time=1, tags=tags)["run"]["info"]["run_id"]
    yard.ran("e1")
    await yard.settle()
    assert mlflow.cells(yard.experiment) == {}
    assert "jupyter/source.py" in mlflow.list_files(own)


async def test_own_runs_out_of_reach_are_said(yard: Yard, mlflow: Mlflow) -> None:
    yard.ran("e1", runs={"0" * 32: "http://elsewhere.invalid:5000"})
    yard.ran("e2", runs={"1" * 32: yard.url})
    await yard.settle()
    assert yard.states() == {"e1": "kept", "e2": "kept"}
    reason = yard.ledger.write(
        lambda db: db.execute("SELECT reason FROM queue ORDER BY execution_id").fetchall()
    )
    assert "http://elsewhere.invalid:5000" in json.loads(reason[0][0])["message"]


async def test_an_experiment_that_was_deleted(yard: Yard, mlflow: Mlflow) -> None:
    id = mlflow.post("experiments/create", name=yard.experiment)["experiment_id"]
    yard.ran("e1")
    await yard.settle()
    mlflow.post("experiments/delete", experiment_id=id)
    yard.ran("e2")
    await yard.settle()
    assert yard.states() == {"e1": "sent", "e2": "refused"}
    (refused,) = yard.sending.summary("notebook-1")["refused"]
    assert refused["reason"]["code"] == "experiment-deleted"
    mlflow.post("experiments/restore", experiment_id=id)
    assert yard.sending.resend("e2") == 1
    await yard.settle()
    assert set(mlflow.cells(yard.experiment)) == {"e1", "e2"}


async def test_what_was_refused_goes_elsewhere_once(yard: Yard, mlflow: Mlflow) -> None:
    """A run that was begun at the old place is taken back, and that of its session ends."""
    id = mlflow.post("experiments/create", name=yard.experiment)["experiment_id"]
    tags = [{"key": "jupyter.execution_id", "value": "e1"}, {"key": "jupyter.recorded", "value": "cell"}]
    made = mlflow.post("runs/create", experiment_id=id, start_time=1, tags=tags)
    mlflow.post("runs/log-parameter", run_id=made["run"]["info"]["run_id"], key="language", value="cobol")
    yard.ran("e1")
    await yard.settle()
    assert yard.states() == {"e1": "refused"}
    other = {"server_id": yard.server_id, "experiment": f"{yard.experiment} elsewhere"}
    assert yard.sending.movable("notebook-1") == ["e1"]
    assert yard.sending.redirect("e1", other) == 1
    await yard.settle()
    await yard.sending.drain()
    assert yard.states() == {"e1": "sent"}
    check_complete(mlflow, other["experiment"], {"e1"})
    assert mlflow.cells(yard.experiment) == {}
    assert [run["status"] for run in mlflow.runs(yard.experiment)] == ["FINISHED"], "that of the session"
    assert History(yard.ledger).get("e1")["target"] == other
    assert yard.sending.redirect("e1", other) == 0, "what was sent stays where it is"

    mlflow.post("experiments/delete", experiment_id=id)
    yard.ran("e2")
    yard.ran("e3", origin=replace(yard.origin, target={"server_id": "gone", "experiment": "x"}))
    await yard.sending.drain()
    assert yard.states() == {"e1": "sent", "e2": "refused", "e3": "waiting"}
    assert yard.sending.movable("notebook-1") == ["e2", "e3"]
    assert [yard.sending.redirect(each, other) for each in ("e2", "e3", "never")] == [1, 1, 0]
    await yard.settle()
    check_complete(mlflow, other["experiment"], {"e1", "e2", "e3"})


async def test_a_run_that_somebody_deleted_is_not_made_again(yard: Yard, mlflow: Mlflow) -> None:
    yard.ran("e1")
    await yard.settle()
    ((run,),) = mlflow.cells(yard.experiment).values()
    mlflow.post("runs/delete", run_id=run["run_id"])
    yard.ledger.write(lambda db: db.execute("UPDATE queue SET state = 'waiting', frozen = NULL"))
    yard.ledger.write(lambda db: db.execute("DELETE FROM made_runs"))
    await yard.settle()
    assert yard.states() == {"e1": "refused"}
    assert mlflow.cells(yard.experiment) == {}
    assert len(mlflow.cells(yard.experiment, "ALL")["e1"]) == 1
    assert yard.sending.drop("e1") == 1
    assert yard.sending.summary()["refused"] == []


async def test_names_and_texts_beyond_what_servers_take(yard: Yard, mlflow: Mlflow) -> None:
    id = "e'\"`; \x00 ü" * 40
    origin = Origin(
        "k" * 600,
        "n" * 600,
        "dir/" + "long" * 2000 + ".ipynb",
        "python",
        send="all",
        target=yard.origin.target,
    )
    yard.ran(
        id,
        "#" + "é🚀\x00" * 4000,
        origin=origin,
        ok=False,
        ename="E" * 9000,
        evalue="\x1b[31m" + "m" * 90_000,
    )
    yard.ran("empty", "")
    await yard.settle()
    assert set(yard.states().values()) == {"sent"}
    names = [runs[0]["run_name"] for runs in mlflow.cells(yard.experiment).values()]
    assert sorted(len(name) for name in names) == [8, 100]
