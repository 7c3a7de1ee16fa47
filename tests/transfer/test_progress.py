"""The board between the jobs and the window, and how speed is measured."""

from __future__ import annotations

import threading
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.transfer import TransferId, TransferState, Wait, WaitKind
from s4desk.core.transfer.progress import WINDOW_S, Meter, ProgressBoard
from tests.transfer.fake_clock import FakeClock
from tests.transfer.specs import transfer

RUNNING = TransferState.RUNNING
COMPLETED = TransferState.COMPLETED


def test_a_drain_shows_each_transfer_once_as_it_is_now() -> None:
    board = ProgressBoard(FakeClock())
    board.post(transfer(1))
    board.post(transfer(1, RUNNING))
    board.moved(TransferId(1), 10)
    board.moved(TransferId(1), 20)
    drained = board.drain()
    assert list(drained) == [1]
    assert (drained[TransferId(1)].done, drained[TransferId(1)].total) == (30, 100)
    assert drained[TransferId(1)].transfer.state is RUNNING
    assert board.drain() == {}


def test_a_request_that_starts_over_takes_its_bytes_back() -> None:
    board = ProgressBoard(FakeClock())
    board.post(transfer(1, RUNNING))
    board.moved(TransferId(1), 60)
    board.moved(TransferId(1), -60)
    board.moved(TransferId(1), 5)
    assert board.drain()[TransferId(1)].done == 5


