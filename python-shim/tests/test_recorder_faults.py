"""What goes wrong around the recorder: it is told once, in words, and the recording goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_under_test import TOKEN, Jupyter
from kernel_under_test import NotebookKernel
from recorder_support import (
    executions,
    outputs,
    pause,
    record,
    recording,
    wait_ended,
    wait_for,
    wait_recorded,
)
from websocket import create_connection

#: The ledger is for threads alone: whoever reads it on the event loop is written down.
WATCH = """
import threading
from jupyter_mlflow.server.recorder.ledger import Ledger
def watch(kind, name):
    real = getattr(kind, name)
    def call(self, *args, **options):
        if threading.current_thread() is threading.main_thread():
            import traceback
            with open({file!r}, "a") as told:
                told.write("".join(traceback.format_stack()[-4:]) + "\\n")
        return real(self, *args, **options)
    setattr(kind, name, call)
watch(Ledger, "write")
watch(Ledger, "__init__")
"""


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Jupyter, Path]]:
    """A Jupyter server that writes down who blocks its loop."""
    folder = tmp_path_factory.mktemp("watched")
    told = folder / "on-the-loop"
    running = Jupyter(folder / "jupyter", config=WATCH.format(file=str(told)))
    yield running, told
    running.stop()


def events_of(jupyter: Jupyter) -> Any:
    """Jupyter's event bus."""
    url = f"{jupyter.url}api/events/subscribe".replace("http://", "ws://", 1)
    return create_connection(url, header=[f"Authorization: token {TOKEN}"], timeout=30)


def test_events_tell_what_changes_and_no_code(watched: tuple[Jupyter, Path]) -> None:
    jupyter, told = watched
    kernel = NotebookKernel(jupyter, "events.ipynb")
    events = None
    try:
        record(jupyter, "events.ipynb")
        wait_recorded(jupyter, kernel)
        pause(jupyter, "events.ipynb")
        events = events_of(jupyter)
        pause(jupyter, "events.ipynb", False)
        gate = jupyter.root / "gate"
        cell = kernel.send(
            f"import os, time; private = 'in the code'; print(private)\n"
            f"while not os.path.exists({str(gate)!r}): time.sleep(0.02)",
            cell_id="c1",
        )
        seen: list[dict[str, Any]] = []
        while not any(each.get("execution_id") == cell.msg_id for each in seen):
            seen.append(json.loads(events.recv()))
        # One that ends at once may be told of when it has ended.
        gate.touch()
        assert kernel.wait(cell).ok
        while not any(each.get("status") == "ok" and each.get("cell_id") == "c1" for each in seen):
            seen.append(json.loads(events.recv()))
        mine = [each for each in seen if "execution_id" in each]
        assert {each["execution_id"] for each in mine} == {cell.msg_id}
        assert mine[0]["status"] == "running"
        assert any(each.get("path") == "events.ipynb" and each.get("state") == "on" for each in seen)
        assert "in the code" not in json.dumps(seen)
        # Everything that a page asks for, none of it on the loop.
        wait_ended(jupyter, "events.ipynb", 1)
        executions(jupyter, "events.ipynb", text="private", status="ok", cell="c1")
        outputs(jupyter, cell.msg_id)
        pause(jupyter, "events.ipynb")
        jupyter.client.get("recording/rules")
        jupyter.client.get("sending", params={"path": "events.ipynb"})
        jupyter.client.get(f"executions/{cell.msg_id}/preview")
        assert jupyter.client.delete("executions", params={"all": "1"}).json() == {"deleted": 1}
        while seen[-1].get("status") != "deleted":
            seen.append(json.loads(events.recv()))
        assert (seen[-1]["execution_id"], seen[-1]["notebook_id"], seen[-1]["cell_id"]) == ("", None, None)
        assert not told.exists(), told.read_text()
    finally:
        if events is not None:
            events.close()
        kernel.close()


