"""Reads large JSON in small steps.

Python's own reader holds the interpreter until it has read everything: a second for an output of 30 MB, in
which no other thread runs, the event loop's neither.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from json.scanner import py_make_scanner  # type: ignore[attr-defined]
from typing import Any

#: Characters up to which it is read at once.
SMALL = 200_000
#: Whole escapes and what lies between them, at most so many: about a millisecond. Both halves of a surrogate
#: pair are one unit; a first half without its second is one by itself.
_UNITS = re.compile(r"(?:[^\\]{1,2048}|\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\.){1,4000}", re.DOTALL)


def loads(text: str) -> Any:
    """Like `json.loads`."""
    return json.loads(text) if len(text) <= SMALL else _GentleDecoder().decode(text)


def size_within(value: Any, limit: int) -> int:
    """Characters of `value` as JSON; where they are more than `limit`, a number above it."""
    size = 0
    for part in json.JSONEncoder().iterencode(value):
        size += len(part)
        if size > limit:
            break
    return size


class _GentleDecoder(json.JSONDecoder):
    def __init__(self) -> None:
        super().__init__()
        self.parse_string = _read_string
        self.scan_once = py_make_scanner(self)


def _read_string(text: str, begin: int, strict: bool = True) -> tuple[str, int]:
    """The string that begins at `begin`, after its quote, and the place after it."""
    end = text.find('"', begin)
    while end >= 0 and _is_escaped(text, begin, end):
        end = text.find('"', end + 1)
    if end < 0:
        raise json.JSONDecodeError("Unterminated string starting at", text, begin - 1)
    if text.find("\\", begin, end) < 0:
        return text[begin:end], end + 1
    return "".join(_decoded(text, begin, end)), end + 1


def _is_escaped(text: str, begin: int, quote: int) -> bool:
    place = quote
    while place > begin and text[place - 1] == "\\":
        place -= 1
    return (quote - place) % 2 == 1


def _decoded(text: str, begin: int, end: int) -> Iterator[str]:
    while begin < end:
        units = _UNITS.match(text, begin, end)
        if units is None:
            raise json.JSONDecodeError("Invalid escape", text, begin)
        yield json.loads(f'"{units.group()}"', strict=False)
        begin = units.end()
