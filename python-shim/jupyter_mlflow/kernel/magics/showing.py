"""Where an output becomes an ipywidget too: in kernels with ipywidgets, below a page that draws ours."""

import importlib.util
import os
import sys

from .. import magic, run_tags
from . import bundles
from .text import plain

#: What a page with a widget manager draws; our own MIME type stands beside it.
VIEW_MIME = "application/vnd.jupyter.widget-view+json"
#: What is more than text.
KINDS = ("table", "card", "chart", "compare", "model")

#: Holds something once a page with our extension has drawn an output of this process, and said so.
_has_drawn = []
#: From a cell's id to its execution and the widgets that it showed.
_of_cells = {}


def widget_of(shown):
    """The ipywidget of a value of `%mlflow`, made when first asked for.

    None where there is no ipywidgets, no kernel to talk through, or no Jupyter server that has sent us:
    another front end would show an error where the table stands.
    """
    try:
        if not has_page() or not is_possible():
            return None
        if not any(bundles.mime(kind) in shown.layers() for kind in KINDS):
            return None
        widget = magic.second_stage("widgets").widget_of(shown)
        _keep(widget)
        return widget
    except Exception:
        return None  # the other layers are there


def has_page():
    """Whether a page with our extension is there, which draws our widgets.

    A Jupyter server with it knows this kernel, or such a page has drawn a table of this kernel before: a
    kernel that the server cannot reach may have one all the same.
    """
    return (bool(run_tags.context.get("kernel_id")) or bool(_has_drawn)) and not is_voila()


def page_has_drawn():
    """A page with our extension has drawn an output."""
    _has_drawn[:] = [True]


def is_voila():
    """Whether Voilà shows this kernel's outputs: it has ipywidgets, and not our extension."""
    return os.environ.get("SERVER_SOFTWARE", "").startswith("voila/")


def is_possible():
    """Whether this process can have widgets."""
    shell = magic._shell()
    return getattr(shell, "kernel", None) is not None and (
        "ipywidgets" in sys.modules or importlib.util.find_spec("ipywidgets") is not None
    )


def with_view(layers, widget):
    """The layers of an output with its widget as one more, where that is drawn."""
    if widget is None or widget.comm is None or not (has_page() or is_voila()):
        return layers
    return {
        VIEW_MIME: {"version_major": 2, "version_minor": 0, "model_id": widget.model_id},
        **layers,
    }


def records_of(ids, known):
    """Runs of these ids: those that are known, and others, which came to a live table later, by asking."""
    from .records import Run
    from .store import Tracking

    by_id, tracking, found = {run.id: run for run in known}, None, []
    for id in ids:
        if id not in by_id:
            try:
                tracking = tracking or Tracking()
                by_id[id] = Run(tracking.call("run", id))
            except Exception:
                by_id[id] = Run({"info": {"run_id": plain(id, 64)}})
        found.append(by_id[id])
    return found


def _keep(widget):
    """A cell that runs again lets go of what it showed before: ipywidgets keeps every widget for ever."""
    parent = magic._shell().kernel.get_parent("shell") or {}
    cell = (parent.get("metadata") or {}).get("cellId")
    execution = (parent.get("header") or {}).get("msg_id")
    if not cell:
        return
    before, widgets = _of_cells.get(cell, (execution, []))
    if before != execution:
        for each in widgets:
            each.let_go()
        widgets = []
    if widget not in widgets:
        widgets.append(widget)
    _of_cells[cell] = (execution, widgets)
