"""What becomes of the ledger and of whole Jupyter servers: each cell is on the tracking server once."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from count_support import check_counts, send_all, wait_sent
from fault_proxy import FaultProxy
from jupyter_under_test import Jupyter
from kernel_under_test import NotebookKernel
from processes_under_test import wait_until
from recorder_support import executions, outputs, recording, wait_for, wait_outputs
from shipping_support import Mlflow

from servers import MlflowServer


@pytest.fixture(scope="module")
def mlflow(plain_servers: Callable[[str], MlflowServer]) -> Iterator[Mlflow]:
    """What is really there."""
    found = Mlflow(plain_servers("newest").url)
    yield found
    found.close()


@pytest.fixture(scope="module")
def proxy(plain_servers: Callable[[str], MlflowServer]) -> Iterator[FaultProxy]:
    """On the way there."""
    made = FaultProxy(plain_servers("newest").url)
    yield made
    made.close()


@pytest.fixture
def running(tmp_path: Path, proxy: FaultProxy) -> Iterator[Callable[[], Jupyter]]:
    """Begins Jupyter servers, all on one folder."""
    proxy.plan = lambda method, path: None
    begun: list[Jupyter] = []

    def begin() -> Jupyter:
        begun.append(Jupyter(tmp_path / "jupyter"))
        return begun[-1]

    yield begin
    for each in begun:
        each.stop()


def kill(jupyter: Jupyter) -> None:
    """At once; its kernels see it and end."""
    process = psutil.Process(jupyter.process.process.pid)
    kernels = process.children(recursive=True)
    process.kill()
    jupyter.process.process.wait()
    psutil.wait_procs(kernels, 60)


def journals(jupyter: Jupyter, kernel: NotebookKernel) -> Path:
    """Of a kernel."""
    return jupyter.home / "runtime" / "jupyter-mlflow" / "journals" / kernel.id


def ledger_of(jupyter: Jupyter) -> Path:
    """Its file, with all that was written in it."""
    file = jupyter.state_dir / "ledger" / "ledger-1.db"
    with contextlib.closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return file


def damage(file: Path, place: str) -> None:
    """The header, or the first page of a table."""
    with contextlib.closing(sqlite3.connect(file)) as db:
        (size,) = db.execute("PRAGMA page_size").fetchone()
        pages = dict(db.execute("SELECT name, rootpage FROM sqlite_master WHERE type = 'table'"))
    with file.open("r+b") as stream:
        if place != "header":
            stream.seek((pages[place] - 1) * size)
        stream.write(b"\xa5" * (100 if place == "header" else size))


@pytest.mark.parametrize("place", ["header", "executions"])
def test_a_damaged_ledger(
    running: Callable[[], Jupyter], proxy: FaultProxy, mlflow: Mlflow, place: str
) -> None:
    """While some cells are sent and some wait; one kernel has its journal still, the other has not."""
    experiment = f"damaged {place} (cells)"
    jupyter = running()
    there, gone = (send_all(jupyter, f"{name}.ipynb", proxy.url, experiment) for name in ("there", "gone"))
    sent = [kernel.run("print('sent')").msg_id for kernel in (there, gone)]
    wait_sent(jupyter, None, sent)
    for id in sent:
        wait_outputs(jupyter, id, bool)
    proxy.plan = lambda method, path: "503"
    waits_there, waits_gone = (kernel.run("print('waits')").msg_id for kernel in (there, gone))
    wait_for(jupyter, None, lambda rows: [row["sending"] for row in rows[2:]] == ["waiting"] * 2)
    for id in (waits_there, waits_gone):
        wait_outputs(jupyter, id, bool)
    gone.close()
    wait_until(lambda: not journals(jupyter, gone).exists(), "its journal to be gone")
    kill(jupyter)
    damage(ledger_of(jupyter), place)
    proxy.plan = lambda method, path: None
    again = running()
    ids, known = {*sent, waits_there, waits_gone}, {sent[0], waits_there}
    if place == "executions":
        # The page held all that was known of these executions, and of this one no journal does.
        ids -= {waits_gone}
    wait_sent(again, None, known if place == "executions" else ids)
    runs = check_counts(mlflow, experiment, dict.fromkeys(ids, "ok"))
    for id in sent:
        files = mlflow.list_files(runs[id]["run_id"])
        assert "stdout.txt" in files
        assert mlflow.file(runs[id]["run_id"], "stdout.txt") == b"sent\n"
        assert b"sent" in mlflow.file(runs[id]["run_id"], "execution.ipynb")
    if place != "executions":
        assert mlflow.file(runs[waits_gone]["run_id"], "stdout.txt") == b"waits\n"
        assert all(outputs(again, id) for id in ids)
    (problem,) = recording(again, "there.ipynb")["problems"]
    (aside,) = (again.state_dir / "ledger").glob("*damaged*.db")
    assert problem["code"] == "ledger-damaged"
    assert aside.name in problem["message"]


def test_a_journal_that_was_cut_while_no_jupyter_server_was_there(
    running: Callable[[], Jupyter], proxy: FaultProxy, mlflow: Mlflow
) -> None:
    """A Jupyter server that stands still, and is killed then, leaves a journal that nobody has read."""
    jupyter = running()
    kernel = send_all(jupyter, "cut.ipynb", proxy.url, "cut (cells)")
    begun, gate, done = (jupyter.root / name for name in ("begun", "gate", "done"))
    first = kernel.send(
        f"import os, time\nopen({str(begun)!r}, 'w').close()\n"
        f"while not os.path.exists({str(gate)!r}): time.sleep(0.02)"
    ).msg_id
    second = kernel.send("x = 2").msg_id
    last = kernel.send(f"x = 3; open({str(done)!r}, 'w').close()").msg_id
    wait_until(begun.exists, "the first to begin")
    wait_for(jupyter, "cut.ipynb", bool)
    os.kill(jupyter.process.process.pid, signal.SIGSTOP)
    gate.touch()
    (journal,) = journals(jupyter, kernel).glob("*.journal")
    wait_until(done.exists, "the last to end")
    wait_until(lambda: journal.read_bytes().count(b'"k": "end"') >= 3 + ran_before(journal), "its end")
    kill(jupyter)
    journal.write_bytes(journal.read_bytes()[:-30])
    again = running()
    wait_sent(again, None, [first, second, last])
    ended = {first: "ok", second: "ok", last: "unknown"}
    assert {row["id"]: row["status"] for row in executions(again)} == ended
    check_counts(mlflow, "cut (cells)", ended)
    assert recording(again, "cut.ipynb")["problems"] == [], "it is no damage"


def ran_before(journal: Path) -> int:
    """Cells that are in it beside the three of the test."""
    return journal.read_bytes().count(b'"k": "start"') - 3


def test_two_jupyter_servers_on_one_folder(
    running: Callable[[], Jupyter], proxy: FaultProxy, mlflow: Mlflow
) -> None:
    """One of them is killed while its cells wait; who comes next sends them."""
    servers = [running(), running()]
    kernels = [send_all(jupyter, "a.ipynb", proxy.url, "two servers (cells)") for jupyter in servers]
    proxy.plan = lambda method, path: 0.05
    ids: list[list[str]] = [[], []]
    for n in range(5):
        cells = [kernel.send(f"x = {n}") for kernel in kernels]
        for kernel, cell, mine in zip(kernels, cells, ids, strict=True):
            assert kernel.wait(cell).ok
            mine.append(cell.msg_id)
    for jupyter, mine in zip(servers, ids, strict=True):
        wait_sent(jupyter, None, mine)
    proxy.plan = lambda method, path: "503"
    late = [kernel.run("x = 'late'").msg_id for kernel in kernels]
    for jupyter in servers:
        wait_for(jupyter, None, lambda rows: rows[-1]["sending"] == "waiting")
    kill(servers[0])
    proxy.plan = lambda method, path: None
    third = running()
    wait_sent(third, None, [*ids[0], late[0]])
    wait_sent(servers[1], None, [*ids[1], late[1]])
    check_counts(mlflow, "two servers (cells)", dict.fromkeys([*ids[0], *ids[1], *late], "ok"))
