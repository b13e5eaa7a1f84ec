"""What a person ticks in a table comes to the kernel over a comm, for which nothing needs to be installed."""

import uuid
import weakref

from . import bundles, showing

#: Ids that one message may hold; a table shows fewer.
MOST = 50000

#: From the word that an output holds to its value, for as long as there is one.
_values = weakref.WeakValueDictionary()


def offer(runs):
    """Let the page tell what is ticked in the table of this value."""
    layers = runs.layers()
    word = uuid.uuid4().hex
    layers[bundles.mime("table")]["selection"] = word
    _values[word] = runs
    return runs


def opened(comm, message):
    """A page draws a table: it is told what was ticked, or tells so itself. An unknown word is refused."""
    data = _data(message)
    runs = _values.get(data.get("output")) if isinstance(data.get("output"), str) else None
    if runs is None:
        comm.close()
        return
    known = weakref.ref(runs)
    showing.page_has_drawn()

    def on_message(message):
        runs = known()
        if runs is not None:
            _take(runs, _data(message))

    comm.on_msg(on_message)
    if not _take(runs, data):
        comm.send({"selected": list(runs.ticked)})


def _data(message):
    data = (message.get("content") or {}).get("data")
    return data if isinstance(data, dict) else {}


def _take(runs, data):
    ids = data.get("selected")
    if not isinstance(ids, list):
        return False
    runs.ticked = [id for id in ids[:MOST] if isinstance(id, str) and len(id) <= 64]
    return True
