"""Jobs: real processes, real environments."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest
from job_support import NO_NETWORK
from jupyter_mlflow.server.environments.environments import (
    READY_MARK,
    Environments,
    environment_python,
    find_uv,
)
from jupyter_mlflow.server.environments.made_environments import MAKING_MARK, MadeEnvironments
from jupyter_mlflow.server.jobs.environment_job import EnvironmentMaker
from jupyter_mlflow.server.jobs.jobs import Job, Jobs, Work
from jupyter_mlflow.server.problems import Problem
from local_support import (
    OLDEST,
    give_back_local_servers,  # noqa: F401
    local_servers,
    processes_of,
    started,
    until,
)


def make_jobs(state_dir: Path, **options: Any) -> Jobs:
    maker = EnvironmentMaker(
        MadeEnvironments(state_dir),
        root_dir=state_dir,
        environ={**os.environ, **options.pop("environ", {})},
        python=options.pop("python", sys.executable),
    )
    return Jobs(
        state_dir=state_dir, kinds={"create-environment": maker.kind, **options.pop("kinds", {})}, **options
    )


@pytest.fixture
def cleared() -> Iterator[list[Jobs]]:
    made: list[Jobs] = []
    yield made
    for jobs in made:
        jobs.close()


async def ended(job: Job, timeout_s: float = 400) -> Job:
    await until(lambda: job.state != "running", timeout_s, "job ended")
    return job


def sleeper(body: Mapping[str, Any]) -> tuple[tuple[str, ...], Work]:
    """A job whose process starts another one that ignores being asked to end."""

    def work(job: Job) -> dict[str, Any]:
        job.begin("Sleep")
        stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
        code = (
            f"import subprocess, sys; subprocess.run([sys.executable, '-c', {stubborn!r}, {body['mark']!r}])"
        )
        job.run([sys.executable, "-c", code, body["mark"]], env=os.environ)
        return {}

    return ("Sleep",), work


async def test_cancelling_kills_all_that_the_job_started(tmp_path: Path, cleared: list[Jobs]) -> None:
    jobs = make_jobs(tmp_path, kinds={"sleep": sleeper})
    cleared.append(jobs)
    mark = f"mark-{tmp_path.name}"
    job = jobs.create({"kind": "sleep", "mark": mark})
    await until(lambda: len(_with(mark)) >= 2, 240, "both run")
    job.cancel()
    await ended(job, 240)
    assert job.state == "cancelled"
    await until(lambda: not _with(mark), 240, "both are gone")


async def test_a_job_that_takes_too_long_is_killed(tmp_path: Path, cleared: list[Jobs]) -> None:
    jobs = make_jobs(tmp_path, kinds={"sleep": sleeper}, timeout_s=1.0)
    cleared.append(jobs)
    mark = f"mark-{tmp_path.name}"
    job = await ended(jobs.create({"kind": "sleep", "mark": mark}), 240)
    assert job.problem is not None
    assert job.problem.code == "job-timeout"
    await until(lambda: not _with(mark), 240, "both are gone")


async def test_a_killed_jupyter_server_leaves_no_job_behind(tmp_path: Path) -> None:
    mark = f"mark-{tmp_path.name}"
    code = (
        "import sys, time; from pathlib import Path; from test_jobs import make_jobs, sleeper;"
        f"make_jobs(Path({str(tmp_path)!r}), kinds={{'sleep': "
        f"sleeper}}).create({{'kind': 'sleep', 'mark': {mark!r}}});"
        "time.sleep(600)"
    )
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    server = await asyncio.to_thread(
        subprocess.Popen, [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": path}
    )
    try:
        await until(lambda: len(_with(mark)) >= 3, 240, "the job runs")
    finally:
        server.kill()
        server.wait()
    await until(lambda: not _with(mark), 240, "the job is gone")


async def test_the_log_is_read_by_offset_and_never_holds_credentials(
    tmp_path: Path, cleared: list[Jobs]
) -> None:
    def talk(body: Mapping[str, Any]) -> tuple[tuple[str, ...], Work]:
        def work(job: Job) -> dict[str, Any]:
            job.begin("Talk")
            code = "print('wörld'); print('from https://me:secret@index.example/simple')"
            job.run([sys.executable, "-c", code], env={**os.environ, "PYTHONIOENCODING": "utf-8"})
            return {"said": True}

        return ("Talk",), work

    jobs = make_jobs(tmp_path, kinds={"talk": talk})
    cleared.append(jobs)
    job = await ended(jobs.create({"kind": "talk"}))
    assert (job.state, job.result) == ("done", {"said": True})
    first = jobs.read_log(job.id, 0)
    assert "wörld" in first["text"]
    assert "secret" not in first["text"]
    assert not first["done"]
    assert jobs.read_log(job.id, first["next_offset"]) == {
        "text": "",
        "next_offset": first["next_offset"],
        "done": True,
    }
    middle = len(first["text"].split("wörld")[0].encode())
    assert jobs.read_log(job.id, middle)["text"].startswith("wörld")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (None, "invalid-job"),
        ({"kind": "rm"}, "invalid-job"),
        ({"kind": "create-environment", "name": "../x"}, "invalid-name"),
        ({"kind": "create-environment", "name": "-x"}, "invalid-name"),
        ({"kind": "create-environment", "name": "x" * 65}, "invalid-name"),
        ({"kind": "create-environment", "name": "x\n"}, "invalid-name"),
        ({"kind": "create-environment", "name": 3}, "invalid-name"),
        ({"kind": "create-environment", "mlflow": "3; rm -rf"}, "invalid-version"),
        ({"kind": "create-environment", "mlflow": "git+https://x"}, "invalid-version"),
        ({"kind": "create-environment", "mlflow": "--index-url=x"}, "invalid-version"),
        ({"kind": "create-environment", "mlflow": "1.30.0"}, "invalid-version"),
        ({"kind": "create-environment", "mlflow": 3}, "invalid-version"),
    ],
)
def test_what_is_refused_before_anything_is_done(tmp_path: Path, body: Any, code: str) -> None:
    with pytest.raises(Problem) as caught:
        make_jobs(tmp_path).create(body)
    assert caught.value.code == code
    assert not list((tmp_path / "jobs").glob("*.log"))


def test_switched_off(tmp_path: Path) -> None:
    with pytest.raises(Problem) as caught:
        make_jobs(tmp_path, enabled=False).create({"kind": "create-environment"})
    assert (caught.value.code, caught.value.status) == ("feature-off", 403)


@pytest.mark.parametrize("tool", ["uv", "pip"])
async def test_without_a_network_nothing_stays_and_the_reason_is_told(
    tmp_path: Path, cleared: list[Jobs], tool: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if tool == "pip":
        monkeypatch.setattr("jupyter_mlflow.server.jobs.environment_job.find_uv", lambda environ: None)
    elif find_uv() is None:
        pytest.fail("uv must be installed for the tests")
    jobs = make_jobs(tmp_path, environ={**NO_NETWORK, "UV_CACHE_DIR": str(tmp_path / "cache")})
    cleared.append(jobs)
    job = await ended(jobs.create({"kind": "create-environment"}))
    assert job.state == "failed"
    assert job.problem is not None
    assert job.problem.code == "no-registry", job.problem.to_json()
    assert len(job.problem.message) < 320
    assert "hunter2" not in json.dumps(job.to_json()) + jobs.read_log(job.id, 0)["text"]
    assert not (tmp_path / "environments" / "mlflow").exists()


async def test_one_job_for_each_environment_and_what_was_interrupted_is_made_anew(
    tmp_path: Path, cleared: list[Jobs]
) -> None:
    half = tmp_path / "environments" / "mlflow"
    half.mkdir(parents=True)
    (half / MAKING_MARK).write_text("a job of a Jupyter server that was killed")
    (half / "old").write_text("")
    jobs = make_jobs(tmp_path, environ={**NO_NETWORK, "UV_CACHE_DIR": str(tmp_path / "cache")})
    other = make_jobs(tmp_path)  # another Jupyter server with the same state folder
    cleared.extend((jobs, other))
    job = jobs.create({"kind": "create-environment"})
    with pytest.raises(Problem) as caught:
        other.create({"kind": "create-environment"})
    assert (caught.value.code, caught.value.status) == ("environment-busy", 409)
    await ended(job)
    assert not half.exists()

    half.mkdir()
    (half / "precious").write_text("made by somebody else")
    with pytest.raises(Problem) as caught:
        other.create({"kind": "create-environment"})
    assert (caught.value.code, caught.value.status) == ("environment-exists", 409)
    assert (half / "precious").exists()


async def test_cancelling_removes_the_half_made_environment(tmp_path: Path, cleared: list[Jobs]) -> None:
    jobs = make_jobs(tmp_path)
    cleared.append(jobs)
    job = jobs.create({"kind": "create-environment", "name": "mine"})
    await until(
        lambda: environment_python(tmp_path / "environments" / "mine").exists() or job.state != "running", 240
    )
    job.cancel()
    await ended(job, 240)
    assert job.state == "cancelled", job.to_json()
    assert not (tmp_path / "environments" / "mine").exists()
    await until(lambda: not processes_of(tmp_path), 240, "nothing runs any more")


async def test_an_old_mlflow_of_its_own_time_runs_a_local_server(tmp_path: Path, cleared: list[Jobs]) -> None:
    """2.3.2, whose plain installation is broken today: made with uv, then really used."""
    jobs = make_jobs(tmp_path, **({"python": OLDEST} if OLDEST else {}))
    cleared.append(jobs)
    job = await ended(jobs.create({"kind": "create-environment", "mlflow": "2.3.2"}), 900)
    assert job.state == "done", (
        job.problem and job.problem.to_json(),
        jobs.read_log(job.id, 0)["text"][-3000:],
    )
    assert job.result is not None
    assert job.result["mlflow"] == "2.3.2"
    folder = tmp_path / "environments" / "mlflow-2.3.2"
    assert (folder / READY_MARK).is_file()
    assert not (folder / MAKING_MARK).exists()
    found = await Environments(state_dir=tmp_path, configured=job.result["executable"]).best()
    assert found is not None
    assert found.mlflow == "2.3.2"

    from jupyter_mlflow.server.local.stores import parse_store

    store = parse_store("sqlite:///mlflow.db", root_dir=tmp_path)
    servers = local_servers(tmp_path / "state", job.result["executable"])
    status = await started(servers, store)
    assert (status.state, status.version) == ("ready", "2.3.2"), status.problem and status.problem.to_json()
    with pytest.raises(Problem) as caught:
        jobs.create({"kind": "create-environment", "mlflow": "2.3.2"})
    assert caught.value.code == "environment-exists"
    assert caught.value.to_json()["executable"] == job.result["executable"]


def _with(mark: str) -> list[int]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                found += [process.pid] if any(mark in word for word in process.cmdline()) else []
        except psutil.Error:
            continue
    return found
