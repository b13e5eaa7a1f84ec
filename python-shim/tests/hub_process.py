"""A real JupyterHub with its proxy, whose single-user servers have this extension."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx
import psutil
from processes_under_test import free_port

ROOT = Path(__file__).resolve().parents[2]
#: the hub stands below a prefix of its own, so that a route that forgets one is found out
PREFIX = "/campus/"
START_SECONDS = 180.0

CONFIG = """
import json, os
settings = json.loads(os.environ["TEST_HUB_SETTINGS"])
c.JupyterHub.bind_url = settings["url"]
c.JupyterHub.hub_bind_url = settings["hub_url"]
c.ConfigurableHTTPProxy.api_url = settings["proxy_api"]
c.ConfigurableHTTPProxy.auth_token = settings["proxy_token"]
c.ConfigurableHTTPProxy.command = settings["proxy_command"]
c.ConfigurableHTTPProxy.pid_file = settings["folder"] + "/proxy.pid"
c.JupyterHub.db_url = "sqlite:///" + settings["folder"] + "/hub.sqlite"
c.JupyterHub.cookie_secret_file = settings["folder"] + "/cookie_secret"
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = settings["password"]
c.Authenticator.allowed_users = set(settings["people"])
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = settings["folder"] + "/home/{username}"
c.Spawner.cmd = settings["singleuser"]
c.Spawner.args = ["--allow-root", "--ServerApp.jpserver_extensions={'jupyter_mlflow': True}",
                  "--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
c.Spawner.environment = settings["environment"]
c.Spawner.start_timeout = 180
# a busy machine may need longer than the 30 s that a hub waits by itself
c.Spawner.http_timeout = 180

def own_credentials(spawner):
    spawner.environment.update(settings["people"][spawner.user.name])

c.Spawner.pre_spawn_hook = own_credentials
c.JupyterHub.services = [{"name": "tests", "api_token": settings["api_token"]}]
c.JupyterHub.load_roles = [{"name": "tests", "services": ["tests"], "scopes": [
    "admin:users", "admin:servers", "access:servers", "list:users", "tokens", "read:hub"]}]
"""


class HubFailed(RuntimeError):
    """The hub did not come up; the text is the end of its log."""


def find_proxy_command() -> list[str]:
    """configurable-http-proxy: of `JUPYTER_MLFLOW_TEST_CHP`, of ui-tests, or on PATH; raises `HubFailed`."""
    given = os.environ.get("JUPYTER_MLFLOW_TEST_CHP")
    installed = ROOT / "ui-tests" / "node_modules" / ".bin" / "configurable-http-proxy"
    for candidate in [given] if given else [str(installed), "configurable-http-proxy"]:
        found = shutil.which(candidate)
        if found:
            return [found]
    raise HubFailed(
        "configurable-http-proxy, which JupyterHub needs, was not found. Install it "
        "(npm ci --prefix ui-tests), or name it in JUPYTER_MLFLOW_TEST_CHP."
    )


class HubProcess:
    """JupyterHub, its proxy and the single-user servers, all below one folder.

    `people` maps each user's name to the variables that the administrator gives to that user's server alone;
    `environment` is given to all; without a `port` a free one is taken.
    """

    def __init__(
        self,
        folder: Path,
        people: Mapping[str, Mapping[str, str]],
        environment: Mapping[str, str],
        port: int | None = None,
    ):
        self.folder = folder
        self.password = secrets.token_hex(8)
        self.api_token = secrets.token_hex(16)
        self._proxy_token = secrets.token_hex(16)
        self._people = {name: dict(own) for name, own in people.items()}
        self._environment = dict(environment)
        self.url = f"http://127.0.0.1:{port or free_port()}{PREFIX}"
        self.proxy_api = f"http://127.0.0.1:{free_port()}"
        self.log = folder / "hub.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when the hub answers; raises `HubFailed`."""
        bin_folder = Path(sys.executable).parent
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in self._people:
            (self.folder / "home" / name).mkdir(parents=True, exist_ok=True)
        config = self.folder / "jupyterhub_config.py"
        config.write_text(CONFIG)
        settings = {
            "url": self.url,
            "hub_url": f"http://127.0.0.1:{free_port()}",
            "proxy_api": self.proxy_api,
            "proxy_token": self._proxy_token,
            "proxy_command": find_proxy_command(),
            "folder": str(self.folder),
            "password": self.password,
            "people": self._people,
            "singleuser": [str(bin_folder / "jupyterhub-singleuser")],
            "environment": self._single_user_environment(),
            "api_token": self.api_token,
        }
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "jupyterhub", "-f", str(config)],
                cwd=self.folder,
                env={
                    **os.environ,
                    "TEST_HUB_SETTINGS": json.dumps(settings),
                    "PATH": f"{bin_folder}{os.pathsep}{os.environ.get('PATH', '')}",
                },
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait_until_up()

    def _single_user_environment(self) -> dict[str, str]:
        # Where the package is not installed in this environment, the one of this folder is used.
        extensions = self.folder / "share" / "labextensions"
        extensions.mkdir(parents=True, exist_ok=True)
        link = extensions / "jupyter-mlflow"
        if not link.exists():
            link.symlink_to(
                ROOT / "python-shim" / "jupyter_mlflow" / "labextension", target_is_directory=True
            )
        return {
            "PYTHONPATH": str(ROOT / "python-shim"),
            "JUPYTER_PATH": str(self.folder / "share"),
            "JUPYTERHUB_ACTIVITY_INTERVAL": "1",
            **self._environment,
        }

    def _wait_until_up(self) -> None:
        end = time.monotonic() + START_SECONDS
        while True:
            assert self._process is not None
            if self._process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise HubFailed(f"JupyterHub did not come up:\n{self.log_text()[-3000:]}")
            try:
                if httpx.get(f"{self.url}hub/health", timeout=2).is_success:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.05)

    def stop(self) -> None:
        """Ends the hub, which ends its proxy and servers; what is left after that is killed."""
        if self._process is None:
            return
        left = [self._process.pid]
        if psutil.pid_exists(self._process.pid):
            left += [child.pid for child in psutil.Process(self._process.pid).children(recursive=True)]
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pid in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                psutil.Process(pid).kill()
        self._process = None

    def log_text(self) -> str:
        """All that the hub and the single-user servers wrote."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def api(self, method: str, path: str) -> httpx.Response:
        """A request of the administrator's service to the hub's REST API."""
        return httpx.request(
            method,
            f"{self.url}hub/api/{path}",
            headers={"Authorization": f"token {self.api_token}"},
            timeout=60,
        )

    def proxied_activity(self, user: str) -> str | None:
        """When a request to the user's server was last answered, as the proxy, and so the culler, knows."""
        routes = httpx.get(
            f"{self.proxy_api}/api/routes",
            headers={"Authorization": f"token {self._proxy_token}"},
            timeout=10,
        ).json()
        activity: str | None = routes.get(f"{PREFIX}user/{user}", {}).get("last_activity")
        return activity
