"""What tests of the recorder ask of a Jupyter server."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from jupyter_under_test import Jupyter
from kernel_under_test import PATIENCE_S, NotebookKernel
from processes_under_test import wait_until

ENDED = ("ok", "error", "interrupted", "killed", "unknown")
Rows = list[dict[str, Any]]


def record(jupyter: Jupyter, path: str, **rule: Any) -> dict[str, Any]:
    """Switch the recording of a notebook on, or as `rule` says."""
    body = {"path": path, "scope": "notebook", "keep": True, "send": "nothing", **rule}
    answer = jupyter.client.put("recording", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def recording(jupyter: Jupyter, path: str) -> dict[str, Any]:
    """How it is recorded."""
    answer = jupyter.client.get("recording", params={"path": path})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def pause(jupyter: Jupyter, path: str, paused: bool = True) -> None:
    """Pause, or resume."""
    answer = jupyter.client.patch("recording", json={"path": path, "paused": paused})
    assert answer.status_code == 200, answer.text


def executions(jupyter: Jupyter, path: str | None = None, **query: Any) -> Rows:
    """Oldest first."""
    params = {"limit": 500, **({"path": path} if path else {}), **query}
    answer = jupyter.client.get("executions", params=params)
    assert answer.status_code == 200, answer.text
    found: Rows = answer.json()["executions"]
    return found[::-1]


def wait_for(
    jupyter: Jupyter, path: str | None, condition: Callable[[Rows], bool], what: str = "the executions"
) -> Rows:
    """Until the executions of a notebook are so."""
    found: Rows = []

    def is_so() -> bool:
        found[:] = executions(jupyter, path)
        return condition(found)

    try:
        wait_until(is_so, what, PATIENCE_S)
    except AssertionError as error:
        raise AssertionError(f"{error}: {found}\n{jupyter.log[-3000:]}") from None
    return found


def wait_ended(jupyter: Jupyter, path: str | None, count: int) -> Rows:
    """Until so many executions are there, with an end, and all that is to be known of them."""
    return wait_for(
        jupyter,
        path,
        lambda rows: len(rows) >= count and all(row["status"] in ENDED for row in rows),
        f"{count} executions to end",
    )


def wait_recorded(
    jupyter: Jupyter, kernel: NotebookKernel, *, capture: str = "full", code: str = "pass"
) -> None:
    """Run cells until one is seen by whoever is to see it, and forget these cells.

    A kernel that has just been started, or is recorded from now on, may run its next cell before the witness
    hears it or the journal is there. That is known of such a cell (`capture`), and no test of others.
    """
    ran: list[str] = []

    def is_recorded() -> bool:
        cell = kernel.run(code)
        assert cell.ok, cell
        ran.append(cell.msg_id)
        until = time.monotonic() + 5
        while time.monotonic() < until:
            answer = jupyter.client.get(f"executions/{cell.msg_id}")
            row = answer.json() if answer.status_code == 200 else {}
            if row.get("capture") == capture and row["status"] in ENDED:
                return True
            time.sleep(0.02)
        return False

    wait_until(is_recorded, "a cell is recorded as a whole", PATIENCE_S)
    for id in ran:
        assert jupyter.client.delete("executions", params={"id": id}).status_code == 200


def outputs(jupyter: Jupyter, id: str) -> Rows:
    """As nbformat has them."""
    answer = jupyter.client.get(f"executions/{id}/outputs")
    assert answer.status_code == 200, answer.text
    found: Rows = answer.json()["outputs"]
    return found


def wait_outputs(
    jupyter: Jupyter, id: str, condition: Callable[[Rows], bool], what: str = "the outputs"
) -> Rows:
    """Until the outputs of an execution are so: the journal may tell of its end before the witness has seen
    all that it printed."""
    found: Rows = []

    def is_so() -> bool:
        found[:] = outputs(jupyter, id)
        return condition(found)

    try:
        wait_until(is_so, what, PATIENCE_S)
    except AssertionError as error:
        raise AssertionError(f"{error}: {found}") from None
    return found
