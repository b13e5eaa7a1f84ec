"""Whatever names and values hold, each layer of an output shows it as text, and stays small."""

from __future__ import annotations

import json
import unicodedata
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jupyter_mlflow.kernel.magics import bundles, cards, chart, model_commands, tables
from jupyter_mlflow.kernel.magics.records import Run
from jupyter_mlflow.kernel.magics.text import LONG

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"' onmouseover='alert(1)",
    "$$\\int_0^1 \\href{javascript:alert(1)}{x}$$",
    "\\(\\unicode{60}\\)",
    "\x1b[31mred\x1b]8;;http://evil.invalid\x07link",
    "line\nbreak\r\ttab\x00nul",
    "\u202egnp.exe\u2066\u2029",
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "שלום עולם مرحبا",
    "日本語のパラメータ",
    "\ud800 half",
    "a" * 10_000,
    "🎈" * 10_000,
    "$<&\\" * 2_500,
    "</td></tr></table><style>*{display:none}</style>",
    "&lt;b&gt; &amp;#36;",
    "| a | b |\n|---|---|",
    "",
)
SHORT = st.text(max_size=12)
TEXTS = st.one_of(st.sampled_from(HOSTILE), SHORT, SHORT.map(lambda text: text * 200))
NUMBERS = st.one_of(st.floats(), st.integers(-(2**53), 2**53), st.just(float("nan")))
PAIRS = st.dictionaries(TEXTS, TEXTS, max_size=8)

TAGS = {"table", "thead", "tbody", "tr", "th", "td", "p", "span"}
ATTRIBUTES = {"dir", "style"}
CELLS = {
    f"text-align: {side}; {wrap}" for side in ("left", "right") for wrap in ("white-space: nowrap", LONG)
}
STYLES = {*CELLS, "margin: 0.3em 0"}


