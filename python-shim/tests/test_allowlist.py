"""The allowlist: everything the browser needs passes, nothing else, however it is written."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from jupyter_mlflow.server.forwarding.allowlist import RULES, Kind, find_rule

API = "ajax-api/2.0/mlflow/"
ID = "0123456789abcdef0123456789abcdef"

ALLOWED = [
    ("GET", "health", Kind.READ),
    ("GET", "version", Kind.READ),
    ("GET", "ajax-api/3.0/mlflow/server-info", Kind.READ),
    ("POST", API + "experiments/search", Kind.READ),
    ("POST", API + "experiments/search-datasets", Kind.READ),
    ("GET", API + "experiments/get-by-name", Kind.READ),
    ("POST", API + "experiments/create", Kind.WRITE),
    ("POST", API + "experiments/restore", Kind.WRITE),
    ("POST", API + "experiments/set-experiment-tag", Kind.WRITE),
    ("POST", API + "runs/search", Kind.READ),
    ("GET", API + "runs/get", Kind.READ),
    ("POST", API + "runs/log-batch", Kind.WRITE),
    ("POST", API + "runs/delete-tag", Kind.WRITE),
    ("POST", API + "runs/outputs", Kind.WRITE),
    ("GET", API + "metrics/get-history", Kind.READ),
    ("GET", API + "metrics/get-history-bulk-interval", Kind.READ),
    ("GET", API + "artifacts/list", Kind.READ),
    ("GET", "get-artifact", Kind.DOWNLOAD),
    ("GET", "model-versions/get-artifact", Kind.DOWNLOAD),
    ("POST", API + "upload-artifact", Kind.UPLOAD),
    ("GET", "ajax-api/2.0/mlflow-artifacts/artifacts", Kind.READ),
    ("GET", "ajax-api/2.0/mlflow-artifacts/artifacts/a/b%20c.txt", Kind.DOWNLOAD),
    ("PUT", "ajax-api/2.0/mlflow-artifacts/artifacts/0/..a/b..", Kind.UPLOAD),
    ("DELETE", "ajax-api/2.0/mlflow-artifacts/artifacts/a", Kind.WRITE),
    ("GET", API + "registered-models/search", Kind.READ),
    ("PATCH", API + "registered-models/update", Kind.WRITE),
    ("DELETE", API + "registered-models/alias", Kind.WRITE),
    ("GET", API + "registered-models/alias", Kind.READ),
    ("POST", API + "registered-models/alias", Kind.WRITE),
    ("POST", API + "model-versions/transition-stage", Kind.WRITE),
    ("GET", API + "model-versions/search", Kind.READ),
    ("POST", API + "logged-models/search", Kind.READ),
    ("GET", API + f"logged-models/m-{ID}", Kind.READ),
    ("GET", API + f"logged-models/m-{ID}/artifacts/directories", Kind.READ),
    ("GET", API + f"logged-models/m-{ID}/artifacts/files", Kind.DOWNLOAD),
    ("PATCH", API + f"logged-models/m-{ID}/tags", Kind.WRITE),
    ("POST", "ajax-api/3.0/mlflow/traces/search", Kind.READ),
]

REFUSED = [
    ("GET", "graphql"),
    ("POST", "graphql"),
    ("GET", ""),
    ("GET", "static-files/index.html"),
    ("POST", API + "webhooks"),
    ("GET", API + "webhooks"),
    ("POST", "ajax-api/3.0/mlflow/jobs"),
    ("POST", "ajax-api/3.0/mlflow/scorer/invoke"),
    ("POST", API + "gateway-proxy"),
    ("GET", "ajax-api/3.0/mlflow/gateway/secrets/list"),
    ("POST", API + "users/create"),
    ("PATCH", API + "users/update-password"),
    ("POST", API + "experiments/permissions/create"),
    ("GET", API + "artifacts/presigned-download-url"),
    ("POST", "ajax-api/2.0/mlflow-artifacts/mpu/create/a"),
    ("GET", "ajax-api/2.0/mlflow-artifacts/presigned/a"),
    ("POST", API + "runs/create-promptlab-run"),
    # right path, wrong method
    ("DELETE", API + "experiments/delete"),
    ("GET", API + "runs/search"),
    ("POST", "get-artifact"),
    ("PUT", API + "upload-artifact"),
    ("OPTIONS", API + "runs/search"),
    ("TRACE", "version"),
    # nearly right
    ("POST", API + "runs/search/"),
    ("POST", "/" + API + "runs/search"),
    ("POST", API + "runs/searchx"),
    ("POST", "x" + API + "runs/search"),
    ("POST", "ajax-api/2x0/mlflow/runs/search"),
    ("POST", API.upper() + "runs/search"),
    ("GET", "version\n"),
    ("GET", "version%0a"),
]


@pytest.mark.parametrize(("method", "path", "kind"), ALLOWED)
def test_what_the_browser_needs_passes(method: str, path: str, kind: Kind) -> None:
    rule = find_rule(method, path)
    assert rule is not None
    assert rule.kind is kind


@pytest.mark.parametrize(("method", "path"), REFUSED)
def test_the_rest_does_not(method: str, path: str) -> None:
    assert find_rule(method, path) is None


def test_nothing_that_changes_is_read_with_get() -> None:
    for rule in RULES:
        if rule.kind in {Kind.WRITE, Kind.UPLOAD}:
            assert not rule.methods & {"GET", "HEAD"}, rule


ARTIFACTS = "ajax-api/2.0/mlflow-artifacts/artifacts/"
CLIMBS = st.sampled_from(["..", ".", "%2e%2e", "%2E.", ".%2e", "%252e%252e", "%25252e%2e", "..\\x", "..%5c"])
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\\\x00"), min_size=1, max_size=8)


@given(st.lists(NAMES, max_size=3), CLIMBS, st.lists(NAMES, max_size=3))
def test_no_path_climbs(before: list[str], climb: str, after: list[str]) -> None:
    path = ARTIFACTS + "/".join([*map(quote, before), climb, *map(quote, after)])
    for method in ("GET", "PUT", "DELETE"):
        assert find_rule(method, path) is None


@given(st.lists(NAMES, max_size=2), CLIMBS, st.sampled_from(["path", "artifact_file_path"]))
def test_no_query_climbs(before: list[str], climb: str, key: str) -> None:
    value = quote("/".join([*before, climb]), safe="%")
    assert find_rule("GET", "get-artifact", f"run_id=a&{key}={value}") is None
    assert find_rule("GET", "get-artifact", f"{key}=fine&{key}={value}") is None


@given(st.lists(NAMES, min_size=1, max_size=4))
def test_ordinary_names_pass(names: list[str]) -> None:
    assume(not any(name in {".", ".."} or "%" in name for name in names))
    path = "/".join(quote(name, safe="") for name in names)
    assert find_rule("PUT", ARTIFACTS + path) is not None
    assert find_rule("GET", "get-artifact", "run_id=a&path=" + quote("/".join(names), safe="")) is not None
