"""The files of an execution: its source, its outputs as a small notebook, streams, traceback, pictures."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .execution import Execution
from .gentle_json import size_within
from .redaction import Redaction, is_binary, plain
from .sent_names import source_file

#: Characters of one text and of a stream's file, bytes of a picture and of all files together, that are sent.
MAX_TEXT, MAX_STREAM = 250_000, 2_000_000
MAX_PICTURE, MAX_ALL = 9_000_000, 48_000_000
_MARGIN = 8192
#: Characters of base64 that are decoded at once; a multiple of four.
_PIECE = 1_000_000
NOTEBOOK = "execution.ipynb"

_KINDS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/bmp": "bmp",
    "application/pdf": "pdf",
    "audio/wav": "wav",
    "video/mp4": "mp4",
}
_CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class File:
    """One artifact. `path` is below the run's root, or below the folder for runs that are not ours."""

    path: str
    content: bytes

    def to_json(self) -> dict[str, Any]:
        """As "show what will be sent" shows it: text as it is, anything else by its size."""
        try:
            text: str | None = self.content.decode()
        except UnicodeDecodeError:
            text = None
        return {"path": self.path, "bytes": len(self.content), "text": text}


def run_files(execution: Execution, redaction: Redaction) -> tuple[File, ...]:
    """What is uploaded, masked and cut; each path once. Takes long for large outputs."""
    pictures: dict[str, bytes] = {}
    outputs = [_output(each, redaction, pictures) for each in execution.outputs]
    shown = [each for each in outputs if each is not None]
    source = redaction.text(execution.source)
    files = [File(source_file(execution.language), _encode(source or "\n"))]
    files += _streams(execution.outputs, redaction)
    traceback = _traceback(execution.outputs, redaction)
    if traceback:
        files.append(File("traceback.txt", _encode(traceback)))
    notebook = _notebook(execution, source, shown)
    room = MAX_ALL - sum(len(each.content) for each in files) - len(notebook.content)
    for path, content in pictures.items():
        if len(content) <= room:
            files.append(File(path, content))
            room -= len(content)
    return (files[0], notebook, *files[1:])


def _notebook(execution: Execution, source: str, outputs: list[dict[str, Any]]) -> File:
    if execution.cut_bytes:
        outputs.append(_mark(f"{execution.cut_bytes:,} bytes of output were not kept"))
    room, kept = MAX_PICTURE - _size(source), []
    for output in outputs:
        room -= _size(output)
        kept.append(output if room > 0 else _mark("An output is left out here, as there are too many"))
        if room <= 0:
            break
    id = execution.cell_id if execution.cell_id and _CELL_ID.fullmatch(execution.cell_id) else "cell"
    cell: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": _count(execution.execution_count),
        "id": id,
        "metadata": {},
        "outputs": kept,
        "source": source,
    }
    language = {"language_info": {"name": execution.language}} if execution.language else {}
    content = {"cells": [cell], "metadata": language, "nbformat": 4, "nbformat_minor": 5}
    return File(NOTEBOOK, _encode(json.dumps(content, indent=1, ensure_ascii=False) + "\n"))


def _output(
    output: Mapping[str, Any], redaction: Redaction, pictures: dict[str, bytes]
) -> dict[str, Any] | None:
    """As a valid output of nbformat; None for what is none."""
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return {
            "output_type": kind,
            "name": name,
            "text": _masked(_joined(output.get("text")), MAX_TEXT, redaction),
        }
    if kind == "error":
        lines = output.get("traceback")
        traceback = "\n".join(str(line) for line in lines) if isinstance(lines, list) else ""
        return {
            "output_type": kind,
            "ename": _masked(_joined(output.get("ename")), 500, redaction),
            "evalue": _masked(_joined(output.get("evalue")), MAX_TEXT, redaction),
            "traceback": _masked(traceback, MAX_TEXT, redaction).split("\n") if traceback else [],
        }
    if kind not in ("display_data", "execute_result") or not isinstance(output.get("data"), Mapping):
        return None
    metadata = output.get("metadata")
    shown = {
        "output_type": kind,
        "data": _bundle(output["data"], redaction, pictures),
        "metadata": redaction.value(metadata) if isinstance(metadata, Mapping) else {},
    }
    if kind == "execute_result":
        shown["execution_count"] = _count(output.get("execution_count"))
    return shown


