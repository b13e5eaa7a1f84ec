"""Somebody who signs in to a hub with a browser's means: cookies, redirects, XSRF tokens."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

import httpx
from hub_process import PREFIX, HubProcess

#: from a stopped server to its JupyterLab page
SPAWN_SECONDS = 180.0


class Person:
    """A browser of one user of the hub."""

    def __init__(self, hub: HubProcess, name: str):
        self.name = name
        self._hub = hub
        self.client = httpx.Client(timeout=30, follow_redirects=True)
        parts = urlsplit(hub.url)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        #: root of the person's own Jupyter server, ends with a slash
        self.home = f"{hub.url}user/{name}/"

    def close(self) -> None:
        """Forgets the login."""
        self.client.close()

    def sign_in(self, next_path: str = "") -> httpx.Response:
        """Fills in the hub's login form; the answer is the page that one lands on."""
        query = {"next": next_path} if next_path else None
        page = self.client.get(f"{self._hub.url}hub/login", params=query)
        form = {"username": self.name, "password": self._hub.password, "_xsrf": self._xsrf(f"{PREFIX}hub/")}
        return self.client.post(str(page.url), data=form)

    def start_server(self) -> None:
        """Asks the hub for one's own server, and does not wait for it."""
        started = self._hub.api("POST", f"users/{self.name}/server")
        assert started.status_code in {201, 202, 400}, started.text

    def open_lab(self) -> httpx.Response:
        """Waits for one's own server; includes the steps of OAuth."""
        end = time.monotonic() + SPAWN_SECONDS
        while not self._server().get("ready"):
            assert time.monotonic() < end, self._hub.log_text()[-3000:]
            time.sleep(0.05)
        answer = self.client.get(f"{self.home}lab")
        assert answer.status_code == 200, answer.text
        return answer

    def _server(self) -> dict[str, Any]:
        servers = self._hub.api("GET", f"users/{self.name}").json()["servers"]
        found: dict[str, Any] = servers.get("", {})
        return found

    def last_activity(self) -> str:
        """Of one's own Jupyter server, as its internal culling sees it."""
        activity: str = self.request("GET", "api/status").json()["last_activity"]
        return activity

    def request(self, method: str, path: str, body: Any = None, *, of: str | None = None) -> httpx.Response:
        """A request below the Jupyter server of oneself (or of the user `of`), as its page makes it."""
        root = f"{PREFIX}user/{of or self.name}/"
        headers = {"X-XSRFToken": self._xsrf(root)}
        return self.client.request(method, f"{self.origin}{root}{path}", json=body, headers=headers)

    def mlflow(self, server_id: str, method: str, path: str, body: Any = None) -> httpx.Response:
        """A request through one's own forwarder to MLflow's REST API, `path` below `ajax-api/2.0/mlflow/`."""
        return self.request(
            method, f"jupyter-mlflow/servers/{server_id}/mlflow/ajax-api/2.0/mlflow/{path}", body
        )

    def _xsrf(self, path: str) -> str:
        """The XSRF cookie of the longest path that holds `path`: hub and servers each set their own."""
        fitting = [c for c in self.client.cookies.jar if c.name == "_xsrf" and path.startswith(c.path)]
        best = max(fitting, key=lambda cookie: len(cookie.path), default=None)
        return (best.value or "") if best is not None else ""
