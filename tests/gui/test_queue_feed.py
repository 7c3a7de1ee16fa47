"""The feed of the queue: one frame from the board to the table."""

from __future__ import annotations

import pytest

from s4desk.core.domain.transfer import TransferState
from s4desk.core.transfer.progress import ProgressBoard
from s4desk.gui.bridge.ticker import Ticker
from s4desk.gui.commands.queueing import QueueFeed
from s4desk.gui.models.transfer_cells import TransferColumn
from s4desk.gui.models.transfer_table import TransferTableModel
from s4desk.gui.views.status_bar import StatusBar
from s4desk.gui.views.transfers_pane import TransfersPane
from tests.gui.models.fakes import no_icons
from tests.gui.models.transfers import progress
from tests.transfer.fake_clock import FakeClock


@pytest.fixture
def clock():
    return FakeClock()


def test_what_stands_still_becomes_slower(qtbot, clock):
    board = ProgressBoard(clock)
    model = TransferTableModel(board, no_icons)
    pane, bar = TransfersPane(model, no_icons), StatusBar()
    qtbot.addWidget(pane)
    qtbot.addWidget(bar)
    ticker = Ticker()
    feed = QueueFeed(board, ticker, model, pane, bar)
    running = progress(1).transfer
    board.post(running)
    for _frame in range(3):
        board.moved(running.id, 20)
        ticker.tick()
        clock.advance(1)
    speed = model.index(0, TransferColumn.SPEED)
    assert speed.data() == "20 B/s"
    assert feed.show(), "a transfer that stalls is still under way"
    clock.advance(30)
    feed.show()
    assert speed.data() == "1 B/s"
    board.post(progress(1, TransferState.COMPLETED).transfer)
    feed.show()
    assert speed.data() == ""
    assert not feed.show()
