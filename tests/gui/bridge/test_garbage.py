"""Widgets are freed on the GUI thread only."""

from __future__ import annotations

import asyncio
import gc
import threading
from typing import ClassVar

import pytest

from s4desk.gui.bridge import garbage
from s4desk.gui.bridge.garbage import (
    collect_now_and_then,
    collected_only_here,
    due,
    spare_what_is_loaded,
)


class Cycle:
    """Only the collector can free it; says on which thread it did."""

    freed_on: ClassVar[list[threading.Thread]] = []

    def __init__(self):
        self.me = self

    def __del__(self):
        self.freed_on.append(threading.current_thread())


def make_garbage():
    for _ in range(5000):
        Cycle()


@pytest.mark.parametrize(
    ("counts", "generation"),
    [
        ((700, 0, 480), None),
        ((701, 0, 0), 1),
        ((701, 9, 480), 1),
        ((0, 0, 481), 2),
        ((700, 0, 481), 2),
        ((701, 0, 481), 1),
        ((701, 0, 4800), 1),
        ((701, 0, 4801), 2),
    ],
)
def test_what_is_new_is_looked_at_often_and_all_of_it_seldom_and_in_a_quiet_moment(
    counts, generation
):
    assert due(counts) == generation


async def test_no_look_is_at_what_was_looked_at_before(monkeypatch):
    monkeypatch.setattr(garbage, "EVERY_S", 0.0)
    looked_at: list[int] = []
    with collected_only_here():
        kept = [[number] for number in range(50_000)]
        collecting = asyncio.ensure_future(collect_now_and_then())
        for _ in range(5):
            young = len(gc.get_objects(0)) + len(gc.get_objects(1))
            looked_at.append(young)
            kept += [[number] for number in range(1000)]
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        collecting.cancel()
        await asyncio.wait([collecting])
    assert looked_at[-1] < 10_000 < 50_000 < looked_at[0]
    assert len(kept) == 55_000


def test_a_worker_that_makes_garbage_does_not_collect_it():
    gc.collect()
    Cycle.freed_on = []
    with collected_only_here():
        worker = threading.Thread(target=make_garbage)
        worker.start()
        worker.join()
        assert Cycle.freed_on == []
    assert set(Cycle.freed_on) == {threading.main_thread()}
    assert gc.isenabled()


async def test_garbage_is_collected_while_the_loop_turns(monkeypatch):
    monkeypatch.setattr(garbage, "EVERY_S", 0.0)
    Cycle.freed_on = []
    with collected_only_here():
        make_garbage()
        collecting = asyncio.ensure_future(collect_now_and_then())
        for _ in range(20):
            await asyncio.sleep(0)
        freed = len(Cycle.freed_on)
        collecting.cancel()
        await asyncio.wait([collecting])
    assert freed > 4000


def test_what_is_loaded_is_walked_no_more_until_the_window_is_closed():
    with collected_only_here():
        spare_what_is_loaded()
        assert gc.get_freeze_count() > 1000
        assert len(gc.get_objects()) < 1000
    assert gc.get_freeze_count() == 0
