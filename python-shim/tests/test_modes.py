"""Every way in which a kernel can miss MLflow, in a real one: it is found, and not in its healthy twin.

Kernels of another machine (19) are those of test_gateway.py, other Pythons those of test_python_kernels.py.

The kernels stay; what is around them is changed under them, and they are asked again.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from environment_factory import site_packages
from findings_support import findings, ids, kernelspecs, remedies
from jupyter_under_test import Jupyter
from kernel_under_test import NotebookKernel, add_kernelspec
from modes_support import SPEC, TEAM, Machine, distribution, file, program, remove
from processes_under_test import wait_until


def test_the_healthy_twin_has_no_finding(machine: Machine) -> None:
    known = machine.known("healthy", kernelspecs=machine.kernelspecs())
    assert ids(known) == {}
    facts = known["report"]["facts"]
    assert facts["prefix"] == str(machine.folder / "späte Übung")
    assert facts["pip"] is False, "uv makes environments without"


def test_1_and_3_wrong_kernel_although_both_are_one_file(machine: Machine) -> None:
    assert os.path.realpath(machine.bare) == os.path.realpath(machine.healthy)
    known = machine.known("bare", kernelspecs=machine.kernelspecs())
    assert ids(known) == {"wrong-kernel": "error"}
    # Of those that have MLflow, the one of this test is the newest.
    assert remedies(known, "wrong-kernel")[0] == {"kind": "switch-kernel", "kernelName": "healthy"}


def test_2_package_missing(machine: Machine) -> None:
    known = machine.known("bare")
    assert ids(known) == {"package-missing": "error"}
    assert remedies(known, "package-missing")[0]["kind"] == "install"


def test_4_a_variable_that_names_another_environment(machine: Machine) -> None:
    other = str(Path(machine.healthy).parent.parent)
    with machine.variables("bare", VIRTUAL_ENV=other):
        known = machine.known("bare")
        assert ids(known)["environment-variable-lies"] == "info"
        assert "package-missing" in ids(known), "what it names proves nothing"
    with machine.variables("bare", VIRTUAL_ENV=str(Path(machine.bare).parent.parent)):
        assert "environment-variable-lies" not in ids(machine.known("bare"))


def test_5_a_kernelspec_that_says_just_python(machine: Machine, tmp_path: Path) -> None:
    add_kernelspec(
        machine.jupyter,
        "just-python",
        "",
        argv=["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
    )
    known = machine.known("just-python")
    facts = known["report"]["facts"]
    assert facts["prefix"] == sys.prefix, "Jupyter starts its own interpreter"
    assert "bare-python" not in ids(known), "it has MLflow"
    # What the extension needs, and no MLflow.
    own = machine.environments.kept("jupyter_server", "httpx", "certifi", "psutil", "ipykernel")
    jupyter = Jupyter(tmp_path, python=own, env={"VIRTUAL_ENV": "", "PATH": "/bin"})
    try:
        add_kernelspec(jupyter, "just-python", "", argv=["python", *SPEC["argv"]])
        add_kernelspec(jupyter, "healthy", machine.healthy)
        add_kernelspec(jupyter, "by-path", own)
        specs = kernelspecs(jupyter.client.get("environments").json())
        found = {}
        for name in ("just-python", "by-path"):
            kernel = NotebookKernel(jupyter, f"{name}.ipynb", kernel=name)
            known = {"report": kernel.wait_known(), "kernelspecs": specs}
            assert Path(known["report"]["facts"]["executable"]).parent == Path(own).parent
            found[name] = ids(known)
            kernel.close()
        assert found == {
            "just-python": {"wrong-kernel": "error", "bare-python": "warning"},
            "by-path": {"wrong-kernel": "error"},
        }
    finally:
        jupyter.stop()


def test_6_and_7_kernels_that_cannot_start(machine: Machine) -> None:
    empty = machine.environments.kept()
    add_kernelspec(machine.jupyter, "gone", machine.folder / "gone" / "bin" / "python")
    add_kernelspec(machine.jupyter, "empty", empty)
    add_kernelspec(machine.jupyter, "broken", machine.bare)
    (machine.jupyter.home / "data" / "kernels" / "broken" / "kernel.json").write_text('{"argv": [')
    try:
        specs = machine.kernelspecs()
        names = ("gone", "empty", "broken", "bare", "healthy")
        found = [list(ids({"report": None, "kernelName": name, "kernelspecs": specs})) for name in names]
        assert found == [
            ["stale-kernelspec"],
            ["kernel-without-ipykernel"],
            ["broken-kernelspec"],
            [],
            [],
        ]
    finally:
        remove(*(machine.jupyter.home / "data" / "kernels" / name for name in ("gone", "empty", "broken")))


def test_8_a_name_that_two_kernelspecs_have(machine: Machine) -> None:
    assert "same-name-kernelspec" not in ids(machine.known("bare", kernelspecs=machine.kernelspecs()))
    # JUPYTER_PATH goes before the person's own folder.
    add_kernelspec(machine.jupyter, "bare", machine.healthy)
    try:
        known = machine.known("bare", kernelspecs=machine.kernelspecs())
        assert ids(known)["same-name-kernelspec"] == "warning", "the hidden one has MLflow"
        first = remedies(known, "same-name-kernelspec")[0]
        assert first == {"kind": "register-kernel", "executable": machine.healthy}
    finally:
        remove(machine.jupyter.home / "data" / "kernels" / "bare")


def test_9_a_pip_of_another_environment(machine: Machine) -> None:
    specs = machine.kernelspecs()
    own, other = Path(machine.bare).parent, Path(machine.healthy).parent
    program(own, "pip")
    program(other, "pip")
    with machine.variables("bare", PATH=f"{other}:/usr/bin"):
        assert ids(machine.known("bare", kernelspecs=specs))["pip-goes-elsewhere"] == "info"
    with machine.variables("bare", PATH=f"{own}:{other}"):
        assert "pip-goes-elsewhere" not in ids(machine.known("bare", kernelspecs=specs))


@pytest.mark.parametrize("name", ["mlflow.py", "mlflow/__init__.py"])
def test_10_a_file_that_is_taken_for_mlflow(machine: Machine, name: str) -> None:
    with file(machine.cwd("healthy") / name, "mine = True\n"):
        known = machine.known("healthy")
        assert ids(known) == {"shadowed-by-file": "error"}
        assert [each["kind"] for each in remedies(known, "shadowed-by-file")] == ["rename-file"]
    assert ids(machine.known("healthy")) == {}


def test_11_a_folder_that_is_taken_for_mlflow_where_mlflow_is_missing(machine: Machine) -> None:
    for name in ("bare", "healthy"):
        (machine.cwd(name) / "mlflow").mkdir()
        (machine.cwd(name) / "mlruns").mkdir()
    try:
        assert ids(machine.known("bare")) == {"mlflow-is-a-folder": "error"}
        assert ids(machine.known("healthy")) == {}
    finally:
        remove(*(machine.cwd(name) / each for name in ("bare", "healthy") for each in ("mlflow", "mlruns")))


def test_12_metadata_whose_module_is_gone(machine: Machine) -> None:
    made = distribution(site_packages(machine.bare), "mlflow", "3.1.0")
    known = machine.known("bare")
    remove(*made)
    assert ids(known) == {"module-gone": "error"}
    assert remedies(known, "module-gone")[0]["reinstall"] is True


def test_14_an_import_that_fails_within(machine: Machine) -> None:
    kernel = machine.kernel("healthy")
    init = site_packages(machine.healthy) / "mlflow" / "__init__.py"
    before = init.read_text()

    def check() -> Mapping[str, Any]:
        order = {"kind": "check-imports", "kernel_id": kernel.id}
        id = machine.jupyter.client.post("jobs", json=order).json()["id"]
        job: dict[str, Any] = {}

        def ended() -> bool:
            job.update(machine.jupyter.client.get(f"jobs/{id}").json())
            return bool(job["state"] == "done")

        wait_until(ended, "the check")
        return {"report": kernel.report()}

    init.write_text("import absent_part\n")
    try:
        failed = kernel.run("import mlflow").outputs[0]["content"]
        error = {"name": failed["ename"], "value": failed["evalue"], "traceback": failed["traceback"]}
        told = ids({**machine.known("healthy"), "error": error})
        assert list(told) == ["dependency-broken"], "the cell itself tells"
        assert ids(machine.known("healthy")) == {}, "that it is installed is all that the kernel knows"
        known = check()
        assert ids(known) == {"dependency-broken": "error"}
        assert findings(known)[0]["message"][1] == "absent_part"
        # It holds while nothing changes, and not for another process.
        assert ids(machine.known("healthy")) == {"dependency-broken": "error"}
    finally:
        init.write_text(before)
    twin = check()
    assert ids(twin) == {}
    assert twin["report"]["import_check"]["ok"] is True
    kernel.restart_known()
    assert kernel.report()["import_check"] is None


def test_15_changed_after_the_import(machine: Machine) -> None:
    kernel = machine.kernel("healthy")
    assert kernel.run("import mlflow").ok
    assert ids(machine.known("healthy")) == {}
    packages = site_packages(machine.healthy)
    old, new = packages / "mlflow-3.99.0.dist-info", packages / "mlflow-3.100.0.dist-info"
    metadata = old / "METADATA"
    text = metadata.read_text()
    old.rename(new)
    (new / "METADATA").write_text(text.replace("3.99.0", "3.100.0"))
    try:
        known = machine.known("healthy")
        assert ids(known) == {"changed-after-import": "warning"}
        assert [each["kind"] for each in remedies(known, "changed-after-import")] == ["restart-kernel"]
    finally:
        new.rename(old)
        metadata.write_text(text)
    assert ids(machine.known("healthy")) == {}


def test_17_conda_and_another_environment(machine: Machine) -> None:
    """Conda comes from no index of Python packages: this is its layout, made around real interpreters."""
    base = machine.environments.system(machine.folder / "conda", conda="base")
    inner = machine.environments.system(machine.folder / "conda" / "envs" / "work", conda="environment")
    above = machine.environments.fresh(machine.folder / "above conda", python=base)
    conda, work = (str(Path(python).parent.parent) for python in (base, inner))
    packages = str(site_packages(machine.bare))
    rows = [
        # interpreter, CONDA_PREFIX, CONDA_DEFAULT_ENV, what is found
        (base, conda, "base", None),
        (inner, work, "work", None),
        # Jupyter was started in the base, and the kernel is of an environment.
        (inner, conda, "base", "Another conda environment is active"),
        (above, conda, "base", "on top of conda"),
        # A virtual environment beside the one that happens to be active.
        (above, work, "work", None),
        (machine.bare, conda, "base", None),
    ]
    for number, (python, active, name, message) in enumerate(rows):
        env = {"CONDA_PREFIX": active, "CONDA_DEFAULT_ENV": name, "PYTHONPATH": packages}
        add_kernelspec(machine.jupyter, f"conda-{number}", python, env=env)
        known = machine.known(f"conda-{number}")
        facts = known["report"]["facts"]
        assert facts["conda"] is (python in (base, inner)), rows[number]
        assert (facts["prefix"] == facts["base_prefix"]) is (python in (base, inner)), rows[number]
        found = {each["id"]: each for each in findings(known)}
        assert ids(known).get("conda-stacked") == (message and "info"), rows[number]
        assert message is None or message in found["conda-stacked"]["message"][0]
        machine.end(f"conda-{number}")


def test_18_a_client_that_is_newer_than_its_server(machine: Machine) -> None:
    with machine.variables("healthy", MLFLOW_TRACKING_URI=TEAM):
        known = machine.known("healthy", server=machine.server())
        assert known["report"]["logs_to"]["server_id"] == known["server"]["id"]
        assert known["report"]["logs_to"]["label"] == "Team"
        assert ids({**known, "serverVersion": "2.22.0"}) == {"version-skew": "warning"}
        assert ids({**known, "serverVersion": "3.1.0"}) == {}
        assert ids(known) == {}, "a server that does not answer has no version"


def test_20_kernels_that_are_not_spoken_of(machine: Machine) -> None:
    argv = [sys.executable, "-m", "bash_kernel", "-f", "{connection_file}"]
    add_kernelspec(machine.jupyter, "shell", "", language="bash", argv=argv)
    opened = NotebookKernel(machine.jupyter, "shell/notebook.ipynb", kernel="shell")
    try:
        report = opened.wait_for(lambda report: bool(report["state"] == "foreign"))
        assert ids({"report": report, "kernelspecs": machine.kernelspecs()}) == {}
    finally:
        opened.close()


def test_where_it_logs_and_with_what_login(machine: Machine) -> None:
    panel = machine.server()
    assert "logs-elsewhere" in ids(machine.known("healthy", server=panel))
    with machine.variables("healthy", MLFLOW_TRACKING_URI=TEAM):
        asks = machine.known("healthy", server=panel, serverNeedsLogin=True)
        assert ids(asks) == {"credentials-missing": "warning"}
        assert ids({**asks, "serverNeedsLogin": False}) == {}
    with machine.variables("healthy", MLFLOW_TRACKING_URI=TEAM, MLFLOW_TRACKING_TOKEN="hunter2"):
        has = machine.known("healthy", server=panel, serverNeedsLogin=True)
        assert ids(has) == {}
        assert "hunter2" not in json.dumps(has)


@pytest.mark.parametrize("is_managed", [True, False], ids=["managed", "not managed"])
def test_a_python_of_the_system_is_left_to_the_system(machine: Machine, is_managed: bool) -> None:
    name = f"system-{is_managed}".lower()
    python = machine.environments.system(machine.folder / name, externally_managed=is_managed)
    add_kernelspec(machine.jupyter, name, python, env={"PYTHONPATH": str(site_packages(machine.bare))})
    known = machine.known(name)
    assert known["report"]["facts"]["externally_managed"] is is_managed
    kinds = [each["kind"] for each in remedies(known, "package-missing")]
    assert kinds[0] == ("create-environment" if is_managed else "install")
    assert ("install" in kinds) is not is_managed
