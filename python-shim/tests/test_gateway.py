"""Kernels behind a gateway: a second real Jupyter server, and the wire to it cut, mended, and ended."""

from __future__ import annotations

import json
import os
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from environment_factory import EnvironmentFactory
from findings_support import ids, kernelspecs, remedies
from gateway_under_test import GATEWAY_TOKEN, Gateway, Wire, jupyter_of_gateway
from jupyter_under_test import Jupyter
from kernel_under_test import Execution, NotebookKernel
from processes_under_test import wait_until
from recorder_support import record, wait_ended, wait_outputs

#: Whatever the tests themselves run in.
INHERITED = {"VIRTUAL_ENV": "", "PATH": "/bin"}
#: What acts on files of Jupyter's machine.
JOBS = {
    "install",
    "create-environment",
    "register-kernel",
    "repair-kernel",
    "remove-kernel",
    "check-thoroughly",
}
#: Of the gateway's machine: a kernelspec that is a stranger's there and unknown here.
OTHER = "of-the-gateway"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, environments: EnvironmentFactory) -> Iterator[Gateway]:
    """It has kernelspecs that the Jupyter server has not: of another language, and without MLflow."""
    folder = tmp_path_factory.mktemp("gateway")
    bare = environments.kept("ipykernel")
    for name, language, python in (
        (OTHER, "python", "python"),
        ("shell", "bash", "python"),
        ("bare", "python", bare),
    ):
        spec = folder / "home" / "data" / "kernels" / name
        spec.mkdir(parents=True)
        module = "ipykernel_launcher" if language == "python" else "bash_kernel"
        argv = [python, "-m", module, "-f", "{connection_file}"]
        (spec / "kernel.json").write_text(
            json.dumps(
                {"argv": argv, "display_name": f"There: {name}", "language": language, "env": INHERITED}
            )
        )
    running = Gateway(folder)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def wire(gateway: Gateway) -> Iterator[Wire]:
    """Between the two."""
    made = Wire(gateway.port)
    yield made
    made.close()


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory, wire: Wire) -> Iterator[Jupyter]:
    """The Jupyter server under test."""
    running = jupyter_of_gateway(tmp_path_factory.mktemp("jupyter-of-gateway"), wire.port)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def kernel(jupyter: Jupyter) -> Iterator[NotebookKernel]:
    """A notebook of the Jupyter server with a kernel of the gateway."""
    opened = NotebookKernel(jupyter, "far/train.ipynb", kernel=OTHER)
    opened.wait_known()
    yield opened
    opened.close()


def remote_pid(kernel: NotebookKernel) -> int:
    pid: int = kernel.wait_known()["facts"]["pid"]
    return pid


def test_a_kernel_of_a_gateway_gets_the_shim_and_says_what_it_has(
    kernel: NotebookKernel, gateway: Gateway
) -> None:
    assert kernel.run("import sys; print('_jupyter_mlflow_shim' in sys.modules)").stdout == "True\n"
    report = kernel.probe()
    assert (report["reach"], report["state"], report["language"]) == ("gateway", "known", "python")
    assert report["facts"]["cwd"].startswith(str(gateway.root))
    assert report["facts"]["mlflow"]["spec"] == "module"
    assert report["lost_race"] is False
    wait_until(lambda: kernel.report()["notebook"] is not None, "the notebook has an id")
    assert kernel.report()["notebook"]["path"] == "far/train.ipynb"


def test_what_its_cells_run_is_recorded_as_far_as_the_gateway_tells(
    jupyter: Jupyter, kernel: NotebookKernel
) -> None:
    found = record(jupyter, kernel.path)
    assert [session["capture"] for session in found["sessions"]] == ["partial"]
    cell = kernel.run("print('far away')", cell_id="far")
    (row,) = wait_ended(jupyter, kernel.path, 1)
    assert (row["id"], row["status"], row["capture"]) == (cell.msg_id, "ok", "partial")
    assert wait_outputs(jupyter, cell.msg_id, bool)[0]["text"] == "far away\n"
    record(jupyter, kernel.path, keep=False)


