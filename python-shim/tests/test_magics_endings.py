"""What becomes of a run whose server hangs or loses answers, or which the person interrupts."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator

import pytest
from environment_factory import EnvironmentFactory
from fault_proxy import FaultProxy, Plan
from jupyter_under_test import Jupyter
from kernel_under_test import Execution, NotebookKernel
from magics_support import PAIRS, Api, be_patient, content, log_to, patient_kernel, tags_of
from processes_under_test import wait_until

from servers import MlflowServer

#: Seconds: two for the magic, and many for a busy machine; MLflow's own client tries for minutes.
BOUND_S = 25.0
#: Seconds that a magic waits if nobody interrupts it; what is told afterwards may wait as long once more.
INTERRUPT_S = 10.0
OPEN = ("RUNNING", "SCHEDULED")


class Case:
    """A kernel that logs through a proxy, which does to requests what the test wants."""

    def __init__(self, kernel: NotebookKernel, server: MlflowServer, proxy: FaultProxy) -> None:
        self.kernel, self.proxy = kernel, proxy
        self.api = Api(server.url)
        self.experiment = f"endings-{uuid.uuid4().hex[:8]}"
        self.experiment_id = self.api.experiment(self.experiment)

    def heal(self) -> None:
        """The server is as it should be again, and has done what it was asked for."""
        self.proxy.plan = lambda method, path: None
        self.proxy.settle()

    def run(self, code: str) -> Execution:
        """A cell that must not wait for the server for long."""
        begun = time.monotonic()
        cell = self.kernel.run(code)
        assert time.monotonic() - begun < BOUND_S, cell
        return cell

    def interrupted(self, code: str, fault: str = "hang") -> Execution:
        """A cell that the person interrupts when the server has swallowed its request."""
        before = self.proxy.happened[fault]
        cell = self.kernel.send(code)
        wait_until(lambda: self.proxy.happened[fault] > before, "the request has come")
        assert self.kernel.http.post(f"api/kernels/{self.kernel.id}/interrupt").status_code == 204
        found = self.kernel.wait(cell)
        assert found.reply["ename"] == "KeyboardInterrupt", found
        assert "Traceback" not in "".join(found.reply["traceback"]), found
        assert len(found.reply["traceback"]) == 1, "a sentence"
        return found

    def statuses(self, name: str) -> list[str]:
        """Of the runs of that name, as the tracking server has them."""
        runs = self.api.runs(self.experiment_id)
        return [run["info"]["status"] for run in runs if run["info"]["run_name"] == name]

    def wait_for(self, name: str, *statuses: str) -> None:
        """Until the runs of that name are so."""
        wait_until(lambda: self.statuses(name) == list(statuses), f"{name} is {statuses}")

    def assert_nothing_is_open(self) -> None:
        """Neither in the kernel nor, in a moment, on the tracking server."""
        assert "No run is active" in self.kernel.run("%mlflow end").reply["evalue"]
        wait_until(
            lambda: not any(run["info"]["status"] in OPEN for run in self.api.runs(self.experiment_id)),
            "no run is open",
        )

        def is_told() -> bool:
            rows = dict(content(self.kernel.run("%mlflow"), "status")["snapshot"]["rows"])
            return "waiting" not in rows and rows["active run"] == "none"

        wait_until(is_told, "nothing waits to be told")


@pytest.fixture(scope="module", params=PAIRS)
def opened(
    request: pytest.FixtureRequest,
    jupyter: Jupyter,
    plain_servers: Callable[[str], MlflowServer],
    environments: EnvironmentFactory,
) -> Iterator[Case]:
    """One kernel for all tests of the file."""
    version: str = request.param
    server = plain_servers(PAIRS[version])
    proxy = FaultProxy(server.url)
    try:
        with patient_kernel(jupyter, environments, version, folder="endings") as kernel:
            found = Case(kernel, server, proxy)
            log_to(kernel, proxy.url, found.experiment)
            # What is imported at the first use is not what is measured.
            assert kernel.run("%%mlflow first\npass").ok
            yield found
    finally:
        proxy.close()


@pytest.fixture
def case(opened: Case) -> Iterator[Case]:
    """As impatient as it comes; whole again after the test."""
    be_patient(opened.kernel, 2.0)
    yield opened
    opened.heal()
    be_patient(opened.kernel)


def at(path: str, fault: str) -> Plan:
    """That happens to requests of this path, and all others pass."""
    return lambda method, asked: fault if asked.endswith(path) else None


def name_of(what: str) -> str:
    """A run's name that no other test has."""
    return f"{what}-{uuid.uuid4().hex[:6]}"