class _Reader(HTMLParser):
    """Notes what a page is made of."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        for name, value in attrs:
            assert name in ATTRIBUTES, name
            assert name != "style" or value in STYLES, value

    def handle_data(self, data: str) -> None:
        assert "$" not in data, "MathJax looks for it within one text"
        assert "\\" not in data
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(data)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)


def check(bundle: dict[str, Any], kind: str) -> dict[str, Any]:
    """The snapshot of a bundle in which all is well."""
    assert set(bundle) == {bundles.mime(kind), "text/html", "text/plain"}
    content = bundle[bundles.mime(kind)]
    text = json.dumps(content, ensure_ascii=False, allow_nan=False)
    snapshot = content["snapshot"]
    assert bundles.size_of(snapshot) <= 30_000
    text.encode()
    reader = _Reader()
    reader.feed(bundle["text/html"])
    reader.close()
    assert len(bundle["text/html"].encode()) < 400_000
    for character in bundle["text/plain"].replace("\n", ""):
        category = unicodedata.category(character)
        assert category not in ("Cc", "Cs", "Zl", "Zp"), character
        assert category != "Cf" or character in "\u200c\u200d", character
    found: dict[str, Any] = snapshot
    return found


def a_run(
    name: str, params: dict[str, str], metrics: dict[str, float], tags: dict[str, str], id: str = "1" * 32
) -> dict[str, Any]:
    """As MLflow tells it."""
    data = {
        kind: [{"key": key, "value": value} for key, value in pairs.items()]
        for kind, pairs in (("params", params), ("metrics", metrics), ("tags", tags))
    }
    info = {"run_id": id, "experiment_id": "1", "run_name": name, "status": "FINISHED", "start_time": 1}
    return {"info": info, "data": data}


RUNS = st.builds(a_run, TEXTS, PAIRS, st.dictionaries(TEXTS, NUMBERS, max_size=8), PAIRS)


@settings(deadline=None, max_examples=60)
@given(runs=st.lists(RUNS, max_size=6), times=st.integers(1, 20), note=TEXTS, filter=TEXTS)
def test_a_table(runs: list[dict[str, Any]], times: int, note: str, filter: str) -> None:
    ids = {"experiment_ids": ["1"], "filter": filter, "order_by": None, "max_results": 20}
    records = [Run(each) for each in runs * times]
    snapshot = check(tables.table(ids, records, None, "" if records else "No runs match."), "table")
    assert len(snapshot["rows"]) == len(records) or snapshot["truncated"]


@settings(deadline=None, max_examples=60)
@given(run=RUNS, note=TEXTS, artifacts=st.lists(st.tuples(TEXTS, st.none() | st.integers(0)), max_size=12))
def test_a_card(run: dict[str, Any], note: str, artifacts: list[tuple[str, int | None]]) -> None:
    check(cards.card(Run(run), note, [list(each) for each in artifacts]), "card")


@settings(deadline=None, max_examples=60)
@given(
    runs=st.lists(RUNS, min_size=1, max_size=3),
    key=TEXTS,
    values=st.lists(NUMBERS, min_size=1, max_size=40),
    smooth=st.sampled_from([0.0, 0.6, 0.999]),
)
def test_a_chart(runs: list[dict[str, Any]], key: str, values: list[float], smooth: float) -> None:
    for run in runs:
        run["data"]["metrics"] = [{"key": key, "value": values[-1]}]

    class Tracking:
        """Gives every run the same history."""

        def call(self, method: str, run_id: str, metric: str) -> tuple[list[dict[str, Any]], bool]:
            assert (method, metric) == ("history", key)
            return [{"value": value, "step": i, "timestamp": i} for i, value in enumerate(values)], False

    ids = {"run_ids": [], "keys": [key], "x": "step", "smooth": smooth, "log": False, "filter": ""}
    snapshot = check(chart.draw(Tracking(), ids, [Run(each) for each in runs], [key]), "chart")
    assert len(snapshot["lines"]) == len(runs) or snapshot["truncated"]


@settings(deadline=None, max_examples=60)
@given(
    models=st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=10),
    fields=st.lists(st.tuples(TEXTS, TEXTS), max_size=20),
)
def test_models(models: list[tuple[str, str, str]], fields: list[tuple[str, str]]) -> None:
    specs = json.dumps([{"name": name, "type": kind} for name, kind in fields])
    signature = specs.replace("'", "''")

    class Tracking:
        """A registry of that."""

        def call(self, method: str, *args: Any) -> Any:
            answers = {
                "models": [
                    {"name": name, "description": text, "aliases": [{"alias": alias, "version": 1}]}
                    for name, alias, text in models
                ],
                "model": {"description": models[0][2] if models else ""},
                "versions": [{"version": "1", "status": text, "run_id": alias} for _, alias, text in models],
                "model_file": f"signature:\n  inputs: '{signature}'\n",
            }
            return answers[method]

    check(model_commands._all(Tracking())._bundle, "model")
    name = models[0][0] if models else "m"
    check(model_commands._one(Tracking(), name, None)._bundle, "model")


@pytest.mark.parametrize("text", [text for text in HOSTILE if text])
def test_the_text_itself_is_there(text: str) -> None:
    run = Run(a_run(text, {"p": text}, {}, {"t": text}))
    bundle = cards.card(run)
    shown = "".join(character for character in text[:30] if character.isalnum() and character.isascii())
    readable = _Reader()
    readable.feed(bundle["text/html"])
    for layer in ("".join(readable.texts), bundle["text/plain"]):
        kept = "".join(character for character in layer if character.isalnum() and character.isascii())
        assert shown in kept


def test_a_model_reads_as_the_page_writes_it() -> None:
    """The same text stands in src/widgets/layers.spec.ts."""
    told = {
        "model": {
            "name": "churn",
            "description": "of *2025*",
            "aliases": [{"alias": "champion", "version": "2"}],
        },
        "versions": [
            {
                "version": "2",
                "current_stage": "Staging",
                "status": "READY",
                "run_id": "b" * 32,
                "creation_timestamp": 1_700_000_000_000,
            }
        ],
        "model_file": 'signature:\n  inputs: \'[{"type": "double", "name": "a"}]\'\n',
    }

    class Told:
        def call(self, method: str, *_: Any) -> Any:
            return told[method]

    shown = model_commands._one(Told(), "churn", None).layers()
    assert shown["text/plain"].splitlines() == [
        "churn: of *2025*",
        "version  aliases   stage    status  run       created",
        "-------  --------  -------  ------  --------  -----------------------",
        "      2  champion  Staging  READY   bbbbbbbb  2023-11-14 22:13:20 UTC",
        "",
        "Signature of version 2",
        "       name  type",
        "-----  ----  ------  ",
        "input  a     double",
    ]
    assert shown[bundles.mime("model")]["snapshot"]["versions"] == [
        ["2", "champion", "READY", "b" * 32, 1_700_000_000_000, "Staging"]
    ]
