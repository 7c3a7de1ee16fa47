"""The window speaks one language, and Qt the same."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QDialogButtonBox

from s4desk.core.persist.settings import Language
from s4desk.core.runtime import i18n
from s4desk.gui.bridge.language import speak as let_qt_speak
from tests.gui.stage import Stage, memory_desk, perform

CANCEL = QDialogButtonBox.StandardButton.Cancel


def cancel(qtbot) -> str:
    box = QDialogButtonBox(CANCEL)
    qtbot.addWidget(box)
    return box.button(CANCEL).text().replace("&", "")


@pytest.fixture
def english_again(qapp):
    yield
    let_qt_speak(qapp, i18n.ENGLISH)


@pytest.mark.usefixtures("english_again")
@pytest.mark.parametrize(
    ("code", "said"),
    [("de", "Abbrechen"), ("ja", "キャンセル"), ("zh_CN", "取消"), ("en", "Cancel")],
)
def test_standard_buttons_are_translated(qapp, qtbot, code, said):
    let_qt_speak(qapp, "de")
    let_qt_speak(qapp, code)
    assert cancel(qtbot) == said


def test_there_is_a_catalogue_for_every_language_that_can_be_chosen():
    chosen = {each.value for each in Language} - {Language.SYSTEM.value}
    assert chosen == set(i18n.LANGUAGES)


@pytest.mark.usefixtures("english_again")
def test_the_window_speaks_the_language_of_its_settings(qapp, qtbot, tmp_path, speak):
    speak("ja")
    desk = memory_desk(tmp_path / "home")
    desk.settings.current = desk.settings.current.__class__(language=Language.GERMAN)
    seen = []

    async def story(stage: Stage) -> None:
        seen.extend(action.text() for action in stage.window.menuBar().actions())
        seen.append(cancel(qtbot))

    perform(desk, story)
    assert seen[0] == "&Datei"
    assert seen[-1] == "Abbrechen"


@pytest.mark.usefixtures("english_again")
def test_without_a_choice_it_speaks_that_of_the_system(qapp, tmp_path, speak):
    speak("ja")
    seen = []

    async def story(stage: Stage) -> None:
        seen.extend(action.text() for action in stage.window.menuBar().actions())

    perform(memory_desk(tmp_path / "home"), story)
    assert seen[0] == "ファイル(&F)"
