"""Tables, cards and charts as ipywidgets: `from jupyter_mlflow import RunTable`. Loaded where ipywidgets is.

What they hold is what `%mlflow` shows, so that the page draws them with the same parts; what the person
selects and filters there comes back in the traits.
"""

try:
    import ipywidgets
    from traitlets import Bool, Dict, List, Unicode, observe
except ImportError as error:
    raise ImportError(
        "The widgets of jupyter_mlflow need ipywidgets, which is not in this kernel: %pip install ipywidgets"
    ) from error

from . import bundles, catalogue, model_commands, run_commands, showing, together, words
from .problem import Problem
from .records import Run, Runs
from .text import plain

#: Version of the traits below; src/widgets/ipywidgets/version.ts has the same.
VERSION = "1.0.0"
MODULE = "jupyter-mlflow"


class _Widget(ipywidgets.DOMWidget):
    """One output of `%mlflow` with traits.

    `selected`: ids of the runs that are ticked. `runs`: the records as they were when the kernel asked last.
    `filter`: MLflow's filter; setting it asks again. `live`: whether the page goes on asking. `bundle`: what
    the page draws.
    """

    KIND = ""
    #: Whether it shows the runs that a filter finds.
    HAS_FILTER = True

    _model_module = Unicode(MODULE).tag(sync=True)
    _view_module = Unicode(MODULE).tag(sync=True)
    _model_module_version = Unicode("^" + VERSION).tag(sync=True)
    _view_module_version = Unicode("^" + VERSION).tag(sync=True)
    bundle = Dict().tag(sync=True)
    selected = List(Unicode()).tag(sync=True)
    filter = Unicode("").tag(sync=True)
    live = Bool(True).tag(sync=True)
    runs = List()
    #: The snapshot as HTML, where that is all that a page can draw.
    value = Unicode("").tag(sync=True)

    #: ipywidgets 7 displays by this; ours goes by its MIME bundle.
    _ipython_display_ = None

    def __init__(self, shown, live=True, **more):
        """:param shown: a value of `%mlflow` of this kind"""
        self._again, self._is_ours = getattr(shown, "_again", None), True
        self._layers = shown.layers()
        content = self._layers[bundles.mime(self.KIND)]
        if not showing.has_page():
            more.update(_as_html(), value=_outside(self._layers))
        super().__init__(
            bundle=content, filter=content.get("filter") or "", live=live, runs=_records(shown), **more
        )
        shown._widget, self._is_ours = self, False

    def refresh(self):
        """Ask the tracking server again; `runs` and the snapshot are of now then.

        :raises ValueError: MLflow refuses the filter, or there is nothing of that name any more
        """
        try:
            self._ask(self.filter)
        except Problem as problem:
            raise ValueError(_sentence(problem)) from None

    @property
    def selected_runs(self):
        """The records of the runs that are ticked."""
        return Runs(showing.records_of(self.selected, self.runs))

    def let_go(self):
        """Close it; what the page drew stays, and goes on without the kernel."""
        self.close()

    @observe("filter")
    def _on_filter(self, change):
        if self._is_ours:
            return
        # ipywidgets' own note of what the page has just sent.
        is_of_page = "filter" in (getattr(self, "_property_lock", None) or {})
        try:
            self._ask(change["new"])
        except Problem as problem:
            if is_of_page:
                self.bundle = dict(self.bundle, note=plain(problem.message, 500))
                return
            self._quietly(filter=change["old"])
            raise ValueError(_sentence(problem)) from None

    def _ask(self, filter):
        if filter and not self.HAS_FILTER:
            raise Problem("A %s has no filter." % type(self).__name__)
        if self._again is None:
            raise Problem("This widget shows what it was made of, and cannot ask again.")
        shown = self._again(filter)
        shown._widget, self._layers = self, shown.layers()
        more = {"value": _outside(self._layers)} if self.value else {}
        self._quietly(bundle=self._layers[bundles.mime(self.KIND)], runs=_records(shown), **more)

    def _quietly(self, **traits):
        self._is_ours = True
        try:
            for name, value in traits.items():
                setattr(self, name, value)
        finally:
            self._is_ours = False

    def _repr_mimebundle_(self, include=None, exclude=None, **_):
        return showing.with_view(self._layers, self)

    def __repr__(self):
        return "%s(%d run%s)" % (type(self).__name__, len(self.runs), "" if len(self.runs) == 1 else "s")


class RunTable(_Widget):
    """A live table of runs; `selected` are the ids of those that are ticked.

    >>> table = RunTable("metrics.acc > 0.9", sort="acc", last=50)
    >>> table.observe(lambda change: print(change["new"]), "selected")
    """

    KIND = "table"
    _model_name = Unicode("RunTableModel").tag(sync=True)
    _view_name = Unicode("RunTableView").tag(sync=True)

    def __init__(
        self,
        filter="",
        experiment=None,
        sort=None,
        columns=None,
        last=20,
        mine=False,
        here=False,
        _shown=None,
        **more,
    ):
        """The parameters are the options of `%mlflow runs`; `columns` is a list of keys.

        :raises ValueError: there is no such experiment, or MLflow does not understand the filter
        """
        wanted = dict(experiment=experiment, sort=sort, last=last, mine=mine, here=here)
        wanted["columns"] = ",".join(columns) if columns is not None else None
        super().__init__(_shown or _asked("runs", filter, run_commands.runs, **wanted), **more)


