"""A hub for browser tests: `python hub_serve.py FOLDER PORT` serves until it is told to end.

What a test must know is in `FOLDER/hub.json` before the hub answers.
"""

from __future__ import annotations

import json
import secrets
import signal
import sys
import threading
import time
import traceback
from pathlib import Path

import httpx
from hub_mlflow import SharedMlflow
from hub_process import HubProcess

#: Of the ports that are chosen before what listens there has started, another program may take one meanwhile.
TRIES = 3


def seed(mlflow: SharedMlflow, user: str, password: str) -> dict[str, str]:
    """An experiment of one person with one run."""

    def post(path: str, body: dict[str, object]) -> dict[str, dict[str, dict[str, str]]]:
        answer = httpx.post(
            f"{mlflow.url}/api/2.0/mlflow/{path}", json=body, auth=(user, password), timeout=30
        )
        answer.raise_for_status()
        found: dict[str, dict[str, dict[str, str]]] = answer.json()
        return found

    experiment = str(post("experiments/create", {"name": "work of the campus"})["experiment_id"])
    now = int(time.time() * 1000)
    run = post("runs/create", {"experiment_id": experiment, "run_name": "first", "start_time": now})
    return {"experiment": experiment, "run": run["run"]["info"]["run_id"]}


def main(folder: Path, port: int) -> None:
    """Starts everything, waits for a signal, ends everything."""
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    for number in range(1, TRIES + 1):
        try:
            serve(folder, folder / f"try-{number}", port, ending)
            return
        except Exception:
            if number == TRIES or ending.is_set():
                raise
            traceback.print_exc()


def serve(told: Path, folder: Path, port: int, ending: threading.Event) -> None:
    """Returns when the event is set; raises what keeps it from starting."""
    mlflow = SharedMlflow(folder / "mlflow")
    passwords = {name: secrets.token_urlsafe(16) for name in ("ana", "ben")}
    people = {
        name: {"MLFLOW_TRACKING_USERNAME": name, "MLFLOW_TRACKING_PASSWORD": password}
        for name, password in passwords.items()
    }
    hub = HubProcess(folder / "hub", people, {"MLFLOW_TRACKING_URI": mlflow.url}, port)
    try:
        mlflow.start()
        for name, password in passwords.items():
            mlflow.add_user(name, password)
        known = {"url": hub.url, "password": hub.password, **seed(mlflow, "ana", passwords["ana"])}
        (told / "hub.json").write_text(json.dumps(known))
        hub.start()
        ending.wait()
    finally:
        hub.stop()
        mlflow.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
