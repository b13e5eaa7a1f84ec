"""Which files of tests begin first: with two at a time, a long one that begins last has the other wait."""

from __future__ import annotations

from pathlib import Path

import pytest

#: Those that take longest, the longest first; all others come after them.
LONGEST_FIRST = (
    "test_logins",
    "test_magics_endings",
    "test_recorder_kernels",
    "test_shipping_faults",
    "test_fault_counts",
    "test_ledger_counts",
    "test_local_servers",
    "test_magics_faults",
    "test_store_schema",
    "test_discovery",
    "test_job_routes",
    "test_create_environment",
    "test_recorder_sending",
    "test_modes",
    "test_modes_packages",
    "test_jobs",
    "test_kernel_life",
    "test_kernel_facts",
    "test_import_check",
    "test_kernelspec_jobs",
    "test_exports",
    "test_jupyterhub",
    "test_gateway",
    "test_magics",
    "test_magics_words",
    "test_access",
    "test_artifact_ladder",
    "test_environment_routes",
    "test_run_tags",
    "test_large_outputs",
    "test_supervisor",
    "test_sync",
    "test_magics_cell",
    "test_kernel_orders",
)
_PLACES = {name: place for place, name in enumerate(LONGEST_FIRST)}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """pytest-xdist keeps to it with `--no-loadscope-reorder`."""
    items.sort(key=lambda item: _PLACES.get(Path(item.path).stem, len(_PLACES)))
