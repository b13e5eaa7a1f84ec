"""Releases and paths, compared as the rules of findings.py need it."""

import os
import re


def is_release(version):
    """Whether it is numbers alone: what is older can be told of no other."""
    return re.match(r"\d+(\.\d+)*$", version or "") is not None


def is_between(version, oldest, end):
    """Whether it is a release, at least `oldest` and before `end`; None is no end."""
    if not is_release(version):
        return False
    release = _numbers(version)
    return _numbers(oldest) <= release and (end is None or release < _numbers(end))


def _numbers(version):
    numbers = [int(each) for each in version.split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return numbers


def is_same(one, other):
    """Whether both paths lead to one file or folder."""
    return os.path.normcase(os.path.realpath(one)) == os.path.normcase(os.path.realpath(other))


def is_within(path, folder):
    """Whether it is this folder or below it, links followed; False where one is not known."""
    if not path or not folder:
        return False
    inner = os.path.normcase(os.path.realpath(path))
    outer = os.path.normcase(os.path.realpath(folder))
    return inner == outer or inner.startswith(outer.rstrip(os.sep) + os.sep)