class RunCard(_Widget):
    """One run: parameters, metrics, artifacts; live while it runs."""

    KIND = "card"
    HAS_FILTER = False
    _model_name = Unicode("RunCardModel").tag(sync=True)
    _view_name = Unicode("RunCardView").tag(sync=True)

    def __init__(self, run=None, experiment=None, _shown=None, **more):
        """:param run: its id, the start of it, its name, or a record; without it the last of this notebook

        :raises ValueError: there is no such run
        """
        named = [run.id if isinstance(run, Run) else run] if run is not None else []
        super().__init__(_shown or _asked("show", named, run_commands.show, experiment=experiment), **more)


class MetricChart(_Widget):
    """The history of metrics of some runs, live."""

    KIND = "chart"
    _model_name = Unicode("MetricChartModel").tag(sync=True)
    _view_name = Unicode("MetricChartView").tag(sync=True)

    def __init__(
        self,
        *keys,
        filter="",
        experiment=None,
        x="step",
        smooth=0.0,
        log=False,
        last=10,
        here=False,
        _shown=None,
        **more,
    ):
        """The parameters are the options of `%mlflow chart`; `filter` says of which runs.

        :raises ValueError: there is no such experiment, or MLflow does not understand the filter
        """
        wanted = dict(runs=filter or None, experiment=experiment, last=last, here=here)
        wanted.update(x=x, smooth=smooth, log=log)
        super().__init__(_shown or _asked("chart", list(keys), together.draw_chart, **wanted), **more)


class Compare(_Widget):
    """Runs side by side; only what differs, unless `all`."""

    KIND = "compare"
    _model_name = Unicode("CompareModel").tag(sync=True)
    _view_name = Unicode("CompareView").tag(sync=True)

    def __init__(self, *runs, filter="", experiment=None, all=False, last=10, _shown=None, **more):
        """:param runs: ids, names or records; or a filter

        :raises ValueError: there is no such run
        """
        named = [run.id if isinstance(run, Run) else run for run in runs]
        wanted = dict(experiment=experiment, all=all, last=last)
        super().__init__(_shown or _asked("compare", named or filter, together.compare, **wanted), **more)


class ModelCard(_Widget):
    """A registered model with its versions, aliases and signature; all of them without a name."""

    KIND = "model"
    HAS_FILTER = False
    _model_name = Unicode("ModelCardModel").tag(sync=True)
    _view_name = Unicode("ModelCardView").tag(sync=True)

    def __init__(self, name=None, _shown=None, **more):
        """:raises ValueError: there is no such model"""
        named = [name] if name is not None else []
        super().__init__(_shown or _asked("models", named, model_commands.models), **more)


KINDS = {cls.KIND: cls for cls in (RunTable, RunCard, MetricChart, Compare, ModelCard)}


def widget_of(shown):
    """The widget of a value of `%mlflow`; None for kinds that are only text."""
    layers = shown.layers()
    kind = next((kind for kind in KINDS if bundles.mime(kind) in layers), None)
    return KINDS[kind](_shown=shown) if kind else None


def _as_html():
    """The names by which a page without our extension, such as Voilà, draws `value`: ipywidgets' HTML."""
    traits = ipywidgets.HTML.class_traits()
    names = ("_model_name", "_model_module", "_model_module_version")
    names += ("_view_name", "_view_module", "_view_module_version")
    return {name: traits[name].default_value for name in names}


def _outside(layers):
    """The snapshot as such a page draws it, with the looks of an output."""
    looks = '<div class="jp-RenderedHTMLCommon" style="line-height: 1.4">%s</div>'
    return looks % layers["text/html"]


def _records(shown):
    return shown if isinstance(shown, Runs) else [shown] if isinstance(shown, Run) else []


def _asked(name, what, do, **options):
    """What a sub-command gives for values instead of a line.

    :param what: a filter, or a list of words
    """
    if isinstance(what, str):
        found = [words.Word(what, 0, len(what), what)] if what else []
    else:
        line = " ".join(str(each) for each in what)
        found, at = [], 0
        for each in map(str, what):
            found.append(words.Word(line, at, at + len(each), each))
            at += len(each) + 1
    given = {key: value for key, value in options.items() if value not in (None, False)}
    try:
        return do(words.Parsed(catalogue.find(name), None, found, given, are_names=not isinstance(what, str)))
    except Problem as problem:
        raise ValueError(_sentence(problem)) from None


def _sentence(problem):
    return " ".join(each for each in (problem.message, problem.hint) if each)
