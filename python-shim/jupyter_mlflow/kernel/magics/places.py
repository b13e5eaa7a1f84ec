"""Experiments and runs as a person names them, found on the server."""

import re

from .. import logging_to, run_tags
from .problem import Problem, Unreachable, near
from .text import plain

ID = re.compile(r"^[0-9a-f]{32}$")
START_OF_ID = re.compile(r"^[0-9a-f]{6,31}$")
#: Runs that a short id or a metric's name is looked up in.
LOOKED_AT = 200
#: Experiments that "this notebook" is looked for in.
EXPERIMENTS = 1000


def of_panel():
    """The panel's tracking server, as the Jupyter server told it: `{id, name, uri}`; else None."""
    servers = run_tags.context.get("servers") or ()
    wanted = run_tags.context.get("panel_server_id")
    return next((each for each in servers if each.get("id") == wanted and each.get("uri")), None)


def quoted(value, word=None):
    """A value of MLflow's filter language, which has no escape.

    :raises Problem: both kinds of quotes
    """
    if "'" not in value:
        return "'%s'" % value
    if '"' not in value:
        return '"%s"' % value
    raise Problem("MLflow cannot look for a name that holds both kinds of quotes.", word, "Use the run's id.")


def key(name):
    """A key of MLflow's filter language."""
    return '"%s"' % name if "`" in name else "`%s`" % name


def experiment_id(tracking, name=None):
    """Of an experiment by name or number; of the kernel's own without a name.

    :raises Problem: there is none
    """
    if name is None:
        known = logging_to.facts(None)["experiment"]
        if known["id"]:
            return known["id"]
        name = known["name"]
        if name is None:
            return "0"
    found = tracking.call("experiment_by_name", name)
    if found is not None:
        return str(found["experiment_id"])
    if re.match(r"^\d{1,20}$", name):
        return name
    others = [each.get("name", "") for each in tracking.call("experiments", EXPERIMENTS)]
    hint = near(name, others) or "%mlflow experiment NAME makes one."
    raise Problem("There is no experiment “%s”." % plain(name, 80), hint=hint)


def all_experiment_ids(tracking):
    """Of every experiment that is not deleted."""
    return [str(each["experiment_id"]) for each in tracking.call("experiments", EXPERIMENTS)]


def notebook_filter():
    """For the runs of this notebook.

    :raises Problem: the kernel does not know its notebook
    """
    id, path = run_tags.context.get("notebook_id"), run_tags.context.get("notebook_path")
    if id:
        return 'tags."jupyter.notebook_id" = %s' % quoted(id)
    if path:
        return 'tags."jupyter.notebook_path" = %s' % quoted(path)
    hint = "It does where the extension runs in the Jupyter server."
    raise Problem("This kernel does not know which notebook it belongs to.", hint=hint)


def find_run(tracking, word, experiment=None):
    """A run by id, the start of its id, or its name (the newest of that name).

    :raises Problem: there is none, with a near match
    """
    text = word.text
    if ID.match(text):
        try:
            return tracking.call("run", text)
        except Unreachable:
            raise
        except Problem as problem:
            if getattr(problem, "code", "RESOURCE_DOES_NOT_EXIST") != "RESOURCE_DOES_NOT_EXIST":
                raise
            raise Problem("There is no run with the id %s on this tracking server." % text, word) from None
    ids = [experiment_id(tracking, experiment)]
    newest = ["attributes.start_time DESC"]
    named = tracking.call("search_runs", ids, "attributes.run_name = %s" % quoted(text, word), newest, 1)
    if named:
        return named[0]
    looked = tracking.call("search_runs", ids, "", newest, LOOKED_AT)
    if START_OF_ID.match(text):
        found = [each for each in looked if each["info"]["run_id"].startswith(text)]
        if len(found) == 1:
            return found[0]
        if found:
            raise Problem(
                "%d runs have an id that begins with %s." % (len(found), text), word, "Write more of it."
            )
    names = [each["info"].get("run_name") or "" for each in looked]
    hint = near(text, names) or "%mlflow runs shows those that there are."
    raise Problem("There is no run “%s” in this experiment." % plain(text, 60), word, hint)
