"""What is known of one execution, from facts that come late, twice or in any order.

A fact fills a slot. Joining slots is commutative, associative and idempotent, and the row is a function of
the joined slots alone: so the same facts give the same row, whatever way they came.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Status = Literal["running", "ok", "error", "interrupted", "killed", "unknown"]

#: `start`, `end`: by the kernel's journal. `input`, `error`, `idle`: by the witness; `attached`: it came when
#: the execution ran already. `runs`: started by the execution. `gone`: the kernel's process ended.
#: `matched`: the cell, found by its source where nobody named it. `git`: commit and state of the folder.
SLOTS = ("start", "end", "input", "error", "idle", "attached", "runs", "gone", "matched", "git")

Slots = Mapping[str, Mapping[str, Any]]

_INTERRUPTS = ("KeyboardInterrupt",)


@dataclass(frozen=True)
class Fact:
    """One thing that was seen of an execution. `value` is what JSON can hold."""

    execution_id: str
    slot: str
    value: Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """An execution as of now. Times are seconds since the epoch, None where nobody saw them."""

    status: Status
    started: float | None
    ended: float | None
    seconds: float | None
    execution_count: int | None
    cell_id: str | None
    tagged: bool
    source: str | None
    error: tuple[str, str] | None
    runs: tuple[str, ...]
    #: tracking URIs of those runs, without a login, as far as the kernel told them
    run_uris: Mapping[str, str]
    capture: Literal["full", "witness", "journal", "partial"]
    process: str | None
    #: whether anything but its end was seen: an end alone is no execution that could be shown
    has_begun: bool


def join(one: Slots, other: Slots) -> dict[str, Mapping[str, Any]]:
    """Both together."""
    joined = dict(one)
    for slot, value in other.items():
        known = joined.get(slot)
        if known is None or known == value:
            joined[slot] = value
        elif slot == "runs":
            joined[slot] = {
                "ids": sorted({*known["ids"], *value["ids"]}),
                "uris": _both(known.get("uris") or {}, value.get("uris") or {}),
            }
        else:
            # Two that differ are a fault of somebody's; which one counts must not depend on who came first.
            joined[slot] = min(known, value, key=_order)
    return joined


def reduce(slots: Slots) -> Row:
    """The row of these slots."""
    start, end, seen = slots.get("start"), slots.get("end"), slots.get("input")
    started = _first("at", start, seen, slots.get("attached"))
    seconds = (end or {}).get("seconds")
    status = _status(slots)
    ended = None
    if status != "running":
        if started is not None and seconds is not None:
            # The kernel's monotonic clock: a step of the machine's clock in between changes nothing.
            ended = started + seconds
        else:
            ended = _first("at", end, slots.get("idle"), slots.get("error"), slots.get("gone"))
            if started is not None and ended is not None:
                ended = max(started, ended)
    failure = end if end is not None and end.get("ename") is not None else slots.get("error")
    return Row(
        status=status,
        started=started,
        ended=ended,
        seconds=seconds,
        execution_count=_first("n", seen, end, start),
        cell_id=_first("cell", start, slots.get("matched")),
        tagged=bool(start and start.get("tagged")),
        source=_first("src", start, seen),
        error=(failure.get("ename") or "", failure.get("evalue") or "") if failure is not None else None,
        runs=tuple(slots.get("runs", {}).get("ids", ())),
        run_uris=slots.get("runs", {}).get("uris") or {},
        capture=_capture(slots),
        process=_first("process", start, seen, slots.get("attached")),
        has_begun=bool(start or seen or slots.get("attached")),
    )


def _status(slots: Slots) -> Status:
    end, error = slots.get("end"), slots.get("error")
    if end is not None and end.get("ok") is not None:
        if end["ok"]:
            return "ok"
        return "interrupted" if end.get("ename") in _INTERRUPTS else "error"
    if error is not None:
        return "interrupted" if error.get("ename") in _INTERRUPTS else "error"
    if "idle" in slots:
        return "ok"
    gone = slots.get("gone")
    if gone is not None:
        return "killed" if gone.get("why") == "killed" else "unknown"
    return "unknown" if end is not None else "running"


def _capture(slots: Slots) -> Literal["full", "witness", "journal", "partial"]:
    if "attached" in slots:
        return "partial"
    if "start" in slots:
        return "full" if "input" in slots else "journal"
    return "partial" if slots.get("input", {}).get("partial") else "witness"


def _first(name: str, *of: Mapping[str, Any] | None) -> Any:
    return next((each[name] for each in of if each is not None and each.get(name) is not None), None)


def _both(one: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
    return {id: min(each[id] for each in (one, other) if id in each) for id in sorted({*one, *other})}


def _order(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True)
