"""Where this kernel logs, and setting it. Works before MLflow is imported, and never imports it by itself."""

import os
import re
import sys
from urllib.parse import unquote, urlsplit

TRACKING, REGISTRY = "MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"
SYSTEM_METRICS = "MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING"
QUIET = "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"

#: What we have set ourselves, by variable: so that "us" and "the person" are told apart.
_ours = {}


def facts(mlflow_origin):
    """The parts of the facts: where it logs and why, the run that is open, what is logged by itself."""
    tracking = _tracking(mlflow_origin)
    registry = _known("mlflow.tracking._model_registry.utils", "_registry_uri", REGISTRY)
    return {
        "tracking": tracking,
        "registry": registry if registry["uri"] else dict(tracking, source="default"),
        "experiment": _experiment(),
        "active_run": _active_run(),
        "autolog": _autolog(),
        "system_metrics": _is_true(os.environ.get(SYSTEM_METRICS)),
    }


def configured():
    """The tracking URI in force, with its login; None where MLflow's default counts."""
    utils = sys.modules.get("mlflow.tracking._tracking_service.utils")
    called = getattr(utils, "_tracking_uri", None)
    return str(called) if called else os.environ.get(TRACKING) or None


def set_tracking(uri, env, gently=False):
    """Log there from now on. `env`: further variables, such as credentials; None takes one away.

    :param gently: only where nobody has chosen a place
    """
    if gently and os.environ.get(TRACKING):
        return
    for name, value in dict(env, **{TRACKING: uri}).items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    mlflow = _imported()
    if mlflow is not None:
        mlflow.set_tracking_uri(uri)
    _ours[TRACKING] = uri


def set_experiment(name, gently=False):
    """Runs that are started from now on go to this experiment, which MLflow makes if need be.

    :param gently: only where nobody has chosen one
    """
    if gently and _experiment()["source"] is not None:
        return
    os.environ["MLFLOW_EXPERIMENT_NAME"] = name
    os.environ.pop("MLFLOW_EXPERIMENT_ID", None)
    _ours["MLFLOW_EXPERIMENT_NAME"] = name
    fluent = sys.modules.get("mlflow.tracking.fluent")
    if getattr(fluent, "_active_experiment_id", None):
        # Chosen by a call, which goes before the variable: let the variable count again.
        fluent._active_experiment_id = None


def end_run(id):
    """End the active run as finished, if it is still this one. Asks the tracking server: it was asked for."""
    run = _active_run()
    if run is None or run["id"] != id:
        return
    before = os.environ.get(QUIET)
    # Newer versions print the address of the run.
    os.environ[QUIET] = "true"
    try:
        sys.modules["mlflow.tracking.fluent"].end_run()
    finally:
        if before is None:
            os.environ.pop(QUIET, None)
        else:
            os.environ[QUIET] = before


def set_autolog(enabled):
    """Switch MLflow's autologging. Imports MLflow: it was asked for."""
    import mlflow

    mlflow.autolog(disable=not enabled)


def set_system_metrics(enabled):
    """Switch the logging of system metrics for runs to come."""
    os.environ[SYSTEM_METRICS] = "true" if enabled else "false"


def without_login(uri):
    """The address without user and password, and without its query, where databases may have them too."""
    scheme, found, rest = uri.partition("://")
    if not found:
        return uri
    if scheme == "file" or scheme.startswith("sqlite"):
        return uri.split("?")[0]
    # SQLAlchemy takes a password with slashes, and all up to the last "@" for the login.
    login = r"[^/]*@" if scheme in ("http", "https") else r".*@"
    rest = re.sub("^" + login, "", rest, flags=re.DOTALL)
    return scheme + found + re.split("[?#]", rest)[0]


def _tracking(origin):
    found = _known("mlflow.tracking._tracking_service.utils", "_tracking_uri", TRACKING)
    if found["uri"] is None:
        found["place"] = _default_place(origin)
    return found


