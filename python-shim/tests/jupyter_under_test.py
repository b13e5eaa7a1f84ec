"""A Jupyter server with the extension, in a process of its own, and a client of it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import psutil
from processes_under_test import ProcessUnderTest, free_port

from servers import clean_environ

TOKEN = "jupyter-token-of-the-test"
TESTS = Path(__file__).resolve().parent
PACKAGE_ROOT = TESTS.parent
#: Extensions that the environment switches on: each start of a server would load them.
UNNEEDED = dict.fromkeys(
    ("jupyterlab", "notebook", "notebook_shim", "jupyter_lsp", "jupyter_server_terminals"), False
)


class Jupyter:
    """`jupyter server` with the extension. `config` is Python text for its configuration file."""

    def __init__(
        self,
        folder: Path,
        *,
        config: str = "",
        env: Mapping[str, str] | None = None,
        base_url: str = "/",
        extensions: Sequence[str] = (),
        level: str = "DEBUG",
        python: str = sys.executable,
    ) -> None:
        """:param extensions: further modules to load, such as those beside this file
        :param level: of what it logs
        :param python: of an environment that has what the extension needs
        """
        self.root, self.home = folder / "root", folder / "home"
        for each in (self.root, self.home):
            each.mkdir(parents=True, exist_ok=True)
        file = folder / "jupyter_server_config.py"
        # A client that waits for something else does not answer pings, and would lose its websocket.
        file.write_text("c = get_config()\nc.ServerApp.tornado_settings = {'ws_ping_interval': 0}\n" + config)
        port = free_port()
        self.origin = f"http://127.0.0.1:{port}"
        self.url = f"{self.origin}{base_url}"
        self.api = f"{self.url}jupyter-mlflow/"
        environ = clean_environ(
            HOME=str(self.home),
            PYTHONPATH=os.pathsep.join([str(PACKAGE_ROOT), *([str(TESTS)] if extensions else [])]),
            JUPYTER_PLATFORM_DIRS="0",
            JUPYTER_DATA_DIR=str(self.home / "data"),
            JUPYTER_CONFIG_DIR=str(self.home / "config"),
            JUPYTER_RUNTIME_DIR=str(self.home / "runtime"),
            IPYTHONDIR=str(self.home / "ipython"),
        )
        loaded = UNNEEDED | {"jupyter_mlflow": True} | dict.fromkeys(extensions, True)
        self.process = ProcessUnderTest(
            [
                python,
                "-m",
                "jupyter_server",
                "--allow-root",
                "--no-browser",
                f"--log-level={level}",
                f"--config={file}",
                "--ServerApp.ip=127.0.0.1",
                f"--ServerApp.port={port}",
                "--ServerApp.port_retries=0",
                f"--ServerApp.base_url={base_url}",
                f"--ServerApp.root_dir={self.root}",
                f"--IdentityProvider.token={TOKEN}",
                f"--ServerApp.jpserver_extensions={loaded}",
            ],
            cwd=self.root,
            env=environ | dict(env or {}),
            log=folder / "jupyter.log",
            name="Jupyter",
        )
        self.client = httpx.Client(
            base_url=self.api, headers={"Authorization": f"token {TOKEN}"}, trust_env=False, timeout=60
        )
        try:
            self.process.wait_until(self._answers, "Jupyter answers")
        except BaseException:
            self.stop()
            raise

    def _answers(self) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            status = self.client.get("status").status_code
            assert status != 404, "the extension was not loaded"
            return status == 200
        return False

    def stop(self) -> None:
        """Ends it."""
        self.client.close()
        self.process.stop()

    @property
    def log(self) -> str:
        """Everything it has logged, at level DEBUG."""
        return self.process.output

    @property
    def state_dir(self) -> Path:
        """Where the extension keeps things."""
        return self.home / "data" / "jupyter-mlflow"

    def memory(self) -> int:
        """Bytes of its resident set."""
        rss: int = psutil.Process(self.process.process.pid).memory_info().rss
        return rss

    def add(self, uri: str, **fields: Any) -> str:
        """Adds a server and returns its id; one that is there already is fine."""
        answer = self.client.post("servers", json={"uri": uri, **fields})
        if answer.status_code == 409:
            known: str = answer.json()["error"]["id"]
            return known
        assert answer.status_code == 201, answer.text
        id: str = answer.json()["id"]
        return id

    def health(self, id: str) -> dict[str, Any]:
        """What `servers/<id>/health` says."""
        answer = self.client.get(f"servers/{id}/health")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def path(self, id: str, path: str, /, **query: str) -> str:
        """Where the forwarder has `path` of a server."""
        return f"servers/{id}/mlflow/{path}" + (f"?{urlencode(query)}" if query else "")

    def search_experiments(self, id: str, **options: Any) -> httpx.Response:
        """The smallest real question."""
        return self.client.post(
            self.path(id, "ajax-api/2.0/mlflow/experiments/search"), json={"max_results": 5}, **options
        )
