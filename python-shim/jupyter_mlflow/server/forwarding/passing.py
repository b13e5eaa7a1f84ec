"""What of a request and of an answer passes between browser and tracking server, and what stays."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote_plus

#: What of a request means something to a tracking server. Everything else stays here: cookies, Jupyter's
#: token, XSRF, Origin, Referer, and whatever a proxy in front of Jupyter adds.
REQUEST_HEADERS = (
    "Accept",
    "Content-Type",
    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "If-Range",
    "Range",
)
#: What of an answer means something to the browser; not Set-Cookie, WWW-Authenticate, CORS or CSP.
ANSWER_HEADERS = ("Content-Type", "ETag", "Last-Modified", "Retry-After")
FILE_HEADERS = ("Accept-Ranges", "Content-Disposition", "Content-Range")
#: What Jupyter, and not a tracking server, reads in a query.
JUPYTER_PARAMETERS = frozenset({"token", "_xsrf", "no_track_activity"})


def forwarded_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Those of a browser's headers that a tracking server gets."""
    return {name: headers[name] for name in REQUEST_HEADERS if name in headers}


def forwarded_query(query: str) -> str:
    """The query as it came, without what is Jupyter's own in it: its token, above all."""
    return "&".join(
        part for part in query.split("&") if unquote_plus(part.partition("=")[0]) not in JUPYTER_PARAMETERS
    )


def as_attachment(given: str | None) -> str:
    """The upstream's `Content-Disposition`, its file name kept, as an attachment."""
    _, semicolon, parameters = (given or "").partition(";")
    return f"attachment;{parameters}" if semicolon and can_be_sent(parameters) else "attachment"


def can_be_sent(value: str) -> bool:
    """Whether Tornado can write this header; upstreams may send names of files in any alphabet."""
    return value.isprintable() and all(ord(char) < 256 for char in value)
