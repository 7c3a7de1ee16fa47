"""The settings: typed, checked, obeyed at once, kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QListWidget, QStackedWidget

from s4desk.core.domain.parts import MIB
from s4desk.core.persist.settings import Settings, SettingsFile, Theme
from s4desk.core.transfer.job import Sizes
from s4desk.gui.dialogs.settings import PAUSE_MS, SettingsDialog
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.settings_form import settings_pages
from tests.gui.models.fakes import no_icons
from tests.gui.stage import Stage, memory_desk, perform, until

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from s4desk.core.desk import Desk


@pytest.fixture
def dialog(qtbot: QtBot) -> SettingsDialog:
    dialog = SettingsDialog(settings_pages(Settings()), no_icons)
    qtbot.addWidget(dialog)
    dialog.told = []
    dialog.changed.connect(dialog.told.append)
    dialog.show()
    return dialog


def type_into(qtbot: QtBot, dialog: SettingsDialog, name: str, text: str) -> None:
    line = dialog.findChild(QLineEdit, name)
    line.clear()
    qtbot.keyClicks(line, text)


def test_what_is_typed_is_told_once_and_when_it_is_typed(qtbot, dialog):
    type_into(qtbot, dialog, "part_limit", "12")
    assert dialog.told == []
    qtbot.waitUntil(lambda: bool(dialog.told), timeout=20 * PAUSE_MS)
    assert dialog.told == [{"part_limit": 12}]


def test_what_is_wrong_is_said_at_once_and_never_told(qtbot, dialog):
    dialog.show_page(1)
    type_into(qtbot, dialog, "part_size", "3 MiB")
    note = dialog.findChild(QLabel, "part_size-error")
    assert note.isVisible()
    assert "5 MiB" in note.text()
    dialog.close()
    assert dialog.told == []


def test_what_becomes_right_by_another_field_is_told_with_it(qtbot, dialog):
    dialog.show_page(1)
    type_into(qtbot, dialog, "multipart_from", "10 MiB")
    qtbot.wait(2 * PAUSE_MS)
    # Less than one part of 16 MiB; but what was typed is not forgotten.
    assert dialog.told == []
    type_into(qtbot, dialog, "part_size", "8 MiB")
    qtbot.waitUntil(lambda: bool(dialog.told), timeout=20 * PAUSE_MS)
    assert dialog.told == [{"multipart_from": 10 * MIB, "part_size": 8 * MIB}]


def test_closing_does_not_lose_what_was_typed_last(qtbot, dialog):
    type_into(qtbot, dialog, "transfer_limit", "3")
    dialog.close()
    assert dialog.told == [{"transfer_limit": 3}]


def test_return_in_a_field_closes_nothing(qtbot, dialog):
    qtbot.keyClick(dialog.findChild(QLineEdit, "transfer_limit"), Qt.Key.Key_Return)
    assert dialog.isVisible()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_every_page_has_its_place_in_the_list(dialog):
    pages, stack = dialog.findChild(QListWidget, "pages"), dialog.findChild(QStackedWidget)
    assert pages.count() == stack.count() == len(settings_pages(Settings()))
    for row in range(pages.count()):
        pages.setCurrentRow(row)
        assert stack.currentIndex() == row


@pytest.mark.parametrize("size", [(480, 320), (680, 460), (1400, 900)])
def test_no_text_is_cut_at_any_size(qtbot, dialog, size):
    dialog.resize(*size)
    for row, page in enumerate(settings_pages(Settings())):
        dialog.show_page(row)
        for name, field in page.fields.items():
            if field.error == "" and field.kind == "text":
                dialog.findChild(QLineEdit, name).setText("wrong!")
        qtbot.wait(1)
        for widget in dialog.findChildren(QLabel) + dialog.findChildren(QLineEdit):
            if widget.isVisible():
                assert widget.height() >= widget.heightForWidth(widget.width())
        for tick in dialog.findChildren(QCheckBox):
            if tick.isVisible():
                assert tick.width() >= tick.sizeHint().width()


# In the window


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return memory_desk(tmp_path / "home")


def test_settings_are_obeyed_at_once_and_kept(desk, qtbot):
    async def story(stage: Stage) -> None:
        acts = stage.window.acts
        acts[Act.SETTINGS].trigger()
        dialog = await stage.opened(SettingsDialog)
        acts[Act.SETTINGS].trigger()
        assert await stage.opened(SettingsDialog) is dialog
        type_into(qtbot, dialog, "transfer_limit", "3")
        type_into(qtbot, dialog, "part_limit", "5")
        type_into(qtbot, dialog, "part_size", "32 MiB")
        type_into(qtbot, dialog, "upload_rate", "2 MB/s")
        box = dialog.findChild(QComboBox, "theme")
        box.setCurrentIndex(box.findData(Theme.DARK.value))
        dialog.close()
        await until(lambda: desk.settings.current.theme is Theme.DARK)
        await until(acts[Act.DARK].isChecked)
        now = desk.settings.current
        assert (now.transfer_limit, now.part_limit, now.upload_rate) == (3, 5, 2_000_000)
        await until(lambda: stage.window.transfers._at_once.currentData() == 3)
        assert desk.queue._context.sizes == Sizes(64 * MIB, 32 * MIB, range=32 * MIB)
        assert desk.queue._admission.parts.size == 5
        assert desk.stores._bodies.size == 5
        assert desk.stores._bandwidth._up.rate == 2_000_000
        acts[Act.SETTINGS].trigger()
        again = await stage.opened(SettingsDialog)
        assert again.findChild(QLineEdit, "upload_rate").text() == "2 MB/s"
        acts[Act.LIGHT].trigger()
        await until(lambda: desk.settings.current.theme is Theme.LIGHT)
        again.close()

    perform(desk, story)
    kept = SettingsFile(desk.folders.config / "settings.toml").current
    assert (kept.part_size, kept.theme) == (32 * MIB, Theme.LIGHT)
