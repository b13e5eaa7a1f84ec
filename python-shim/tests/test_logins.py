"""Real tracking servers behind logins, prefixes, TLS and S3; credentials that go nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from jupyter_under_test import Jupyter
from upstream import Exchange, Upstream

from servers import (
    ADMIN,
    NEWEST,
    OLDEST,
    PASSWORD,
    Certificates,
    MlflowServer,
    make_certificates,
    run_python,
    s3,
    start_mlflow,
)

ARTIFACTS = "ajax-api/2.0/mlflow-artifacts/artifacts/"
PREFIX = "/deep/mlflow"
VERSIONS = pytest.mark.parametrize("version", [NEWEST, OLDEST])
EXPECTED = {OLDEST: "2.3.2"}


@pytest.fixture(scope="module")
def login_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], MlflowServer]]:
    """MLflow with a login, one for each version, also below a prefix: a company's server."""
    running: dict[str, MlflowServer] = {}

    def get(version: str) -> MlflowServer:
        if version not in running:
            folder = tmp_path_factory.mktemp(f"login-{version}")
            running[version] = start_mlflow(version, folder, login=True, prefix="/mlflow")
        return running[version]

    yield get
    for each in running.values():
        each.stop()


@pytest.fixture(scope="module")
def logged_in(
    tmp_path_factory: pytest.TempPathFactory, login_servers: Callable[[str], MlflowServer]
) -> Iterator[Callable[[str], Jupyter]]:
    """A Jupyter server whose environment has the login of that MLflow."""
    running: dict[str, Jupyter] = {}

    def get(version: str) -> Jupyter:
        if version not in running:
            running[version] = Jupyter(
                tmp_path_factory.mktemp(f"logged-in-{version}"),
                env={
                    "MLFLOW_TRACKING_URI": login_servers(version).url,
                    "MLFLOW_TRACKING_USERNAME": ADMIN,
                    "MLFLOW_TRACKING_PASSWORD": PASSWORD,
                },
            )
        return running[version]

    yield get
    for each in running.values():
        each.stop()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A CA of our own."""
    return make_certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def tls_servers(
    tmp_path_factory: pytest.TempPathFactory, certificates: Certificates
) -> Iterator[Callable[[str], MlflowServer]]:
    """MLflow over https, with a certificate of our own CA, below a prefix: each start takes a while."""
    running: dict[str, MlflowServer] = {}

    def get(version: str) -> MlflowServer:
        if version not in running:
            running[version] = start_mlflow(
                version, tmp_path_factory.mktemp(f"tls-{version}"), tls=certificates, prefix=PREFIX
            )
        return running[version]

    yield get
    for each in running.values():
        each.stop()


def default(jupyter: Jupyter) -> str:
    found: str = jupyter.client.get("servers").json()["default"]
    return found


def works(jupyter: Jupyter, id: str, version: str) -> None:
    """Reads, writes and files pass, and the health says so."""
    health = jupyter.health(id)
    assert health["state"] == "connected", health
    if version in EXPECTED:
        assert health["version"] == EXPECTED[version]
    assert health["version"].split(".")[0].isdigit()
    assert 0 < health["latency_ms"] < 20_000
    answer = jupyter.search_experiments(id)
    assert answer.json()["experiments"], answer.text
    path = jupyter.path(id, ARTIFACTS + "notes/a.txt")
    assert jupyter.client.put(path, content=b"hello").status_code == 200
    assert jupyter.client.get(path).content == b"hello"


@VERSIONS
def test_a_login_from_the_environment(logged_in: Callable[[str], Jupyter], version: str) -> None:
    jupyter = logged_in(version)
    id = default(jupyter)
    works(jupyter, id, version)
    shown = jupyter.client.get("servers").text + jupyter.search_experiments(id).text + jupyter.log
    assert PASSWORD not in shown


@VERSIONS
def test_a_login_from_the_credentials_file(
    start_jupyter: Callable[..., Jupyter],
    login_servers: Callable[[str], MlflowServer],
    version: str,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "jupyter-0" / "home" / ".mlflow"
    folder.mkdir(parents=True)
    (folder / "credentials").write_text(
        f"[mlflow]\nmlflow_tracking_username = {ADMIN}\nmlflow_tracking_password = {PASSWORD}\n"
    )
    jupyter = start_jupyter(env={"MLFLOW_TRACKING_URI": login_servers(version).url})
    works(jupyter, default(jupyter), version)


@VERSIONS
def test_a_login_in_the_address_and_one_that_a_person_gives(
    start_jupyter: Callable[..., Jupyter], login_servers: Callable[[str], MlflowServer], version: str
) -> None:
    server = login_servers(version)
    jupyter = start_jupyter(env={"MLFLOW_TRACKING_URI": server.url.replace("://", f"://{ADMIN}:{PASSWORD}@")})
    works(jupyter, default(jupyter), version)
    listed = jupyter.client.get("servers").json()["servers"][0]
    assert listed["uri"] == server.url
    assert listed["page"] == server.url + "/"
    # The same server by another name is a server that a person adds: with their own login, or none.
    other = server.url.replace("127.0.0.1", "localhost")
    id = jupyter.add(other)
    health = jupyter.health(id)
    assert health["state"] == "signed-out"
    assert health["problem"]["code"] == "upstream-unauthenticated"
    assert jupyter.search_experiments(id).status_code == 401
    assert jupyter.client.delete(f"servers/{id}").status_code == 204
    id = jupyter.add(other, auth={"kind": "basic", "username": ADMIN, "password": PASSWORD})
    works(jupyter, id, version)
    assert jupyter.client.delete(f"servers/{id}").status_code == 204
    id = jupyter.add(other, auth={"kind": "basic", "username": ADMIN, "password": "wrong-" + PASSWORD})
    health = jupyter.health(id)
    assert health["state"] == "signed-out"
    assert "refuses the login" in health["problem"]["message"]
    kept = jupyter.state_dir / "servers.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert PASSWORD not in jupyter.log + jupyter.client.get("servers").text


@VERSIONS
def test_credentials_of_the_environment_go_to_nobody_else(
    logged_in: Callable[[str], Jupyter],
    login_servers: Callable[[str], MlflowServer],
    upstream: Upstream,
    version: str,
) -> None:
    server = login_servers(version)
    jupyter = logged_in(version)
    id = jupyter.add(upstream.url)
    assert jupyter.search_experiments(id).status_code == 200
    assert jupyter.health(id)["state"] == "connected"
    assert all(each.header("Authorization") is None for each in upstream.state.exchanges)

    async def redirect(exchange: Exchange) -> None:
        await exchange.answer(b"", "307 Temporary Redirect", Location=server.url + "/version")

    upstream.script = redirect
    assert jupyter.search_experiments(id).status_code == 502


@VERSIONS
def test_a_prefix_without_a_login(
    jupyter: Jupyter,
    tls_servers: Callable[[str], MlflowServer],
    certificates: Certificates,
    version: str,
) -> None:
    server = tls_servers(version)
    id = jupyter.add(server.url + "/", ca=str(certificates.ca))
    works(jupyter, id, version)
    # Other tests add it as one that is not known yet.
    assert jupyter.client.delete(f"servers/{id}").status_code == 204
    bare = jupyter.health(jupyter.add(server.url.removesuffix(PREFIX), ca=str(certificates.ca)))
    assert bare["state"] == "failed"
    assert bare["problem"]["code"] == "not-mlflow"
    assert "path" in bare["problem"]["hint"]


@VERSIONS
def test_tls_with_a_ca_of_ones_own(
    jupyter: Jupyter,
    tls_servers: Callable[[str], MlflowServer],
    certificates: Certificates,
    version: str,
) -> None:
    server = tls_servers(version)
    untrusted = jupyter.add(server.url)
    answer = jupyter.search_experiments(untrusted)
    assert answer.status_code == 502
    assert answer.json()["error"]["code"] == "upstream-tls"
    assert "certificate" in answer.json()["error"]["message"]
    assert jupyter.health(untrusted)["problem"]["code"] == "upstream-tls"
    works(
        jupyter, jupyter.add(server.url.replace("127.0.0.1", "localhost"), ca=str(certificates.ca)), version
    )
    plain = jupyter.add(server.url.replace("https://", "http://"))
    assert jupyter.health(plain)["state"] == "failed"


@pytest.mark.parametrize(
    "variable", ["REQUESTS_CA_BUNDLE", "MLFLOW_TRACKING_SERVER_CERT_PATH", "MLFLOW_TRACKING_INSECURE_TLS"]
)
def test_tls_by_the_environment(
    start_jupyter: Callable[..., Jupyter],
    tls_servers: Callable[[str], MlflowServer],
    certificates: Certificates,
    variable: str,
) -> None:
    server = tls_servers(NEWEST)
    value = "true" if variable.endswith("TLS") else str(certificates.ca)
    jupyter = start_jupyter(env={"MLFLOW_TRACKING_URI": server.url, variable: value})
    works(jupyter, default(jupyter), NEWEST)
    elsewhere = jupyter.add(server.url.replace("127.0.0.1", "localhost"))
    trusted = jupyter.health(elsewhere)["state"] == "connected"
    # A bundle for all of `requests` is meant for all; what MLflow's variables say is meant for that server.
    assert trusted == (variable == "REQUESTS_CA_BUNDLE")


@pytest.mark.parametrize("proxied", [True, False])
def test_artifacts_in_s3(jupyter: Jupyter, tmp_path: Path, proxied: bool) -> None:
    with s3(tmp_path) as variables:
        options = (
            ("--artifacts-destination", "s3://mlflow/a")
            if proxied
            else ("--default-artifact-root", "s3://mlflow/b", "--no-serve-artifacts")
        )
        server = start_mlflow(NEWEST, tmp_path / "mlflow", options=options, env=variables)
        try:
            run = run_python(
                NEWEST,
                "import mlflow\n"
                "with mlflow.start_run() as run:\n"
                "    mlflow.log_text('hello from s3', 'folder/note.txt')\n"
                "print(run.info.run_id)",
                MLFLOW_TRACKING_URI=server.url,
                **({} if proxied else variables),
            ).splitlines()[-1]
            id = jupyter.add(server.url)
            listed = jupyter.client.get(
                jupyter.path(id, "ajax-api/2.0/mlflow/artifacts/list", run_id=run, path="folder")
            )
            assert [file["path"] for file in listed.json()["files"]] == ["folder/note.txt"]
            content = jupyter.client.get(jupyter.path(id, "get-artifact", run_id=run, path="folder/note.txt"))
            assert content.content == b"hello from s3"
            direct = jupyter.client.put(jupyter.path(id, ARTIFACTS + "x.txt"), content=b"x")
            assert direct.status_code == (200 if proxied else 503)
        finally:
            server.stop()
