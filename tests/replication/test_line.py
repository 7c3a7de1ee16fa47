"""Of one key one write at a time is carried, and none of which a newer one was seen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.identity import ConnectionId, Generation, VersionId
from s4desk.core.replication.line import Line
from s4desk.core.replication.table import Seen, Source, Task, Write

HOME = Source(ConnectionId("c"), "main")


def task(number: int, key: str = "a", version: str | None = None) -> Task:
    name = VersionId(version) if version else None
    return Task(HOME, Write(key, Seen(f"etag-{number}"), "r", name), Generation(number))


def test_the_newer_one_waits_for_the_older():
    line = Line()
    line.add([task(1), task(2, "b")])
    assert line.start() == task(1)
    line.add([task(3)])
    assert not line.is_current(task(1))
    assert line.start() == task(2, "b")
    assert line.start() is None
    assert (len(line), line.running) == (1, 2)
    line.end(task(1))
    assert line.start() == task(3)
    assert line.is_current(task(3))


def test_what_is_out_of_date_never_starts():
    line = Line()
    line.add([task(1)])
    line.seen([task(2)])
    assert line.start() is None
    # The newer one comes when there is room for it.
    line.add([task(2)])
    assert line.start() == task(2)


def test_what_is_here_does_not_come_twice():
    line = Line()
    line.add([task(1)])
    line.add([task(1)])
    assert line.start() == task(1)
    line.add([task(1)])
    assert line.start() is None
    line.end(task(1))
    # It failed, and was told to be tried again.
    line.add([task(1)])
    assert line.start() == task(1)


def test_versions_of_a_key_are_carried_one_after_the_other_and_none_is_left_out():
    line = Line()
    line.add([task(1, version="v1"), task(2, version="v2"), task(3, version="v3")])
    order = []
    while (found := line.start()) is not None:
        assert line.start() is None
        assert line.is_current(found)
        order.append(found.write.version)
        line.end(found)
    assert order == ["v1", "v2", "v3"]


def test_nothing_is_remembered_of_what_is_over():
    line = Line()
    for number in range(1, 50):
        line.add([task(number, f"{number % 3}")])
        if number % 2:
            line.seen([task(number + 100, f"{number % 3}")])
        found = line.start()
        if found is not None:
            line.end(found)
    while (found := line.start()) is not None:
        line.end(found)
    assert line._here == line._newest == line._held == line._running == {}


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("seen"), st.sampled_from("ab")),
        st.tuples(st.just("load"), st.none()),
        st.tuples(st.just("start"), st.none()),
        st.tuples(st.just("end"), st.integers(0, 3)),
    ),
    max_size=40,
)


@given(STEPS)
def test_whatever_happens_the_last_one_of_each_key_is_the_newest(steps):
    line, waiting, running = Line(), [], []
    newest: dict[str, int] = {}
    last: dict[str, int] = {}

    def take(step: str, what: object) -> None:
        if step == "seen":
            key = str(what)
            newest[key] = len(seen) + 1
            seen.append(task(newest[key], key))
            waiting[:] = [each for each in waiting if each.write.key != key] + [seen[-1]]
            line.seen([seen[-1]])
        elif step == "load":
            line.add(waiting)
        elif step == "start":
            found = line.start()
            if found is not None:
                assert found.write.key not in {each.write.key for each in running}
                assert found.generation == newest[found.write.key]
                running.append(found)
        elif running:
            ended = running.pop(int(str(what)) % len(running))
            if line.is_current(ended):
                waiting.remove(ended)
            assert ended.generation > last.get(ended.write.key, 0)
            last[ended.write.key] = ended.generation
            line.end(ended)

    seen: list[Task] = []
    for step in steps:
        take(*step)
    while waiting or running:
        take("load", None)
        take("start", None)
        take("end", 0)
    assert last == newest
