"""`%mlflow` in Voilà: its page has ipywidgets and not our extension, so it shows the snapshot as HTML."""

from __future__ import annotations

import json
import re
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import nbformat
import pytest
from environment_factory import EnvironmentFactory
from jupyter_mlflow.kernel.magics.showing import VIEW_MIME
from jupyter_under_test import PACKAGE_ROOT
from kernel_under_test import PATIENCE_S
from magics_support import Api
from processes_under_test import ProcessUnderTest, free_port
from websocket import WebSocket, create_connection

from servers import MlflowServer, clean_environ

REQUIREMENTS = PACKAGE_ROOT.parent / "scripts" / "requirements" / "voila.txt"
BOXED = """import ipywidgets
from jupyter_mlflow import MetricChart, RunTable
table, wanted = RunTable(sort="acc"), ipywidgets.Text()
wanted.observe(lambda change: setattr(table, "filter", change["new"]), "value")
ipywidgets.VBox([wanted, table, MetricChart("loss")])"""


class Page:
    """What a browser does with Voilà's page: it takes the HTML, and talks to the kernel about its widgets."""

    def __init__(self, url: str) -> None:
        answer = httpx.get(url, timeout=PATIENCE_S, trust_env=False)
        assert answer.status_code == 200, answer.text
        self.html = answer.text
        found = re.search(r'"kernelId": ?"([^"]+)"', self.html)
        assert found is not None, self.html
        self.session = uuid.uuid4().hex
        place = f"{url.replace('http://', 'ws://')}/api/kernels/{found[1]}/channels?session_id={self.session}"
        cookies = "; ".join(f"{name}={value}" for name, value in answer.cookies.items())
        self._socket: WebSocket = create_connection(place, timeout=PATIENCE_S, cookie=cookies)

    def close(self) -> None:
        """The tab is closed."""
        self._socket.close()

    def _send(self, kind: str, **content: Any) -> str:
        header = {
            "msg_id": uuid.uuid4().hex,
            "username": "",
            "session": self.session,
            "msg_type": kind,
            "version": "5.3",
            "date": "2026-01-01T00:00:00Z",
        }
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "buffers": []}
        self._socket.send(json.dumps(dict(message, channel="shell")))
        return str(header["msg_id"])

    def _hear(self, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while True:
            message: dict[str, Any] = json.loads(self._socket.recv())
            if condition(message):
                return message

    def outputs(self) -> list[dict[str, Any]]:
        """The MIME bundles of what the cells show."""
        kept = re.findall(
            r'<script type="application/vnd.voila.cell-output\+json">(.*?)</script>', self.html, re.S
        )
        return [json.loads(each)["data"] for each in kept]

    def widgets(self) -> dict[str, dict[str, Any]]:
        """The state of every widget of the kernel, by id."""
        asked = self._send("comm_info_request", target_name="jupyter.widget")
        told = self._hear(
            lambda message: (
                message["header"]["msg_type"] == "comm_info_reply"
                and message["parent_header"].get("msg_id") == asked
            )
        )
        found = {}
        for id in told["content"]["comms"]:
            self._send("comm_msg", comm_id=id, data={"method": "request_state"})
            found[id] = self.update_of(id)
        return found

    def update_of(self, id: str) -> dict[str, Any]:
        """The next state that the kernel sends of a widget."""
        message = self._hear(
            lambda message: (
                message["header"]["msg_type"] == "comm_msg"
                and message["content"]["comm_id"] == id
                and message["content"]["data"].get("method") == "update"
            )
        )
        state: dict[str, Any] = message["content"]["data"]["state"]
        return state

    def set(self, id: str, **state: Any) -> None:
        """The person changes a widget."""
        data = {"method": "update", "state": state, "buffer_paths": []}
        self._send("comm_msg", comm_id=id, data=data)


@pytest.fixture
def voila(
    tmp_path: Path, environments: EnvironmentFactory, plain_servers: Callable[[str], MlflowServer]
) -> Iterator[str]:
    """The address of a Voilà over a notebook with outputs and widgets of three runs."""
    server = plain_servers("newest")
    api, name = Api(server.url), f"voila-{uuid.uuid4().hex[:8]}"
    experiment = api.experiment(name)
    for i in range(3):
        api.add_run(experiment, f"run-{i}", history={"acc": [0.5 + i / 10], "loss": [1.0, 0.5]})
    sources = ("%load_ext jupyter_mlflow", "%mlflow runs --sort acc", "%mlflow chart loss", BOXED)
    cells = [nbformat.v4.new_code_cell(each) for each in sources]  # type: ignore[no-untyped-call]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    book: Any = nbformat.v4.new_notebook(cells=cells, metadata=metadata)  # type: ignore[no-untyped-call]
    nbformat.write(book, tmp_path / "book.ipynb")  # type: ignore[no-untyped-call]
    beside, port = environments.beside(REQUIREMENTS), free_port()
    process = ProcessUnderTest(
        [sys.executable, "-m", "voila", "book.ipynb", "--no-browser", f"--port={port}"],
        cwd=tmp_path,
        env=clean_environ(
            PYTHONPATH=f"{beside}:{PACKAGE_ROOT}",
            JUPYTER_PATH=str(beside / "share" / "jupyter"),
            JUPYTER_CONFIG_DIR=str(tmp_path / "config"),
            JUPYTER_DATA_DIR=str(tmp_path / "data"),
            JUPYTER_RUNTIME_DIR=str(tmp_path / "runtime"),
            IPYTHONDIR=str(tmp_path / "ipython"),
            MLFLOW_TRACKING_URI=server.url,
            MLFLOW_EXPERIMENT_NAME=name,
        ),
        log=tmp_path / "voila.log",
        name="Voilà",
    )
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return httpx.get(f"{url}/voila/static/", timeout=5, trust_env=False).status_code < 500
        except httpx.HTTPError:
            return False

    try:
        process.wait_until(answers, "Voilà answers")
        yield url
    finally:
        process.stop()


def test_the_snapshot_is_read_and_follows_the_kernel(voila: str) -> None:
    page = Page(voila)
    try:
        # Outputs stand in the page itself, for JupyterLab's renderers.
        table, chart, boxed = page.outputs()
        assert all(name in table["text/html"] for name in ("run-0", "run-1", "run-2"))
        assert "█" in chart["text/html"], "the chart as bars"
        assert VIEW_MIME not in {*table, *chart}, "not asked to be a widget"
        assert VIEW_MIME in boxed
        # What is in a box is drawn by ipywidgets, from what the kernel has.
        states = page.widgets()
        assert {state["_model_module"] for state in states.values()} <= {
            "@jupyter-widgets/base",
            "@jupyter-widgets/controls",
        }, "nothing that this page cannot draw"
        (text,) = [id for id, state in states.items() if state["_model_name"] == "TextModel"]
        (rows,) = [
            id
            for id, state in states.items()
            if state.get("bundle", {}).get("experiment_ids") and "rows" in state["bundle"]["snapshot"]
        ]
        assert all(name in states[rows]["value"] for name in ("run-0", "run-1", "run-2"))
        page.set(text, value="metrics.acc > 0.65")
        while "run-0" in (value := page.update_of(rows).get("value", "run-0")):
            pass
        assert "run-2" in value
        page.set(text, value="metrics.acc < 0.55")
        while "run-2" in (value := page.update_of(rows).get("value", "run-2")):
            pass
        assert "run-0" in value
    finally:
        page.close()
