"""Whatever becomes of a kernel, what it ran is there, once, and nothing runs for ever."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_under_test import Jupyter
from kernel_under_test import PATIENCE_S, NotebookKernel
from processes_under_test import wait_until
from recorder_support import (
    executions,
    outputs,
    record,
    recording,
    wait_ended,
    wait_for,
    wait_outputs,
    wait_recorded,
)
from shipping_support import Mlflow

from servers import MlflowServer

Open = Callable[..., NotebookKernel]

#: The run's, by the execution's.
RUN_STATUS = {"ok": "FINISHED", "error": "FAILED", "interrupted": "KILLED", "killed": "KILLED"}

#: How often a kernel is killed at a random moment (`npm run soak`: more often); the seed is printed.
KILLS = int(os.environ.get("JUPYTER_MLFLOW_SOAK_KILLS") or 50)


@pytest.fixture
def open_kernel(
    jupyter: Jupyter, request: pytest.FixtureRequest, plain_servers: Callable[[str], MlflowServer]
) -> Iterator[Open]:
    """Opens a recorded notebook of this test; its kernel ends with it, when all that it ran has been counted
    on a real tracking server."""
    opened: list[NotebookKernel] = []
    url = plain_servers("newest").url
    target = {"server_id": jupyter.add(url), "experiment": request.node.name}

    def make(name: str = "notebook.ipynb", **options: Any) -> NotebookKernel:
        folder = "".join(c if c.isalnum() else "-" for c in request.node.name)
        path = f"{folder}/{name}"
        record(jupyter, path, send="all", target=target)
        opened.append(NotebookKernel(jupyter, path, **options))
        return opened[-1]

    yield make
    for each in opened:
        check_sent(jupyter, each.path, url, target["experiment"])
        each.close()


def check_sent(jupyter: Jupyter, path: str, url: str, experiment: str) -> None:
    """Zero lost, zero doubled: of each execution of a notebook there is one run, which ended as it did."""

    def is_sent(rows: list[dict[str, Any]]) -> bool:
        return all(row["sending"] == "sent" for row in rows)

    rows = wait_for(jupyter, path, is_sent, "everything to be sent")
    if not rows:
        return
    mlflow = Mlflow(url)
    cells = mlflow.cells(experiment)
    mlflow.close()
    assert set(by_id(rows)) <= set(cells)
    # There may be more: what was sent before it was deleted here.
    assert set(map(len, cells.values())) == {1}
    ends = {id: runs[0]["status"] for id, runs in cells.items()}
    assert {row["id"]: RUN_STATUS[row["status"]] for row in rows}.items() <= ends.items()


def by_id(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in rows}


def test_the_first_cell_of_a_kernel_and_of_its_restart_are_there(jupyter: Jupyter, open_kernel: Open) -> None:
    kernel = open_kernel()
    first = kernel.run("a = 1", cell_id="1")
    kernel.restart()
    second = kernel.run("b = 2", cell_id="1")
    rows = wait_ended(jupyter, kernel.path, 2)
    assert [row["id"] for row in rows] == [first.msg_id, second.msg_id]
    assert [row["status"] for row in rows] == ["ok", "ok"]
    assert rows[0]["process"] != rows[1]["process"]


def test_fifty_thousand_lines_and_none_lost(jupyter: Jupyter, open_kernel: Open) -> None:
    kernel = open_kernel()
    wait_recorded(jupyter, kernel)
    cell = kernel.send("for n in range(50_000): print(n, flush=True)")
    wait_for(jupyter, kernel.path, lambda rows: len(rows) == 1)
    # The page is closed: nobody but the witness listens.
    kernel.socket.close()
    wait_ended(jupyter, kernel.path, 1)
    wait_for(jupyter, kernel.path, lambda rows: rows[0]["output_bytes"] >= 288_890)
    (output,) = outputs(jupyter, cell.msg_id)
    assert output["text"] == "".join(f"{n}\n" for n in range(50_000))


def test_a_kernel_of_another_language(jupyter: Jupyter, open_kernel: Open) -> None:
    folder = jupyter.home / "data" / "kernels" / "bash"
    folder.mkdir(parents=True, exist_ok=True)
    argv = [sys.executable, "-m", "bash_kernel", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Bash", "language": "bash"}
    (folder / "kernel.json").write_text(json.dumps(spec))
    cell = {"cell_type": "code", "outputs": [], "metadata": {}, "execution_count": None}
    cells = [
        {**cell, "id": f"id-{n}", "source": source} for n, source in enumerate(("echo $PPID", "ls", "ls"))
    ]
    notebook = jupyter.root / "test-a-kernel-of-another-language" / "notebook.ipynb"
    notebook.parent.mkdir()
    notebook.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    kernel = open_kernel(kernel="bash")
    wait_recorded(jupyter, kernel, capture="witness", code="true")
    ran = [kernel.run("echo $PPID"), kernel.run("no-such-command-at-all"), kernel.send("sleep 600")]
    rows = wait_for(jupyter, kernel.path, lambda rows: len(rows) == 3)
    assert [row["status"] for row in rows] == ["ok", "error", "running"]
    assert {row["capture"] for row in rows} == {"witness"}
    assert {row["language"] for row in rows} == {"bash"}
    pid = ran[0].stdout
    assert wait_outputs(jupyter, ran[0].msg_id, bool)[0]["text"] == pid
    os.kill(int(pid), signal.SIGKILL)
    wait_ended(jupyter, kernel.path, 3)
    kernel.connect()
    again = kernel.run("echo again")
    rows = wait_ended(jupyter, kernel.path, 4)
    assert [row["status"] for row in rows] == ["ok", "error", "killed", "ok"]
    assert rows[3]["id"] == again.msg_id
    assert rows[3]["process"] != rows[2]["process"]
    # Nobody names the cell: it is found where its source is the only one of its kind.
    wait_for(jupyter, kernel.path, lambda rows: rows[0]["cell_id"] == "id-0")
    assert [row["cell_id"] for row in executions(jupyter, kernel.path)[1:]] == [None, None, None]


def test_kernels_killed_at_random_moments_lose_nothing_and_double_nothing(
    start_jupyter: Callable[..., Jupyter], plain_servers: Callable[[str], MlflowServer]
) -> None:
    """In two kernels that Jupyter restarts each time, sent to a real tracking server, and counted there."""
    jupyter = start_jupyter(
        config="c.KernelRestarter.restart_limit = 10000\nc.KernelRestarter.time_to_dead = 0.3\n"
    )
    url = plain_servers("newest").url
    target = {"server_id": jupyter.add(url), "experiment": "kernels killed (cells)"}
    for name in "ab":
        record(jupyter, f"{name}.ipynb")
    seed = int(os.environ.get("JUPYTER_MLFLOW_SOAK_SEED") or random.randrange(10**6))
    print("seed", seed)
    chance = random.Random(seed)
    kernels = [NotebookKernel(jupyter, f"{name}.ipynb") for name in "ab"]
    for kernel in kernels:
        wait_recorded(jupyter, kernel)
        record(jupyter, kernel.path, send="all", target=target)
    asked: dict[str, set[str]] = {kernel.path: set() for kernel in kernels}
    pids = {kernel.path: kernel.wait_known()["facts"]["pid"] for kernel in kernels}
    for number in range(KILLS // 2):
        for kernel in kernels:
            kernel.connect()
            mark = jupyter.root / f"begun-{number}-{kernel.path}"
            cell = kernel.send(f"open({str(mark)!r}, 'w').close()\nfor n in range(10**9): print(n)")
            wait_until(mark.exists, f"the cell to begin (seed {seed})")
            asked[kernel.path].add(cell.msg_id)
            time.sleep(chance.random() * 0.05)  # the moment is what is tried, nothing is waited for
            os.kill(pids[kernel.path], signal.SIGKILL)
        for kernel in kernels:
            found: dict[str, Any] = {}

            def is_back(kernel: NotebookKernel = kernel, found: dict[str, Any] = found) -> bool:
                report = kernel.report()
                found.update(report["facts"] or {})
                return bool(report["injected"] and found.get("pid") not in (None, pids[kernel.path]))

            wait_until(is_back, f"the kernel to be back (seed {seed})")
            pids[kernel.path] = found["pid"]
    for kernel in kernels:
        rows = wait_ended(jupyter, kernel.path, len(asked[kernel.path]))
        assert {row["id"] for row in rows} == asked[kernel.path], f"seed {seed}"
        assert {row["status"] for row in rows} == {"killed"}, f"seed {seed}"
        assert all(row["source"] for row in rows), f"seed {seed}"

    def is_all_sent() -> bool:
        return all(row["sending"] == "sent" for kernel in kernels for row in executions(jupyter, kernel.path))

    wait_until(is_all_sent, f"everything to be sent (seed {seed})", PATIENCE_S + KILLS * 5)
    mlflow = Mlflow(url)
    cells = mlflow.cells(target["experiment"])
    mlflow.close()
    assert {id: len(runs) for id, runs in cells.items()} == dict.fromkeys(set().union(*asked.values()), 1)
    assert {run["status"] for (run,) in cells.values()} == {"KILLED"}
    print(f"{len(cells)} kernels killed: each cell is there once, none lost, none doubled")


def test_two_notebooks_on_one_kernel(jupyter: Jupyter, open_kernel: Open) -> None:
    kernel = open_kernel()
    wait_recorded(jupyter, kernel)
    other = kernel.path.replace("notebook.ipynb", "other.ipynb")
    (jupyter.root / other).write_text((jupyter.root / kernel.path).read_text())
    body = {"kernel_id": kernel.id, "session": "another-client", "path": other}
    assert jupyter.client.post("recording/clients", json=body).status_code == 204
    mine = kernel.run("mine = 1")
    kernel.session, before = "another-client", kernel.session
    kernel.connect()
    hidden = kernel.run("theirs = 'not recorded'")
    record(jupyter, other)
    theirs = kernel.run("theirs = 'recorded'")
    kernel.session = before
    kernel.connect()
    also_mine = kernel.run("mine = 2")
    # A console at the same kernel changes what the notebook's next cells find: it is of that notebook.
    kernel.session = "a-console"
    kernel.connect()
    console = kernel.run("mine = 3", cell_id="of-the-console")
    rows = wait_ended(jupyter, kernel.path, 3)
    assert [row["id"] for row in rows] == [mine.msg_id, also_mine.msg_id, console.msg_id]
    assert [row["id"] for row in wait_ended(jupyter, other, 1)] == [theirs.msg_id]
    assert hidden.msg_id not in by_id(executions(jupyter))
    journals = (jupyter.home / "runtime" / "jupyter-mlflow" / "journals" / kernel.id).glob("*.journal")
    assert not any(b"not recorded" in file.read_bytes() for file in journals)


def test_a_notebook_that_is_renamed_and_moved_keeps_its_history(jupyter: Jupyter, open_kernel: Open) -> None:
    kernel = open_kernel()
    wait_recorded(jupyter, kernel)
    kernel.run("1")
    kernel.rename(kernel.path.replace("notebook.ipynb", "renamed.ipynb"))
    kernel.run("2")
    (jupyter.root / "elsewhere").mkdir()
    kernel.rename("elsewhere/moved.ipynb")
    kernel.run("3")
    rows = wait_ended(jupyter, kernel.path, 3)
    assert [row["source"] for row in rows] == ["1", "2", "3"]
    assert recording(jupyter, kernel.path)["rule"] == "notebook"


def test_another_notebook_of_a_kernel_that_leaves_a_recorded_folder_is_not_recorded_from_then_on(
    jupyter: Jupyter, open_kernel: Open
) -> None:
    """While a cell runs."""
    kernel = open_kernel()
    wait_recorded(jupyter, kernel)
    before, after = "left/another.ipynb", "free/another.ipynb"
    for path in (before, after):
        (jupyter.root / path).parent.mkdir()
    (jupyter.root / before).write_text((jupyter.root / kernel.path).read_text())
    record(jupyter, before, scope="folder")
    body = {"kernel_id": kernel.id, "session": kernel.session, "path": before}
    assert jupyter.client.post("recording/clients", json=body).status_code == 204
    gate = jupyter.root / "gate"
    running = kernel.send(f"import os, time\nwhile not os.path.exists({str(gate)!r}): time.sleep(0.01)")
    wait_for(jupyter, before, lambda rows: len(rows) == 1)
    assert kernel.http.patch(f"api/contents/{before}", json={"path": after}).status_code == 200
    wait_until(lambda: recording(jupyter, after)["notebook_id"] is not None, "the move to be known")
    wait_until(lambda: recording(jupyter, after)["sessions"] == [], "the kernel to follow")
    queued = kernel.send("'not recorded'")
    gate.touch()
    assert kernel.wait(running).ok
    assert kernel.wait(queued).ok
    rows = wait_ended(jupyter, after, 1)
    assert [row["id"] for row in rows] == [running.msg_id]
    assert jupyter.client.get(f"executions/{queued.msg_id}").status_code == 404


def test_an_interrupt_a_fork_and_a_thread_that_prints_late(jupyter: Jupyter, open_kernel: Open) -> None:
    kernel = open_kernel()
    wait_recorded(jupyter, kernel)
    mark = jupyter.root / Path(kernel.path).parent / "mark"
    cell = kernel.send(f"import time; open({str(mark)!r}, 'w').close()\nwhile True: time.sleep(0.01)")
    wait_until(mark.exists, "the cell to begin")
    assert kernel.http.post(f"api/kernels/{kernel.id}/interrupt").status_code == 204
    kernel.wait(cell)
    fork = kernel.run("import os\nif os.fork() == 0: os._exit(0)\nos.wait(); print('parent')")
    late = kernel.run(
        "import threading\ngate = threading.Event()\n"
        "thread = threading.Thread(target=lambda: (gate.wait(), print('late'))); thread.start()"
    )
    end = kernel.run("gate.set(); thread.join()")
    rows = wait_ended(jupyter, kernel.path, 4)
    assert [row["status"] for row in rows] == ["interrupted", "ok", "ok", "ok"]
    assert rows[0]["error"]["name"] == "KeyboardInterrupt"
    assert wait_outputs(jupyter, fork.msg_id, bool)[0]["text"] == "parent\n"

    def printed() -> str:
        return "".join(output["text"] for id in (late.msg_id, end.msg_id) for output in outputs(jupyter, id))

    wait_until(lambda: printed() == "late\n", "what the thread printed")


def test_a_person_who_deletes_history_finds_it_deleted(jupyter: Jupyter, open_kernel: Open) -> None:
    kernel = open_kernel()
    wait_recorded(jupyter, kernel)
    for cell in "abc":
        kernel.run(f"{cell} = 1", cell_id=cell)
    wait_ended(jupyter, kernel.path, 3)
    wait_for(jupyter, kernel.path, lambda rows: all(row["cell_id"] for row in rows))

    def delete(**query: Any) -> int:
        return int(jupyter.client.delete("executions", params=query).json()["deleted"])

    assert delete(path=kernel.path, cell="b") == 1
    assert [row["cell_id"] for row in executions(jupyter, kernel.path)] == ["a", "c"]
    assert delete(id=executions(jupyter, kernel.path)[0]["id"]) == 1
    assert delete(path=kernel.path) == 1
    assert jupyter.client.delete("executions").status_code == 400


def test_a_jupyter_server_that_is_killed_leaves_nothing_running_and_nothing_lost(
    start_jupyter: Callable[..., Jupyter], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    env = {
        name: str(home / folder)
        for name, folder in {
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
        }.items()
    }
    first = start_jupyter(env=env)
    record(first, "a.ipynb")
    kernel = NotebookKernel(first, "a.ipynb")
    wait_recorded(first, kernel)
    ended = kernel.run("ended = 1", cell_id="1")
    wait_ended(first, "a.ipynb", 1)
    mark = first.root / "mark"
    running = kernel.send(f"open({str(mark)!r}, 'w').close()\nimport time\nwhile True: time.sleep(0.01)")
    wait_until(mark.exists, "the cell to begin")
    wait_for(first, "a.ipynb", lambda rows: len(rows) == 2)
    first.process.process.kill()
    first.process.process.wait()
    second = start_jupyter(env=env)
    rows = wait_for(
        second,
        None,
        lambda rows: [row["status"] for row in rows] == ["ok", "unknown"],
        "what was left to end",
    )
    assert [row["id"] for row in rows] == [ended.msg_id, running.msg_id]
    journals = home / "runtime" / "jupyter-mlflow" / "journals"
    wait_until(lambda: list(journals.iterdir()) == [], "the journal to be read and gone")
    third = start_jupyter(env=env)
    assert executions(third) == [], "another server on the same folder has a ledger of its own"
    assert len(list((home / "data" / "jupyter-mlflow" / "ledger").glob("*.db"))) == 2
