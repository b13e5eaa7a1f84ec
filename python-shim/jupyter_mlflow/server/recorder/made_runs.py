"""Runs that the tracking server was asked to make: each exactly once, whatever became of the answer.

MLflow has no idempotency key. So a run carries a tag by which it is found again, and before a create is sent
the ledger knows that it may have been done. A create whose answer never came is searched for, at once and
much later: a server may do late what it was asked for.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from ..problems import Problem
from .run_content import DROPPED, DUPLICATE_OF, EXECUTION_ID, RECORDED, RunContent
from .sent_names import searchable
from .shipping_queue import Writes
from .tracking import Later, Refused, Run, Tracking, Unsettled

#: Seconds after an unanswered create at which its twins are looked for.
CHECKS_S = (60.0, 600.0, 3600.0)
#: Seconds that an unanswered create is given before the run is asked for a second time.
SETTLE_S = 10.0
_DAY_S = 86400.0
_REMEMBER_S = 30 * _DAY_S


@dataclass(frozen=True)
class MadeRun:
    """A run that was asked for."""

    #: tag and value by which it is found
    key: tuple[str, str]
    server_id: str
    experiment_id: str
    run_id: str | None
    #: seconds since the epoch
    asked: float
    #: how often twins were looked for, and when they are looked for next; None: its create was answered
    checks: int | None
    next_check: float | None


class MadeRuns:
    """Makes runs, and sees to it that each is there once."""

    def __init__(
        self,
        ledger: Writes,
        *,
        runs_per_day: int | None = None,
        settle_s: float = SETTLE_S,
        clock: Callable[[], float] = time.time,
        at: Callable[[str], Awaitable[None]],
    ) -> None:
        """
        :param runs_per_day: that the administrator allows, counted by the days of UTC
        :param at: called at each step, with its name
        """
        self._ledger = ledger
        self._runs_per_day = runs_per_day
        self._settle_s = settle_s
        self._clock = clock
        self._at = at

    def begin(self) -> None:
        """A server that begins looks for all creates whose answer the one before it did not get. Blocks."""
        now = self._clock()

        def work(db: sqlite3.Connection) -> None:
            db.execute("UPDATE made_runs SET next_check = ? WHERE next_check IS NOT NULL", (now,))
            # What is older is found by its tag.
            db.execute("DELETE FROM made_runs WHERE next_check IS NULL AND asked < ?", (now - _REMEMBER_S,))

        self._ledger.write(work)

    async def ensure(
        self, tracking: Tracking, experiment_id: str, content: RunContent, tags: Mapping[str, str]
    ) -> tuple[Run | None, str, list[str]]:
        """The run of this content: found, or made.

        :return: what is known of it where that came along, its id, and ids of runs with the same tag that a
            person's code has made (then it is not made)
        :raises Later: also where nobody knows yet whether there is one; `Refused`
        """
        row = await asyncio.to_thread(self._read, content.key, tracking.server_id, experiment_id)
        if row is not None and row.run_id not in (None, DROPPED):
            return None, str(row.run_id), []
        found = await self._search(tracking, experiment_id, content.key)
        own = [run for run in found if RECORDED not in run.tags]
        made = [run for run in found if RECORDED in run.tags]
        if made:
            winner = next((run for run in made if not run.is_deleted), made[0])
            # A create that was not answered may have been sent twice: the other run may come late.
            unsure = row is not None or len(made) > 1
            await asyncio.to_thread(
                self._keep, content.key, tracking.server_id, experiment_id, winner.run_id, unsure
            )
            return winner, winner.run_id, []
        if own:
            return None, "", [run.run_id for run in own if not run.is_deleted]
        if row is not None and self._clock() < row.asked + self._settle_s:
            problem = Problem(
                "unsettled",
                "The tracking server did not say whether it has made the run.",
                "It is searched for by itself.",
            )
            raise Later(problem, after=row.asked + self._settle_s - self._clock(), of_server=False)
        run = await self._create(tracking, experiment_id, content, tags, is_first=row is None)
        return run, run.run_id, []

    async def _create(
        self,
        tracking: Tracking,
        experiment_id: str,
        content: RunContent,
        tags: Mapping[str, str],
        *,
        is_first: bool,
    ) -> Run:
        kind = content.tags.get(RECORDED, "run")
        place = (content.key, tracking.server_id, experiment_id)
        await asyncio.to_thread(self._ask, *place)
        await self._at(f"{kind}-asked")
        try:
            run = await tracking.create_run(experiment_id, content, tags)
        except Unsettled as unsettled:
            raise Later(
                unsettled.problem, after=unsettled.after, of_server=unsettled.of_server
            ) from unsettled
        except (Later, Refused):
            # It was not done: refused, or never reached the server.
            if is_first:
                await asyncio.to_thread(self._forget, *place)
            raise
        await self._at(f"{kind}-made")
        await asyncio.to_thread(self._keep, *place, run.run_id, not is_first)
        await self._at(f"{kind}-known")
        return run

    async def check(self, tracking: Tracking) -> None:
        """Look for twins on this server as far as it is time to. Raises `Later`."""
        due = await asyncio.to_thread(self._due, tracking.server_id)
        for row in due:
            # Refused: its experiment is gone, or may not be read any more, and so are the twins.
            with contextlib.suppress(Refused):
                if row.run_id is not None:
                    await self._end_twins(tracking, row, row.run_id)
                elif not await asyncio.to_thread(self._is_wanted, row.key):
                    # Dropped before anybody knew whether there is one.
                    await self._end_twins(tracking, row, DROPPED)
            await asyncio.to_thread(self._checked, row)

    async def _end_twins(self, tracking: Tracking, row: MadeRun, ours: str) -> None:
        found = await self._search(tracking, row.experiment_id, row.key, duplicates=True)
        for run in found:
            if run.run_id == ours or RECORDED not in run.tags or run.is_deleted:
                continue
            try:
                if run.tags.get(DUPLICATE_OF) != ours:
                    await tracking.set_tags(run.run_id, {DUPLICATE_OF: ours})
                await self._at("twin-tagged")
                await tracking.delete_run(run.run_id)
            except Refused:
                # Without the right to delete, the tag has to tell.
                continue

    async def _search(
        self, tracking: Tracking, experiment_id: str, key: tuple[str, str], *, duplicates: bool = False
    ) -> list[Run]:
        found = await tracking.search(experiment_id, *key)
        return [run for run in found if duplicates or DUPLICATE_OF not in run.tags]

    # What follows blocks.

    def servers(self) -> list[str]:
        """Servers on which twins are to be looked for now."""
        rows = self._ledger.write(
            lambda db: db.execute(
                "SELECT DISTINCT server_id FROM made_runs WHERE next_check <= ?", (self._clock(),)
            ).fetchall()
        )
        return [row[0] for row in rows]

    def run_of(self, key: tuple[str, str], server_id: str, experiment_id: str) -> str | None:
        """The id of the run with this key, if there is one that is known."""
        row = self._read(key, server_id, experiment_id)
        return row.run_id if row is not None else None

    def _is_wanted(self, key: tuple[str, str]) -> bool:
        tag, value = key
        query = "SELECT execution_id FROM queue WHERE state IN ('waiting', 'refused')"
        return tag != EXECUTION_ID or self._ledger.write(
            lambda db: any(searchable(id) == value for (id,) in db.execute(query))
        )

    def _due(self, server_id: str) -> list[MadeRun]:
        return self._rows("server_id = ? AND next_check <= ?", (server_id, self._clock()))

    def _read(self, key: tuple[str, str], server_id: str, experiment_id: str) -> MadeRun | None:
        found = self._rows(
            "key = ? AND server_id = ? AND experiment_id = ?", (_text(key), server_id, experiment_id)
        )
        return found[0] if found else None

    def _rows(self, condition: str, values: tuple[object, ...]) -> list[MadeRun]:
        columns = "key, server_id, experiment_id, run_id, asked, checks, next_check"
        query = f"SELECT {columns} FROM made_runs WHERE {condition}"  # noqa: S608
        rows = self._ledger.write(lambda db: db.execute(query, values).fetchall())
        return [MadeRun(_key(row[0]), *row[1:]) for row in rows]

    def _ask(self, key: tuple[str, str], server_id: str, experiment_id: str) -> None:
        """:raises Later: the administrator's runs of the day are used up"""
        now = self._clock()

        def work(db: sqlite3.Connection) -> float | None:
            if self._runs_per_day is not None:
                began = now - now % _DAY_S
                (made,) = db.execute("SELECT count(*) FROM made_runs WHERE asked >= ?", (began,)).fetchone()
                if made >= self._runs_per_day:
                    return began + _DAY_S
            db.execute(
                "INSERT INTO made_runs (key, server_id, experiment_id, asked, checks, next_check)"
                " VALUES (?, ?, ?, ?, 0, ?) ON CONFLICT DO UPDATE SET asked = excluded.asked, checks = 0,"
                " run_id = NULL, next_check = excluded.next_check",
                (_text(key), server_id, experiment_id, now, now + CHECKS_S[0]),
            )
            return None

        free_at = self._ledger.write(work)
        if free_at is not None:
            raise Later(
                Problem(
                    "runs-per-day",
                    f"The {self._runs_per_day} runs that the administrator allows for a day are used up.",
                    "The rest is sent tomorrow; fewer cells may be enough, too: choose what is sent.",
                ),
                after=free_at - now,
                of_server=False,
            )

    def _keep(
        self, key: tuple[str, str], server_id: str, experiment_id: str, run_id: str, may_have_twins: bool
    ) -> None:
        now = self._clock()
        self._ledger.write(
            lambda db: db.execute(
                "INSERT INTO made_runs (key, server_id, experiment_id, run_id, asked, checks, next_check)"
                " VALUES (?1, ?2, ?3, ?4, ?5, 0, CASE WHEN ?6 THEN ?5 END)"
                " ON CONFLICT DO UPDATE SET run_id = excluded.run_id,"
                " next_check = CASE WHEN ?6 THEN coalesce(next_check, ?5) END",
                (_text(key), server_id, experiment_id, run_id, now, may_have_twins),
            )
        )

    def _forget(self, key: tuple[str, str], server_id: str, experiment_id: str) -> None:
        self._ledger.write(
            lambda db: db.execute(
                "DELETE FROM made_runs WHERE key = ? AND server_id = ? AND experiment_id = ?"
                " AND run_id IS NULL",
                (_text(key), server_id, experiment_id),
            )
        )

    def leave(self, db: sqlite3.Connection, key: tuple[str, str]) -> None:
        """It is made at another place: a run whose create was not answered is taken back once it is found."""
        db.execute(
            "UPDATE made_runs SET run_id = ?, next_check = ? WHERE key = ? AND run_id IS NULL",
            (DROPPED, self._clock(), _text(key)),
        )

    def forget_run(self, run_id: str) -> None:
        """It was taken back: another one may be made."""
        self._ledger.write(lambda db: db.execute("DELETE FROM made_runs WHERE run_id = ?", (run_id,)))

    def _checked(self, row: MadeRun) -> None:
        now = self._clock()
        checks = row.checks or 0
        while checks < len(CHECKS_S) and row.asked + CHECKS_S[checks] <= now:
            checks += 1
        following = row.asked + CHECKS_S[checks] if checks < len(CHECKS_S) else None
        self._ledger.write(
            lambda db: db.execute(
                "UPDATE made_runs SET checks = ?, next_check = ? WHERE key = ? AND server_id = ?"
                " AND experiment_id = ? AND asked = ?",
                (checks, following, _text(row.key), row.server_id, row.experiment_id, row.asked),
            )
        )

    def told_end(self, key: tuple[str, str], server_id: str, experiment_id: str, ended: int) -> bool:
        """Whether the server knows already that this parent ends so late, or later."""
        row = self._ledger.write(
            lambda db: db.execute(
                "SELECT told FROM made_runs WHERE key = ? AND server_id = ? AND experiment_id = ?",
                (_text(key), server_id, experiment_id),
            ).fetchone()
        )
        return row is not None and row[0] is not None and row[0] >= ended

    def tell_end(self, key: tuple[str, str], server_id: str, experiment_id: str, ended: int) -> None:
        """The server knows when this parent ends, in milliseconds."""
        self._ledger.write(
            lambda db: db.execute(
                "UPDATE made_runs SET told = ? WHERE key = ? AND server_id = ? AND experiment_id = ?",
                (ended, _text(key), server_id, experiment_id),
            )
        )


def _text(key: tuple[str, str]) -> str:
    return f"{key[0]}={key[1]}"


def _key(text: str) -> tuple[str, str]:
    tag, _, value = text.partition("=")
    return tag, value
