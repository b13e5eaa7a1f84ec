"""Large outputs are read as they were written, and nobody else waits for it."""

from __future__ import annotations

import json
import threading
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jupyter_mlflow.server.recorder import gentle_json
from jupyter_mlflow.server.recorder.gentle_json import dumps, loads, size_within

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@pytest.fixture(autouse=True)
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that little is enough for a test."""
    monkeypatch.setattr(gentle_json, "SMALL", 0)


@given(VALUES, st.booleans())
def test_it_reads_what_was_written(value: object, is_ascii: bool) -> None:
    assert loads(json.dumps(value, ensure_ascii=is_ascii)) == value


@given(VALUES)
def test_it_writes_what_others_write(value: object) -> None:
    assert dumps(value) == json.dumps(value)


def test_it_writes_what_is_no_number_and_pieces_of_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gentle_json, "SMALL", 7)
    for value in (float("nan"), float("inf"), 'é"\\😀\ud83d' * 40, ["x" * 700, {"y" * 700: 1}]):
        assert dumps(value) == json.dumps(value)


@example("\\" * 19 + "\ud83d\U0001f680" + "\\" * 20)
@given(st.text(alphabet='\\"\n\u00e9\u4e2d\U0001f680\ud83da', max_size=60))
def test_escapes_of_every_kind(text: str) -> None:
    assert loads(json.dumps({"text": text * 300})) == {"text": text * 300}


@pytest.mark.parametrize("text", ['"', '{"a": "b', '["\\x"]', "[1, 2", ""])
def test_what_is_no_json(text: str) -> None:
    with pytest.raises(json.JSONDecodeError):
        loads(text)


def test_others_run_meanwhile() -> None:
    text = json.dumps({"text": 'a line with "quotes" and \u00e9\n' * 300_000})
    turns = 0
    is_over = threading.Event()

    def watch() -> None:
        nonlocal turns
        while not is_over.is_set():
            time.sleep(0.001)
            turns += 1

    watching = threading.Thread(target=watch)
    watching.start()
    began = time.process_time()
    loads(text)
    took = time.process_time() - began
    is_over.set()
    watching.join()
    assert took > 0.1, "otherwise this test says nothing"
    assert took / turns < 0.05, "of processor time, whatever else the machine does"


def test_sizes() -> None:
    assert size_within([1, "ab", {"c": None}], 1000) == len(json.dumps([1, "ab", {"c": None}]))
    assert 100 < size_within(list(range(10**6)), 100) < 300
