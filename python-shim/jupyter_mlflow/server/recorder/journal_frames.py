"""What a kernel's journal says. A kernel is not trusted: what does not fit is skipped and counted."""

from __future__ import annotations

import json
import math
import os
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..tracking.addresses import redact_uri
from .reducer import Fact

#: Bytes of a frame's object, and of a source: kernel/journal.py writes less.
MAX_HEAD = 64 * 1024
MAX_SOURCE = 33 * 1024 * 1024
#: Frames that do not fit, after which a journal is not read any further.
MAX_BAD = 50

_MARK = b"\x1e"
_CRC = re.compile(rb',"crc":([0-9]{1,10})\}$')
ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_RUN = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Frame:
    """One frame: its object, and the source if it had one."""

    head: Mapping[str, Any]
    source: str | None


@dataclass(frozen=True)
class Read:
    """What was found in some bytes of a journal."""

    frames: list[Frame]
    #: how many bytes are done with
    used: int
    #: frames that did not fit
    bad: int


def read_frames(data: bytes, *, is_all: bool) -> Read:
    """The frames in `data`.

    :param is_all: nothing will be written any more: the rest of a frame is not waited for
    """
    frames: list[Frame] = []
    at, bad = 0, 0
    while at < len(data) and bad <= MAX_BAD:
        if data[at : at + 1] != _MARK:
            at, bad = _next_mark(data, at), bad + 1
            continue
        end = data.find(b"\n", at, at + MAX_HEAD)
        if end < 0 and len(data) - at < MAX_HEAD and not is_all:
            break
        found = _read_one(data, at, end) if end >= 0 else None
        if found is None:
            at, bad = _next_mark(data, at + 1), bad + 1
            continue
        frame, used = found
        if frame is None:
            # The source is not there yet.
            if not is_all:
                break
            at, bad = _next_mark(data, at + 1), bad + 1
            continue
        frames.append(frame)
        at += used
    return Read(frames, at, bad)


def _next_mark(data: bytes, at: int) -> int:
    found = data.find(_MARK, at)
    return len(data) if found < 0 else found


def _read_one(data: bytes, at: int, end: int) -> tuple[Frame | None, int] | None:
    """The frame and its bytes; no frame if there are bytes missing; None if it does not fit."""
    line = data[at + 1 : end]
    crc = _CRC.search(line)
    if crc is None:
        return None
    text = line[: crc.start()] + b"}"
    try:
        head = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(head, dict):
        return None
    length = head.get("len")
    source = b""
    used = end + 1 - at
    if length is not None:
        if type(length) is not int or not 0 <= length <= MAX_SOURCE:
            return None
        source = data[end + 1 : end + 1 + length]
        if len(source) < length or len(data) < end + 2 + length:
            return None, 0
        used += length + 1
    if zlib.crc32(source, zlib.crc32(text)) != int(crc[1]):
        return None
    return Frame(head, _decode(source) if length is not None else None), used


def _decode(source: bytes) -> str:
    try:
        return source.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return source.decode("utf-8", "replace")


def fact_of(frame: Frame, process: str) -> Fact | None:
    """What the frame tells of an execution; None if it is of no kind or form that is known."""
    head = frame.head
    id = head.get("id")
    if not isinstance(id, str) or not ID.fullmatch(id):
        return None
    read = _READERS.get(str(head.get("k")))
    value = read(head) if read is not None else None
    if value is None or read is None:
        return None
    slot = {"run": "runs"}.get(head["k"], head["k"])
    if slot == "start":
        value["process"] = process
        if frame.source is not None:
            value["source"] = frame.source
    return Fact(id, slot, value)


def client_of(frame: Frame) -> str | None:
    """The client session that asked for the execution."""
    return _text(frame.head.get("session"), 200)


def folder_of(frame: Frame) -> str | None:
    """Where a cell begins to run, an absolute path; None if it is not to be known."""
    folder = _text(frame.head.get("cwd"), 2000)
    return folder if folder and os.path.isabs(folder) and "\0" not in folder else None


def knows_folder(frame: Frame) -> bool:
    """Whether the kernel was to tell the folder, as it is where something is sent."""
    return "cwd" in frame.head


def _start(head: Mapping[str, Any]) -> dict[str, Any] | None:
    at = _number(head.get("at"))
    if at is None:
        return None
    value = {"at": at, "cell": _text(head.get("cell"), 500), "tagged": head.get("tagged") is True}
    git = _git(head.get("git"))
    return {**value, "git": git} if git is not None else value


def _end(head: Mapping[str, Any]) -> dict[str, Any] | None:
    at, seconds, ok = _number(head.get("at")), _number(head.get("seconds")), head.get("ok")
    if at is None or seconds is None or not (ok is None or isinstance(ok, bool)):
        return None
    n = head.get("n")
    if n is not None and (type(n) is not int or not 0 <= n < 1e9):
        return None
    value: dict[str, Any] = {"at": at, "n": n, "seconds": seconds, "ok": ok}
    if ok is False:
        value |= {"ename": _text(head.get("ename"), 200) or "", "evalue": _text(head.get("evalue"), 2000)}
    return value


def _run(head: Mapping[str, Any]) -> dict[str, Any] | None:
    run, uri = head.get("run"), _text(head.get("uri"), 2000)
    if not isinstance(run, str) or not _RUN.fullmatch(run):
        return None
    return {"ids": [run], "uris": {run: redact_uri(uri)} if uri else {}}


def _git(head: Any) -> dict[str, Any] | None:
    commit = head.get("commit") if isinstance(head, Mapping) else None
    if not isinstance(commit, str) or not _COMMIT.fullmatch(commit):
        return None
    return {"commit": commit, "dirty": head.get("dirty") is True}


_READERS = {"start": _start, "end": _end, "run": _run, "git": _git}


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) and 0 <= number < 1e11 else None


def _text(value: Any, most: int) -> str | None:
    """Also what the ledger can hold: a kernel may send halves of characters."""
    return value[:most].encode("utf-8", "replace").decode() if isinstance(value, str) else None
