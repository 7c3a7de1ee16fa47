"""The queue's pane: what its buttons are about, and what it keeps when rows go."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QMenu, QStyle, QStyleOptionViewItem

from s4desk.core.domain.transfer import TransferId, TransferState
from s4desk.core.transfer.progress import Totals
from s4desk.gui.models.transfer_cells import TransferColumn
from s4desk.gui.models.transfer_table import TransferTableModel
from s4desk.gui.views.buttons import ElidedLabel, IconButton
from s4desk.gui.views.progress_delegate import ProgressDelegate
from s4desk.gui.views.transfers_pane import TransfersPane, TransferTable
from s4desk.viewmodels.columns import MANY_RUNS
from tests.gui.models.fakes import no_icons
from tests.gui.models.transfers import FakeGauge, drained, progress

S = TransferState
ALL_STATES = [S.QUEUED, S.RUNNING, S.PAUSED, S.COMPLETED, S.FAILED, S.CANCELLED]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def model(qapp):
    return TransferTableModel(FakeGauge(), no_icons)


@pytest.fixture
def pane(qtbot, model):
    pane = TransfersPane(model, no_icons)
    pane.asked = []
    for name in ("pause", "resume", "retry", "cancel"):
        signal = getattr(pane, f"{name}_requested")
        signal.connect(lambda ids, name=name: pane.asked.append((name, ids)))
    pane.clear_requested.connect(lambda: pane.asked.append("clear"))
    qtbot.addWidget(pane)
    pane.resize(900, 300)
    pane.show()
    return pane


@pytest.fixture
def one_of_each(model):
    """Transfers 0 to 5, in the order of ALL_STATES."""
    model.apply(drained(*(progress(id_, state) for id_, state in enumerate(ALL_STATES))))


def table(pane):
    return pane.findChild(TransferTable)


def test_painting_asks_little_when_all_is_selected(pane, model, monkeypatch):
    model.apply(drained(*(progress(id_, S.QUEUED) for id_ in range(3000))))
    flags, asked = TransferTableModel.flags, []
    monkeypatch.setattr(TransferTableModel, "flags", lambda *of: asked.append(1) or flags(*of))
    table(pane).selectAll()
    pane.grab()
    assert 0 < len(asked) < 3000


def button(pane, name):
    return pane.findChild(IconButton, name)


def enabled(pane):
    names = ("pause", "resume", "retry", "cancel", "clear")
    return [name for name in names if button(pane, name).isEnabled()]


def press(pane, *names):
    pane.asked.clear()
    for name in names:
        button(pane, name).click()
    return pane.asked


class TestButtons:
    def test_an_empty_queue_offers_nothing(self, pane):
        assert enabled(pane) == []

    def test_without_a_selection_they_are_about_all_that_fit(self, pane, one_of_each):
        assert enabled(pane) == ["pause", "resume", "retry", "clear"]
        assert press(pane, "pause", "resume", "retry", "cancel", "clear") == [
            ("pause", [1, 0]),
            ("resume", [2]),
            ("retry", [4]),
            "clear",
        ]
        assert button(pane, "pause").toolTip() == "Pause all transfers"

    def test_with_a_selection_about_those_of_it_that_fit(self, pane, one_of_each):
        table(pane).select([TransferId(1), TransferId(2), TransferId(3)])
        assert enabled(pane) == ["pause", "resume", "cancel", "clear"]
        assert press(pane, "pause", "resume", "cancel") == [
            ("pause", [1]),
            ("resume", [2]),
            ("cancel", [1, 2]),
        ]
        assert "selected" in button(pane, "pause").toolTip()

    def test_what_waits_for_the_network_can_be_resumed(self, pane, model):
        model.apply(drained(progress(1, S.QUEUED), progress(2, S.QUEUED, note="network")))
        assert enabled(pane) == ["pause", "resume"]
        assert press(pane, "resume") == [("resume", [2])]
        table(pane).select([TransferId(1)])
        assert "resume" not in enabled(pane)
        table(pane).select([TransferId(2)])
        assert press(pane, "resume") == [("resume", [2])]
        model.apply(drained(progress(2, S.QUEUED)))
        assert "resume" not in enabled(pane)

    def test_what_failed_can_be_cancelled(self, pane, one_of_each):
        table(pane).select([TransferId(id_) for id_ in range(6)])
        assert press(pane, "cancel") == [("cancel", [1, 4, 0, 2])]

    def test_they_follow_the_states(self, pane, model):
        model.apply(drained(progress(1)))
        assert enabled(pane) == ["pause"]
        table(pane).select([TransferId(1)])
        model.apply(drained(progress(1, S.PAUSED)))
        assert enabled(pane) == ["resume", "cancel"]
        model.apply(drained(progress(1, S.CANCELLED)))
        assert enabled(pane) == ["retry", "clear"]
        assert press(pane, "retry") == [("retry", [1])]
        table(pane).clearSelection()
        assert enabled(pane) == ["clear"]
        model.apply({}, {TransferId(1)})
        assert enabled(pane) == []


class TestSelection:
    def test_it_is_told_as_ids_in_the_order_of_rows(self, pane, one_of_each):
        told = []
        pane.selection_changed.connect(told.append)
        table(pane).selectRow(5)  # completed, the oldest that has ended
        extend = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        for row in (1, 4):
            table(pane).selectionModel().select(table(pane).model().index(row, 0), extend)
        assert told == [[3], [4, 3], [4, 5, 3]]

    def test_it_survives_when_many_others_go(self, pane, model):
        count = 4 * MANY_RUNS
        model.apply(drained(*(progress(id_, S.QUEUED) for id_ in range(count))))
        table(pane).select([TransferId(101), TransferId(100), TransferId(3)])
        table(pane).doItemsLayout()
        table(pane).verticalScrollBar().setValue(50)
        model.apply({}, {TransferId(id_) for id_ in range(0, count, 2)})
        assert table(pane).chosen() == [3, 101]
        table(pane).doItemsLayout()
        assert table(pane).verticalScrollBar().value() == 50

    def test_it_follows_what_moves(self, pane, one_of_each, model):
        table(pane).select([TransferId(0)])
        model.apply(drained(progress(0, S.FAILED)))
        assert table(pane).chosen() == [0]
        assert model.rows_of([TransferId(0)]) == [1]

    def test_it_survives_when_many_others_move(self, pane, model):
        many = range(4 * MANY_RUNS)
        model.apply(drained(*(progress(id_, S.QUEUED) for id_ in many)))
        table(pane).selectRow(1)
        model.apply(drained(*(progress(id_, S.COMPLETED) for id_ in many)))
        assert table(pane).chosen() == [1]
        assert table(pane).currentIndex().row() == model.rows_of([TransferId(1)])[0]

    def test_what_is_new_and_runs_is_in_sight(self, pane, model):
        model.apply(drained(*(progress(id_, S.COMPLETED) for id_ in range(40))))
        model.apply(drained(progress(40, S.QUEUED), progress(41)))
        rows = table(pane)
        for id_, row in ((41, 0), (40, 1)):
            assert model.rows_of([TransferId(id_)]) == [row]
            assert rows.viewport().rect().contains(rows.visualRect(model.index(row, 1)).center())

    def test_a_double_click_and_return_reveal(self, pane, one_of_each):
        revealed = []
        pane.revealed.connect(revealed.append)
        rows = table(pane)
        at = rows.visualRect(rows.model().index(3, TransferColumn.NAME)).center()
        QTest.mouseClick(rows.viewport(), LEFT, pos=at)
        QTest.mouseDClick(rows.viewport(), LEFT, pos=at)
        QTest.keyClick(rows, Qt.Key.Key_Return)
        assert revealed == [2, 2]

    def test_what_failed_is_explained_instead(self, pane, one_of_each, model):
        revealed, explained = [], []
        pane.revealed.connect(revealed.append)
        pane.failure_opened.connect(explained.append)
        rows = table(pane)
        (row,) = model.rows_of([TransferId(4)])
        at = rows.visualRect(rows.model().index(row, TransferColumn.NAME)).center()
        QTest.mouseClick(rows.viewport(), LEFT, pos=at)
        QTest.mouseDClick(rows.viewport(), LEFT, pos=at)
        assert (revealed, explained) == ([], [4])

    def test_the_menu_is_about_the_selection(self, pane, one_of_each):
        asked = []
        pane.menu_requested.connect(lambda ids, position: asked.append((ids, position)))
        rows = table(pane)
        mouse = QContextMenuEvent.Reason.Mouse
        rows.contextMenuEvent(QContextMenuEvent(mouse, QPoint(5, 5), QPoint()))
        rows.select([TransferId(2)])
        rows.contextMenuEvent(QContextMenuEvent(mouse, QPoint(5, 5), QPoint()))
        where = rows.viewport().mapToGlobal(QPoint(5, 5))
        assert asked == [([], where), ([2], where)]


class TestColumns:
    @pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
    def test_they_can_be_hidden_and_are_kept(self, pane, model, qtbot):
        header = table(pane).horizontalHeader()
        header.customContextMenuRequested.emit(QPoint(1, 1))
        menu = table(pane).findChild(QMenu)
        offered = {action.text(): action for action in menu.actions()}
        assert "Name" not in offered
        offered["Speed"].setChecked(False)
        menu.close()
        header.resizeSection(TransferColumn.NAME, 333)

        other = TransfersPane(model, no_icons)
        qtbot.addWidget(other)
        other.restore_state(pane.save_state())
        restored = table(other).horizontalHeader()
        assert restored.isSectionHidden(TransferColumn.SPEED)
        assert restored.sectionSize(TransferColumn.NAME) == 333

    def test_the_way_to_is_shown_and_the_way_from_offered(self, pane):
        header = table(pane).horizontalHeader()
        assert header.isSectionHidden(TransferColumn.FROM)
        assert not header.isSectionHidden(TransferColumn.TO)

    def test_an_error_gets_all_that_is_left_and_a_little_in_any_case(self, pane):
        rows, header = table(pane), table(pane).horizontalHeader()
        pane.resize(2000, 300)
        assert header.length() == rows.viewport().width()
        header.resizeSection(TransferColumn.NAME, 300)
        assert header.length() == rows.viewport().width()
        pane.resize(600, 300)
        words = rows.fontMetrics().horizontalAdvance("What went wrong")
        assert header.sectionSize(TransferColumn.ERROR) > words

    def test_a_narrow_window_shows_the_state(self, pane):
        pane.resize(600, 300)
        header = table(pane).horizontalHeader()
        column = TransferColumn.STATE
        right = header.sectionViewportPosition(column) + header.sectionSize(column)
        assert right < table(pane).viewport().width()

    def test_an_error_loses_its_end_and_not_its_middle(self, pane, one_of_each):
        rows = table(pane)
        elided = {}
        for column in (TransferColumn.NAME, TransferColumn.ERROR):
            index = rows.model().index(0, column)
            option = QStyleOptionViewItem()
            option.textElideMode = rows.textElideMode()
            rows.itemDelegateForIndex(index).initStyleOption(option, index)
            elided[column] = option.textElideMode
        assert elided[TransferColumn.ERROR] is Qt.TextElideMode.ElideRight
        assert elided[TransferColumn.NAME] is Qt.TextElideMode.ElideMiddle

    @pytest.mark.parametrize("state", [b"", b"0\0\0", b"2garbage"])
    def test_what_is_none_of_ours_is_not_taken(self, pane, state):
        before = pane.save_state()
        pane.restore_state(state)
        assert pane.save_state() == before

    def test_columns_of_another_version_are_not_taken(self, pane):
        before = pane.save_state()
        table(pane).horizontalHeader().resizeSection(TransferColumn.NAME, 333)
        changed = pane.save_state()
        pane.restore_state(b"0" + before[1:])
        assert pane.save_state() == changed


class TestLooks:
    def test_the_totals_are_one_line(self, pane):
        pane.show_totals(Totals(running=2, queued=1, done=1, total=2, speed=1.0))
        assert pane.findChild(ElidedLabel).text().startswith("2 running · 1 waiting")
        pane.resize(320, 200)
        assert pane.width() == 320, "the line gives way"

    def test_an_empty_queue_says_what_it_is_for(self, pane, one_of_each, model):
        full = pane.grab().toImage()
        model.apply({}, {TransferId(id_) for id_ in range(6)})
        assert pane.grab().toImage() != full

    def test_the_bar_is_as_long_as_what_is_done(self, qapp, model):
        model.apply(drained(*(progress(done, done=done) for done in (0, 25, 50, 100))))
        lengths = [self.accent_pixels(qapp, model.index(row, TransferColumn.PROGRESS))
                   for row in range(4)]  # fmt: skip
        assert lengths[0] == 0
        assert lengths[3] > 80
        assert lengths[1] * 4 == pytest.approx(lengths[3], abs=8)
        assert lengths[2] * 2 == pytest.approx(lengths[3], abs=8)

    def test_what_rests_has_no_accent(self, qapp, model):
        model.apply(drained(progress(1, S.PAUSED, 50), progress(2, S.COMPLETED, 100)))
        for row in (0, 1):
            assert self.accent_pixels(qapp, model.index(row, TransferColumn.PROGRESS)) == 0

    def test_what_was_skipped_has_no_bar_at_all(self, qapp, model):
        skipped, waiting = progress(1, S.COMPLETED, 100, skipped=True), progress(2, S.QUEUED)
        model.apply(drained(skipped, waiting))
        rows = [model.index(row, TransferColumn.PROGRESS) for row in range(2)]
        assert rows[1].data() == ""
        drawn = [self.drawn(qapp, row) for row in rows]
        white = QColor(Qt.GlobalColor.white).rgb()
        is_drawn = [any(image.pixel(x, 12) != white for x in range(160)) for image in drawn]
        assert is_drawn == [True, False]

    @classmethod
    def accent_pixels(cls, qapp, index):
        image = cls.drawn(qapp, index)
        accent = qapp.palette().accent().color().rgb()
        return sum(image.pixel(x, 12) == accent for x in range(image.width()))

    @staticmethod
    def drawn(qapp, index):
        image = QImage(160, 24, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.white)
        option = QStyleOptionViewItem()
        option.rect = QRect(0, 0, 160, 24)
        option.palette = qapp.palette()
        option.state = QStyle.StateFlag.State_Enabled | QStyle.StateFlag.State_Active
        painter = QPainter(image)
        ProgressDelegate().paint(painter, option, index)
        painter.end()
        return image


class TestConcurrency:
    def test_the_number_in_force_is_shown_even_if_it_is_no_choice(self, pane):
        pane.show_concurrency(7)
        box = pane.findChild(QComboBox, "at-once")
        assert box.currentData() == 7
        assert [box.itemData(row) for row in range(box.count())] == [1, 2, 4, 7, 8, 16, 32]

    def test_a_choice_is_told_and_showing_one_is_not(self, pane):
        told = []
        pane.concurrency_chosen.connect(told.append)
        pane.show_concurrency(8)
        box = pane.findChild(QComboBox, "at-once")
        box.setFocus()
        QTest.keyClick(box, Qt.Key.Key_Down)
        assert told == [16]
