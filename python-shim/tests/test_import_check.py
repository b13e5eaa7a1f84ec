"""The job "check-imports": in a process like the kernel's, real imports that fail in real ways."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from environment_factory import EnvironmentFactory, site_packages
from job_support import Bench
from jupyter_mlflow.server.jobs.kernel_target import KernelSaid

ENDINGS = {
    "fine": "value = 1\n",
    "absent_part": "import absent\n",
    "moved_on": "from collections import FallbackAsyncAdaptedQueuePool\n",
    "fails": "import fails_below\n",
    "fails_below": "1 / 0\n",
    "exits": "raise SystemExit(3)\n",
    "crashes": "import os\nos._exit(7)\n",
    "talks": "print('result-00: {\"ok\": true}')\nimport absent\n",
}


def kernel(bench: Bench, python: str, *, pid: int | None = None, **more: Any) -> None:
    facts = {"executable": python, "prefix": str(Path(python).parent.parent), "cwd": None, "path": [], **more}
    bench.kernels["k"] = KernelSaid("local", facts, pid)


def standard_path() -> list[str]:
    """Where the standard library lies."""
    return [entry for entry in sys.path if entry.startswith(sys.base_prefix) and "site-packages" not in entry]


@pytest.fixture
def modules(bench: Bench, environments: EnvironmentFactory) -> Path:
    folder = bench.folder / "späte Übung"
    folder.mkdir()
    for name, text in ENDINGS.items():
        (folder / f"{name}.py").write_text(text)
    kernel(bench, environments.kept(), cwd=str(folder), path=["", "/gone"])
    return folder


@pytest.mark.parametrize(
    ("module", "kind", "failing"),
    [
        ("absent_part", "ModuleNotFoundError", "absent"),
        ("moved_on", "ImportError", "collections"),
        ("fails", "ZeroDivisionError", "fails_below"),
        ("exits", "SystemExit", "exits"),
        ("crashes", "Crash", None),
        ("talks", "ModuleNotFoundError", "absent"),
        ("absent.part", "ModuleNotFoundError", "absent"),
    ],
)
async def test_what_fails_and_where(
    bench: Bench,
    modules: Path,
    module: str,
    kind: str,
    failing: str | None,
) -> None:
    # The path that the kernel says is the path that counts; the standard library belongs to it.
    said = bench.kernels["k"].facts
    assert said is not None
    kernel(bench, said["executable"], cwd=str(modules), path=["", *standard_path()])
    result = await bench.done("check-imports", kernel_id="k", module=module)
    assert result["ok"] is False
    assert (result["error"]["type"], result["error"]["module"]) == (kind, failing)
    assert result["error"]["message"]
    result = await bench.done("check-imports", kernel_id="k", module="fine")
    assert (result["ok"], result["error"]) == (True, None)
    assert 0 <= result["seconds"] < 5


async def test_mlflow_whose_dependency_is_gone(
    bench: Bench,
    environments: EnvironmentFactory,
    tmp_path: Path,
) -> None:
    python = environments.fresh(tmp_path / "venv", "mlflow-skinny")
    kernel(bench, python)
    assert (await bench.done("check-imports", kernel_id="k"))["ok"] is True
    for part in site_packages(python).glob("yaml/__init__.py"):
        part.unlink()
    result = await bench.done("check-imports", kernel_id="k")
    assert result["ok"] is False
    assert result["error"]["module"].startswith("yaml")


async def test_the_variables_are_those_of_the_kernel_s_own_process(
    bench: Bench,
    environments: EnvironmentFactory,
    tmp_path: Path,
) -> None:
    python = environments.kept()
    (tmp_path / "only_here.py").write_text("")
    (tmp_path / "needs.py").write_text("import os\nassert os.environ['SECRET'] == 'hunter2'\n")
    env = {**os.environ, "PYTHONPATH": str(tmp_path), "SECRET": "hunter2"}
    argv = [python, "-c", "input()"]
    with await asyncio.to_thread(subprocess.Popen, argv, stdin=subprocess.PIPE, env=env) as process:
        try:
            kernel(bench, python, pid=process.pid)
            for module in ("only_here", "needs"):
                job = await bench.ended(
                    bench.jobs.create({"kind": "check-imports", "kernel_id": "k", "module": module})
                )
                assert job.result is not None
                assert job.result["ok"] is True
                assert "hunter2" not in bench.log(job)
            # A kernel that names another process is not given that one's variables.
            kernel(bench, python, pid=os.getpid())
            bench.kernels["k"] = KernelSaid(
                "local", {**(bench.kernels["k"].facts or {}), "pid": 1}, bench.kernels["k"].pid
            )
            assert (await bench.done("check-imports", kernel_id="k", module="only_here"))["ok"] is False
        finally:
            process.communicate(b"\n")


def test_only_modules_are_tried(bench: Bench, modules: Path) -> None:
    for bad in ("", "a b", "a;b", "-c", ".a", "a.", "../a", "1a", 3, None, "x" * 300):
        bench.refused("check-imports", "invalid-module", kernel_id="k", module=bad)
    bench.refused("check-imports", "kernel-unknown", kernel_id="another")
    bench.refused("check-imports", "kernel-unknown", kernel_id=None)


async def test_one_that_nobody_asked_for_gives_way_to_an_installation(bench: Bench, modules: Path) -> None:
    (modules / "waits.py").write_text("import time\nwhile True: time.sleep(0.01)\n")
    said = bench.kernels["k"].facts
    assert said is not None
    kernel(bench, said["executable"], cwd=str(modules), path=["", *standard_path()])
    order = {"kind": "check-imports", "kernel_id": "k", "module": "waits"}
    asked = bench.jobs.create(order)
    bench.refused("check-imports", "environment-busy", kernel_id="k", background=True)
    asked.cancel()
    assert (await bench.ended(asked)).state == "cancelled"

    quiet = bench.jobs.create({**order, "background": True})
    bench.made.lock(Path(said["executable"]).parent.parent).release()
    quiet.cancel()
    assert (await bench.ended(quiet)).state == "cancelled"
