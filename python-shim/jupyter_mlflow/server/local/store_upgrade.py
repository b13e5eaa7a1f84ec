"""Makes sure, before MLflow starts, that a store can be opened as it is or is upgraded as its owner said."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from ..problems import Problem
from ..processes.kept_process import KeptProcess
from ..processes.server_log import ServerLog
from .server_process import interpreter_environ
from .start_failures import explain
from .store_backup import back_up, restore
from .store_schema import (
    Revisions,
    StoreState,
    check_file_store,
    database_not_migrated,
    judge,
    known_revisions,
    read_database,
    read_sqlite,
    would_migrate,
)


def choose_interpreter(
    store: Mapping[str, Any], interpreters: Sequence[Mapping[str, Any]], secrets: tuple[str, ...]
) -> tuple[Mapping[str, Any], StoreState | None, Problem | None]:
    """The first interpreter whose MLflow opens the store without changing it.

    :return: the interpreter, the store's state, and no Problem; or the preferred interpreter with what is
        wrong with it
    :raises Problem: what is wrong with the store whichever interpreter is taken
    """
    first = interpreters[0]
    if store["kind"] == "folder":
        check_file_store(Path(store["path"]))
        return first, None, None
    if store["kind"] == "sqlite":
        state = read_sqlite(Path(store["path"]))
    else:
        python, mlflow = first["executable"], first["mlflow"]
        state = read_database(store["uri"], python=python, mlflow=mlflow, secrets=secrets)
    problem: Problem | None = None
    for interpreter in interpreters:
        try:
            obstacle = _obstacle(store, state, interpreter)
        except Problem as error:
            obstacle = error
        if obstacle is None:
            return interpreter, state, None
        problem = problem or obstacle
    return first, state, problem


def _obstacle(
    store: Mapping[str, Any], state: StoreState | None, interpreter: Mapping[str, Any]
) -> Problem | None:
    mlflow = str(interpreter["mlflow"])
    revisions = known_revisions(interpreter["package_dir"])
    verdict = judge(state, revisions, mlflow=mlflow)
    if state is None or verdict in ("new", "current"):
        return None
    if store["kind"] != "sqlite":
        return database_not_migrated(state, revisions, mlflow=mlflow, public_uri=store["public_uri"])
    problem = would_migrate(state, revisions, mlflow=mlflow, path=Path(store["path"]))
    if verdict == "unfinished":
        problem.code = "store-unfinished"
    return problem


class Upgrade:
    """Changes an older SQLite store to what an MLflow needs, after copying it.

    Puts the copy back if that fails.
    """

    def __init__(
        self,
        path: Path,
        interpreter: Mapping[str, Any],
        *,
        folder: Path,
        log: ServerLog,
        publish: Callable[[Problem], None],
    ) -> None:
        """
        :param folder: the supervisor's
        :param publish: told that it is going on, and where the copy lies
        """
        self._path = path
        self._interpreter = interpreter
        self._folder = folder
        self._log = log
        self._publish = publish

    def run(self) -> Path:
        """Copy, upgrade, check.

        Is not broken off when nobody waits for it any more: half an upgrade is worse than a late end.
        :return: the backup
        :raises Problem: `backup-failed`, `upgrade-failed`; the store is as before then
        """
        python, mlflow = str(self._interpreter["executable"]), str(self._interpreter["mlflow"])
        backup = back_up(self._path, mlflow=mlflow, today=date.today())
        self._publish(
            Problem(
                "upgrading",
                f"{self._path.name} is being upgraded for MLflow {mlflow}; the copy from before is "
                f"{backup.name}.",
                "This takes seconds, or minutes for a large store.",
            )
        )
        process = KeptProcess(
            [python, "-m", "mlflow", "db", "upgrade", "sqlite:///" + self._path.as_posix()],
            env=interpreter_environ(python, os.environ),
            cwd=self._folder / "cwd",
            record=self._folder / "server.json",
            log=self._log,
        )
        process.ended.wait()
        state = read_sqlite(self._path)
        revisions: Revisions = known_revisions(self._interpreter["package_dir"])
        if process.exit_code == 0 and state is not None and state.revisions == revisions.heads:
            return backup
        tail = self._log.tail(process.mark)
        why = explain(tail, python=python, mlflow=mlflow)
        self._put_back(backup)
        raise Problem(
            "upgrade-failed",
            f"MLflow {mlflow} could not upgrade {self._path.name}; it is as it was before, from the copy "
            f"{backup.name}.",
            why.hint
            if why
            else "The end of the log tells why; an environment with the older MLflow can still open it.",
            log=tail,
        )

    def _put_back(self, backup: Path) -> None:
        try:
            restore(backup, self._path)
        except sqlite3.Error as error:
            raise Problem(
                "upgrade-failed",
                f"MLflow could not upgrade {self._path.name}, and the copy could not be put back ({error}).",
                f"Stop what uses the file and rename {backup.name} to {self._path.name}.",
                log=self._log.tail(),
            ) from None
