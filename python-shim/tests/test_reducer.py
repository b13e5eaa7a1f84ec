"""Whatever way facts come, the same facts give the same row."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyter_mlflow.server.recorder.reducer import Fact, Row, join, reduce

ENAMES = st.sampled_from(["ValueError", "KeyboardInterrupt", ""])
TIMES = st.floats(1e9, 2e9)

VALUES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "start": st.fixed_dictionaries(
        {
            "at": TIMES,
            "n": st.integers(1, 99),
            "cell": st.none() | st.text(max_size=4),
            "src": st.text(max_size=3),
        }
    ),
    "end": st.fixed_dictionaries(
        {
            "at": TIMES,
            "seconds": st.floats(0, 1e6),
            "ok": st.none() | st.booleans(),
            "ename": st.none() | ENAMES,
        }
    ),
    "input": st.fixed_dictionaries({"at": TIMES, "n": st.integers(1, 99), "src": st.text(max_size=3)}),
    "error": st.fixed_dictionaries({"at": TIMES, "ename": ENAMES, "evalue": st.text(max_size=3)}),
    "idle": st.fixed_dictionaries({"at": TIMES}),
    "attached": st.fixed_dictionaries({"at": TIMES}),
    "runs": st.fixed_dictionaries(
        {"ids": st.lists(st.sampled_from("abcd"), max_size=3, unique=True).map(sorted)}
    ),
    "gone": st.fixed_dictionaries({"at": TIMES, "why": st.sampled_from(["killed", "unknown"])}),
}
FACTS = st.lists(
    st.one_of(*(VALUES[slot].map(lambda value, slot=slot: Fact("x", slot, value)) for slot in VALUES)),
    max_size=12,
)


def fold(facts: list[Fact]) -> Row:
    slots: dict[str, Any] = {}
    for fact in facts:
        slots = join(slots, {fact.slot: fact.value})
    return reduce(slots)


@given(FACTS, st.randoms(use_true_random=False))
def test_order_and_repetition_make_no_difference(facts: list[Fact], chance: random.Random) -> None:
    once = fold(facts)
    again = facts + [chance.choice(facts) for _ in range(5) if facts]
    chance.shuffle(again)
    assert fold(again) == once


@given(FACTS, FACTS, FACTS)
def test_facts_may_be_joined_in_any_groups(one: list[Fact], two: list[Fact], three: list[Fact]) -> None:
    def slots(facts: list[Fact]) -> dict[str, Any]:
        joined: dict[str, Any] = {}
        for fact in facts:
            joined = join(joined, {fact.slot: fact.value})
        return joined

    a, b, c = map(slots, (one, two, three))
    assert join(join(a, b), c) == join(a, join(b, c))


@given(FACTS)
def test_nothing_runs_in_a_kernel_that_is_gone(facts: list[Fact]) -> None:
    row = fold([*facts, Fact("x", "gone", {"at": 1.5e9, "why": "killed"})])
    assert row.status != "running"
    assert row.ended is not None


@given(FACTS)
def test_nothing_ends_before_it_began(facts: list[Fact]) -> None:
    row = fold(facts)
    if row.started is not None and row.ended is not None:
        assert row.ended >= row.started


START = Fact("x", "start", {"at": 100.0, "n": 3, "cell": "c", "src": "h"})
INPUT = Fact("x", "input", {"at": 100.1, "n": 3, "src": "h"})
IDLE = Fact("x", "idle", {"at": 103.0})
DEAD = Fact("x", "gone", {"at": 104.0, "why": "killed"})


def end(**fields: Any) -> Fact:
    return Fact("x", "end", {"at": 90.0, "seconds": 2.0, "ok": True, **fields})


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ([START], "running"),
        ([START, INPUT], "running"),
        ([START, DEAD], "killed"),
        ([START, end(), DEAD], "ok"),
        ([START, end(ok=False, ename="ValueError", evalue="no")], "error"),
        ([START, end(ok=False, ename="KeyboardInterrupt")], "interrupted"),
        ([START, end(ok=None)], "unknown"),
        ([START, end(ok=None), IDLE], "ok"),
        ([INPUT, IDLE], "ok"),
        ([INPUT, Fact("x", "error", {"at": 101.0, "ename": "", "evalue": "127"}), IDLE], "error"),
        ([INPUT, Fact("x", "gone", {"at": 104.0, "why": "unknown"})], "unknown"),
    ],
)
def test_how_an_execution_ends(facts: list[Fact], status: str) -> None:
    assert fold(facts).status == status


def test_a_step_of_the_clock_does_not_change_how_long_it_took() -> None:
    row = fold([START, end(), INPUT, IDLE])
    assert (row.started, row.seconds, row.ended) == (100.0, 2.0, 102.0)
