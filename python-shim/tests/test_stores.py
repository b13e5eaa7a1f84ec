"""Addresses of stores as people write them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyter_mlflow.server.local.stores import parse_store, redact_text
from jupyter_mlflow.server.problems import Problem

ROOT = Path("/work-of-somebody")


@pytest.mark.parametrize(
    ("text", "kind", "uri", "label"),
    [
        ("sqlite:///mlflow.db", "sqlite", "sqlite:////work-of-somebody/mlflow.db", "./mlflow.db"),
        (" sqlite:////data/a b.db ", "sqlite", "sqlite:////data/a b.db", "/data/a b.db"),
        ("mlflow.db", "sqlite", "sqlite:////work-of-somebody/mlflow.db", "./mlflow.db"),
        ("mlruns", "folder", "file:///work-of-somebody/mlruns", "./mlruns"),
        ("./mlruns/", "folder", "file:///work-of-somebody/mlruns", "./mlruns"),
        ("file:///data/my%20runs", "folder", "file:///data/my%20runs", "/data/my runs"),
        ("file:mlruns", "folder", "file:///work-of-somebody/mlruns", "./mlruns"),
        ("postgresql://h/db", "postgresql", "postgresql+psycopg2://h/db", "PostgreSQL database db on h"),
        (
            "postgres://u:p@h:5432/db",
            "postgresql",
            "postgresql+psycopg2://u:p@h:5432/db",
            "PostgreSQL database db on h:5432",
        ),
        (
            "postgresql+psycopg://h/db",
            "postgresql",
            "postgresql+psycopg://h/db",
            "PostgreSQL database db on h",
        ),
        (
            "mysql://u@h/db?charset=utf8mb4",
            "mysql",
            "mysql+pymysql://u@h/db?charset=utf8mb4",
            "MySQL or MariaDB database db on h",
        ),
        ("mariadb://h/db", "mysql", "mysql+pymysql://h/db", "MySQL or MariaDB database db on h"),
    ],
)
def test_understands(text: str, kind: str, uri: str, label: str) -> None:
    store = parse_store(text, root_dir=ROOT)
    assert (store.kind, store.uri, store.label) == (kind, uri, label)
    assert "p@" not in store.public_uri
    assert "?" not in store.public_uri
    assert parse_store(store.uri, root_dir=Path("/elsewhere")).key == store.key


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad-store"),
        ("sqlite://", "bad-store"),
        ("sqlite:///", "bad-store"),
        ("sqlite:///:memory:", "bad-store"),
        ("sqlite:///a.db?timeout=3", "bad-store"),
        ("sqlite:///a\n.db", "bad-store"),
        ("postgresql://host", "bad-store"),
        ("postgresql://u:se/cret@host:x/db", "bad-store"),
        ("postgresql://u:se#cret@host/db", "bad-store"),
        ("postgresql:db", "bad-store"),
        ("file://host/share", "bad-store"),
        ("http://host:5000", "store-scheme"),
        ("s3://bucket/x", "store-scheme"),
        ("mssql+pyodbc://h/db", "store-scheme"),
        ("databricks", "folder"),
        ("oracle://h/db", "store-scheme"),
        ("postgrseql://h/db", "store-scheme"),
    ],
)
def test_refuses_in_a_sentence_without_the_password(text: str, code: str) -> None:
    if code == "folder":
        assert parse_store(text, root_dir=ROOT).kind == "folder"
        return
    with pytest.raises(Problem) as caught:
        parse_store(text, root_dir=ROOT)
    assert caught.value.code == code
    assert caught.value.message.endswith(".")
    assert caught.value.hint
    assert "cret" not in str(caught.value.to_json())


def test_two_names_of_one_file_are_one_store(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    keys = {
        parse_store(text, root_dir=tmp_path).key
        for text in ("real/m.db", "link/m.db", "sqlite:///link/../real/m.db")
    }
    assert len(keys) == 1
    assert parse_store("other/m.db", root_dir=tmp_path).key not in keys


def test_another_password_is_the_same_store_and_another_user_is_not() -> None:
    one, two, three = (parse_store(f"mysql://{user}@h/db", root_dir=ROOT) for user in ("u:a", "u:b", "v:a"))
    assert one.key == two.key != three.key
    assert "a" in one.secrets
    assert "u:a" not in repr(one)


PASSWORDS = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=1, max_size=30)


@given(PASSWORDS)
def test_a_password_is_in_nothing_that_is_shown(password: str) -> None:
    from urllib.parse import quote

    secret = f"s3cr3t{password}"
    store = parse_store(f"postgresql://user:{quote(secret, safe='')}@host/db", root_dir=ROOT)
    assert secret not in repr(store) + store.public_uri + store.label
    assert secret in store.secrets
    assert secret not in redact_text(f"cannot log in to {store.uri} with {secret}", store.secrets)
    assert "s3cr3t" not in redact_text(f"at {store.uri}")
