"""A notebook's kernel of a Jupyter server under test, and a page's websocket to it."""

from __future__ import annotations

import contextlib
import json
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
from jupyter_under_test import TOKEN, Jupyter
from websocket import WebSocket, WebSocketTimeoutException, create_connection

#: Seconds that anything may take on a busy machine.
PATIENCE_S = 180.0


@dataclass
class Execution:
    """What came of a cell."""

    msg_id: str
    reply: dict[str, Any] = field(default_factory=dict)
    stdout: str = ""
    outputs: list[dict[str, Any]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether it raised nothing."""
        return bool(self.reply.get("status") == "ok")


def add_kernelspec(
    jupyter: Jupyter, name: str, python: str | Path, *, language: str = "python", **more: Any
) -> None:
    """Register an interpreter as a kernel of this Jupyter server."""
    folder = jupyter.home / "data" / "kernels" / name
    folder.mkdir(parents=True, exist_ok=True)
    spec = {
        "argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": name,
        "language": language,
        **more,
    }
    (folder / "kernel.json").write_text(json.dumps(spec))


class NotebookKernel:
    """A notebook with a session, as a page opens one."""

    def __init__(self, jupyter: Jupyter, path: str = "notebook.ipynb", *, kernel: str = "python3") -> None:
        self.jupyter = jupyter
        self.path = path
        self.http = httpx.Client(
            base_url=jupyter.url,
            headers={"Authorization": f"token {TOKEN}"},
            trust_env=False,
            timeout=PATIENCE_S,
        )
        for above in reversed(Path(path).parents[:-1]):
            (jupyter.root / above).mkdir(exist_ok=True)
        empty = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        if not (jupyter.root / path).exists():
            (jupyter.root / path).write_text(json.dumps(empty))
        answer = self.http.post(
            "api/sessions",
            json={"path": path, "type": "notebook", "name": Path(path).name, "kernel": {"name": kernel}},
        )
        assert answer.status_code == 201, answer.text
        self.session_id: str = answer.json()["id"]
        self.id: str = answer.json()["kernel"]["id"]
        self.session = uuid.uuid4().hex
        self._socket: WebSocket | None = None
        #: heard while something else was waited for
        self._kept: list[dict[str, Any]] = []

    def close(self) -> None:
        """End the kernel."""
        self.disconnect()
        self.http.delete(f"api/kernels/{self.id}")
        self.http.close()

    @property
    def socket(self) -> WebSocket:
        """A page's websocket, opened when first asked for."""
        if self._socket is None:
            self.connect()
        assert self._socket is not None
        return self._socket

    def connect(self) -> None:
        """A page is (re)loaded: a new websocket."""
        self.disconnect()
        self._socket = create_connection(
            f"{self.jupyter.url}api/kernels/{self.id}/channels?session_id={self.session}".replace(
                "http://", "ws://", 1
            ),
            header=[f"Authorization: token {TOKEN}"],
            timeout=PATIENCE_S,
        )

    def disconnect(self) -> None:
        """The page is closed."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
            self._kept.clear()

    def send(
        self, code: str, *, cell_id: str | None = None, channel: str = "shell", **content: Any
    ) -> Execution:
        """Send a cell, as JupyterLab does; do not wait."""
        request = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
            **content,
        }
        metadata = {"cellId": cell_id} if cell_id else {}
        return Execution(self.request("execute_request", request, channel=channel, metadata=metadata))

    def request(
        self,
        kind: str,
        content: Mapping[str, Any],
        *,
        channel: str = "control",
        metadata: Mapping[str, Any] | None = None,
    ) -> str:
        """Send any request; its id."""
        msg_id = uuid.uuid4().hex
        message = {
            "header": {
                "msg_id": msg_id,
                "username": "",
                "session": self.session,
                "msg_type": kind,
                "version": "5.3",
                "date": "2026-01-01T00:00:00Z",
            },
            "parent_header": {},
            "metadata": metadata or {},
            "content": content,
            "buffers": [],
            "channel": channel,
        }
        self.socket.send(json.dumps(message))
        return msg_id

    def hear(self, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first message of which this holds; the others are there for whoever waits for them."""
        for kept in self._kept:
            if condition(kept):
                self._kept.remove(kept)
                return kept
        until = time.monotonic() + PATIENCE_S
        while True:
            message = self._receive("a message")
            if condition(message):
                return message
            self._kept.append(message)
            assert time.monotonic() < until, message

    def wait(self, execution: Execution) -> Execution:
        """Until it has replied and is idle again."""
        is_idle = False
        until = time.monotonic() + PATIENCE_S
        while not (execution.reply and is_idle):
            assert time.monotonic() < until, f"{execution} did not end"
            message = self._kept.pop(0) if self._kept else self._receive(execution)
            # Xeus has none in what it says of itself as it starts.
            if (message["parent_header"] or {}).get("msg_id") != execution.msg_id:
                continue
            kind, content = message["header"]["msg_type"], message["content"]
            if kind == "execute_reply":
                execution.reply = content
            elif kind == "status":
                is_idle = content["execution_state"] == "idle"
            elif kind == "stream":
                execution.stdout += content["text"]
            elif kind in ("execute_result", "display_data", "error"):
                execution.outputs.append(message)
        return execution

    def _receive(self, what: object) -> dict[str, Any]:
        try:
            message: dict[str, Any] = json.loads(self.socket.recv())
        except WebSocketTimeoutException:
            raise AssertionError(f"nothing more came, waiting for {what}; {self.report()}") from None
        return message

    def run(self, code: str, **options: Any) -> Execution:
        """Run a cell to its end."""
        return self.wait(self.send(code, **options))

    def restart(self) -> None:
        """As the button does; a page opens a new websocket then."""
        self.restart_behind()
        if self._socket is not None:
            self.connect()

    def restart_behind(self) -> None:
        """As somebody else does: the page's websocket stays."""
        assert self.http.post(f"api/kernels/{self.id}/restart").status_code == 200

    def ask(self, expression: str) -> str:
        """The text of an expression's value, evaluated after a cell, and told by the reply alone: what a new
        process publishes may be lost for a websocket that stayed, until Jupyter has subscribed anew."""
        asked = self.send("pass", user_expressions={"asked": expression})
        reply = self.hear(
            lambda message: (
                message["header"]["msg_type"] == "execute_reply"
                and message["parent_header"]["msg_id"] == asked.msg_id
            )
        )
        text: str = reply["content"]["user_expressions"]["asked"]["data"]["text/plain"]
        return text

    def switch(self, kernel: str) -> None:
        """Another kernel for the notebook, as the dialog "Select Kernel" does."""
        answer = self.http.patch(f"api/sessions/{self.session_id}", json={"kernel": {"name": kernel}})
        assert answer.status_code == 200, answer.text
        self.id = answer.json()["kernel"]["id"]
        self.connect()

    def connection(self) -> dict[str, Any]:
        """The kernel's ports and key."""
        file = self.jupyter.home / "runtime" / f"kernel-{self.id}.json"
        found: dict[str, Any] = json.loads(file.read_text())
        return found

    def pids(self) -> set[int]:
        """Processes that run with this kernel's ports: one, or two while another takes its place."""
        found = set()
        for child in psutil.Process(self.jupyter.process.process.pid).children():
            with contextlib.suppress(psutil.Error):
                if any(f"kernel-{self.id}.json" in word for word in child.cmdline()):
                    found.add(child.pid)
        return found

    def rename(self, path: str) -> None:
        """Rename the notebook's file and its session, as JupyterLab does."""
        answer = self.http.patch(f"api/contents/{self.path}", json={"path": path})
        assert answer.status_code == 200, answer.text
        answer = self.http.patch(f"api/sessions/{self.session_id}", json={"path": path})
        assert answer.status_code == 200, answer.text
        self.path = path

    def report(self) -> dict[str, Any]:
        """What is known of it."""
        answer = self.jupyter.client.get(f"kernels/{self.id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def probe(self, *, is_patient: bool = True) -> dict[str, Any]:
        """Ask it.

        :param is_patient: ask again where it did not answer in time, which may be the machine's fault
        """
        until = time.monotonic() + PATIENCE_S
        while True:
            answer = self.jupyter.client.post(f"kernels/{self.id}/probe")
            assert answer.status_code == 200, answer.text
            found: dict[str, Any] = answer.json()
            if found["reason"] != "timeout" or not is_patient or time.monotonic() > until:
                return found

    def wait_for(self, condition: Callable[[Mapping[str, Any]], bool]) -> dict[str, Any]:
        """Until the report is so."""
        until = time.monotonic() + PATIENCE_S
        while True:
            report = self.report()
            if condition(report):
                return report
            assert time.monotonic() < until, report
            time.sleep(0.02)

    def wait_known(self) -> dict[str, Any]:
        """Until the shim is there."""
        return self.wait_for(lambda report: bool(report["state"] == "known" and report["injected"]))

    def restart_known(self) -> dict[str, Any]:
        """Restart; returns when the shim is in the new process: a cell that is faster is another test's."""
        former = self.report()["facts"]["pid"]
        self.restart()
        return self.wait_for(
            lambda now: now["state"] == "known" and now["injected"] and now["facts"]["pid"] != former
        )


THIS_PYTHON = sys.executable
