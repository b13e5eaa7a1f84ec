"""The job "create-environment": real environments, and what goes wrong on the way to one."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import psutil
import pytest
from environment_factory import EnvironmentFactory, polluted_environ
from job_support import Bench
from jupyter_client.manager import AsyncKernelManager
from jupyter_mlflow.server.environments.environments import environment_python
from jupyter_mlflow.server.environments.made_environments import MAKING_MARK
from local_support import OLDEST, processes_of, until
from wheelhouse import Wheelhouse

#: Where the tool that makes environments is found.
FIND_UV = "jupyter_mlflow.server.jobs.environment_job.find_uv"


def without_ensurepip(path: Path) -> str:
    """As Debian's Python is: ensurepip is a package of its own there."""
    path.write_text(
        f'#!/bin/sh\ncase "$*" in *"import ensurepip"*) exit 1;; esac\nexec "{sys.executable}" "$@"\n'
    )
    path.chmod(0o755)
    return str(path)


def nothing_is_left(bench: Bench) -> bool:
    return not list(bench.root.iterdir()) and not list(bench.user_kernels.iterdir())


async def test_a_new_kernel_really_works_whatever_variables_say(bench: Bench) -> None:
    """The newest MLflow, in a folder with a space and an umlaut, with requirements; then its kernel runs."""
    folder = bench.root / "späte Übung"
    folder.mkdir()
    (folder / "more.txt").write_text("tabulate==0.9.0\n")
    (folder / "requirements.txt").write_text("-r more.txt\n")
    bench.set(polluted_environ(bench.folder))
    result = await bench.done(
        "create-environment",
        folder="späte Übung",
        kernel={"display_name": "Für den Kurs"},
        packages=["mlflow", "humanize"],
        requirements="späte Übung/requirements.txt",
    )
    prefix = folder / "mlflow_venv"
    assert result["prefix"] == str(prefix)
    assert result["executable"] == str(environment_python(prefix))
    assert (result["name"], result["kernel_name"]) == ("mlflow_venv", "mlflow_venv")
    assert result["version"] == result["mlflow"] >= "3.17"
    assert len(result["commands"]) == 2, "those that a person could type"
    assert str(prefix) in result["commands"][1]
    assert not (bench.folder / "target").exists()

    manager = AsyncKernelManager(kernel_name="mlflow_venv", kernel_spec_manager=bench.manager)
    await manager.start_kernel(env={**bench.environ, "PYTHONPATH": ""})
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=120)
        said: list[str] = []
        code = (
            "import sys, mlflow, tabulate, humanize, os\n"
            "print(sys.prefix, mlflow.__version__, os.environ['VIRTUAL_ENV'], sep='\\n')\n"
            "!which pip mlflow"
        )
        await client.execute_interactive(
            code, timeout=120, output_hook=lambda m: said.append(m["content"].get("text", ""))
        )
        lines = "".join(said).split("\n")
        assert [line.strip() for line in lines if line.strip()] == [
            str(prefix),
            result["mlflow"],
            str(prefix),
            str(prefix / "bin" / "pip"),
            str(prefix / "bin" / "mlflow"),
        ]
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


async def test_an_old_mlflow_gets_packages_of_its_time(bench: Bench) -> None:
    """2.3.2, whose plain installation is broken today, with a package that the notebook imports."""
    result = await bench.done(
        "create-environment", python=OLDEST, mlflow="2.3.2", kernel={}, packages=["seaborn"]
    )
    assert (result["mlflow"], result["kernel_name"]) == ("2.3.2", "mlflow_venv")
    assert "--exclude-newer 2023-07-01" in result["commands"][1]
    spec = json.loads((bench.user_kernels / "mlflow_venv" / "kernel.json").read_text())
    assert spec["argv"][0] == result["executable"]
    assert spec["display_name"] == f"Python {'.'.join(result['python'].split('.')[:2])} (mlflow_venv)"
    assert (bench.user_kernels / "mlflow_venv" / "logo-64x64.png").is_file()
    listed = (await bench.machine().describe())["interpreters"]
    assert [(each["kind"], each["mlflow"], each["removable"]) for each in listed] == [("ours", "2.3.2", True)]


