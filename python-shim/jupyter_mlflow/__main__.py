"""`python -m jupyter_mlflow <command>`."""

from __future__ import annotations

import importlib
import sys

#: command → the module whose `main(arguments)` does it, and what it does.
COMMANDS = {
    "autoload": ("jupyter_mlflow.autoload", "let every kernel of yours load the package when it starts"),
    "sync": ("jupyter_mlflow.sync", "send to MLflow what kernels without a Jupyter server have recorded"),
}


def main(arguments: list[str]) -> int:
    """Do a command; the exit code."""
    if arguments and arguments[0] in COMMANDS:
        code: int = importlib.import_module(COMMANDS[arguments[0]][0]).main(arguments[1:])
        return code
    asked = bool(arguments) and arguments[0] in ("-h", "--help")
    lines = [f"  {name:10} {what}" for name, (_, what) in COMMANDS.items()]
    print("\n".join(["usage: python -m jupyter_mlflow COMMAND …", "", "commands:", *lines]))
    return 0 if asked else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
