"""How shipping comes together in a Jupyter server."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..kernels.kernel_reports import KernelReports
from ..kernels.kernels import Kernels
from ..problems import Problem
from .execution import Execution
from .folding import Change
from .ledger import Ledger
from .options import RecorderOptions
from .recorder import Recorder
from .sending import Reach, Sending, Sources
from .shipping_queue import Answer

if TYPE_CHECKING:
    from ..services import Services


class RecorderLedger:
    """The recorder's ledger, which is opened when there is something to write."""

    def __init__(self, ledger: Callable[[], Ledger]) -> None:
        self._ledger = ledger

    def write(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """See `Ledger.write`."""
        return self._ledger().write(work)


def make_sending(
    options: RecorderOptions,
    services: Services,
    *,
    recorder: Recorder,
    reports: KernelReports,
    kernels: Kernels,
    state_dir: Path,
    log: Any,
) -> Sending:
    """Whoever sends what the recorder has queued, known to the recorder's routes."""

    def secret_words() -> Iterable[str]:
        return [*options.recorder_secret_words, *reports.preferences.read()["secret_words"]]

    def kernel_name(kernel_id: str) -> str | None:
        try:
            return kernels.get(kernel_id).name
        except Problem:
            return None

    def on_change(execution: Execution) -> None:
        recorder.announce(
            [
                Change(
                    execution.id,
                    execution.kernel_id,
                    execution.notebook_id,
                    execution.cell_id,
                    execution.status,
                )
            ]
        )

    sending = Sending(
        RecorderLedger(recorder.ledger),
        sources=Sources(
            root_dir=services.settings.root_dir,
            user=reports.user() or "",
            secret_words=secret_words,
            kernel_name=kernel_name,
        ),
        reach=Reach(
            servers=services.servers,
            forwarder=services.forwarder,
            wake=services.wake,
            local_origin=services.local_origin,
            interpreters=services.environments.usable if services.settings.features["jobs"] else None,
        ),
        state_dir=state_dir,
        runs_per_day=options.recorder_runs_per_day or None,
        log=log,
        on_change=on_change,
        has_ledger=lambda: recorder.has_ledger,
    )
    recorder.sending = sending
    recorder.on_waiting.append(sending.on_waiting)
    return sending
