"""What a failing test says at the end of the output: its name, what was asserted, what servers logged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from processes_under_test import ProcessUnderTest, last_lines

#: Lines of each server's log, and of what was asserted.
LOG_LINES, MESSAGE_LINES = 30, 12
#: Failures that are told in full; where more fail, the reason is most often one.
IN_FULL = 5
_PREFIX = "End of the log of "
_sizes: dict[ProcessUnderTest, int] = {}


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Only what is written from now on is of this test."""
    ProcessUnderTest.forget_ended()
    _sizes.clear()
    for each in ProcessUnderTest.known:
        if each.log.exists():
            _sizes[each] = each.log.stat().st_size


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Iterator[Any]:
    """Adds to a failure what the servers of the test have logged in it."""
    report = yield
    if report.failed:
        for each in ProcessUnderTest.known:
            lines = _telling(last_lines(each.log, 10 * LOG_LINES, _sizes.get(each, 0)).splitlines())
            if lines:
                report.sections.append((_PREFIX + each.name, "\n".join(lines[-LOG_LINES:])))
    return report


def _telling(lines: list[str]) -> list[str]:
    """Without what Jupyter logs for its own developers."""
    found, skips = [], False
    for line in lines:
        skips = line.startswith("[D ") or (skips and line.startswith(("\t", " ")))
        found += [] if skips else [line]
    return found


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """A CI keeps the end of the output."""
    failed = [report for kind in ("failed", "error") for report in terminalreporter.stats.get(kind, [])]
    if not failed:
        return
    terminalreporter.section("what failed")
    for report in failed[:IN_FULL]:
        terminalreporter.write_line(f"{report.nodeid} ({getattr(report, 'when', 'collect')})", bold=True)
        crash = getattr(report.longrepr, "reprcrash", None)
        text = f"{crash.path}:{crash.lineno}: {crash.message}" if crash else report.longreprtext
        lines = text.splitlines()
        for line in lines[:MESSAGE_LINES] if crash else lines[-MESSAGE_LINES:]:
            terminalreporter.write_line(f"  {line[:400]}")
        for title, content in report.sections:
            if title.startswith(_PREFIX):
                terminalreporter.write_line(f"  {title}:")
                for line in content.splitlines():
                    terminalreporter.write_line(f"    {line[:400]}")
    for report in failed[IN_FULL:]:
        terminalreporter.write_line(f"{report.nodeid} ({getattr(report, 'when', 'collect')})", bold=True)
