"""What a kernel is told to do: log to a server, with a login or without, and options for the runs to come."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from environment_factory import EnvironmentFactory
from jupyter_under_test import Jupyter
from kernel_under_test import NotebookKernel, add_kernelspec
from processes_under_test import wait_until
from upstream import Upstream

from servers import mlflow_python

TEAM, ANN, BOB = "secret-of-the-team", "secret-of-ann", "secret-of-bob"
SECRETS = (TEAM, ANN, BOB)
#: What a kernel logs with, as its own process has it.
SHOW = (
    "import os; print({name: os.environ.get('MLFLOW_TRACKING_' + name)"
    " for name in ('URI', 'USERNAME', 'PASSWORD', 'TOKEN')})"
)

#: Whoever is named in a file of Jupyter's folder may not do these.
AUTHORIZER = """
import os
from jupyter_server.auth import AllowAllAuthorizer
class Listed(AllowAllAuthorizer):
    def is_authorized(self, handler, user, action, resource):
        denied = open('denied').read().split() if os.path.exists('denied') else []
        return f"{action}:{resource}" not in denied
c.ServerApp.authorizer_class = Listed
"""


@pytest.fixture(scope="module")
def team() -> Iterator[Upstream]:
    """The server that Jupyter's own environment names, with its login."""
    running = Upstream()
    yield running
    running.close()


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory, team: Upstream) -> Iterator[Jupyter]:
    """Its kernels have that login before anybody asks."""
    running = Jupyter(
        tmp_path_factory.mktemp("orders"),
        config=AUTHORIZER,
        env={
            "MLFLOW_TRACKING_URI": team.url,
            "MLFLOW_TRACKING_USERNAME": "team",
            "MLFLOW_TRACKING_PASSWORD": TEAM,
        },
    )
    for version in ("newest", "oldest"):
        add_kernelspec(running, version, mlflow_python(version))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def team_id(jupyter: Jupyter) -> str:
    """Of the server that the environment names."""
    found: str = jupyter.client.get("servers").json()["default"]
    return found


@pytest.fixture(scope="module")
def ann_id(jupyter: Jupyter) -> str:
    """A server with a login that a person gave."""
    return jupyter.add(
        "http://ann.invalid/mlflow", auth={"kind": "basic", "username": "ann", "password": ANN}
    )


@pytest.fixture(scope="module")
def kernel(jupyter: Jupyter) -> Iterator[NotebookKernel]:
    """The tests share it, in their order; MLflow is not imported in it at first."""
    opened = NotebookKernel(jupyter, "orders/notebook.ipynb", kernel="newest")
    try:
        opened.wait_known()
        yield opened
    finally:
        opened.close()


def tell(kernel: NotebookKernel, what: str, body: Any) -> httpx.Response:
    return kernel.jupyter.client.post(f"kernels/{kernel.id}/{what}", json=body)


def told(kernel: NotebookKernel, what: str, body: Any) -> dict[str, Any]:
    """Tell it something that it does, and what it says then."""
    answer = tell(kernel, what, body)
    assert answer.status_code == 200, answer.text
    assert not any(secret in answer.text for secret in SECRETS)
    facts: dict[str, Any] = answer.json()["facts"]
    return facts


def has(kernel: NotebookKernel) -> dict[str, str | None]:
    """Address and login in the kernel's process."""
    found: dict[str, str | None] = ast.literal_eval(kernel.run(SHOW).stdout)
    return found


def keeps_quiet(kernel: NotebookKernel) -> None:
    """No secret stands in the log, a report or the files of the kernel's notebook."""
    text = kernel.jupyter.log + json.dumps(kernel.report()) + json.dumps(kernel.probe())
    for file in (kernel.jupyter.root / "orders").rglob("*"):
        text += file.read_text(errors="replace") if file.is_file() else ""
    assert not any(secret in text for secret in SECRETS)


def test_without_consent_a_kernel_gets_an_address_alone(
    kernel: NotebookKernel, team: Upstream, team_id: str, ann_id: str
) -> None:
    assert has(kernel)["PASSWORD"] == TEAM, "Jupyter's own environment gave it"
    where = told(kernel, "tracking", {"server_id": ann_id})["tracking"]
    assert where == {
        "uri": "http://ann.invalid/mlflow",
        "source": "us",
        "place": "http://ann.invalid/mlflow",
        "has_credentials": False,
    }
    expected = {"URI": "http://ann.invalid/mlflow", "USERNAME": None, "PASSWORD": None, "TOKEN": None}
    assert has(kernel) == expected, "nor does the login of another server go there"
    # Back at its own server it has its own login again.
    where = told(kernel, "tracking", {"server_id": team_id})["tracking"]
    assert (where["uri"], where["has_credentials"]) == (team.url, True)
    assert has(kernel) == {"URI": team.url, "USERNAME": "team", "PASSWORD": TEAM, "TOKEN": None}
    keeps_quiet(kernel)


