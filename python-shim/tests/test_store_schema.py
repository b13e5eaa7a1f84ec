"""Stores that are older, newer, damaged, locked or something else: told before MLflow is let near them."""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.queues
import os
import shutil
import sqlite3
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pymysql
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyter_mlflow.server.local.store_backup import back_up
from jupyter_mlflow.server.local.store_schema import (
    Revisions,
    StoreState,
    check_folder,
    judge,
    known_revisions,
    read_sqlite,
)
from jupyter_mlflow.server.local.stores import parse_store
from jupyter_mlflow.server.problems import Problem
from local_support import (
    MARIADB,
    NEWEST,
    OLDEST,
    POSTGRES,
    give_back_local_servers,  # noqa: F401
    interpreter,
    local_servers,
    processes_of,
    refused,
    started,
    upgrade_database,
)


def contents(path: Path) -> list[str]:
    """All that a SQLite file holds."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        return list(database.iterdump())


def names_in(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


def backups_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.bak"))


@pytest.fixture(scope="module")
def old_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that MLflow 2.3.2 wrote."""
    path = tmp_path_factory.mktemp("old") / "mlflow.db"
    upgrade_database(OLDEST, f"sqlite:///{path}")
    return path


async def test_an_older_store_is_changed_only_when_asked_and_backed_up_before(
    tmp_path: Path, old_store: Path
) -> None:
    path = tmp_path / "mlflow.db"
    shutil.copy(old_store, path)
    before = contents(path)
    store = parse_store("sqlite:///mlflow.db", root_dir=tmp_path)
    newest = local_servers(tmp_path / "state", NEWEST)
    old = known_revisions(interpreter(OLDEST).package_dir or "").heads
    new = known_revisions(interpreter(NEWEST).package_dir or "").heads

    status = await refused(newest, store, "store-would-migrate")
    assert status.problem is not None
    assert all(revision in status.problem.message for revision in old | new)
    assert contents(path) == before
    assert names_in(tmp_path) == {"mlflow.db", "state"}

    status = await started(newest, store, migrate=True)
    assert status.state == "ready", status.problem and status.problem.to_json()
    (backup,) = backups_in(tmp_path)
    assert backup.name.startswith(f"mlflow.db.before-{status.version}-20")
    assert contents(backup) == before
    state = read_sqlite(path)
    assert state is not None
    assert state.revisions == new
    assert state.experiments == 2, "what was kept is kept"
    await newest.stop(store)

    oldest = local_servers(tmp_path / "state", OLDEST)
    status = await refused(oldest, store, "store-too-new")
    assert status.problem is not None
    assert "2.3.2" in status.problem.message

    # Where some other interpreter opens it as it is, nobody needs to be asked.
    async def others() -> list[object]:
        return [interpreter(NEWEST)]

    both = local_servers(tmp_path / "state", OLDEST, other_interpreters=others)
    status = await started(both, store)
    assert (status.state, status.version) == ("ready", interpreter(NEWEST).mlflow), status


async def test_an_upgrade_that_fails_leaves_the_store_as_it_was(tmp_path: Path, old_store: Path) -> None:
    path = tmp_path / "mlflow.db"
    shutil.copy(old_store, path)
    with contextlib.closing(sqlite3.connect(path)) as database:
        # A table that one of the newer revisions wants to make itself.
        database.execute("CREATE TABLE datasets (mine TEXT)")
        database.commit()
    before = contents(path)
    servers = local_servers(tmp_path / "state", NEWEST)
    status = await refused(servers, parse_store(str(path), root_dir=tmp_path), "upgrade-failed", migrate=True)
    assert status.problem is not None
    assert status.problem.log
    assert contents(path) == before
    assert [contents(backup) for backup in backups_in(tmp_path)] == [before]


