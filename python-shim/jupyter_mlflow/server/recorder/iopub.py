"""A kernel's messages as they come from its socket: whether they are its own, and what they say."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, NamedTuple

from .journal_frames import ID

_DELIMITER = b"<IDS|MSG>"
#: What a notebook shows: the other messages are no outputs.
OUTPUTS = ("stream", "display_data", "execute_result", "update_display_data", "clear_output", "error")
#: Without these an execution would seem to run for ever, or never to have begun: they are never cut.
_NEEDED = (b'"status"', b'"execute_input"', b'"error"')
_SMALL = 64 * 1024
#: Bytes of a request's header, up to which what it says is remembered.
_SHORT = 2048
#: The messages whose time says when an execution began and ended.
_TIMED = ("status", "execute_input", "error")
#: A stream's header as Jupyter's own library writes it; any other is read.
_STREAM_HEADER = re.compile(
    rb'\{"msg_id": "[\w-]{1,128}", "msg_type": "stream", "username": "[\w.@-]*", "session": "[\w-]*",'
    rb' "date": "[\w:.+-]*", "version": "[\d.]*"\}'
)
_STREAM_BEGIN = re.compile(rb'\s*\{\s*"name"\s*:\s*"(stdout|stderr)"\s*,\s*"text"\s*:\s*"')
#: Characters of an escaped pair of surrogates: more of a text's end cannot be half a character.
_LONGEST_ESCAPE = 12
_scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined]


class IopubMessage(NamedTuple):
    """What is needed of a message."""

    kind: str
    id: str
    content: Mapping[str, Any]
    #: the execution that it is about, if it is about one
    execution_id: str | None
    #: the client session that asked for it
    client: str | None
    #: of the kernel's process, where the kernel has a session of its own
    process: str | None
    #: when the kernel says that it sent it, seconds since the epoch; None where that does not matter
    sent: float | None = None


class Signature:
    """Of the messages of one kernel."""

    def __init__(self, key: bytes, scheme: str) -> None:
        """:param scheme: `hmac-sha256`, of the connection file. Raises ValueError for what is no such."""
        self._key = key
        kind, _, name = scheme.partition("-")
        if key and kind != "hmac":
            raise ValueError(scheme)
        self._name = name or "sha256"
        hashlib.new(self._name)

    def fits(self, parts: Sequence[bytes], signature: bytes) -> bool:
        """Whether the kernel has signed them."""
        if not self._key:
            return True
        if sum(map(len, parts)) <= _SMALL:
            # In one call: 50,000 lines are 50,000 signatures.
            made = hmac.digest(self._key, b"".join(parts), self._name).hex()
        else:
            steps = hmac.new(self._key, digestmod=self._name)
            for part in parts:
                steps.update(part)
            made = steps.hexdigest()
        return hmac.compare_digest(made.encode(), signature)


def read_message(parts: Sequence[bytes], signature: Signature) -> IopubMessage | None:
    """The message of these frames; None for anything else."""
    try:
        at = parts.index(_DELIMITER)
        signed = parts[at + 2 : at + 6]
        if len(signed) < 4 or not signature.fits(signed, parts[at + 1]):
            return None
        header = _loads(signed[0])
        # All messages about an execution repeat its header.
        parent = signed[1]
        asked = _asked_before(parent) if len(parent) <= _SHORT else _asked(parent)
        return _message(header, asked, _loads(signed[3]) if header["msg_type"] in _READ else {})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def read_beginning(parts: Sequence[bytes], signature: Signature, most: int) -> IopubMessage | None:
    """A piece of a stream that is too large to be read, with the first `most` bytes of its text; None for
    anything else."""
    try:
        at = parts.index(_DELIMITER)
        signed = parts[at + 2 : at + 6]
        begin = _STREAM_BEGIN.match(signed[3])
        if begin is None or not signature.fits(signed, parts[at + 1]):
            return None
        text = signed[3][begin.end() : begin.end() + most].decode("utf-8", "ignore")
        content = {"name": begin[1].decode(), "text": _beginning(text)}
        return _message(_loads(signed[0]), _asked(signed[1]), content)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return None


def _beginning(text: str) -> str:
    """Of a JSON string that is cut anywhere. Raises ValueError for what is none."""
    for cut in range(_LONGEST_ESCAPE):
        with contextlib.suppress(ValueError):
            return str(scanstring(text[: len(text) - cut] + '"', 0)[0])
    raise ValueError(text[-_LONGEST_ESCAPE:])


class StreamLike(NamedTuple):
    """What pieces of one text have in common, one message each: of 50,000 lines one is read, and of the
    others the text alone."""

    execution_id: str | None
    name: str
    #: the request's header, byte by byte
    parent: bytes
    #: the content up to the text
    begin: bytes

    def text_of(self, parts: Sequence[bytes], signature: Signature) -> str | None:
        """The text of one more piece; None for what may be anything else, which is to be read then."""
        if len(parts) != 7 or parts[1] != _DELIMITER or parts[4] != self.parent:
            return None
        content = parts[6]
        if not content.startswith(self.begin) or content[-2:] != b'"}' or len(content) > _SMALL:
            return None
        if _STREAM_HEADER.fullmatch(parts[3]) is None or not signature.fits(parts[3:7], parts[2]):
            return None
        try:
            whole = content.decode()
            text, end = scanstring(whole, len(self.begin))
        except ValueError:
            return None
        return text if end == len(whole) - 1 else None


def stream_like(parts: Sequence[bytes], message: IopubMessage) -> StreamLike | None:
    """From a message that was read; None if others are not to be known by it."""
    name = message.content.get("name")
    if message.kind != "stream" or name not in ("stdout", "stderr") or len(parts) != 7:
        return None
    return StreamLike(message.execution_id, name, parts[4], b'{"name": "%s", "text": "' % name.encode())


def message_of(header: Any, parent: Any, content: Any) -> IopubMessage:
    """The same from parts that have been read. Raises KeyError, TypeError, AttributeError."""
    return _message(header, _asked_by(parent), content)


def _message(header: Any, asked: tuple[str | None, str | None], content: Any) -> IopubMessage:
    execution_id, client = asked
    session, kind = header.get("session"), header["msg_type"]
    return IopubMessage(
        str(kind),
        str(header["msg_id"])[:128],
        content if isinstance(content, dict) else {},
        execution_id,
        client,
        # Some kernels repeat the client's.
        session[:64] if isinstance(session, str) and session and session != client else None,
        _seconds(header.get("date")) if kind in _TIMED else None,
    )


def _asked_by(parent: Any) -> tuple[str | None, str | None]:
    """The execution and the client session of the request that a message is about."""
    asked, client = parent.get("msg_id"), parent.get("session")
    is_execution = parent.get("msg_type") in ("execute_request", None) and isinstance(asked, str)
    return (
        asked if is_execution and ID.fullmatch(asked) else None,
        client if isinstance(client, str) else None,
    )


def _asked(parent: bytes) -> tuple[str | None, str | None]:
    return _asked_by(_loads(parent))


_asked_before = functools.lru_cache(maxsize=64)(_asked)


def _loads(data: bytes) -> Any:
    try:
        text = data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        # Not every kernel sees to it that what it passes on is text.
        text = data.decode("utf-8", "replace")
    try:
        value, end = _scan(text, 0)
        if end == len(text):
            return value
    except StopIteration:
        pass
    return json.loads(text)


def _seconds(date: Any) -> float | None:
    try:
        return datetime.fromisoformat(date.replace("Z", "+00:00")).timestamp()
    except (ValueError, AttributeError, OverflowError, OSError):
        return None


def output_of(message: IopubMessage) -> dict[str, Any] | None:
    """As nbformat has it, `transient` added; None if it is none or not formed as one."""
    content = message.content
    kind = message.kind
    if kind == "stream":
        name, text = content.get("name"), content.get("text")
        if name in ("stdout", "stderr") and isinstance(text, str):
            return {"output_type": "stream", "name": name, "text": text}
    elif kind == "clear_output":
        return {"output_type": kind, "wait": content.get("wait") is True}
    elif kind == "error":
        lines = content.get("traceback")
        return {
            "output_type": kind,
            "ename": str(content.get("ename", "")),
            "evalue": str(content.get("evalue", "")),
            "traceback": [str(line) for line in lines] if isinstance(lines, list) else [],
        }
    elif kind in OUTPUTS and isinstance(content.get("data"), dict):
        output = {
            "output_type": kind,
            "data": content["data"],
            "metadata": content["metadata"] if isinstance(content.get("metadata"), dict) else {},
        }
        if kind == "execute_result":
            output["execution_count"] = content.get("execution_count")
        if isinstance(content.get("transient"), dict):
            output["transient"] = content["transient"]
        return output
    return None


def is_needed(parts: Sequence[bytes]) -> bool:
    """Whether a message must not be cut, from a look at its header alone."""
    if sum(map(len, parts)) > _SMALL:
        return False
    try:
        header = parts[parts.index(_DELIMITER) + 2]
    except (ValueError, IndexError):
        return False
    return any(word in header for word in _NEEDED)


_READ = (*OUTPUTS, "status", "execute_input")
