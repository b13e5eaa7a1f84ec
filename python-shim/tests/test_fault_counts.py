"""What goes wrong in a kernel and around it: each cell that it ran is on the tracking server once."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator

import pytest
from count_support import check_counts, send_all, wait_sent
from jupyter_under_test import Jupyter
from kernel_under_test import Execution, NotebookKernel
from processes_under_test import wait_until
from recorder_support import recording
from shipping_support import Mlflow

from servers import MlflowServer

#: What the journal of this kernel does instead, once, when it is about to write an entry of that kind.
INSTEAD = """
import os, signal, sys, types
journal = sys.modules[type(get_ipython()._jupyter_mlflow_journal).__module__]
def write(file, data):
    if b'"k": "{kind}"' in data:
        journal.os = os
        {instead}
    return os.write(file, data)
journal.os = types.SimpleNamespace(**{{**vars(os), "write": write}})
"""
INTERRUPTED = "os.kill(os.getpid(), signal.SIGINT)"
TORN = "os.write(file, data[: len(data) // 2]); os.kill(os.getpid(), signal.SIGKILL)"


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    """One that soon sees that a kernel has died."""
    config = "c.KernelRestarter.restart_limit = 10000\nc.KernelRestarter.time_to_dead = 0.3\n"
    running = Jupyter(tmp_path_factory.mktemp("counted"), config=config)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def mlflow(plain_servers: Callable[[str], MlflowServer]) -> Iterator[Mlflow]:
    """What is really there."""
    found = Mlflow(plain_servers("newest").url)
    yield found
    found.close()


class Counted:
    """A notebook of which every cell is sent, and what was asked for in it."""

    def __init__(self, kernel: NotebookKernel, mlflow: Mlflow, experiment: str) -> None:
        self.kernel = kernel
        self.jupyter = kernel.jupyter
        self.mlflow = mlflow
        self.experiment = experiment
        self.ended: dict[str, str] = {}

    def run(self, code: str, status: str = "ok") -> Execution:
        """A cell that ends so."""
        cell = self.kernel.run(code)
        self.ended[cell.msg_id] = status
        assert cell.ok is (status == "ok"), cell
        return cell

    def send(self, code: str, status: str = "ok") -> Execution:
        """One that will."""
        cell = self.kernel.send(code)
        self.ended[cell.msg_id] = status
        return cell

    def check(self) -> None:
        """Each is there once, also of the tests before."""
        rows = wait_sent(self.jupyter, self.kernel.path, self.ended)
        assert {row["id"]: row["status"] for row in rows} == self.ended
        assert all(row["started"] <= row["ended"] for row in rows)
        runs = check_counts(self.mlflow, self.experiment, self.ended)
        assert all(run["start_time"] <= run["end_time"] for run in runs.values())


@pytest.fixture(scope="module")
def counted(
    jupyter: Jupyter, mlflow: Mlflow, plain_servers: Callable[[str], MlflowServer]
) -> Iterator[Counted]:
    """One notebook, to which one after the other happens."""
    kernel = send_all(jupyter, "faults.ipynb", plain_servers("newest").url, "faults (cells)")
    yield Counted(kernel, mlflow, "faults (cells)")
    kernel.close()


def test_a_step_of_the_clock(counted: Counted) -> None:
    counted.run("import time\nreal = time.time\ntime.time = lambda: real() - 7200")
    counted.run("x = 1")
    counted.run("time.time = lambda: real() + 7200")
    counted.run("x = 2")
    counted.run("time.time = real")
    counted.check()


def test_a_fork_and_threads(counted: Counted) -> None:
    counted.run(
        "import os, threading\nchild = os.fork()\n"
        "if child == 0:\n    get_ipython().run_cell('of_the_child = 1')\n    os._exit(0)\n"
        "assert os.waitpid(child, 0) == (child, 0)"
    )
    counted.run(
        "gate = threading.Event()\n"
        "threads = [threading.Thread(target=lambda: (gate.wait(), print('late'))) for _ in range(8)]\n"
        "for thread in threads: thread.start()"
    )
    counted.run("gate.set()\nfor thread in threads: thread.join()")
    counted.check()


def test_an_interrupt_inside_a_hook(counted: Counted) -> None:
    counted.run(INSTEAD.format(kind="start", instead=INTERRUPTED))
    counted.run("import time\nwhile True: time.sleep(0.01)", "interrupted")
    counted.run("x = 1")
    counted.check()


def test_an_interrupt_inside_the_hook_after_a_cell(counted: Counted) -> None:
    """There is nothing any more that it could interrupt: neither the reply nor the next cell."""
    for n in range(20):
        counted.run(INSTEAD.format(kind="end", instead=INTERRUPTED))
        counted.run(f"import time\ntime.sleep(0.0{n:02})")
    counted.check()


@pytest.mark.parametrize("kind", ["start", "end"])
def test_a_kernel_that_is_killed_in_the_middle_of_an_entry(counted: Counted, kind: str) -> None:
    before = counted.kernel.report()["facts"]["pid"]
    code = INSTEAD.format(kind=kind, instead=TORN)
    if kind == "start":
        counted.run(code)
        code = "x = 1"
    killed = counted.send(code, "killed")

    def is_back() -> bool:
        report = counted.kernel.report()
        return bool(report["injected"] and (report["facts"] or {}).get("pid") not in (None, before))

    wait_until(is_back, "the kernel to be back")
    counted.kernel.connect()
    after = counted.run("x = 2")
    rows = wait_sent(counted.jupyter, counted.kernel.path, [after.msg_id])
    if kind == "start" and killed.msg_id not in {row["id"] for row in rows}:
        # Outside of the promise: killed before its start was written; what it published may have got out.
        del counted.ended[killed.msg_id]
    counted.check()
    assert recording(counted.jupyter, counted.kernel.path)["problems"] == [], "it is no damage"


def test_a_page_that_is_closed_in_mid_cell(counted: Counted) -> None:
    begun, gate = (counted.jupyter.root / name for name in ("begun", "gate"))
    counted.send(
        f"import os, time\nopen({str(begun)!r}, 'w').close()\n"
        f"while not os.path.exists({str(gate)!r}): time.sleep(0.02)"
    )
    counted.send("x = 'asked for before the page was closed'")
    wait_until(begun.exists, "the cell to begin")
    counted.kernel.disconnect()
    gate.touch()
    counted.check()


def test_no_room_for_the_journal(counted: Counted) -> None:
    counted.run(
        "import os, resource\nlimit = resource.getrlimit(resource.RLIMIT_FSIZE)\n"
        "size = os.fstat(get_ipython()._jupyter_mlflow_journal._file).st_size\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (size + 300, limit[1]))"
    )
    for n in range(3):
        counted.run(f"x = {n}  # " + "y" * 400)
    counted.run("resource.setrlimit(resource.RLIMIT_FSIZE, limit)")
    counted.run("x = 4")
    counted.check()
    problems = recording(counted.jupyter, counted.kernel.path)["problems"]
    assert "journal-lost" in {problem["code"] for problem in problems}


def test_no_room_for_the_ledger(counted: Counted) -> None:
    """By the limit of the server's process on the size of files: nothing can be written any more."""
    pid = counted.jupyter.process.process.pid
    path = counted.kernel.path

    def is_told() -> bool:
        problems = recording(counted.jupyter, path)["problems"]
        return "ledger-unwritable" in {problem["code"] for problem in problems}

    counted.run("x = 'before'")
    limit = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, limit[1]))
    try:
        counted.run("x = 'no room'")
        wait_until(is_told, "it to be said")
        counted.run("x = 'no room, either'")
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, limit)
    counted.run("x = 'after'")
    counted.check()
    assert not is_told()
