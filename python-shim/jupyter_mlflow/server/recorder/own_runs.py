"""Runs that a cell's own code started get its source and outputs, and stay as the code made them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from ..problems import Problem
from .artifacts import ArtifactLadder, KeptHere
from .execution import Execution
from .run_content import EXECUTION_ID, FOLDER
from .run_files import File
from .sent_names import searchable
from .tracking import Later, Refused, Run, Tracking

#: Of the runs of one execution, how many get the files. A search of parameters starts hundreds, and its
#: first ones tell as much.
WITH_FILES = 20

#: run id and tracking URI → the servers on which it may be, the likeliest first
Places = Callable[[str | None], Awaitable[list[Tracking]]]


class OutOfReach(Exception):
    """None of its runs could be found from here. The problem says where they are."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class OwnRuns:
    """Attaches to runs that a person's code has made."""

    def __init__(self, places: Places, ladder: ArtifactLadder) -> None:
        """:param places: the servers on which a run with this tracking URI may be, the likeliest first"""
        self._places = places
        self._ladder = ladder

    async def attach(
        self,
        execution: Execution,
        run_ids: tuple[str, ...],
        files: tuple[File, ...],
        tags: Mapping[str, str],
        *,
        only_files: bool = False,
    ) -> None:
        """To all of its runs that can be reached.

        :raises OutOfReach: there is none
        :raises KeptHere: files stay here; everything else is done
        :raises Later: a server does not answer just now
        """
        kept: KeptHere | None = None
        reached = 0
        for place, run_id in enumerate(run_ids):
            found = await self._find(execution, run_id)
            if found is None:
                continue
            tracking, run = found
            reached += 1
            try:
                if tags and not only_files:
                    await tracking.set_tags(run_id, tags)
                if place < WITH_FILES:
                    await self._ladder.send(tracking, run, files, FOLDER)
            except KeptHere as error:
                kept = error
            except Refused as refused:
                kept = KeptHere(refused.problem)
        if reached == 0:
            raise OutOfReach(_out_of_reach(execution))
        if kept is not None:
            raise kept

    async def _find(self, execution: Execution, run_id: str) -> tuple[Tracking, Run] | None:
        """Only a run that says itself that this execution made it: kernels may name any."""
        for tracking in await self._places(execution.run_uris.get(run_id)):
            try:
                run = await tracking.get_run(run_id)
            except Refused:
                continue
            except Later as later:
                # Whatever waits for other servers need not wait for this one.
                raise Later(later.problem, after=later.after, of_server=False) from later
            says = run.tags.get(EXECUTION_ID)
            if says in (execution.id, searchable(execution.id)) and not run.is_deleted:
                return tracking, run
        return None


def _out_of_reach(execution: Execution) -> Problem:
    uris = sorted({uri for uri in execution.run_uris.values() if uri})
    where = f" They were logged to {', '.join(uris[:3])}." if uris else ""
    return Problem(
        "runs-out-of-reach",
        f"The runs of this cell are not on a tracking server that Jupyter can reach.{where}",
        "Add that server in the MLflow panel and send again. The link to the runs is kept here.",
    )
