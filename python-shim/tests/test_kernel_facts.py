"""What real kernels report, and that asking leaves no trace."""

from __future__ import annotations

import ast
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from jupyter_under_test import Jupyter
from kernel_under_test import NotebookKernel, add_kernelspec

from servers import mlflow_python

Open = Callable[..., NotebookKernel]


@pytest.fixture
def open_kernel(jupyter: Jupyter, request: pytest.FixtureRequest) -> Iterator[Open]:
    """Opens a notebook of this test; its kernel ends with it."""
    opened: list[NotebookKernel] = []

    def make(name: str = "notebook.ipynb", **options: str) -> NotebookKernel:
        folder = "".join(c if c.isalnum() else "-" for c in request.node.name)
        opened.append(NotebookKernel(jupyter, f"{folder}/{name}", **options))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


@pytest.fixture(scope="module")
def kernel(jupyter: Jupyter) -> Iterator[NotebookKernel]:
    """One for all tests that leave it as it was."""
    opened = NotebookKernel(jupyter, "facts/notebook.ipynb")
    try:
        opened.wait_known()
        yield opened
    finally:
        opened.close()


def test_tells_its_environment(kernel: NotebookKernel) -> None:
    report = kernel.probe()
    facts = report["facts"]
    assert facts["prefix"] == sys.prefix
    assert facts["base_prefix"] == sys.base_prefix
    assert facts["python"] == sys.version.split()[0]
    assert Path(facts["cwd"]) == (kernel.jupyter.root / kernel.path).parent
    assert facts["mlflow"]["spec"] == "module"
    assert facts["mlflow"]["imported"] is None
    assert [each["name"] for each in facts["mlflow"]["distributions"]] == [
        "mlflow",
        "mlflow-skinny",
        "mlflow-tracing",
    ]
    assert facts["packages"]["ipykernel"].startswith("7.")
    assert facts["pip"] is True
    assert report["notebook"]["path"] == kernel.path
    assert report["kernelspec"]["name"] == "python3"
    assert report["logs_to"]["label"] == "./mlflow.db"
    assert report["lost_race"] is False


def test_tells_of_modules_that_somebody_waits_for(open_kernel: Open) -> None:
    kernel = open_kernel()
    kernel.wait_known()
    probe = f"jupyter-mlflow/kernels/{kernel.id}/probe"
    asked = kernel.http.post(probe, json={"modules": ["json", "awaited_module"]}).json()
    assert asked["facts"]["modules"] == {"json": True, "awaited_module": False}
    # Found as soon as it is there, by whatever question.
    (kernel.jupyter.root / kernel.path).with_name("awaited_module.py").write_text("raise SystemExit")
    assert kernel.probe()["facts"]["modules"] == {"json": True, "awaited_module": True}
    for modules in (["os.path"], ["-c"], [1], "json", ["x" * 101], [f"m{at}" for at in range(21)]):
        refused = kernel.http.post(probe, json={"modules": modules})
        assert refused.status_code == 400, modules
        assert refused.json()["error"]["code"] == "invalid-module"


def test_an_old_ipykernel_and_mlflow_answer_too(jupyter: Jupyter, open_kernel: Open) -> None:
    add_kernelspec(jupyter, "oldest", mlflow_python("oldest"))
    facts = open_kernel(kernel="oldest").wait_known()["facts"]
    assert facts["packages"]["ipykernel"].startswith("6.")
    assert facts["mlflow"]["distributions"][0]["version"] == "2.3.2"
    assert facts["tracking"]["place"].endswith("/mlruns")


def test_asking_leaves_no_trace(open_kernel: Open) -> None:
    kernel = open_kernel()
    kernel.wait_known()
    # IPython itself keeps each cell's input as _i1, _i2, …
    names = "sorted(name for name in globals() if not name.startswith('_i'))"
    watch = f"({names}, len(In), dict(Out))"
    first = kernel.run("41 + 1")
    assert first.reply["execution_count"] == 1
    before = kernel.run(f"print({watch})").stdout
    for _ in range(3):
        kernel.probe()
    after = kernel.run(f"print({watch})")
    assert after.reply["execution_count"] == 3
    (names_before, cells_before, out_before), (names_after, cells_after, out_after) = map(
        ast.literal_eval, (before, after.stdout)
    )
    assert names_after == names_before
    assert cells_after == cells_before + 1
    assert out_after == out_before == {1: 42}
    assert kernel.run("_").outputs[0]["content"]["data"]["text/plain"] == "42"
    history = kernel.run("print([row[2] for row in get_ipython().history_manager.get_range()])").stdout
    assert "jupyter_mlflow" not in history


