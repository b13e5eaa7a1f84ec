"""From a cell in a real kernel to a run on a real tracking server, by the routes that the page uses."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fault_proxy import FaultProxy
from jupyter_under_test import Jupyter
from kernel_under_test import NotebookKernel
from local_support import START_S
from processes_under_test import free_port, wait_until
from recorder_support import executions, outputs, record, wait_ended, wait_recorded
from shipping_support import Mlflow

from servers import MlflowServer

SEED = int(os.environ.get("JUPYTER_MLFLOW_TEST_SEED", "20"))


@pytest.fixture(scope="module")
def mlflow(plain_servers: Callable[[str], MlflowServer]) -> Iterator[Mlflow]:
    """What is really there."""
    found = Mlflow(plain_servers("newest").url)
    yield found
    found.close()


@pytest.fixture(scope="module")
def kernel(jupyter: Jupyter) -> Iterator[NotebookKernel]:
    """A notebook's, with the shim in it."""
    running = NotebookKernel(jupyter, "sent/train.ipynb")
    running.wait_known()
    yield running
    running.close()


def sending(jupyter: Jupyter, path: str) -> dict[str, Any]:
    """What waits, and what was refused."""
    answer = jupyter.client.get("sending", params={"path": path})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def ready(jupyter: Jupyter, kernel: NotebookKernel) -> None:
    """What the kernel runs from now on is seen as a whole; nothing is sent yet."""
    record(jupyter, kernel.path)
    wait_recorded(jupyter, kernel)


def state_of(jupyter: Jupyter, id: str) -> str | None:
    """Of its sending; None until the recorder has heard of it."""
    answer = jupyter.client.get(f"executions/{id}")
    if answer.status_code == 404:
        return None
    found: str | None = answer.json()["sending"]
    return found


ODD = "<b onclick='x()'>b</b><script>x()</script> \x1b[31mred\x1b[0m \0 \b\b \u202ertl\u202c é 😀"
ODD_SOURCE = "# " + "x" * 5_000_000
WAITS = "import os\nchild = os.fork()\nif child == 0: os._exit(0)\nassert os.wait()[0] == child"


def committed(folder: Path) -> str:
    """A commit of its notebooks."""
    options = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run(["git", *options, *words], cwd=folder, check=True)
    found = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True)
    return found.stdout.decode().strip()


def test_every_cell_is_sent(
    jupyter: Jupyter, kernel: NotebookKernel, mlflow: Mlflow, plain_servers: Callable[[str], MlflowServer]
) -> None:
    url = plain_servers("newest").url
    target = {"server_id": jupyter.add(url), "experiment": "train (sent)"}
    ready(jupyter, kernel)
    commit = committed(jupyter.root / Path(kernel.path).parent)
    record(jupyter, kernel.path, send="all", target=target)
    # Whoever waits for any child meets none but those of the cell.
    first = kernel.run(f"# Load\npassword = 'hunter2'\n{WAITS}\nprint('loaded')", cell_id="c1")
    failing = kernel.run("1 / 0", cell_id="c2")
    # A source of five megabytes; HTML, and what would move a terminal's cursor: text like any other.
    odd = kernel.run(f"# Odd\n{ODD_SOURCE}\nprint({ODD!r})", cell_id="c4")
    assert odd.ok, odd.reply
    own = kernel.run(
        f"import mlflow\nmlflow.set_tracking_uri({url!r})\n_ = mlflow.set_experiment('own')\n"
        "with mlflow.start_run(run_name='mine') as run:\n    mlflow.log_metric('loss', 0.5)\n"
        "print(run.info.run_id)",
        cell_id="c3",
    )
    assert own.ok, own.reply
    ids = {first.msg_id, failing.msg_id, odd.msg_id, own.msg_id}
    wait_ended(jupyter, kernel.path, 4)
    wait_until(lambda: all(state_of(jupyter, id) == "sent" for id in ids), "everything is sent", START_S)
    cells = mlflow.cells("train (sent)")
    assert {id: len(runs) for id, runs in cells.items()} == {
        id: 1 for id in (first.msg_id, failing.msg_id, odd.msg_id)
    }
    ((loaded,), (failed,), (strange,)) = (cells[each.msg_id] for each in (first, failing, odd))
    assert (loaded["run_name"], loaded["status"], loaded["tags"]["jupyter.cell_id"]) == (
        "Load",
        "FINISHED",
        "c1",
    )
    assert loaded["params"]["kernel"] == "python3"
    assert loaded["tags"]["jupyter.git.commit"] == commit
    assert mlflow.file(loaded["run_id"], "stdout.txt") == b"loaded\n"
    assert b"hunter2" not in mlflow.file(loaded["run_id"], "source.py")
    assert (failed["status"], failed["tags"]["jupyter.error_name"]) == ("FAILED", "ZeroDivisionError")
    assert b"ZeroDivisionError" in mlflow.file(failed["run_id"], "traceback.txt")
    kept = outputs(jupyter, odd.msg_id)
    assert "".join(each["text"] for each in kept) == f"{ODD}\n"
    assert mlflow.file(strange["run_id"], "stdout.txt").decode() == f"{ODD}\n"
    sent = json.loads(mlflow.file(strange["run_id"], "execution.ipynb"))
    assert "".join(sent["cells"][0]["outputs"][0]["text"]).startswith(ODD)
    assert len(mlflow.file(strange["run_id"], "source.py")) > 5_000_000
    (row,) = (each for each in executions(jupyter, kernel.path) if each["id"] == odd.msg_id)
    assert len(row["source"]) > 5_000_000
    mine = own.stdout.strip().splitlines()[-1]
    assert {"jupyter/source.py", "jupyter/execution.ipynb"} <= mlflow.list_files(mine)
    assert mlflow.get(mine)["info"]["run_name"] == "mine"
    assert sending(jupyter, kernel.path)["waiting"] == 0


