"""Replication: every rule, who runs it, how it goes, and what failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QTabWidget,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.button_row import ButtonRow
from s4desk.gui.dialogs.fact_grid import FactGrid
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import MARGIN, SPACING, button_box, column
from s4desk.gui.dialogs.replication_chart import ReplicationChart
from s4desk.gui.dialogs.scrolled import Scrolled
from s4desk.gui.dialogs.table import TextTableModel, text_table
from s4desk.gui.room import claim, roomy
from s4desk.viewmodels.replication_overview import error_titles, overview_titles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import SignalInstance
    from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent

    from s4desk.viewmodels.inspector import Fact
    from s4desk.viewmodels.replication_chart import TimeBar
    from s4desk.viewmodels.replication_overview import OverviewRow, RuleId

SIZE: Final = (1040, 620)
LEAST: Final = (560, 420)
"""Pixels."""
NARROW: Final = 760
"""Pixels below which it is not said in the table who runs a rule."""
LETTERS: Final = 9
"""Of names there is no room for all of: numbers are what one looks for."""
LOW: Final = 80
"""Pixels that what is told of a rule may shrink to."""
_RUN_BY: Final = 2
_NUMBERS: Final = (5, 6, 7)
_DESTINATION: Final = 3
_WHEN_AND_ATTEMPTS: Final = (1, 2)
_ERROR: Final = 3


class ReplicationDialog(QDialog):
    """It stands beside the window, stays open, and changes nothing itself.

    shown(bool)       whether it can be seen
    chosen()          another rule is looked at
    look_asked()      what is in the bucket of the chosen rule is to be replicated now
    retry_asked()     what has failed by the chosen rule is to be tried again
    pause_asked()     all is to be paused, or to go on
    edit_asked()      the rules of the bucket of the chosen rule
    compare_asked()   what is there by the chosen rule, and what is not
    """

    shown = Signal(bool)
    chosen = Signal()
    look_asked = Signal()
    retry_asked = Signal()
    pause_asked = Signal()
    edit_asked = Signal()
    compare_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Replication"))
        self._rows: Sequence[OverviewRow] = ()
        self.state = Note("state", self)
        self._model = TextTableModel(overview_titles(), ())
        self._table = text_table(self._model, tr("Replication rules"), self)
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._table.keep(_NUMBERS, spare=_DESTINATION, least=LETTERS)
        self._table.activated.connect(lambda _: self.edit_asked.emit())
        self._table.selectionModel().currentRowChanged.connect(lambda *_: self._tell_chosen())
        self._facts = FactGrid(self)
        self._chart = ReplicationChart(self)
        self._errors_model = TextTableModel(error_titles(), ())
        self._errors = text_table(self._errors_model, tr("Last errors"), self)
        self._errors.keep(_WHEN_AND_ATTEMPTS, spare=_ERROR)
        self._below = QTabWidget(self)
        self.outcome = Note("outcome", self)
        self._buttons = button_box(QDialogButtonBox.StandardButton.Close, self)
        self._buttons.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        self._row = ButtonRow(self)
        self._edit = self._add_button("edit", tr("&Edit Rules…"), self.edit_asked)
        self._look = self._add_button("look", tr("Replicate E&xisting Now"), self.look_asked)
        self._look.setToolTip(tr("Look at the bucket now, and replicate what is not at its place"))
        self._compare = self._add_button("compare", tr("&Compare…"), self.compare_asked)
        self._compare.setToolTip(tr("See what the destination lacks, has otherwise or besides"))
        self._retry = self._add_button("retry", tr("&Retry Failed"), self.retry_asked)
        self._pause = self._add_button("pause", tr("&Pause"), self.pause_asked)
        self._buttons.rejected.connect(self.reject)
        self._lay_out()
        self._fit()

    @property
    def rule(self) -> RuleId | None:
        """The one that is chosen."""
        at = self._table.currentIndex().row()
        return self._rows[at].id if 0 <= at < len(self._rows) else None

    @property
    def model(self) -> TextTableModel:
        """The rules as they are shown."""
        return self._model

    @property
    def errors(self) -> TextTableModel:
        return self._errors_model

    @property
    def facts(self) -> Sequence[Fact]:
        """What is told of the chosen rule."""
        return self._facts.facts

    @property
    def bars(self) -> Sequence[TimeBar]:
        return self._chart.bars

    def choose(self, rule: RuleId) -> None:
        """Look at this one, if it is there."""
        for at, each in enumerate(self._rows):
            if each.id == rule:
                self._table.selectRow(at)

    def show_rows(self, rows: Sequence[OverviewRow]) -> None:
        """All rules as they are now; what is chosen stays chosen."""
        former, before = self.rule, [each.id for each in self._rows]
        self._rows = rows
        if self._model.show_rows([each.cells for each in rows]):
            self._table.fit()
        if before != [each.id for each in rows]:
            ids = [each.id for each in rows]
            self._table.clearSelection()
            if rows:
                self._table.selectRow(ids.index(former) if former in ids else 0)
            self._tell_chosen()
        self._fit()

    def show_pause(self, *, is_paused: bool, is_possible: bool) -> None:
        self._pause.setText(tr("&Resume All") if is_paused else tr("&Pause All"))
        self._pause.setEnabled(is_possible)

    def show_rule(
        self, facts: Sequence[Fact], bars: Sequence[TimeBar], errors: Sequence[Sequence[str]]
    ) -> None:
        """What is to be said of the chosen rule."""
        self._facts.show_facts(facts)
        self._chart.show_bars(bars)
        if self._errors_model.show_rows(errors):
            self._errors.fit()
        title = tr("Last errors ({count})").format(count=len(errors)) if errors else ""
        self._below.setTabText(1, title or tr("Last errors"))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.shown.emit(True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._table.show_column(_RUN_BY, event.size().width() >= roomy(self, NARROW))

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.shown.emit(False)

    def _tell_chosen(self) -> None:
        self.outcome.say("")  # of another rule
        self._fit()
        self.chosen.emit()

    def _fit(self) -> None:
        at = self._table.currentIndex().row()
        row = self._rows[at] if 0 <= at < len(self._rows) else None
        self._edit.setEnabled(row is not None)
        for button in (self._look, self._compare):
            button.setEnabled(row is not None and row.id.is_ours and row.is_on)
        self._retry.setEnabled(row is not None and row.has_failed)

    def _add_button(self, name: str, text: str, asked: SignalInstance) -> QPushButton:
        button = self._row.add(name, text)
        button.clicked.connect(lambda _=False: asked.emit())
        return button

    def _lay_out(self) -> None:
        course = QWidget(self)
        line = QHBoxLayout(course)
        line.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        line.setSpacing(MARGIN)
        facts = Scrolled(self._facts, course)
        facts.setMinimumHeight(roomy(self, LOW))
        facts.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # or no key would scroll it
        facts.setAccessibleName(tr("How it goes"))
        line.addWidget(facts, 1)
        line.addWidget(self._chart, 1)
        self._below.addTab(course, tr("How it goes"))
        self._below.addTab(self._errors, tr("Last errors"))
        self._below.setAccessibleName(tr("The chosen rule"))
        parts = QSplitter(Qt.Orientation.Vertical, self)
        parts.setChildrenCollapsible(False)
        parts.addWidget(self._table)
        parts.addWidget(self._below)
        parts.setStretchFactor(0, 3)
        parts.setStretchFactor(1, 2)
        layout = column(self)
        layout.addWidget(self.state)
        layout.addWidget(parts, 1)
        layout.addWidget(self.outcome)
        layout.addWidget(self._row)
        layout.addWidget(self._buttons)
        claim(self, SIZE, LEAST)
