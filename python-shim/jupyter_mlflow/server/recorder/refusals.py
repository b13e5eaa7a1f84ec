"""What a tracking server says when it refuses, or wants to be left alone."""

from __future__ import annotations

import json
import re

from ..forwarding.forwarder import Answer

#: Seconds that a server may ask us to stay away.
MAX_RETRY_AFTER = 3600.0


def said(answer: Answer) -> tuple[str, str]:
    """MLflow's code and message; of a message only the part before what came from a database."""
    try:
        found = json.loads(answer.content)
        code, message = str(found.get("error_code") or ""), str(found.get("message") or "")
    except (ValueError, AttributeError):
        return "", ""
    message = re.split(r"\(sqlite3\.|\(psycopg|\(pymysql|\[SQL|\[parameters|Traceback", message)[0]
    message = " ".join(message.split())[:300]
    return code, message if not message or message.endswith((".", "!", "?")) else f"{message}."


def retry_after(value: str | None) -> float | None:
    """Seconds; None where the header does not say them."""
    try:
        return min(MAX_RETRY_AFTER, max(0.0, float(value))) if value is not None else None
    except ValueError:
        return None