def test_jupyter_is_killed_again_and_again(
    tmp_path: Path, mlflow: Mlflow, plain_servers: Callable[[str], MlflowServer]
) -> None:
    """While it sends, with a slow server; what ran before each kill is there once in the end."""
    proxy = FaultProxy(plain_servers("newest").url)
    proxy.plan = lambda method, path: 0.15
    chance = random.Random(SEED)
    print(f"seed {SEED}")

    def run(jupyter: Jupyter, name: str) -> set[str]:
        target = {"server_id": jupyter.add(proxy.url), "experiment": "killed (cells)"}
        kernel = NotebookKernel(jupyter, "a.ipynb")
        ready(jupyter, kernel)
        record(jupyter, kernel.path, send="all", target=target)
        return {kernel.run(f"# {name}, cell {n}\nx = {n}", cell_id=f"c{n}").msg_id for n in range(3)}

    def killed(name: str) -> set[str]:
        jupyter = Jupyter(tmp_path)
        try:
            before = sum(proxy.passed.values())
            ids = run(jupyter, name)
            some = chance.randint(1, 12)
            wait_until(lambda: sum(proxy.passed.values()) >= before + some, "it sends", START_S)
            os.kill(jupyter.process.process.pid, signal.SIGKILL)
        finally:
            jupyter.stop()
        return ids

    ids = killed("one") | killed("two")
    jupyter = Jupyter(tmp_path)
    try:
        ids |= run(jupyter, "three")
        wait_until(lambda: set(mlflow_cells(mlflow)) >= ids, "everything is there", START_S)
        wait_until(lambda: sending(jupyter, "a.ipynb")["waiting"] == 0, "everything is sent", START_S)
    finally:
        jupyter.stop()
        proxy.close()
    cells = mlflow_cells(mlflow)
    assert {id: len(runs) for id, runs in cells.items()} == dict.fromkeys(ids, 1)
    assert all(runs[0]["status"] == "FINISHED" for runs in cells.values())
    sessions = [run["tags"].get("jupyter.session") for run in mlflow.runs("killed (cells)")]
    assert len(list(filter(None, sessions))) == len(set(filter(None, sessions))) == 3


def mlflow_cells(mlflow: Mlflow) -> dict[str, list[dict[str, Any]]]:
    """Of the experiment of the killed; none before it is there."""
    answer = mlflow.client.get("experiments/get-by-name", params={"experiment_name": "killed (cells)"})
    return mlflow.cells("killed (cells)") if answer.status_code == 200 else {}


def test_into_a_store_that_jupyter_serves_itself(start_jupyter: Callable[..., Jupyter]) -> None:
    """The server over it is started for that, and by nobody else."""
    jupyter = start_jupyter()
    store = jupyter.add("sqlite:///runs.db")
    kernel = NotebookKernel(jupyter, "a.ipynb")
    ready(jupyter, kernel)
    record(jupyter, kernel.path, send="all", target={"server_id": store, "experiment": "a (cells)"})
    cell = kernel.run("# In a store\n1 + 1", cell_id="c1")
    wait_until(lambda: state_of(jupyter, cell.msg_id) == "sent", "it is sent", START_S)
    path = jupyter.path(store, "ajax-api/2.0/mlflow/runs/search")
    found = jupyter.client.post(path, json={"experiment_ids": ["1"], "max_results": 10}).json()["runs"]
    assert {run["info"]["run_name"] for run in found} >= {"In a store"}
    kernel.close()


