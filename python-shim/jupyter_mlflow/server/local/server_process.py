"""One `mlflow server` over one store, bound to 127.0.0.1, under a keeper."""

from __future__ import annotations

import http.client
import os
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..processes.kept_process import KeptProcess
from ..processes.processes import listens_on, path_with
from ..processes.server_log import ServerLog

#: Variables of MLflow that say how to reach a database or a bucket. All others would change what the server
#: is (its store, its port, its prefix) or carry the credentials of somebody's tracking server.
KEPT_PREFIXES = ("MLFLOW_SQLALCHEMYSTORE_", "MLFLOW_MYSQL_", "MLFLOW_S3_", "MLFLOW_GCS_")
#: How often a starting server is asked, seconds.
POLL_S = 0.1


@dataclass(frozen=True)
class ServerOrder:
    """What to start."""

    executable: str
    #: store address with credentials: goes into the environment, never into the argument list that others can
    #: read
    backend_store_uri: str
    #: absolute file URI
    artifacts_destination: str
    port: int
    workers: int
    #: private, empty of Python files: an `mlflow.py` in the person's folder must not be imported
    cwd: Path
    allow_file_store: bool


def server_argv(order: ServerOrder) -> list[str]:
    """The command line; the same for MLflow 2.3.2 and the newest."""
    return [
        order.executable,
        "-m",
        "mlflow",
        "server",
        "--host",
        "127.0.0.1",
        "--port",
        str(order.port),
        "--workers",
        str(order.workers),
        "--serve-artifacts",
        "--artifacts-destination",
        order.artifacts_destination,
        "--default-artifact-root",
        "mlflow-artifacts:/",
    ]


def server_environ(order: ServerOrder, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of the server, made from ours."""
    own = os.path.normcase(os.path.abspath(order.executable)) == os.path.normcase(
        os.path.abspath(sys.executable)
    )
    env = interpreter_environ(order.executable, environ, keep_python_path=own)
    env["MLFLOW_BACKEND_STORE_URI"] = order.backend_store_uri
    env["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] = "false"
    env["PYTHONUNBUFFERED"] = "1"
    if order.allow_file_store:
        # Whoever chose this folder chose the file store; MLflow 3.13 and later would refuse it.
        env["MLFLOW_ALLOW_FILE_STORE"] = "true"
    return env


def interpreter_environ(
    executable: str, environ: Mapping[str, str], *, keep_python_path: bool = False
) -> dict[str, str]:
    """The environment for running another interpreter: nothing of ours leads it to our packages."""
    env = {
        name: value
        for name, value in environ.items()
        if not name.startswith(("MLFLOW_", "_MLFLOW_")) or name.startswith(KEPT_PREFIXES)
    }
    for name in ("PYTHONHOME", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__", "PYTHONSTARTUP"):
        env.pop(name, None)
    if not keep_python_path:
        env.pop("PYTHONPATH", None)
    env["PATH"] = path_with(executable, environ)
    env["PYTHONIOENCODING"] = "utf-8"
    return env


class ServerProcess(KeptProcess):
    """A started server."""

    def __init__(self, order: ServerOrder, record: Path, log: ServerLog) -> None:
        """Start it. :raises OSError: it could not be started"""
        self.order = order
        env = server_environ(order, os.environ)
        super().__init__(server_argv(order), env=env, cwd=order.cwd, record=record, log=log)

    def answers(self) -> bool:
        """Whether the server, and not a stranger on the same port, says that it is healthy."""
        return ask(self.order.port, "/health") is not None and listens_on(self.pid, self.order.port)

    def wait_healthy(self, timeout_s: float, cancelled: threading.Event) -> bool:
        """Wait until it answers; False if it ended, `cancelled` was set or the time is over."""
        deadline = time.monotonic() + timeout_s
        while not self.ended.is_set() and not cancelled.wait(POLL_S) and time.monotonic() < deadline:
            if self.answers():
                return True
        return False

    def version(self) -> str | None:
        """What the server says about its version."""
        return ask(self.order.port, "/version")


def ask(port: int, path: str, timeout_s: float = 2.0) -> str | None:
    """The body of a 200 answer on 127.0.0.1, or None. No proxy of the environment is used."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read(4096).decode("utf-8", "replace").strip()
        return body if answer.status == 200 else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
