"""The signature of a model is read from its file without a parser of YAML."""

from __future__ import annotations

import json

import yaml
from hypothesis import assume, given
from hypothesis import strategies as st
from jupyter_mlflow.kernel.magics.signatures import of_file, type_of

NAMES = st.text(min_size=1, max_size=120)
#: A line break of YAML, which PyYAML itself does not read as it wrote it; MLflow's JSON escapes it.
BREAK = "\x85"
TYPES = st.sampled_from(["double", "string", "long", "datetime"])


def _file(**signature: str | None) -> str:
    content = {"flavors": {"python_function": {"env": "x"}}, "signature": signature, "utc_time_created": "y"}
    return yaml.safe_dump(content, default_flow_style=False, allow_unicode=True)


@given(columns=st.lists(st.tuples(NAMES, TYPES, st.booleans()), min_size=1, max_size=12), ascii=st.booleans())
def test_names_of_any_kind_come_through(columns: list[tuple[str, str, bool]], ascii: bool) -> None:
    assume(ascii or all(BREAK not in name for name, _, _ in columns))
    specs = [{"type": kind, "name": name, "required": needed} for name, kind, needed in columns]
    tensor = [{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 10]}}]
    text = _file(inputs=json.dumps(specs, ensure_ascii=ascii), outputs=json.dumps(tensor), params=None)
    assert of_file(text) == {
        "inputs": [[name, kind, needed] for name, kind, needed in columns],
        "outputs": [["0", "tensor float64 (-1, 10)", True]],
        "params": [],
    }


def test_line_separators_are_no_spaces() -> None:
    for name in ("\u2028", "a\u2029b", "a \u2028 b", "\u2028\u2028"):
        spec = [{"type": "double", "name": name, "required": True}]
        text = _file(inputs=json.dumps(spec, ensure_ascii=False), outputs=None, params=None)
        found = of_file(text)
        assert found is not None
        assert found["inputs"] == [[name, "double", True]]


def test_what_is_no_signature_is_none() -> None:
    for text in (
        "",
        "flavors: {}\n",
        "signature: null\n",
        "signature:\n  inputs: 'not json'\n",
        "signature:\n  inputs: '[1, null]'\n  outputs: '{}'\n",
        "signature:\n  inputs: '[",
    ):
        assert of_file(text) is None, text


def test_types_are_told_in_words() -> None:
    assert type_of({"type": "array", "items": {"type": "map", "values": {"type": "long"}}}) == (
        "array of map of long"
    )
    assert type_of({"name": "p", "dtype": "double", "default": 1, "shape": [-1]}) == "double (-1)"
    assert type_of({"type": "object", "properties": {}}) == "object"
    assert type_of(None) == "?"