@pytest.mark.parametrize("tool", ["uv", "pip", "debian"])
async def test_with_and_without_uv(
    bench: Bench,
    wheelhouse: Wheelhouse,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tool: str,
) -> None:
    bench.set(wheelhouse.environ)
    python = sys.executable
    if tool != "uv":
        monkeypatch.setattr(FIND_UV, lambda environ: None)
    if tool == "debian":
        python = without_ensurepip(tmp_path / "python3")
    result = await bench.done("create-environment", kernel={}, packages=["beta"], python=python)
    assert result["mlflow"] == "3.99.0"
    assert len(result["commands"]) == 2
    program = result["commands"][0].split()[0]
    assert (Path(program).name == "uv") == (tool == "uv"), program
    installed = await bench.done("install", executable=result["executable"], packages=["alpha"])
    assert installed["installed"] == [{"name": "alpha", "version": "1.0"}], "as beta needs it"


async def test_what_is_there_is_never_overwritten(bench: Bench, wheelhouse: Wheelhouse) -> None:
    bench.set(wheelhouse.environ)
    (bench.root / "file").write_text("precious")
    (bench.root / "folder").mkdir()
    (bench.root / "link").symlink_to(bench.root / "nowhere")
    for name in ("file", "folder", "link"):
        bench.refused("create-environment", "environment-exists", name=name, kernel={})
    copied = bench.root / "copied"
    copied.mkdir()
    (copied / MAKING_MARK).write_text("0123456789abcdef")
    bench.refused("create-environment", "environment-exists", name="copied", kernel={})
    taken = bench.user_kernels / "MLFLOW_venv"
    taken.mkdir()
    (taken / "kernel.json").write_text("{")

    first = await bench.done("create-environment", kernel={})
    assert first["kernel_name"] == "mlflow_venv-2"
    assert (taken / "kernel.json").read_text() == "{"
    problem = bench.refused("create-environment", "environment-exists", kernel={})
    assert problem.to_json()["executable"] == first["executable"]
    (bench.root / "folder" / "below").mkdir()
    second = await bench.done("create-environment", folder="folder/below", kernel={"display_name": None})
    assert second["kernel_name"] == "mlflow_venv-3"
    names = [each["display_name"] for each in (await bench.machine().describe())["kernelspecs"]]
    assert len(set(names)) == 3


@pytest.mark.parametrize("tool", ["uv", "pip"])
async def test_what_does_not_resolve_is_told_in_the_tool_s_own_words(
    bench: Bench,
    wheelhouse: Wheelhouse,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tool: str,
) -> None:
    bench.set(wheelhouse.environ)
    python = sys.executable
    if tool == "pip":
        monkeypatch.setattr(FIND_UV, lambda environ: None)
        # Without a pip of its own an environment is made in a third of the time.
        python = without_ensurepip(tmp_path / "python3")
    (bench.root / "requirements.txt").write_text("alpha==2.0\nbeta\n")
    problem = await bench.failed(
        "create-environment", "no-such-version", kernel={}, python=python, requirements="requirements.txt"
    )
    assert "alpha==2.0" in problem.message
    assert "beta" in problem.message
    (bench.root / "requirements.txt").unlink()
    assert nothing_is_left(bench)
    problem = await bench.failed(
        "create-environment", "no-such-package", kernel={}, python=python, packages=["scikit-lern"]
    )
    assert "scikit-lern" in problem.message
    problem = await bench.failed(
        "create-environment", "no-such-version", kernel={}, python=python, mlflow="9.9.9"
    )
    assert "mlflow==9.9.9" in problem.message
    assert nothing_is_left(bench)


