"""The law of the queue, against a server that does whatever it likes: nothing lost, nothing doubled."""

from __future__ import annotations

import asyncio
import itertools
import logging
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jupyter_mlflow.server.problems import Problem
from jupyter_mlflow.server.recorder import shipper as shipper_module
from jupyter_mlflow.server.recorder.artifacts import ArtifactLadder
from jupyter_mlflow.server.recorder.execution import Execution
from jupyter_mlflow.server.recorder.ledger import Ledger, Origin
from jupyter_mlflow.server.recorder.made_runs import MadeRuns
from jupyter_mlflow.server.recorder.own_runs import OwnRuns
from jupyter_mlflow.server.recorder.redaction import Redaction
from jupyter_mlflow.server.recorder.reducer import Fact
from jupyter_mlflow.server.recorder.run_content import Parcel, RunContent, Surroundings, what_is_sent
from jupyter_mlflow.server.recorder.shipper import Shipper
from jupyter_mlflow.server.recorder.shipping_queue import ShippingQueue
from jupyter_mlflow.server.recorder.tracking import Later, Refused, Run, Tracking, Unsettled

SERVER = "server-1"


class Killed(BaseException):
    """The Jupyter server ends here."""


@dataclass
class SimulatedServer:
    """MLflow, as far as shipping sees it. `fate` says what happens to each request."""

    fate: list[str]
    server_id: str = SERVER
    runs: dict[str, Run] = field(default_factory=dict)
    data: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, set[str]] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)
    #: creates that are done when nobody expects it any more
    late: list[tuple[RunContent, dict[str, str]]] = field(default_factory=list)
    numbers: Any = field(default_factory=itertools.count)

    def next_fate(self) -> str:
        """`ok` when all has happened."""
        return self.fate.pop() if self.fate else "ok"

    def before(self) -> str:
        """What goes wrong before the server does anything."""
        fate = self.next_fate()
        if fate == "killed":
            raise Killed
        if fate == "at once":
            raise Later(Problem(fate, "It is."), after=0.0)
        if fate in ("down", "busy"):
            raise Later(Problem(fate, "It is."), of_server=fate == "down")
        return fate

    def after(self, fate: str) -> None:
        """What goes wrong when it has been done."""
        if fate in ("lost", "late"):
            raise Later(Problem("lost", "No answer."), of_server=True)
        if fate == "killed-after":
            raise Killed

    async def experiment(self, name: str) -> str:
        self.after(self.before())
        return "1"

    async def search(self, experiment_id: str, tag: str, value: str) -> list[Run]:
        self.after(self.before())
        found = [run for run in self.runs.values() if run.tags.get(tag) == value]
        return sorted(found, key=lambda run: (run.start_time, run.run_id))

    async def create_run(self, experiment_id: str, content: RunContent, tags: Mapping[str, str]) -> Run:
        fate = self.before()
        if fate == "late":
            self.late.append((content, dict(tags)))
            raise Unsettled(Problem("lost", "No answer."))
        run = self.make(content, tags)
        if fate == "lost":
            raise Unsettled(Problem("lost", "No answer."))
        self.after(fate)
        return run

    def make(self, content: RunContent, tags: Mapping[str, str]) -> Run:
        """A run is there. Ids are in no order of time."""
        id = f"{hash((next(self.numbers), 7)) % 10**6:06}-{len(self.runs)}"
        self.runs[id] = Run(id, "mlflow-artifacts:/1", content.start_time, False, {**content.tags, **tags})
        return self.runs[id]

    async def get_run(self, run_id: str) -> Run:
        self.after(self.before())
        return replace(self.runs[run_id], metrics=self.data.get(run_id, {}).get("metrics", {}))

    def check_active(self, run_id: str) -> None:
        """As MLflow does."""
        if self.runs[run_id].is_deleted:
            raise Refused(Problem("deleted", "It is deleted."))

    async def log(self, run_id: str, content: RunContent, *, metrics: bool = True) -> None:
        fate = self.before()
        self.check_active(run_id)
        known = self.data.setdefault(run_id, {"params": {}, "metrics": {}})
        for name, value in content.params.items():
            if known["params"].setdefault(name, value) != value:
                raise Refused(Problem("changed", "It has another value."))
            if fate == "lost":
                # Half of the batch.
                break
        if fate != "lost" and metrics:
            known["metrics"].update(content.metrics)
        self.after(fate)

    async def set_tags(self, run_id: str, tags: Mapping[str, str]) -> None:
        fate = self.before()
        self.check_active(run_id)
        self.runs[run_id] = replace(self.runs[run_id], tags={**self.runs[run_id].tags, **tags})
        self.after(fate)

    async def end_run(self, run_id: str, status: str, end_time: int) -> None:
        fate = self.before()
        self.check_active(run_id)
        self.ended[run_id] = status
        self.runs[run_id] = replace(self.runs[run_id], has_ended=True)
        self.after(fate)

    async def delete_run(self, run_id: str) -> None:
        fate = self.before()
        self.runs[run_id] = replace(self.runs[run_id], is_deleted=True)
        self.after(fate)

    async def put_file(self, path: str, content: bytes) -> None:
        fate = self.before()
        self.files.setdefault("all", set()).add(path)
        self.after(fate)

    async def upload(self, run_id: str, path: str, content: bytes) -> None:
        await self.put_file(path, content)


