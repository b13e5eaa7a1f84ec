"""A kernel in which `%mlflow` is tried, beside a tracking server that has something to show."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest
from environment_factory import EnvironmentFactory
from jupyter_under_test import Jupyter
from kernel_under_test import NotebookKernel
from magics_support import (
    PAIRS,
    Api,
    log_to,
    patient_kernel,
)

from servers import MlflowServer


class Case:
    """A kernel, its tracking server, and an experiment with three runs on it."""

    def __init__(self, kernel: NotebookKernel, server: MlflowServer) -> None:
        self.kernel, self.server = kernel, server
        self.api = Api(server.url)
        self.experiment = f"magics/{uuid.uuid4().hex[:8]} 'it'"
        self.experiment_id = self.api.experiment(self.experiment)
        self.ids = [
            self.api.add_run(
                self.experiment_id,
                f"run-{i}",
                params={"depth": str(i), "lr": "0.1"},
                history={"loss": [1 / (step + 1 + i) for step in range(40)], "acc": [0.5 + i / 10]},
            )
            for i in range(3)
        ]


@pytest.fixture(scope="module", params=PAIRS)
def case(
    request: pytest.FixtureRequest,
    jupyter: Jupyter,
    plain_servers: Callable[[str], MlflowServer],
    environments: EnvironmentFactory,
) -> Iterator[Case]:
    """One kernel for all tests of the file that look only."""
    version: str = request.param
    with patient_kernel(
        jupyter, environments, version, folder=request.module.__name__.removeprefix("test_")
    ) as opened:
        found = Case(opened, plain_servers(PAIRS[version]))
        log_to(opened, found.server.url, found.experiment)
        yield found
