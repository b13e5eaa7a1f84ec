"""What the page finds in the reports of real kernels."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jupyter_mlflow.kernel.magics.findings import IDS
from jupyter_mlflow.kernel.magics.findings import findings as kernel_findings

HERE = Path(__file__).parent
#: One question at a time: threads share the process.
_TURN = threading.Lock()


@functools.cache
def _rules() -> subprocess.Popen[str]:
    """The page's own rules, in a process that ends with this one: its input does."""
    return subprocess.Popen(
        ["node", str(HERE / "diagnose.cjs")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "NODE_PATH": str(HERE.parent.parent / "node_modules")},
    )


def findings(input: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The findings: of `report`, and of what else the page knows. From any thread."""
    with _TURN:
        rules = _rules()
        assert rules.stdin is not None
        assert rules.stdout is not None
        rules.stdin.write(json.dumps(input) + "\n")
        rules.stdin.flush()
        line = rules.stdout.readline()
    assert line, "the rules have failed; their error stands above"
    found: list[dict[str, Any]] = json.loads(line)
    return found


def ids(input: Mapping[str, Any]) -> dict[str, str]:
    """The findings' ids, each with its severity; those of `%mlflow check` are the same."""
    if "error" not in input:
        agree(input)
    return {each["id"]: each["severity"] for each in findings(input)}


def agree(input: Mapping[str, Any]) -> None:
    """What `%mlflow check` says of the kernel is what the page says, as far as a kernel can tell."""
    report = input["report"]
    if report is None or report["facts"] is None:
        return
    # A kernel knows of no other one, and no display name.
    same = {"wrong-kernel": "package-missing"}
    page = {same.get(each["id"], each["id"]): each for each in findings(input)}
    kernel = {id: (severity, sentence) for id, severity, sentence in kernel_findings(report["facts"])}
    assert set(kernel) == {id for id in page if id in IDS}
    for id, (severity, sentence) in kernel.items():
        template, *words = page[id]["message"]
        assert severity == page[id]["severity"], id
        if id != "package-missing":
            for at, word in enumerate(words, 1):
                template = template.replace(f"%{at}", word)
            assert sentence == template


def remedies(input: Mapping[str, Any], id: str) -> Sequence[Mapping[str, Any]]:
    """What is proposed for one finding."""
    return next(each["remedies"] for each in findings(input) if each["id"] == id)


def kernelspecs(described: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Those of GET `environments`, as the page holds them."""
    return [
        {**each, "displayName": each["display_name"], "resourceDir": each["resource_dir"]}
        for each in described["kernelspecs"]
    ]


def server(id: str, uri: str) -> dict[str, Any]:
    """The panel's tracking server, as the page holds it."""
    return {"id": id, "name": "team", "origin": "config", "kind": "remote", "uri": uri, "state": "ready"}
