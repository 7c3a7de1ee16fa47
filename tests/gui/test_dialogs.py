"""Dialogs: OK only for what is valid, words typed before what cannot be undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QRect, QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QTableView,
    QWidget,
)

from s4desk.core.domain.connection import Connection, CredentialKind
from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.core.domain.transfer import ConflictPolicy
from s4desk.core.persist.secrets import KeyringState
from s4desk.gui.bridge.loop import run_on_qt
from s4desk.gui.dialogs import frame
from s4desk.gui.dialogs.base import FormDialog, accepted
from s4desk.gui.dialogs.conflicts import ConflictDialog
from s4desk.gui.dialogs.connection import ConnectionDialog
from s4desk.gui.dialogs.deletion import DeletionDialog, DeletionQuestion
from s4desk.gui.dialogs.details import AboutDialog, DetailsDialog
from s4desk.gui.dialogs.frame import placed
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.gui.dialogs.review import ReviewDialog
from s4desk.gui.dialogs.scrolled import Scrolled
from s4desk.gui.dialogs.table import TextTable, shares
from s4desk.gui.room import FRAME
from s4desk.viewmodels.connection_form import ConnectionForm
from s4desk.viewmodels.creation_forms import BucketForm, FolderForm
from s4desk.viewmodels.transfer_rows import ConflictRow

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

Standard = QDialogButtonBox.StandardButton


def ok_of(dialog: QDialog) -> QPushButton:
    return dialog.findChild(QDialogButtonBox).button(Standard.Ok)


def type_into(qtbot: QtBot, dialog: QDialog, field: str, text: str) -> None:
    line = dialog.findChild(QLineEdit, field)
    line.clear()
    qtbot.keyClicks(line, text)


@pytest.fixture
def bucket_dialog(qtbot):
    dialog = FormDialog(BucketForm(), "Create")
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


@pytest.fixture
def connection_dialog(qtbot):
    dialog = ConnectionDialog(ConnectionForm(Connection(ConnectionId("c"), "")))
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_ok_is_only_there_for_a_valid_form(qtbot, bucket_dialog):
    assert not ok_of(bucket_dialog).isEnabled()
    type_into(qtbot, bucket_dialog, "name", "good-name")
    assert ok_of(bucket_dialog).isEnabled()
    type_into(qtbot, bucket_dialog, "name", "BAD")
    assert not ok_of(bucket_dialog).isEnabled()


def test_an_error_is_shown_under_a_field_only_after_it_was_edited(qtbot, bucket_dialog):
    note = bucket_dialog.findChild(QLabel, "name-error")
    assert not note.isVisible()
    type_into(qtbot, bucket_dialog, "name", "No Good")
    assert note.isVisible()
    assert "lower-case" in note.text()


def test_enter_on_an_invalid_form_submits_nothing(qtbot, bucket_dialog):
    submitted = []
    bucket_dialog.submitted.connect(lambda: submitted.append(bucket_dialog.form.result()))
    name = bucket_dialog.findChild(QLineEdit, "name")
    qtbot.keyClick(name, Qt.Key.Key_Return)
    assert submitted == []
    type_into(qtbot, bucket_dialog, "name", "good-name")
    bucket_dialog.findChild(QCheckBox).setChecked(True)
    qtbot.keyClick(name, Qt.Key.Key_Return)
    assert [(draft.name, draft.with_lock) for draft in submitted] == [("good-name", True)]


def test_a_failure_leaves_the_form_open_for_another_try(qtbot, bucket_dialog):
    type_into(qtbot, bucket_dialog, "name", "good-name")
    bucket_dialog.set_busy(True, "Creating…")
    assert not ok_of(bucket_dialog).isEnabled()
    bucket_dialog.fail("Somebody else has it.")
    assert bucket_dialog.outcome.text() == "Somebody else has it."
    assert ok_of(bucket_dialog).isEnabled()
    type_into(qtbot, bucket_dialog, "name", "other-name")
    assert not bucket_dialog.outcome.isVisible()


def test_the_kind_of_credentials_switches_the_fields(connection_dialog):
    kind = connection_dialog.findChild(QComboBox, "credentials")
    secret = connection_dialog.findChild(QLineEdit, "secret")
    profile = connection_dialog.findChild(QLineEdit, "profile")
    assert secret.isVisible()
    assert not profile.isVisible()
    kind.setCurrentIndex(kind.findData(CredentialKind.PROFILE.value))
    assert not secret.isVisible()
    assert profile.isVisible()


def test_a_field_says_what_is_made_of_its_text(qtbot, connection_dialog):
    note = connection_dialog.findChild(QLabel, "endpoint-error")
    type_into(qtbot, connection_dialog, "endpoint", "host:90")
    assert note.text() == "It is taken as https://host:90."
    type_into(qtbot, connection_dialog, "endpoint", "host:90x")
    assert "a number up to 65535" in note.text()


def test_esc_throws_nothing_away_that_was_typed(qtbot, connection_dialog):
    type_into(qtbot, connection_dialog, "name", "Work")
    for word, is_open in (("&Keep Editing", True), ("&Discard", False)):
        qtbot.keyClick(connection_dialog, Qt.Key.Key_Escape)
        assert connection_dialog.isVisible()
        question = connection_dialog.findChild(QuestionDialog)
        buttons = question.findChildren(QPushButton)
        next(button for button in buttons if button.text() == word).click()
        assert connection_dialog.isVisible() is is_open
        qtbot.waitUntil(lambda: connection_dialog.findChild(QuestionDialog) is None)


def test_esc_ends_an_untouched_form_and_its_owner_any(qtbot, connection_dialog):
    qtbot.keyClick(connection_dialog, Qt.Key.Key_Escape)
    assert not connection_dialog.isVisible()
    connection_dialog.show()
    type_into(qtbot, connection_dialog, "name", "Work")
    connection_dialog.close()
    assert not connection_dialog.isVisible()


def test_rare_fields_have_room_for_what_they_say(connection_dialog):
    connection_dialog.show_rare()
    for line in connection_dialog.findChildren(QLineEdit):
        if line.isVisible() and line.placeholderText():
            wanted = line.fontMetrics().horizontalAdvance(line.placeholderText())
            assert wanted <= line.width() - 12, line.objectName()


def test_a_form_that_is_too_high_for_its_screen_scrolls(qtbot, connection_dialog, monkeypatch):
    body = connection_dialog.findChild(Scrolled)
    monkeypatch.setattr(Scrolled, "_room", lambda _: 300)
    connection_dialog.show_rare()
    connection_dialog.show_test("It is wrong. " * 20, is_error=True)
    qtbot.waitUntil(lambda: body.verticalScrollBar().maximum() > 0)
    assert body.height() <= 300
    last, seen = connection_dialog.findChild(QLineEdit, "parts"), body.viewport()
    assert not seen.rect().contains(last.mapTo(seen, last.rect().center()))
    connection_dialog.findChild(QLineEdit, "transfers").setFocus()
    qtbot.keyClick(connection_dialog.focusWidget(), Qt.Key.Key_Tab)
    assert connection_dialog.focusWidget() is last
    assert seen.rect().contains(last.mapTo(seen, last.rect().center()))


def test_a_form_that_fits_is_shown_whole(connection_dialog):
    bar = connection_dialog.findChild(Scrolled).verticalScrollBar()
    assert bar.maximum() == 0


def test_a_secret_is_never_readable_on_the_screen(qtbot, connection_dialog):
    type_into(qtbot, connection_dialog, "secret", "hush-hush")
    secret = connection_dialog.findChild(QLineEdit, "secret")
    assert secret.displayText() != "hush-hush"


def test_it_says_where_the_secret_goes_as_long_as_there_is_one(connection_dialog):
    note = connection_dialog.findChild(QLabel, "keyring")
    connection_dialog.show_keyring(KeyringState(usable=False, reason="No keyring runs."))
    assert note.text() == "No keyring runs. The secret is kept for this session only."
    kind = connection_dialog.findChild(QComboBox, "credentials")
    kind.setCurrentIndex(kind.findData(CredentialKind.ANONYMOUS.value))
    assert not note.isVisible()


def test_a_connection_is_tested_only_when_it_is_complete(qtbot, connection_dialog):
    tested = []
    connection_dialog.tested.connect(lambda: tested.append(connection_dialog.form.result()))
    button = connection_dialog.findChild(QPushButton, "test")
    assert not button.isEnabled()
    for field, text in {"name": "a", "key_id": "k", "secret": "s"}.items():
        type_into(qtbot, connection_dialog, field, text)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert tested[0].connection.name == "a"
    connection_dialog.show_test("Connected.", is_error=False)
    assert connection_dialog.outcome.text() == "Connected."


def test_the_keyboard_stays_where_it_was_while_a_connection_is_tried(qtbot, connection_dialog):
    for field, text in {"name": "a", "key_id": "k", "secret": "s"}.items():
        type_into(qtbot, connection_dialog, field, text)
    button = connection_dialog.findChild(QPushButton, "test")
    for focused in (button, connection_dialog.findChild(QLineEdit, "secret")):
        focused.setFocus()
        connection_dialog.set_busy(True, "Trying…")
        connection_dialog.show_test("Wrong.", is_error=True)
        assert connection_dialog.focusWidget() is focused
        assert focused.isEnabled()


def test_a_success_has_a_tick_beside_it(connection_dialog):
    outcome = connection_dialog.outcome

    def green() -> int:
        picture = outcome.grab().toImage()
        columns = range(min(20, picture.width()))
        colours = [picture.pixelColor(x, y) for x in columns for y in range(picture.height())]
        return sum(c.green() > c.red() + 40 and c.green() > c.blue() + 20 for c in colours)

    connection_dialog.show_test("Connected.", is_error=False)
    assert green() > 5
    connection_dialog.show_test("Wrong.", is_error=True)
    assert green() == 0


def test_whoever_is_to_enter_a_key_can_type_at_once(qtbot):
    known = Connection(ConnectionId("c"), "Work", key_id="AKIA")
    for connection, name in ((known, "secret"), (Connection(ConnectionId("c"), ""), "key_id")):
        dialog = ConnectionDialog(ConnectionForm(connection), is_new=False)
        qtbot.addWidget(dialog)
        dialog.ask_for_key()
        dialog.show()
        assert dialog.focusWidget().objectName() == name


def test_rare_fields_wait_behind_more_options(qtbot, connection_dialog):
    region = connection_dialog.findChild(QLineEdit, "region")
    start = connection_dialog.findChild(QLineEdit, "start_bucket")
    assert region.isVisible()
    assert not start.isVisible()
    connection_dialog.show_rare()
    assert start.isVisible()


def test_every_editor_has_an_accessible_name(connection_dialog):
    connection_dialog.show_rare()
    editors = connection_dialog.findChildren(QLineEdit) + connection_dialog.findChildren(QComboBox)
    assert editors
    assert [e.objectName() for e in editors if e.isVisible() and not e.accessibleName()] == []


def test_a_folder_form_makes_a_marker_below_its_parent():
    form = FolderForm(Prefix("b", "a/"))
    form.edit("name", "x/y/")
    assert form.result().key == "a/x/y/"
    for bad in ("", "/", "a//b", "..", "a/../b", "x" * 1025):
        form.edit("name", bad)
        assert form.errors, bad


def test_what_cannot_be_undone_waits_for_the_word(qtbot):
    dialog = DeletionDialog(DeletionQuestion("Delete", "Delete?", "For good.", word="delete"))
    qtbot.addWidget(dialog)
    button = dialog.findChild(QPushButton, "delete")
    assert not button.isEnabled()
    type_into(qtbot, dialog, "word", "Delete")
    assert not button.isEnabled()
    type_into(qtbot, dialog, "word", "delete")
    assert button.isEnabled()


def test_what_can_be_undone_needs_no_word_but_enter_does_not_delete(qtbot):
    dialog = DeletionDialog(DeletionQuestion("Delete", "Delete?", "Can be undone."))
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.findChild(QPushButton, "delete").isEnabled()
    assert dialog.findChild(QDialogButtonBox).button(Standard.Cancel).isDefault()
    with qtbot.waitActive(dialog):
        dialog.activateWindow()
    qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
    assert (dialog.result(), dialog.isVisible()) == (QDialog.DialogCode.Rejected, False)


def press_enter(qtbot: QtBot, dialog: QDialog) -> None:
    """As a person does who has not looked: to whatever has the keys."""
    dialog.show()
    with qtbot.waitActive(dialog):
        dialog.activateWindow()
    qtbot.keyClick(dialog.focusWidget() or dialog, Qt.Key.Key_Return)


GRAVE = [
    lambda: QuestionDialog("Merge Folders", "Merge?", "It is for good.", "&Merge"),
    lambda: QuestionDialog("Close", "Close?", "It goes on.", "&Close", decline_text="&Stay"),
    lambda: ReviewDialog("Not Deleted", "One.", ("Key",), [("a",)], "&Try Again", is_grave=True),
    lambda: DeletionDialog(DeletionQuestion("Delete", "Delete?", "Can be undone.")),
    lambda: DeletionDialog(DeletionQuestion("Delete", "Delete?", "For good.", word="delete")),
]


@pytest.mark.parametrize("make", GRAVE)
def test_enter_never_does_what_cannot_be_undone(qtbot, make):
    dialog = make()
    qtbot.addWidget(dialog)
    agreed = []
    dialog.accepted.connect(lambda: agreed.append(dialog))
    press_enter(qtbot, dialog)
    assert agreed == []


def test_enter_goes_on_where_nothing_is_lost(qtbot):
    dialog = ReviewDialog("Left Out", "One.", ("Path", "Why"), [("a", "b")], "Upload the rest")
    qtbot.addWidget(dialog)
    press_enter(qtbot, dialog)
    assert dialog.result() == QDialog.DialogCode.Accepted


@pytest.mark.parametrize(
    ("needs", "room", "given"),
    [
        ([100, 50, 30], 300, [220, 50, 30]),
        ([200, 400, 300], 600, [200, 200, 200]),
        ([100, 400, 300], 700, [100, 300, 300]),
        ([100, 400, 90], 400, [100, 210, 90]),
    ],
)
def test_columns_share_the_room(needs, room, given):
    assert shares(needs, room) == given


def test_short_names_are_whole_beside_long_reasons(qtbot):
    rows = [("folder/a:b.txt", "folder/a%3Ab.txt", "It has a character that is not allowed. " * 3)]
    dialog = ReviewDialog("Other Names", "One.", ("Key", "Name", "Why"), rows, "Go")
    qtbot.addWidget(dialog)
    dialog.show()
    table = dialog.findChild(TextTable)
    for column in (0, 1):
        assert table.columnWidth(column) >= table.sizeHintForColumn(column)
    widths = sum(table.columnWidth(column) for column in range(3))
    assert widths == table.viewport().width()


SCREEN = QRect(0, 0, 1000, 800)


@pytest.mark.parametrize(
    ("window", "corner"),
    [
        (QRect(100, 100, 600, 400), (300, 250)),
        (QRect(-500, -300, 600, 400), (0, 0)),
        (QRect(900, 700, 600, 400), (800, 700)),
    ],
)
def test_a_dialog_is_over_its_window_and_on_the_screen(window, corner):
    assert placed(QSize(200, 100), window, SCREEN).toTuple() == corner


def test_a_dialog_comes_up_over_its_window(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.setGeometry(150, 200, 600, 500)
    window.show()
    dialog = ReviewDialog("Left Out", "One.", ("Path", "Why"), [("a", "b")], "", window)
    dialog.resize(400, 300)
    dialog.open()
    away = dialog.frameGeometry().center() - window.frameGeometry().center()
    assert away.manhattanLength() < 40
    assert dialog.testAttribute(Qt.WidgetAttribute.WA_Moved)


def test_what_grows_while_it_gets_its_frame_stays_over_its_window(qtbot, monkeypatch):
    window = QWidget()
    qtbot.addWidget(window)
    window.setGeometry(150, 200, 600, 500)
    window.show()
    dialog = DeletionDialog(DeletionQuestion("Delete", "Delete it?", "All of it goes."), window)
    dialog.open()
    dialog.move(0, 0)  # so Qt believes until the window manager has told where it is
    dialog.show_tally("3,000 objects and many more. " * 12)
    qtbot.waitUntil(lambda: dialog.x() > 100)
    away = dialog.frameGeometry().center() - window.frameGeometry().center()
    assert away.manhattanLength() < 40

    monkeypatch.setattr(frame, "SETTLING_MS", -1)  # later it is where a person has put it
    dialog.move(50, 40)
    height = dialog.height()
    dialog.show_tally("3,000 objects and many more. " * 24)
    qtbot.waitUntil(lambda: dialog.height() > height)
    assert dialog.pos().toTuple() == (50, 40)


def test_a_form_that_grows_over_the_edge_of_the_screen_moves_up(
    qtbot, connection_dialog, monkeypatch
):
    monkeypatch.setattr(frame, "SETTLING_MS", -1)
    screen = connection_dialog.screen().availableGeometry()
    connection_dialog.move(30, screen.bottom() - connection_dialog.height() - FRAME.height())
    low = connection_dialog.y()
    connection_dialog.show_rare()
    qtbot.waitUntil(lambda: connection_dialog.y() < low)
    assert connection_dialog.frameGeometry().bottom() <= screen.bottom()
    assert connection_dialog.x() == 30


def test_a_dialog_is_no_larger_than_its_screen(qtbot):
    dialog = ReviewDialog("Left Out", "One.", ("Path", "Why"), [("a", "b")], "")
    qtbot.addWidget(dialog)
    screen = dialog.screen().availableGeometry()
    dialog.resize(screen.size() * 2)
    dialog.show()
    assert screen.contains(QRect(screen.topLeft(), dialog.size()))


def test_a_question_is_no_higher_than_what_it_says(qtbot):
    words = "What is in both folders will be in one. " * 5
    dialog = QuestionDialog("Merge", "Merge?", words, "&Merge")
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.height() == dialog.layout().totalHeightForWidth(dialog.width())


def test_details_are_copied_whole(qtbot):
    dialog = DetailsDialog("It broke.", "Mend it.", "Status: 500")
    qtbot.addWidget(dialog)
    qtbot.mouseClick(dialog.findChild(QPushButton, "copy"), Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "It broke.\n\nMend it.\n\nStatus: 500"


def test_about_names_the_versions(qtbot):
    dialog = AboutDialog(QIcon())
    qtbot.addWidget(dialog)
    assert "Qt" in " ".join(label.text() for label in dialog.findChildren(QLabel))


@pytest.mark.parametrize(("press", "answer"), [(Standard.Ok, True), (Standard.Cancel, False)])
def test_a_coroutine_waits_for_the_answer_while_the_loop_goes_on(qapp, press, answer):
    window = QWidget()
    dialog = QDialog(window)
    buttons = QDialogButtonBox(Standard.Ok | Standard.Cancel, dialog)
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)

    async def story():
        QTimer.singleShot(0, buttons.button(press).click)
        return await accepted(dialog)

    assert run_on_qt(qapp, story) is answer


def test_a_form_is_submitted_again_after_a_failure(qapp, qtbot, bucket_dialog):
    type_into(qtbot, bucket_dialog, "name", "good-name")

    async def story():
        QTimer.singleShot(0, ok_of(bucket_dialog).click)
        first = await bucket_dialog.submission()
        bucket_dialog.fail("Taken.")
        QTimer.singleShot(0, bucket_dialog.reject)
        return first, await bucket_dialog.submission()

    assert run_on_qt(qapp, story) == (True, False)


ROWS = [
    ConflictRow("a.txt", "3 B", "5 B"),
    ConflictRow("b", "4 B", "a folder", is_folder=True),
    ConflictRow("c.txt", "1 B", "1 B"),
]


@pytest.fixture
def conflict_dialog(qtbot):
    dialog = ConflictDialog(ROWS)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def decide(qtbot: QtBot, dialog: ConflictDialog, policy: ConflictPolicy) -> None:
    button = dialog.findChild(QRadioButton, policy.value)
    qtbot.keyClick(button, Qt.Key.Key_Space)


def test_one_answer_decides_all_conflicts(qtbot, conflict_dialog):
    assert not ok_of(conflict_dialog).isEnabled()
    decide(qtbot, conflict_dialog, ConflictPolicy.SKIP)
    assert ok_of(conflict_dialog).isEnabled()
    assert conflict_dialog.decisions() == [ConflictPolicy.SKIP] * 3


def test_a_file_never_takes_the_place_of_a_folder(qtbot, conflict_dialog):
    decide(qtbot, conflict_dialog, ConflictPolicy.OVERWRITE)
    assert conflict_dialog.decisions() == [
        ConflictPolicy.OVERWRITE,
        ConflictPolicy.RENAME,
        ConflictPolicy.OVERWRITE,
    ]


@pytest.mark.parametrize(
    ("policy", "goes_on"),
    [
        (ConflictPolicy.SKIP, True),
        (ConflictPolicy.RENAME, True),
        (ConflictPolicy.OVERWRITE, False),
        (ConflictPolicy.IF_DIFFERENT, False),
    ],
)
def test_enter_replaces_nothing(qtbot, conflict_dialog, policy, goes_on):
    decide(qtbot, conflict_dialog, policy)
    conflict_dialog.findChild(QTableView).setFocus()
    press_enter(qtbot, conflict_dialog)
    assert (conflict_dialog.result() == QDialog.DialogCode.Accepted) is goes_on


def test_row_by_row_goes_on_when_the_last_is_decided(qtbot, conflict_dialog):
    conflict_dialog.findChild(QCheckBox).setChecked(False)
    table = conflict_dialog.findChild(QTableView)
    for row, policy in enumerate((ConflictPolicy.SKIP, ConflictPolicy.RENAME)):
        table.selectRow(row)
        decide(qtbot, conflict_dialog, policy)
    assert not ok_of(conflict_dialog).isEnabled()
    table.selectRow(2)
    decide(qtbot, conflict_dialog, ConflictPolicy.IF_DIFFERENT)
    assert conflict_dialog.decisions() == [
        ConflictPolicy.SKIP,
        ConflictPolicy.RENAME,
        ConflictPolicy.IF_DIFFERENT,
    ]
    assert table.model().index(1, 3).data() == "Keep both"


def test_the_buttons_show_what_is_decided_for_the_selected_row(qtbot, conflict_dialog):
    conflict_dialog.findChild(QCheckBox).setChecked(False)
    table = conflict_dialog.findChild(QTableView)
    table.selectRow(0)
    decide(qtbot, conflict_dialog, ConflictPolicy.SKIP)
    table.selectRow(2)
    assert not conflict_dialog.findChild(QRadioButton, "skip").isChecked()
    table.selectRow(0)
    assert conflict_dialog.findChild(QRadioButton, "skip").isChecked()


def test_a_review_shows_its_rows_and_waits(qtbot, qtmodeltester):
    rows = [("a:b", "a%3Ab", "It has a character that this disk does not allow.")]
    dialog = ReviewDialog("Names", "One name.", ("Key", "Name", "Why"), rows, "Download")
    qtbot.addWidget(dialog)
    table = dialog.findChild(QTableView)
    assert [table.model().index(0, column).data() for column in range(3)] == list(rows[0])
    qtmodeltester.check(table.model())
    assert ok_of(dialog).text() == "Download"
