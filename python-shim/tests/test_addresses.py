"""Addresses: understood, compared, and never shown with credentials."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from jupyter_mlflow.server.problems import Problem
from jupyter_mlflow.server.tracking.addresses import (
    is_loopback_host,
    redact_uri,
    refuse_unsupported,
    split_remote,
)

SECRETS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=12, max_size=20)
ODD = st.text(st.characters(codec="utf-8", exclude_characters=" /?#\n\r\t"), max_size=5)


@given(SECRETS, ODD, st.sampled_from(["http", "https", "postgresql", "mysql+pymysql", "HTTPS"]))
def test_no_password_is_shown(secret: str, odd: str, scheme: str) -> None:
    for password in (secret, secret + "@" + secret, quote(odd, safe="") + secret):
        uri = f"{scheme}://user:{password}@host.example:5000/mlflow"
        assert secret not in redact_uri(uri)
        assert "host.example:5000/mlflow" in redact_uri(uri)
        assert secret not in redact_uri(f"cannot open {uri}: refused")
        assert secret not in redact_uri(f"{scheme}://host/db?user=x&password={secret}&ssl=1")


@given(SECRETS, st.text(max_size=30))
def test_no_error_shows_a_password(secret: str, rest: str) -> None:
    assume(secret not in rest)
    uri = f"https://user:{secret}@{rest}"
    try:
        address, userinfo = split_remote(uri)
    except Problem as problem:
        shown = problem.message + problem.hint
    else:
        shown = address.url
        assert userinfo is not None
    assert secret not in shown


@pytest.mark.parametrize(
    ("uri", "url", "userinfo"),
    [
        ("http://host", "http://host", None),
        ("HTTP://HOST:80/", "http://host", None),
        ("https://host:443/a/b/", "https://host/a/b", None),
        ("https://host:8443/a", "https://host:8443/a", None),
        ("http://[::1]:5000", "http://[::1]:5000", None),
        ("http://u:p%40ss@host/x", "http://host/x", ("u", "p@ss")),
        ("http://u@host", "http://host", ("u", "")),
        ("http://host/pre fix".replace(" ", "%20"), "http://host/pre%20fix", None),
        ("https://bücher.example", "https://xn--bcher-kva.example", None),
    ],
)
def test_one_server_has_one_address(uri: str, url: str, userinfo: tuple[str, str] | None) -> None:
    address, found = split_remote(uri)
    assert address.url == url
    assert found == userinfo


@pytest.mark.parametrize(
    "uri",
    [
        "http://",
        "http:///x",
        "http://host:99999",
        "http://host:port",
        "ftp://host",
        "http://host/?token=x",
        "http://host/#/experiments/1",
        "http://ho st",
        "http://host\\@evil",
        "http://host/../x",
        "http://host/%2e%2e/x",
        "http://[::1",
    ],
)
def test_what_is_no_address_is_refused_with_an_example(uri: str) -> None:
    with pytest.raises(Problem) as caught:
        split_remote(uri)
    assert caught.value.code == "invalid-uri"
    assert "https://host" in caught.value.hint


@pytest.mark.parametrize(
    ("uri", "named"),
    [
        ("databricks", "Databricks"),
        ("databricks://profile", "Databricks"),
        ("databricks-uc", "Unity Catalog"),
        ("uc:https://host", "Unity Catalog"),
        ("azureml://region.api.azureml.ms/x", "Azure"),
        ("arn:aws:sagemaker:us-east-1:1:mlflow-tracking-server/x", "AWS"),
        ("S3://bucket/x", "S3"),
        ("mssql+pyodbc://host/db", "SQL Server"),
    ],
)
def test_what_is_not_supported_is_named(uri: str, named: str) -> None:
    with pytest.raises(Problem) as caught:
        refuse_unsupported(uri)
    assert caught.value.code == "unsupported-uri"
    assert named in caught.value.message


@pytest.mark.parametrize(
    "uri", ["databricks/mlruns", "./databricks", "uc.db", "s3runs", "sqlite:///uc.db", "C:/x"]
)
def test_folders_with_such_names_are_folders(uri: str) -> None:
    refuse_unsupported(uri)


def test_loopback() -> None:
    assert all(map(is_loopback_host, ["localhost", "127.0.0.1", "127.9.9.9", "::1", "a.localhost"]))
    assert not any(
        map(is_loopback_host, ["localhost.example", "10.0.0.1", "127.0.0.1.example", "", "0.0.0.0"])
    )
