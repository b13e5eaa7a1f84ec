"""`%%mlflow`: the cell as one run, which ends as the cell does."""

import contextlib
import os
import sys
import uuid

from .. import facts, logging_to, run_tags
from . import active, later, places, text
from .cards import card
from .deadline import deadline
from .problem import Problem, Unreachable, interrupted
from .records import Run
from .store import Tracking, first_line

ERROR_TAG = "mlflow.jupyter.error"


def run(shell, parsed, cell):
    """Run the body of the cell in a run of its own.

    :raises Problem: the run could not be opened: then the cell has not run
    """
    __tracebackhide__ = True
    if len(parsed.words) > 1:
        raise Problem("A run has one name.", parsed.words[1], "Put a name with spaces in quotes.")
    options = parsed.options
    params, tags = _pairs(options.get("param")), _pairs(options.get("tag"))
    _compiles(shell, cell)
    if options.get("nested") and active.run_id() is None:
        raise Problem("No run is active in which this one could be nested.")
    name = parsed.words[0].text if parsed.words else None
    if options.get("autolog"):
        if facts.facts()["mlflow"]["spec"] != "module":
            raise Problem("This kernel has no MLflow, and so no autologging.")
        logging_to.set_autolog(True)
    opened = display = None
    try:
        opened = _open(name, options.get("experiment"), tags)
        if params:
            opened.log(params)
        display = _display(opened)
        result = _execute(shell, cell)
    except BaseException as fault:
        # Not of the cell, which gives its own as a result.
        is_interrupt = isinstance(fault, KeyboardInterrupt)
        if opened is not None:
            opened.end("KILLED" if is_interrupt else "FAILED", "KeyboardInterrupt" if is_interrupt else "")
        if is_interrupt:
            raise interrupted("%%mlflow was interrupted.") from None
        raise
    error = result.error_before_exec or result.error_in_exec
    if error is None:
        opened.end("FINISHED", "")
    else:
        killed = isinstance(error, KeyboardInterrupt)
        opened.end("KILLED" if killed else "FAILED", "%s: %s" % (type(error).__name__, error))
    _display(opened, display)
    if error is not None:
        raise error.with_traceback(_without_ours(error.__traceback__))


def _pairs(entries):
    found = {}
    for each in entries or ():
        key, equals, value = each.partition("=")
        if not key or not equals:
            raise Problem("“%s” is no KEY=VALUE." % text.plain(each, 60), hint="Write it as --param depth=3.")
        found[key] = value
    return found


def _compiles(shell, cell):
    """A cell that cannot run opens no run."""
    try:
        shell.compile.ast_parse(shell.transform_cell(cell), filename="<cell>")
    except SyntaxError as error:
        # Cell magics below this one see their own text, so IPython's transformed line is shown as it is.
        line = (error.text or "").rstrip("\n")
        mark = "\n    %s\n    %s^" % (text.plain(line), " " * max(0, (error.offset or 1) - 1)) if line else ""
        said = "The cell has a syntax error, and no run was opened: %s." % text.plain(error.msg)
        raise Problem(said, hint="Line %s of the cell.%s" % (error.lineno or "?", mark)) from None


def _execute(shell, cell):
    """The result of the cell; its traceback is shown once, by the cell around it."""
    hidden = ("showtraceback", "showsyntaxerror")
    before = {name: shell.__dict__.get(name) for name in hidden}
    for name in hidden:
        shell.__dict__[name] = lambda *args, **kwargs: None
    try:
        return shell.run_cell(cell, store_history=False)
    finally:
        for name in hidden:
            if before[name] is None:
                shell.__dict__.pop(name, None)
            else:
                shell.__dict__[name] = before[name]


def _without_ours(traceback):
    """The traceback from the cell's own first line on."""
    found = traceback
    while found is not None and "IPython" in found.tb_frame.f_code.co_filename:
        found = found.tb_next
    return found or traceback


def _display(opened, handle=None):
    """The card above the output; a failure of ours does not touch the cell."""
    try:
        from IPython.display import display

        bundle = card(Run(opened.last))
        if handle is None:
            return display(bundle, raw=True, display_id=True)
        handle.update(bundle, raw=True)
    except Exception:
        pass
    return handle


def _open(name, experiment, tags):
    tracking = Tracking()
    # Asked first, in time: MLflow's own client would wait for a dead server for minutes.
    experiment_id = places.experiment_id(tracking, experiment) if experiment else _own_experiment(tracking)
    if tracking.is_remote:
        tracking.call("experiment", experiment_id)
    parent, before = active.run_id(), active.ids_of_mlflow()
    word = uuid.uuid4().hex
    tags = dict(tags, **{later.OPENED_AS: word})
    kind = _OfMlflow if facts.facts()["mlflow"]["spec"] == "module" else _Ours
    try:
        return kind(tracking, name, experiment_id, tags, parent)
    except BaseException as fault:
        # Its answer is lost, and the run may be there.
        if getattr(fault, "may_have_arrived", True):
            is_answer = isinstance(fault, Problem) and not isinstance(fault, Unreachable)
            later.kill(tracking, experiment_id, word, *([0.0] if is_answer else []))
        for id in active.ids_of_mlflow():
            if id not in before:
                active.forget(id)
        raise


