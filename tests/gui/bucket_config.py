"""What somebody does in the configuration of a bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QLineEdit, QPlainTextEdit, QPushButton, QTabWidget, QWidget

from s4desk.gui.dialogs.bucket_config.dialog import BucketConfigDialog
from s4desk.gui.dialogs.bucket_config.diff_view import DiffView
from s4desk.gui.dialogs.bucket_config.json_editor import JsonEditor
from s4desk.gui.dialogs.bucket_config.page import JSON, ConfigPage
from s4desk.gui.dialogs.bucket_config.review import SaveDialog
from s4desk.gui.dialogs.fields import Note
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.config_pages import PageState
from tests.gui.stage import Stage, until

if TYPE_CHECKING:
    from s4desk.core.domain.bucket_config import ConfigKind

READ = (PageState.SET, PageState.NOT_SET, PageState.CANNOT, PageState.FAILED)


async def opened(stage: Stage) -> BucketConfigDialog:
    stage.give(Act.BUCKET_CONFIGURATION)
    return await stage.opened(BucketConfigDialog)


async def turned_to(dialog: BucketConfigDialog, kind: ConfigKind) -> ConfigPage:
    """Show a page and wait until it was read."""
    dialog.show_page(kind)
    page = dialog.page(kind)
    await until(lambda: page.state in READ)
    return page


def button(of: QWidget, name: str) -> QPushButton:
    found = of.findChild(QPushButton, name)
    assert found is not None
    return found


def press(of: QWidget, name: str) -> None:
    assert button(of, name).isEnabled(), button(of, name).toolTip()
    button(of, name).click()


def type_json(page: ConfigPage, text: str) -> None:
    views = page.findChild(QTabWidget, "views")
    views.setCurrentWidget(page.findChild(JsonEditor, "json"))
    page.findChild(JsonEditor, "json").setPlainText(text)


def show_json(page: ConfigPage) -> str:
    views = page.findChild(QTabWidget, "views")
    views.setCurrentIndex(JSON if views.count() > 1 else 0)
    return page.findChild(JsonEditor, "json").toPlainText()


def choose(page: ConfigPage, menu: str, text: str) -> None:
    """From the menu behind a button."""
    actions = {each.text().replace("&", ""): each for each in button(page, menu).menu().actions()}
    actions[text].trigger()


def said(page: ConfigPage) -> str:
    return page.findChild(Note, "outcome").text()


def meant(page: ConfigPage) -> str:
    return page.findChild(QPlainTextEdit, "meaning").toPlainText()


def changes(dialog: QDialog) -> list[str]:
    """The lines of a difference that were added or removed."""
    lines = dialog.findChild(DiffView).toPlainText().splitlines()
    return [line for line in lines if line[0] in "+-"]


async def saved(stage: Stage, page: ConfigPage, *, word: str = "") -> list[str]:
    """Save, agree to the difference, and wait for the end; returns what the difference was."""
    press(page, "save")
    dialog = await stage.opened(SaveDialog)
    found = changes(dialog)
    if word:
        assert not button(dialog, "save").isEnabled()
        dialog.findChild(QLineEdit, "word").setText(word)
    press(dialog, "save")
    await until(lambda: said(page) not in ("", "It is being saved…"))
    assert said(page).startswith("Saved"), said(page)
    return found
