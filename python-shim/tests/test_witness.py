"""Messages from a socket: all of them, in their order, and in few steps when there are many."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import zmq
from jupyter_mlflow.server.recorder import witness as witness_module
from jupyter_mlflow.server.recorder.spill_queue import Arrived
from jupyter_mlflow.server.recorder.witness import REST_MAX_S, REST_S, Rest, Witness
from processes_under_test import wait_until


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def publisher() -> Iterator[tuple[zmq.Socket[bytes], str]]:
    """A kernel's socket, and its address."""
    with zmq.Context() as context, context.socket(zmq.PUB) as made:
        made.sndhwm = 0
        made.linger = 0
        port = made.bind_to_random_port("tcp://127.0.0.1")
        yield made, f"tcp://127.0.0.1:{port}"


def test_all_messages_come_in_their_order_and_the_last_before_the_end(
    publisher: tuple[zmq.Socket[bytes], str],
) -> None:
    socket, url = publisher
    got: list[object] = []
    steps: list[int] = []

    def put(*items: object) -> None:
        got.extend(items)
        steps.append(len(items))

    witness = Witness(put)
    witness.connect("k", url)

    def is_heard() -> bool:
        socket.send(b"hello")
        return bool(got)

    wait_until(is_heard, "the witness listens", 30)
    for number in range(20_000):
        socket.send_multipart([b"topic", b"%d" % number])
    socket.send(b"last")

    def has_last() -> bool:
        return any(isinstance(each, Arrived) and each.parts == [b"last"] for each in got)

    wait_until(has_last, "all of them", 60)
    witness.disconnect("k", then="end")
    wait_until(lambda: "end" in got, "the end", 30)
    witness.close()
    numbers = [each.parts[1] for each in got if isinstance(each, Arrived) and len(each.parts) == 2]
    assert numbers == [b"%d" % number for number in range(20_000)]
    assert got[-1] == "end"


def test_what_is_told_of_a_kernel_comes_after_what_it_has_printed(
    publisher: tuple[zmq.Socket[bytes], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pause that ends: what was printed in it must not be taken for what comes after it."""
    monkeypatch.setattr(witness_module, "REST_S", 3600.0)
    socket, url = publisher
    got: list[object] = []
    witness = Witness(lambda *items: got.extend(items))
    witness.tell("k", "nobody listens yet")
    assert got == ["nobody listens yet"]
    witness.connect("k", url)

    def is_heard() -> bool:
        socket.send(b"hello")
        return len(got) > 1

    wait_until(is_heard, "the witness listens, and rests", 30)
    socket.send_multipart([b"in the pause"] * 7)
    told = 0

    def has_come() -> bool:
        nonlocal told
        told += 1
        witness.tell("k", told)
        wait_until(lambda: told in got, "it is told", 30)
        return any(isinstance(each, Arrived) and len(each.parts) == 7 for each in got)

    wait_until(has_come, "it has come, though there is a rest", 30)
    place = next(n for n, each in enumerate(got) if isinstance(each, Arrived) and len(each.parts) == 7)
    assert got[place + 1 :] == [told]
    witness.close()
    witness.tell("k", "the end")
    assert got[-1] == "the end", "it is told when nobody listens any more, too"


def test_a_flood_of_one_kernel_does_not_keep_another_one_waiting(
    publisher: tuple[zmq.Socket[bytes], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witness_module, "REST_MAX_S", 3600.0)
    monkeypatch.setattr(witness_module, "REST_S", 1800.0)
    socket, url = publisher
    got: list[object] = []
    witness = Witness(lambda *items: got.extend(items))
    with zmq.Context() as context, context.socket(zmq.PUB) as other:
        other.linger = 0
        port = other.bind_to_random_port("tcp://127.0.0.1")
        witness.connect("flooding", url)

        def is_heard(at: zmq.Socket[bytes], kernel: str) -> bool:
            at.send(b"hello")
            return any(isinstance(each, Arrived) and each.kernel_id == kernel for each in got)

        wait_until(lambda: is_heard(socket, "flooding"), "the first is heard, and rests", 30)
        witness.connect("quiet", f"tcp://127.0.0.1:{port}")
        wait_until(lambda: is_heard(other, "quiet"), "the second is heard", 30)
        witness.close()


def test_a_cell_rests_shortly_and_a_flood_longer_and_longer() -> None:
    clock = Clock()
    rest = Rest(clock)
    clock.now += 1
    rest.taken(5, 1000, False)
    assert rest.seconds() == REST_S
    for _ in range(10):
        clock.now += 1
        rest.taken(1000, 100_000, False)
        found = rest.seconds()
    assert found == REST_MAX_S
    clock.now += 1
    rest.taken(5, 1000, False)
    found = rest.seconds()
    assert found == REST_S, "the flood has ended"
    for _ in range(10):
        # As many as a busy machine's kernel prints in so short a time: few at each look, many in a second.
        count = int(4000 * found)
        clock.now += found
        rest.taken(count, 700 * count, False)
        found = rest.seconds()
    assert found == REST_MAX_S


def test_large_messages_do_not_gather_in_memory() -> None:
    clock = Clock()
    rest = Rest(clock)
    for _ in range(10):
        clock.now += 1
        rest.taken(1000, 800 * 2**20, False)
        found = rest.seconds()
    assert 0.01 < found < 0.05


def test_what_has_not_been_taken_yet_is_taken_before_any_rest() -> None:
    rest = Rest(Clock())
    rest.taken(500, 1000, True)
    assert rest.seconds() == 0
    rest.taken(3, 100, False)
    assert rest.seconds() > 0