def test_nothing_is_said_of_this_machines_disk(kernel: NotebookKernel, jupyter: Jupyter) -> None:
    """A path of the gateway's machine may well exist here, too, and mean something else."""
    report = kernel.probe()
    assert report["name"] == OTHER
    assert report["kernelspec"] == {
        "name": OTHER,
        "display_name": f"There: {OTHER}",
        "argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "resource_dir": "",
    }
    here = jupyter.root / "mlruns" / "0"
    here.mkdir(parents=True)
    (here / "meta.yaml").write_text("name: Default\n")
    local = jupyter.add("./mlruns")
    try:
        assert kernel.run(f"import mlflow; mlflow.set_tracking_uri({str(jupyter.root / 'mlruns')!r})").ok
        logs_to = kernel.probe()["logs_to"]
        assert (logs_to["server_id"], logs_to["addable_uri"]) == (None, None)
        assert kernel.run("mlflow.set_tracking_uri('http://127.0.0.1:5000')").ok
        logs_to = kernel.probe()["logs_to"]
        assert (logs_to["server_id"], logs_to["addable_uri"]) == (None, None)
        # A loopback address of this machine is none there.
        for server in (local, jupyter.add("http://127.0.0.1:5000")):
            answer = jupyter.client.post(f"kernels/{kernel.id}/tracking", json={"server_id": server})
            assert (answer.status_code, answer.json()["error"]["code"]) == (409, "kernel-remote")
        listed = jupyter.client.get("environments").json()
        assert listed["reach"] == "gateway"
        for spec in listed["kernelspecs"]:
            judged = {key: spec[key] for key in ("executable", "prefix", "mlflow", "problem")}
            assert set(judged.values()) == {None}, spec
    finally:
        jupyter.client.delete(f"servers/{local}")


def test_what_is_found_of_it_and_its_bare_twin(kernel: NotebookKernel, jupyter: Jupyter) -> None:
    """Nothing that Jupyter could do to its own files is offered."""
    listed = kernelspecs(jupyter.client.get("environments").json())
    bare = NotebookKernel(jupyter, "far/bare.ipynb", kernel="bare")
    try:
        poor = {"report": bare.wait_known(), "kernelspecs": listed}
        healthy = {"report": kernel.probe(), "kernelspecs": listed}
        assert ids(poor) == {"package-missing": "error", "kernel-remote": "info"}
        assert ids(healthy) == {"kernel-remote": "info"}
        offered = [each for known in (poor, healthy) for id in ids(known) for each in remedies(known, id)]
        assert not {each["kind"] for each in offered} & JOBS
        assert [each["of"]["kind"] for each in remedies(poor, "package-missing")] == ["install"]
    finally:
        bare.close()


def test_a_run_that_a_cell_starts_there_says_which_cell_made_it(
    kernel: NotebookKernel, tmp_path: Path
) -> None:
    wait_until(lambda: kernel.report()["notebook"] is not None, "the notebook has an id")
    id = kernel.probe()["notebook"]["id"]
    code = (
        "import os; os.environ['MLFLOW_ALLOW_FILE_STORE'] = 'true'\n"
        f"import json, mlflow; mlflow.set_tracking_uri({str(tmp_path / 'mlruns')!r})\n"
        "with mlflow.start_run() as run: pass\n"
        "print(json.dumps(mlflow.get_run(run.info.run_id).data.tags))"
    )
    cell = kernel.run(code, cell_id="cell-9")
    assert cell.ok, cell
    tags = json.loads(cell.stdout.splitlines()[-1])
    assert tags["jupyter.execution_id"] == cell.msg_id
    assert tags["jupyter.cell_id"] == "cell-9"
    assert tags["jupyter.kernel_id"] == kernel.id
    assert (tags["jupyter.notebook_path"], tags["jupyter.notebook_id"]) == (kernel.path, id)


