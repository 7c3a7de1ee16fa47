"""Everything can be read: with text twice as large, with long words, from right to left."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QLabel, QLineEdit, QMenu, QPushButton, QVBoxLayout, QWidget

from s4desk.gui.assets import Assets
from tests.catalogues import load_maker
from tests.gui.reading import alt_letter, twins
from tests.gui.stage import Stage, memory_desk, perform
from tests.gui.touring import cut_off

ROOT = Path(__file__).parents[2]
PATIENCE_S = 150


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        pytest.param((), id="english"),
        pytest.param(("--language", "de"), id="german"),
        pytest.param(("--language", "zh_CN"), id="chinese"),
        pytest.param(("--language", "de", "--text", "2"), id="german-200-percent"),
        pytest.param(("--language", "ja", "--text", "2"), id="japanese-200-percent"),
        pytest.param(("--text", "2", "--right-to-left"), id="right-to-left-200-percent"),
    ],
)
def test_nothing_is_cut_off_and_each_letter_presses_one_thing(compiled_locale, words):
    tour = [sys.executable, "-m", "tests.gui.tour", "--locale", str(compiled_locale), *words]
    done = subprocess.run(
        tour, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert done.stdout.splitlines() == ["all seen"], done.stderr[-3000:]


def test_what_is_cut_off_is_found(qtbot):
    top = QWidget()
    qtbot.addWidget(top)
    layout = QVBoxLayout(top)
    label, button = QLabel("A sentence that wants to be read"), QPushButton("Press it, please")
    layout.addWidget(label)
    layout.addWidget(button)
    top.show()
    assert cut_off(top) == []
    label.setFixedWidth(20)
    button.setFixedWidth(20)
    assert len(cut_off(top)) == 2
    label.setWordWrap(True)
    label.setFixedHeight(10)
    assert "lower than it needs" in cut_off(top)[0]


def test_letters_that_are_taken_twice_are_found(qtbot):
    top = QWidget()
    qtbot.addWidget(top)
    layout = QVBoxLayout(top)
    label, field = QLabel("&From:"), QLineEdit()
    label.setBuddy(field)
    hidden = QPushButton("&Forget")
    words = (label, field, QPushButton("Choose &File…"), QPushButton("A && &B"), hidden)
    for widget in words:
        layout.addWidget(widget)
    top.show()
    assert twins(top) == ["&From: = Choose &File… = &Forget"]
    hidden.hide()
    assert twins(top) == ["&From: = Choose &File…"]
    assert twins(top, {"&From:"}) == []


def test_back_points_the_way_one_came_from(qapp):
    assets = Assets(qapp)

    def drawn(name: str) -> object:
        return assets.draw(name, QSize(16, 16), QIcon.Mode.Normal).toImage()

    back, forward, up = drawn("back"), drawn("forward"), drawn("up")
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        assert drawn("back") == forward
        assert drawn("forward") == back
        assert drawn("up") == up
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    assert drawn("back") == back


@pytest.mark.parametrize("language", ["C", "de", "ja", "zh_CN"])
def test_no_two_commands_of_a_menu_have_one_letter(qapp, tmp_path, speak, language):
    speak(language)
    # What is new stays English until it is translated.
    untold = set() if language == "C" else {message.id for message in load_maker().extract()}
    twice = []

    async def story(stage: Stage) -> None:
        assert stage.window is not None
        bar = stage.window.menuBar()
        for menu in (bar, *bar.findChildren(QMenu)):
            texts = [action.text() for action in menu.actions() if action.text() not in untold]
            letters = [letter for text in texts if (letter := alt_letter(text))]
            if len(set(letters)) < len(letters):
                twice.append(texts)

    perform(memory_desk(tmp_path / "home"), story)
    assert twice == []
