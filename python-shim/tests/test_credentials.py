"""Credentials as MLflow's Python client finds them, for those they belong to."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyter_mlflow.server.forwarding.connections import proxy_for
from jupyter_mlflow.server.forwarding.credentials import Auth, access_for, read_environment
from jupyter_mlflow.server.problems import Problem
from jupyter_mlflow.server.tracking.addresses import split_remote

from servers import NEWEST, run_python

TEAM = "https://team.example/mlflow"


def write(home: Path, name: str, text: str) -> None:
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)


FILE = "[mlflow]\nmlflow_tracking_username = of-file\nmlflow_tracking_password = 100of it\n"
CASES: list[tuple[dict[str, str], str | None]] = [
    ({}, None),
    ({"MLFLOW_TRACKING_TOKEN": "t"}, None),
    ({"MLFLOW_TRACKING_USERNAME": "u", "MLFLOW_TRACKING_PASSWORD": "p"}, None),
    ({"MLFLOW_TRACKING_USERNAME": "u", "MLFLOW_TRACKING_PASSWORD": "p", "MLFLOW_TRACKING_TOKEN": "t"}, None),
    ({"MLFLOW_TRACKING_USERNAME": "u"}, None),
    ({"MLFLOW_TRACKING_USERNAME": "u", "MLFLOW_TRACKING_TOKEN": "t"}, None),
    ({}, FILE),
    ({"MLFLOW_TRACKING_USERNAME": "u"}, FILE),
    ({"MLFLOW_TRACKING_TOKEN": "t"}, FILE),
]

ASK_CLIENT = """
import json, os
from mlflow.utils.credentials import get_default_host_creds
for environ in json.loads(os.environ["CASES"]):
    for key in [key for key in os.environ if key.startswith("MLFLOW_TRACKING_")]:
        del os.environ[key]
    os.environ.update(environ)
    found = get_default_host_creds("http://x")
    print(json.dumps([found.username, found.password, found.token]))
