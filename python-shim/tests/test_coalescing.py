"""Equal questions at the same time are asked once; leaving only leaves."""

from __future__ import annotations

import asyncio

import pytest
from jupyter_mlflow.server.coalescing import Coalescing


class Question:
    """Counts how often it is asked, and waits to be answered."""

    def __init__(self) -> None:
        self.asked = 0
        self.cancelled = 0
        self.answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def __call__(self) -> str:
        self.asked += 1
        try:
            return await asyncio.shield(self.answer)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


async def settle() -> None:
    """Lets everything run that can run."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_all_get_the_one_answer() -> None:
    coalescing, question = Coalescing[str](), Question()
    waiting = [asyncio.ensure_future(coalescing.ask("key", question)) for _ in range(5)]
    await settle()
    question.answer.set_result("answer")
    assert await asyncio.gather(*waiting) == ["answer"] * 5
    assert question.asked == 1
    assert await coalescing.ask("key", question) == "answer"
    assert question.asked == 2


async def test_all_get_the_one_error() -> None:
    coalescing, question = Coalescing[str](), Question()
    waiting = [asyncio.ensure_future(coalescing.ask("key", question)) for _ in range(3)]
    await settle()
    question.answer.set_exception(ValueError("no"))
    assert {type(each) for each in await asyncio.gather(*waiting, return_exceptions=True)} == {ValueError}


async def test_different_questions_are_different() -> None:
    coalescing, one, other = Coalescing[str](), Question(), Question()
    one.answer.set_result("one")
    other.answer.set_result("other")
    assert await asyncio.gather(coalescing.ask(1, one), coalescing.ask(2, other)) == ["one", "other"]


async def test_one_who_leaves_disturbs_nobody() -> None:
    coalescing, question = Coalescing[str](), Question()
    leaving = asyncio.ensure_future(coalescing.ask("key", question))
    staying = asyncio.ensure_future(coalescing.ask("key", question))
    await settle()
    leaving.cancel()
    await settle()
    assert question.cancelled == 0
    question.answer.set_result("answer")
    assert await staying == "answer"


async def test_the_last_who_leaves_cancels_the_question() -> None:
    coalescing, question = Coalescing[str](), Question()
    leaving = [asyncio.ensure_future(coalescing.ask("key", question)) for _ in range(3)]
    await settle()
    for each in leaving:
        each.cancel()
    # Who comes in the same moment asks anew, and does not get the cancelled one.
    await asyncio.wait(leaving)
    fresh = asyncio.ensure_future(coalescing.ask("key", question))
    await settle()
    assert (question.asked, question.cancelled) == (2, 1)
    question.answer.set_result("answer")
    assert await fresh == "answer"


async def test_who_leaves_after_the_answer_changes_nothing() -> None:
    coalescing, question = Coalescing[str](), Question()
    question.answer.set_result("answer")
    assert await coalescing.ask("key", question) == "answer"
    waiting = asyncio.ensure_future(coalescing.ask("key", Question()))
    await settle()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
