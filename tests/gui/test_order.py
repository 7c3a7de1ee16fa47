"""The order of what waits, changed where the transfers are shown."""

from __future__ import annotations

from time import process_time
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from s4desk.core.domain.identity import Address, Location
from s4desk.core.domain.transfer import Direction, TransferSpec
from s4desk.core.transfer.waiting_line import Shift
from s4desk.viewmodels.acts import MOVES, Act
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, until

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.desk import Desk
    from s4desk.core.domain.transfer import TransferId

ALT_SHIFT = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def desk(qapp: QApplication, tmp_path: Path) -> Desk:
    return memory_desk(tmp_path / "home")


async def wait_in_line(stage: Stage, folder: Path, count: int) -> list[TransferId]:
    """Transfers that wait, and never start."""
    stage.desk.queue._pump = lambda: None  # type: ignore[method-assign]
    ids = await stage.desk.queue.submit(
        [
            TransferSpec(Direction.DOWNLOAD, Address(HOME, Location(BUCKET, "k")), folder / f"{n}")
            for n in range(count)
        ]
    )
    stage.commands.queueing.resume([])  # wakes the feed
    await until(lambda: stage.window.transfer_model.rowCount() == count)
    return ids


def test_what_waits_is_moved_by_keys(desk: Desk, tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        table, model = stage.window.transfers._table, stage.window.transfer_model
        a, b, c, d = await wait_in_line(stage, tmp_path, 4)
        assert not stage.window.acts[Act.MOVE_UP].isEnabled()
        table.select([d])
        assert all(stage.window.acts[act].isEnabled() for act in MOVES)
        stage.window.activateWindow()
        table.setFocus()
        for key, order in (
            (Qt.Key.Key_Home, [d, a, b, c]),
            (Qt.Key.Key_Down, [a, d, b, c]),
            (Qt.Key.Key_Up, [d, a, b, c]),
            (Qt.Key.Key_End, [a, b, c, d]),
        ):
            QTest.keyClick(table, key, ALT_SHIFT)
            await until(lambda order=order: model.transfers() == order)
            assert table.chosen() == [d]

    perform(desk, story)


def test_the_menu_offers_it(desk: Desk, tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        a, b = await wait_in_line(stage, tmp_path, 2)
        stage.window.transfers._table.select([b])
        stage.window.transfers.menu_requested.emit([b], QPoint(0, 0))
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        moves = next(action.menu() for action in menu.actions() if action.text() == "&Order")
        menu.close()
        assert [action.text() for action in moves.actions()] == [
            stage.window.acts[act].text() for act in MOVES
        ]
        moves.actions()[0].trigger()
        await until(lambda: stage.window.transfer_model.transfers() == [b, a])

    perform(desk, story)


def test_many_are_moved_in_a_moment(desk: Desk, tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        model = stage.window.transfer_model
        ids = await wait_in_line(stage, tmp_path, 20_000)
        for some in ([ids[10_000]], ids[1::2]):
            stage.window.transfers._table.select(some[:1])
            began = process_time()
            stage.commands.queueing.move(some, Shift.BOTTOM)
            await until(lambda some=some: model.transfers()[-1] == some[-1])
            assert process_time() - began < 1.5

    perform(desk, story)
