"""The Jupyter server extension: what administrators can set, and how its parts come together."""

from __future__ import annotations

import logging
import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_data_dir
from jupyter_server.extension.application import ExtensionApp
from traitlets import Any as AnyTrait
from traitlets import Bool, Dict, Enum, Float, Integer, List, Unicode

from .coalescing import Coalescing
from .environments.environment_handlers import ENVIRONMENT_HANDLERS
from .environments.environments import Environments, memory
from .environments.kernel_registry import KernelRegistry
from .environments.machine import Machine
from .environments.made_environments import MadeEnvironments
from .forwarding.forward_handler import ForwardHandler
from .forwarding.forwarder import Forwarder, Limits
from .jobs.job_handlers import JOB_HANDLERS
from .jobs.job_kinds import job_kinds
from .jobs.jobs import Jobs
from .kernels.kernel_handlers import KERNEL_HANDLERS
from .kernels.kernel_reports import CONTENTS, KernelReports
from .kernels.kernels import Kernels
from .local.local_servers import LocalServers
from .local.store_check import check_store
from .local.stores import parse_store
from .notebooks import Notebooks
from .preferences import Preferences
from .recorder.handlers import RECORDER_HANDLERS
from .recorder.options import EVENTS, RecorderOptions, make_recorder
from .recorder.server_executions import listen
from .recorder.shipping import make_sending
from .services import Services, Settings
from .tracking.discovery import Discovery
from .tracking.handlers import (
    HealthHandler,
    ServerHandler,
    ServersHandler,
    StartHandler,
    StatusHandler,
    StopHandler,
)
from .tracking.health import HealthProbe
from .tracking.server_file import ServerFile
from .tracking.tracking_servers import TrackingServers

FEATURES = ("local_servers", "jobs", "add_servers", "kernels", "recorder")


