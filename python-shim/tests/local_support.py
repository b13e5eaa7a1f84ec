"""What the tests of local servers have in common: the two interpreters, waiting, and counting processes."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest
from jupyter_mlflow.server.environments.environments import Interpreter, ask_interpreter
from jupyter_mlflow.server.local.local_servers import LocalServers, LocalStatus
from jupyter_mlflow.server.local.stores import Store

NEWEST = os.environ.get("JUPYTER_MLFLOW_TEST_PYTHON_NEWEST", sys.executable)
OLDEST = os.environ.get("JUPYTER_MLFLOW_TEST_PYTHON_OLDEST", "")

POSTGRES = os.environ.get("JUPYTER_MLFLOW_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432")
MARIADB = os.environ.get("JUPYTER_MLFLOW_TEST_MARIADB", "mysql://root@127.0.0.1:3306")

#: A quiet machine starts MLflow in six seconds, a very busy one in two minutes.
START_S = 320.0


def interpreter(executable: str) -> Interpreter:
    """The interpreter with its facts; fails the test if it does not run."""
    found = ask_interpreter(executable, "configured")
    assert found is not None, f"{executable} does not run"
    return found


_made: list[LocalServers] = []


@pytest.fixture(autouse=True)
async def give_back_local_servers() -> AsyncIterator[None]:
    """Import it: no server of a test outlives it, passed or failed."""
    yield
    while _made:
        await _made.pop().close()


def local_servers(state_dir: Path, executable: str | None = NEWEST, **options: object) -> LocalServers:
    """As a Jupyter server makes it, with one interpreter (None: no interpreter has MLflow)."""
    found = interpreter(executable) if executable else None

    async def find() -> Interpreter | None:
        return found

    servers = LocalServers(
        state_dir=state_dir,
        find_interpreter=find,
        log=logging.getLogger("test"),
        **options,  # type: ignore[arg-type]
    )
    _made.append(servers)
    return servers


async def until(condition: Callable[[], object], timeout_s: float = START_S, what: str = "") -> None:
    """Wait for the condition; the test fails when the time is over."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"not in {timeout_s} s: {what or condition}"
        await asyncio.sleep(0.02)


async def settled(servers: LocalServers, store: Store) -> LocalStatus:
    """The status once it is not "starting" any more."""
    await until(lambda: servers.status(store).state != "starting", what="settled")
    return servers.status(store)


async def started(servers: LocalServers, store: Store, *, migrate: bool = False) -> LocalStatus:
    """Start and wait until it is ready or failed."""
    status = await servers.start(store, migrate=migrate)
    assert status.state in ("starting", "ready")
    return await settled(servers, store)


async def refused(servers: LocalServers, store: Store, code: str, *, migrate: bool = False) -> LocalStatus:
    """Start, and expect the failure `code`, told in whole sentences."""
    status = await started(servers, store, migrate=migrate)
    assert status.state == "failed", status
    assert status.problem is not None
    assert status.problem.code == code, status.problem.to_json()
    assert status.problem.message.endswith(".")
    assert status.problem.hint
    return status


def processes_of(folder: Path) -> list[psutil.Process]:
    """Every living process that has to do with `folder`.

    By its arguments, its working folder or its environment.
    """
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                continue
            words = [*process.cmdline(), process.cwd(), process.environ().get("MLFLOW_BACKEND_STORE_URI", "")]
        except (psutil.Error, OSError):
            continue
        if any(str(folder) in word for word in words):
            found.append(process)
    return found


def named(processes: list[psutil.Process], word: str) -> list[psutil.Process]:
    """Those with `word` in their arguments."""
    found = []
    for process in processes:
        try:
            if any(word in argument for argument in process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def upgrade_database(executable: str, uri: str) -> None:
    """Make the tables of an MLflow in an empty database, as its own command does."""
    env = {**os.environ, "PATH": os.pathsep.join([os.path.dirname(executable), os.environ["PATH"]])}
    env.pop("PYTHONPATH", None)
    code = (
        "import sys; from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore as S;"
        "s = S(sys.argv[1], 'mlflow-artifacts:/'); s.create_experiment('kept')"
    )
    done = subprocess.run(
        [executable, "-c", code, uri], env=env, cwd="/", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
