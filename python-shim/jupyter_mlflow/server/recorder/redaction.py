"""Secrets are masked in everything that leaves for a tracking server.

No entropy rule: it would mask hashes, ids and data. Own patterns instead of a library: those that are kept
(detect-secrets, gitleaks) report the lines of files in a repository, count `token = tokenizer.eos` as a
finding, and promise no bound on time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .secret_patterns import is_secret_name, own_pattern, secret_spans

MASK = "•••"

_ANSI = re.compile(r"\x1b\[[0-9;:?]{0,64}[ -/]?[@-~]|\x1b\][^\x07\x1b]{0,1024}(?:\x07|\x1b\\)")
#: Their data are base64: looked through, they would be found to hold anything.
_BINARY = re.compile(r"(?:image/(?!svg)|audio/|video/|application/(?:pdf|octet-stream|zip|x-zip))")


def is_binary(mime: str) -> bool:
    """Whether a display of this type holds base64."""
    return _BINARY.match(mime) is not None


def plain(text: str) -> str:
    """Without the escape sequences of a terminal."""
    return _ANSI.sub("", text) if "\x1b" in text else text


class Redaction:
    """Masks what is secret by its form, by its name, or by words of the person and the administrator."""

    def __init__(self, own: Iterable[str] = ()) -> None:
        """:param own: see `own_pattern`. :raises Problem: `invalid-pattern`"""
        self._own = own_pattern(own)

    def text(self, text: str) -> str:
        """`text` with its secrets masked. Colours of a terminal hide none: a text in which there are some
        loses its colours."""
        if "\x1b" in text:
            colourless = plain(text)
            masked = self._mask(colourless)
            if masked != colourless:
                return masked
        return self._mask(text)

    def value(self, value: Any) -> Any:
        """What JSON can hold, masked within, also by the keys of objects."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {
                self.text(key) if isinstance(key, str) else key: MASK
                if isinstance(key, str) and isinstance(each, str) and each and is_secret_name(key)
                else self.value(each)
                for key, each in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.value(each) for each in value]
        return value

    def bundle(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The `data` of a display: everything but pictures and the like."""
        return {mime: content if is_binary(mime) else self._lines(content) for mime, content in data.items()}

    def output(self, output: Mapping[str, Any]) -> dict[str, Any]:
        """An output as nbformat has it."""
        masked = dict(output)
        for name in ("text", "ename", "evalue"):
            if name in masked:
                masked[name] = self._lines(masked[name])
        if isinstance(masked.get("traceback"), list):
            # As one text: a secret of several lines may lie in several entries.
            whole = "\n".join(str(each) for each in masked["traceback"])
            masked["traceback"] = self.text(whole).split("\n")
        if isinstance(masked.get("data"), Mapping):
            masked["data"] = self.bundle(masked["data"])
        if isinstance(masked.get("metadata"), Mapping):
            masked["metadata"] = self.value(masked["metadata"])
        return masked

    def _lines(self, content: Any) -> Any:
        """Notebooks may hold a text as a list of its lines."""
        if isinstance(content, list) and content and all(isinstance(each, str) for each in content):
            return self.text("".join(content))
        return self.value(content)

    def _mask(self, text: str) -> str:
        spans = sorted(span for span in secret_spans(text, self._own) if span[1] > span[0])
        if not spans:
            return text
        parts: list[str] = []
        place = 0
        for start, end in spans:
            if end <= place:
                continue
            if start > place or not parts:
                parts += [text[place:start], MASK]
            place = end
        return "".join([*parts, text[place:]])
