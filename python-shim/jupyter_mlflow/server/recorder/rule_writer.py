"""What the routes share that make rules about recording."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from ..problems import Problem
from .base_handler import RecorderHandler, invalid


class RuleWriter(RecorderHandler):
    """What makes rules or takes them away."""

    async def write_rule(self, scope: str, *, path: str, notebook_id: str | None, rule: Any) -> None:
        """None takes it away. Raises `Problem`."""
        if rule is not None and rule.get("target") is not None:
            self.check_target(rule["target"])
        await self.note(
            self.recorder.modes.put, scope, path=path, notebook_id=notebook_id, rule=rule, by=self._who()
        )

    async def note(self, work: Any, *args: Any, **options: Any) -> None:
        """Change the record. Raises `recording-file`."""
        try:
            await asyncio.to_thread(work, *args, **options)
        except OSError as error:
            raise Problem(
                "recording-file",
                f"What is to be recorded could not be written down: {error.strerror}.",
                "Make the state folder writable, or set JupyterMlflow.state_dir to another one.",
                status=500,
            ) from error

    def check_target(self, target: Any) -> None:
        """It names a server that there is. Raises `Problem`."""
        id = target.get("server_id") if isinstance(target, Mapping) else None
        if not isinstance(id, str):
            raise invalid("The request names no tracking server.")
        self.services.servers.get(id)

    def _who(self) -> str | None:
        """Whoever switches it on, for others to see; those without a name are not told."""
        user = self.current_user
        name = getattr(user, "display_name", None) or getattr(user, "name", None)
        is_known = not str(getattr(user, "name", "")).startswith("Anonymous")
        return str(name)[:200] if name and is_known else None
