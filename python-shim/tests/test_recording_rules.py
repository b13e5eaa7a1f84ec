"""The list of a person's rules, by the routes that the page uses."""

from __future__ import annotations

from typing import Any

import pytest
from jupyter_under_test import Jupyter
from recorder_support import record, recording


def rules(jupyter: Jupyter) -> dict[str, Any]:
    """All of them."""
    found: dict[str, Any] = jupyter.client.get("recording/rules").json()
    return found


def change(jupyter: Jupyter, scope: str, rule: dict[str, Any] | None, **which: str) -> dict[str, Any]:
    """Change one, or take it away."""
    answer = jupyter.client.put("recording/rules", json={"scope": scope, "rule": rule, **which})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_rules_are_listed_changed_and_taken_away(jupyter: Jupyter) -> None:
    path = "ruled/a.ipynb"
    # Other tests of this server may have rules for folders of theirs.
    others = rules(jupyter)["folders"]
    record(jupyter, path)
    record(jupyter, path, scope="folder")
    record(jupyter, path, scope="personal")
    found = rules(jupyter)
    (own,) = [each for each in found["notebooks"] if each["path"] == path]
    assert found["folders"]["ruled"]["keep"]
    assert found["personal"]["keep"]
    assert found["retention"]["days"] == 30
    server = jupyter.add("http://127.0.0.1:9")
    sends = {
        "keep": False,
        "send": "all",
        "target": {"server_id": server, "experiment": "{notebook} (cells)"},
    }
    change(jupyter, "folder", sends, folder="ruled")
    assert recording(jupyter, path)["rule"] == "notebook"
    found = change(jupyter, "notebook", None, id=own["id"])
    assert path not in [each["path"] for each in found["notebooks"]]
    now = recording(jupyter, path)
    assert (now["rule"], now["send"], now["target"]["experiment"]) == ("folder", "all", "a (cells)")
    assert change(jupyter, "folder", None, folder="ruled")["folders"] == others
    assert recording(jupyter, path)["rule"] == "personal"
    assert change(jupyter, "personal", None)["personal"] is None
    assert recording(jupyter, path)["rule"] == "none"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"scope": "notebook", "id": "nobody", "rule": None}, 404),
        ({"scope": "folder", "rule": None}, 400),
        ({"scope": "world", "rule": None}, 400),
        ({"scope": "personal", "rule": "keep"}, 400),
        ({"scope": "personal", "rule": {"keep": True, "send": "all"}}, 400),
        (
            {
                "scope": "personal",
                "rule": {"keep": True, "send": "all", "target": {"server_id": "x", "experiment": "e"}},
            },
            404,
        ),
    ],
)
def test_what_is_no_rule_changes_nothing(jupyter: Jupyter, body: dict[str, Any], status: int) -> None:
    before = rules(jupyter)
    assert jupyter.client.put("recording/rules", json=body).status_code == status
    assert rules(jupyter) == before
