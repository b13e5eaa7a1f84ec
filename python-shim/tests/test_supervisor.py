"""The election, the leases, and what is said about a server that does not come up."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from jupyter_mlflow.server.environments.environments import environment_python, find_uv
from jupyter_mlflow.server.local import supervisor
from jupyter_mlflow.server.local.server_process import ServerOrder, ServerProcess
from jupyter_mlflow.server.local.start_failures import RULES, explain
from jupyter_mlflow.server.local.stores import parse_store
from jupyter_mlflow.server.problems import Problem
from jupyter_mlflow.server.processes import leases
from jupyter_mlflow.server.processes.leases import (
    ENDPOINT,
    FileLock,
    Lease,
    LeaseServer,
    holder_host,
    private_folder,
)
from jupyter_mlflow.server.processes.server_log import MAX_BYTES, JobLog, ServerLog
from local_support import (
    NEWEST,
    OLDEST,
    START_S,
    give_back_local_servers,  # noqa: F401
    interpreter,
    local_servers,
    refused,
    until,
)
from processes_under_test import free_port


def test_a_lock_has_one_holder_and_ends_with_it(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from jupyter_mlflow.server.processes.leases import FileLock\n"
        "lock = FileLock(Path(sys.argv[1])); print(lock.acquire(), flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout is not None
    assert other.stdout.readline().strip() == "True"
    lock = FileLock(tmp_path / "lock")
    assert not lock.acquire()
    other.kill()
    other.communicate()
    assert lock.acquire()
    lock.release()


@pytest.mark.parametrize("transport", ["unix", "tcp"])
async def test_leases_are_counted_and_told(
    tmp_path: Path, transport: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if transport == "tcp":
        monkeypatch.setattr(leases, "MAX_SOCKET_PATH", 0)  # as in a very deep folder
    folder = private_folder(tmp_path / "s")
    empty, stopped = threading.Event(), threading.Event()
    server = LeaseServer(folder, on_empty=empty.set, on_stop=stopped.set)
    assert (folder / "lease.sock").exists() == (transport == "unix")
    server.publish({"state": "starting"})
    one, two = Lease.connect(folder), Lease.connect(folder)
    assert one is not None
    assert two is not None
    states = one.states()
    assert next(states) == {"state": "starting"}
    server.publish({"state": "ready"})
    assert next(states) == {"state": "ready"}

    one.close()
    two.stop()
    await until(stopped.is_set, 120)
    assert not empty.is_set(), "one lease is left"
    two.close()
    await until(empty.is_set, 120)
    assert Lease.connect(folder) is None, "who comes now needs a new election"
    server.close()


def test_a_stranger_gets_no_lease(tmp_path: Path) -> None:
    folder = private_folder(tmp_path / "s")
    server = LeaseServer(folder, on_empty=lambda: None, on_stop=lambda: None)
    server.publish({"state": "ready"})
    endpoint = (folder / ENDPOINT).read_text()
    (folder / ENDPOINT).write_text(endpoint.replace('"token": "', '"token": "x'))
    assert Lease.connect(folder) is None
    (folder / ENDPOINT).write_text("not json")
    assert Lease.connect(folder) is None
    (folder / ENDPOINT).write_text(endpoint.replace('"host": "', '"host": "elsewhere-'))
    assert Lease.connect(folder) is None
    assert (holder_host(folder) or "").startswith("elsewhere-")
    server.close()


def test_logs_are_private_bounded_and_without_credentials(tmp_path: Path) -> None:
    log = ServerLog(tmp_path / "server.log", ("hunter2",))
    log.write("connecting to postgresql://me:pw@host/db with hunter2")
    mark = log.mark()
    log.write("wörld")
    assert log.since(mark) == "wörld\n"
    assert log.since(0).splitlines()[0] == "connecting to postgresql://***@host/db with ***"
    for _ in range(3 * MAX_BYTES // 1000):
        log.write("x" * 999)
    log.close()
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["server.log", "server.log.1"]
    assert all(path.stat().st_size <= MAX_BYTES for path in tmp_path.iterdir())
    if os.name == "posix":
        assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.iterdir())


def test_a_job_log_only_grows(tmp_path: Path) -> None:
    log = JobLog(tmp_path / "job.log")
    for _ in range(6000):
        log.write("x" * 999)
    text, offset = log.read(0, limit=10_000_000)
    assert offset < 5_100_000
    assert text.endswith("(the log is full: the rest is left out)\n")
    assert log.read(offset) == ("", offset)
    log.close()


def server_order(tmp_path: Path, executable: str, port: int, uri: str = "sqlite:///x.db") -> ServerOrder:
    return ServerOrder(
        executable=executable,
        backend_store_uri=uri,
        artifacts_destination=(tmp_path / "a").as_uri(),
        port=port,
        workers=1,
        cwd=tmp_path,
        allow_file_store=False,
    )


def raw_start(tmp_path: Path, executable: str, uri: str, port: int | None = None) -> str:
    """What MLflow prints when it is started without our looking first."""
    log = ServerLog(tmp_path / "raw.log")
    order = server_order(tmp_path, executable, port or free_port(), uri)
    server = ServerProcess(order, tmp_path / "server.json", log)
    try:
        assert server.ended.wait(START_S), "it should not have come up"
        return log.since(0)
    finally:
        server.stop()


def reason(text: str) -> str | None:
    found = explain(text, python="/python", mlflow="9.9")
    return found.code if found else None


def test_a_file_store_refused_by_a_new_mlflow_is_explained(tmp_path: Path) -> None:
    (tmp_path / "mlruns").mkdir()
    assert reason(raw_start(tmp_path, NEWEST, (tmp_path / "mlruns").as_uri())) == "file-store-refused"


@pytest.mark.parametrize("executable", [NEWEST, OLDEST], ids=["newest", "oldest"])
def test_a_taken_port_is_explained(tmp_path: Path, executable: str) -> None:
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert (
            reason(raw_start(tmp_path, executable, f"sqlite:///{tmp_path}/m.db", port=port)) == "port-taken"
        )


def test_a_python_without_mlflow_is_explained(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    python = str(environment_python(tmp_path / "venv"))
    assert reason(raw_start(tmp_path, python, f"sqlite:///{tmp_path}/m.db")) == "no-mlflow"


def broken_environment(venv: Path) -> str:
    """MLflow 2.3.2 with today's SQLAlchemy, as `pip install mlflow==2.3.2` gives it."""
    uv = find_uv()
    assert uv is not None, "uv must be installed for the tests"
    subprocess.run([*uv, "venv", "--python", OLDEST, str(venv)], check=True, capture_output=True)
    python = str(environment_python(venv))
    install = [*uv, "pip", "install", "--python", python, "--prerelease", "allow", "sqlalchemy>=2.1.0b1"]
    subprocess.run(install, check=True, capture_output=True)
    site = next(venv.glob("lib/python3*/site-packages"))
    (site / "old.pth").write_text(f"{Path(interpreter(OLDEST).package_dir or '').parent}\n")
    launcher = (Path(OLDEST).parent / "gunicorn").read_text().splitlines(keepends=True)
    (venv / "bin" / "gunicorn").write_text(f"#!{python}\n" + "".join(launcher[1:]))
    (venv / "bin" / "gunicorn").chmod(0o755)
    return python


