"""What a person wants of kernels, kept where it can act before the page does."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .problems import Problem
from .recorder.secret_patterns import own_pattern
from .state_file import StateFile

#: Notebooks whose wishes are remembered; the oldest are forgotten.
REMEMBERED = 2000
ANSWERS = ("ask", "always", "never")
_EVERYWHERE = ("run_tags", "connect", "experiment", "server_id", "panel_server_id", "secret_words")
_OF_A_NOTEBOOK = ("server_id", "experiment")


class Preferences:
    """`{run_tags, connect, experiment, server_id, panel_server_id, secret_words, notebooks: {path:
    {server_id?, experiment?}}}`; paths from Jupyter's root.

    `connect: "always"` lets new kernels log to the server `server_id`; a notebook's own goes before it.
    `"never"` lets what notebooks remember rest; so does that of `experiment`.
    `panel_server_id`: the server that the panel showed last, which `%mlflow connect` means. `secret_words`:
    what is masked beside secrets of known forms when recorded cells are sent (see `own_pattern`).
    """

    def __init__(self, file: Path) -> None:
        """:param file: `preferences.json` in the state folder"""
        self._file = StateFile(file)

    def read(self) -> dict[str, Any]:
        """Everything, with defaults; what is broken in the file counts as not said."""
        kept: Any = None
        with contextlib.suppress(OSError, ValueError):
            kept = self._file.read()
        return _clean(kept if isinstance(kept, Mapping) else {})

    def of_notebook(self, path: str | None) -> dict[str, Any]:
        """`{server_id, gently, experiment}` for a notebook: None for what nobody said.

        `gently`: the server is for kernels that would log to MLflow's default place, not for this notebook.
        """
        found = self.read()
        own = found["notebooks"].get(path, {})
        everywhere = found["server_id"] if found["connect"] == "always" else None
        server = own.get("server_id", everywhere)
        return {
            "server_id": server if found["connect"] != "never" else None,
            "gently": "server_id" not in own,
            "experiment": own.get("experiment") if found["experiment"] != "never" else None,
        }

    def change(self, body: Any) -> dict[str, Any]:
        """Merge what `PATCH preferences` brings; null forgets.

        :raises Problem: `invalid-preferences`; nothing is changed then
        """
        if not isinstance(body, Mapping) or not _is_valid(body):
            raise Problem(
                "invalid-preferences", "These are no preferences.", "Reload the page and try again."
            )
        with self._file.alone():
            kept = self.read()
            kept |= {name: body[name] for name in _EVERYWHERE if name in body}
            for path, wishes in body.get("notebooks", {}).items():
                own = {**kept["notebooks"].pop(path, {}), **(wishes or {})}
                own = {name: value for name, value in own.items() if value is not None} if wishes else {}
                if own:
                    kept["notebooks"][path] = own
            kept["notebooks"] = dict(list(kept["notebooks"].items())[-REMEMBERED:])
            kept = _clean(kept)
            self._file.write(kept)
        return kept

    def moved(self, source: str, target: str) -> None:
        """A notebook or a folder has another path from Jupyter's root now."""
        notebooks = self.read()["notebooks"]
        moved = {path: target + path[len(source) :] for path in notebooks if _is_at(path, source)}
        if moved:
            self.change(
                {"notebooks": {**dict.fromkeys(moved), **{moved[path]: notebooks[path] for path in moved}}}
            )


def _is_at(path: str, place: str) -> bool:
    return path == place or path.startswith(place.rstrip("/") + "/")


def _clean(kept: Mapping[str, Any]) -> dict[str, Any]:
    notebooks = kept.get("notebooks")
    return {
        "run_tags": kept.get("run_tags") is not False,
        **{name: kept[name] if kept.get(name) in ANSWERS else "ask" for name in ("connect", "experiment")},
        **{
            name: kept[name] if isinstance(kept.get(name), str) else None
            for name in ("server_id", "panel_server_id")
        },
        "secret_words": kept["secret_words"] if _are_words(kept.get("secret_words")) else [],
        "notebooks": {
            path: wishes
            for path, wishes in (notebooks if isinstance(notebooks, Mapping) else {}).items()
            if _are_wishes(wishes) and wishes
        },
    }


def _is_valid(body: Mapping[str, Any]) -> bool:
    notebooks = body.get("notebooks", {})
    return (
        isinstance(body.get("run_tags", True), bool)
        and all(body.get(name, "ask") in ANSWERS for name in ("connect", "experiment"))
        and all(isinstance(body.get(name), str | None) for name in ("server_id", "panel_server_id"))
        and (body.get("secret_words") is None or _are_words(body["secret_words"]))
        and isinstance(notebooks, Mapping)
        and all(wishes is None or _are_wishes(wishes) for wishes in notebooks.values())
    )


def _are_wishes(wishes: Any) -> bool:
    return isinstance(wishes, Mapping) and all(
        name in _OF_A_NOTEBOOK and isinstance(value, str | None) and len(value or "") <= 500
        for name, value in wishes.items()
    )


def _are_words(words: Any) -> bool:
    if not isinstance(words, list) or len(words) > 200 or not all(isinstance(word, str) for word in words):
        return False
    try:
        own_pattern(words)
    except Problem:
        return False
    return True