def test_what_a_kernel_writes_into_its_journal_by_hand_harms_nobody(watched: tuple[Jupyter, Path]) -> None:
    jupyter, _ = watched
    record(jupyter, "tampered.ipynb")
    kernel = NotebookKernel(jupyter, "tampered.ipynb")
    other = NotebookKernel(jupyter, "victim.ipynb")
    try:
        record(jupyter, "victim.ipynb")
        wait_recorded(jupyter, other)
        victim = other.run("victim = 1")
        wait_ended(jupyter, "victim.ipynb", 1)
        wait_recorded(jupyter, kernel)
        code = f"""
import glob, json, os, zlib
path = glob.glob(os.path.join(os.environ['JUPYTER_RUNTIME_DIR'], 'jupyter-mlflow/journals/*/*.journal'))
mine = get_ipython()._jupyter_mlflow_journal
def put(head):
    text = json.dumps(head).encode()
    os.write(mine._file, b'\\x1e' + text[:-1] + b',"crc":%d}}\\n' % zlib.crc32(text))
put({{'k': 'start', 'id': {victim.msg_id!r}, 'at': 1.0}})
put({{'k': 'start', 'id': '../../x', 'at': 1.0}})
put({{'k': 'start', 'id': 'y' * 50000, 'at': 1.0}})
os.write(mine._file, b'garbage' * 1000)
"""
        tampering = kernel.run(code)
        assert tampering.ok, tampering
        after = kernel.run("honest = 1", cell_id="h")
        rows = wait_for(
            jupyter,
            "tampered.ipynb",
            lambda rows: len(rows) == 2 and all(row["seconds"] is not None for row in rows),
        )
        assert [row["id"] for row in rows] == [tampering.msg_id, after.msg_id]
        assert [row["cell_id"] for row in rows] == [None, "h"]
        assert executions(jupyter, "victim.ipynb")[0]["source"] == "victim = 1"
        told = {problem["code"] for problem in recording(jupyter, "tampered.ipynb")["problems"]}
        assert {"journal-foreign", "journal-damaged"} <= told
        assert jupyter.log.count("MLflow's recorder: journal-damaged") == 1, "told once"
    finally:
        kernel.close()
        other.close()


def test_a_ledger_that_is_damaged_is_set_aside_and_said(
    start_jupyter: Callable[..., Jupyter], tmp_path: Path
) -> None:
    folder = tmp_path / "data" / "jupyter-mlflow" / "ledger"
    folder.mkdir(parents=True)
    (folder / "ledger-1.db").write_bytes(b"\xa5" * 8192)
    jupyter = start_jupyter(env={"JUPYTER_DATA_DIR": str(tmp_path / "data")})
    assert executions(jupyter) == []
    (problem,) = recording(jupyter, "a.ipynb")["problems"]
    (aside,) = folder.glob("*damaged*.db")
    assert problem["code"] == "ledger-damaged"
    assert aside.name in problem["message"]
    assert aside.read_bytes() == b"\xa5" * 8192


def test_the_administrator_decides(start_jupyter: Callable[..., Jupyter]) -> None:
    jupyter = start_jupyter(
        config=(
            "c.JupyterMlflow.recorder_keep = False\n"
            "c.JupyterMlflow.recorder_send = ['runs']\n"
            "c.JupyterMlflow.recorder_experiment = 'team/{notebook}'\n"
            "c.JupyterMlflow.recorder_runs_per_day = 5\n"
        )
    )
    found = recording(jupyter, "a.ipynb")
    assert found["allowed"]["keep"] is False
    assert found["allowed"]["send"] == ["nothing", "runs"]
    assert found["allowed"]["runs_per_day"] == 5
    body = {"path": "a.ipynb", "scope": "notebook", "keep": True, "send": "nothing"}
    answer = jupyter.client.put("recording", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "recording-not-allowed")
    id = jupyter.add("http://127.0.0.1:9")
    target = {"server_id": id, "experiment": "x"}
    found = record(jupyter, "a.ipynb", keep=False, send="runs", target=target)
    assert (found["keep"], found["send"], found["target"]) == (False, "runs", target)
    assert found["proposed_target"]["experiment"] == "team/a"


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"path": "a.ipynb"},
        {"path": "../a.ipynb", "scope": "notebook", "keep": True, "send": "nothing"},
        {"path": "a.txt", "scope": "notebook", "keep": True, "send": "nothing"},
        {"path": "a.ipynb", "scope": "world", "keep": True, "send": "nothing"},
        {"path": "a.ipynb", "scope": "notebook", "keep": 1, "send": "nothing"},
        {"path": "a.ipynb", "scope": "notebook", "keep": True, "send": "all"},
        {"path": "a.ipynb", "scope": "notebook", "keep": True, "send": "all", "target": {"server_id": 1}},
        {"path": "a.ipynb", "scope": "notebook", "keep": True, "send": "all", "target": "x"},
    ],
)
def test_requests_that_are_not_understood_change_nothing(watched: tuple[Jupyter, Path], body: Any) -> None:
    jupyter, _ = watched
    answer = jupyter.client.put("recording", json=body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["code"] in ("invalid-request", "no-target")
    for query in ({"limit": "0"}, {"limit": "x"}, {"status": "x"}, {"path": "a.txt"}):
        assert jupyter.client.get("executions", params=query).status_code == 400, query
    for patch in ({"path": "a.ipynb", "paused": 1}, {"path": "a.ipynb", "retention": {"days": -1}}):
        assert jupyter.client.patch("recording", json=patch).status_code == 400, patch
    assert recording(jupyter, "a.ipynb")["rule"] == "none"