async def test_an_old_mlflow_beside_sqlalchemy_2_1_is_explained(tmp_path: Path) -> None:
    python = await asyncio.to_thread(broken_environment, tmp_path / "venv")
    servers = local_servers(tmp_path / "state", python)
    status = await refused(servers, parse_store("sqlite:///m.db", root_dir=tmp_path), "mlflow-broken")
    assert status.problem is not None
    assert "SQLAlchemy 2.1" in status.problem.message
    assert f'{python} -m pip install "sqlalchemy<2.1"' in status.problem.hint
    assert status.problem.log


def test_a_server_that_crashes_again_and_again_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "BACKOFF_S", (0.0, 0.0, 0.0))
    store = {
        "kind": "sqlite",
        "uri": "sqlite:///x.db",
        "artifacts": str(tmp_path),
        "path": str(tmp_path / "x.db"),
    }
    order = {"store": store, "interpreters": [{"executable": "/nowhere/python", "mlflow": "3"}]}
    looked_after = supervisor.Supervisor(tmp_path, order)
    log = ServerLog(tmp_path / "raw.log")
    try:
        for attempt in range(4):
            crashed = ServerProcess(
                server_order(tmp_path, "/nowhere/python", free_port()), tmp_path / "r", log
            )
            assert crashed.ended.wait(60)
            assert crashed.exit_code == 126
            if attempt < 3:
                looked_after._after_crash(crashed)
        with pytest.raises(Problem) as caught:
            looked_after._after_crash(crashed)
        assert caught.value.code == "server-crashed"
        assert "4 times within 10 minutes" in caught.value.message
    finally:
        looked_after._leases.close()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("sqlite3.OperationalError: database is locked", "store-locked"),
        ("sqlite3.OperationalError: attempt to write a readonly database", "store-read-only"),
        ("OSError: [Errno 28] No space left on device: 'x'", "disk-full"),
        ("sqlite3.OperationalError: database or disk is full", "disk-full"),
        (
            '(psycopg2.OperationalError) FATAL:  password authentication failed for user "me"',
            "database-login",
        ),
        ("ModuleNotFoundError: No module named 'psycopg2'", "missing-driver"),
        ("RuntimeError: 'cryptography' package is required for sha256_password", "missing-driver"),
        ("ImportError: cannot import name 'x' from 'y'", "mlflow-broken"),
        ("alembic.util.exc.CommandError: Can't locate revision identified by 'abc'", "store-too-new"),
        ("all is well", None),
    ],
)
def test_reasons(text: str, code: str | None) -> None:
    assert reason(text) == code


def test_every_reason_has_whole_sentences() -> None:
    for rule in RULES:
        assert rule.message.endswith(".")
        assert rule.hint
    found = explain("No module named 'psycopg2'", python="/env/bin/python", mlflow="3")
    assert found is not None
    assert found.hint == "Install it there: /env/bin/python -m pip install psycopg2-binary"
