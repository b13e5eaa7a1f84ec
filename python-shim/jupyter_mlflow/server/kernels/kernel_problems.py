"""Why a kernel cannot be asked or has not done what it was told, in words."""

from __future__ import annotations

from ..problems import Problem

#: By the reason of a report: code, sentence, what to do.
_UNHEARD = {
    "busy": (
        "kernel-busy",
        "The kernel is busy: it does this as soon as the running cell has ended.",
        "Wait for the cell, or interrupt it.",
    ),
    "timeout": (
        "kernel-busy",
        "The kernel does not answer: it does this as soon as it does.",
        "Wait, or restart the kernel.",
    ),
    "aborted": (
        "kernel-not-reached",
        "The kernel has not done this, as cells before it failed.",
        "Try again.",
    ),
    "restarting": (
        "kernel-not-reached",
        "The kernel ended before it could do this.",
        "Try again when it has started.",
    ),
    "unreachable": (
        "kernel-not-reached",
        "The machine that runs this kernel does not answer.",
        "Try again when it is back, or choose another kernel.",
    ),
    "dead": (
        "kernel-not-reached",
        "The kernel has died.",
        "Restart the kernel.",
    ),
    "shim-failed": (
        "kernel-refused",
        "The kernel could not do that.",
        "Look at what MLflow says when the notebook imports it, or restart the kernel.",
    ),
}


def unheard(reason: str | None) -> Problem:
    """A kernel has not done what it was told; one that is busy will do it later."""
    code, message, hint = _UNHEARD.get(reason or "", _UNHEARD["busy"])
    return Problem(code, message, hint, status=409)


def questions_off() -> Problem:
    """No kernel is spoken to."""
    return Problem(
        "feature-off",
        "The administrator of this Jupyter server has turned the questions to kernels off.",
        "Ask for the feature “kernels” in JupyterMlflow.enabled_features.",
        status=403,
    )


def unknown_kernel() -> Problem:
    """There is none of that id."""
    return Problem(
        "unknown-kernel",
        "This kernel does not run here any more.",
        "Start it again.",
        status=404,
    )


def out_of_reach() -> Problem:
    """There is nothing in it that could be told."""
    return Problem(
        "kernel-out-of-reach",
        "This kernel cannot be asked: it is no Python kernel, or it has ended.",
        "Restart the kernel, or choose a Python kernel.",
        status=409,
    )
