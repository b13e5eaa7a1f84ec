"""A kernel's messages as they come from its socket: whether they are its own, and what they say."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .journal_frames import ID

_DELIMITER = b"<IDS|MSG>"
#: What a notebook shows: the other messages are no outputs.
OUTPUTS = ("stream", "display_data", "execute_result", "update_display_data", "clear_output", "error")
#: Without these an execution would seem to run for ever, or never to have begun: they are never cut.
_NEEDED = (b'"status"', b'"execute_input"', b'"error"')
_SMALL = 64 * 1024


@dataclass(frozen=True)
class IopubMessage:
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


class Signature:
    """Of the messages of one kernel."""

    def __init__(self, key: bytes, scheme: str) -> None:
        """:param scheme: `hmac-sha256`, of the connection file. Raises ValueError for what is no such."""
        self._key = key
        kind, _, name = scheme.partition("-")
        if key and kind != "hmac":
            raise ValueError(scheme)
        self._digest = getattr(hashlib, name or "sha256")

    def fits(self, parts: Sequence[bytes], signature: bytes) -> bool:
        """Whether the kernel has signed them."""
        if not self._key:
            return True
        made = hmac.new(self._key, digestmod=self._digest)
        for part in parts:
            made.update(part)
        return hmac.compare_digest(made.hexdigest().encode(), signature)


def read_message(parts: Sequence[bytes], signature: Signature) -> IopubMessage | None:
    """The message of these frames; None for anything else."""
    try:
        at = parts.index(_DELIMITER)
        signed = parts[at + 2 : at + 6]
        if len(signed) < 4 or not signature.fits(signed, parts[at + 1]):
            return None
        header, parent = json.loads(signed[0]), json.loads(signed[1])
        content = json.loads(signed[3]) if header["msg_type"] in _READ else {}
        return message_of(header, parent, content)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def message_of(header: Any, parent: Any, content: Any) -> IopubMessage:
    """The same from parts that have been read. Raises KeyError, TypeError, AttributeError."""
    asked, session = parent.get("msg_id"), header.get("session")
    is_execution = parent.get("msg_type") in ("execute_request", None) and isinstance(asked, str)
    client = parent.get("session")
    return IopubMessage(
        kind=str(header["msg_type"]),
        id=str(header["msg_id"])[:128],
        content=content if isinstance(content, dict) else {},
        execution_id=asked if is_execution and ID.fullmatch(asked) else None,
        client=client if isinstance(client, str) else None,
        # Some kernels repeat the client's.
        process=session[:64] if isinstance(session, str) and session and session != client else None,
    )


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
