"""What `%mlflow` says to what is typed: errors, help and completions, in kernels as in test_magics.py."""

from __future__ import annotations

import ast
import json

import pytest
from jupyter_mlflow.kernel.magics import catalogue
from magics_case import Case
from magics_support import (
    content,
    layers,
)


@pytest.mark.parametrize(
    ("line", "fault", "hint"),
    [
        ("rnus", "rnus", "Did you mean “runs”?"),
        ("runs --lsat 3", "--lsat", "Did you mean “--last”?"),
        ("runs --last many", "many", ""),
        ("runs --last", "--last", ""),
        ("runs metrcs.acc > 1", "metrcs", "Did you mean “metrics”?"),
        ("runs metrics.acc >", "metrics.acc >", ""),
        ("runs metrics.acc > 'x", "'x", "Close it"),
        ("runs --sort acx", "acx", "Did you mean “acc”?"),
        ("best acccc", "acccc", "Did you mean “acc”?"),
        ("show run-7", "run-7", "Did you mean “run-"),
        ("show " + "0" * 32, "0" * 32, ""),
        ("runs --last 0", "--last", "one run at least"),
        ("chart loss --smooth 1", "--smooth", "0.999"),
        ("chart " + " ".join(f"k{i}" for i in range(21)), "k20", "20 metrics"),
        ("""show 'a"' "b'" """, "", "%mlflow compare"),
        ("compare", "", "%mlflow compare first second"),
        ("connect htp://x", "htp://x", "Did you mean “http”?"),
        ("autolog onn", "onn", "Did you mean “on”?"),
        ("log-param depth=3", "", "%%mlflow"),
        ("log-metric acc", "acc", "depth=3"),
        ("log-metric acc=high", "acc=high", "log-param"),
        ("end", "", "%%mlflow"),
        ("help rnus", "rnus", "Did you mean “runs”?"),
        ("compare metrcs.acc > 1", "metrcs", "Did you mean “metrics”?"),
        ("chart loss --runs 'metrcs.acc > 1'", "metrcs", ""),
        ("best acc metrcs.acc > 1", "metrcs", "Did you mean “metrics”?"),
        ("compare run-0 " + "0" * 32, "0" * 32, ""),
        ("compare run-0 run-7", "run-7", "Did you mean “run-"),
        ("runs --experiment nowhere", "nowhere", "%mlflow experiment NAME"),
        ("show run-0 --experiment nowhere", "nowhere", "%mlflow experiment NAME"),
        ("chart loss --experiment nowhere", "nowhere", "%mlflow experiment NAME"),
        ("models nothing-of-it", "nothing-of-it", "%mlflow models shows all"),
        ("connect http://", "http://", "http://host:5000"),
        ("connect http://a:1 http://b:2", "http://b:2", ""),
        ("experiment ''", "''", ""),
    ],
)
def test_an_error_is_a_sentence_with_the_word_at_fault(case: Case, line: str, fault: str, hint: str) -> None:
    cell = case.kernel.run(f"%mlflow {line}")
    assert not cell.ok
    assert cell.reply["ename"] == "UsageError"
    lines = cell.reply["evalue"].splitlines()
    assert hint in cell.reply["evalue"]
    assert fault in cell.reply["evalue"]
    assert len(lines) <= 4, lines
    marks = [text for text in lines if set(text) == {" ", "^"}]
    for mark in marks:
        above = lines[lines.index(mark) - 1]
        assert above.startswith("    %mlflow ")
        assert above[mark.index("^") :].startswith(above.rstrip()[-mark.count("^") :])


def test_no_sub_command_takes_what_it_does_not_know(case: Case) -> None:
    code = (
        "said = {}\n"
        "for name in %r:\n"
        "    try:\n        get_ipython().run_line_magic('mlflow', name + ' --nonsense 3')\n"
        "    except Exception as error:\n        said[name] = type(error).__name__, str(error)\n"
        "print(said)"
    )
    known = [name for name in catalogue.names() if name != "status"]
    said = ast.literal_eval(case.kernel.run(code % known).stdout)
    assert set(said) == set(known)
    for kind, sentence in said.values():
        assert kind == "UsageError"
        assert "has no option --nonsense" in sentence


def test_tab(case: Case) -> None:
    def tab(code: str) -> list[str]:
        program = (
            "import json\n"
            f"_t, _m = get_ipython().complete('', {code!r}, {len(code)})\n"
            "print(json.dumps(list(_m)))"
        )
        found: list[str] = json.loads(case.kernel.run(program).stdout.splitlines()[-1])
        return found

    assert "runs" in tab("%mlflow ru")
    assert "--sort" in tab("%mlflow runs --s")
    assert tab("%mlflow chart lo")[0] == "loss"
    assert "acc" in tab("%mlflow runs --sort a")
    assert "metrics.acc" in tab("%mlflow runs metrics.a")
    assert tab("%mlflow chart loss --x t") == ["time"]
    assert "--param" in tab("%%mlflow --p")


def test_help_about_everything(case: Case) -> None:
    cell = case.kernel.run("%mlflow help")
    text = layers(cell)["text/plain"]
    rows = str(content(cell, "status")["snapshot"]["rows"])
    for name in ("check", "connect", "experiment", "runs", "show", "compare", "chart", "best", "models"):
        assert f"%mlflow {name}" in text
        assert f"%mlflow {name}" in rows, "also on a page that draws our own layer"
        assert "for example" in layers(case.kernel.run(f"%mlflow help {name}"))["text/plain"]
    assert "--nested" in layers(case.kernel.run("%mlflow help %%mlflow"))["text/plain"]