def test_options_reach_it(kernel: NotebookKernel, jupyter: Jupyter) -> None:
    answer = jupyter.client.post(f"kernels/{kernel.id}/options", json={"experiment": "far away"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["facts"]["experiment"] == {"name": "far away", "id": None, "source": "us"}


def test_restarts_there(kernel: NotebookKernel) -> None:
    """By the button, and by the gateway itself when the process was killed."""
    for kill in (False, True):
        former = remote_pid(kernel)
        if kill:
            os.kill(former, signal.SIGKILL)
        else:
            kernel.restart()
        report = kernel.wait_for(
            lambda report, former=former: bool(
                report["state"] == "known" and report["facts"]["pid"] != former
            )
        )
        assert (report["injected"], report["lost_race"]) == (True, False)
        kernel.connect()
        cell = kernel.run("import sys; print('_jupyter_mlflow_shim' in sys.modules)")
        assert (cell.reply["execution_count"], cell.stdout) == (1, "True\n")


def test_a_cut_wire_is_unknown_and_never_missing(
    kernel: NotebookKernel, wire: Wire, jupyter: Jupyter
) -> None:
    former = remote_pid(kernel)
    assert kernel.run("x = 1").ok
    wire.cut()
    try:
        report = kernel.wait_for(lambda report: bool(report["state"] != "known"))
        assert (report["state"], report["reason"]) == ("unknown", "unreachable")
        assert report["facts"]["mlflow"]["spec"] == "module", "what was known stays, as of then"
        report = kernel.probe()
        assert (report["state"], report["reason"]) == ("unknown", "unreachable")
        answer = jupyter.client.post(f"kernels/{kernel.id}/options", json={"system_metrics": True})
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "kernel-not-reached")
    finally:
        wire.mend()
    report = kernel.wait_known()
    assert report["facts"]["pid"] == former
    assert report["facts"]["system_metrics"] is None, "what could not be done then is not done later"
    assert report["lost_race"] is False, "the connection is new, the process and its shim are not"


def test_a_busy_one_and_one_that_does_not_answer(kernel: NotebookKernel, tmp_path: Path) -> None:
    began, gate = tmp_path / "began", tmp_path / "go"
    code = (
        f"import os, time\nopen({str(began)!r}, 'w').close()\n"
        f"while not os.path.exists({str(gate)!r}): time.sleep(0.02)"
    )

    def begin() -> Execution | None:
        # As a page that was reloaded. What is sent while Jupyter finds its way back after the cut is lost.
        kernel.session = uuid.uuid4().hex
        kernel.connect()
        running = kernel.send(code)
        try:
            wait_until(began.exists, "the cell runs", 10)
        except AssertionError:
            return None
        return running

    running = next(found for found in (begin() for _ in range(12)) if found)
    assert kernel.probe()["reason"] == "busy"
    gate.touch()
    assert kernel.wait(running).ok
    pid = remote_pid(kernel)
    os.kill(pid, signal.SIGSTOP)
    try:
        assert kernel.probe(is_patient=False)["reason"] == "timeout"
    finally:
        os.kill(pid, signal.SIGCONT)
    kernel.wait_known()


def test_another_language_there_is_left_alone(jupyter: Jupyter) -> None:
    kernel = NotebookKernel(jupyter, "far/shell.ipynb", kernel="shell")
    try:
        assert kernel.run("echo hello").stdout.strip() == "hello"
        report = kernel.wait_for(lambda report: bool(report["state"] != "asking"))
        assert (report["state"], report["language"], report["facts"]) == ("foreign", "bash", None)
    finally:
        kernel.close()


def test_the_token_of_the_gateway_is_nobodys_business(kernel: NotebookKernel, jupyter: Jupyter) -> None:
    assert GATEWAY_TOKEN not in json.dumps(kernel.probe())
    assert GATEWAY_TOKEN not in jupyter.log


def test_a_gateway_that_dies_takes_its_kernels_and_a_new_one_works(
    kernel: NotebookKernel, gateway: Gateway, jupyter: Jupyter
) -> None:
    """Last: nothing of the others is there after it."""
    kernel.wait_known()
    gateway.stop()
    report = kernel.wait_for(lambda report: bool(report["state"] != "known"))
    assert (report["state"], report["reason"]) == ("unknown", "unreachable")
    gateway.start()
    # It knows no kernel of that id any more: dead, and not without MLflow.
    report = kernel.wait_for(lambda report: bool(report["state"] != "unknown"))
    assert (report["state"], report["reason"]) == ("dead", "dead")
    again = NotebookKernel(jupyter, "far/again.ipynb", kernel=OTHER)
    try:
        assert again.wait_known()["facts"]["mlflow"]["spec"] == "module"
    finally:
        again.close()