@pytest.mark.parametrize(
    ("hostile", "undo"),
    [
        (
            "sys = len = print = type = object = eval = exec = compile = None",
            "del sys, len, print, type, object, eval, exec, compile",
        ),
        ("__import__ = None", "del __import__"),
        (
            "import builtins\nreal = builtins.__import__\ndef odd(name, *more):\n"
            "    return 1 / 0 if name in ('sysconfig', 'shutil') else real(name, *more)\n"
            "builtins.__import__ = odd",
            "builtins.__import__ = real",
        ),
        ("import sys; odd = object(); sys.meta_path.insert(0, odd)", "sys.meta_path.remove(odd)"),
        (
            "import sys\nclass Bad:\n    def find_spec(self, *a):\n        1 / 0\n"
            "odd = Bad(); sys.meta_path.insert(0, odd)",
            "sys.meta_path.remove(odd)",
        ),
        (
            "class Meta(type):\n    __name__ = property(lambda cls: 1 / 0)\nclass Odd(metaclass=Meta): pass",
            "del Odd, Meta",
        ),
    ],
    ids=["names", "import-name", "import-builtin", "odd-finder", "bad-finder", "odd-class"],
)
def test_answers_whatever_the_person_has_replaced(kernel: NotebookKernel, hostile: str, undo: str) -> None:
    assert kernel.run(hostile).ok
    report = kernel.probe()
    assert kernel.run(undo).ok
    assert report["state"] == "known", report
    assert report["facts"]["prefix"] == sys.prefix


def test_a_busy_kernel_is_unknown_and_answers_when_it_is_free(kernel: NotebookKernel) -> None:
    before = kernel.wait_known()
    gate = Path(before["facts"]["cwd"]) / "go"
    running = kernel.send(f"import os, time\nwhile not os.path.exists({str(gate)!r}): time.sleep(0.02)")
    kernel.wait_for(lambda _: kernel.http.get(f"api/kernels/{kernel.id}").json()["execution_state"] == "busy")
    report = kernel.probe()
    assert (report["state"], report["reason"]) == ("unknown", "busy")
    assert report["facts"] == before["facts"], "what was known stays, as of then"
    gate.touch()
    assert kernel.wait(running).ok
    gate.unlink()
    kernel.wait_for(lambda report: bool(report["state"] == "known"))


def test_a_failing_cell_does_not_take_the_question_with_it(kernel: NotebookKernel) -> None:
    kernel.wait_known()
    gate = kernel.jupyter.root / Path(kernel.path).parent / "go"
    running = kernel.send(f"import os, time\nwhile not os.path.exists({str(gate)!r}): time.sleep(0.02)\n1/0")
    kernel.wait_for(lambda _: kernel.http.get(f"api/kernels/{kernel.id}").json()["execution_state"] == "busy")
    assert kernel.probe()["reason"] == "busy"
    gate.touch()
    assert not kernel.wait(running).ok
    gate.unlink()
    kernel.wait_for(lambda report: bool(report["state"] == "known"))


