"""Names and values below one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QVBoxLayout, QWidget

from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.viewmodels.inspector import Fact


class FactGrid(QWidget):
    """Names and values; a value that changes is not laid out anew."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.facts: Sequence[Fact] = ()
        self._names: list[str] = []
        self._values: list[QLabel] = []
        self._grid = QFormLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._grid)
        column.addStretch(1)

    def show_facts(self, facts: Sequence[Fact]) -> None:
        self.facts = facts
        names = [each.name for each in facts]
        if names != self._names:
            self._names = names
            while self._grid.rowCount():
                self._grid.removeRow(0)
            self._values = [QLabel(self) for _ in facts]
            for label, each in zip(self._values, facts, strict=True):
                label.setTextFormat(Qt.TextFormat.PlainText)
                label.setWordWrap(True)
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                self._grid.addRow(tr("{name}:").format(name=each.name), label)
        for label, each in zip(self._values, facts, strict=True):
            label.setText(each.value)
