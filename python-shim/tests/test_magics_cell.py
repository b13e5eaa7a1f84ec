"""`%%mlflow`: whatever happens in the cell, its run ends right on the tracking server."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest
from environment_factory import EnvironmentFactory
from jupyter_mlflow.server.kernels.payload import PACKAGE
from jupyter_under_test import Jupyter
from kernel_under_test import NotebookKernel
from magics_support import MIME, PAIRS, Api, log_to, patient_kernel, tags_of

from servers import MlflowServer


class Case:
    """A kernel that logs to an experiment of the test."""

    def __init__(self, kernel: NotebookKernel, server: MlflowServer) -> None:
        self.kernel, self.server = kernel, server
        self.api = Api(server.url)
        self.experiment = f"cells-{uuid.uuid4().hex[:8]}"
        self.experiment_id = self.api.experiment(self.experiment)
        self.has_mlflow = "none" not in kernel.path

    def status(self, name: str) -> str:
        """Of the run of that name, as the tracking server has it."""
        found: str = self.api.named(self.experiment_id, name)["info"]["status"]
        return found

    def assert_nothing_is_open(self) -> None:
        """No run is active, and none is left running."""
        assert self.kernel.run("%mlflow end").ok is False
        assert {run["info"]["status"] for run in self.api.runs(self.experiment_id)} <= {
            "FINISHED",
            "FAILED",
            "KILLED",
        }


@pytest.fixture(scope="module", params=PAIRS)
def case(
    request: pytest.FixtureRequest,
    jupyter: Jupyter,
    plain_servers: Callable[[str], MlflowServer],
    environments: EnvironmentFactory,
) -> Iterator[Case]:
    """One kernel for all tests of the file."""
    version: str = request.param
    with patient_kernel(jupyter, environments, version, folder="cells") as opened:
        found = Case(opened, plain_servers(PAIRS[version]))
        log_to(opened, found.server.url, found.experiment)
        yield found


def name_of(what: str) -> str:
    """A run's name that no other test has."""
    return f"{what}-{uuid.uuid4().hex[:6]}"


def test_a_cell_is_a_run(case: Case) -> None:
    name = name_of("good")
    cell = case.kernel.run(
        f"%%mlflow {name} --param depth=3 --param 'note=a b' --tag team=red\n"
        "x = 41\n%mlflow log-metric acc=0.5 --step 2\n%mlflow log-param seed=1\nx + 1"
    )
    assert cell.ok, cell
    run = case.api.named(case.experiment_id, name)
    assert run["info"]["status"] == "FINISHED"
    assert {each["key"]: each["value"] for each in run["data"]["params"]} == {
        "depth": "3",
        "note": "a b",
        "seed": "1",
    }
    assert run["data"]["metrics"][0]["value"] == 0.5
    assert run["data"]["metrics"][0]["step"] == 2
    assert tags_of(run)["team"] == "red"
    first = cell.outputs[0]["content"]["data"][MIME.format("card")]
    assert first["run_id"] == run["info"]["run_id"], "the card stands above the output"
    assert first["snapshot"]["status"] == "RUNNING"
    assert "42" in str([each["content"]["data"]["text/plain"] for each in cell.outputs[1:]])
    assert case.kernel.run("print(x)").stdout == "41\n"
    case.assert_nothing_is_open()


def test_a_failing_cell_fails_once_and_so_does_its_run(case: Case) -> None:
    name = name_of("bad")
    cell = case.kernel.run(f"%%mlflow {name}\n1/0")
    assert cell.reply["ename"] == "ZeroDivisionError"
    errors = [each for each in cell.outputs if each["header"]["msg_type"] == "error"]
    assert len(errors) == 1
    text = "\n".join(errors[0]["content"]["traceback"])
    assert "1/0" in text.replace("\x1b[39;49m", "") or "division by zero" in text
    assert "jupyter-mlflow" not in text
    run = case.api.named(case.experiment_id, name)
    assert run["info"]["status"] == "FAILED"
    assert "ZeroDivisionError: division by zero" in tags_of(run).values()
    case.assert_nothing_is_open()


def test_an_interrupt_kills_the_run(case: Case) -> None:
    name = name_of("killed")
    running = case.kernel.send(f"%%mlflow {name}\nimport threading\nthreading.Event().wait()")
    case.kernel.wait_for(
        lambda _: any(
            run["info"]["run_name"] == name and run["info"]["status"] == "RUNNING"
            for run in case.api.runs(case.experiment_id)
        )
    )
    # The cell itself may not have begun: an interrupt before counts, too.
    assert case.kernel.http.post(f"api/kernels/{case.kernel.id}/interrupt").status_code == 204
    cell = case.kernel.wait(running)
    assert cell.reply["ename"] == "KeyboardInterrupt"
    assert case.status(name) == "KILLED"
    case.assert_nothing_is_open()