def test_a_stopped_kernel_is_unknown(kernel: NotebookKernel) -> None:
    pid = kernel.wait_known()["facts"]["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        report = kernel.probe(is_patient=False)
        assert (report["state"], report["reason"]) == ("unknown", "timeout")
    finally:
        os.kill(pid, signal.SIGCONT)
    kernel.wait_for(lambda report: bool(report["state"] == "known"))


def test_a_kernel_of_another_language_is_left_alone(jupyter: Jupyter, open_kernel: Open) -> None:
    argv = [sys.executable, "-m", "bash_kernel", "-f", "{connection_file}"]
    add_kernelspec(jupyter, "bash", sys.executable, language="bash", argv=argv)
    kernel = open_kernel(kernel="bash")
    assert kernel.run("echo hello").stdout.strip() == "hello"
    for report in (kernel.report(), kernel.probe()):
        assert (report["state"], report["facts"], report["language"]) == ("foreign", None, "bash")
    answer = jupyter.client.post(f"kernels/{kernel.id}/options", json={"autolog": True})
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "kernel-out-of-reach"


def test_a_shadowing_file_is_seen(kernel: NotebookKernel) -> None:
    kernel.wait_known()
    shadow = kernel.jupyter.root / Path(kernel.path).parent / "mlflow.py"
    shadow.write_text("shadow = True\n")
    mlflow = kernel.probe()["facts"]["mlflow"]
    shadow.unlink()
    assert mlflow["origin"].endswith("mlflow.py")
    assert mlflow["distribution_origin"].endswith("mlflow/__init__.py")


def test_a_folder_named_mlflow_is_harmless_where_mlflow_is(kernel: NotebookKernel) -> None:
    kernel.wait_known()
    folder = kernel.jupyter.root / Path(kernel.path).parent / "mlflow"
    folder.mkdir()
    mlflow = kernel.probe()["facts"]["mlflow"]
    folder.rmdir()
    assert mlflow["spec"] == "module"
    assert mlflow["origin"] == mlflow["distribution_origin"]


def test_tells_what_was_imported(open_kernel: Open) -> None:
    kernel = open_kernel()
    kernel.wait_known()
    assert kernel.run("import mlflow").ok
    imported = kernel.probe()["facts"]["mlflow"]["imported"]
    assert imported["version"].startswith("3.")
    assert imported["file"].endswith("mlflow/__init__.py")


def test_the_probe_is_quick_in_the_kernel(kernel: NotebookKernel) -> None:
    """A law of size, not of time: a map of all packages would open every one of hundreds of folders."""
    kernel.wait_known()
    counting = (
        "import sys, _jupyter_mlflow_shim.shim as shim\n"
        "opened = []\n"
        "sys.addaudithook(lambda name, args: name == 'open' and opened.append(args[0]))\n"
        "shim.answer('{}'); print(len(opened))"
    )
    assert int(kernel.run(counting).stdout) < 40


def test_the_report_of_a_kernel_that_is_gone(open_kernel: Open, jupyter: Jupyter) -> None:
    kernel = open_kernel()
    kernel.wait_known()
    kernel.http.delete(f"api/kernels/{kernel.id}")
    answer = jupyter.client.get(f"kernels/{kernel.id}")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "unknown-kernel"


def test_needs_a_login(jupyter: Jupyter, open_kernel: Open) -> None:
    import httpx

    kernel = open_kernel()
    for method, path in [
        ("GET", f"kernels/{kernel.id}"),
        ("POST", f"kernels/{kernel.id}/probe"),
        ("POST", f"kernels/{kernel.id}/tracking"),
        ("POST", f"kernels/{kernel.id}/options"),
        ("GET", "notebooks?path=x"),
        ("GET", "preferences"),
        ("PATCH", "preferences"),
    ]:
        answer = httpx.request(
            method, jupyter.api + path, content=json.dumps({}), trust_env=False, timeout=60
        )
        assert answer.status_code == 403, path


def test_the_administrator_can_turn_it_off(start_jupyter: Callable[..., Jupyter]) -> None:
    jupyter = start_jupyter(config="c.JupyterMlflow.enabled_features = ['jobs']\n")
    kernel = NotebookKernel(jupyter)
    try:
        assert kernel.run("1").ok
        answer = jupyter.client.get(f"kernels/{kernel.id}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "feature-off")
        assert kernel.run("import sys; print('_jupyter_mlflow_shim' in sys.modules)").stdout == "False\n"
    finally:
        kernel.close()


def test_asking_takes_one_round(kernel: NotebookKernel) -> None:
    """The quickest answer says what it takes: the others also say how busy the machine is."""
    kernel.wait_known()
    seconds = []
    for _ in range(10):
        began = time.monotonic()
        assert kernel.probe()["state"] == "known"
        seconds.append(time.monotonic() - began)
    assert min(seconds) < 1.0, seconds
