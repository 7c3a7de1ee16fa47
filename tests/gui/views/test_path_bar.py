"""The place as crumbs, and as a line to type into."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QMenu, QVBoxLayout, QWidget

from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.gui.views import path_bar
from s4desk.gui.views.crumbs import MENU_ROWS, CrumbButton, CrumbStrip, collapsed, crumbs_of
from s4desk.gui.views.path_bar import PathBar, PlaceEdit
from s4desk.viewmodels.places import Place
from tests.gui.models.fakes import no_icons

HOME = ConnectionId("home")
DEEP = Place(HOME, Prefix("bucket", "one/two/three/four/five/six/"))
LEFT = Qt.MouseButton.LeftButton
Key = Qt.Key
POPUP = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


@pytest.fixture
def window(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 300)
    window.other = QLineEdit(window)
    layout = QVBoxLayout(window)
    layout.addWidget(window.other)
    window.show()
    return window


@pytest.fixture
def bar(window):
    bar = PathBar(no_icons, window)
    window.layout().insertWidget(0, bar)
    window.layout().addStretch(1)
    bar.told = []
    bar.opened.connect(lambda place: bar.told.append(place))
    bar.typed.connect(lambda name, prefix: bar.told.append((name, prefix)))
    bar.show_place(DEEP, "Home")
    window.layout().activate()
    window.other.setFocus()
    return bar


def strip(bar):
    return bar.findChild(CrumbStrip)


def edit(bar):
    return bar.findChild(PlaceEdit)


def shown_buttons(bar):
    return sorted(
        (each for each in bar.findChildren(CrumbButton) if each.isVisible()), key=lambda b: b.x()
    )


def note(window):
    return next(
        (each for each in window.findChildren(QLabel) if each.isVisible() and each.text()), None
    )


class TestCrumbs:
    def test_each_leads_to_its_place(self, bar):
        assert strip(bar).labels == [
            "Home", "bucket", "one", "two", "three", "four", "five", "six",
        ]  # fmt: skip
        for button in shown_buttons(bar):
            button.click()
        assert bar.told[0] == Place(HOME)
        assert bar.told[1] == Place(HOME, Prefix("bucket"))
        assert bar.told[-1] == DEEP

    def test_odd_segments_can_be_seen(self, bar):
        bar.show_place(Place(HOME, Prefix("b", "a\n//\udc80/x&y/")), "H & M")
        assert strip(bar).labels == ["H & M", "b", "a␊", "(empty name)", "⟨80⟩", "x&y"]
        assert "s3://b/a\\n//\\udc80/" in shown_buttons(bar)[4].toolTip()
        bar.told.clear()
        shown_buttons(bar)[4].click()
        assert bar.told == [Place(HOME, Prefix("b", "a\n//\udc80/"))]

    def test_the_list_of_buckets_is_the_connection_alone(self, bar):
        bar.show_place(Place(HOME), "Home")
        assert strip(bar).labels == ["Home"]
        bar.show_place(None, "")
        assert strip(bar).labels == []

    @POPUP
    def test_the_middle_gives_way_to_dots(self, bar, window):
        window.resize(330, 300)
        labels = strip(bar).labels
        assert (labels[0], labels[1], labels[-1]) == ("Home", "…", "six")
        assert len(shown_buttons(bar)) == len(labels) - 1
        strip(bar)._dots.click()
        menu = strip(bar).findChild(QMenu)
        offered = [action.text() for action in menu.actions()]
        assert [*offered, *labels[2:]] == ["bucket", "one", "two", "three", "four", "five", "six"]
        menu.actions()[0].trigger()
        menu.close()
        assert bar.told == [Place(HOME, Prefix("bucket"))]
        window.resize(900, 300)
        assert "…" not in strip(bar).labels

    def test_nothing_sticks_out_however_narrow(self, bar, window):
        bar.show_place(Place(HOME, Prefix("b" * 60, "x" * 300 + "/" + "y" * 300 + "/")), "H" * 80)
        for width in (900, 400, 260):
            window.resize(width, 300)
            last = shown_buttons(bar)[-1]
            assert last.geometry().right() <= strip(bar).width()
            assert last.width() >= 20

    @POPUP
    def test_five_hundred_folders_are_no_burden(self, bar, window):
        bar.show_place(Place(HOME, Prefix("b", "x/" * 500)), "Home")
        assert len(bar.findChildren(CrumbButton)) < 60
        strip(bar)._dots.click()
        menu = strip(bar).findChild(QMenu)
        assert len(menu.actions()) == MENU_ROWS
        menu.close()

    @pytest.mark.parametrize(
        ("widths", "room", "hidden"),
        [
            ([10, 10, 10], 30, range(1, 1)),
            ([10, 10, 10], 29, range(1, 2)),
            ([10, 10, 10, 10], 36, range(1, 2)),
            ([10, 10, 10, 10], 34, range(1, 3)),
            ([10, 10, 10, 10], 1, range(1, 3)),
            ([50, 50], 10, range(1, 1)),
            ([], 10, range(1, 1)),
        ],
    )
    def test_which_crumbs_give_way(self, widths, room, hidden):
        assert collapsed(widths, room, 5) == hidden


class TestTyping:
    def test_a_click_beside_the_crumbs_begins(self, bar):
        QTest.mouseClick(strip(bar), LEFT, pos=QPoint(strip(bar).width() - 5, 10))
        assert bar.is_editing
        assert edit(bar).text() == "s3://bucket/one/two/three/four/five/six/"
        assert edit(bar).selectedText() == edit(bar).text()

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("s3://other/a b/", ("", Prefix("other", "a b/"))),
            ("Work:logs/2024", ("Work", Prefix("logs", "2024"))),
            ("  Work:", ("Work", None)),
            (" s3://b/ x", ("", Prefix("b", " x"))),
            ("", ("", None)),
        ],
    )
    def test_return_asks_for_what_was_typed(self, bar, text, told):
        bar.edit()
        edit(bar).clear()
        QTest.keyClicks(edit(bar), text)
        edit(bar).setModified(True)
        QTest.keyClick(edit(bar), Key.Key_Return)
        assert bar.told == [told]
        assert not bar.is_editing

    def test_a_key_that_no_line_can_hold_is_asked_for_as_it_is(self, bar):
        odd = Place(HOME, Prefix("b", "\udc80\n/"))
        bar.show_place(odd, "Home")
        bar.edit()
        QTest.keyClick(edit(bar), Key.Key_Return)
        assert bar.told == [("", odd.prefix)]

    def test_the_list_of_buckets_has_an_address(self, bar):
        bar.show_place(Place(HOME), "Home")
        bar.edit()
        assert edit(bar).text() == "Home:"

    def test_escape_gives_up_and_gives_the_focus_back(self, bar, window):
        with_focus = window.other
        with_focus.setFocus()
        bar.edit()
        QTest.keyClicks(edit(bar), "elsewhere")
        QTest.keyClick(edit(bar), Key.Key_Escape)
        assert not bar.is_editing
        assert bar.told == []
        assert window.focusWidget() is with_focus
        bar.edit()
        assert edit(bar).text().startswith("s3://bucket/one/")

    def test_escape_is_not_for_the_rest_of_the_window(self, bar):
        bar.edit()
        none = Qt.KeyboardModifier.NoModifier
        for key, is_taken in ((Key.Key_Escape, True), (Key.Key_F5, False)):
            event = QKeyEvent(QEvent.Type.ShortcutOverride, key, none)
            event.ignore()
            edit(bar).event(event)
            assert event.isAccepted() is is_taken

    def test_going_elsewhere_ends_it(self, bar, window):
        bar.edit()
        window.other.setFocus(Qt.FocusReason.MouseFocusReason)
        assert not bar.is_editing

    def test_a_menu_or_another_window_does_not(self, bar):
        bar.edit()
        edit(bar).clearFocus()
        bar.edit()
        for reason in (
            Qt.FocusReason.PopupFocusReason,
            Qt.FocusReason.ActiveWindowFocusReason,
        ):
            edit(bar).focusOutEvent(QFocusEvent(QEvent.Type.FocusOut, reason))
            assert bar.is_editing

    def test_the_same_place_again_does_not_disturb(self, bar):
        bar.edit()
        QTest.keyClicks(edit(bar), "abc")
        bar.show_place(DEEP, "New name")
        assert (edit(bar).text(), bar.is_editing) == ("abc", True)
        assert strip(bar).labels[0] == "New name"
        bar.show_place(Place(HOME), "New name")
        assert not bar.is_editing


class TestRefusals:
    def test_the_typing_stays_beside_the_reason(self, bar, window):
        def refuse(name, _prefix):
            if name == "nope":
                bar.say("There is no connection named “nope”.")

        bar.typed.connect(refuse)
        bar.edit()
        edit(bar).clear()
        QTest.keyClicks(edit(bar), "nope:x")
        QTest.keyClick(edit(bar), Key.Key_Return)
        assert bar.is_editing
        assert edit(bar).text() == "nope:x"
        assert note(window).text() == "There is no connection named “nope”."
        assert note(window).y() >= bar.geometry().bottom()
        assert edit(bar).accessibleDescription() == note(window).text()
        QTest.keyClicks(edit(bar), "y")
        assert note(window) is None
        QTest.keyClick(edit(bar), Key.Key_Home)
        QTest.keyClick(edit(bar), Key.Key_Delete)
        QTest.keyClick(edit(bar), Key.Key_Return)
        assert bar.told[-1] == ("ope", Prefix("xy"))
        assert not bar.is_editing

    def test_escape_takes_it_away(self, bar, window):
        bar.say("No.")
        assert bar.is_editing
        assert note(window).text() == "No."
        QTest.keyClick(edit(bar), Key.Key_Escape)
        assert note(window) is None
        assert edit(bar).accessibleDescription() == ""

    def test_it_moves_with_the_line(self, bar, window):
        bar.say("No.")
        before = note(window).y()
        margins = window.layout().contentsMargins()
        margins.setTop(60)
        window.layout().setContentsMargins(margins)
        window.layout().activate()
        assert note(window).y() > before + 20

    def test_what_cannot_be_parsed_is_said_here(self, bar, window, monkeypatch):
        def refuse(_text):
            raise ValidationError("That is no place.")

        monkeypatch.setattr(path_bar, "parse_place", refuse)
        bar.edit()
        QTest.keyClicks(edit(bar), "x")
        QTest.keyClick(edit(bar), Key.Key_Return)
        assert bar.told == []
        assert note(window).text() == "That is no place."


def test_a_group_is_told_from_a_store():
    icons = [crumbs_of(DEEP, "Home", is_group=each)[0].icon for each in (True, False)]
    assert icons == ["group", "connection"]