def test_with_consent_it_gets_the_login(kernel: NotebookKernel, ann_id: str) -> None:
    where = told(kernel, "tracking", {"server_id": ann_id, "credentials": True})["tracking"]
    assert (where["uri"], where["has_credentials"]) == ("http://ann.invalid/mlflow", True)
    assert has(kernel) == {
        "URI": "http://ann.invalid/mlflow",
        "USERNAME": "ann",
        "PASSWORD": ANN,
        "TOKEN": None,
    }
    # Anything but true is no consent.
    for word in ("yes", 1, [True], None):
        told(kernel, "tracking", {"server_id": ann_id, "credentials": word})
        assert has(kernel)["PASSWORD"] is None, word
    keeps_quiet(kernel)


def test_a_login_within_an_address_stays_behind(kernel: NotebookKernel, jupyter: Jupyter) -> None:
    id = jupyter.add(f"http://bob:{BOB}@bob.invalid/mlflow")
    where = told(kernel, "tracking", {"server_id": id})["tracking"]
    assert where["uri"] == "http://bob.invalid/mlflow"
    assert has(kernel) == {
        "URI": "http://bob.invalid/mlflow",
        "USERNAME": None,
        "PASSWORD": None,
        "TOKEN": None,
    }
    keeps_quiet(kernel)


def test_the_persons_own_call_is_told_apart(kernel: NotebookKernel, ann_id: str) -> None:
    """MLflow is imported: it follows us, then the person, and us again when we are asked to."""
    assert kernel.run("import mlflow").ok
    told(kernel, "tracking", {"server_id": ann_id})
    assert kernel.run("print(mlflow.get_tracking_uri())").stdout == "http://ann.invalid/mlflow\n"
    assert kernel.run("mlflow.set_tracking_uri('http://own.invalid')").ok
    where = kernel.probe()["facts"]["tracking"]
    assert (where["uri"], where["source"]) == ("http://own.invalid", "call")
    told(kernel, "tracking", {"server_id": ann_id})
    assert kernel.run("print(mlflow.get_tracking_uri())").stdout == "http://ann.invalid/mlflow\n"


@pytest.mark.parametrize("version", ["newest", "oldest"])
def test_options(jupyter: Jupyter, version: str) -> None:
    kernel = NotebookKernel(jupyter, f"orders/{version}.ipynb", kernel=version)
    try:
        facts = kernel.wait_known()["facts"]
        assert (facts["autolog"], facts["system_metrics"]) == (None, None)
        facts = told(kernel, "options", {"experiment": "  Träume vom Mars ", "system_metrics": True})
        assert facts["experiment"] == {"name": "Träume vom Mars", "id": None, "source": "us"}
        assert facts["system_metrics"] is True
        facts = told(kernel, "options", {"system_metrics": False, "autolog": True})
        assert (facts["system_metrics"], facts["autolog"]) == (False, True)
        assert facts["mlflow"]["imported"] is not None, "it was asked for"
        assert told(kernel, "options", {"autolog": False})["autolog"] is False
        # The person's own choice is told apart, and ours counts again when it is made anew.
        chosen = kernel.run(
            f"import os, mlflow; mlflow.set_tracking_uri('sqlite:///{version}.db')\n"
            "print(mlflow.set_experiment('own').experiment_id)"
        )
        assert chosen.ok, chosen
        facts = kernel.probe()["facts"]
        assert (facts["experiment"]["id"], facts["experiment"]["source"]) == (
            chosen.stdout.split()[-1],
            "call",
        )
        told(kernel, "options", {"experiment": "ours"})
        name = kernel.run(
            "with mlflow.start_run() as run: pass\nprint(mlflow.get_experiment(run.info.experiment_id).name)"
        )
        assert name.stdout.split()[-1] == "ours", name
        answer = tell(kernel, "options", {"experiment": "x", "autolog": True, "other": 1})
        assert answer.status_code == 400
        assert kernel.probe()["facts"]["experiment"]["name"] == "ours", "all or nothing"
    finally:
        kernel.close()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid-request"),
        ([], "invalid-request"),
        ({"autolog": "yes"}, "invalid-request"),
        ({"autolog": 1}, "invalid-request"),
        ({"system_metrics": None}, "invalid-request"),
        ({"experiment": 7}, "invalid-request"),
        ({"experiment": " "}, "invalid-name"),
        ({"experiment": "a\nb"}, "invalid-name"),
        ({"experiment": "x" * 501}, "invalid-name"),
    ],
    ids=str,
)
def test_options_are_checked(kernel: NotebookKernel, body: Any, code: str) -> None:
    answer = tell(kernel, "options", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_servers_are_checked(kernel: NotebookKernel, jupyter: Jupyter) -> None:
    before = has(kernel)
    for body, status, code in (
        ({}, 400, "invalid-request"),
        ([], 400, "invalid-request"),
        ({"server_id": 7}, 400, "invalid-request"),
        ({"server_id": "0123456789ab"}, 404, "unknown-server"),
        ({"server_id": "http://evil.invalid"}, 404, "unknown-server"),
    ):
        answer = tell(kernel, "tracking", body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), body
    answer = jupyter.client.post(f"kernels/{kernel.id}/tracking", content=b"{")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid-json")
    stopped = jupyter.add("sqlite:///never-started.db")
    answer = tell(kernel, "tracking", {"server_id": stopped})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "server-stopped")
    for what in ("tracking", "options", "probe"):
        answer = jupyter.client.post(f"kernels/no-such-kernel/{what}", json={"server_id": stopped})
        assert answer.status_code in (400, 404)
    assert has(kernel) == before


