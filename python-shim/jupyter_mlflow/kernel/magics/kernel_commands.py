"""Sub-commands about this kernel: status, check, connect, experiment, autolog."""

import os
import sys
from urllib.parse import urlsplit

from .. import facts, logging_to, run_tags
from . import active, bundles, findings, places, showing
from .problem import Problem, Unreachable, interrupted, near
from .records import Shown
from .text import plain

LOGIN = ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN")
SCHEMES = ("http", "https", "sqlite", "postgresql", "mysql", "file")
#: Logins that were taken away when the kernel went elsewhere, by the origin that they are for.
_logins = {}


def _tracking(*args):
    # `%mlflow` alone asks nobody, and is spared what asking needs.
    from .store import Tracking

    return Tracking(*args)


def _shown(topic, rows, caption="", note=""):
    snapshot = {"rows": [list(row) for row in rows]}
    return Shown(bundles.bundle("status", {"topic": topic}, snapshot, ("", ""), rows, caption, note=note))


def status(parsed):
    """Where this kernel logs; asks nobody."""
    known = facts.facts()
    server = bundles.known_server()
    rows = [("logs to", _place(known["tracking"]) + (" (%s)" % plain(server["name"], 60) if server else ""))]
    rows.append(("chosen by", _chosen(known["tracking"]["source"])))
    rows.append(("experiment", _experiment_name(known["experiment"])))
    run = active.run_id()
    rows.append(("active run", run or "none"))
    later = sys.modules.get(__package__ + ".later")
    count = later.waiting() if later is not None else 0
    if count:
        rows.append(("waiting", "the end of %d run%s, to be told" % (count, "" if count == 1 else "s")))
    autologs = known["autolog"]
    rows.append(("autologging", "on" if autologs else "off"))
    rows.append(("MLflow", _mlflow(known["mlflow"])))
    problems = [sentence for _, severity, sentence in findings.findings(known) if severity != "info"]
    rows.append(("health", problems[0] + " — %mlflow check" if problems else "nothing wrong was seen"))
    rows.append(("go on with", "%mlflow runs, %mlflow show, %mlflow help"))
    return _shown("status", rows)


def _place(tracking):
    return plain(tracking["place"] or "where MLflow decides (it is not installed here)")


def _chosen(source):
    return {
        "call": "mlflow.set_tracking_uri",
        "variable": "the variable MLFLOW_TRACKING_URI",
        "us": "%mlflow connect or the panel",
        "default": "nobody: it is MLflow's default",
    }.get(source, source)


def _experiment_name(experiment):
    if experiment["name"]:
        return plain(experiment["name"])
    return "number " + plain(experiment["id"]) if experiment["id"] else "Default (none was chosen)"


def _mlflow(mlflow):
    found = mlflow["distributions"][:1]
    if mlflow["imported"] and mlflow["imported"]["version"]:
        return "%s, imported" % mlflow["imported"]["version"]
    if found and mlflow["spec"] == "module":
        return "%s, not imported yet" % found[0]["version"]
    return "not installed in this kernel (%mlflow works without)"


def check(parsed):
    """The kernel's own findings, and whether the server answers."""
    known = facts.facts()
    seen = findings.findings(known)
    rows = [(id, sentence) for id, _, sentence in seen]
    found = [id for id, severity, _ in seen if severity != "info"]
    uri = logging_to.configured()
    if uri and uri.startswith(("http://", "https://")):
        try:
            _tracking(uri).call("experiments", 1)
        except Problem as problem:
            kind = "credentials-missing" if getattr(problem, "code", "") == "LOGIN" else "server-unreachable"
            rows.append((kind, problem.message))
            found.append(kind)
    elif known["tracking"]["source"] == "default" and known["tracking"]["place"]:
        rows.append(
            ("logs-elsewhere", "Nobody has chosen where to log: runs go to %s." % _place(known["tracking"]))
        )
        found.append("logs-elsewhere")
    rows.append(("MLflow", _mlflow(known["mlflow"])))
    rows.append(("Python", "%s, %s" % (known["python"], plain(known["executable"]))))
    rows.append(("logs to", _place(known["tracking"])))
    note = "Nothing wrong was seen." if not found else ""
    if showing.has_page():
        rows.append(("more", "The mark “MLflow” above the notebook has everything, and what helps."))
    return _shown("check", rows, note=note)


