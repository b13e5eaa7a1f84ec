"""Makes environments by the job, by the commands that people type, and with pip; prints the times as JSON.

`python create_environment.py FOLDER RUNS PIP_RUNS`
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_mlflow.server.environments.environments import environment_python, find_uv
from jupyter_mlflow.server.environments.kernel_registry import KernelRegistry
from jupyter_mlflow.server.environments.made_environments import MadeEnvironments
from jupyter_mlflow.server.jobs.environment_job import TEST, EnvironmentMaker
from jupyter_mlflow.server.jobs.jobs import Jobs

#: Seconds between two looks at a job.
LOOK_S = 0.002


def main() -> None:
    """One round of each that does not count, then the rounds, the ways in turn."""
    folder, runs, pip_runs = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if find_uv() is None:
        print(json.dumps({"error": "uv is not found: pip install uv"}))
        return
    jobs = _jobs(folder)
    times: dict[str, list[float]] = {"job": [], "untested": [], "hand": [], "pip": []}
    for number in range(-1, runs):
        whole, untested, commands = _by_job(jobs, f"job-{number + 1}")
        hand = _by_hand(folder, commands, f"job-{number + 1}", f"hand-{number + 1}")
        if number >= 0:
            times["job"].append(whole)
            times["untested"].append(untested)
            times["hand"].append(hand)
    for number in range(pip_runs):
        times["pip"].append(_with_pip(folder / f"pip-{number}"))
    print(json.dumps({name: [round(1000 * each) for each in values] for name, values in times.items()}))
    shutil.rmtree(folder, ignore_errors=True)


def _jobs(folder: Path) -> Jobs:
    data, root = folder / "data", folder / "root"
    root.mkdir()
    # Typing `ipykernel install --user` finds the same place.
    os.environ["JUPYTER_DATA_DIR"] = str(data)
    manager = KernelSpecManager(data_dir=str(data), kernel_dirs=[str(data / "kernels")])
    maker = EnvironmentMaker(
        MadeEnvironments(folder / "state"), root_dir=root, registry=KernelRegistry(manager)
    )
    return Jobs(state_dir=folder / "state", kinds={"create-environment": maker.kind})


def _by_job(jobs: Jobs, name: str) -> tuple[float, float, list[str]]:
    """Seconds of the whole, seconds without its test, and the commands that it says it has run."""
    began = time.perf_counter()
    job = jobs.create({"kind": "create-environment", "name": name, "kernel": {}})
    tested = 0.0
    while job.state == "running":
        before = time.perf_counter()
        time.sleep(LOOK_S)
        if job.step == TEST:
            tested += time.perf_counter() - before
    whole = time.perf_counter() - began
    if job.result is None:
        raise SystemExit(f"the job failed: {job.problem}\n{job.log.tail()}")
    return whole, whole - tested, job.result["commands"]


def _by_hand(folder: Path, commands: list[str], old: str, new: str) -> float:
    root = folder / "root"
    python = environment_python(root / new)
    typed = [command.replace(str(root / old), str(root / new)) for command in commands]
    typed.append(f"{python} -m ipykernel install --user --name {new}")
    began = time.perf_counter()
    for command in typed:
        _run(["sh", "-c", command])
    return time.perf_counter() - began


def _with_pip(folder: Path) -> float:
    python = str(environment_python(folder))
    began = time.perf_counter()
    _run([sys.executable, "-m", "venv", str(folder)])
    _run([python, "-m", "pip", "install", "mlflow", "ipykernel"])
    _run([python, "-m", "ipykernel", "install", "--user", "--name", folder.name])
    return time.perf_counter() - began


def _run(argv: list[str]) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{argv}: {done.stdout}\n{done.stderr}")


if __name__ == "__main__":
    main()
