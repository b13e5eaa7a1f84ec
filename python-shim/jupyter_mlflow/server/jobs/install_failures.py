"""What the output of uv, venv or pip means, told as a problem."""

from __future__ import annotations

import re

from ..problems import Problem

_NETWORK = re.compile(
    r"Failed to establish a new connection|name resolution|Name or service not known|dns error|error "
    r"sending request"
    r"|Failed to fetch|Could not connect|Connection refused|Connection reset|tunnel error|Network is "
    r"unreachable"
    r"|Read timed out|ConnectTimeout|operation timed "
    r"out|ProxyError|SSLError|CERTIFICATE_VERIFY_FAILED|invalid peer cert",
    re.IGNORECASE,
)
_NO_VERSION = re.compile(
    r"No matching distribution found|No solution found|Could not find a version|was not found in the "
    r"(package )?(registry|index)|ResolutionImpossible|conflicting dependencies",
    re.IGNORECASE,
)
#: uv's reason, and what pip writes of packages that exclude each other: both run over several lines.
_UV_REASON = re.compile(r"Because .+", re.DOTALL)
_PIP_REASON = re.compile(
    r"The conflict is caused by:(.+?)(?:Additionally, |To fix this |ERROR: |$)", re.DOTALL
)
#: pip found nothing at all of that name.
_PIP_NOTHING = re.compile(r"satisfies the requirement ([\w.-]+)[^\n]*\(from versions: none\)")
_UV_NOTHING = re.compile(r"Because (\S+) was not found in the ")
#: Every index has these.
_EVERYWHERE = {"mlflow", "ipykernel", "pip"}
_DISK = re.compile(r"No space left on device|Disk quota exceeded|os error 28\b", re.IGNORECASE)
_NOT_ALLOWED = re.compile(
    r"Permission denied|Read-only file system|Access is denied|os error (13|30)\b", re.IGNORECASE
)
_MANAGED = re.compile(r"externally[- ]managed", re.IGNORECASE)
_ERROR_LINE = re.compile(r"error|×|╰|caused by|failed", re.IGNORECASE)
_LONGEST = 240


def install_problem(code: str, output: str) -> Problem:
    """Why a command of an installation failed.

    :param code: what it was about: `no-python`, `no-venv` or `install-failed`
    :param output: all that it wrote
    """
    if _DISK.search(output):
        return Problem(
            "disk-full", "The disk is full.", "Free some space (MLflow needs about 1 GB), then try again."
        )
    if _MANAGED.search(output):
        return externally_managed()
    nothing = _PIP_NOTHING.search(output) or _UV_NOTHING.search(output)
    # pip that may not retry says no more than this about an index that does not answer.
    silent = nothing is not None and nothing.group(1) in _EVERYWHERE and "Ignored the " not in output
    if _NETWORK.search(output) or silent:
        return Problem(
            "no-registry",
            f"The package index cannot be reached: {_reason(output, _NO_VERSION if silent else _NETWORK)}",
            "Check the network, and the index, proxy and certificates that pip or uv are set to.",
        )
    if _NOT_ALLOWED.search(output):
        return Problem(
            "not-writable",
            f"The environment cannot be written: {_reason(output, _NOT_ALLOWED)}",
            "Create an environment of your own instead.",
        )
    if code == "no-venv":
        return no_venv()
    if code == "no-python":
        return Problem(
            "no-python",
            f"No fitting Python was found: {_reason(output, _ERROR_LINE)}",
            "Install one (uv python install 3.11), or choose a newer MLflow.",
        )
    if nothing is not None:
        return Problem(
            "no-such-package",
            f"The package index has no “{nothing.group(1)}” for this Python.",
            "Check how that package is called, or take it away.",
        )
    if _NO_VERSION.search(output):
        return Problem(
            "no-such-version",
            f"No versions were found that go together: {_resolution(output)}",
            "Choose another version, or take a package away.",
        )
    return Problem(
        "install-failed", f"The installation failed: {_reason(output, _ERROR_LINE)}", "The log tells more."
    )


def externally_managed() -> Problem:
    """PEP 668."""
    return Problem(
        "externally-managed",
        "This Python belongs to the operating system, which does not want packages to be added to it.",
        "Create an environment of your own instead.",
        status=409,
    )


def no_venv() -> Problem:
    """Debian's Python without its package for environments."""
    return Problem(
        "no-venv",
        "This Python cannot make environments: it lacks ensurepip.",
        "Install uv (pip install uv), or the package python3-venv (sudo apt install python3-venv).",
    )


def _resolution(output: str) -> str:
    """uv's or pip's own reason, which runs over several lines, as one sentence."""
    if found := _UV_REASON.search(output):
        return _shorten(found.group())
    if found := _PIP_REASON.search(output):
        return _shorten(", ".join(line.strip() for line in found.group(1).strip().splitlines()))
    return _shorten(next(line for line in output.splitlines() if _NO_VERSION.search(line)))


def _reason(output: str, pattern: re.Pattern[str]) -> str:
    """The last line that tells."""
    lines = [line.strip(" ×╰─▶│├╭") for line in output.splitlines() if pattern.search(line)]
    return _shorten(lines[-1] if lines else "its output does not say why")


def _shorten(text: str) -> str:
    text = re.sub(r"\bERROR: ", "", re.sub(r"[\s│├╭╰─▶×]+", " ", text)).strip()
    return text[: _LONGEST - 3] + "…" if len(text) > _LONGEST else text.rstrip(".") + "."
