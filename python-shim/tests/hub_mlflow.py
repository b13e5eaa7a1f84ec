"""One MLflow with a login, shared by the people of a hub."""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
from processes_under_test import free_port, listens

START_SECONDS = 240.0


class SharedMlflow:
    """The newest MLflow with `basic-auth`; everybody may read what others log, and change only their own."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._admin = ("admin", secrets.token_hex(12))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it answers."""
        self._folder.mkdir(parents=True)
        ini = self._folder / "basic_auth.ini"
        ini.write_text(
            "[mlflow]\ndefault_permission = READ\n"
            f"database_uri = sqlite:///{self._folder}/auth.db\n"
            f"admin_username = {self._admin[0]}\nadmin_password = {self._admin[1]}\n"
            "authorization_function = mlflow.server.auth:authenticate_request_basic_auth\n"
        )
        python = os.environ.get("JUPYTER_MLFLOW_TEST_PYTHON_NEWEST", sys.executable)
        environment = {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW_")}
        environment.update(
            MLFLOW_AUTH_CONFIG_PATH=str(ini),
            MLFLOW_AUTH_ADMIN_PASSWORD=self._admin[1],
            MLFLOW_FLASK_SERVER_SECRET_KEY=secrets.token_hex(16),
            MLFLOW_SERVER_ENABLE_JOB_EXECUTION="false",
            PATH=f"{Path(python).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        )
        log = self._folder / "mlflow.log"
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [
                    python,
                    *("-m", "mlflow", "server", "--app-name", "basic-auth", "--workers", "1"),
                    *("--backend-store-uri", f"sqlite:///{self._folder}/mlflow.db"),
                    *("--artifacts-destination", str(self._folder / "artifacts")),
                    *("--host", "127.0.0.1", "--port", str(self._port)),
                ],
                env=environment,
                cwd=self._folder,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        end = time.monotonic() + START_SECONDS
        while True:
            assert self._process.poll() is None, log.read_text()[-3000:]
            assert time.monotonic() < end, log.read_text()[-3000:]
            try:
                if listens(self._port) and httpx.get(f"{self.url}/health", timeout=2).is_success:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.1)

    def add_user(self, name: str, password: str) -> None:
        """Makes a user."""
        answer = httpx.post(
            f"{self.url}/api/2.0/mlflow/users/create",
            auth=self._admin,
            json={"username": name, "password": password},
            timeout=30,
        )
        assert answer.status_code == 200, answer.text

    def stop(self) -> None:
        """Ends it with its workers."""
        if self._process is None:
            return
        tree = [self._process.pid]
        if psutil.pid_exists(self._process.pid):
            tree += [child.pid for child in psutil.Process(self._process.pid).children(recursive=True)]
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pid in tree:
            with contextlib.suppress(psutil.NoSuchProcess):
                psutil.Process(pid).kill()
        self._process = None
