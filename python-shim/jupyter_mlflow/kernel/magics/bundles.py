"""One output in three layers: ids and a snapshot for our own renderer, tables for pages, text for terminals.

The forms are described in docs/magics.md. No address and no login is in any of them.
"""

import json
import time

from .. import logging_to, run_tags
from . import text

#: Bytes of a snapshot as JSON.
LIMIT = 30000
KINDS = ("table", "card", "chart", "compare", "model", "status")


def mime(kind):
    """The MIME type of a kind of output."""
    return "application/vnd.jupyter-mlflow.%s.v1+json" % kind


def bundle(kind, ids, snapshot, columns, rows, caption, right=(), note="", below=None):
    """The MIME bundle.

    :param ids: what a live view asks for: ids of MLflow's things, never an address
    :param snapshot: what was known, None where nothing was; it is cut to LIMIT
    :param note: a sentence that stands above, such as why there is nothing
    :param below: caption, columns and rows of a second table, which the snapshot has, too
    """
    content = {"server_id": server_id(), **_whole(ids)}
    content.update(note=text.plain(note, 500) or None, snapshot=None)
    if snapshot is not None:
        content["snapshot"] = fitting(dict(snapshot, at=int(time.time() * 1000)))
    rows, left_out = _few(columns, rows)
    above = " ".join(each for each in (caption, note) if each)
    lines = [above] if above else []
    if rows:
        lines.append(text.text_table(columns, rows, right))
    markup = text.html_table(columns, rows, right, above) if rows else "<p>%s</p>" % text.escaped(above, 600)
    if left_out:
        more = "… and %d more." % left_out
        lines.append(more)
        markup += "<p>%s</p>" % more
    if below is not None and below[2]:
        title, names, more = below
        few = _few(names, more)[0]
        lines += ["", text.plain(title, 600), text.text_table(names, few)]
        markup += text.html_table(names, few, (), title)
    return {
        mime(kind): content,
        "text/html": markup,
        "text/plain": "\n".join(text.plain(each, 600) if each is above else each for each in lines),
    }


def _whole(value):
    """The same without halves of characters, which no file can hold; else a filter is what was asked."""
    if isinstance(value, dict):
        return {key: _whole(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_whole(each) for each in value]
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value


def _few(columns, rows):
    """As many rows as leave the tables small."""
    kept, size = [], 0
    for row in rows:
        size += sum(120 + min(len(str(cell)), text.VALUE_LIMIT) * 2 for cell in row)
        if size > LIMIT and kept:
            break
        kept.append(row)
    return kept, len(rows) - len(kept)


def size_of(value):
    """Bytes of it in a notebook's file."""
    return len(json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace"))


def fitting(snapshot):
    """The snapshot within LIMIT: texts are cut, then the largest part is halved; `truncated` says so."""
    found = _short(snapshot)
    found["truncated"] = False
    while size_of(found) > LIMIT:
        longest = max(
            (key for key in found if isinstance(found[key], (list, dict))),
            key=lambda key: size_of(found[key]),
            default=None,
        )
        if longest is None or not found[longest]:
            break
        found[longest] = _halved(found[longest])
        found["truncated"] = True
    return found


def _halved(value):
    """Of lists and dictionaries the first half; of a single entry, its own."""
    if isinstance(value, dict):
        if len(value) == 1:
            return (
                {
                    key: _halved(each) if isinstance(each, (list, dict)) and each else each
                    for key, each in value.items()
                }
                if any(isinstance(each, (list, dict)) and each for each in value.values())
                else {}
            )
        return dict(list(value.items())[: len(value) // 2])
    if len(value) == 1:
        return [_halved(value[0])] if isinstance(value[0], (list, dict)) and value[0] else []
    return value[: len(value) // 2]


def _short(value):
    if isinstance(value, dict):
        return {text.plain(key): _short(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_short(each) for each in value]
    if isinstance(value, str):
        return text.plain(value)
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        # JSON knows none of them; MLflow writes them so, too.
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    return value


def server_id():
    """The Jupyter server's id of where this kernel logs; None where it has not told one."""
    found = known_server()
    return found["id"] if found else None


def known_server():
    """What the Jupyter server says of the place: `{id, name, uri}`."""
    uri = logging_to.configured()
    place = logging_to.place_of(uri) if uri else None
    for each in run_tags.context.get("servers") or ():
        if place is not None and place.rstrip("/") in [
            str(known).rstrip("/") for known in each.get("places") or ()
        ]:
            return each
    return None