def asking(line: str) -> str:
    """Code of a cell that notes what the magic says instead of failing."""
    does = f"get_ipython().run_line_magic('mlflow', {line!r})"
    return f"try:\n    {does}\nexcept Exception as error:\n    print(error)"


@pytest.mark.parametrize("fault", ["hang", "commit-hang", "late", "commit-reset"])
def test_a_run_whose_opening_is_lost(case: Case, fault: str) -> None:
    name = name_of(fault)
    case.proxy.plan = at("runs/create", fault)
    cell = case.run(f"%%mlflow {name}\nprint('ran')")
    assert cell.reply["ename"] == "UsageError", cell
    assert "answer" in cell.reply["evalue"] or "MLflow could not" in cell.reply["evalue"]
    assert "ran\n" not in cell.stdout
    case.heal()
    # A client that tries again may have made several.
    wait_until(lambda: set(case.statuses(name)) == ({"KILLED"} if fault != "hang" else set()), "it is killed")
    case.assert_nothing_is_open()


@pytest.mark.parametrize("fault", ["hang", "commit-hang", "reset"])
def test_a_run_whose_end_is_lost(case: Case, fault: str) -> None:
    name = name_of(fault)
    case.proxy.plan = at("runs/update", fault)
    cell = case.run(f"%%mlflow {name}\nprint('ran')")
    assert cell.ok, cell
    assert "ran\n" in cell.stdout
    assert "could not be ended as FINISHED" in cell.stdout
    assert "is told so as soon as it answers" in cell.stdout
    case.heal()
    case.wait_for(name, "FINISHED")
    case.assert_nothing_is_open()


def test_a_failure_whose_end_is_lost_keeps_its_error(case: Case) -> None:
    name = name_of("failing")

    def gone(method: str, path: str) -> str | None:
        return "reset" if case.statuses(name) else None

    case.proxy.plan = gone
    cell = case.run(f"%%mlflow {name}\n1/0")
    assert cell.reply["ename"] == "ZeroDivisionError"
    rows = dict(content(case.kernel.run("%mlflow"), "status")["snapshot"]["rows"])
    assert rows["waiting"] == "the end of 1 run, to be told"
    case.heal()
    case.wait_for(name, "FAILED")
    assert "ZeroDivisionError: division by zero" in tags_of(case.api.named(case.experiment_id, name)).values()
    case.assert_nothing_is_open()


@pytest.mark.parametrize("fault", ["hang", "commit-hang"])
def test_end_is_over_here_and_told_later(case: Case, fault: str) -> None:
    name = name_of("end")
    case.proxy.plan = at("runs/update", fault)
    cell = case.run(f"%%mlflow {name}\n%mlflow end --failed")
    assert cell.ok, cell
    assert "is over here" in cell.stdout
    assert "is told FAILED as soon as it answers" in cell.stdout
    assert "could not be ended" not in cell.stdout, "the cell leaves it at what the person has said"
    case.heal()
    case.wait_for(name, "FAILED")
    case.assert_nothing_is_open()


@pytest.mark.parametrize("line", ["log-metric acc=1", "log-param depth=3"])
@pytest.mark.parametrize("fault", ["hang", "commit-hang"])
def test_what_may_have_been_logged_is_not_logged_twice(case: Case, line: str, fault: str) -> None:
    name = name_of("logged")
    case.proxy.plan = at("runs/log-batch", fault)
    cell = case.run(f"%%mlflow {name}\n{asking(line)}")
    assert cell.ok, cell
    key = line.split()[1].partition("=")[0]
    assert f"Whether {key} was logged is not known" in cell.stdout
    case.heal()
    case.assert_nothing_is_open()
    run = case.api.named(case.experiment_id, name)
    assert run["info"]["status"] == "FINISHED"
    kind = "metrics" if "metric" in line else "params"
    assert len(run["data"].get(kind, [])) == (1 if fault.startswith("commit") else 0)
    if kind == "metrics" and fault.startswith("commit"):
        assert len(case.api.history(run["info"]["run_id"], "acc")) == 1


