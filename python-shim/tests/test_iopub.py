"""Messages of kernels: which are read, and what is read of them."""

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from iopub_support import signed
from jupyter_mlflow.server.recorder.iopub import (
    IopubMessage,
    Signature,
    read_beginning,
    read_message,
    stream_like,
)


def test_messages_that_the_kernel_has_not_signed_are_not_read() -> None:
    header = json.dumps({"msg_type": "stream", "msg_id": "m", "session": "p"}).encode()
    parent = json.dumps({"msg_id": "a", "msg_type": "execute_request", "session": "c"}).encode()
    parts = signed(b"key", header, parent, b"{}", b'{"name": "stdout", "text": "x"}')
    signature = Signature(b"key", "hmac-sha256")
    found = read_message(parts, signature)
    assert isinstance(found, IopubMessage)
    assert (found.kind, found.execution_id, found.client, found.process) == ("stream", "a", "c", "p")
    assert read_message(parts, Signature(b"other", "hmac-sha256")) is None
    assert read_message([*parts[:-1], b'{"name": "stdout", "text": "y"}'], signature) is None
    for broken in (
        [],
        [b"<IDS|MSG>"],
        signed(b"key", b"[]", b"{}", b"{}", b"{}"),
        signed(b"key", b"{", b"", b"", b""),
    ):
        assert read_message(broken, signature) is None


def test_pieces_of_a_stream_are_known_without_being_read() -> None:
    """By the text alone, and just as they would be if they were read; anything else is read."""
    chance = random.Random(3)
    signature = Signature(b"key", "hmac-sha256")
    texts = ["a", "", "é \ud800 \u2028", 'quote " and \\', "\\", "\0\b\x1b[31m", "\n", "x" * 300, "😀"]

    def parts_of(**odd: Any) -> list[bytes]:
        id = odd.get("id", "s_1_" + str(chance.randrange(10**6)))
        date = "2026-01-01T00:00:00.1Z"
        header = {"msg_id": id, "msg_type": odd.get("kind", "stream"), "username": odd.get("user", "u")}
        header |= {"session": "p", "date": date, "version": "5.4"}
        parent = {"msg_id": odd.get("of", "a"), "msg_type": "execute_request", "session": "c"}
        content = {"name": odd.get("name", "stdout"), "text": odd.get("text", chance.choice(texts))}
        content |= odd.get("more", {})
        made = (
            json.dumps(header),
            json.dumps(parent),
            "{}",
            json.dumps(content, ensure_ascii="raw" not in odd),
        )
        return signed(odd.get("key", b"key"), *(each.encode("utf-8", "surrogatepass") for each in made))

    first = parts_of()
    read = read_message(first, signature)
    assert read is not None
    like = stream_like(first, read)
    assert like is not None
    odd: list[dict[str, Any]] = [
        {"kind": "status"},
        {"kind": "display_data"},
        {"name": "stderr"},
        {"text": 7},
        {"of": "b"},
        {"key": b"other"},
        {"more": {"text2": "x"}},
        {"more": {"x": "y"}},
        {"user": 'a", "msg_type": "status'},
        {"id": "é"},
        {"raw": True, "text": "é😀"},
        {"raw": True, "text": "\ud800"},
        {"text": "x" * 100_000},
    ]
    known = 0
    for _ in range(2000):
        parts = parts_of(**(chance.choice(odd) if chance.random() < 0.4 else {}))
        if chance.random() < 0.2:
            number, place = chance.randrange(3, 7), chance.random()
            damaged = bytearray(parts[number])
            damaged[int(place * len(damaged))] = chance.randrange(256)
            parts[number] = bytes(damaged)
            if chance.random() < 0.8:
                parts = signed(b"key", *parts[3:])
        text, message = like.text_of(parts, signature), read_message(parts, signature)
        if text is None:
            continue
        known += 1
        assert message is not None
        said = (message.kind, message.execution_id, message.content["name"], message.content["text"])
        assert said == ("stream", "a", "stdout", text)
        assert message.client == "c"
    assert known > 900
    for odd_one in odd[:10]:
        assert like.text_of(parts_of(**odd_one), signature) is None, odd_one
    assert like.text_of(first[1:], signature) is None
    assert like.text_of([], signature) is None


def test_bytes_that_are_no_text_are_read_as_far_as_they_are() -> None:
    header = json.dumps({"msg_type": "stream", "msg_id": "m", "session": "p"}).encode()
    parent = json.dumps({"msg_id": "a", "msg_type": "execute_request", "session": "c"}).encode()
    for content, text in (
        (b'{"name": "stdout", "text": "caf\xe9 \xff!"}', "caf\ufffd \ufffd!"),
        (b'{"name": "stdout", "text": "\xed\xa0\x80"}', "\ud800"),
        (b'{"name": "stdout", "text": "\\ud800\\u0000\\u001b[0m"}', "\ud800\0\x1b[0m"),
        (b' {"name": "stdout", "text": "x"}\n', "x"),
    ):
        found = read_message(signed(b"key", header, parent, b"{}", content), Signature(b"key", "hmac-sha256"))
        assert found is not None
        assert found.content["text"] == text
    for broken in (b"", b"{", b'{"a": 1} 2', b"[" * 100_000):
        parts = signed(b"key", header, parent, b"{}", broken)
        assert read_message(parts, Signature(b"key", "hmac-sha256")) is None


@given(st.text(st.characters()), st.integers(0, 200), st.booleans())
def test_the_beginning_of_a_text_is_one_wherever_it_is_cut(text: str, most: int, ascii_only: bool) -> None:
    content = json.dumps({"name": "stdout", "text": text}, ensure_ascii=ascii_only)
    header = {"msg_type": "stream", "msg_id": "m", "session": "p"}
    parent = {"msg_id": "a", "msg_type": "execute_request", "session": "c"}
    parts = [json.dumps(each).encode() for each in (header, parent, {})]
    frames = [*parts, content.encode("utf-8", "surrogatepass")]
    found = read_beginning(signed(b"k", *frames), Signature(b"k", "hmac-sha256"), most)
    assert found is not None
    kept = found.content["text"]
    # Half of a pair may be what is left of its last character.
    assert text.startswith(kept) or text.startswith(kept[:-1])
    assert len(kept) >= min(len(text), most // 12 - 1)
