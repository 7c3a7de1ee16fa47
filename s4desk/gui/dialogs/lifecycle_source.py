"""What a preview of lifecycle rules looks at, and how one turns it to something else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import SPACING

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_NAMED: Final = 20


class SourceLine(QWidget):
    """files_asked() and place_asked(): a report is wanted, on this computer or in a bucket;
    bucket_asked(): the bucket itself is."""

    files_asked = Signal()
    place_asked = Signal()
    bucket_asked = Signal()

    def __init__(self, rules_text: str, parent: QWidget | None = None) -> None:
        """`rules_text` says which rules are asked about."""
        super().__init__(parent)
        self._rules_text, self._text = rules_text, ""
        self._note = Note("source", self)
        self._button = QPushButton(tr("From In&ventory"), self)
        self._button.setObjectName("inventory")
        self._button.setAutoDefault(False)
        menu = QMenu(self._button)
        menu.addAction(tr("Report on This &Computer…"), self.files_asked.emit)
        menu.addAction(tr("Report in a &Bucket…"), self.place_asked.emit)
        menu.addSeparator()
        self._back = menu.addAction(tr("Back to the Bucket &Itself"), self.bucket_asked.emit)
        self._button.setMenu(menu)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(SPACING)
        line.addWidget(self._note, 1)
        line.addWidget(self._button, 0, Qt.AlignmentFlag.AlignTop)
        self.let_reports("")

    def show_rules(self, text: str) -> None:
        """Which rules are asked about, once more is known of them."""
        self._rules_text = text
        self._say()

    def _say(self) -> None:
        self._note.say(f"{self._rules_text} {self._text}")

    def show_source(self, text: str, files: Sequence[str] = ()) -> None:
        """`files` are those of a report; the bucket itself has none."""
        self._text = text
        self._say()
        self._note.setToolTip("\n".join(files[:MOST_NAMED]))
        self._back.setEnabled(bool(files))

    def let_reports(self, reason: str) -> None:
        """Offer reports, or say why they cannot be read."""
        self._button.setEnabled(not reason)
        tip = reason or tr("Ask an S3 Inventory report of the bucket instead of listing it")
        self._button.setToolTip(tip)
        self._button.setAccessibleDescription(tip)
