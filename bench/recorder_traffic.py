"""What recording costs a cell where it is used: through a Jupyter server, seen by a page; prints JSON.

`python recorder_traffic.py FOLDER BLOCKS` (of a hundred cells, for each way of recording)
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import struct
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil

TESTS = Path(__file__).resolve().parent.parent / "python-shim" / "tests"
sys.path.insert(0, str(TESTS))

from fault_proxy import FaultProxy  # noqa: E402
from jupyter_under_test import TOKEN, Jupyter  # noqa: E402
from kernel_under_test import NotebookKernel  # noqa: E402
from processes_under_test import wait_until  # noqa: E402
from recorder_support import executions, outputs, record  # noqa: E402
from websocket import WebSocketTimeoutException, create_connection  # noqa: E402

from servers import NEWEST, start_mlflow  # noqa: E402

CELLS = 100
LINES = 50_000
FLOODS = 3
PATIENCE_S = 120
#: Seconds without a message after which none comes any more.
SILENCE_S = 3
#: What stands before the tracking server of each way of sending: seconds to be slow, or a fault.
NETWORKS: dict[str, str | float | None] = {"sent": None, "slow": 1.0, "hanging": "hang"}
#: Two that are not recorded: what lies between them is noise.
WAYS = ("off", "off_too", "kept", *NETWORKS)
#: As JupyterLab speaks: Jupyter passes on what the kernel wrote, and does not read it.
PROTOCOL = "v1.kernel.websocket.jupyter.org"


def main() -> None:
    """Everything, one after the other; or a proxy, in a process of its own."""
    if sys.argv[1] == "proxy":
        _proxy(sys.argv[2], json.loads(sys.argv[3]))
        return
    folder, blocks = Path(sys.argv[1]), int(sys.argv[2])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with contextlib.ExitStack() as stack:
        mlflow = start_mlflow(NEWEST, folder / "mlflow")
        stack.callback(mlflow.stop)
        # Elsewhere in use: of these cores it gets what is left.
        _be_nice(mlflow.process.process.pid)
        jupyter = Jupyter(
            folder,
            # A page may get all of what the kernel prints: as much as Jupyter can be made to do. As it comes,
            # it passes on a thousand messages a second.
            config="c.ZMQChannelsWebsocketConnection.limit_rate = False\n",
            extensions=["loop_watch"],
            level="INFO",
        )
        stack.callback(jupyter.stop)
        pages: dict[str, Page] = {}
        for way in WAYS:
            path = f"{way}.ipynb"
            if way in NETWORKS:
                url = stack.enter_context(_behind(mlflow.url, NETWORKS[way]))
                target = {"server_id": jupyter.add(url), "experiment": f"cells, {way}"}
                record(jupyter, path, send="all", target=target)
            elif way == "kept":
                record(jupyter, path)
            pages[way] = Page(jupyter, path)
            stack.callback(pages[way].kernel.close)
        found = {"cells": _cells(jupyter, pages, blocks), "flood_passed_on": _flood(jupyter, pages)}
    with contextlib.ExitStack() as stack:
        jupyter = Jupyter(folder / "as-it-comes", extensions=["loop_watch"], level="INFO")
        stack.callback(jupyter.stop)
        record(jupyter, "kept.ipynb")
        pages = {way: Page(jupyter, f"{way}.ipynb") for way in ("off", "kept")}
        for page in pages.values():
            stack.callback(page.kernel.close)
        found["flood"] = _flood(jupyter, pages)
    print(json.dumps(found))
    shutil.rmtree(folder, ignore_errors=True)


class Page:
    """A notebook in a browser, as far as Jupyter can see."""

    def __init__(self, jupyter: Jupyter, path: str) -> None:
        self.kernel = NotebookKernel(jupyter, path)
        self.kernel.wait_known()
        self._address = f"{jupyter.url}api/kernels/{self.kernel.id}/channels".replace("http://", "ws://", 1)

    @contextlib.contextmanager
    def looked_at(self) -> Iterator[Page]:
        """Connected meanwhile, and after the first cell, which pays for that."""
        self._socket = create_connection(
            f"{self._address}?session_id={self.kernel.session}",
            header=[f"Authorization: token {TOKEN}"],
            subprotocols=[PROTOCOL],
            timeout=PATIENCE_S,
        )
        try:
            self.run("0")
            yield self
        finally:
            self._socket.close()

    def run(self, code: str) -> tuple[float, float]:
        """Milliseconds that the kernel took, by its own clock, and until the page has all that it gets."""
        id = uuid.uuid4().hex
        header = {
            "msg_id": id,
            "username": "",
            "session": self.kernel.session,
            "msg_type": "execute_request",
            "version": "5.3",
            "date": "2026-01-01T00:00:00Z",
        }
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
        parts = [b"shell", *(json.dumps(each).encode() for each in (header, {}, {"cellId": "c1"}, content))]
        began = time.perf_counter()
        self._socket.send_binary(_packed(parts))
        took: float | None = None
        is_idle, last = False, began
        self._socket.settimeout(PATIENCE_S)
        while True:
            try:
                channel, head, parent, metadata, content = _unpacked(self._socket.recv())[:5]
            except WebSocketTimeoutException:
                if took is None:
                    raise
                # Jupyter's own subscription loses messages in a flood, the last one, too.
                return took, 1000 * (last - began)
            if id.encode() not in parent:
                continue
            last = time.perf_counter()
            if channel == b"shell":
                took = _between(json.loads(metadata)["started"], json.loads(head)["date"])
                self._socket.settimeout(SILENCE_S)
            is_idle |= b'"status"' in head and b'"idle"' in content
            if is_idle and took is not None:
                return took, 1000 * (last - began)


def _cells(jupyter: Jupyter, pages: dict[str, Page], blocks: int) -> dict[str, Any]:
    """Round trips of cells, by the way that they are recorded, in turn; and how long the loop was held."""
    times: dict[str, list[list[float]]] = {way: [] for way in pages}
    holds: dict[str, list[dict[str, Any]]] = {way: [] for way in pages}
    for number in range(blocks):
        for way in pages if number % 2 else reversed(pages):
            with pages[way].looked_at() as page:
                _holds(jupyter)
                times[way].append([page.run("1 + 1")[1] for _ in range(CELLS)])
                holds[way] += _holds(jupyter)
            if way in NETWORKS:
                _forget_queue(jupyter, pages[way].kernel.path)
    return {"times": times, "holds": holds}


def _flood(jupyter: Jupyter, pages: dict[str, Page]) -> dict[str, Any]:
    """A cell that prints many lines, each a message of its own."""
    code = f"for n in range({LINES}): print(n, flush=True)"
    expected = "".join(f"{n}\n" for n in range(LINES))
    times: dict[str, Any] = {way: {"kernel": [], "page": []} for way in ("off", "kept")}
    processor: dict[str, list[float]] = {way: [] for way in times}
    holds: dict[str, list[dict[str, Any]]] = {way: [] for way in times}
    lost = 0
    for number in range(2 * FLOODS):
        way = ("off", "kept")[(number + number // 2) % 2]
        with pages[way].looked_at() as page:
            _holds(jupyter)
            before = _processor(jupyter)
            kernel, whole = page.run(code)
        times[way]["kernel"].append(kernel)
        times[way]["page"].append(whole)
        if way == "kept":
            found = _found(jupyter, page.kernel.path, expected)
            lost += LINES - found.count("\n") if found != expected else 0
        processor[way].append(1000 * (_processor(jupyter) - before))
        holds[way] += _holds(jupyter)
    return {"times": times, "lost": lost, "holds": holds, "processor": processor}


def _processor(jupyter: Jupyter) -> float:
    """Seconds that Jupyter's process has used."""
    used = psutil.Process(jupyter.process.process.pid).cpu_times()
    return float(used.user + used.system)


