"""Kernels of Python other than ipykernel: asked where the answer is true, and left alone elsewhere."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from environment_factory import EnvironmentFactory
from findings_support import ids, kernelspecs
from gateway_under_test import Gateway, jupyter_of_gateway
from jupyter_under_test import Jupyter
from kernel_under_test import NotebookKernel, add_kernelspec

#: Runs its cells in another place than its own process, as kernels for Spark do; writes down each request.
ELSEWHERE = """
import os, sys
from ipykernel.kernelapp import IPKernelApp
from ipykernel.ipkernel import IPythonKernel

class Elsewhere(IPythonKernel):
    implementation = "Elsewhere"
    async def do_execute(self, code, silent, *args, **kwargs):
        with open(os.environ["ASKED"], "a") as file:
            print(repr(code), silent, file=file)
        return await super().do_execute(code, silent, *args, **kwargs)

IPKernelApp.launch_instance(argv=sys.argv[1:], kernel_class=Elsewhere)
"""
#: What starts ipykernel without saying so in its kernelspec, as runners of environments do.
RUNNER = (
    "import os, sys; os.execv(sys.executable, [sys.executable, '-m', 'ipykernel_launcher', *sys.argv[1:]])"
)


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory, environments: EnvironmentFactory) -> Iterator[Jupyter]:
    running = Jupyter(tmp_path_factory.mktemp("pythons"), env={"VIRTUAL_ENV": "", "PATH": "/bin"})
    xeus = environments.kept("xeus-python")
    for name, options in (("xeus", []), ("xeus-raw", ["--raw"])):
        argv = [xeus, "-m", "xpython_launcher", "-f", "{connection_file}", *options]
        add_kernelspec(running, name, xeus, argv=argv)
    yield running
    running.stop()


def in_python(program: str) -> list[str]:
    return [sys.executable, "-c", program, "-f", "{connection_file}"]


def nothing_is_offered(jupyter: Jupyter, kernel: NotebookKernel) -> None:
    """Neither by the mark, nor below a cell that misses MLflow."""
    report = kernel.wait_for(lambda report: bool(report["state"] == "foreign"))
    assert (report["facts"], report["injected"], report["language"]) == (None, False, "python")
    specs = kernelspecs(jupyter.client.get("environments").json())
    assert ids({"report": report, "kernelspecs": specs}) == {}
    assert kernel.probe()["state"] == "foreign"
    answer = jupyter.client.post(f"kernels/{kernel.id}/options", json={"autolog": True})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "kernel-out-of-reach")


def test_xeus_python_tells_and_is_told(jupyter: Jupyter) -> None:
    kernel = NotebookKernel(jupyter, "xeus/notebook.ipynb", kernel="xeus")
    try:
        report = kernel.wait_known()
        assert (report["implementation"], report["lost_race"]) == ("xeus-python", False)
        cell = kernel.run("import sys; print(sys.prefix, '_jupyter_mlflow_shim' in sys.modules); 7")
        assert cell.stdout == f"{report['facts']['prefix']} True\n"
        assert cell.reply["execution_count"] == 1, "the questions have not counted"
        kernel.probe()
        assert kernel.run("print(_, len(In))").stdout == "7 3\n"
        specs = kernelspecs(jupyter.client.get("environments").json())
        assert list(ids({"report": kernel.report(), "kernelspecs": specs})) == ["wrong-kernel"]
    finally:
        kernel.close()


def test_xeus_python_without_ipython_is_left_alone(jupyter: Jupyter) -> None:
    kernel = NotebookKernel(jupyter, "raw/notebook.ipynb", kernel="xeus-raw")
    try:
        nothing_is_offered(jupyter, kernel)
        assert kernel.report()["implementation"] == "xeus-python"
        kernel.restart()
        assert kernel.run("print(6 * 7)").stdout == "42\n"
        nothing_is_offered(jupyter, kernel)
    finally:
        kernel.close()


def test_a_kernel_that_runs_its_cells_elsewhere_is_sent_nothing(jupyter: Jupyter, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    add_kernelspec(jupyter, "elsewhere", "", argv=in_python(ELSEWHERE), env={"ASKED": str(asked)})
    kernel = NotebookKernel(jupyter, "elsewhere/notebook.ipynb", kernel="elsewhere")
    try:
        nothing_is_offered(jupyter, kernel)
        assert kernel.report()["implementation"] == "Elsewhere"
        assert kernel.run("7").ok
        assert asked.read_text() == "'7' False\n", "no request of ours could start a job there"
    finally:
        kernel.close()


def test_ipykernel_behind_a_runner_is_asked(jupyter: Jupyter) -> None:
    add_kernelspec(jupyter, "runner", "", argv=in_python(RUNNER))
    kernel = NotebookKernel(jupyter, "runner/notebook.ipynb", kernel="runner")
    try:
        report = kernel.wait_known()
        assert (report["implementation"], report["facts"]["prefix"]) == ("ipython", sys.prefix)
    finally:
        kernel.close()


def test_the_same_behind_a_gateway(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    for name, program in (("elsewhere", ELSEWHERE), ("runner", RUNNER)):
        spec = tmp_path / "gateway" / "home" / "data" / "kernels" / name
        spec.mkdir(parents=True)
        described = {"argv": in_python(program), "display_name": name, "language": "python"}
        (spec / "kernel.json").write_text(json.dumps({**described, "env": {"ASKED": str(asked)}}))
    gateway = Gateway(tmp_path / "gateway")
    try:
        jupyter = jupyter_of_gateway(tmp_path / "jupyter", gateway.port)
        try:
            elsewhere = NotebookKernel(jupyter, "a.ipynb", kernel="elsewhere")
            nothing_is_offered(jupyter, elsewhere)
            assert not asked.exists()
            runner = NotebookKernel(jupyter, "b.ipynb", kernel="runner")
            assert runner.wait_known()["implementation"] == "ipython"
            elsewhere.close()
            runner.close()
        finally:
            jupyter.stop()
    finally:
        gateway.stop()