"""


def test_the_same_credentials_as_the_python_client(tmp_path: Path) -> None:
    environs = []
    for number, (environ, file) in enumerate(CASES):
        home = tmp_path / str(number)
        home.mkdir()
        if file:
            write(home, ".mlflow/credentials", file)
        environs.append({"HOME": str(home), **environ})
    answers = run_python(NEWEST, ASK_CLIENT, CASES=json.dumps(environs)).splitlines()[-len(CASES) :]
    for environ, answer in zip(environs, answers, strict=True):
        username, password, token = json.loads(answer)
        found = read_environment(environ).auth
        # What mlflow.utils.rest_utils.http_request makes of them.
        if username and password:
            expected = "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()
        else:
            expected = f"Bearer {token}" if token else None
        assert (found.header() if found else None) == expected, environ


def test_a_broken_credentials_file_is_none(tmp_path: Path) -> None:
    write(tmp_path, ".mlflow/credentials", "not an ini file")
    assert read_environment({"HOME": str(tmp_path)}).auth is None


HOSTS = st.sampled_from(["team.example", "other.example", "team.example.evil", "localhost"])
SCHEMES = st.sampled_from(["http", "https"])
PORTS = st.sampled_from(["", ":80", ":443", ":5000"])


@given(SCHEMES, HOSTS, PORTS, st.booleans())
def test_the_environments_login_goes_to_its_origin_and_to_configured_servers_only(
    scheme: str, host: str, port: str, configured: bool
) -> None:
    environ = {
        "HOME": "/nonexistent",
        "MLFLOW_TRACKING_URI": TEAM,
        "MLFLOW_TRACKING_TOKEN": "t",
        "MLFLOW_TRACKING_INSECURE_TLS": "true",
        "MLFLOW_TRACKING_CLIENT_CERT_PATH": "/c.pem",
    }
    address, _ = split_remote(f"{scheme}://{host}{port}/any")
    access = access_for(address, configured=configured, own_auth=None, own_ca=None, environ=environ)
    belongs = configured or (scheme, host, port) in {
        ("https", "team.example", ""),
        ("https", "team.example", ":443"),
    }
    assert (access.auth is not None) == belongs
    assert access.tls.insecure == belongs
    assert (access.tls.client_certificate is not None) == belongs


def test_a_login_of_its_own_goes_first(tmp_path: Path) -> None:
    write(tmp_path, ".netrc", "machine team.example login n password p\n")
    environ = {"HOME": str(tmp_path), "MLFLOW_TRACKING_URI": TEAM, "MLFLOW_TRACKING_TOKEN": "t"}
    address, _ = split_remote(TEAM)
    own = access_for(address, configured=False, own_auth=Auth(token="own"), own_ca="/ca", environ=environ)
    assert own.auth == Auth(token="own")
    assert own.tls.ca == "/ca"
    found = access_for(address, configured=False, own_auth=None, own_ca=None, environ=environ)
    assert found.auth == Auth(token="t")


def test_netrc_is_for_the_machine_that_it_names(tmp_path: Path) -> None:
    write(tmp_path, ".netrc", "machine team.example login n password p\ndefault login d password d\n")
    environ = {"HOME": str(tmp_path), "MLFLOW_TRACKING_URI": "https://entitled.example"}

    def login(uri: str) -> str | None:
        address, _ = split_remote(uri)
        auth = access_for(address, configured=False, own_auth=None, own_ca=None, environ=environ).auth
        return auth.username if auth else None

    assert login("https://team.example") == "n"
    assert login("https://elsewhere.example") is None
    assert login("https://entitled.example") == "d"


@pytest.mark.parametrize(
    "value",
    [
        "text",
        [],
        {"kind": "token"},
        {"kind": "token", "token": ""},
        {"kind": "token", "token": "two\r\nlines: x"},
        {"kind": "basic", "username": ""},
        {"kind": "basic", "username": "a:b", "password": "x"},
        {"kind": "basic", "username": "a", "password": 1},
        {"kind": "sigv4"},
    ],
)
def test_a_login_that_cannot_be_is_refused(value: object) -> None:
    with pytest.raises(Problem) as caught:
        Auth.from_json(value)
    assert caught.value.code == "invalid-auth"


def test_no_text_form_shows_a_secret() -> None:
    assert "hidden" not in repr(Auth(username="u", password="hidden")) + repr(Auth(token="hidden"))


@pytest.mark.parametrize(
    ("uri", "environ", "expected"),
    [
        ("http://a.example", {}, None),
        ("http://a.example", {"HTTP_PROXY": "proxy:3128"}, "http://proxy:3128"),
        ("http://a.example", {"http_proxy": "http://proxy:3128"}, "http://proxy:3128"),
        ("https://a.example", {"http_proxy": "http://proxy:3128"}, None),
        ("https://a.example", {"ALL_PROXY": "http://all:1"}, "http://all:1"),
        ("http://127.0.0.1:5000", {"HTTP_PROXY": "http://proxy:3128"}, None),
        ("http://localhost:5000", {"ALL_PROXY": "http://proxy:3128"}, None),
        ("http://[::1]:5000", {"ALL_PROXY": "http://proxy:3128"}, None),
        ("http://a.example", {"HTTP_PROXY": "http://p", "NO_PROXY": "example"}, None),
        ("http://a.example", {"HTTP_PROXY": "http://p", "no_proxy": ".example, b"}, None),
        ("http://a.example", {"HTTP_PROXY": "http://p", "NO_PROXY": "*"}, None),
        ("http://anexample", {"HTTP_PROXY": "http://p", "NO_PROXY": "example"}, "http://p"),
        ("http://a.example:81", {"HTTP_PROXY": "http://p", "NO_PROXY": "a.example:80"}, "http://p"),
        ("http://10.1.2.3", {"HTTP_PROXY": "http://p", "NO_PROXY": "10.0.0.0/8"}, None),
    ],
)
def test_proxies_of_the_environment(uri: str, environ: dict[str, str], expected: str | None) -> None:
    assert proxy_for(split_remote(uri)[0], environ) == expected
