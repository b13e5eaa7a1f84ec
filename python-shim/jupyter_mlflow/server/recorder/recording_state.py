"""How a notebook is recorded, as its page is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from .kernel_sessions import Wanted
from .modes import Modes


class Sends(Protocol):
    """What the routes ask of whoever ships. All of it blocks."""

    def preview(self, execution_id: str) -> Mapping[str, Any]:
        """Exactly what would be sent. :raises Problem: `unknown-execution`"""

    def summary(self, notebook_id: str | None) -> Mapping[str, Any]:
        """`{"waiting", "refused"}` of docs/architecture.md."""

    def resend(self, execution_id: str) -> int:
        """Try again what was refused; how many."""

    def drop(self, execution_id: str) -> int:
        """Send it no more; how many."""

    def redirect(self, execution_id: str, target: Mapping[str, str]) -> int:
        """Send what was refused to another place; how many."""

    def movable(self, notebook_id: str) -> list[str]:
        """Executions of a notebook that were refused, or wait for a server that is gone."""


def rules_of(modes: Modes, path: str, notebook_id: str | None) -> dict[str, Any]:
    """Of the `Recording` of docs/architecture.md what rules and administrator say. Reads a file."""
    mode, wishes, limits = modes.of(notebook_id, path), modes.read(), modes.allowed
    days, most = modes.retention()
    return {
        "path": path,
        "notebook_id": notebook_id,
        "keep": mode.keep,
        "send": mode.send,
        "target": dict(mode.target) if mode.target is not None else None,
        "paused": mode.paused,
        "rule": mode.rule,
        "rule_path": mode.rule_path,
        "by": mode.by,
        "offered": wishes.offered,
        "allowed": {
            "keep": limits.keep,
            "send": list(limits.send),
            "redact_at_capture": limits.redact_at_capture,
            "retention": {"days": days, "bytes": most},
            "runs_per_day": limits.runs_per_day,
        },
    }


def state_of(path: str, wanted: Iterable[Wanted | None]) -> str:
    """`on`, `paused` or `off`, of a notebook."""
    views = [
        view
        for each in wanted
        if each is not None
        for view in (each.plan.default, *each.plan.clients.values())
        if view.origin.path == path
    ]
    if any(view.records for view in views):
        return "on"
    is_paused = any(view.origin.keep or view.origin.send != "nothing" for view in views)
    return "paused" if is_paused else "off"