async def test_what_is_wrong_with_a_file_is_said_and_the_file_is_left_alone(tmp_path: Path) -> None:
    servers = local_servers(tmp_path / "state", NEWEST)
    text = tmp_path / "notes.db"
    text.write_text("this is no database, but long enough for one " * 10)
    await refused(servers, parse_store("sqlite:///notes.db", root_dir=tmp_path), "not-sqlite")
    assert text.read_text().startswith("this is no database")

    foreign = tmp_path / "foreign.db"
    with contextlib.closing(sqlite3.connect(foreign)) as database:
        database.execute("CREATE TABLE mine (x)")
        database.commit()
    before = contents(foreign)
    await refused(servers, parse_store("sqlite:///foreign.db", root_dir=tmp_path), "not-mlflow-store")
    assert contents(foreign) == before

    await refused(servers, parse_store("sqlite:///nowhere/mlflow.db", root_dir=tmp_path), "folder-missing")
    (tmp_path / "folder.db").mkdir()
    await refused(servers, parse_store("sqlite:///folder.db", root_dir=tmp_path), "not-sqlite")


async def test_a_locked_file(tmp_path: Path, old_store: Path) -> None:
    path = tmp_path / "mlflow.db"
    shutil.copy(old_store, path)
    servers = local_servers(tmp_path / "state", OLDEST)
    store = parse_store("sqlite:///mlflow.db", root_dir=tmp_path)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        await refused(servers, store, "store-locked")
        other.execute("ROLLBACK")
    assert (await started(servers, store)).state == "ready"


def test_a_damaged_file(tmp_path: Path, old_store: Path) -> None:
    path = tmp_path / "mlflow.db"
    data = bytearray(old_store.read_bytes())
    data[100:4000] = b"\xff" * 3900
    path.write_bytes(data)
    with pytest.raises(Problem) as caught:
        read_sqlite(path)
    assert caught.value.code == "store-damaged"


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_a_file_or_folder_that_may_not_be_written(tmp_path: Path, old_store: Path) -> None:
    """As another user where we are root, whom permissions do not stop."""
    tmp_path.chmod(0o755)
    for above in list(tmp_path.parents)[:3]:
        with contextlib.suppress(PermissionError):
            above.chmod(above.stat().st_mode | 0o055)
    path = tmp_path / "mlflow.db"
    shutil.copy(old_store, path)
    path.chmod(0o444)
    writable = tmp_path / "writable"
    writable.mkdir()
    writable.chmod(0o777)
    shutil.copy(path, writable / "mlflow.db")
    (writable / "mlflow.db").chmod(0o444)
    tmp_path.chmod(0o555)
    try:
        for target in (path, writable / "mlflow.db"):
            context = multiprocessing.get_context("fork")
            answers = context.SimpleQueue()
            child = context.Process(target=read_as_nobody, args=(target, answers))
            child.start()
            child.join(60)
            assert answers.get() == "store-read-only"
    finally:
        tmp_path.chmod(0o755)


