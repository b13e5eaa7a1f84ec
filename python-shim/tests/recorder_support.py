"""What tests of the recorder ask of a Jupyter server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyter_under_test import Jupyter
from kernel_under_test import NotebookKernel
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
        wait_until(is_so, what, 60)
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


def wait_heard(jupyter: Jupyter, kernel: NotebookKernel) -> None:
    """Run cells until one is seen from its beginning: a new kernel's first may run before the witness hears
    it, and then says so in its `capture`."""

    def is_heard() -> bool:
        cell = kernel.run("pass")
        assert cell.ok, cell
        rows = wait_for(
            jupyter,
            kernel.path,
            lambda rows: any(row["id"] == cell.msg_id and row["status"] in ENDED for row in rows),
        )
        return next(row["capture"] for row in rows if row["id"] == cell.msg_id) in ("full", "witness")

    wait_until(is_heard, "the witness hears the kernel", 60)


def outputs(jupyter: Jupyter, id: str) -> Rows:
    """As nbformat has them."""
    answer = jupyter.client.get(f"executions/{id}/outputs")
    assert answer.status_code == 200, answer.text
    found: Rows = answer.json()["outputs"]
    return found
