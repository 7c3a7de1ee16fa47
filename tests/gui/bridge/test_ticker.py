import pytest

from s4desk.gui.bridge.ticker import FRAME_MS, Ticker

pytestmark = pytest.mark.usefixtures("qapp")


def test_it_ticks_until_every_frame_is_idle(qtbot):
    ticker = Ticker()
    left = [3]
    calls = []

    def busy():
        left[0] -= 1
        return left[0] > 0

    ticker.add(busy)
    ticker.add(lambda: calls.append(1) or False)
    assert not ticker.is_awake
    ticker.wake()
    assert ticker.is_awake
    qtbot.waitUntil(lambda: not ticker.is_awake, timeout=20 * FRAME_MS)
    assert (left, len(calls)) == ([0], 3)


def test_a_frame_that_was_removed_is_not_called():
    ticker = Ticker()
    calls = []

    def frame():
        calls.append(1)
        return True

    ticker.add(frame)
    ticker.tick()
    ticker.remove(frame)
    ticker.tick()
    assert calls == [1]


def test_waking_twice_does_not_delay_the_frame(qtbot):
    ticker = Ticker()
    calls = []
    ticker.add(lambda: calls.append(1) or False)
    ticker.wake()
    remaining = ticker._timer.remainingTime()
    ticker.wake()
    assert ticker._timer.remainingTime() <= remaining
    qtbot.waitUntil(lambda: bool(calls), timeout=20 * FRAME_MS)
