"""Two people of a real JupyterHub, behind one shared MLflow with a login."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hub_mlflow import SharedMlflow
from hub_person import Person
from hub_process import PREFIX, HubProcess

VIEW = "run/0123456789ab/runId=0123456789abcdef0123456789abcdef"
SECRET = "p4ss-of-a-server-that-ana-added"  # gitleaks:allow


class Campus(NamedTuple):
    """All that runs: a hub, two people with their own servers, and the MLflow that they share."""

    hub: HubProcess
    mlflow: SharedMlflow
    passwords: dict[str, str]
    ana: Person
    ben: Person


@pytest.fixture(scope="module")
def campus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campus]:
    folder = tmp_path_factory.mktemp("campus")
    mlflow = SharedMlflow(folder / "mlflow")
    passwords = {name: secrets.token_urlsafe(16) for name in ("ana", "ben")}
    people = {
        name: {"MLFLOW_TRACKING_USERNAME": name, "MLFLOW_TRACKING_PASSWORD": password}
        for name, password in passwords.items()
    }
    hub = HubProcess(folder / "hub", people, {"MLFLOW_TRACKING_URI": mlflow.url})
    ana, ben = Person(hub, "ana"), Person(hub, "ben")
    try:
        with ThreadPoolExecutor() as pool:
            shared = pool.submit(mlflow.start)
            hub.start()
            ana.start_server()
            ben.start_server()
            for person in (ana, ben):
                person.sign_in()
                person.open_lab()
            shared.result()
        for name, password in passwords.items():
            mlflow.add_user(name, password)
        yield Campus(hub, mlflow, passwords, ana, ben)
    finally:
        ana.close()
        ben.close()
        hub.stop()
        mlflow.stop()


@pytest.fixture
def hub(campus: Campus) -> HubProcess:
    return campus.hub


@pytest.fixture
def mlflow(campus: Campus) -> SharedMlflow:
    return campus.mlflow


@pytest.fixture
def passwords(campus: Campus) -> dict[str, str]:
    return campus.passwords


@pytest.fixture
def ana(campus: Campus) -> Person:
    return campus.ana


@pytest.fixture
def ben(campus: Campus) -> Person:
    return campus.ben


def shared_server(person: Person) -> str:
    """The id of the MLflow that everybody has from the environment."""
    answer = person.request("GET", "jupyter-mlflow/servers")
    assert answer.status_code == 200, answer.text
    default: str = answer.json()["default"]
    return default


def test_routes_stand_below_the_prefix_of_each_user(hub: HubProcess, ana: Person, ben: Person) -> None:
    for person in (ana, ben):
        status = person.request("GET", "jupyter-mlflow/status").json()
        assert status["hub"] == {"user": person.name, "share_prefix": f"{PREFIX}hub/user-redirect/"}
        # Everybody's loopback is the same here, and a server started there has no login.
        assert status["shared_machine"] is True
        assert status["features"]["local_servers"] is False
        health = person.request("GET", f"jupyter-mlflow/servers/{shared_server(person)}/health").json()
        assert health["state"] == "connected", health
    assert ana.client.get(f"{ana.origin}{PREFIX}jupyter-mlflow/status").status_code == 404
    assert ana.client.get(f"{ana.origin}/jupyter-mlflow/status").status_code == 404


def test_each_reaches_mlflow_as_oneself(ana: Person, ben: Person) -> None:
    server = shared_server(ana)
    created = ana.mlflow(server, "POST", "experiments/create", {"name": "of ana"})
    assert created.status_code == 200, created.text
    experiment = created.json()["experiment_id"]

    seen = ben.mlflow(shared_server(ben), "GET", f"experiments/get?experiment_id={experiment}")
    assert seen.json()["experiment"]["name"] == "of ana"
    refused = ben.mlflow(
        shared_server(ben), "POST", "experiments/update", {"experiment_id": experiment, "new_name": "of ben"}
    )
    assert refused.status_code == 403
    renamed = ana.mlflow(
        server, "POST", "experiments/update", {"experiment_id": experiment, "new_name": "ana's"}
    )
    assert renamed.status_code == 200, renamed.text


def test_nobody_reaches_the_server_of_another(hub: HubProcess, ana: Person, ben: Person) -> None:
    server = shared_server(ana)
    paths = [
        ("GET", "jupyter-mlflow/status", None),
        ("GET", "jupyter-mlflow/servers", None),
        ("POST", "jupyter-mlflow/servers", {"uri": "http://127.0.0.1:9"}),
        ("GET", f"jupyter-mlflow/servers/{server}/health", None),
        ("DELETE", f"jupyter-mlflow/servers/{server}", None),
        (
            "POST",
            f"jupyter-mlflow/servers/{server}/mlflow/ajax-api/2.0/mlflow/runs/search",
            {"experiment_ids": ["0"]},
        ),
    ]
    token = hub.api("POST", "users/ben/tokens").json()["token"]
    with httpx.Client(timeout=30) as stranger:
        for method, path, body in paths:
            by_cookie = ben.request(method, path, body, of="ana")
            # A page's GET is led through the hub's login, which says no; everything else is refused at once.
            assert by_cookie.status_code in {403, 404}, (method, path, by_cookie.status_code)
            by_token = stranger.request(
                method, f"{ana.home}{path}", json=body, headers={"Authorization": f"token {token}"}
            )
            assert by_token.status_code == 403, (method, path)
            signed_out = stranger.request(method, f"{ana.home}{path}", json=body)
            assert signed_out.status_code in {302, 403}, (method, path)
            for answer in (by_cookie, by_token, signed_out):
                assert "127.0.0.1:9" not in answer.text
                assert '"servers"' not in answer.text


def test_added_servers_and_their_logins_stay_with_whoever_added_them(
    hub: HubProcess, ana: Person, ben: Person, mlflow: SharedMlflow
) -> None:
    added = ana.request(
        "POST",
        "jupyter-mlflow/servers",
        {
            "name": "private",
            "uri": f"{mlflow.url}/private",
            "auth": {"kind": "basic", "username": "ana", "password": SECRET},
        },
    )
    assert added.status_code == 201, added.text
    id = added.json()["id"]
    try:
        assert id in {
            server["id"] for server in ana.request("GET", "jupyter-mlflow/servers").json()["servers"]
        }
        listed = ben.request("GET", "jupyter-mlflow/servers")
        assert id not in {server["id"] for server in listed.json()["servers"]}
        assert ben.mlflow(id, "GET", "experiments/search?max_results=1").status_code == 404
        assert ben.request("GET", f"jupyter-mlflow/servers/{id}/health").status_code == 404
        homes = {
            path.relative_to(hub.folder / "home").parts[0]
            for path in (hub.folder / "home").rglob("*")
            if path.is_file() and SECRET.encode() in path.read_bytes()
        }
        assert homes == {"ana"}
    finally:
        assert ana.request("DELETE", f"jupyter-mlflow/servers/{id}").status_code == 204


def test_credentials_are_in_no_answer_and_no_log(
    hub: HubProcess, ana: Person, ben: Person, passwords: dict[str, str]
) -> None:
    answers = []
    for person in (ana, ben):
        server = shared_server(person)
        for path in ("status", "servers", "servers?discover=1", f"servers/{server}/health", "environments"):
            answers.append(person.request("GET", f"jupyter-mlflow/{path}"))
        answers.append(person.mlflow(server, "GET", "experiments/search?max_results=10"))
        answers.append(person.mlflow(server, "GET", "experiments/get?experiment_id=987654"))
        answers.append(person.request("GET", f"jupyter-mlflow/servers/{server}/mlflow/not/allowed"))
        answers.append(person.client.get(f"{person.home}lab"))
    written = "\n".join(f"{answer.headers}\n{answer.text}" for answer in answers) + hub.log_text()
    for secret in (*passwords.values(), SECRET):
        assert secret not in written


@pytest.mark.parametrize("signed_in", [True, False])
def test_a_shared_link_leads_to_ones_own_server(hub: HubProcess, ben: Person, signed_in: bool) -> None:
    link = f"{hub.url}hub/user-redirect/lab?mlflow-view={VIEW}"
    if signed_in:
        landed = ben.client.get(link)
    else:
        visitor = Person(hub, "ben")
        asked = visitor.client.get(link)
        assert urlsplit(str(asked.url)).path == f"{PREFIX}hub/login"
        landed = visitor.sign_in(parse_qs(urlsplit(str(asked.url)).query)["next"][0])
        visitor.close()
    assert landed.status_code == 200, landed.text
    parts = urlsplit(str(landed.url))
    assert parts.path == f"{PREFIX}user/ben/lab"
    assert parse_qs(parts.query)["mlflow-view"] == [VIEW]


def test_polls_do_not_count_as_activity_and_writing_does(ana: Person) -> None:
    server = shared_server(ana)
    before = ana.last_activity()
    for _ in range(3):
        assert ana.request("GET", "jupyter-mlflow/servers").status_code == 200
        assert ana.request("GET", f"jupyter-mlflow/servers/{server}/health").status_code == 200
        found = ana.mlflow(server, "POST", "runs/search", {"experiment_ids": ["0"], "max_results": 5})
        assert found.status_code == 200, found.text
    assert ana.last_activity() == before

    created = ana.mlflow(server, "POST", "experiments/create", {"name": "something that a person does"})
    assert created.status_code == 200, created.text
    assert ana.last_activity() > before


def test_the_extension_asks_nothing_by_itself(hub: HubProcess, ana: Person, mlflow: SharedMlflow) -> None:
    """Nobody looks: neither the proxy nor the hub hears of us."""
    ana.request("GET", f"jupyter-mlflow/servers/{shared_server(ana)}/health")
    route = hub.proxied_activity("ana")
    assert route is not None
    own = lines_about_us(hub, rounds=40)
    assert own == []
    assert hub.proxied_activity("ana") == route


def lines_about_us(hub: HubProcess, rounds: int) -> list[str]:
    """What the servers logged about our routes while the hub answered `rounds` requests."""
    begin = len(hub.log_text())
    for _ in range(rounds):
        assert hub.api("GET", "users/ana").status_code == 200
    return [line for line in hub.log_text()[begin:].splitlines() if "jupyter-mlflow/" in line]


def test_the_log_file_is_that_of_real_servers(hub: HubProcess, ana: Person, ben: Person) -> None:
    """What the secrecy test reads is really written: both servers log there."""
    text = hub.log_text()
    assert text.count("jupyter_mlflow | extension was successfully loaded") >= 2