def test_bytes_of_many_threads_are_all_counted() -> None:
    board = ProgressBoard(FakeClock())
    board.post(transfer(1, RUNNING, size=40_000))
    threads = [
        threading.Thread(target=lambda: [board.moved(TransferId(1), 1) for _ in range(10_000)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    drained = 0
    while any(thread.is_alive() for thread in threads):
        for progress in board.drain().values():
            drained = progress.done
    for thread in threads:
        thread.join()
    for progress in board.drain().values():
        drained = progress.done
    assert drained == 40_000


def test_a_state_can_set_what_is_done() -> None:
    board = ProgressBoard(FakeClock())
    board.post(transfer(1, RUNNING))
    board.moved(TransferId(1), 70)
    board.post(transfer(1, TransferState.PAUSED), done=50, note="throttled")
    shown = board.drain()[TransferId(1)]
    assert (shown.done, shown.note) == (50, "throttled")


def test_what_is_forgotten_is_told_once() -> None:
    board = ProgressBoard(FakeClock())
    board.post(transfer(1))
    board.post(transfer(2))
    board.forget([TransferId(1), TransferId(9)])
    board.moved(TransferId(1), 5)
    assert list(board.drain()) == [2]
    assert board.drain_removed() == {1}
    assert board.drain_removed() == set()


def test_totals_count_states_and_bytes_of_this_session() -> None:
    board = ProgressBoard(FakeClock())
    board.post(transfer(1, COMPLETED), done=100)
    assert (board.totals().completed, board.totals().total) == (1, 0)

    board.post(transfer(2, RUNNING))
    board.post(transfer(3))
    board.moved(TransferId(2), 40)
    board.drain()
    totals = board.totals()
    assert (totals.running, totals.queued, totals.completed) == (1, 1, 1)
    assert (totals.done, totals.total, totals.under_way) == (40, 200, 2)

    board.post(transfer(2, COMPLETED), done=100)
    assert (board.totals().done, board.totals().total) == (100, 200)
    board.post(transfer(3, TransferState.CANCELLED))
    assert (board.totals().done, board.totals().total) == (100, 100)

    board.post(transfer(4))
    assert (board.totals().done, board.totals().total) == (0, 100)


def test_a_lonely_running_transfer_does_not_start_its_session_again() -> None:
    board = ProgressBoard(FakeClock())
    board.post(transfer(1, RUNNING))
    board.post(transfer(2, COMPLETED), done=100)
    board.post(transfer(1, RUNNING), done=30)
    assert (board.totals().done, board.totals().total) == (30, 100)


def test_speed_is_of_the_last_seconds_and_needs_no_bytes_found_on_resume() -> None:
    clock = FakeClock()
    board = ProgressBoard(clock)
    board.post(transfer(1, RUNNING, size=1_000_000), done=900_000)
    for _ in range(20):
        board.moved(TransferId(1), 1000)
        board.drain()
        clock.advance(1)
    assert 800 < board.speed(TransferId(1)) <= 1000
    assert 800 < board.totals().speed <= 1000
    left = board.seconds_left(TransferId(1))
    assert left is not None
    assert 80 <= left < 100
    board.post(transfer(1, TransferState.PAUSED))
    board.drain()
    assert board.speed(TransferId(1)) == 0
    assert board.seconds_left(TransferId(1)) is None


def test_what_is_told_of_at_its_end_alone_has_a_speed() -> None:
    clock = FakeClock()
    board = ProgressBoard(clock)
    for number in range(10):
        board.post(transfer(number, RUNNING, size=500))
        board.moved(TransferId(number), 200)
        board.drain()
        clock.advance(1)
        board.post(transfer(number, COMPLETED, size=500), done=500)
        board.post(transfer(number + 100, RUNNING, size=700))
        board.post(replace(transfer(number + 100, COMPLETED, size=700), skipped=True), done=700)
    board.drain()
    assert 400 < board.totals().speed <= 500


def test_a_meter_forgets_a_standstill() -> None:
    meter = Meter()
    meter.record(0, 0)
    meter.record(1, 1000)
    assert meter.speed(1) == 1000
    assert meter.speed(10) == 100
    meter.record(100, 1000)
    assert meter.speed(100) == 0
    meter.record(101, 3000)
    assert meter.speed(101) == 2000


def test_a_meter_says_when_it_cannot_tell() -> None:
    meter = Meter()
    assert meter.speed(0) == 0
    assert meter.seconds_left(0, 10) is None
    assert meter.seconds_left(0, 0) == 0
    meter.record(0, 0)
    assert meter.seconds_left(0, 10) is None


@given(st.lists(st.tuples(st.floats(0.001, 3), st.integers(0, 10**9)), min_size=2, max_size=60))
def test_a_meter_is_never_faster_than_the_fastest_moment(steps: list[tuple[float, int]]) -> None:
    meter, now, moved, fastest = Meter(), 0.0, 0, 0.0
    meter.record(now, moved)
    for seconds, count in steps:
        now, moved = now + seconds, moved + count
        fastest = max(fastest, count / min(seconds, WINDOW_S))
        meter.record(now, moved)
    # Samples closer than a tenth of a second are one, so a burst may count over a shorter time.
    assert 0 <= meter.speed(now) <= max(fastest, moved / 0.1) * 1.01


def test_the_total_may_be_known_late() -> None:
    board = ProgressBoard(FakeClock())
    board.post(replace(transfer(1, RUNNING, size=0)))
    board.post(transfer(1, RUNNING, size=0), total=500)
    board.moved(TransferId(1), 400)
    shown = board.drain()[TransferId(1)]
    assert (shown.done, shown.total) == (400, 500)


def test_what_was_skipped_leaves_the_bytes_of_the_session() -> None:
    board = ProgressBoard(FakeClock())
    board.post(transfer(1, RUNNING, size=300))
    board.post(transfer(2, RUNNING, size=100), done=40)
    board.post(replace(transfer(1, COMPLETED, size=300), skipped=True), done=300)
    totals = board.totals()
    assert (totals.done, totals.total) == (40, 100)
    assert (totals.completed, totals.skipped) == (1, 1)
    board.forget([TransferId(1)])
    totals = board.totals()
    assert (totals.done, totals.total, totals.skipped) == (40, 100, 0)


def test_silence_is_measured_from_the_last_sign_of_life() -> None:
    clock = FakeClock()
    board = ProgressBoard(clock)
    id_ = TransferId(1)
    board.post(transfer(1))
    clock.advance(3)
    assert board.quiet_for(id_) == 0
    board.post(transfer(1, RUNNING))
    clock.advance(7)
    board.drain()
    assert board.quiet_for(id_) == 7
    board.moved(id_, 10)
    board.drain()
    clock.advance(2)
    assert board.quiet_for(id_) == 2
    board.post(transfer(1, RUNNING), note="verifying")
    assert board.quiet_for(id_) == 0
    clock.advance(2)
    board.post(transfer(1, COMPLETED))
    board.drain()
    assert board.quiet_for(id_) == 0


def test_who_waits_is_not_silent() -> None:
    clock = FakeClock()
    board = ProgressBoard(clock)
    id_ = TransferId(1)
    board.post(transfer(1, RUNNING))
    assert board.wait(id_) is None
    with board.waiting(id_, WaitKind.SLOT):
        clock.advance(20)
        assert board.quiet_for(id_) == 0
        assert board.wait(id_) == Wait(WaitKind.SLOT)
    assert (board.quiet_for(id_), board.wait(id_)) == (0, None)
    clock.advance(3)
    assert board.quiet_for(id_) == 3


def test_a_wait_for_room_is_told_when_nothing_else_moves() -> None:
    clock = FakeClock()
    board = ProgressBoard(clock)
    id_ = TransferId(1)
    board.post(transfer(1, RUNNING))
    with board.waiting(id_, WaitKind.SLOT):
        clock.advance(0.5)
        board.moved(id_, 1)
        board.drain()
        clock.advance(0.5)
        assert board.wait(id_) is None
        clock.advance(0.5)
        assert board.wait(id_) == Wait(WaitKind.SLOT)


def test_patience_that_a_store_asks_for_comes_first() -> None:
    clock = FakeClock()
    board = ProgressBoard(clock)
    id_ = TransferId(1)
    board.post(transfer(1, RUNNING))
    with (
        board.waiting(id_, WaitKind.SLOT),
        board.waiting(id_, WaitKind.RETRY, 1.0),
        board.waiting(id_, WaitKind.THROTTLED, 8.0),
        board.waiting(id_, WaitKind.THROTTLED, 5.0),
    ):
        clock.advance(2)
        # The first of them goes on in three seconds.
        assert board.wait(id_) == Wait(WaitKind.THROTTLED, 3)
    assert board.wait(id_) is None
