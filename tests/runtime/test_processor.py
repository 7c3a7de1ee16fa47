"""Threads that share one processor for a while, and run everywhere again afterwards."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from s4desk.core.runtime.processor import OneProcessor

if TYPE_CHECKING:
    from collections.abc import Iterator

if sys.platform != "linux":
    pytest.skip("only Linux moves threads", allow_module_level=True)

ALL = os.sched_getaffinity(0)
pytestmark = pytest.mark.skipif(len(ALL) < 2, reason="needs two processors")


class Other:
    """Another thread, which tells where it may run."""

    def __init__(self) -> None:
        self.thread = threading.Thread(target=self._run)
        self._may_end = threading.Event()
        self.thread.start()

    def _run(self) -> None:
        self._may_end.wait()

    @property
    def processors(self) -> set[int]:
        assert self.thread.native_id is not None
        return os.sched_getaffinity(self.thread.native_id)

    def end(self) -> None:
        self._may_end.set()
        self.thread.join()


@pytest.fixture
def other() -> Iterator[Other]:
    other = Other()
    yield other
    other.end()


@pytest.fixture
def processor() -> Iterator[OneProcessor]:
    processor = OneProcessor()
    yield processor
    processor.release()


def test_all_threads_share_one(processor: OneProcessor, other: Other) -> None:
    processor.hold()
    (mine,) = os.sched_getaffinity(0)
    late = Other()
    try:
        assert other.processors == late.processors == {mine}
    finally:
        late.end()


def test_all_are_free_again(processor: OneProcessor, other: Other) -> None:
    processor.hold()
    processor.hold()
    late = Other()
    try:
        processor.release()
        assert os.sched_getaffinity(0) == other.processors == late.processors == ALL
    finally:
        late.end()


def test_a_second_holder_changes_nothing(processor: OneProcessor) -> None:
    second = OneProcessor()
    processor.hold()
    second.hold()
    assert processor.is_held
    assert not second.is_held
    second.release()
    assert len(os.sched_getaffinity(0)) == 1


def test_what_the_user_allowed_is_kept(processor: OneProcessor) -> None:
    one = min(ALL)
    os.sched_setaffinity(0, {one})
    try:
        processor.hold()
        assert not processor.is_held
    finally:
        os.sched_setaffinity(0, ALL)
