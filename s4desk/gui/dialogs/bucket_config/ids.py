"""Which one is shown of a kind of configuration that is there several times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QWidget

from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Sequence


class IdBar(QWidget):
    """chosen(str)   another one is to be shown
    new_asked()   a new one is wanted
    """

    chosen = Signal(str)
    new_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ids = QComboBox(self)
        self._ids.setObjectName("ids")
        self._ids.setAccessibleName(tr("Configuration"))
        self._ids.textActivated.connect(self.chosen)
        self._new = QPushButton(tr("Ne&w…"), self)
        self._new.setObjectName("new-id")
        self._new.setAutoDefault(False)
        self._new.clicked.connect(self.new_asked)
        label = QLabel(tr("Confi&guration:"), self)
        label.setBuddy(self._ids)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(label)
        layout.addWidget(self._ids, 1)
        layout.addWidget(self._new)

    @property
    def ids(self) -> list[str]:
        return [self._ids.itemText(at) for at in range(self._ids.count())]

    @property
    def current(self) -> str:
        return self._ids.currentText()

    def show_ids(self, ids: Sequence[str]) -> None:
        """Without telling; the one that is shown stays if it is still there."""
        before = self.current
        with QSignalBlocker(self._ids):
            self._ids.clear()
            self._ids.addItems(list(ids))
            self._ids.setCurrentText(before)

    def add(self, id: str) -> None:
        if id not in self.ids:
            self._ids.addItem(id)
        self._ids.setCurrentText(id)

    def fit(self, *, is_open: bool, is_known: bool) -> None:
        """What was edited is saved or reverted before another one is looked at."""
        is_kept_back = is_known and not is_open
        reason = tr("Save or revert what was edited first.") if is_kept_back else ""
        for widget in (self._ids, self._new):
            widget.setEnabled(is_open)
            widget.setToolTip(reason)
        self._ids.setEnabled(is_open and self._ids.count() > 0)
