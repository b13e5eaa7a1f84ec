"""Reads large JSON in small steps.

Python's own reader holds the interpreter until it has read everything: a second for an output of 30 MB, in
which no other thread runs, the event loop's neither.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from json.encoder import _make_iterencode  # type: ignore[attr-defined]
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


def dumps(value: Any) -> str:
    """Like `json.dumps`."""
    return "".join(_GentleEncoder().iterencode(value))


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


class _GentleEncoder(json.JSONEncoder):
    def iterencode(self, o: Any, _one_shot: bool = False) -> Iterator[str]:
        markers: dict[int, Any] = {}
        write = _make_iterencode(
            markers, self.default, _write_string, None, _write_float, ": ", ", ", False, False, False
        )
        return write(o, 0)  # type: ignore[no-any-return]


def _write_float(number: float) -> str:
    return float.__repr__(number) if math.isfinite(number) else json.dumps(number)


def _write_string(text: str) -> str:
    if len(text) <= SMALL:
        return json.dumps(text)
    # Each piece by itself is written as it would be in the whole.
    step = max(SMALL, 1)
    pieces = "".join(json.dumps(text[at : at + step])[1:-1] for at in range(0, len(text), step))
    return f'"{pieces}"'


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
