"""Asking a kernel disturbs nobody: no output, no history, no breakpoint, nothing that a person replaced."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_under_test import Jupyter
from kernel_under_test import NotebookKernel


@pytest.fixture
def kernel(jupyter: Jupyter, request: pytest.FixtureRequest) -> Iterator[NotebookKernel]:
    """One for this test alone."""
    opened = NotebookKernel(jupyter, f"quiet/{request.node.name}.ipynb")
    try:
        opened.wait_known()
        yield opened
    finally:
        opened.close()


def test_a_page_hears_of_a_question_only_that_the_kernel_was_busy(kernel: NotebookKernel) -> None:
    assert kernel.run("1 + 1").ok
    for _ in range(3):
        assert kernel.probe()["state"] == "known"
    mark = kernel.send("'the end'")
    heard: list[dict[str, Any]] = []
    kernel.hear(
        lambda message: bool(heard.append(message) or message["parent_header"].get("msg_id") == mark.msg_id)
    )
    theirs = [each for each in heard if each["parent_header"].get("msg_id") != mark.msg_id]
    assert {(each["channel"], each["header"]["msg_type"]) for each in theirs} == {("iopub", "status")}
    states = [each["content"]["execution_state"] for each in theirs]
    assert states.count("busy") == states.count("idle") >= 3
    assert kernel.wait(mark).reply["execution_count"] == 2


def test_nothing_of_the_interpreter_is_changed(kernel: NotebookKernel) -> None:
    """Beyond the two that are said to be: the finder of run tags and the magic."""
    watch = (
        "import builtins, gc, signal, sys, threading, warnings\n"
        "shell = get_ipython()\n"
        "print([sorted(vars(builtins)), sys.displayhook, sys.excepthook, getattr(sys, 'last_value', None),"
        " sys.gettrace(), sys.getprofile(), signal.getsignal(signal.SIGINT), threading.active_count(),"
        " warnings.filters, sys.path, len(sys.meta_path), sorted(sys.modules),"
        " sorted(shell.magics_manager.magics['line']), shell.events.callbacks, gc.isenabled(),"
        " len(shell.history_manager.output_hist)])"
    )
    # The first one brings modules of its own.
    assert kernel.run(watch).ok
    before = kernel.run(watch).stdout
    for _ in range(3):
        assert kernel.probe()["state"] == "known"
    assert kernel.run(watch).stdout == before


def test_a_replaced_print_open_and_displayhook_are_not_called(kernel: NotebookKernel) -> None:
    replace = (
        "import builtins, os, sys\ncalled = []\n"
        "real = builtins.print, builtins.repr, sys.displayhook, os.system\n"
        "def odd(*a, **k): called.append(a); raise RuntimeError('mine')\n"
        "builtins.print = builtins.repr = builtins.input = sys.displayhook = os.system = odd\n"
        "len = type = str = dict = isinstance = getattr = odd"
    )
    assert kernel.run(replace).ok
    report = kernel.probe()
    assert report["state"] == "known", report
    assert report["facts"]["mlflow"]["spec"] == "module"
    back = "builtins.print, builtins.repr, sys.displayhook, os.system = real; builtins.print(called)"
    assert kernel.run(back).stdout == "[]\n"


class Debugger:
    """As JupyterLab's debugger speaks with a kernel."""

    def __init__(self, kernel: NotebookKernel) -> None:
        self._kernel = kernel
        self._count = 0

    def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        """A command and its answer."""
        self._count += 1
        content = {"type": "request", "seq": self._count, "command": command, "arguments": arguments}
        id = self._kernel.request("debug_request", content)
        answer = self._kernel.hear(
            lambda message: (
                message["header"]["msg_type"] == "debug_reply" and message["parent_header"]["msg_id"] == id
            )
        )
        found: dict[str, Any] = answer["content"]
        assert found["success"], found
        return found.get("body") or {}

    def stopped(self) -> dict[str, Any]:
        """Waits for a breakpoint."""
        event = self._kernel.hear(
            lambda message: (
                message["header"]["msg_type"] == "debug_event" and message["content"]["event"] == "stopped"
            )
        )
        found: dict[str, Any] = event["content"]["body"]
        return found


def test_a_kernel_at_a_breakpoint_is_busy_and_the_debugger_sees_nothing_of_us(kernel: NotebookKernel) -> None:
    debugger = Debugger(kernel)
    debugger.ask("initialize", clientID="test", adapterID="", pathFormat="path", linesStartAt1=True)
    debugger.ask("attach")
    code = "def work():\n    a = 1\n    b = a + 1\n    return b\nprint(work())"
    path = debugger.ask("dumpCell", code=code)["sourcePath"]
    debugger.ask("setBreakpoints", source={"path": path}, breakpoints=[{"line": 3}], sourceModified=False)
    # "Every exception" too: ours, which are caught, are none of the person's.
    debugger.ask("setExceptionBreakpoints", filters=["raised"])
    debugger.ask("configurationDone")

    assert kernel.probe()["state"] == "known", "attached, and running nothing"
    running = kernel.send(code)
    thread = debugger.stopped()["threadId"]
    report = kernel.probe()
    assert (report["state"], report["reason"]) == ("unknown", "busy")
    frames = debugger.ask("stackTrace", threadId=thread)["stackFrames"]
    assert (frames[0]["name"], frames[0]["line"]) == ("work", 3), "still where the person stopped it"
    debugger.ask("continue", threadId=thread)
    assert kernel.wait(running).stdout == "2\n"
    assert kernel.wait_known()["facts"]["mlflow"]["spec"] == "module"
    assert kernel.run("print(3)").stdout == "3\n", "nor did anything else stop"
    debugger.ask("disconnect", restart=False, terminateDebuggee=False)
    assert kernel.probe()["state"] == "known"