class World:
    """Jupyter servers that end and begin, one clock, one ledger."""

    def __init__(self, folder: Path, server: SimulatedServer) -> None:
        self.server = server
        self.now = 1e6
        self.ledger = Ledger(folder)
        self.begin()

    def begin(self) -> None:
        """Another Jupyter server."""

        async def connect(server_id: str) -> Tracking:
            return self.server

        async def fill(execution: Execution) -> Parcel:
            return what_is_sent(execution, Redaction(), Surroundings())

        async def at(step: str) -> None:
            return None

        async def places(uri: str | None) -> list[Tracking]:
            return [self.server]

        ladder = ArtifactLadder(None, at=at)
        self.made = MadeRuns(self.ledger, clock=lambda: self.now, at=at)
        self.shipper = Shipper(
            ShippingQueue(self.ledger, late_s=0.0),
            self.made,
            connect=connect,
            fill=fill,
            ladder=ladder,
            own_runs=OwnRuns(places, ladder),
            log=logging.getLogger("law"),
            at=at,
            clock=lambda: self.now,
        )
        self.made.begin()

    def ran(self, id: str) -> None:
        """An execution."""
        origin = Origin(
            "k", "n", "a.ipynb", "python", send="all", target={"server_id": SERVER, "experiment": "x"}
        )
        facts = [
            Fact(id, "start", {"at": 100.0, "n": 1, "cell": "c", "source": id, "process": "p"}),
            Fact(id, "end", {"at": 101.0, "seconds": 1.0, "ok": True}),
            Fact(id, "idle", {"at": 101.0}),
        ]
        self.ledger.add(origin, facts)

    async def go_on(self) -> None:
        """What is due is sent."""
        try:
            for server_id in await self.shipper.due():
                await self.shipper.drain(server_id)
        except Killed:
            self.begin()

    def left(self) -> int:
        """How many wait."""
        query = "SELECT count(*) FROM queue WHERE state != 'sent'"
        return int(self.ledger.write(lambda db: db.execute(query).fetchone()[0]))


FATES = st.sampled_from(["ok", "ok", "down", "busy", "lost", "late", "killed", "killed-after"])


@pytest.fixture(autouse=True)
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is killed is alone: the simulation has no threads."""
    monkeypatch.setattr(shipper_module, "AT_ONCE", 1)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(FATES, max_size=60), st.integers(1, 4), st.lists(st.floats(1, 900), min_size=1, max_size=8))
# The create of the session, and that of the cell, are done long after they were given up.
@example(["late", "ok", "ok"], 2, [20.0])
@example(["late", "ok", "ok", "ok", "ok"], 2, [20.0])
def test_nothing_is_lost_and_nothing_doubled(fates: list[str], count: int, waits: list[float]) -> None:
    async def live() -> None:
        with tempfile.TemporaryDirectory() as folder:
            world = World(Path(folder), SimulatedServer(list(fates)))
            for n in range(count):
                world.ran(f"e{n}")
            steps = itertools.cycle(waits)
            for step in range(400):
                await world.go_on()
                world.now += next(steps)
                if world.server.late and step % 7 == 6:
                    world.server.make(*world.server.late.pop())
                if not world.left() and not world.server.fate and not world.server.late:
                    break
            for _ in range(6):
                # Whatever was late has been done: it is looked for until an hour has gone by.
                world.now += 4000
                await world.go_on()
            check(world, count)
            world.ledger.close()

    asyncio.run(live())


def check(world: World, count: int) -> None:
    """The law."""
    server = world.server
    assert world.left() == 0
    active = [run for run in server.runs.values() if not run.is_deleted]
    cells = [run for run in active if run.tags["jupyter.recorded"] == "cell"]
    assert sorted(run.tags["jupyter.execution_id"] for run in cells) == [f"e{n}" for n in range(count)]
    sessions = [run for run in active if run.tags["jupyter.recorded"] == "session"]
    assert len(sessions) == 1
    for run in cells:
        assert run.tags["mlflow.parentRunId"] == sessions[0].run_id
        assert server.data[run.run_id]["metrics"] == {"duration_s": 1.0}
        assert server.data[run.run_id]["params"] == {"execution_count": "1", "language": "python"}
        assert server.ended[run.run_id] == "FINISHED"
    for run in server.runs.values():
        assert not run.is_deleted or run.tags["jupyter.duplicate_of"] in {each.run_id for each in active}


def test_a_server_that_says_at_once_is_not_asked_without_end() -> None:
    async def live() -> None:
        with tempfile.TemporaryDirectory() as folder:
            world = World(Path(folder), SimulatedServer(["at once"] * 1000))
            world.ran("e0")
            for _ in range(10):
                await world.go_on()
            assert len(world.server.fate) > 980
            world.ledger.close()

    asyncio.run(live())


def test_a_server_that_is_down_for_a_day() -> None:
    async def live() -> None:
        with tempfile.TemporaryDirectory() as folder:
            world = World(Path(folder), SimulatedServer([]))
            world.ran("e0")
            requests = 0
            end = world.now + 86_400
            while world.now < end:
                world.server.fate = ["down"] * 100
                await world.go_on()
                requests += 100 - len(world.server.fate)
                soonest = await world.shipper.next_time()
                assert soonest is not None
                world.now = max(world.now + 1, soonest)
            assert 100 < requests < 1000, "tried again and again, but not all the time"
            world.server.fate = []
            world.now += 1000
            await world.go_on()
            check(world, 1)
            world.ledger.close()

    asyncio.run(live())
