"""What administrators can set about the recorder, and how its parts come together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from traitlets import Bool, Enum, Float, HasTraits, Integer, List, TraitError, Unicode, validate

from ..kernels.kernel_reports import KernelReports
from ..kernels.kernels import Kernels
from ..problems import Problem
from ..tracking.tracking_servers import TrackingServers
from .journals import journals_root
from .modes import SENDS, Allowed
from .recorder import Recorder
from .redaction import Redaction
from .secret_patterns import own_pattern

#: Schemas of what is announced on Jupyter's event bus.
EVENTS = ("execution", "recording")


class RecorderOptions(HasTraits):
    """A part of `JupyterMlflow`."""

    recorder_keep = Bool(
        True, help="Whether people may have their cells kept on this machine, in `state_dir`."
    ).tag(config=True)
    recorder_send = List(
        Enum(SENDS),
        default_value=list(SENDS),
        help="What of their cells people may have sent to MLflow: runs (the code of cells that started "
        "runs), tagged (cells with the tag mlflow-record), all.",
    ).tag(config=True)
    recorder_redact_at_capture = Bool(
        False, help="Whether secrets are masked in what is kept, too, and not only in what is sent."
    ).tag(config=True)
    recorder_retention_days = Float(30.0, min=0.01, help="Days that cells are kept, at most.").tag(
        config=True
    )
    recorder_retention_bytes = Integer(
        10**9, min=1_000_000, help="Bytes that the kept cells of a person may take, at most."
    ).tag(config=True)
    recorder_runs_per_day = Integer(
        0, min=0, help="Runs that the recorder makes in a day for a person, at most. 0: no limit."
    ).tag(config=True)
    recorder_secret_words = List(
        Unicode(),
        help="What is masked in what is sent, beside secrets of known forms: texts of three characters or "
        "more, in which * stands for any characters but spaces and quotes, ? for one and # for a digit.",
    ).tag(config=True)
    recorder_experiment = Unicode(
        "{notebook} (cells)",
        help="The experiment that is proposed for a notebook's cells; {notebook} is its name.",
    ).tag(config=True)

    @validate("recorder_secret_words")
    def _check_words(self, proposal: Any) -> Any:
        try:
            own_pattern(proposal["value"])
        except Problem as problem:
            # Better no Jupyter server than one that lets pass what was to be masked.
            raise TraitError(f"recorder_secret_words: {problem.message} {problem.hint}") from problem
        return proposal["value"]

    def allowed(self) -> Allowed:
        """What these say."""
        return Allowed(
            keep=self.recorder_keep,
            send=("nothing", *(each for each in self.recorder_send if each != "nothing")),
            redact_at_capture=self.recorder_redact_at_capture,
            retention_days=self.recorder_retention_days,
            retention_bytes=self.recorder_retention_bytes,
            runs_per_day=self.recorder_runs_per_day or None,
            experiment=self.recorder_experiment,
        )


def make_recorder(
    options: RecorderOptions,
    *,
    state_dir: Path,
    reports: KernelReports,
    kernels: Kernels,
    servers: TrackingServers,
    event_logger: Any,
    log: Any,
) -> Recorder:
    """The recorder of a Jupyter server, which hears of its kernels."""

    def emit(schema_id: str, data: Mapping[str, Any]) -> None:
        event_logger.emit(schema_id=schema_id, data=dict(data))

    def find_server(uri: str) -> str | None:
        if not uri:
            return servers.default_id()
        for server in servers.list():
            known = (server.uri, server.address.url if server.address is not None else None)
            if uri.rstrip("/") in [each.rstrip("/") for each in known if each]:
                return server.id
        return None

    recorder = Recorder(
        state_dir=state_dir,
        journals=journals_root(),
        allowed=options.allowed(),
        notebooks=reports.notebooks,
        path_of=reports.path_at_start,
        records=kernels.records,
        refresh=kernels.refresh,
        emit=emit,
        find_server=find_server,
        redaction=Redaction(options.recorder_secret_words) if options.recorder_redact_at_capture else None,
        log=log,
    )
    kernels.observer = recorder
    return recorder
