"""Names, texts and files within what every MLflow from 2.3.2 on takes."""

from __future__ import annotations

import hashlib
import re

#: Characters of a run's name, a parameter and a tag. 2.3.2 takes 250, 500 and 5,000; longer ones it refuses.
NAME, PARAM, TAG = 100, 500, 5000
#: Of an experiment's name, as MLflow's stores take them.
EXPERIMENT = 250

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_STRICT = re.compile(r"[A-Za-z0-9_.:@-]{1,200}")
_COMMENT = re.compile(r"^(?:#+|//+|--|%+(?=\s))\s*(?:%%+|\+|-)?\s*")
_MAGIC = re.compile(r"^(?:%%|#\||#!|# ?%%\s*$|# ?\+\s*$)")

EXTENSIONS = {
    "python": "py",
    "r": "R",
    "julia": "jl",
    "bash": "sh",
    "scala": "scala",
    "java": "java",
    "javascript": "js",
    "typescript": "ts",
    "c++": "cpp",
    "sql": "sql",
    "rust": "rs",
    "go": "go",
}


def clean(text: str, limit: int) -> str:
    """Without characters that a database refuses, and cut with a mark at `limit` characters."""
    text = _CONTROL.sub("\ufffd", text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def run_name(source: str, execution_count: int | None) -> str:
    """The first comment or line of a cell; magics, options and marks of text notebooks do not count."""
    lines = [line.strip() for line in source[:20_000].split("\n") if line.strip()]
    telling = [line for line in lines if not _MAGIC.match(line)] or lines
    for line in telling:
        name = " ".join(_COMMENT.sub("", line).split())
        if name:
            return clean(name, NAME)
    return f"cell [{execution_count}]" if execution_count is not None else "empty cell"


def searchable(id: str) -> str:
    """An id as the value of a tag that can be searched for: MLflow's filters know no escape for quotes."""
    if _STRICT.fullmatch(id):
        return id
    return "sha256-" + hashlib.sha256(id.encode("utf-8", "surrogatepass")).hexdigest()


def source_file(language: str | None) -> str:
    """The name of the file that holds the code."""
    return f"source.{EXTENSIONS.get((language or '').lower(), 'txt')}"
