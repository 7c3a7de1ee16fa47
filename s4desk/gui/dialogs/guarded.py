"""Dialogs that are not thrown away by accident once something was filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.question import QuestionDialog

if TYPE_CHECKING:
    from collections.abc import Collection

    from PySide6.QtGui import QCloseEvent, QKeyEvent
    from PySide6.QtWidgets import QWidget

    from s4desk.viewmodels.forms import Form


class GuardedDialog(FormDialog):
    """Escape and the window's own button ask first; Cancel does not."""

    def __init__(
        self,
        form: Form,
        accept_text: str,
        parent: QWidget | None = None,
        *,
        rare: Collection[str] = (),
        names: Collection[str] | None = None,
    ) -> None:
        super().__init__(form, accept_text, parent, rare=rare, names=names)
        self._begun_with = self._texts()

    @property
    def is_filled(self) -> bool:
        """Whether something is as a person has made it."""
        return self._texts() != self._begun_with

    def _texts(self) -> dict[str, str]:
        return {name: field.text for name, field in self.form.fields.items()}

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc is pressed by accident too, unlike Cancel."""
        if event.key() == Qt.Key.Key_Escape and self.is_filled:
            self._ask_to_discard()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask the person at the window's own button; whoever opened the dialog may close it."""
        if event.spontaneous() and self.is_filled:
            event.ignore()
            self._ask_to_discard()
        else:
            super().closeEvent(event)

    def _ask_to_discard(self) -> None:
        question = QuestionDialog(
            self.windowTitle(),
            tr("Discard what you have typed?"),
            tr("Nothing of it has been saved."),
            tr("&Discard"),
            self,
            decline_text=tr("&Keep Editing"),
        )
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.accepted.connect(self.reject)
        question.open()
