"""What a destination lacks, has otherwise, or has besides. Nothing is changed by looking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QWidget

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import button_box, column, paragraph
from s4desk.gui.dialogs.table import TextTableModel, text_table
from s4desk.gui.room import claim
from s4desk.viewmodels.replication_compare import compare_titles

if TYPE_CHECKING:
    from collections.abc import Sequence

SIZE: Final = (760, 460)
LEAST: Final = (460, 300)
_KEY: Final = 1
_KEPT: Final = (0, 2, 3)
_Role = QDialogButtonBox.ButtonRole


class ReplicationCompareDialog(QDialog):
    """look_asked()    what is missing or different is to be replicated"""

    look_asked = Signal()

    def __init__(self, title: str, place: str, parent: QWidget | None = None) -> None:
        """`place` is where the replicas are."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self.state = Note("state", self)
        self.model = TextTableModel(compare_titles(), ())
        self._table = text_table(self.model, tr("Differences"), self)
        self._table.keep(_KEPT, spare=_KEY)
        self.outcome = Note("outcome", self)
        buttons = button_box(QDialogButtonBox.StandardButton.Close, self)
        buttons.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        self._look = buttons.addButton(tr("Replicate E&xisting Now"), _Role.ActionRole)
        self._look.setObjectName("look")
        self._look.setAutoDefault(False)
        self._look.setEnabled(False)
        self._look.clicked.connect(lambda _=False: self.look_asked.emit())
        buttons.rejected.connect(self.reject)
        layout = column(self)
        layout.addWidget(
            paragraph(
                tr(
                    "What is here now, beside what is in {place}. Nothing is ever deleted there."
                ).format(place=place)
            )
        )
        layout.addWidget(self.state)
        layout.addWidget(self._table, 1)
        layout.addWidget(self.outcome)
        layout.addWidget(buttons)
        claim(self, SIZE, LEAST)

    def add(self, rows: Sequence[Sequence[str]]) -> None:
        """More differences."""
        is_first = self.model.rowCount() == 0
        self.model.add(rows)
        if is_first:
            self._table.fit()

    def end(self, sentence: str, *, can_look: bool) -> None:
        """All was compared."""
        self.state.say(sentence)
        self._table.fit()
        self._look.setEnabled(can_look)