class JupyterMlflow(RecorderOptions, ExtensionApp):
    """MLflow inside the notebook."""

    name = "jupyter_mlflow"
    load_other_extensions = True

    servers = List(
        Dict(),
        help="Tracking servers that everybody on this Jupyter server sees: dicts with `uri` and, where "
        "wanted, `name`, `auth` ({'kind': 'basic', 'username', 'password'} or {'kind': 'token', 'token'}), "
        "`ca` (path of a CA bundle) and `workspace`. Those without `auth` get MLflow's credentials of the "
        "environment.",
    ).tag(config=True)
    default_server = Unicode(
        "",
        help="Name, address or id of the server that the panel begins with. Empty: that of "
        "MLFLOW_TRACKING_URI, else the first.",
    ).tag(config=True)
    allow_adding_servers = Bool(True, help="Whether people may add tracking servers in the panel.").tag(
        config=True
    )
    allowed_uris = List(
        Unicode(),
        help="Patterns (https://*.example.org/*, sqlite:///*) of which one must match an address that a "
        "person adds. Empty: any.",
    ).tag(config=True)
    enabled_features = List(
        Enum(FEATURES),
        default_value=list(FEATURES),
        help="What is on: local_servers, jobs (making environments), add_servers, kernels (asking kernels "
        "for their environment, tagging the runs of their cells), recorder (keeping what cells ran, for "
        "those who choose so; needs kernels).",
    ).tag(config=True)
    local_servers = Enum(
        ("auto", "on", "off"),
        default_value="auto",
        help="Whether Jupyter starts tracking servers over stores. They listen on a loopback port "
        "without a login, so `auto` is off on a machine shared between people.",
    ).tag(config=True)
    shared_machine = Enum(
        ("auto", "yes", "no"),
        default_value="auto",
        help="Whether several people share this machine's loopback addresses. `auto`: yes below a "
        "JupyterHub.",
    ).tag(config=True)
    state_dir = Unicode(
        "",
        help="Folder for what is kept between sessions. Empty: `jupyter-mlflow` in Jupyter's data folder.",
    ).tag(config=True)
    min_poll_interval_loopback = Float(
        0.8, min=0.1, help="Seconds between two polls of a tracking server on this machine, at least."
    ).tag(config=True)
    min_poll_interval_remote = Float(
        10.0, min=0.5, help="Seconds between two polls of any other tracking server, at least."
    ).tag(config=True)
    max_answer_bytes = Integer(
        64 * 1024 * 1024,
        min=1024,
        help="Bytes of an answer (not of an artifact) that are passed on, at most.",
    ).tag(config=True)
    request_timeout = Float(60.0, min=0.1, help="Seconds that an answer (not an artifact) may take.").tag(
        config=True
    )
    transfer_timeout = Float(
        600.0, min=0.1, help="Seconds without a byte after which the transfer of an artifact is given up."
    ).tag(config=True)
    connect_timeout = Float(10.0, min=0.1, help="Seconds that connecting to a tracking server may take.").tag(
        config=True
    )
    auth_provider = AnyTrait(
        None,
        allow_none=True,
        help="A callable (or coroutine function) that is given the address of a tracking server of the "
        "configuration or the environment, and returns headers for requests to it. Called again after a 401.",
    ).tag(config=True)
    workers = Integer(1, min=1, help="Worker processes of a local tracking server.").tag(config=True)
    mlflow_python = Unicode(
        "", help="The interpreter whose MLflow runs local tracking servers. Empty: found by itself."
    ).tag(config=True)

    user_env = Unicode(
        "JUPYTERHUB_USER",
        help="The variable that names the person, for the tag `jupyter.user` of runs. Without it: the "
        "system's user.",
    ).tag(config=True)
    start_default_server = Bool(
        False,
        help="Whether the default server, if it is a store, is started with Jupyter and not when the "
        "panel opens.",
    ).tag(config=True)

    def initialize_settings(self) -> None:
        """Puts the parts together. Asks nothing of any server."""
        root = Path(self.settings["server_root_dir"]).expanduser().absolute()
        state_dir = (
            Path(self.state_dir).expanduser()
            if self.state_dir
            else Path(jupyter_data_dir()) / "jupyter-mlflow"
        )
        state_dir = state_dir.absolute()
        shared = self._is_shared()
        features = {feature: feature in self.enabled_features for feature in FEATURES}
        features["local_servers"] &= self.local_servers == "on" or (
            self.local_servers == "auto" and not shared
        )
        features["add_servers"] &= self.allow_adding_servers
        features["recorder"] &= features["kernels"]
        environments = Environments(state_dir=state_dir, configured=self.mlflow_python or None)

        made = MadeEnvironments(state_dir)
        registry = KernelRegistry(self.serverapp.kernel_spec_manager if self.serverapp else None)
        machine = Machine(
            root_dir=root, made=made, registry=registry, memory=memory, jobs_enabled=features["jobs"]
        )

        async def has_mlflow() -> bool:
            return await environments.best() is not None

        servers = TrackingServers(
            configured=self.servers,
            file=ServerFile(state_dir / "servers.json"),
            parse_store=lambda uri: parse_store(uri, root_dir=root),
            check_store=check_store,
            default=self.default_server,
            allowed_uris=self.allowed_uris,
            allow_adding=features["add_servers"],
            has_auth_provider=self.auth_provider is not None,
        )
        _quieten_httpx()
        forwarder = Forwarder(
            limits=Limits(
                self.request_timeout, self.transfer_timeout, self.connect_timeout, self.max_answer_bytes
            ),
            log=self.log,
            local_origin=lambda server: self.services.local_origin(server),
            auth_provider=self.auth_provider,
        )
        health = HealthProbe(forwarder)
        self.services = Services(
            settings=Settings(
                version=_version(),
                root_dir=root,
                features=features,
                shared_machine=shared,
                loopback_interval_ms=round(self.min_poll_interval_loopback * 1000),
                remote_interval_ms=round(self.min_poll_interval_remote * 1000),
            ),
            servers=servers,
            forwarder=forwarder,
            health=health,
            answers=Coalescing(),
            probes=Coalescing(),
            discovery=Discovery(
                root_dir=root,
                servers=servers,
                health=health,
                local_servers=features["local_servers"],
                shared_machine=shared,
                has_mlflow=has_mlflow,
            ),
            environments=environments,
            machine=machine,
            jobs=Jobs(
                state_dir=state_dir,
                kinds=job_kinds(
                    root_dir=root,
                    made=made,
                    registry=registry,
                    machine=machine,
                    kernels=lambda: self.services.kernels,
                ),
                enabled=features["jobs"],
                log=self.log,
            ),
            local=LocalServers(
                state_dir=state_dir,
                find_interpreter=environments.best,
                other_interpreters=environments.usable,
                log=self.log,
                workers=self.workers,
            )
            if features["local_servers"]
            else None,
        )
        self._add_kernels(root, state_dir)
        self.settings["jupyter_mlflow"] = self.services

    def _add_kernels(self, root: Path, state_dir: Path) -> None:
        services, app = self.services, self.serverapp
        if app is None or app.event_logger is None:
            return
        services.reports = KernelReports(
            services,
            notebooks=Notebooks(state_dir / "notebooks.json", root_dir=root),
            preferences=Preferences(state_dir / "preferences.json"),
            session_manager=app.session_manager,
            user_env=self.user_env,
        )
        services.kernels = Kernels(
            app.kernel_manager,
            event_logger=app.event_logger,
            request_of=services.reports.request_of,
            enabled=services.settings.features["kernels"],
            log=self.log,
        )
        events = Path(__file__).parent / "events"
        for name in ("kernel_report", *EVENTS):
            app.event_logger.register_event_schema(events / f"{name}.v1.yaml")
        if services.settings.features["recorder"]:
            services.recorder = make_recorder(
                self,
                state_dir=state_dir,
                reports=services.reports,
                kernels=services.kernels,
                servers=services.servers,
                event_logger=app.event_logger,
                log=self.log,
            )
            services.sending = make_sending(
                self,
                services,
                recorder=services.recorder,
                reports=services.reports,
                kernels=services.kernels,
                state_dir=state_dir,
                log=self.log,
            )

    def initialize_handlers(self) -> None:
        """All routes of docs/architecture.md."""
        root = r"/jupyter-mlflow/"
        server = root + r"servers/([^/]+)"
        self.handlers.extend(
            [
                (root + r"status", StatusHandler),
                (root + r"servers", ServersHandler),
                (server, ServerHandler),
                (server + r"/start", StartHandler),
                (server + r"/stop", StopHandler),
                (server + r"/health", HealthHandler),
                (server + r"/mlflow/(.*)", ForwardHandler),
                *(
                    (root + pattern, handler)
                    for pattern, handler in (
                        *JOB_HANDLERS,
                        *ENVIRONMENT_HANDLERS,
                        *KERNEL_HANDLERS,
                        *RECORDER_HANDLERS,
                    )
                ),
            ]
        )

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        """Jupyter calls this once its loop runs."""
        services = self.services
        if services.recorder is not None:
            services.recorder.start()
        if services.sending is not None:
            services.sending.start()
        if services.kernels is not None and services.reports is not None:
            if services.recorder is not None:
                services.recorder.server_executions = listen(serverapp, services.reports.notebooks)
            services.kernels.start()
            serverapp.event_logger.add_listener(schema_id=CONTENTS, listener=services.reports.on_contents)
        if self.start_default_server:
            id = self.services.servers.default_id()
            if id is not None:
                await self.services.wake(self.services.servers.get(id))

    async def stop_extension(self) -> None:
        """Closes connections, gives local servers back."""
        await self.services.close()

    def _is_shared(self) -> bool:
        if self.shared_machine == "auto":
            return "JUPYTERHUB_SERVICE_PREFIX" in os.environ
        return bool(self.shared_machine == "yes")


def _quieten_httpx() -> None:
    """httpx writes a line for each request at INFO, which polls would fill logs with."""
    for name in ("httpx", "httpcore"):
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.WARNING))


def _version() -> str:
    try:
        return version("jupyter-mlflow")
    except PackageNotFoundError:
        return "0.0.0"
