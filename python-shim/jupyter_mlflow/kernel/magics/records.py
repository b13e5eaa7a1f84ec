"""Runs as values of the notebook: `runs = %mlflow runs`."""

from . import showing
from .problem import Problem


class Showing:
    """Shows the layers of a bundle; in a kernel with ipywidgets a widget comes with them."""

    _bundle = _widget = _again = None

    def layers(self):
        """The MIME bundle without the widget."""
        if self._bundle is None:
            return {"text/plain": repr(self)}
        return self._bundle() if callable(self._bundle) else self._bundle

    @property
    def widget(self):
        """The ipywidget that this is shown by; None where the kernel or the page has no ipywidgets."""
        if self._widget is None or self._widget.comm is None:
            self._widget = showing.widget_of(self) or self._widget
        return self._widget

    def _repr_mimebundle_(self, include=None, exclude=None):
        return showing.with_view(self.layers(), self.widget)

    def _repr_pretty_(self, printer, cycle):
        printer.text(self.layers()["text/plain"])


class Run(Showing):
    """One run as it was when it was asked for; shows itself as a card."""

    def __init__(self, run, bundle=None):
        """:param run: as MLflow's REST API tells it"""
        info, data = run.get("info") or {}, run.get("data") or {}
        self.id = str(info.get("run_id") or "")
        self.experiment_id = str(info.get("experiment_id") or "")
        self.status = str(info.get("status") or "")
        self.lifecycle_stage = str(info.get("lifecycle_stage") or "active")
        self.start_time, self.end_time = _time(info.get("start_time")), _time(info.get("end_time"))
        self.params = _pairs(data.get("params"))
        self.metrics = {key: _number(value) for key, value in _pairs(data.get("metrics")).items()}
        self.tags = _pairs(data.get("tags"))
        self.name = str(info.get("run_name") or self.tags.get("mlflow.runName") or "")
        self.user = str(self.tags.get("jupyter.user") or self.tags.get("mlflow.user") or "")
        self._bundle = bundle

    def to_dict(self):
        """Flat, in the words of `mlflow.search_runs`."""
        flat = {
            "run_id": self.id,
            "experiment_id": self.experiment_id,
            "run_name": self.name,
            "status": self.status,
            "start_time": self.start_time,
            "end_time": self.end_time,
        }
        for kind in ("metrics", "params", "tags"):
            flat.update((kind + "." + key, value) for key, value in getattr(self, kind).items())
        return flat

    def __repr__(self):
        return "Run(id=%r, name=%r, status=%r)" % (self.id, self.name[:80], self.status)


class Runs(Showing, list):
    """A list of `Run`; its table shows them live, and `selected` are those that are ticked there."""

    def __init__(self, runs=(), bundle=None, again=None):
        """:param again: makes them anew for another filter"""
        super().__init__(runs)
        self._bundle, self._again, self._ticked = bundle, again, []

    @property
    def selected(self):
        """Those that are ticked in the table now."""
        return Runs(showing.records_of(self.ticked, self))

    @property
    def ticked(self):
        """Their ids; the widget has them where there is one, so that its views agree."""
        return self._ticked if self._widget is None else self._widget.selected

    @ticked.setter
    def ticked(self, ids):
        if self._widget is None:
            self._ticked = ids
        else:
            self._widget.selected = ids

    def to_dicts(self):
        """A flat dictionary for each run."""
        return [run.to_dict() for run in self]

    def to_pandas(self):
        """A pandas.DataFrame.

        :raises Problem: where pandas is not installed
        """
        return _frame_library("pandas").DataFrame(self.to_dicts())

    def to_polars(self):
        """A polars.DataFrame.

        :raises Problem: where polars is not installed
        """
        rows = self.to_dicts()
        names = list(dict.fromkeys(name for row in rows for name in row))
        return _frame_library("polars").DataFrame({name: [row.get(name) for row in rows] for name in names})


class Shown(Showing):
    """An answer to look at only."""

    def __init__(self, bundle):
        self._bundle = bundle

    def __repr__(self):
        return self._bundle["text/plain"]


def _frame_library(name):
    try:
        return __import__(name)
    except ImportError:
        message = "%s is not installed in this kernel." % name
        raise Problem(message, hint="Install it with %%pip install %s, or use .to_dicts()." % name) from None


def _pairs(entries):
    return {str(each.get("key")): each.get("value", "") for each in entries or () if isinstance(each, dict)}


def _number(value):
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def _time(value):
    try:
        return int(value) or None
    except (TypeError, ValueError):
        return None
