"""Which files of tests begin first: with two at a time, a long one that begins last has the other wait."""

from __future__ import annotations

from pathlib import Path

import pytest

#: Those that take longest, the longest first; all others come after them.
LONGEST_FIRST = (
    "test_logins",
    "test_recorder_kernels",
    "test_magics_endings",
    "test_store_schema",
    "test_recorder_sending",
    "test_gateway",
    "test_local_servers",
    "test_create_environment",
    "test_kernel_life",
    "test_jupyterhub",
    "test_supervisor",
    "test_kernel_orders",
    "test_magics",
    "test_install_job",
    "test_jobs",
    "test_demo",
    "test_old_python",
    "test_sync",
    "test_modes",
    "test_kernel_facts",
    "test_environment_routes",
    "test_recorder_headless",
    "test_magics_faults",
    "test_shipping_faults",
    "test_run_tags",
    "test_recorder_runs",
)
_PLACES = {name: place for place, name in enumerate(LONGEST_FIRST)}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """pytest-xdist keeps to it with `--no-loadscope-reorder`."""
    items.sort(key=lambda item: _PLACES.get(Path(item.path).stem, len(_PLACES)))
