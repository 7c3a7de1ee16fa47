"""Letting s4desk apply the rules of a bucket by itself, and what came of it so far."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QAbstractItemModel, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import FORM_WIDTH, choice_box, column, headline, paragraph
from s4desk.gui.dialogs.table import TextTableModel, text_table
from s4desk.gui.room import claim
from s4desk.viewmodels.lifecycle_schedule_text import run_titles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from s4desk.core.lifecycle.schedule_entries import Entry

MOST_HOURS: Final = 24 * 31
SIZE: Final = (560, 0)
LEAST_ROWS: Final = 5
_HOUR: Final = timedelta(hours=1)


class LifecycleScheduleDialog(QDialog):
    """Switching it on needs the name of the bucket: nobody is asked later.

    report_asked(int)    of the run in this row is to be written into a file
    """

    report_asked = Signal(int)

    def __init__(self, entry: Entry, last: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Apply Rules Again and Again"))
        self._entry = entry
        self._on = QCheckBox(
            tr("&Apply what is due in “{bucket}” without asking").format(bucket=entry.bucket), self
        )
        self._on.setObjectName("on")
        self._on.setChecked(entry.is_on)
        self._hours = QSpinBox(self)
        self._hours.setObjectName("hours")
        self._hours.setRange(1, MOST_HOURS)
        self._hours.setValue(max(1, entry.every // _HOUR))
        self._every = QLabel(tr("E&very so many hours:"), self)
        self._every.setBuddy(self._hours)
        self._ask = paragraph(
            tr("What rules delete is gone. Type “{bucket}” to confirm:").format(bucket=entry.bucket)
        )
        self._word = QLineEdit(self)
        self._word.setObjectName("word")
        self._word.setAccessibleName(self._ask.text())
        self._last = Note("last", self)
        self._last.say(last)
        self._runs = text_table(TextTableModel(run_titles(), ()), tr("Runs so far"), self)
        self._runs.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._runs_title = headline(tr("Runs so far"))
        self.outcome = Note("outcome", self)
        self._buttons = choice_box(self, tr("&Save"))
        self._report = QPushButton(tr("Save &Report…"), self)
        self._report.setObjectName("report")
        self._report.setAutoDefault(False)
        self._report.clicked.connect(
            lambda: self.report_asked.emit(self._runs.currentIndex().row())
        )
        self._buttons.addButton(self._report, QDialogButtonBox.ButtonRole.ActionRole)
        self._on.toggled.connect(self._fit)
        self._word.textChanged.connect(self._fit)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self._lay_out()
        self._fit()

    @property
    def is_on(self) -> bool:
        return self._on.isChecked()

    @property
    def every(self) -> timedelta:
        return timedelta(hours=self._hours.value())

    @property
    def runs(self) -> QAbstractItemModel:
        """What was done so far, the newest first."""
        return self._runs.model()

    def show_runs(self, rows: Sequence[Sequence[str]]) -> None:
        """What was done so far, by whoever asked for it."""
        self._runs.setModel(TextTableModel(run_titles(), rows))
        self._runs.selectionModel().currentChanged.connect(self._fit)
        self._runs.fit()
        if rows:
            self._runs.selectRow(0)
        self._fit()

    def _fit(self) -> None:
        is_new = self.is_on and not self._entry.is_on
        self._ask.setVisible(is_new)
        self._word.setVisible(is_new)
        self._every.setEnabled(self.is_on)
        self._hours.setEnabled(self.is_on)
        for part in (self._runs_title, self._runs, self._report):
            part.setVisible(self._runs.model().rowCount() > 0)
        self._report.setEnabled(self._runs.currentIndex().isValid())
        is_said = not is_new or self._word.text() == self._entry.bucket
        self._buttons.button(self._buttons.StandardButton.Ok).setEnabled(is_said)

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.addWidget(self._every)
        line.addWidget(self._hours)
        line.addStretch(1)
        layout = column(self)
        layout.addWidget(
            paragraph(
                tr(
                    "For stores that do not carry out lifecycle rules themselves. It is done while"
                    " s4desk is open, by the rules that the bucket has then. What is locked, has"
                    " changed or says anything unknown stays."
                )
            )
        )
        if self._entry.rules is not None:
            layout.addWidget(paragraph(tr("The rules are kept here, not those of the bucket.")))
        layout.addWidget(self._on)
        layout.addLayout(line)
        layout.addWidget(self._ask)
        layout.addWidget(self._word)
        layout.addWidget(self._last)
        layout.addWidget(self._runs_title)
        layout.addWidget(self._runs, 1)
        layout.addWidget(self.outcome)
        layout.addStretch()
        layout.addWidget(self._buttons)
        row = self._runs.verticalHeader().defaultSectionSize()
        self._runs.setMinimumHeight(row * LEAST_ROWS)
        claim(self, SIZE, (FORM_WIDTH, 0))
