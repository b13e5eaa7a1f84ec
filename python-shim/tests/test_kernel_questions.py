"""Who asks a kernel while somebody else does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from jupyter_mlflow.server.kernels.kernel_questions import KernelQuestions
from jupyter_mlflow.server.kernels.kernel_record import KernelRecord


class Slow(KernelQuestions):
    """Answers when the test says so."""

    def __init__(self) -> None:
        super().__init__(lambda record: {}, answered=lambda record: None, log=logging.getLogger())
        self.gates: list[asyncio.Event] = []

    async def _answer_of(self, record: KernelRecord, extra: Mapping[str, Any], is_first: bool) -> None:
        self.gates.append(asyncio.Event())
        await self.gates[-1].wait()


async def asked(questions: Slow, count: int) -> None:
    """Until so many questions are on their way or answered, and none is about to be."""
    for _ in range(10):
        await asyncio.sleep(0)
    assert len(questions.gates) == count


async def test_who_asks_later_gets_an_answer_of_later() -> None:
    questions, record = Slow(), KernelRecord("kernel", None, "local", "python")
    early = asyncio.ensure_future(questions.probe(record, ()))
    await asked(questions, 1)
    # The answer to the first may be older than what these have changed.
    late = [asyncio.ensure_future(questions.probe(record, ())) for _ in range(3)]
    await asked(questions, 1)
    questions.gates[0].set()
    await asked(questions, 2)
    assert early.done()
    assert not any(each.done() for each in late)
    questions.gates[1].set()
    await asyncio.gather(*late)
    assert len(questions.gates) == 2


async def test_the_first_question_of_a_process_is_for_all_who_wait_for_it() -> None:
    questions, record = Slow(), KernelRecord("kernel", None, "local", "python")
    questions.ask(record, {}, is_first=True)
    waiting = [asyncio.ensure_future(questions.probe(record, ())) for _ in range(3)]
    await asked(questions, 1)
    questions.gates[0].set()
    await asyncio.gather(*waiting)
    assert len(questions.gates) == 1