def _own_experiment(tracking):
    try:
        return places.experiment_id(tracking)
    except Problem:
        # Chosen by a variable, and not made yet: MLflow makes it at the first run, and so do we.
        name = logging_to.facts(None)["experiment"]["name"]
        if name is None or tracking.call("experiment_by_name", name) is not None:
            raise
        return str(tracking.call("create_experiment", name))


class _Opened:
    """A run that this cell has opened."""

    def __init__(self, tracking, run):
        self.last, self.id, self._pid = run, run["info"]["run_id"], os.getpid()
        self._place = tracking

    def log(self, params):
        """Parameters, before the cell runs.

        :raises Problem: they could not be logged; where the server did not answer, the run has ended
        """
        try:
            self._place.again().call("log", self.id, params, {}, {}, 0)
        except Unreachable as problem:
            self._end_later("FAILED", "", ())
            hint = "The cell has not run. " + later.TOLD % "that the run has FAILED"
            raise Unreachable(problem.message, hint=hint) from None

    def end(self, status, error):
        """End it, unless the cell has done so, or this is a child of the process that opened it."""
        if os.getpid() != self._pid or later.is_known(self.id):
            return
        ids = active.ids_of_mlflow()
        inner = ids[ids.index(self.id) + 1 :] if self.id in ids else []
        try:
            tracking = self._place.again()
            if tracking.call("run", self.id)["info"].get("status") in later.OPEN:
                if error:
                    tracking.call("log", self.id, {}, {}, _error_tag(error), 0)
                self._end(tracking, status)
            else:
                active.forget(self.id)
        except KeyboardInterrupt:
            self._end_later("KILLED", error or "KeyboardInterrupt", inner)
            said = "%%%%mlflow was interrupted while its run %s ended on the tracking server. %s"
            raise interrupted(said % (self.id[:8], later.TOLD % "KILLED, unless it has ended,")) from None
        except Problem as problem:
            self._end_later(status, error, inner)
            said = "MLflow: the run %s could not be ended as %s. %s" % (self.id[:8], status, problem.message)
            is_final = getattr(problem, "code", None) in later.FINAL
            print(said if is_final else said + " " + later.TOLD % "so", file=sys.stderr)
            return
        # Else the card stays as it was.
        with contextlib.suppress(Problem):
            self.last = tracking.call("run", self.id)

    def _end_later(self, status, error, inner):
        """With what the cell opened inside and left open."""
        for id in [*reversed(inner), self.id]:
            later.end(self._place, id, status, _error_tag(error) if error and id == self.id else None)
            active.forget(id)

    def _end(self, tracking, status):
        raise NotImplementedError


def _error_tag(error):
    return {ERROR_TAG: text.plain(error, 500)}


class _OfMlflow(_Opened):
    """On MLflow's own stack, so that `mlflow.log_metric` of the cell finds it."""

    def __init__(self, tracking, name, experiment_id, tags, parent):
        left = tracking.left()
        import mlflow

        self._mlflow = mlflow
        with deadline(left, tracking.late), _sentences():
            run = mlflow.start_run(
                run_name=name, experiment_id=experiment_id, nested=parent is not None, tags=tags
            )
        data = [{"key": key, "value": value} for key, value in run.data.tags.items()]
        info = {
            key: getattr(run.info, key, None) for key in ("run_id", "experiment_id", "status", "start_time")
        }
        super().__init__(tracking, {"info": dict(info, run_name=name), "data": {"tags": data}})

    def _end(self, tracking, status):
        if self.id not in active.ids_of_mlflow():
            tracking.call("end_run", self.id, status)
            return
        with deadline(tracking.left(), tracking.late), _sentences():
            # Runs that the cell opened inside and left open end before this one.
            while self.id in active.ids_of_mlflow():
                self._mlflow.end_run(status)


@contextlib.contextmanager
def _sentences():
    """What MLflow's own client raises, as a Problem."""
    try:
        yield
    except Exception as error:
        problem = Problem("MLflow could not do that: %s" % first_line(error))
        problem.code = getattr(error, "error_code", "")
        raise problem from None


class _Ours(_Opened):
    """By REST, in a kernel without MLflow: `%mlflow log-metric` finds it."""

    def __init__(self, tracking, name, experiment_id, tags, parent):
        given = dict(_context_tags(), **tags)
        if parent is not None:
            given["mlflow.parentRunId"] = parent
        super().__init__(tracking, tracking.call("create_run", experiment_id, name, given))
        for each in run_tags.after_run:
            each(self.id, tracking.uri)
        active.push(self.id)

    def _end(self, tracking, status):
        tracking.call("end_run", self.id, status)
        active.pop(self.id)


def _context_tags():
    try:
        return dict(
            run_tags.tags() if run_tags.context.get("run_tags", True) else {}, **{"mlflow.user": _user()}
        )
    except Exception:
        return {}


def _user():
    import getpass

    return getpass.getuser()