def test_what_cannot_be_sent_waits_and_says_why(jupyter: Jupyter, kernel: NotebookKernel) -> None:
    nowhere = jupyter.add(f"http://127.0.0.1:{free_port()}")
    record(jupyter, kernel.path)
    kernel.restart()
    ready(jupyter, kernel)
    record(jupyter, kernel.path, send="all", target={"server_id": nowhere, "experiment": "x"})
    cell = kernel.run("token = 'Zx81kklmn0'", cell_id="c1")
    shown: dict[str, Any] = {}

    def is_shown() -> bool:
        answer = jupyter.client.get(f"executions/{cell.msg_id}/preview")
        shown.update(answer.json() if answer.status_code == 200 else {})
        return "run" in shown and shown["run"]["metrics"] != {}

    wait_until(is_shown, "the preview", START_S)
    assert shown["run"]["name"] == "token = '•••'"
    assert shown["run"]["key"] == ["jupyter.execution_id", cell.msg_id]

    def says_why() -> bool:
        found = sending(jupyter, kernel.path)
        return found["waiting"] == 1 and (found["reason"] or {}).get("code") == "upstream-unreachable"

    wait_until(says_why, "the reason is told", START_S)
    # It is on its way yet: not refused, and so not to be settled.
    assert jupyter.client.post("sending", json={"do": "resend", "path": kernel.path}).json() == {"settled": 0}
    assert jupyter.client.post("sending", json={"do": "burn", "path": kernel.path}).status_code == 400
    assert jupyter.client.delete("executions", params={"id": cell.msg_id}).status_code == 200
    assert sending(jupyter, kernel.path)["waiting"] == 0
    assert jupyter.client.get("executions/nothing/preview").status_code == 404


def test_refused_cells_and_all_that_follow_go_to_another_experiment(
    jupyter: Jupyter, kernel: NotebookKernel, mlflow: Mlflow, plain_servers: Callable[[str], MlflowServer]
) -> None:
    server_id = jupyter.add(plain_servers("newest").url)
    gone = mlflow.post("experiments/create", name="gone (cells)")["experiment_id"]
    mlflow.post("experiments/delete", experiment_id=gone)
    record(jupyter, kernel.path)
    kernel.restart()
    ready(jupyter, kernel)
    record(jupyter, kernel.path, send="all", target={"server_id": server_id, "experiment": "gone (cells)"})
    ids = [kernel.run(f"# Refused {n}", cell_id=f"r{n}").msg_id for n in range(3)]
    wait_until(lambda: [state_of(jupyter, id) for id in ids] == ["refused"] * 3, "all are refused", START_S)
    refused = sending(jupyter, kernel.path)["refused"]
    assert [each["execution_id"] for each in refused] == ids
    assert {each["reason"]["code"] for each in refused} == {"experiment-deleted"}

    def post(**body: Any) -> Any:
        return jupyter.client.post("sending", json={"path": kernel.path, **body})

    target = {"server_id": server_id, "experiment": "moved (cells)"}
    assert post(do="redirect").status_code == 400
    assert post(do="redirect", target={**target, "experiment": " "}).status_code == 400
    assert post(do="redirect", target={**target, "server_id": "none"}).status_code == 404
    assert post(do="redirect", target=target, later="yes").status_code == 400
    assert post(do="resend").json() == {"settled": 3}
    wait_until(lambda: [state_of(jupyter, id) for id in ids] == ["refused"] * 3, "refused again", START_S)
    assert post(do="drop", ids=[ids[0], "of another notebook"]).json() == {"settled": 1}
    assert post(do="redirect", target=target, later=True).json() == {"settled": 2}
    last = kernel.run("# Follows them without a restart", cell_id="r9").msg_id
    wait_until(lambda: state_of(jupyter, last) == "sent", "what follows is sent, too", START_S)
    wait_until(lambda: set(mlflow.cells("moved (cells)")) == {*ids[1:], last}, "all are there", START_S)
    assert state_of(jupyter, ids[0]) == "dropped"
    found = jupyter.client.get("recording", params={"path": kernel.path}).json()
    assert (found["target"], found["sessions"][0]["target"], found["refused"]) == (target, target, 0)
    assert post(do="drop").json() == {"settled": 0}


def test_a_persons_own_words(jupyter: Jupyter, kernel: NotebookKernel) -> None:
    answer = jupyter.client.patch("preferences", json={"secret_words": ["Project Falcon"]})
    assert answer.json()["secret_words"] == ["Project Falcon"]
    cell = kernel.run("# Project Falcon begins", cell_id="c9")
    wait_ended(jupyter, kernel.path, 1)

    def name() -> str:
        found = jupyter.client.get(f"executions/{cell.msg_id}/preview").json()
        return str(found.get("run", {}).get("name"))

    wait_until(lambda: name() == "••• begins", "it is masked", START_S)
    assert jupyter.client.patch("preferences", json={"secret_words": ["*"]}).status_code == 400
    assert jupyter.client.patch("preferences", json={"secret_words": None}).json()["secret_words"] == []