def _known(module, attribute, variable):
    """By a call of the person's code (which wins), by the variable, or not at all."""
    called = getattr(sys.modules.get(module), attribute, None)
    uri = called if called is not None else os.environ.get(variable)
    source = "default"
    if uri:
        uri = str(uri)
        # Newer versions also set the variable when they are called.
        source = "call" if called is not None else "variable"
        if _ours.get(variable) == uri:
            source = "us"
    return {
        "uri": without_login(uri) if uri else None,
        "source": source,
        "place": place_of(uri) if uri else None,
        "has_credentials": _has_credentials(uri or ""),
    }


def place_of(uri):
    """Where a store is, absolute: `sqlite:////…`, `/folder`, or the address itself. No login."""
    if uri.startswith("sqlite:///"):
        path = uri[len("sqlite:///") :].split("?")[0]
        return "sqlite:///" + os.path.abspath(path) if path else uri
    if uri.startswith("file:"):
        return os.path.abspath(unquote(urlsplit(uri).path))
    # A Windows drive is no scheme.
    if "://" not in uri and (":" not in uri or uri[1:2] == ":"):
        return uri if uri in ("databricks", "azureml") else os.path.abspath(uri)
    return without_login(uri)


def _default_place(origin):
    """Where this MLflow logs by itself: since 3.x to a SQLite file, unless there are runs in ./mlruns."""
    if not origin:
        return None
    try:
        file = os.path.join(os.path.dirname(origin), "store", "tracking", "__init__.py")
        with open(file, encoding="utf-8") as source:
            is_sqlite = "sqlite:///mlflow.db" in source.read()
        if is_sqlite and not _has_runs("mlruns"):
            return "sqlite:///" + os.path.abspath("mlflow.db")
        return os.path.abspath("mlruns")
    except OSError:
        return None


def _has_runs(folder):
    try:
        with os.scandir(folder) as entries:
            return any(
                entry.name.isdigit() and os.path.lexists(os.path.join(entry.path, "meta.yaml"))
                for entry in entries
            )
    except OSError:
        return False


def _has_credentials(uri):
    names = ("MLFLOW_TRACKING_TOKEN", "MLFLOW_TRACKING_USERNAME")
    files = (os.environ.get("NETRC") or "~/.netrc", "~/.mlflow/credentials")
    return (
        "@" in urlsplit(uri).netloc
        or any(os.environ.get(name) for name in names)
        or any(os.path.isfile(os.path.expanduser(file)) for file in files)
    )


def _experiment():
    fluent = sys.modules.get("mlflow.tracking.fluent")
    id, name = getattr(fluent, "_active_experiment_id", None), os.environ.get("MLFLOW_EXPERIMENT_NAME")
    if id:
        return {"name": None, "id": str(id), "source": "call"}
    if name:
        ours = _ours.get("MLFLOW_EXPERIMENT_NAME") == name
        return {"name": name, "id": None, "source": "us" if ours else "variable"}
    id = os.environ.get("MLFLOW_EXPERIMENT_ID")
    return {"name": None, "id": id, "source": "variable" if id else None}


def _active_run():
    """The run that what cells log goes into, and the cell that started it as its tags say."""
    active_run = getattr(sys.modules.get("mlflow.tracking.fluent"), "active_run", None)
    run = active_run() if active_run is not None else None
    if run is None:
        return None
    tags = run.data.tags
    name = getattr(run.info, "run_name", None) or tags.get("mlflow.runName")
    return {"id": run.info.run_id, "name": name, "cell_id": tags.get("jupyter.cell_id")}


def _autolog():
    """Null until MLflow is imported."""
    integrations = getattr(
        sys.modules.get("mlflow.utils.autologging_utils"), "AUTOLOGGING_INTEGRATIONS", None
    )
    if not isinstance(integrations, dict):
        return None
    config = integrations.get("mlflow")
    return isinstance(config, dict) and bool(config) and not config.get("disable", False)


def _imported():
    module = sys.modules.get("mlflow")
    return module if hasattr(module, "set_tracking_uri") else None


def _is_true(text):
    return None if text is None else text.strip().lower() in ("true", "1")
