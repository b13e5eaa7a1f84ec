"""Fixtures that several test files share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))

from desk_support import scene  # noqa: F401
from environment_factory import EnvironmentFactory
from failure_reports import (  # noqa: F401
    pytest_runtest_makereport,
    pytest_runtest_setup,
    pytest_terminal_summary,
)
from job_support import Bench
from journal_fixtures import folder, journal, ledger, reader, shell, troubles  # noqa: F401
from jupyter_under_test import Jupyter
from magics_case import case  # noqa: F401
from modes_support import machine  # noqa: F401
from order_of_files import pytest_collection_modifyitems  # noqa: F401
from upstream import Upstream
from wheelhouse import Wheelhouse

from servers import MlflowServer, start_mlflow

# How long an example takes says how busy the machine is.
settings.register_profile("any-machine", deadline=None)
settings.load_profile("any-machine")


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    """A Jupyter server with everything as it comes; short time-outs."""
    running = Jupyter(
        tmp_path_factory.mktemp("jupyter"),
        config="c.JupyterMlflow.request_timeout = 20\n",
    )
    yield running
    running.stop()


@pytest.fixture
def start_jupyter(tmp_path: Path) -> Iterator[Callable[..., Jupyter]]:
    """Starts Jupyter servers as the test wants them; ends them after it."""
    running: list[Jupyter] = []

    def start(**options: object) -> Jupyter:
        running.append(Jupyter(tmp_path / f"jupyter-{len(running)}", **options))  # type: ignore[arg-type]
        return running[-1]

    yield start
    for each in running:
        each.stop()


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """A server that the test scripts."""
    running = Upstream()
    yield running
    running.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """The parts that work on environments, in folders of the test; its jobs end with it."""
    made = Bench(tmp_path / "bench")
    yield made
    made.jobs.close()


@pytest.fixture(scope="session")
def environments() -> EnvironmentFactory:
    """Makes real environments, and keeps those that nobody changes."""
    return EnvironmentFactory()


@pytest.fixture(scope="session")
def wheelhouse(tmp_path_factory: pytest.TempPathFactory) -> Wheelhouse:
    """Small packages, without a network."""
    return Wheelhouse(tmp_path_factory.mktemp("wheelhouse"))


@pytest.fixture(scope="session")
def plain_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], MlflowServer]]:
    """MLflow of a version, without login, prefix or TLS; started when first asked for."""
    running: dict[str, MlflowServer] = {}

    def get(version: str) -> MlflowServer:
        if version not in running:
            running[version] = start_mlflow(version, tmp_path_factory.mktemp(f"mlflow-{version}"))
        return running[version]

    yield get
    for each in running.values():
        each.stop()
