"""Fills an MLflow SQLite store with runs, straight into its tables, as fast as SQLite takes them.

    python fill_store.py STORE.db NAME:RUNS:PARAMS:METRICS:TAGS [NAME:...]

The schema is made by the MLflow of this interpreter (3.x). Values depend only on the run's number, so
that every store of the same shape is the same. Statistics are written at the end (`PRAGMA
analysis_limit=1000; ANALYZE`): MLflow never does, and without them SQLite sorts by a metric 500 times
slower.
"""

from __future__ import annotations

import random
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

BATCH_ROWS = 50_000
NEWEST_START_MS = 1_760_000_000_000


class Shape(NamedTuple):
    """One experiment to fill: its name, and how many runs and values of each kind."""

    name: str
    runs: int
    params: int
    metrics: int
    tags: int


def parse_shape(text: str) -> Shape:
    name, *numbers = text.split(":")
    return Shape(name, *(int(number) for number in numbers))


def make_schema(path: Path) -> None:
    """Lets MLflow create its tables and its Default experiment."""
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    SqlAlchemyStore(f"sqlite:///{path}", str(path.parent / "mlartifacts"))


def insert(connection: sqlite3.Connection, statement: str, rows: Iterator[tuple[object, ...]]) -> None:
    """Inserts in batches: a generator of millions of rows never stands in memory."""
    batch: list[tuple[object, ...]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH_ROWS:
            connection.executemany(statement, batch)
            batch.clear()
    connection.executemany(statement, batch)


def fill(connection: sqlite3.Connection, shape: Shape) -> None:
    """Adds one experiment of the given shape; run i started i seconds before the newest."""
    now = NEWEST_START_MS
    experiment = connection.execute("SELECT coalesce(max(experiment_id), 0) + 1 FROM experiments").fetchone()[
        0
    ]
    connection.execute(
        "INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage, creation_time,"
        " last_update_time) VALUES (?, ?, ?, 'active', ?, ?)",
        (experiment, shape.name, f"mlflow-artifacts:/{experiment}", now, now),
    )
    ids = [f"{experiment:08x}{number:024x}" for number in range(shape.runs)]
    insert(
        connection,
        "INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status,"
        " start_time, end_time, source_version, lifecycle_stage, artifact_uri, experiment_id)"
        " VALUES (?, ?, 'UNKNOWN', '', '', 'bench', 'FINISHED', ?, ?, '', 'active', ?, ?)",
        (
            (
                run,
                f"run-{i}",
                now - i * 1000,
                now - i * 1000 + 900,
                f"mlflow-artifacts:/{experiment}/{run}/artifacts",
                experiment,
            )
            for i, run in enumerate(ids)
        ),
    )
    insert(
        connection,
        "INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)",
        (
            (f"param_{k:03d}", str((i * 7 + k) % 97 / 100), run)
            for i, run in enumerate(ids)
            for k in range(shape.params)
        ),
    )
    rng = random.Random(experiment)
    values = [rng.random() for _ in range(4096)]

    def metrics() -> Iterator[tuple[object, ...]]:
        for i, run in enumerate(ids):
            for k in range(shape.metrics):
                yield (f"metric_{k:03d}", values[(i * 31 + k) % 4096], now - i * 1000 + 500, run, 10, 0)

    for table in ("metrics", "latest_metrics"):
        insert(
            connection,
            f"INSERT INTO {table} (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, ?)",
            metrics(),
        )
    insert(
        connection,
        "INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?)",
        (
            ("mlflow.runName", f"run-{i}", run) if k == 0 else (f"tag_{k}", f"value-{i % 13}", run)
            for i, run in enumerate(ids)
            for k in range(shape.tags)
        ),
    )
    connection.commit()


def main(path: Path, shapes: list[Shape]) -> None:
    make_schema(path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    for shape in shapes:
        start = time.monotonic()
        fill(connection, shape)
        print(f"{shape.name}: {shape.runs} runs in {time.monotonic() - start:.0f} s", flush=True)
    connection.execute("PRAGMA analysis_limit = 1000")
    connection.execute("ANALYZE")
    connection.commit()
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), [parse_shape(text) for text in sys.argv[2:]])
