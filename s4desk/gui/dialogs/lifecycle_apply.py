"""Carrying out lifecycle rules: the plan, the word that it may be done, how far it is."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QAbstractItemModel, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import button_box, column, paragraph
from s4desk.gui.dialogs.lifecycle_findings import FindingTable
from s4desk.gui.dialogs.table import TextTableModel, text_table
from s4desk.gui.models.finding_table import FindingTableModel
from s4desk.gui.room import claim
from s4desk.viewmodels.lifecycle_sheet import FindingColumn
from s4desk.viewmodels.rows import format_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QCloseEvent

    from s4desk.core.lifecycle.plan import Plan

SIZE: Final = (860, 560)
LEAST: Final = (460, 380)
"""Pixels."""
LEAST_ROWS: Final = 3
_VERSION, _ACTION, _OUTCOME = 1, 2, 3
"""Columns of what became of each."""
_Button = QDialogButtonBox.StandardButton
_Role = QDialogButtonBox.ButtonRole


class Stage(StrEnum):
    """How far it has come."""

    PLANNING = "planning"
    PLANNED = "planned"
    RUNNING = "running"
    DONE = "done"


class LifecycleApplyDialog(QDialog):
    """Nothing is done before `apply_asked`, which comes once, and only of a plan.

    apply_asked()       the plan was agreed to
    pause_asked(bool)   of what is being done: True to rest, False to go on
    stop_asked()        of planning or doing
    report_asked()      is to be written into a file
    manifest_asked()    the plan for S3 Batch Operations instead
    """

    apply_asked = Signal()
    pause_asked = Signal(bool)
    stop_asked = Signal()
    report_asked = Signal()
    manifest_asked = Signal()

    def __init__(
        self, bucket: str, place: str, rules_text: str, parent: QWidget | None = None
    ) -> None:
        """`place` is the bucket with its connection, `rules_text` says which rules it is about."""
        super().__init__(parent)
        self.setWindowTitle(tr("Apply Lifecycle Rules to {place}").format(place=place))
        self._bucket = bucket
        self._about = paragraph(f"{place}: {rules_text}")
        self._stage = Stage.PLANNING
        self._is_paused = False
        self._needs_word = False
        self._has_report = False
        self._is_empty = True
        self._note = Note("plan", self)
        self._warning = Note("warning", self)
        self._sums = text_table(TextTableModel(_planned_titles(), ()), tr("In all"), self)
        self._sums.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        # Its bars would take turns: one that comes takes the room that made the other one go.
        self._sums.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._bar = QProgressBar(self)
        self._bar.setAccessibleName(tr("How far it is"))
        self._bar.setTextVisible(False)
        self.model = FindingTableModel()
        self._table = FindingTable(self.model, tr("What is due"), self)
        self._table.show_column(FindingColumn.DUE, is_shown=False)
        self._results = text_table(
            TextTableModel(_result_titles(), ()), tr("What became of each"), self
        )
        self._results.keep((_ACTION,), spare=_OUTCOME)
        self._spare = QWidget(self)
        self._ask = paragraph(
            tr("This cannot be undone. Type “{bucket}” to confirm:").format(bucket=bucket)
        )
        self._word = QLineEdit(self)
        self._word.setObjectName("word")
        self._word.setAccessibleName(self._ask.text())
        self._ask.setBuddy(self._word)
        self._word.textChanged.connect(self._fit)
        self.outcome = Note("outcome", self)
        self._buttons = button_box(_Button.Close, self)
        # Enter in the line for the word closes nothing.
        self._buttons.button(_Button.Close).setAutoDefault(False)
        self._apply = self._add_button("apply", tr("&Apply"), self.apply_asked.emit)
        self._pause = self._add_button("pause", tr("&Pause"), self._toggle_pause)
        self._stop = self._add_button("stop", tr("&Stop"), self.stop_asked.emit)
        self._manifest = self._add_button("manifest", tr("&Manifest…"), self.manifest_asked.emit)
        self._manifest.setToolTip(tr("Write the plan for a job of S3 Batch Operations instead"))
        self._report = self._add_button("report", tr("Save &Report…"), self.report_asked.emit)
        self._buttons.rejected.connect(self.reject)
        self._lay_out()
        self._fit()

    @property
    def stage(self) -> Stage:
        return self._stage

    @property
    def sums(self) -> QAbstractItemModel:
        """How many of what are planned, or done."""
        return self._sums.model()

    @property
    def results(self) -> QAbstractItemModel:
        """What became of each, once that is known."""
        return self._results.model()

    def show_planning(self, sentence: str) -> None:
        """How much was looked at so far."""
        self._note.say(sentence)

    def show_plan(
        self,
        plan: Plan,
        sums: Sequence[Sequence[str]],
        warnings: Sequence[str],
        *,
        is_permanent: bool,
    ) -> None:
        """What would be done: `sums` say what to how many, of which size. What cannot be undone
        needs the name of the bucket."""
        self._stage = Stage.PLANNED
        self._is_empty = not len(plan)
        self._needs_word = is_permanent and not self._is_empty
        said = tr("This is due, and s4desk would do it now:")
        self._note.say(tr("Nothing is due.") if self._is_empty else said)
        self._sum_up(_planned_titles(), sums)
        self._warning.say("\n".join(warnings))
        self.model.begin(plan.findings, plan.lifecycle.rules, plan.made)
        self._table.tell_versioning(plan.versioning)
        self.model.grow()
        self._fit()
        (self._word if self._needs_word else self._buttons.button(_Button.Close)).setFocus()

    def show_failure(self, error: BaseException) -> None:
        """There is no plan, and nothing can be done."""
        self._stage = Stage.DONE
        self.outcome.fail(error)
        self._fit()

    def show_progress(self, sentence: str, tried: int, planned: int) -> None:
        self._stage = Stage.RUNNING
        self._note.say(sentence)
        self._warning.say("")
        self._bar.setRange(0, max(1, planned))
        self._bar.setValue(tried)
        self._fit()

    def show_paused(self, is_paused: bool) -> None:
        self._is_paused = is_paused
        self._pause.setText(tr("&Go On") if is_paused else tr("&Pause"))

    def show_report(
        self,
        sentence: str,
        sums: Sequence[Sequence[str]],
        errors: Sequence[str] = (),
    ) -> None:
        """How it went: `sums` say how many of what, `errors` are why it went no further."""
        self._stage = Stage.DONE
        self._has_report = True
        self._note.say(sentence)
        self._sum_up(_done_titles(), sums)
        self._warning.say("\n".join(errors), is_error=True)
        self._fit()

    def show_results(self, rows: Sequence[Sequence[str]], *, is_whole: bool) -> None:
        """What became of each; there may be more of them than are listed."""
        self._results.setModel(TextTableModel(_result_titles(), rows))
        self._results.show_column(_VERSION, any(row[_VERSION] for row in rows))
        self._results.fit()
        if not is_whole:
            said = tr("Only {count} are listed. The report has all of them.")
            self.outcome.say(said.format(count=format_count(len(rows))))
        self._fit()

    def closeEvent(self, event: QCloseEvent) -> None:
        """What is under way is not left alone: it is stopped first."""
        if self._stage is Stage.RUNNING:
            event.ignore()
            self.stop_asked.emit()
        else:
            super().closeEvent(event)

    def reject(self) -> None:
        """Escape stops what is under way; then it closes."""
        if self._stage is Stage.RUNNING:
            self.stop_asked.emit()
        else:
            super().reject()

    # How it is made

    def _sum_up(self, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """No higher than its rows, and never so low that they cannot be scrolled."""
        table = self._sums
        table.setModel(TextTableModel(titles, rows))
        table.fit()
        row = table.verticalHeader().defaultSectionSize()
        around = table.horizontalHeader().sizeHint().height() + 2 * table.frameWidth()
        table.setMinimumHeight(around + row * min(len(rows), LEAST_ROWS))
        table.setMaximumHeight(around + row * len(rows))

    def _toggle_pause(self) -> None:
        self.pause_asked.emit(not self._is_paused)

    def _fit(self) -> None:
        stage = self._stage
        is_planned = stage is Stage.PLANNED and not self._is_empty
        self._apply.setVisible(stage in (Stage.PLANNING, Stage.PLANNED))
        said = not self._needs_word or self._word.text() == self._bucket
        self._apply.setEnabled(is_planned and said)
        self._pause.setVisible(stage is Stage.RUNNING)
        self._stop.setVisible(stage in (Stage.PLANNING, Stage.RUNNING))
        self._manifest.setVisible(is_planned)
        self._report.setVisible(self._has_report)
        self._bar.setVisible(stage in (Stage.PLANNING, Stage.RUNNING))
        if stage is Stage.PLANNING:
            self._bar.setRange(0, 0)
        for part in (self._ask, self._word):
            part.setVisible(stage is Stage.PLANNED and self._needs_word)
        self._buttons.button(_Button.Close).setEnabled(stage is not Stage.RUNNING)
        self._sums.setVisible(stage is not Stage.RUNNING and self._sums.model().rowCount() > 0)
        has_results = self._results.model().rowCount() > 0
        self._results.setVisible(has_results)
        self._table.setVisible(stage in (Stage.PLANNING, Stage.RUNNING) or is_planned)
        self._spare.setVisible(self._table.isHidden() and not has_results)

    def _add_button(self, name: str, text: str, pressed: object) -> QPushButton:
        button = self._buttons.addButton(text, _Role.ActionRole)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(pressed)
        return button

    def _lay_out(self) -> None:
        layout = column(self)
        layout.addWidget(self._about)
        layout.addWidget(self._note)
        layout.addWidget(self._bar)
        layout.addWidget(self._sums, 4)
        layout.addWidget(self._table, 2)
        layout.addWidget(self._results, 2)
        layout.addWidget(self._spare, 2)
        layout.addWidget(self._warning)
        layout.addWidget(self._ask)
        layout.addWidget(self._word)
        layout.addWidget(self.outcome)
        layout.addWidget(self._buttons)
        claim(self, SIZE, LEAST)


def _planned_titles() -> list[str]:
    return [tr("What becomes of it"), tr("How many"), tr("Size")]


def _done_titles() -> list[str]:
    return [tr("What became of it"), tr("How many")]


def _result_titles() -> list[str]:
    return [tr("Key"), tr("Version"), tr("What"), tr("What became of it")]
