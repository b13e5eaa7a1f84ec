"""Keeps one child process no longer than its own parent: `python -m jupyter_mlflow.server.processes.keeper`.

The supervisor of a local server may be killed without a chance to clean up. So MLflow is started by this
small process, whose standard input is a pipe from the supervisor: when the pipe ends, so does everything that
MLflow started.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
from pathlib import Path

from .spawning import spawn


def main() -> int:
    """Read one line of JSON `{argv, env, cwd, record}`, start it, and watch.

    Standard output and error are the child's. `record` is the file that tells a later supervisor what to
    clear away.
    :return: the child's exit code; 126 if it could not be started
    """
    # Ctrl-C is for the Jupyter server; we follow the pipe.
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    order = json.loads(sys.stdin.buffer.readline())
    try:
        child = spawn(order["argv"], env=order["env"], cwd=order["cwd"], stdout=None, stderr=None)
    except OSError as error:
        print(f"cannot start {order['argv'][0]}: {error}", file=sys.stderr, flush=True)
        return 126
    # Loaded while the child runs already: psutil alone takes longer than a small command.
    from .leases import write_private
    from .processes import create_time, kill_group

    created = create_time(child.pid)
    write_private(Path(order["record"]), json.dumps({"pid": child.pid, "created": created}))

    def watch() -> None:
        # Not through sys.stdin: a thread that waits in it is fatal when the interpreter ends.
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        kill_group(child.pid, created)

    threading.Thread(target=watch, daemon=True).start()
    code = child.wait()
    # Its workers must not outlive it: gunicorn of MLflow 2.x does.
    kill_group(child.pid, created)
    with contextlib.suppress(OSError):
        os.remove(order["record"])
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