def test_parameters_that_cannot_be_logged_end_the_run(case: Case) -> None:
    name = name_of("params")
    case.proxy.plan = at("runs/log-batch", "hang")
    cell = case.run(f"%%mlflow {name} --param depth=3\nprint('ran')")
    assert cell.reply["ename"] == "UsageError"
    assert "The cell has not run" in cell.reply["evalue"]
    assert "ran\n" not in cell.stdout
    case.heal()
    case.wait_for(name, "FAILED")
    case.assert_nothing_is_open()


def test_an_interrupt_while_the_run_is_opened(case: Case) -> None:
    be_patient(case.kernel, INTERRUPT_S)
    name = name_of("opening")
    case.proxy.plan = at("runs/create", "commit-hang")
    cell = case.interrupted(f"%%mlflow {name}\nprint('ran')", "commit-hang")
    assert "ran\n" not in cell.stdout
    assert cell.reply["evalue"] == "%%mlflow was interrupted."
    case.heal()
    case.wait_for(name, "KILLED")
    name = name_of("params")
    case.proxy.plan = at("runs/log-batch", "hang")
    case.interrupted(f"%%mlflow {name} --param a=1\nprint('ran')")
    case.heal()
    case.wait_for(name, "KILLED")
    case.assert_nothing_is_open()


def test_an_interrupt_while_the_run_ends(case: Case) -> None:
    be_patient(case.kernel, INTERRUPT_S)
    name = name_of("ending")
    case.proxy.plan = at("runs/update", "hang")
    cell = case.interrupted(f"%%mlflow {name}\nx = 'kept'")
    assert "was interrupted while its run" in cell.reply["evalue"]
    case.heal()
    case.wait_for(name, "KILLED")
    case.assert_nothing_is_open()
    assert case.kernel.run("print(x)").stdout == "kept\n"


@pytest.mark.parametrize(
    ("line", "path", "said", "status"),
    [
        ("end", "runs/update", "is over here", "FINISHED"),
        ("log-metric acc=1", "runs/log-batch", "Whether acc was logged is not known", "KILLED"),
        ("log-param a=1", "runs/log-batch", "Whether a was logged is not known", "KILLED"),
    ],
)
def test_an_interrupt_while_something_is_logged(
    case: Case, line: str, path: str, said: str, status: str
) -> None:
    be_patient(case.kernel, INTERRUPT_S)
    name = name_of("logging")

    # What ends the cell's run afterwards passes.
    hangs = iter([True])
    case.proxy.plan = lambda method, asked: "hang" if asked.endswith(path) and next(hangs, False) else None
    cell = case.interrupted(f"%%mlflow {name}\n%mlflow {line}")
    assert said in cell.reply["evalue"]
    case.heal()
    case.wait_for(name, status)
    case.assert_nothing_is_open()


@pytest.mark.parametrize(
    ("line", "path", "said"),
    [
        ("check", "experiments/search", "%mlflow check was interrupted."),
        ("experiment 'interrupted'", "experiments/get-by-name", "%mlflow experiment was interrupted."),
        ("connect {url}", "version", "the question whether it answers was interrupted"),
    ],
)
def test_an_interrupt_of_what_asks(case: Case, line: str, path: str, said: str) -> None:
    be_patient(case.kernel)
    case.proxy.plan = at(path, "hang")
    cell = case.interrupted("%mlflow " + line.format(url=case.proxy.url))
    assert said in cell.reply["evalue"]
    case.heal()
    rows = dict(content(case.kernel.run("%mlflow"), "status")["snapshot"]["rows"])
    assert rows["experiment"] == case.experiment
    assert case.proxy.url in rows["logs to"]


def test_a_person_s_own_alarm_goes_on(case: Case) -> None:
    """The time limit for MLflow's client takes the same signal."""
    code = (
        "import signal\nrang = []\n"
        "signal.signal(signal.SIGALRM, lambda *_: rang.append(True))\n"
        "signal.setitimer(signal.ITIMER_REAL, 600)"
    )
    assert case.kernel.run(code).ok
    be_patient(case.kernel)
    assert case.kernel.run("%%mlflow alarm\npass").ok
    cell = case.kernel.run(
        "print(500 < signal.getitimer(signal.ITIMER_REAL)[0] <= 600, rang)\n"
        "signal.raise_signal(signal.SIGALRM); print(rang)\n"
        "signal.setitimer(signal.ITIMER_REAL, 0); signal.signal(signal.SIGALRM, signal.SIG_DFL);"
    )
    assert cell.stdout == "True []\n[True]\n"
