"""What the Jupyter server asks of this kernel, and the answer. Raises nothing, prints nothing."""

import json
import sys

from . import facts, logging_to, magic, offered, run_tags

#: Holds something once a question was answered.
_answered = []


class Answer:
    """A value that comes to the Jupyter server as JSON, from a user expression."""

    def __init__(self, content):
        self.content = content

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"application/json": self.content, "text/plain": ""}

    def __repr__(self):
        return ""


def answer(request):
    """Do what is asked (JSON), then tell: `{"ok": True, "facts", "is_first"}` or `{"ok": False, "error", …}`.

    `is_first`: nothing was asked of this process before; cells that have run already ran without the shim.
    """
    is_first = not _answered
    _answered[:] = [True]
    try:
        asked = json.loads(request)
        _do(asked)
        told = facts.facts(asked.get("modules") or ())
        return Answer({"ok": True, "facts": told, "is_first": is_first})
    except Exception as error:
        said = "%s: %s" % (type(error).__name__, error)
        return Answer({"ok": False, "error": said, "is_first": is_first})


def _record(recording):
    """Write a journal from now on. Its module comes only to kernels that are recorded."""
    name = __package__ + ".journal"
    module = sys.modules.get(name)
    if getattr(module, "__version__", None) != recording["version"]:
        module = type(sys)(name)
        module.__dict__.update(__package__=__package__, __version__=recording["version"])
        exec(compile(recording["source"], "<frozen jupyter-mlflow.journal>", "exec"), module.__dict__)  # noqa: S102
        sys.modules[name] = sys.modules[__package__].journal = module
    module.start(sys.modules["IPython"].get_ipython(), recording["options"])


def _do(request):
    if "context" in request:
        run_tags.context.update(request["context"])
        run_tags.install()
        magic.install()
        offered.install()
        experiment = request["context"].get("experiment")
        if experiment:
            logging_to.set_experiment(experiment, gently=True)
    if request.get("connect"):
        connect = request["connect"]
        logging_to.set_tracking(connect["uri"], connect.get("env") or {}, bool(connect.get("gently")))
    if request.get("recording"):
        _record(request["recording"])
    kind = request.get("do", "facts")
    if kind == "options":
        if request.get("experiment"):
            logging_to.set_experiment(request["experiment"])
        if request.get("system_metrics") is not None:
            logging_to.set_system_metrics(request["system_metrics"])
        if request.get("autolog") is not None:
            logging_to.set_autolog(request["autolog"])
        if request.get("end_run"):
            logging_to.end_run(request["end_run"])
    elif kind != "facts":
        raise ValueError("unknown request")
