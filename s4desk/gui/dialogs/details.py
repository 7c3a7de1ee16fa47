"""What went wrong, in full, to read and to copy; and what s4desk is."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.frame import SPACING, button_box, column, headline, paragraph
from s4desk.gui.room import fixed_font, roomy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QIcon

ICON_SIZE = 64


class DetailsDialog(QDialog):
    """A sentence, what to do about it, and what the store said, with a button that copies all."""

    def __init__(
        self, problem: str, advice: str, details: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Details"))
        self._text = "\n\n".join(text for text in (problem, advice, details) if text)
        layout = column(self)
        layout.addWidget(headline(problem))
        if advice:
            layout.addWidget(paragraph(advice))
        if details:
            layout.addWidget(_verbatim(details))
        buttons = button_box(QDialogButtonBox.StandardButton.Close, self)
        copy = buttons.addButton(tr("&Copy"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.setObjectName("copy")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._text))
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        self.resize(roomy(self, 520), self.sizeHint().height())


class AboutDialog(QDialog):
    """Name, version, and the versions of what it is made of, which a bug report needs."""

    def __init__(self, icon: QIcon, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("About s4desk"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*([SPACING * 2] * 4))
        layout.setSpacing(SPACING)
        picture = QLabel()
        picture.setPixmap(icon.pixmap(ICON_SIZE, ICON_SIZE))
        layout.addWidget(picture, alignment=Qt.AlignmentFlag.AlignHCenter)
        title = headline(f"s4desk {version('s4desk')}")
        title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(title)
        text = paragraph(tr("A desktop manager for S3 object storage."))
        text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(text)
        made_of = paragraph("\n".join(_versions()))
        made_of.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        made_of.setEnabled(False)
        layout.addWidget(made_of)
        buttons = button_box(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)


def _versions() -> Sequence[str]:
    return (
        f"Python {platform.python_version()}",
        f"Qt {qVersion()} · PySide6 {version('PySide6-Essentials')}",
        f"{platform.system()} {platform.release()}",
    )


def _verbatim(text: str) -> QPlainTextEdit:
    box = QPlainTextEdit(text)
    box.setReadOnly(True)
    box.setTabChangesFocus(True)
    box.setAccessibleName(tr("What the store said"))
    box.setFont(fixed_font(box))
    return box
