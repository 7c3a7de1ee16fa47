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
    QVBoxLayout,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import (
    FORM_WIDTH,
    SPACING,
    choice_box,
    column,
    headline,
    paragraph,
)
from s4desk.gui.dialogs.scrolled import Scrolled
from s4desk.gui.dialogs.table import TextTableModel, text_table
from s4desk.gui.room import claim
from s4desk.viewmodels.lifecycle_schedule_text import run_titles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from s4desk.core.lifecycle.schedule_entries import Entry
    from s4desk.viewmodels.lifecycle_schedule_text import ScheduleWords

MOST_HOURS: Final = 24 * 31
SIZE: Final = (700, 0)
LEAST_ROWS: Final = 3
_HOUR: Final = timedelta(hours=1)


class LifecycleScheduleDialog(QDialog):
    """Switching it on needs the name of the bucket: nobody is asked later.

    report_asked(int)    of the run in this row is to be written into a file
    preview_asked()      of what would be deleted by the rules that it goes by
    """

    report_asked = Signal(int)
    preview_asked = Signal()

    def __init__(
        self,
        entry: Entry,
        words: ScheduleWords,
        ahead: Callable[[timedelta], str],
        parent: QWidget | None = None,
    ) -> None:
        """`ahead` says when it runs next at an interval."""
        super().__init__(parent)
        self.setWindowTitle(tr("Apply Rules Again and Again: {place}").format(place=words.place))
        self._entry = entry
        self._words = words
        self._ahead_at = ahead
        self._rules = paragraph(words.rules)
        self._found = ""
        self._own = QCheckBox(
            tr("&Go by the rules of the bucket from now on: those that are kept here are dropped"),
            self,
        )
        self._own.setObjectName("own")
        self._own.setVisible(entry.rules is not None)
        self._warning = Note("warning", self)
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
        self._ahead = Note("ahead", self)
        self._ask = paragraph(
            tr("What rules delete is gone. Type “{bucket}” to confirm:").format(bucket=entry.bucket)
        )
        self._word = QLineEdit(self)
        self._word.setObjectName("word")
        self._word.setAccessibleName(self._ask.text())
        self._last = Note("last", self)
        self._last.say(words.last)
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
        self._preview = QPushButton(tr("&Preview…"), self)
        self._preview.setObjectName("preview")
        self._preview.setAutoDefault(False)
        self._preview.setToolTip(tr("See what s4desk would delete or move, and when"))
        self._preview.clicked.connect(self.preview_asked.emit)
        for button in (self._preview, self._report):
            self._buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        self._hours.valueChanged.connect(self._fit)
        self._on.toggled.connect(self._fit)
        self._own.toggled.connect(self._fit)
        self._word.textChanged.connect(self._fit)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self._lay_out()
        self._fit()

    @property
    def is_on(self) -> bool:
        return self._on.isChecked()

    @property
    def is_by_bucket(self) -> bool:
        """Whether it goes by the rules that the bucket has, and keeps none."""
        return self._entry.rules is None or self._own.isChecked()

    @property
    def every(self) -> timedelta:
        return timedelta(hours=self._hours.value())

    @property
    def runs(self) -> QAbstractItemModel:
        """What was done so far, the newest first."""
        return self._runs.model()

    def show_rules(self, found: str) -> None:
        """What is known by now of the rules that the bucket has."""
        self._found = found
        self._fit()

    def show_runs(self, rows: Sequence[Sequence[str]]) -> None:
        """What was done so far, by whoever asked for it."""
        self._runs.setModel(TextTableModel(run_titles(), rows))
        self._runs.selectionModel().currentChanged.connect(self._fit)
        self._runs.fit()
        if rows:
            self._runs.selectRow(0)
        self._fit()

    def _fit(self) -> None:
        is_own = self.is_by_bucket
        self._rules.setText(f"{self._words.own} {self._found}" if is_own else self._words.rules)
        self._warning.say(self._words.warning if is_own else "", is_error=True)
        is_new = self.is_on and (not self._entry.is_on or self._own.isChecked())
        ahead = [self._ahead_at(self.every)] if self.is_on else []
        if is_new:
            ahead.append(tr("What it will delete then is not known before it is previewed."))
        self._ahead.say(" ".join(ahead))
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
        inside = QWidget(self)
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        layout.addWidget(
            paragraph(
                tr(
                    "For stores that do not carry out lifecycle rules themselves. It is done while"
                    " s4desk is open. What is locked, has changed or says anything unknown stays."
                )
            )
        )
        layout.addWidget(self._rules)
        layout.addWidget(self._own)
        layout.addWidget(self._warning)
        layout.addWidget(self._on)
        layout.addLayout(line)
        layout.addWidget(self._ahead)
        layout.addWidget(self._ask)
        layout.addWidget(self._word)
        layout.addWidget(self._last)
        layout.addWidget(self._runs_title)
        layout.addWidget(self._runs, 1)
        layout.addStretch()
        whole = column(self)
        whole.addWidget(Scrolled(inside, self), 1)
        whole.addWidget(self.outcome)
        whole.addWidget(self._buttons)
        row = self._runs.verticalHeader().defaultSectionSize()
        self._runs.setMinimumHeight(row * LEAST_ROWS)
        claim(self, SIZE, (FORM_WIDTH, 0))
