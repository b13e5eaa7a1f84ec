"""Which requests may pass to a tracking server: pairs of method and path, nothing else.

Not here, on purpose: webhooks, jobs, gateway, GraphQL, users and permissions, presigned addresses. Each of
them has been, or could be, a way from a page in the browser to something that is not tracking.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from urllib.parse import parse_qsl, unquote


class Kind(Enum):
    """How an allowed request is carried."""

    #: reads; may be repeated, coalesced and answered from memory
    READ = "read"
    #: changes something; sent once
    WRITE = "write"
    #: the bytes of a file towards the browser
    DOWNLOAD = "download"
    #: the bytes of a file towards the server
    UPLOAD = "upload"


@dataclass(frozen=True)
class Rule:
    """One line of the list."""

    methods: frozenset[str]
    pattern: re.Pattern[str]
    kind: Kind


_SEGMENT = r"[^/]+"
_API2 = r"ajax-api/2\.0/mlflow/"
_API3 = r"ajax-api/3\.0/mlflow/"


def _rule(methods: str, pattern: str, kind: Kind) -> Rule:
    return Rule(frozenset(methods.split()), re.compile(pattern), kind)


RULES: tuple[Rule, ...] = (
    _rule("GET", r"health|version", Kind.READ),
    _rule("GET", _API3 + r"server-info", Kind.READ),
    _rule("GET", _API3 + r"workspaces", Kind.READ),
    # experiments
    _rule("GET", _API2 + r"experiments/(?:get|get-by-name|search|list)", Kind.READ),
    _rule("POST", _API2 + r"experiments/(?:search|search-datasets)", Kind.READ),
    _rule(
        "POST",
        _API2 + r"experiments/(?:create|delete|restore|update|set-experiment-tag|delete-experiment-tag)",
        Kind.WRITE,
    ),
    # runs
    _rule("GET", _API2 + r"runs/get", Kind.READ),
    _rule("POST", _API2 + r"runs/search", Kind.READ),
    _rule(
        "POST",
        _API2 + r"runs/(?:create|update|delete|restore|set-tag|delete-tag|log-metric|log-parameter|log-batch"
        r"|log-model|log-inputs|outputs)",
        Kind.WRITE,
    ),
    # metrics
    _rule("GET", _API2 + r"metrics/(?:get-history|get-history-bulk|get-history-bulk-interval)", Kind.READ),
    # artifacts
    _rule("GET", _API2 + r"artifacts/list", Kind.READ),
    _rule("GET HEAD", r"get-artifact|model-versions/get-artifact", Kind.DOWNLOAD),
    _rule("GET HEAD", _API2 + r"logged-models/" + _SEGMENT + r"/artifacts/files", Kind.DOWNLOAD),
    _rule("GET HEAD", r"ajax-api/[23]\.0/mlflow/get-trace-artifact", Kind.DOWNLOAD),
    _rule("POST", _API2 + r"upload-artifact", Kind.UPLOAD),
    _rule("GET", r"ajax-api/2\.0/mlflow-artifacts/artifacts", Kind.READ),
    _rule("GET HEAD", r"ajax-api/2\.0/mlflow-artifacts/artifacts/.+", Kind.DOWNLOAD),
    _rule("PUT", r"ajax-api/2\.0/mlflow-artifacts/artifacts/.+", Kind.UPLOAD),
    _rule("DELETE", r"ajax-api/2\.0/mlflow-artifacts/artifacts/.+", Kind.WRITE),
    # registry
    _rule("GET", _API2 + r"registered-models/(?:get|search|get-latest-versions|alias)", Kind.READ),
    _rule("POST", _API2 + r"registered-models/get-latest-versions", Kind.READ),
    _rule("POST", _API2 + r"registered-models/(?:create|rename|set-tag|alias)", Kind.WRITE),
    _rule("PATCH", _API2 + r"registered-models/update", Kind.WRITE),
    _rule("DELETE", _API2 + r"registered-models/(?:delete|delete-tag|alias)", Kind.WRITE),
    _rule("GET", _API2 + r"model-versions/(?:get|search|get-download-uri)", Kind.READ),
    _rule("POST", _API2 + r"model-versions/(?:create|set-tag|transition-stage)", Kind.WRITE),
    _rule("PATCH", _API2 + r"model-versions/update", Kind.WRITE),
    _rule("DELETE", _API2 + r"model-versions/(?:delete|delete-tag)", Kind.WRITE),
    # logged models
    _rule("POST", _API2 + r"logged-models/search", Kind.READ),
    _rule("POST", _API2 + r"logged-models", Kind.WRITE),
    _rule("GET", _API2 + r"logged-models/" + _SEGMENT, Kind.READ),
    _rule("GET", _API2 + r"logged-models/" + _SEGMENT + r"/artifacts/directories", Kind.READ),
    _rule("PATCH DELETE", _API2 + r"logged-models/" + _SEGMENT, Kind.WRITE),
    _rule("POST", _API2 + r"logged-models/" + _SEGMENT + r"/params", Kind.WRITE),
    _rule("PATCH", _API2 + r"logged-models/" + _SEGMENT + r"/tags", Kind.WRITE),
    _rule("DELETE", _API2 + r"logged-models/" + _SEGMENT + r"/tags/" + _SEGMENT, Kind.WRITE),
    # traces, as far as runs show them
    _rule("GET", _API2 + r"traces(?:/" + _SEGMENT + r"/info)?", Kind.READ),
    _rule("POST", _API3 + r"traces/search", Kind.READ),
    _rule("GET", _API3 + r"traces/" + _SEGMENT, Kind.READ),
    # data sets of the evaluation kind
    _rule("POST", _API3 + r"datasets/search", Kind.READ),
    _rule("GET", _API3 + r"datasets/" + _SEGMENT, Kind.READ),
)

#: Parameters of queries that name a file on the tracking server's side.
_PATH_PARAMETERS = frozenset({"path", "artifact_path", "artifact_directory_path", "artifact_file_path"})


#: No flag for upper and lower case: it would let the range match `k` and `s`, by their relatives in Unicode.
_UNUSUAL = re.compile(r"%2[fF]|%5[cC]|%00|[\x00-\x20\x7f-\U0010ffff#?]")


def _climbs(path: str) -> bool:
    """Whether a decoded path leaves its folder, or hides that it does."""
    if "\\" in path or "\x00" in path:
        return True
    return any(segment in {".", ".."} for segment in path.split("/"))


def _is_hostile(text: str) -> bool:
    """Whether `text`, decoded once, twice or thrice, climbs: some servers and proxies decode again."""
    for _ in range(3):
        if _climbs(text):
            return True
        decoded = unquote(text)
        if decoded == text:
            return False
        text = decoded
    return _climbs(text)


def find_rule(method: str, path: str, query: str = "") -> Rule | None:
    """The rule that lets a request pass, or None.

    `path` is below the tracking server's root, percent-encoded as it came, without a leading slash;
    `query` too.
    """
    # An encoded slash or a doubled one makes two servers read one path in two ways.
    if _UNUSUAL.search(path) or "//" in path or _is_hostile(path):
        return None
    try:
        parameters = parse_qsl(query, keep_blank_values=True, strict_parsing=False)
    except ValueError:
        return None
    for rule in RULES:
        if method in rule.methods and rule.pattern.fullmatch(path):
            names_file = any(key in _PATH_PARAMETERS and _is_hostile(value) for key, value in parameters)
            return None if names_file else rule
    return None
