"""The queue as a table: one frame, one insertion, one signal per run of rows."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import Qt

from s4desk.core.domain.transfer import (
    Direction,
    TransferId,
    TransferSpec,
    TransferState,
    Wait,
    WaitKind,
)
from s4desk.core.transfer.progress import ProgressBoard
from s4desk.gui.models.transfer_cells import PROGRESS_ROLE, TransferColumn
from s4desk.gui.models.transfer_table import COLUMNS, TransferTableModel
from s4desk.viewmodels.columns import MANY_RUNS
from s4desk.viewmodels.transfer_text import Wish
from tests.gui.models.fakes import no_icons
from tests.gui.models.transfers import (
    FILES,
    RUNNING,
    FakeGauge,
    address,
    drained,
    progress,
    upload,
)

COMPLETED, QUEUED, FAILED = TransferState.COMPLETED, TransferState.QUEUED, TransferState.FAILED
C = TransferColumn
_Role = Qt.ItemDataRole


@pytest.fixture
def gauge():
    return FakeGauge()


@pytest.fixture
def model(qapp, gauge):
    return TransferTableModel(gauge, no_icons)


@pytest.fixture
def told(model):
    told = []
    model.rowsInserted.connect(lambda _parent, first, last: told.append(("+", first, last)))
    model.rowsRemoved.connect(lambda _parent, first, last: told.append(("-", first, last)))
    model.dataChanged.connect(lambda top, bottom: told.append(("~", top.row(), bottom.row())))
    model.modelReset.connect(lambda: told.append("reset"))
    return told


def names(model):
    return [cell(model, row, C.NAME) for row in range(model.rowCount())]


def cell(model, row, column, role=_Role.DisplayRole):
    return model.index(row, column).data(role)


class TestFrames:
    def test_what_comes_is_one_insertion_in_the_order_it_was_asked_for(
        self, model, told, qtmodeltester
    ):
        model.apply(drained(*(progress(id_, QUEUED) for id_ in (8, 1, 3))))
        model.apply(drained(progress(16, QUEUED), progress(9, QUEUED)))
        assert told == [("+", 0, 2), ("+", 3, 4)]
        assert names(model) == [f"f{id_}.bin" for id_ in (1, 3, 8, 9, 16)]
        qtmodeltester.check(model)

    def test_changed_neighbours_are_one_signal(self, model, told, qtmodeltester):
        model.apply(drained(*(progress(id_, QUEUED) for id_ in range(6))))
        told.clear()
        model.apply(drained(*(progress(id_, QUEUED, 5) for id_ in (1, 2, 3, 5))))
        assert told == [("~", 1, 3), ("~", 5, 5)]
        assert cell(model, 1, C.PROGRESS) == "5 %"
        qtmodeltester.check(model)

    def test_many_runs_are_told_as_one(self, model, told):
        model.apply(drained(*(progress(id_, QUEUED) for id_ in range(3 * MANY_RUNS))))
        told.clear()
        model.apply(drained(*(progress(id_, QUEUED, 5) for id_ in range(2, 3 * MANY_RUNS, 2))))
        assert told == [("~", 2, 3 * MANY_RUNS - 2)]

    def test_an_empty_frame_tells_nothing(self, model, told):
        model.apply(drained(progress(1, QUEUED)))
        told.clear()
        model.apply({})
        assert told == []

    def test_what_runs_is_measured_though_nothing_was_drained(self, model, gauge, told):
        model.apply(drained(progress(1), progress(2, QUEUED), progress(3)))
        assert (cell(model, 0, C.SPEED), cell(model, 0, C.TIME_LEFT)) == ("1 B/s", "1 min 30 s")
        told.clear()
        gauge.asked, gauge.speeds[3] = 0, 0.0
        model.apply({})
        assert told == [("~", 1, 1)]
        assert gauge.asked == 2
        assert (cell(model, 1, C.SPEED), cell(model, 1, C.TIME_LEFT)) == ("", "")

    def test_what_runs_no_longer_has_no_speed(self, model, gauge):
        model.apply(drained(progress(1)))
        model.apply(drained(progress(1, COMPLETED, 100)))
        assert (cell(model, 0, C.SPEED), cell(model, 0, C.TIME_LEFT)) == ("", "")
        gauge.asked = 0
        model.apply({})
        assert gauge.asked == 0

    def test_a_change_of_state_is_told_once_a_change_of_bytes_is_not(self, model, qtbot):
        model.apply(drained(progress(1), progress(2, COMPLETED)))
        with qtbot.assertNotEmitted(model.states_changed):
            model.apply(drained(progress(1, done=50)))
        swapped = drained(progress(1, COMPLETED), progress(2, RUNNING))
        with qtbot.waitSignal(model.states_changed, timeout=0):
            model.apply(swapped)
        assert model.all_states == {RUNNING, COMPLETED}


class TestStates:
    def test_a_long_silence_is_told_by_the_second(self, model, gauge, told):
        model.apply(drained(progress(1), progress(2)))
        told.clear()
        gauge.quiet[2] = 5.0
        model.apply({})
        assert told == []
        for quiet, text in ((8.4, "Running – no answer for 8 s"), (8.9, None), (0.1, "Running")):
            gauge.quiet[2] = quiet
            model.apply({})
            if text is not None:
                assert told.pop() == ("~", 1, 1)
                assert cell(model, 1, C.STATE) == text
            assert told == []

    def test_a_wait_is_told_by_the_second(self, model, gauge, told):
        model.apply(drained(progress(1), progress(2)))
        told.clear()
        for seconds in (3.0, 2.9, 2.2):
            gauge.waits[2] = Wait(WaitKind.THROTTLED, seconds)
            model.apply({})
        assert told == [("~", 1, 1)]
        assert cell(model, 1, C.STATE) == "Throttled – waiting 3 s"
        gauge.waits.clear()
        model.apply({})
        assert cell(model, 1, C.STATE) == "Running"

    def test_a_transfer_says_that_it_is_being_cancelled_until_it_is(self, model, told):
        model.apply(drained(progress(1)))
        told.clear()
        model.expect([TransferId(1), TransferId(99)], Wish.CANCEL)
        assert told == [("~", 0, 0)]
        for done in (10, 20):
            model.expect([TransferId(1)], Wish.PAUSE)
            model.apply(drained(progress(1, done=done)))
            assert cell(model, 0, C.STATE) == "Cancelling…"
        model.apply(drained(progress(1, TransferState.CANCELLED)))
        assert cell(model, 0, C.STATE) == "Cancelled"

    @pytest.mark.parametrize("rest", [FAILED, TransferState.PAUSED])
    def test_what_rests_may_have_to_run_to_be_cancelled(self, model, rest):
        resting = progress(1, rest, attempts=1)
        model.apply(drained(resting))
        model.expect([TransferId(1)], Wish.CANCEL)
        for shown in (resting, progress(1, QUEUED, attempts=1), progress(1, attempts=2)):
            model.apply(drained(shown))
            assert cell(model, 0, C.STATE) == "Cancelling…"
        model.apply(drained(progress(1, FAILED, attempts=2)))
        assert cell(model, 0, C.STATE) == "Failed"

    def test_pausing_is_said_of_what_runs_unless_it_is_to_go_on(self, model, told):
        model.apply(drained(progress(1), progress(2, QUEUED), progress(3)))
        model.expect(model.transfers(), Wish.PAUSE)
        rows = {id_: model.rows_of([TransferId(id_)])[0] for id_ in (1, 2, 3)}
        assert [cell(model, rows[id_], C.STATE) for id_ in (1, 2, 3)] == [
            "Pausing…", "Waiting", "Pausing…",
        ]  # fmt: skip
        told.clear()
        model.expect_no_pause([TransferId(1)])
        assert told == [("~", 0, 0)]
        assert cell(model, 0, C.STATE) == "Running"
        model.apply(drained(progress(3, TransferState.PAUSED)))
        assert cell(model, model.rows_of([TransferId(3)])[0], C.STATE) == "Paused"

    def test_what_has_ended_and_what_went_expects_nothing(self, model):
        model.apply(drained(progress(1, COMPLETED), progress(2)))
        model.expect([TransferId(1), TransferId(2)], Wish.CANCEL)
        assert cell(model, 1, C.STATE) == "Done"
        model.apply({}, {TransferId(2)})
        model.apply(drained(progress(2)))
        assert cell(model, 0, C.STATE) == "Running"


class TestOrder:
    def test_what_runs_and_what_failed_stands_at_the_top(self, model, told, qtmodeltester):
        model.apply(drained(*(progress(id_, QUEUED) for id_ in range(1, 6))))
        told.clear()
        model.rowsMoved.connect(lambda _p, first, _l, _q, goal: told.append((">", first, goal)))
        model.apply(drained(progress(2), progress(1, COMPLETED), progress(5, FAILED)))
        assert names(model) == ["f2.bin", "f5.bin", "f3.bin", "f4.bin", "f1.bin"]
        assert told == [(">", 0, 5), (">", 3, 1), ("~", 0, 1), ("~", 4, 4)]
        model.apply(drained(progress(7, COMPLETED), progress(0), progress(6, QUEUED)))
        assert names(model) == [f"f{id_}.bin" for id_ in (0, 2, 5, 3, 4, 6, 7, 1)]
        qtmodeltester.check(model)

    def test_many_moves_are_one_reset_that_can_be_prepared_for(self, model, told, qtmodeltester):
        count = 3 * MANY_RUNS
        model.apply(drained(*(progress(id_, QUEUED) for id_ in range(count))))
        told.clear()
        model.replacing.connect(lambda: told.append("before"))
        model.replaced.connect(lambda: told.append("after"))
        ended = drained(*(progress(id_, COMPLETED) for id_ in range(0, count, 2)))
        model.apply(ended | drained(progress(count)))
        assert told[:4] == ["before", "reset", "after", ("+", 0, 0)]
        assert names(model)[:3] == [f"f{count}.bin", "f1.bin", "f3.bin"]
        assert names(model)[-1] == "f0.bin"
        qtmodeltester.check(model)

    def test_what_ends_and_goes_in_one_frame_goes(self, model):
        model.apply(drained(progress(1), progress(2)))
        model.apply(drained(progress(1, COMPLETED)), {TransferId(1)})
        assert names(model) == ["f2.bin"]

    def test_a_frame_of_a_long_queue_costs_what_changed(self, model):
        count = 100_000
        spec = upload("f")
        model.apply(drained(*(progress(id_, QUEUED, spec=spec) for id_ in range(count))))
        began = time.perf_counter()
        for id_ in range(0, 1000, 10):
            model.apply(drained(*(progress(id_ + at, spec=spec) for at in range(10))))
            model.apply(drained(*(progress(id_ + at, COMPLETED, spec=spec) for at in range(10))))
        assert time.perf_counter() - began < 2


class TestRemoval:
    def test_neighbours_go_together(self, model, told, qtmodeltester):
        model.apply(drained(*(progress(id_, QUEUED) for id_ in range(8))))
        told.clear()
        model.apply({}, {TransferId(id_) for id_ in (0, 1, 4, 6, 7)})
        assert told == [("-", 6, 7), ("-", 4, 4), ("-", 0, 1)]
        assert names(model) == ["f2.bin", "f3.bin", "f5.bin"]
        told.clear()
        model.apply(drained(progress(5, QUEUED, 7)))
        assert told == [("~", 2, 2)]
        qtmodeltester.check(model)

    def test_too_many_runs_are_a_reset_that_can_be_prepared_for(self, model, told, qtmodeltester):
        count = 3 * MANY_RUNS
        model.apply(drained(*(progress(id_, QUEUED) for id_ in range(count))))
        told.clear()
        model.replacing.connect(lambda: told.append(("before", model.rowCount())))
        model.replaced.connect(lambda: told.append(("after", model.rowCount())))
        model.apply({}, {TransferId(id_) for id_ in range(0, count, 2)})
        assert told == [("before", count), "reset", ("after", count // 2)]
        assert model.rows_of([TransferId(1), TransferId(3), TransferId(2)]) == [0, 1]
        qtmodeltester.check(model)

    def test_what_was_never_shown_may_go(self, model, told):
        model.apply({}, {TransferId(7)})
        assert told == []

    def test_what_goes_while_it_runs_is_not_told_as_changed(self, model, gauge, told):
        model.apply(drained(progress(1), progress(2)))
        told.clear()
        gauge.speeds[1] = gauge.speeds[2] = 5.0
        model.apply({}, {TransferId(1)})
        assert told == [("-", 0, 0), ("~", 0, 0)]

    def test_what_has_gone_is_neither_counted_nor_measured(self, model, gauge):
        model.apply(drained(progress(1), progress(2, FAILED)))
        model.apply({}, {TransferId(1)})
        gauge.asked = 0
        model.apply({})
        assert (gauge.asked, model.all_states) == (0, {FAILED})
        assert model.transfer(TransferId(1)) is None

    def test_with_a_board(self, qapp):
        board = ProgressBoard()
        model = TransferTableModel(board, no_icons)
        for id_ in range(4):
            board.post(progress(id_, QUEUED).transfer)
        model.apply(board.drain(), board.drain_removed())
        board.post(progress(2).transfer, done=40)
        board.forget([TransferId(0), TransferId(1)])
        model.apply(board.drain(), board.drain_removed())
        assert names(model) == ["f2.bin", "f3.bin"]
        assert cell(model, 0, C.PROGRESS) == "40 %"

    def test_a_hundred_thousand_are_no_burden(self, model):
        count = 100_000
        spec = upload("f")
        many = drained(*(progress(id_, QUEUED, spec=spec) for id_ in range(count)))
        began = time.perf_counter()
        model.apply(many)
        model.apply(drained(*(progress(id_, COMPLETED, spec=spec) for id_ in range(0, count, 2))))
        model.apply({}, {TransferId(id_) for id_ in range(0, count, 2)})
        assert model.rowCount() == count // 2
        model.apply({}, {TransferId(id_) for id_ in range(1, 80 * MANY_RUNS, 80)})
        assert time.perf_counter() - began < 5


class TestCells:
    def test_both_ends_and_the_error_are_in_the_tip(self, model):
        spec = TransferSpec(Direction.DOWNLOAD, address("a\u202e<b>"), FILES / "x", 1)
        model.apply(drained(progress(1, FAILED, spec=spec, error="Broken & gone.")))
        assert cell(model, 0, C.NAME) == "a⟨U+202E⟩<b>"
        assert cell(model, 0, C.NAME, _Role.ToolTipRole) == (
            "<span>From: home:b/a\\u202e&lt;b&gt;</span><br>"
            "<span>To: /files/x</span><br><span>Broken &amp; gone.</span>"
        )
        assert cell(model, 0, C.ERROR) == "Broken & gone."
        assert "Broken &amp; gone." in cell(model, 0, C.STATE, _Role.ToolTipRole)
        assert cell(model, 0, C.ERROR, _Role.ToolTipRole) == "<span>Broken &amp; gone.</span>"

    def test_both_ends_have_a_column_with_the_name_of_the_connection(self, qapp, gauge):
        model = TransferTableModel(gauge, no_icons, name_of={"home": "My store"}.__getitem__)
        model.apply(drained(progress(1)))
        assert cell(model, 0, C.FROM) == "/files/f1.bin"
        assert cell(model, 0, C.TO) == "My store:b/up/f1.bin"
        assert "To: My store:b/up/f1.bin" in cell(model, 0, C.NAME, _Role.ToolTipRole)

    def test_icons_say_the_direction_and_what_failed(self, qapp, gauge):
        asked = []
        model = TransferTableModel(gauge, lambda name: asked.append(name) or no_icons(name))
        model.apply(drained(progress(1, FAILED), progress(2)))
        for row in (0, 1):
            for column in COLUMNS:
                cell(model, row, column, _Role.DecorationRole)
        assert asked == ["upload", "upload", "error"]
        assert cell(model, 0, C.DIRECTION, _Role.AccessibleTextRole) == "Upload"

    def test_numbers_stand_at_the_right_under_their_titles(self, model):
        model.apply(drained(progress(1)))
        for column in COLUMNS:
            at_right = column in (C.SIZE, C.SPEED, C.TIME_LEFT)
            shown = cell(model, 0, column, _Role.TextAlignmentRole)
            title = model.headerData(column, Qt.Orientation.Horizontal, _Role.TextAlignmentRole)
            assert bool(shown & Qt.AlignmentFlag.AlignRight) is at_right
            assert shown == title

    def test_every_column_has_a_name_though_one_shows_none(self, model):
        horizontal = Qt.Orientation.Horizontal
        titles = [model.headerData(column, horizontal) for column in COLUMNS]
        assert titles == [
            "", "Name", "Progress", "State", "Size", "Speed", "Time left", "Verified", "From", "To",
            "Error",
        ]  # fmt: skip
        assert model.headerData(C.DIRECTION, horizontal, _Role.ToolTipRole) == "Direction"
        assert model.headerData(0, Qt.Orientation.Vertical) is None

    def test_the_delegate_gets_the_progress_itself(self, model):
        shown = progress(1, done=30)
        model.apply(drained(shown))
        assert cell(model, 0, C.PROGRESS, PROGRESS_ROLE) == shown
