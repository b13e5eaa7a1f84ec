"""Kernels that are restarted, killed and switched again and again: the shim is there, no finding appears, and
nothing is left behind.

JUPYTER_MLFLOW_SOAK_TURNS and JUPYTER_MLFLOW_SOAK_SEED: how often, and in which order (`npm run soak`).
"""

from __future__ import annotations

import json
import os
import random
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from findings_support import findings, kernelspecs
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_under_test import TOKEN, Jupyter
from kernel_under_test import NotebookKernel, add_kernelspec
from processes_under_test import wait_until
from websocket import WebSocketException, create_connection

from servers import mlflow_python

TURNS = int(os.environ.get("JUPYTER_MLFLOW_SOAK_TURNS", "20"))
SEED = int(os.environ.get("JUPYTER_MLFLOW_SOAK_SEED", "4"))
REPORT = "https://jupyter-mlflow.readthedocs.io/events/kernel_report/v1"
IS_THERE = "'_jupyter_mlflow_shim' in __import__('sys').modules"
#: States that a page may see while processes come and go; none of them says that something is missing.
SEEN = {("asking", None), ("known", None), ("unknown", "restarting"), ("unknown", "busy")}


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    """It notices deaths at once, and tells what its process holds."""
    running = Jupyter(
        tmp_path_factory.mktemp("life"),
        config=(
            "c.AsyncIOLoopKernelRestarter.time_to_dead = 0.1\n"
            "c.AsyncIOLoopKernelRestarter.stable_start_time = 1.5\n"
        ),
        extensions=["census"],
    )
    for name in ("first", "second"):
        add_kernelspec(running, name, mlflow_python("newest"))
    yield running
    running.stop()


def census(jupyter: Jupyter) -> dict[str, Any]:
    """What the Jupyter server's process holds."""
    found: dict[str, Any] = jupyter.client.get(f"{jupyter.url}census").json()
    return found


def more(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """What there is now and was not before."""
    found = {name: now[name] for name in ("files", "sockets", "ours") if now[name] > before[name]}
    for kind in ("tasks", "threads"):
        for name, count in now[kind].items():
            if count > before[kind].get(name, 0):
                found[f"{kind}: {name}"] = count
    return found


def back_to(jupyter: Jupyter, before: dict[str, Any]) -> None:
    """Waits until there is no more than before."""
    last: dict[str, Any] = {}

    def is_back() -> bool:
        last.clear()
        last.update(more(before, census(jupyter)))
        return not last

    try:
        wait_until(is_back, "everything is given back", seconds=30)
    except AssertionError as error:
        raise AssertionError(f"{error}: {last}, was {before}") from None


class Page:
    """What a page that shows a kernel finds in its reports, beside what it found while nothing happened."""

    def __init__(self, kernel: NotebookKernel) -> None:
        self._kernelspecs = kernelspecs(kernel.jupyter.client.get("environments").json())
        self.rest = self._find(kernel.wait_known())

    def appeared(self, report: dict[str, Any]) -> set[str]:
        """Ids of findings that do not stand there at rest."""
        return self._find(report) - self.rest

    def _find(self, report: dict[str, Any]) -> set[str]:
        known = {"report": report, "kernelName": report["name"], "kernelspecs": self._kernelspecs}
        return {each["id"] for each in findings(known)}


class Onlooker:
    """Reads what a page would: events, and the report of the notebook's kernel again and again."""

    def __init__(self, kernel: NotebookKernel, page: Page) -> None:
        self.seen: set[tuple[str, str | None]] = set()
        #: reports in which findings were looked for
        self.judged = 0
        self.wrong: list[Any] = []
        #: kernels that were not there when asked, which is right for the one that the notebook has just left
        self._missed: list[tuple[str, Any]] = []
        self._kernel = kernel
        self._page = page
        self._ended = threading.Event()
        url = f"{kernel.jupyter.url}api/events/subscribe".replace("http://", "ws://", 1)
        self._events = create_connection(url, header=[f"Authorization: token {TOKEN}"], timeout=60)
        self._threads = [threading.Thread(target=each) for each in (self._listen, self._look)]
        for each in self._threads:
            each.start()

    def found_wrong(self) -> list[Any]:
        """What a page should not have seen; to be asked between turns, when the notebook has its kernel."""
        return [*self.wrong, *(report for id, report in self._missed if id == self._kernel.id)]

    def close(self) -> None:
        """Both end."""
        self._ended.set()
        self._events.shutdown()
        for each in self._threads:
            each.join(10)

    def _listen(self) -> None:
        while not self._ended.is_set():
            try:
                event = json.loads(self._events.recv() or "{}")
            except (WebSocketException, OSError):
                return
            if event.get("schema_id") == REPORT and event["state"] not in {state for state, _ in SEEN}:
                self.wrong.append(event)

    def _look(self) -> None:
        with httpx.Client(
            base_url=self._kernel.jupyter.api,
            headers={"Authorization": f"token {TOKEN}"},
            trust_env=False,
            timeout=60,
        ) as client:
            while not self._ended.wait(0.1):
                id = self._kernel.id
                answer = client.get(f"kernels/{id}")
                report = answer.json()
                if answer.status_code != 200:
                    self._missed.append((id, report))
                    continue
                self.seen.add((report["state"], report["reason"]))
                appeared = self._page.appeared(report)
                self.judged += 1
                lacks = report["state"] == "known" and report["facts"]["mlflow"]["spec"] != "module"
                if appeared or lacks:
                    self.wrong.append((sorted(appeared), report))


def kill(kernel: NotebookKernel) -> None:
    """The process ends by SIGKILL; returns when Jupyter has started another. Its cell may be queued then."""
    former, port = kernel.pids(), kernel.connection()["shell_port"]
    for pid in former:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: bool(kernel.pids() - former), "Jupyter starts another process")
    # A kernel that dies young gets other ports, to which Jupyter's own websocket does not follow.
    if kernel.connection()["shell_port"] != port:
        kernel.connect()