def read_as_nobody(path: Path, answers: multiprocessing.queues.SimpleQueue[str]) -> None:
    """In a process of its own, which gives up being root."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)
    try:
        read_sqlite(path)
    except Problem as problem:
        answers.put(problem.code)
    except BaseException as error:
        answers.put(repr(error))
    else:
        answers.put("no problem")


def test_little_space_is_no_place_to_start(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    with pytest.raises(Problem) as caught:
        check_folder(tmp_path, min_free=free * 2)
    assert caught.value.code == "disk-full"


def test_backups_are_never_overwritten_and_never_half(tmp_path: Path, old_store: Path) -> None:
    from datetime import date

    path = tmp_path / "mlflow.db"
    shutil.copy(old_store, path)
    names = [back_up(path, mlflow="3.17.2", today=date(2026, 11, 23)).name for _ in range(2)]
    assert names == ["mlflow.db.before-3.17.2-20261123.bak", "mlflow.db.before-3.17.2-20261123-2.bak"]
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Problem) as caught:
            back_up(path, mlflow="3.17.2", today=date(2026, 11, 23))
    assert caught.value.code == "backup-failed"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["mlflow.db", *sorted(names)]


def test_every_installed_mlflow_tells_one_head() -> None:
    old, new = (known_revisions(interpreter(python).package_dir or "") for python in (OLDEST, NEWEST))
    assert len(old.heads) == len(new.heads) == 1
    assert old.known < new.known
    with pytest.raises(Problem) as caught:
        known_revisions("/nowhere")
    assert caught.value.code == "mlflow-broken"


CHAIN = [f"r{number}" for number in range(8)]


@given(st.integers(1, 8), st.integers(0, 7), st.integers(0, 3))
def test_a_store_is_opened_without_a_question_only_if_it_stays_as_it_is(
    knows: int, at: int, experiments: int
) -> None:
    revisions = Revisions(frozenset(CHAIN[:knows]), frozenset({CHAIN[knows - 1]}))
    state = StoreState(frozenset({"experiments", "runs"}), frozenset({CHAIN[at]}), experiments)
    if at >= knows:
        with pytest.raises(Problem) as caught:
            judge(state, revisions, mlflow="3")
        assert caught.value.code == "store-too-new"
    else:
        verdict = judge(state, revisions, mlflow="3")
        assert (verdict == "current") == (at == knows - 1)
        assert (verdict == "would-migrate") == (at < knows - 1 and experiments > 0)


@pytest.fixture
def postgres() -> Iterator[str]:
    """An empty PostgreSQL database."""
    name = f"jm_{uuid.uuid4().hex[:10]}"
    admin = psycopg2.connect(POSTGRES + "/postgres")
    admin.autocommit = True
    admin.cursor().execute(f"CREATE DATABASE {name}")
    yield f"{POSTGRES}/{name}"
    admin.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")
    admin.close()


@pytest.fixture
def mariadb() -> Iterator[str]:
    """An empty MariaDB database."""
    name = f"jm_{uuid.uuid4().hex[:10]}"
    parts = urlsplit(MARIADB)
    admin = pymysql.connect(
        host=parts.hostname, port=parts.port or 3306, user=parts.username, password=parts.password or ""
    )
    admin.cursor().execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    yield f"{MARIADB}/{name}"
    admin.cursor().execute(f"DROP DATABASE {name}")
    admin.close()


@pytest.mark.parametrize("kind", ["postgres", "mariadb"])
async def test_a_database_is_served_with_its_driver_spelled_out(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    store = parse_store(request.getfixturevalue(kind), root_dir=tmp_path)
    servers = local_servers(tmp_path / "state", NEWEST)
    status = await started(servers, store)
    assert status.state == "ready", status.problem and status.problem.to_json()
    assert status.artifacts == str(tmp_path / "state" / "artifacts" / store.key)
    for process in processes_of(tmp_path):
        assert store.uri not in " ".join(process.cmdline()), (
            "the address with credentials is in no argument list"
        )
    await servers.stop(store)


async def test_an_older_database_is_never_changed_asked_or_not(tmp_path: Path, postgres: str) -> None:
    store = parse_store(postgres, root_dir=tmp_path)
    upgrade_database(OLDEST, store.uri)
    servers = local_servers(tmp_path / "state", NEWEST)
    for migrate in (False, True):
        status = await refused(servers, store, "database-not-migrated", migrate=migrate)
        assert status.problem is not None
        assert f"mlflow db upgrade {store.public_uri}" in status.problem.hint
    with contextlib.closing(psycopg2.connect(postgres)) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT version_num FROM alembic_version")
        assert {row[0] for row in cursor.fetchall()} == known_revisions(
            interpreter(OLDEST).package_dir or ""
        ).heads


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("postgresql://me:hunter2@127.0.0.1:1/db", "database-unreachable"),
        ("postgresql://me:hunter2@nowhere.invalid/db", "database-unreachable"),
        ("mysql://me:hunter2@127.0.0.1:1/db", "database-unreachable"),
        ("mysql+mysqldb://me:hunter2@127.0.0.1:1/db", "missing-driver"),
        (f"mysql://nobody_here:hunter2@{urlsplit(MARIADB).netloc.rpartition('@')[2]}/db", "database-login"),
        (f"{POSTGRES}/jm_no_such_database", "database-missing"),
    ],
)
async def test_what_is_wrong_with_a_database_is_said_without_its_password(
    tmp_path: Path, uri: str, code: str
) -> None:
    servers = local_servers(tmp_path / "state", NEWEST)
    status = await refused(servers, parse_store(uri, root_dir=tmp_path), code)
    assert status.problem is not None
    assert "hunter2" not in str(status.problem.to_json())
    for path in (tmp_path / "state").rglob("*"):
        if path.is_file():
            assert b"hunter2" not in path.read_bytes(), path