def connect(parsed):
    """Set the tracking server; say whether it answers."""
    if len(parsed.words) > 1:
        raise Problem("One address is enough.", parsed.words[1])
    if parsed.words:
        word = parsed.words[0]
        uri = word.text
        scheme = uri.partition(":")[0] if "://" in uri else ""
        if scheme and scheme.partition("+")[0] not in SCHEMES:
            raise Problem(
                "“%s” is no kind of address that MLflow knows." % plain(scheme, 40),
                word,
                near(scheme, SCHEMES),
            )
        try:
            if scheme in ("http", "https") and not (urlsplit(uri).hostname and (urlsplit(uri).port or True)):
                raise ValueError
        except ValueError:
            raise Problem(
                "This is no address of a tracking server.", word, "Write it as http://host:5000."
            ) from None
    else:
        server = places.of_panel()
        if server is None:
            raise Problem(
                "The panel has not told this kernel its tracking server.",
                hint="Give an address: %mlflow connect http://127.0.0.1:5000.",
            )
        uri = server["uri"]
    if active.run_id() is not None:
        raise Problem("A run is active, which would be cut in two.", hint="End it with %mlflow end.")
    logging_to.set_tracking(uri, _login_for(logging_to.configured(), uri))
    tracking = logging_to.facts(None)["tracking"]
    rows = [("logs to", _place(tracking))]
    if uri.startswith(("http://", "https://")):
        try:
            version = _tracking(uri).call("version")
            rows.append(("answers", "yes, MLflow %s" % version if version else "yes"))
        except Unreachable as problem:
            rows.append(("answers", "no. " + problem.message))
        except KeyboardInterrupt:
            said = "This kernel logs to %s; the question whether it answers was interrupted."
            raise interrupted(said % _place(tracking)) from None
    return _shown("connect", rows)


def _login_for(old, new):
    """A login belongs to the server that it came with: changes of the variables when the origin changes."""
    before, after = _origin(old), _origin(new)
    if before == after:
        return {}
    if before is not None:
        _logins[before] = {name: os.environ.get(name) for name in LOGIN}
    return _logins.get(after) or (dict.fromkeys(LOGIN) if before is not None else {})


def _origin(uri):
    if not uri or not uri.startswith(("http://", "https://")):
        return None
    parts = urlsplit(uri)
    return "%s://%s" % (parts.scheme, parts.netloc.rpartition("@")[2].lower())


def experiment(parsed):
    """Show or set the experiment of runs to come."""
    if not parsed.words:
        known = logging_to.facts(None)["experiment"]
        return _shown("experiment", [("experiment", _experiment_name(known))])
    name = parsed.rest() if len(parsed.words) > 1 else parsed.words[0].text
    if not name.strip():
        raise Problem("An experiment needs a name.", parsed.words[0])
    note = ""
    try:
        tracking = _tracking()
        found = tracking.call("experiment_by_name", name)
        if found is not None and found.get("lifecycle_stage") == "deleted":
            raise Problem(
                "The experiment “%s” is deleted." % plain(name, 80),
                parsed.words[0],
                "Restore it in the MLflow panel, or name another.",
            )
        if found is None:
            id = tracking.call("create_experiment", name)
            note = "It is new: MLflow has made it, with the id %s." % plain(id)
    except Unreachable as problem:
        note = problem.message + " The first run makes the experiment if need be."
    logging_to.set_experiment(name)
    return _shown("experiment", [("experiment", plain(name))], note=note)


def autolog(parsed):
    """Switch autologging, and say what it covers."""
    if parsed.words:
        word = parsed.words[0]
        if word.text not in ("on", "off"):
            raise Problem("Autologging can be on or off.", word, near(word.text, ("on", "off")))
        if facts.facts()["mlflow"]["spec"] != "module":
            raise Problem(
                "This kernel has no MLflow, and so no autologging.",
                word,
                "Install it with %pip install mlflow.",
            )
        logging_to.set_autolog(word.text == "on")
    state = logging_to.facts(None)["autolog"]
    rows = [("autologging", "on" if state else "off")]
    covered = (
        getattr(sys.modules.get("mlflow.utils.autologging_utils"), "AUTOLOGGING_INTEGRATIONS", None) or {}
    )
    libraries = sorted(
        name for name, config in covered.items() if name != "mlflow" and not (config or {}).get("disable")
    )
    if state:
        rows.append(("covers", ", ".join(libraries) or "what is imported from now on"))
    return _shown("autolog", rows)


def context_user():
    """Whose runs are "mine": tag and value."""
    user = run_tags.context.get("user")
    if user:
        return "jupyter.user", user
    import getpass

    return "mlflow.user", getpass.getuser()
