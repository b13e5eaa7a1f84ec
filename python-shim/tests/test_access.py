"""Ways to reach a server: providers of tokens, client certificates, proxies, workspaces."""

from __future__ import annotations

import ssl
from collections.abc import Callable

import pytest
from jupyter_under_test import Jupyter
from upstream import Exchange, Upstream

from servers import (
    Certificates,
    make_certificates,
)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A CA of our own."""
    return make_certificates(tmp_path_factory.mktemp("tls"))


def default(jupyter: Jupyter) -> str:
    found: str = jupyter.client.get("servers").json()["default"]
    return found


def test_a_configured_server_gets_the_credentials_of_the_environment(
    start_jupyter: Callable[..., Jupyter], upstream: Upstream
) -> None:
    jupyter = start_jupyter(
        config=f"c.JupyterMlflow.servers = [{{'uri': '{upstream.url}', 'name': 'Team'}}]\n",
        env={"MLFLOW_TRACKING_TOKEN": "team-token"},
    )
    id = default(jupyter)
    assert jupyter.search_experiments(id).status_code == 200
    assert upstream.exchanges[0].header("Authorization") == "Bearer team-token"
    assert "team-token" not in jupyter.log
    listed = jupyter.client.get("servers").json()["servers"][0]
    assert (listed["name"], listed["origin"], listed["removable"]) == ("Team", "config", False)


def test_a_client_certificate(start_jupyter: Callable[..., Jupyter], certificates: Certificates) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.certificate, certificates.key)
    context.load_verify_locations(certificates.ca)
    context.verify_mode = ssl.CERT_REQUIRED
    upstream = Upstream(context)
    try:
        environ = {"MLFLOW_TRACKING_URI": upstream.url, "REQUESTS_CA_BUNDLE": str(certificates.ca)}
        with_it = start_jupyter(env=environ | {"MLFLOW_TRACKING_CLIENT_CERT_PATH": str(certificates.client)})
        assert with_it.health(default(with_it))["state"] == "connected"
        elsewhere = with_it.add(upstream.url.replace("127.0.0.1", "localhost"))
        assert with_it.health(elsewhere)["state"] == "failed", "it is shown to nobody else"
        without = start_jupyter(env=environ)
        assert without.health(default(without))["state"] == "failed"
        missing = start_jupyter(env=environ | {"MLFLOW_TRACKING_CLIENT_CERT_PATH": "/no/such.pem"})
        assert missing.health(default(missing))["problem"]["code"] == "upstream-tls"
    finally:
        upstream.close()


def test_a_proxy_of_the_environment(start_jupyter: Callable[..., Jupyter], upstream: Upstream) -> None:
    jupyter = start_jupyter(
        env={"HTTP_PROXY": upstream.url.replace("://", "://user:proxy-secret@"), "NO_PROXY": "direct.invalid"}
    )
    id = jupyter.add("http://team.invalid/mlflow", auth={"kind": "token", "token": "t"})
    assert jupyter.search_experiments(id).status_code == 200
    assert upstream.exchanges[0].target == "http://team.invalid/mlflow/ajax-api/2.0/mlflow/experiments/search"
    assert upstream.exchanges[0].header("Host") == "team.invalid"
    assert "no machine has this name" in jupyter.search_experiments(jupyter.add("http://direct.invalid")).text
    # Loopback is asked directly, whatever the environment says.
    assert jupyter.search_experiments(jupyter.add(upstream.url)).status_code == 200
    assert upstream.exchanges[-1].target == "/ajax-api/2.0/mlflow/experiments/search"
    assert "proxy-secret" not in jupyter.log


def test_a_token_that_expires_is_fetched_anew(
    start_jupyter: Callable[..., Jupyter], upstream: Upstream
) -> None:
    valid = {"token": "first"}

    async def check(exchange: Exchange) -> None:
        if exchange.header("Authorization") == f"Bearer {valid['token']}":
            await exchange.answer(b'{"experiments": []}')
        else:
            await exchange.answer(b"expired", "401 Unauthorized", "text/plain")

    upstream.script = check
    jupyter = start_jupyter(
        config=f"""
given = []
async def provide(url):
    given.append(url)
    return {{"Authorization": "Bearer " + ["first", "second-secret", "third"][len(given) - 1]}}
c.JupyterMlflow.auth_provider = provide
c.JupyterMlflow.servers = [{{'uri': '{upstream.url}'}}]
"""
    )
    id = default(jupyter)
    assert jupyter.search_experiments(id).status_code == 200
    assert jupyter.search_experiments(id).status_code == 200
    assert len(upstream.exchanges) == 2, "a token is kept while it is good"
    valid["token"] = "second-secret"
    assert jupyter.search_experiments(id).status_code == 200
    assert len(upstream.exchanges) == 4, "one refusal, one more try"
    valid["token"] = "none"
    assert jupyter.search_experiments(id).status_code == 401
    assert len(upstream.exchanges) == 6, "no endless asking"
    assert "second-secret" not in jupyter.log


def test_an_auth_provider_that_fails_is_named_without_its_secret(
    start_jupyter: Callable[..., Jupyter], upstream: Upstream
) -> None:
    jupyter = start_jupyter(
        config=f"""
def provide(url):
    raise RuntimeError("refused for secret-of-provider")
c.JupyterMlflow.auth_provider = provide
c.JupyterMlflow.servers = [{{'uri': '{upstream.url}'}}]
"""
    )
    answer = jupyter.search_experiments(default(jupyter))
    assert answer.json()["error"]["code"] == "auth-provider-failed"
    assert "secret-of-provider" not in answer.text + jupyter.log
    assert upstream.exchanges == []


def test_workspaces_are_named_only_where_there_are_some(jupyter: Jupyter, upstream: Upstream) -> None:
    enabled = b"true"

    async def serve(exchange: Exchange) -> None:
        if exchange.path.endswith("server-info"):
            await exchange.answer(b'{"workspaces_enabled": ' + enabled + b"}")
        else:
            await exchange.answer(b'{"experiments": []}')

    upstream.script = serve
    id = jupyter.add(upstream.url, workspace="team-a")
    assert jupyter.search_experiments(id).status_code == 200
    info, search = upstream.exchanges
    assert info.header("X-MLFLOW-WORKSPACE") is None
    assert search.header("X-MLFLOW-WORKSPACE") == "team-a"
    assert jupyter.add(upstream.url) != id, "the same address without a workspace is another server"
    enabled = b"false"
    other = jupyter.add(upstream.url, workspace="team-b")
    answer = jupyter.search_experiments(other)
    assert answer.json()["error"]["code"] == "workspaces-off"
    assert jupyter.health(other)["problem"]["code"] == "workspaces-off"