async def test_an_environment_that_does_not_work_is_not_called_good(
    bench: Bench,
    wheelhouse: Wheelhouse,
) -> None:
    bench.set(wheelhouse.environ)
    problem = await bench.failed("create-environment", "environment-broken", kernel={}, mlflow="3.55.0")
    assert "a part is missing" in (problem.log or "")
    assert nothing_is_left(bench)


async def test_a_full_disk(bench: Bench, tmp_path: Path) -> None:
    full = tmp_path / "bin" / "uv"
    full.parent.mkdir()
    # The reason is the system's own; half of an environment is there by then.
    full.write_text(f'#!/bin/sh\nmkdir -p "{bench.root}/mlflow_venv/bin"\nexec cat /etc/passwd > /dev/full\n')
    full.chmod(0o755)
    bench.set({"PATH": f"{full.parent}{os.pathsep}{os.environ['PATH']}", "LC_ALL": "C"})
    await bench.failed("create-environment", "disk-full", kernel={})
    assert nothing_is_left(bench)


async def test_cancelling_kills_all_and_removes_what_was_made(
    bench: Bench,
    wheelhouse: Wheelhouse,
) -> None:
    bench.set(wheelhouse.environ)
    job = bench.jobs.create({"kind": "create-environment", "kernel": {}, "mlflow": "3.66.0"})
    prefix = str(bench.root / "mlflow_venv")
    # The test of the environment runs, and has started something.
    await until(lambda: len(_running_in(prefix)) >= 2 or job.state != "running", 120)
    assert job.state == "running", bench.log(job)
    refused = bench.refused("create-environment", "environment-busy", kernel={})
    assert refused.status == 409
    bench.refused("install", "environment-busy", executable=f"{prefix}/bin/python", packages=["alpha"])
    job.cancel()
    await bench.ended(job, 240)
    assert job.state == "cancelled"
    assert nothing_is_left(bench)
    assert not _running_in(prefix)
    assert not processes_of(bench.folder)


async def test_what_a_killed_jupyter_left_is_made_anew(bench: Bench, wheelhouse: Wheelhouse) -> None:
    bench.set(wheelhouse.environ)
    bench.made.begin(bench.root / "mlflow_venv")
    (bench.root / "mlflow_venv" / "half").write_text("")
    assert (await bench.machine().describe())["interpreters"] == []
    result = await bench.done("create-environment", kernel={})
    assert not (Path(result["prefix"]) / "half").exists()


async def test_a_python_that_does_not_fit(bench: Bench, environments: EnvironmentFactory) -> None:
    old = bench.folder / "python2"
    old.write_text('#!/bin/sh\necho "{\\"python\\": \\"2.7.18\\", \\"executable\\": \\"\\", '
                   '\\"prefix\\": \\"/\\", \\"base_prefix\\": \\"/\\"}"\n')  # fmt: skip
    old.chmod(0o755)
    problem = await bench.failed("create-environment", "no-python", kernel={}, python=str(old))
    assert "2.7.18" in problem.message
    assert nothing_is_left(bench)


async def test_kernels_that_would_not_be_shown_are_not_made(bench: Bench) -> None:
    bench.manager.allowed_kernelspecs = {"python3"}
    assert bench.refused("create-environment", "kernels-restricted", kernel={}).status == 403
    assert bench.refused("register-kernel", "kernels-restricted", executable=sys.executable).status == 403
    assert nothing_is_left(bench)


async def test_two_jobs_of_two_names_run_beside_each_other(bench: Bench, wheelhouse: Wheelhouse) -> None:
    bench.set(wheelhouse.environ)
    both = await asyncio.gather(
        *(bench.done("create-environment", kernel={"display_name": "Same"}, name=name) for name in "ab")
    )
    assert [each["kernel_name"] for each in both] == ["a", "b"]
    shown = sorted(each["display_name"] for each in (await bench.machine().describe())["kernelspecs"])
    assert shown == ["Same", "Same 2"]


def _running_in(prefix: str) -> list[int]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and process.cmdline()[:1] == [f"{prefix}/bin/python"]:
                found.append(process.pid)
        except psutil.Error:
            continue
    return found