def _bundle(data: Mapping[str, Any], redaction: Redaction, pictures: dict[str, bytes]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for mime, content in data.items():
        if is_binary(mime):
            path = _keep_picture(mime, content, pictures)
            if path is None:
                shown.setdefault("text/plain", f"… {mime} is left out here, as it is too large …")
            else:
                # A link, not the picture itself: it is there once, however often it was shown.
                shown.setdefault("text/markdown", f"![{mime}]({path})")
        elif mime == "text/plain":
            shown[mime] = _masked(_joined(content), MAX_TEXT, redaction)
        elif size_within(content, MAX_TEXT) > MAX_TEXT:
            # Half of a page or of a figure is none.
            shown.setdefault("text/plain", f"… {mime} is left out here, as it is too large …")
        elif _is_json(mime) or _is_text(content):
            shown.update(redaction.bundle({mime: content}))
    return shown


def _count(value: Any) -> int | None:
    return value if type(value) is int and value >= 0 else None


def _is_json(mime: str) -> bool:
    return mime == "application/json" or mime.endswith("+json")


def _is_text(content: Any) -> bool:
    return isinstance(content, str) or (
        isinstance(content, list) and all(isinstance(each, str) for each in content)
    )


def _keep_picture(mime: str, content: Any, pictures: dict[str, bytes]) -> str | None:
    try:
        data = _decode(_joined(content).strip())
    except (binascii.Error, ValueError):
        return None
    if len(data) > MAX_PICTURE:
        return None
    path = f"displays/{hashlib.sha256(data).hexdigest()[:16]}.{_KINDS.get(mime, 'bin')}"
    pictures[path] = data
    return path


def _decode(text: str) -> bytes:
    """Base64, a piece after the other, as the decoder lets no other thread run."""
    if "\n" in text:
        return base64.b64decode(text)
    return b"".join(base64.b64decode(text[i : i + _PIECE]) for i in range(0, len(text), _PIECE))


def _streams(outputs: Iterable[Mapping[str, Any]], redaction: Redaction) -> list[File]:
    texts: dict[str, list[str]] = {}
    for output in outputs:
        if output.get("output_type") == "stream":
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            texts.setdefault(name, []).append(_joined(output.get("text")))
    return [
        File(f"{name}.txt", _encode(_masked("".join(parts), MAX_STREAM, redaction)))
        for name, parts in sorted(texts.items(), reverse=True)
        if any(parts)
    ]


def _traceback(outputs: Iterable[Mapping[str, Any]], redaction: Redaction) -> str:
    for output in outputs:
        if output.get("output_type") == "error" and isinstance(output.get("traceback"), list):
            return _masked(plain("\n".join(str(line) for line in output["traceback"])), MAX_STREAM, redaction)
    return ""


def _masked(text: str, limit: int, redaction: Redaction) -> str:
    """Masked, and of a long text only the beginning and the end, with a mark between them."""
    if len(text) <= limit:
        return redaction.text(text)
    tail = limit // 4
    # What stands at a cut may be half of a secret, which nobody would know for one: it goes.
    begins = redaction.text(text[: limit - tail + _MARGIN])[:-_MARGIN]
    ends = redaction.text(text[-tail - _MARGIN :])[_MARGIN:]
    return f"{begins}\n… {len(text) - limit:,} characters are left out here …\n{ends}"


def _mark(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stderr", "text": f"… {text} …\n"}


def _joined(text: Any) -> str:
    if isinstance(text, list):
        return "".join(str(each) for each in text)
    return text if isinstance(text, str) else ""


def _size(value: Any) -> int:
    """Bytes of it in a notebook."""
    return len(_encode(json.dumps(value, ensure_ascii=False)))


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "replace")