def _found(jupyter: Jupyter, path: str, expected: str) -> str:
    """What was kept of the newest cell, once its last line was or none comes any more."""
    kept = ""

    def is_there() -> bool:
        nonlocal kept
        newest = executions(jupyter, path)[-1]
        kept = "".join(each.get("text", "") for each in outputs(jupyter, newest["id"]))
        return newest["status"] != "running" and kept.endswith(expected[-10:])

    with contextlib.suppress(AssertionError):
        wait_until(is_there, "the last line in the ledger", SILENCE_S * 10)
    return kept


def _forget_queue(jupyter: Jupyter, path: str) -> None:
    """What waits would be sent while others are measured."""

    def has_ended() -> bool:
        rows = executions(jupyter, path)
        return bool(rows) and all(row["status"] != "running" for row in rows)

    wait_until(has_ended, "the cells to end in the ledger", PATIENCE_S)
    answer = jupyter.client.delete("executions", params={"path": path})
    assert answer.status_code in (200, 204), answer.text


def _holds(jupyter: Jupyter) -> list[dict[str, Any]]:
    answer = jupyter.client.get(f"{jupyter.url}loop-watch")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["holds"]
    return found


@contextlib.contextmanager
def _behind(url: str, plan: str | float | None) -> Iterator[str]:
    """An address at which the tracking server is so slow."""
    command = [sys.executable, __file__, "proxy", url, json.dumps(plan)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        _be_nice(process.pid)
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()


def _proxy(target: str, plan: str | float | None) -> None:
    proxy = FaultProxy(target)
    # Its experiment is found: what hangs is the sending of cells.
    proxy.plan = lambda method, path: plan
    print(proxy.url, flush=True)
    sys.stdin.read()
    threading.Timer(5, lambda: os._exit(0)).start()
    proxy.close()
    os._exit(0)


def _be_nice(pid: int) -> None:
    """With all that it has started in its group, if it has one of its own."""
    is_leader = os.getpgid(pid) == pid
    os.setpriority(os.PRIO_PGRP if is_leader else os.PRIO_PROCESS, pid, 19)


def _packed(parts: list[bytes]) -> bytes:
    offsets = [8 * (len(parts) + 2)]
    for part in parts:
        offsets.append(offsets[-1] + len(part))
    return struct.pack(f"<{len(offsets) + 1}Q", len(offsets), *offsets) + b"".join(parts)


def _unpacked(data: Any) -> list[bytes]:
    (count,) = struct.unpack_from("<Q", data)
    offsets = struct.unpack_from(f"<{count}Q", data, 8)
    return [data[begin:end] for begin, end in pairwise(offsets)]


def _between(began: str, ended: str) -> float:
    first, last = (datetime.fromisoformat(each.replace("Z", "+00:00")) for each in (began, ended))
    return 1000 * (last - first).total_seconds()


if __name__ == "__main__":
    main()