def switch(kernel: NotebookKernel) -> None:
    """To the other of the two."""
    kernel.switch("second" if kernel.report()["name"] == "first" else "first")


WAYS: dict[str, Callable[[NotebookKernel], None]] = {
    "restart": NotebookKernel.restart,
    "restart, old websocket": NotebookKernel.restart_behind,
    "kill": kill,
    "switch": switch,
}


def one_turn(kernel: NotebookKernel, way: str) -> bool:
    """Another process, and its first cell at once; whether that cell came before the shim."""
    former = kernel.report()["facts"]["pid"]
    WAYS[way](kernel)
    is_there = kernel.ask(IS_THERE)
    report = kernel.wait_known()
    assert report["facts"]["pid"] != former, way
    # A race may be lost; then that is known, and the next cell has the shim.
    assert is_there == "True" or report["lost_race"], (way, report)
    assert kernel.ask(IS_THERE) == "True", way
    return bool(report["lost_race"])


def test_whatever_becomes_of_the_process_the_shim_is_there_and_nothing_is_left_behind(
    jupyter: Jupyter,
) -> None:
    """Restarts, automatic restarts and kernel switches in an order by chance."""
    ways = [list(WAYS)[number % len(WAYS)] for number in range(TURNS)]
    random.Random(SEED).shuffle(ways)
    # What is made once and kept, such as a ZMQ context, is no leak.
    kernel = NotebookKernel(jupyter, "first.ipynb", kernel="first")
    kernel.wait_known()
    assert kernel.ask(IS_THERE) == "True"
    kernel.close()
    empty = census(jupyter)
    kernel = NotebookKernel(jupyter, "life.ipynb", kernel="first")
    onlooker, lost = None, []
    try:
        page = Page(kernel)
        report = kernel.report()
        assert page.rest <= {"environment-variable-lies", "pip-goes-elsewhere"}, "it is healthy"
        lacks = {**report["facts"]["mlflow"], "spec": "none", "distributions": []}
        broken = {**report, "facts": {**report["facts"], "mlflow": lacks}}
        assert page.appeared(broken), "the rules are asked"
        onlooker = Onlooker(kernel, page)
        one_turn(kernel, "restart")
        before = census(jupyter)
        for number, way in enumerate(ways):
            if one_turn(kernel, way):
                lost.append(way)
            assert not onlooker.found_wrong(), (number, way, onlooker.found_wrong())
        back_to(jupyter, before)
        assert onlooker.seen <= SEEN, onlooker.seen - SEEN
        assert ("known", None) in onlooker.seen
        assert onlooker.judged > TURNS
    finally:
        judged = onlooker.judged if onlooker is not None else 0
        print(f"{TURNS} turns, seed {SEED}, races lost: {lost or 'none'}, {judged} reports judged")
        if onlooker is not None:
            onlooker.close()
        kernel.close()
    back_to(jupyter, empty)


