"""What a kernel tells of an address holds no secret."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyter_mlflow.kernel.logging_to import without_login

_SECRET = "s3cret"
_AROUND = st.text(alphabet="ab1:/?#%&=+ ", max_size=6)


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("https://mlflow.example.org/team", "https://mlflow.example.org/team"),
        ("https://ann:pw@mlflow.example.org/team?token=t#f", "https://mlflow.example.org/team"),
        ("http://mlflow.example.org/a@b", "http://mlflow.example.org/a@b"),
        ("postgresql+psycopg2://ann:p/w@db:5432/runs", "postgresql+psycopg2://db:5432/runs"),
        ("postgresql:///runs?user=ann&password=pw", "postgresql:///runs"),
        ("sqlite:////srv/mlflow.db?timeout=5", "sqlite:////srv/mlflow.db"),
        ("sqlite:///mlflow.db", "sqlite:///mlflow.db"),
        ("file:///srv/mlruns", "file:///srv/mlruns"),
        ("./what?/mlruns", "./what?/mlruns"),
        ("databricks", "databricks"),
        ("databricks://profile", "databricks://profile"),
    ],
)
def test_an_address_is_told_without_its_login(uri: str, told: str) -> None:
    assert without_login(uri) == told


@given(before=_AROUND, after=_AROUND, scheme=st.sampled_from(["postgresql", "mysql+pymysql", "mssql+pyodbc"]))
def test_no_password_of_a_database_is_told_whatever_surrounds_it(
    before: str, after: str, scheme: str
) -> None:
    assert _SECRET not in without_login(f"{scheme}://ann:{before}{_SECRET}{after}@db/runs")
    assert _SECRET not in without_login(f"{scheme}://db/runs?{before}password={_SECRET}{after}")


@given(before=_AROUND, after=_AROUND)
def test_no_password_of_a_server_is_told(before: str, after: str) -> None:
    password = quote(before + _SECRET + after, safe="")
    assert _SECRET not in without_login(f"https://ann:{password}@mlflow.example.org/")
