"""All buckets whose lifecycle rules s4desk applies by itself, or did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QDialog, QDialogButtonBox, QPushButton

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import button_box, column, paragraph
from s4desk.gui.dialogs.table import TextTableModel, text_table
from s4desk.gui.room import claim
from s4desk.viewmodels.lifecycle_schedule_text import schedule_titles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QAbstractItemModel, SignalInstance
    from PySide6.QtWidgets import QWidget

SIZE: Final = (860, 360)
LEAST: Final = (460, 260)
"""Pixels."""
_TIMES: Final = (2, 3, 4)
"""Columns that are of no use when they are cut."""
_OUTCOME: Final = 5
_Role = QDialogButtonBox.ButtonRole


class LifecycleSchedulesDialog(QDialog):
    """It changes nothing itself.

    open_asked(int)      the schedule of the bucket in this row
    off_asked(int)       to be switched off
    forget_asked(int)    to be taken out of the list
    """

    open_asked = Signal(int)
    off_asked = Signal(int)
    forget_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Scheduled Lifecycle Rules"))
        self._on: Sequence[bool] = ()
        self._note = Note("schedules", self)
        self._table = text_table(
            TextTableModel(schedule_titles(), ()), tr("Scheduled Lifecycle Rules"), self
        )
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._table.keep(_TIMES, spare=_OUTCOME)
        # A reason is read from its beginning; the tool tip has all of it.
        self._table.setTextElideMode(Qt.TextElideMode.ElideRight)
        self._table.activated.connect(lambda index: self.open_asked.emit(index.row()))
        self.outcome = Note("outcome", self)
        self._buttons = button_box(QDialogButtonBox.StandardButton.Close, self)
        self._buttons.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        self._open = self._add_button("open", tr("&Open…"), self.open_asked)
        self._off = self._add_button("off", tr("&Switch Off"), self.off_asked)
        self._forget = self._add_button("forget", tr("&Forget"), self.forget_asked)
        self._buttons.rejected.connect(self.reject)
        layout = column(self)
        layout.addWidget(
            paragraph(tr("While s4desk is open it applies what is due in these buckets by itself."))
        )
        layout.addWidget(self._note)
        layout.addWidget(self._table, 1)
        layout.addWidget(self.outcome)
        layout.addWidget(self._buttons)
        claim(self, SIZE, LEAST)
        self._fit()

    @property
    def rows(self) -> QAbstractItemModel:
        return self._table.model()

    def show_rows(self, rows: Sequence[Sequence[str]], on: Sequence[bool]) -> None:
        """All of them; `on` says which are switched on."""
        current = max(0, self._table.currentIndex().row())
        self._on = on
        self._note.say("" if rows else tr("None so far: a lifecycle preview offers it."))
        self._table.setModel(TextTableModel(schedule_titles(), rows))
        self._table.selectionModel().currentChanged.connect(self._fit)
        self._table.fit()
        if rows:
            self._table.selectRow(min(current, len(rows) - 1))
        self._fit()

    def _fit(self) -> None:
        row = self._table.currentIndex().row()
        for button in (self._open, self._forget):
            button.setEnabled(row >= 0)
        self._off.setEnabled(row >= 0 and self._on[row])

    def _add_button(self, name: str, text: str, asked: SignalInstance) -> QPushButton:
        button = self._buttons.addButton(text, _Role.ActionRole)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(lambda: asked.emit(self._table.currentIndex().row()))
        return button
