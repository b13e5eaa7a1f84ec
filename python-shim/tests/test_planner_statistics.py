"""Statistics for SQLite's planner: written, kept fresh, and never in anybody's way."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import time
from pathlib import Path

import pytest
from jupyter_mlflow.server.local.planner_statistics import StatisticsKeeper, gather, has_grown, table_sizes
from jupyter_mlflow.server.local.stores import parse_store
from local_support import (
    OLDEST,
    give_back_local_servers,  # noqa: F401
    local_servers,
    started,
    until,
    upgrade_database,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store as MLflow makes it."""
    path = tmp_path_factory.mktemp("made") / "mlflow.db"
    upgrade_database(OLDEST, f"sqlite:///{path}")
    return path


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Path:
    """A copy of it for one test."""
    return Path(shutil.copy(made, tmp_path / "mlflow.db"))


def add_runs(path: Path, count: int) -> None:
    """Fewer than ANALYSIS_LIMIT, up to which the planner's numbers are exact."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        before = database.execute("SELECT count(*) FROM runs").fetchone()[0]
        rows = ((f"run{before + i}", 1) for i in range(count))
        database.executemany(
            "INSERT INTO runs (run_uuid, experiment_id, status) VALUES (?, ?, 'FINISHED')", rows
        )
        database.commit()


def known_rows(path: Path) -> int | None:
    """What the planner believes the number of runs to be."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'").fetchone():
            return None
        rows = database.execute("SELECT stat FROM sqlite_stat1 WHERE tbl = 'runs'").fetchall()
        return max((int(row[0].split()[0]) for row in rows), default=0)


def test_gathering_writes_statistics_quickly(store: Path) -> None:
    add_runs(store, 500)
    assert known_rows(store) is None
    assert gather(store)
    assert known_rows(store) == 500


def test_a_writer_goes_first(store: Path) -> None:
    with contextlib.closing(sqlite3.connect(store, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        assert not gather(store)
        assert time.monotonic() - began < 5.0
        writer.execute("COMMIT")
    assert known_rows(store) is None
    assert gather(store)


def test_a_file_that_is_gone_is_not_made_again(tmp_path: Path) -> None:
    assert table_sizes(tmp_path / "gone.db") is None
    assert not gather(tmp_path / "gone.db")
    assert not list(tmp_path.iterdir())


def test_grown() -> None:
    assert has_grown(None, {})
    assert not has_grown({"runs": 0}, {"runs": 199})
    assert has_grown({"runs": 0}, {"runs": 200})
    assert not has_grown({"runs": 1000}, {"runs": 1499})
    assert has_grown({"runs": 1000, "tags": 5}, {"runs": 1500, "tags": 5})
    assert has_grown({}, {"logged_models": 300})
    assert not has_grown({"runs": 1000}, {"runs": 10})


async def test_the_keeper_follows_growth(store: Path) -> None:
    said: list[str] = []
    keeper = StatisticsKeeper(store, interval_s=0.05, log=said.append)
    try:
        await until(lambda: len(said) == 1, 120)
        add_runs(store, 300)
        await until(lambda: known_rows(store) == 300, 120)
        with contextlib.closing(sqlite3.connect(store, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            writer.executemany(
                "INSERT INTO runs (run_uuid, experiment_id, status) VALUES (?, 1, 'FINISHED')",
                ((f"more{i}",) for i in range(600)),
            )
            writer.execute("COMMIT")
        await until(lambda: known_rows(store) == 900, 120)
    finally:
        keeper.close()


async def test_a_server_that_we_run_has_them(store: Path) -> None:
    add_runs(store, 300)
    servers = local_servers(store.parent / "state", OLDEST)
    status = await started(servers, parse_store(f"sqlite:///{store}", root_dir=store.parent))
    assert status.state == "ready", status
    await until(lambda: known_rows(store) == 300, 120)