def test_a_lost_race_is_noticed_and_marked(jupyter: Jupyter) -> None:
    """Lost on purpose: Jupyter stands still while the new process runs a cell that waited for it."""
    kernel = NotebookKernel(jupyter, "race.ipynb", kernel="first")
    client = BlockingKernelClient()
    pid = jupyter.process.process.pid
    try:
        assert kernel.wait_known()["lost_race"] is False
        former = kernel.pids()
        for each in former:
            os.kill(each, signal.SIGKILL)
        wait_until(lambda: bool(kernel.pids() - former), "Jupyter starts another process")
        os.kill(pid, signal.SIGSTOP)
        try:
            # The ports of now: a kernel that dies young gets others.
            client.load_connection_info(kernel.connection())
            client.start_channels(iopub=False, stdin=False, hb=False, control=False)
            asked = client.execute("x = 'made before the shim came'")
            reply = client.get_shell_msg(timeout=60)
            assert reply["parent_header"]["msg_id"] == asked
            assert reply["content"]["execution_count"] == 1
        finally:
            os.kill(pid, signal.SIGCONT)
        report = kernel.wait_known()
        assert (report["injected"], report["lost_race"]) == (True, True)
        kernel.connect()
        assert kernel.ask(f"({IS_THERE}, x)") == "(True, 'made before the shim came')"
        report = kernel.probe()
        assert report["lost_race"] is True, "it stays so for this process"
        former_pid = report["facts"]["pid"]
        kernel.restart()
        # No cell before the shim is there: it could win against it, too.
        report = kernel.wait_for(
            lambda now: now["state"] == "known" and now["injected"] and now["facts"]["pid"] != former_pid
        )
        assert report["lost_race"] is False
        assert kernel.ask(IS_THERE) == "True"
    finally:
        client.stop_channels()
        kernel.close()


def test_a_kernel_that_dies_for_good(jupyter: Jupyter, tmp_path: Path) -> None:
    """It starts once; then never, until it is mended."""
    broken = tmp_path / "broken"
    program = (
        "import os, sys\n"
        f"if os.path.exists({str(broken)!r}): sys.exit('broken')\n"
        "from ipykernel.kernelapp import launch_new_instance\n"
        "launch_new_instance(argv=sys.argv[1:])"
    )
    argv = [mlflow_python("newest"), "-c", program, "-f", "{connection_file}"]
    add_kernelspec(jupyter, "fragile", mlflow_python("newest"), argv=argv)
    kernel = NotebookKernel(jupyter, "fragile.ipynb", kernel="fragile")
    try:
        facts = kernel.wait_known()["facts"]
        before = census(jupyter)
        assert before["ours"] > 0
        broken.touch()
        os.kill(facts["pid"], signal.SIGKILL)
        report = kernel.wait_for(lambda report: bool(report["state"] == "dead"))
        assert (report["reason"], report["injected"]) == ("dead", False)
        assert report["facts"] == facts, "what was known stays, as of then"
        assert kernel.probe()["state"] == "dead"
        answer = jupyter.client.post(f"kernels/{kernel.id}/options", json={"autolog": True})
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "kernel-out-of-reach")
        broken.unlink()
        # Jupyter has forgotten this kernel and its session: the button starts others.
        former = kernel
        kernel = NotebookKernel(jupyter, former.path, kernel="fragile")
        assert kernel.ask(IS_THERE) == "True"
        assert kernel.wait_known()["facts"]["pid"] != facts["pid"]
        assert former.report()["state"] == "dead", "for pages that still ask"
        # Jupyter itself keeps some sockets of a kernel that has died; we keep none.
        wait_until(lambda: census(jupyter)["ours"] == before["ours"], "our sockets are closed")
        tasks = {name: count for name, count in census(jupyter)["tasks"].items() if "ZmqChannel" in name}
        assert tasks.items() <= before["tasks"].items()
    finally:
        kernel.close()
