"""Which sub-commands there are, their options, and help about them."""


class Command:
    """`options`: name → "flag", "text", "many", int, float, or the values that it can have."""

    def __init__(self, name, usage, summary, examples, options=None, aliases=()):
        self.name, self.usage, self.summary = name, usage, summary
        self.examples, self.options, self.aliases = examples, options or {}, aliases


_LIST = {"experiment": "text", "sort": "text", "columns": "text", "last": int, "mine": "flag", "here": "flag"}

COMMANDS = (
    Command("status", "", "where this kernel logs, and how to go on", ["%mlflow"]),
    Command("check", "", "what is wrong with MLflow in this kernel", ["%mlflow check"], aliases=("doctor",)),
    Command(
        "connect",
        "[URI]",
        "set the tracking server of this kernel; without URI, the panel's",
        ["%mlflow connect http://127.0.0.1:5000", "%mlflow connect"],
    ),
    Command(
        "experiment",
        "[NAME]",
        "show or set the experiment; makes it if need be, and says so",
        ["%mlflow experiment", '%mlflow experiment "churn 2026"'],
    ),
    Command(
        "runs",
        "[FILTER] [--experiment E] [--sort K] [--columns K,…] [--last N] [--mine] [--here]",
        "a table of runs",
        ["%mlflow runs metrics.acc > 0.9 --sort acc", "best = %mlflow runs --here --last 5"],
        _LIST,
    ),
    Command(
        "show",
        "[ID or name]",
        "one run; without argument the last one of this notebook",
        ["%mlflow show", "%mlflow show random-forest"],
        {"experiment": "text"},
    ),
    Command(
        "compare",
        "A B … | FILTER [--all]",
        "runs side by side, only what differs",
        ["%mlflow compare first second", "%mlflow compare params.depth = '3' --all"],
        {"experiment": "text", "all": "flag", "last": int},
    ),
    Command(
        "chart",
        "KEY … [--runs FILTER] [--x step|time|wall] [--smooth S] [--log]",
        "the history of metrics",
        ["%mlflow chart loss val_loss --log", "%mlflow chart loss --runs \"params.depth = '3'\""],
        {
            "runs": "text",
            "experiment": "text",
            "x": ("step", "time", "wall"),
            "smooth": float,
            "log": "flag",
            "last": int,
            "here": "flag",
        },
    ),
    Command(
        "best",
        "KEY [--min|--max] [FILTER]",
        "the run that is best in a metric",
        ["%mlflow best acc", "run = %mlflow best loss --min"],
        {"min": "flag", "max": "flag", "experiment": "text"},
    ),
    Command(
        "models",
        "[NAME]",
        "registered models, or the versions of one",
        ["%mlflow models", "%mlflow models churn"],
    ),
    Command("autolog", "[on|off]", "autologging of this kernel, and what it covers", ["%mlflow autolog on"]),
    Command("log-param", "K=V …", "log parameters to the active run", ["%mlflow log-param depth=3 seed=1"]),
    Command(
        "log-metric",
        "K=V … [--step N]",
        "log metrics to the active run",
        ["%mlflow log-metric acc={accuracy}"],
        {"step": int},
    ),
    Command("end", "[--failed]", "end the active run", ["%mlflow end"], {"failed": "flag"}),
    Command("help", "[X]", "this help, or help about one of these", ["%mlflow help runs"]),
)

CELL = Command(
    "%%mlflow",
    "[NAME] [--experiment E] [--nested] [--tag K=V] [--param K=V] [--autolog]",
    "run the cell as one run, which ends as the cell does",
    ["%%mlflow baseline --param depth=3\nmodel.fit(X, y)"],
    {"experiment": "text", "nested": "flag", "tag": "many", "param": "many", "autolog": "flag"},
)


def find(name):
    """The sub-command of that name, None if there is none."""
    return next((each for each in COMMANDS if name == each.name or name in each.aliases), None)


def names():
    """All of them, with aliases."""
    return [name for each in COMMANDS for name in (each.name, *each.aliases)]


def usage(command):
    """As it is typed."""
    if command is CELL:
        return "%%mlflow " + command.usage
    name = "" if command.name == "status" else " " + command.name
    return ("%mlflow" + name + " " + command.usage).rstrip()