def test_a_syntax_error_opens_no_run(case: Case) -> None:
    name = name_of("syntax")
    cell = case.kernel.run(f"%%mlflow {name}\nx = 1\nx +")
    assert cell.reply["ename"] == "UsageError"
    assert "syntax error" in cell.reply["evalue"]
    assert name not in [run["info"]["run_name"] for run in case.api.runs(case.experiment_id)]


def test_nested_cells(case: Case) -> None:
    outer, inner = name_of("outer"), name_of("inner")
    code = f"%%mlflow {outer}\nget_ipython().run_cell_magic('mlflow', '{inner} --nested', 'y = 2')\nprint(y)"
    cell = case.kernel.run(code)
    assert cell.ok, cell
    assert "2\n" in cell.stdout
    child = case.api.named(case.experiment_id, inner)
    parent = case.api.named(case.experiment_id, outer)
    assert tags_of(child)["mlflow.parentRunId"] == parent["info"]["run_id"]
    assert (child["info"]["status"], parent["info"]["status"]) == ("FINISHED", "FINISHED")
    refused = case.kernel.run(f"%%mlflow {inner} --nested\npass")
    assert "No run is active" in refused.reply["evalue"]
    failing = name_of("failing")
    code = f"%%mlflow {outer}-2\nget_ipython().run_cell_magic('mlflow', '{failing}', '1/0')"
    assert case.kernel.run(code).reply["ename"] == "ZeroDivisionError"
    assert case.status(failing) == case.status(f"{outer}-2") == "FAILED"
    case.assert_nothing_is_open()


def test_a_run_that_the_person_ends_inside(case: Case) -> None:
    name = name_of("ended")
    assert case.kernel.run(f"%%mlflow {name}\n%mlflow end --failed").ok
    assert case.status(name) == "FAILED"
    case.assert_nothing_is_open()
    if case.has_mlflow:
        name = name_of("replaced")
        code = (
            f"%%mlflow {name}\nimport mlflow\nmlflow.end_run('KILLED')\n"
            f"mlflow.start_run(run_name='{name}-own'); mlflow.end_run()"
        )
        assert case.kernel.run(code).ok
        assert (case.status(name), case.status(f"{name}-own")) == ("KILLED", "FINISHED")
        name = name_of("left-open")
        code = f"%%mlflow {name}\nmlflow.start_run(run_name='{name}-in', nested=True)"
        assert case.kernel.run(code).ok
        assert case.status(name) == case.status(f"{name}-in") == "FINISHED"
    name = name_of("deleted")
    cell = case.kernel.run(
        f"%%mlflow {name}\nimport urllib.request, json, {PACKAGE}.magics.active as active\n"
        f"address = '{case.server.url}/api/2.0/mlflow/runs/delete'\n"
        "asked = json.dumps({'run_id': active.run_id()}).encode()\n"
        "headers = {'Content-Type': 'application/json'}\n"
        "deleted = urllib.request.urlopen(urllib.request.Request(address, asked, headers)).status"
    )
    assert cell.ok, cell
    assert "could not be ended as FINISHED" in cell.stdout
    assert "is told so" not in cell.stdout, "nobody can end it any more"
    assert "Traceback" not in cell.stdout
    case.assert_nothing_is_open()


def test_a_fork_leaves_the_run_to_its_parent(case: Case) -> None:
    name = name_of("fork")
    code = (
        f"%%mlflow {name}\nimport os\npid = os.fork()\n"
        "if pid == 0:\n"
        "    try:\n        get_ipython().run_line_magic('mlflow', 'end')\n"
        "    except Exception as error:\n"
        "        said = 'fork of the kernel', 'No run is active'  # newer MLflows know that they are forked\n"
        "        os._exit(7 if any(each in str(error) for each in said) else 8)\n"
        "    os._exit(9)\n"
        "print('child', os.waitpid(pid, 0)[1] >> 8)\n"
        f"import {PACKAGE}.magics.active as active\nprint(active.run_id() is not None)"
    )
    cell = case.kernel.run(code)
    assert cell.stdout.endswith("child 7\nTrue\n"), cell
    assert case.status(name) == "FINISHED"
    case.assert_nothing_is_open()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a b", "one name"),
        ("--prm a=1", "Did you mean “--param”?"),
        ("--param a", "KEY=VALUE"),
        ("--experiment nowhere-at-all", "There is no experiment"),
        ("'open", "quote is not closed"),
    ],
)
def test_bad_input_runs_nothing(case: Case, line: str, said: str) -> None:
    count = len(case.api.runs(case.experiment_id))
    cell = case.kernel.run(f"%%mlflow {line}\nprint('ran')")
    assert "ran\n" not in cell.stdout
    assert said in cell.reply["evalue"]
    assert len(case.api.runs(case.experiment_id)) == count


def test_autolog_where_mlflow_is(case: Case) -> None:
    cell = case.kernel.run(f"%%mlflow {name_of('auto')} --autolog\npass")
    assert cell.ok == case.has_mlflow
    if not case.has_mlflow:
        assert "no MLflow" in cell.reply["evalue"]
        return
    assert case.kernel.run("%mlflow autolog off").ok
    case.assert_nothing_is_open()
