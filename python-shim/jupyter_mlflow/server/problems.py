"""What went wrong, said so that a person can act on it."""

from __future__ import annotations

from typing import Any


class Problem(Exception):
    """An error with a code, one sentence that says what happened and one that says what to do.

    Never carries credentials: whoever raises it writes addresses through `redact_uri`.
    """

    def __init__(
        self,
        code: str,
        message: str,
        hint: str = "",
        *,
        log: str | None = None,
        status: int = 400,
        **extra: Any,
    ) -> None:
        super().__init__(message)
        #: kebab-case word, stable, what programs decide by
        self.code = code
        #: one sentence: what happened
        self.message = message
        #: one sentence: what to do next
        self.hint = hint
        #: the end of a log, credentials removed
        self.log = log
        #: HTTP status when it answers a request
        self.status = status
        #: further fields of the JSON form
        self.extra = extra

    def to_json(self) -> dict[str, Any]:
        """The `Problem` of docs/architecture.md."""
        return {"code": self.code, "message": self.message, "hint": self.hint, "log": self.log, **self.extra}
