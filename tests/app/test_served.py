"""Who is said to have served what, where many things are asked for side by side."""

from __future__ import annotations

from types import SimpleNamespace

from s4desk.app.cli.served import ServedEach
from s4desk.core.domain.failover import Answer
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.runtime.answers import note_answer
from s4desk.core.runtime.tasks import run_bounded

GROUP, A, B = (ConnectionId(name) for name in ("group", "a", "b"))


class Stores:
    async def to_read(self, connection):
        assert connection == GROUP


def desk():
    return SimpleNamespace(
        stores=Stores(), connections=SimpleNamespace(name_of=lambda id_: id_.upper())
    )


async def test_each_has_its_own_and_the_whole_all():
    served, told = ServedEach(desk()), {}

    async def request(answer):
        note_answer(answer)

    async def read(name, *answers):
        await served.store_of(GROUP)
        for each in answers:
            # As the byte path does: in tasks of its own.
            await run_bounded([request(each)], 1)
        told[name] = served.record

    home, stand_in = Answer(A), Answer(B, is_failover=True)
    reads = {
        "one": [home],
        "two": [stand_in, home],
        "three": [stand_in],
        "four": [home],
        "five": [],
    }
    await run_bounded((read(name, *answers) for name, answers in reads.items()), 2)
    assert {name: (each.get("backend"), each.get("failover")) for name, each in told.items()} == {
        "one": ("A", False),
        "two": ("B", True),
        "three": ("B", True),
        "four": ("A", False),
        "five": (None, None),
    }
    assert served.whole.record["failover"]
