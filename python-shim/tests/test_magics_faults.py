"""`%mlflow` with no server, a slow one, one that vanishes, one that refuses: in time, and with a sentence."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator

import pytest
from jupyter_under_test import Jupyter
from kernel_under_test import PATIENCE_S, NotebookKernel
from magics_support import assert_safe, be_patient, content, layers, log_to
from processes_under_test import free_port
from upstream import Exchange, Upstream

from servers import ADMIN, PASSWORD, make_certificates, start_mlflow

#: Seconds: two for the magic, and some for a busy machine.
BUDGET_S = 3.5
LINES = {
    "runs": "table",
    "runs --sort acc": "table",
    "show " + "0" * 32: "card",
    "compare a b": "compare",
    "chart loss": "chart",
    "best acc": "card",
    "models": "model",
}


@pytest.fixture(scope="module")
def kernel(jupyter: Jupyter) -> Iterator[NotebookKernel]:
    """One for all tests of the file; the second stage is loaded."""
    opened = NotebookKernel(jupyter, "faults/faults.ipynb")
    try:
        opened.wait_known()
        assert opened.run("%mlflow help").ok
        yield opened
    finally:
        opened.close()


def in_time(kernel: NotebookKernel, line: str) -> bool:
    """Whether the magic takes no longer than it may: the quickest of some times, the others say how busy the
    machine is."""
    return any(timed(kernel, line) < BUDGET_S for _ in range(4))


def timed(kernel: NotebookKernel, line: str) -> float:
    """Seconds that the magic took in the kernel."""
    code = (
        "import time; _t = time.monotonic()\n"
        f"try:\n    get_ipython().run_line_magic('mlflow', {line!r})\nexcept Exception: pass\n"
        "print(time.monotonic() - _t)"
    )
    return float(kernel.run(code).stdout.split()[-1])


def test_a_live_view_can_ask_what_the_kernel_could_not(kernel: NotebookKernel) -> None:
    """Names stand for ids that only the server knows, so that the page goes on by itself."""
    log_to(kernel, f"http://127.0.0.1:{free_port()}", "of a name")
    for line, kind, filter, order in (
        ("runs metrics.acc > 1 --sort acc", "table", "metrics.acc > 1", "metrics.`acc` DESC"),
        ("chart loss --runs 'params.a = \"b\"'", "chart", 'params.a = "b"', None),
        ("compare metrics.acc > 1", "compare", "metrics.acc > 1", None),
        ("show name", "card", "attributes.run_name = 'name'", None),
        ("best acc --min", "card", "", "metrics.`acc` ASC"),
    ):
        found = content(kernel.run(f"%mlflow {line}"), kind)
        assert (found["experiment_ids"], found["experiment_name"]) == ([], "of a name")
        assert (found["filter"], found["order_by"]) == (filter, order)
    here = content(kernel.run("%mlflow show"), "card")
    assert here["all_experiments"] is True
    assert "jupyter.notebook_" in here["filter"]
    kernel.run("import os; os.environ.pop('MLFLOW_EXPERIMENT_NAME', None)")


def assert_says_so(kernel: NotebookKernel) -> None:
    for line, kind in LINES.items():
        assert in_time(kernel, line), line
        cell = kernel.run(f"%mlflow {line}")
        found = content(cell, kind)
        assert found["snapshot"] is None, "so that the live view goes on by itself"
        assert "answer" in found["note"]
        assert found["note"] in layers(cell)["text/plain"]


def test_no_server(kernel: NotebookKernel) -> None:
    log_to(kernel, f"http://127.0.0.1:{free_port()}")
    assert_says_so(kernel)
    cell = kernel.run("%%mlflow name\nprint('ran')")
    assert not cell.ok
    assert "ran\n" not in cell.stdout
    assert "does not answer" in cell.reply["evalue"]
    assert "server-unreachable" in layers(kernel.run("%mlflow check"))["text/plain"]
    gone = f"http://127.0.0.1:{free_port()}"
    rows = dict(content(kernel.run(f"%mlflow connect {gone}"), "status")["snapshot"]["rows"])
    assert rows["answers"].startswith("no. ")
    assert gone in rows["logs to"], "it is what the person has chosen, and may come"


def test_a_silent_server_and_one_that_drips(kernel: NotebookKernel, upstream: Upstream) -> None:
    async def drip(exchange: Exchange) -> None:
        await exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        while True:
            await exchange.send(b" ")
            await asyncio.sleep(0.05)

    async def silent(exchange: Exchange) -> None:
        await asyncio.Event().wait()

    log_to(kernel, upstream.url)
    for script in (drip, silent):
        upstream.script = script
        assert in_time(kernel, "runs")
        assert "in time" in content(kernel.run("%mlflow runs"), "table")["note"]
        for line, row, said in (
            ("check", "server-unreachable", "not answered in time"),
            (f"connect {upstream.url}", "answers", "no. The tracking server"),
        ):
            assert in_time(kernel, line), line
            rows = dict(content(kernel.run(f"%mlflow {line}"), "status")["snapshot"]["rows"])
            assert said in rows[row]
            assert upstream.url in rows["logs to"]
    for line in ("%%mlflow name\nprint('ran')", "%mlflow experiment new"):
        kernel.run(line)
    assert kernel.run("%%mlflow name\nprint('ran')").reply["ename"] == "UsageError"
    tab = (
        "get_ipython().complete('', '%mlflow ru', 10)  # what completes is imported first\n"
        "import time; _t = time.monotonic()\n"
        "get_ipython().complete('', '%mlflow chart lo', 16); print(time.monotonic() - _t)"
    )
    assert any(float(kernel.run(tab).stdout) < BUDGET_S - 1.5 for _ in range(4))
    kernel.run("import os; os.environ.pop('MLFLOW_EXPERIMENT_NAME', None)")


@pytest.mark.parametrize("line", [*LINES, "experiment new"])
def test_an_interrupt_ends_what_waits(kernel: NotebookKernel, upstream: Upstream, line: str) -> None:
    """As in any cell, and the next one runs; what was patient for two seconds would have ended well."""
    asked = threading.Event()

    async def silent(exchange: Exchange) -> None:
        asked.set()
        await asyncio.Event().wait()

    upstream.script = silent
    log_to(kernel, upstream.url)
    be_patient(kernel)
    try:
        cell = kernel.send(f"%mlflow {line}")
        assert asked.wait(PATIENCE_S)
        assert kernel.http.post(f"api/kernels/{kernel.id}/interrupt").status_code == 204
        assert kernel.wait(cell).reply["ename"] == "KeyboardInterrupt"
        assert kernel.run("1 + 1").ok
    finally:
        be_patient(kernel, 2.0)
        kernel.run("import os; os.environ.pop('MLFLOW_EXPERIMENT_NAME', None)")


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        ("500 Oops", b"<html>", "MLflow refuses: status 500"),
        ("400 Bad", b'{"error_code": "X", "message": "no [SQL: secret]"}', "MLflow refuses: no"),
        ("401 No", b"who?", "wants a login"),
        ("503 Later", b"", "is not available"),
        ("302 There", b"", "elsewhere"),
        ("200 OK", b"<html>not json", "does not answer as a tracking server"),
        ("200 OK", b"[]", "does not answer as a tracking server"),
    ],
)
def test_what_a_server_may_say(
    kernel: NotebookKernel, upstream: Upstream, status: str, body: bytes, said: str
) -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.answer(body, status=status, Location="http://elsewhere.invalid/")

    upstream.script = script
    log_to(kernel, upstream.url)
    be_patient(kernel)
    cell = kernel.run("%mlflow runs")
    be_patient(kernel, 2.0)
    text = cell.reply["evalue"] if not cell.ok else content(cell, "table")["note"]
    assert said in text
    assert "secret" not in text
    assert "Traceback" not in text


def test_a_server_that_vanishes_in_a_run(
    kernel: NotebookKernel, tmp_path_factory: pytest.TempPathFactory
) -> None:
    server = start_mlflow("oldest", tmp_path_factory.mktemp("vanishing"))
    be_patient(kernel)
    try:
        log_to(kernel, server.url)
        code = (
            "%%mlflow gone\nimport os, signal\n"
            f"os.killpg({server.process.process.pid}, signal.SIGKILL)\nx = 'kept'\nprint('ran')"
        )
        cell = kernel.run(code)
        assert cell.ok, "the cell itself has nothing to do with it"
        assert "ran\n" in cell.stdout
        after = kernel.run("%mlflow end")
        assert "No run is active" in after.reply["evalue"]
        assert content(kernel.run("%mlflow runs"), "table")["snapshot"] is None
        assert kernel.run("print(x)").stdout == "kept\n"
    finally:
        be_patient(kernel, seconds=2.0)
        server.stop()


def test_logins_and_certificates_are_mlflows(
    kernel: NotebookKernel, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("login")
    tls = make_certificates(folder)
    server = start_mlflow("newest", folder, login=True, tls=tls)
    be_patient(kernel)
    try:
        log_to(kernel, server.url)
        assert "certificate" in content(kernel.run("%mlflow runs"), "table")["note"]
        kernel.run(f"os.environ['MLFLOW_TRACKING_SERVER_CERT_PATH'] = {str(tls.ca)!r}")
        assert "wants a login" in kernel.run("%mlflow runs").reply["evalue"]
        login = {"MLFLOW_TRACKING_USERNAME": ADMIN, "MLFLOW_TRACKING_PASSWORD": PASSWORD}
        kernel.run(f"os.environ.update({login!r})")
        cell = kernel.run("%mlflow runs")
        assert content(cell, "table")["note"] == "There are no runs."
        assert PASSWORD not in json.dumps(layers(cell))
        # Going elsewhere leaves the login behind; coming back takes it up again.
        kernel.run(f"%mlflow connect http://127.0.0.1:{free_port()}")
        assert kernel.run("print(os.environ.get('MLFLOW_TRACKING_PASSWORD'))").stdout == "None\n"
        kernel.run(f"%mlflow connect {server.url}")
        assert content(kernel.run("%mlflow runs"), "table")["note"] == "There are no runs."
    finally:
        server.stop()
        be_patient(kernel, seconds=2.0)
        gone = ("SERVER_CERT_PATH", "USERNAME", "PASSWORD")
        kernel.run(f"for name in {gone!r}: os.environ.pop('MLFLOW_TRACKING_' + name, None)")


def test_a_store_is_opened_by_mlflow(jupyter: Jupyter, environments: object) -> None:
    from kernel_under_test import add_kernelspec

    kernel = NotebookKernel(jupyter, "store/store.ipynb")
    try:
        kernel.wait_known()
        code = "%%mlflow mine --param a=1\n%mlflow log-metric acc=1\n%mlflow log-metric acc=2 --step 1\n"
        log_to(kernel, "sqlite:///own.db")
        be_patient(kernel)
        cell = kernel.run(code)
        assert cell.ok, cell
        assert content(kernel.run("%mlflow runs"), "table")["snapshot"]["rows"][0][2] == "mine"
        points = content(kernel.run("%mlflow chart acc"), "chart")["snapshot"]["lines"][0]["points"]
        assert [point[2] for point in points] == [1, 2]
        assert content(kernel.run("%mlflow show mine"), "card")["snapshot"]["status"] == "FINISHED"
        assert_safe(layers(kernel.run("%mlflow models")))
    finally:
        kernel.close()
    bare = environments.kept("ipykernel")  # type: ignore[attr-defined]
    add_kernelspec(jupyter, "bare", bare)
    kernel = NotebookKernel(jupyter, "store/bare.ipynb", kernel="bare")
    try:
        kernel.wait_known()
        refused = kernel.run("%mlflow runs").reply["evalue"]
        assert "no MLflow and no tracking server" in refused
        assert "%mlflow connect" in refused
        log_to(kernel, "sqlite:///own.db")
        assert "only MLflow can open" in kernel.run("%mlflow runs").reply["evalue"]
    finally:
        kernel.close()


def test_importing_it_is_cheap(kernel: NotebookKernel) -> None:
    """Nothing is fetched and MLflow is not imported; 20 ms, the quickest of some times on a busy machine."""
    kernel.run("import os; os.environ.pop('MLFLOW_TRACKING_URI', None)")
    times = [timed(kernel, "") for _ in range(9)]
    assert min(times) < 0.1, times