def test_a_busy_kernel_does_all_that_it_was_told_when_it_is_free(
    kernel: NotebookKernel, team: Upstream, team_id: str, tmp_path: Path
) -> None:
    began, gate = tmp_path / "began", tmp_path / "go"
    running = kernel.send(
        f"import os, time\nopen({str(began)!r}, 'w').close()\n"
        f"while not os.path.exists({str(gate)!r}): time.sleep(0.02)"
    )
    wait_until(began.exists, "the cell runs")
    orders = [
        ("tracking", {"server_id": team_id}),
        ("options", {"experiment": "later"}),
        ("options", {"system_metrics": True}),
    ]
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda order: tell(kernel, *order), orders))
    for answer in answers:
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "kernel-busy")
    gate.touch()
    assert kernel.wait(running).ok

    def is_done() -> bool:
        facts = kernel.report()["facts"]
        return (facts["tracking"]["uri"], facts["experiment"]["name"], facts["system_metrics"]) == (
            team.url,
            "later",
            True,
        )

    wait_until(is_done, "all of it is done")


def test_orders_at_the_same_time_are_all_done(kernel: NotebookKernel, ann_id: str) -> None:
    """Whoever is told that it is done finds it done."""
    orders = [
        ("tracking", {"server_id": ann_id}),
        ("options", {"experiment": "now"}),
        ("options", {"system_metrics": False}),
        ("probe", {}),
    ]
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda order: tell(kernel, *order), orders))
    assert [answer.status_code for answer in answers] == [200] * 4
    where, experiment, metrics, _ = (answer.json()["facts"] for answer in answers)
    assert where["tracking"]["uri"] == "http://ann.invalid/mlflow"
    assert experiment["experiment"]["name"] == "now"
    assert metrics["system_metrics"] is False


def test_what_the_kernel_cannot_do_is_refused_without_its_words(
    jupyter: Jupyter, environments: EnvironmentFactory
) -> None:
    """Autologging imports MLflow, which another file hides: what that raises is the person's."""
    add_kernelspec(jupyter, "without", environments.kept("ipykernel"))
    kernel = NotebookKernel(jupyter, "refused/notebook.ipynb", kernel="without")
    try:
        kernel.wait_known()
        (jupyter.root / "refused" / "mlflow.py").write_text(f"raise RuntimeError({BOB!r})")
        answer = tell(kernel, "options", {"autolog": True})
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "kernel-refused")
        assert BOB not in answer.text
        assert kernel.run("1 + 1").ok
        assert kernel.probe()["state"] == "known"
    finally:
        kernel.close()


def test_a_kernel_of_another_language_is_told_nothing(jupyter: Jupyter, team_id: str) -> None:
    argv = [mlflow_python("newest"), "-m", "bash_kernel", "-f", "{connection_file}"]
    add_kernelspec(jupyter, "bash", mlflow_python("newest"), language="bash", argv=argv)
    kernel = NotebookKernel(jupyter, "orders/shell.ipynb", kernel="bash")
    try:
        for what, body in (("tracking", {"server_id": team_id}), ("options", {"autolog": True})):
            answer = tell(kernel, what, body)
            assert (answer.status_code, answer.json()["error"]["code"]) == (409, "kernel-out-of-reach")
    finally:
        kernel.close()


def test_whoever_may_not_run_code_may_not_have_kernels_changed(
    kernel: NotebookKernel, jupyter: Jupyter, team_id: str
) -> None:
    orders: list[tuple[str, Any]] = [
        ("probe", {}),
        ("tracking", {"server_id": team_id, "credentials": True}),
        ("options", {"system_metrics": True}),
    ]
    before = has(kernel)
    denied = jupyter.root / "denied"
    try:
        for rule in ("execute:kernels", "write:mlflow"):
            denied.write_text(rule)
            for what, body in orders:
                answer = tell(kernel, what, body)
                assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden"), (
                    rule,
                    what,
                )
            assert jupyter.client.get(f"kernels/{kernel.id}").status_code == 200
            # Nor code beside them: a package that is installed may bring any.
            job = {"kind": "install", "kernel_id": kernel.id, "packages": ["pandas"]}
            assert jupyter.client.post("jobs", json=job).status_code == 403, rule
            assert jupyter.client.delete(f"jobs/{'0' * 16}").status_code == 403, rule
        denied.write_text("execute:kernels")
        assert jupyter.client.get("environments", params={"fresh": "1"}).status_code == 403
        denied.write_text("read:mlflow")
        assert jupyter.client.get(f"kernels/{kernel.id}").status_code == 403
    finally:
        denied.unlink()
    assert has(kernel) == before
    assert kernel.probe()["facts"]["system_metrics"] is False
