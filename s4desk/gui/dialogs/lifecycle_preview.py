"""What lifecycle rules will do to a bucket: drawn, summed up and listed, while it is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from s4desk.core.domain.lifecycle.calendar import EPOCH
from s4desk.core.lifecycle.question import Engine
from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import SPACING, button_box, column
from s4desk.gui.dialogs.lifecycle_chart import LifecycleChart
from s4desk.gui.dialogs.lifecycle_findings import FindingTable
from s4desk.gui.dialogs.lifecycle_source import SourceLine
from s4desk.gui.dialogs.short_choice import SHORTEST, ShortChoice
from s4desk.gui.dialogs.table import TextTable, TextTableModel, text_table
from s4desk.gui.models.cells import plain_tip
from s4desk.gui.models.finding_table import FindingTableModel
from s4desk.gui.room import claim, roomy
from s4desk.viewmodels.lifecycle_reason import rule_name
from s4desk.viewmodels.lifecycle_sheet import Kind, Sieve
from s4desk.viewmodels.lifecycle_subject import engine_text
from s4desk.viewmodels.rows import display_name
from s4desk.viewmodels.usage_rows import Measure

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from s4desk.core.domain.lifecycle.rules import Rule
    from s4desk.core.lifecycle.findings import Findings
    from s4desk.viewmodels.lifecycle_chart import DayBar

SIZE: Final = (980, 640)
LEAST: Final = (520, 420)
"""Pixels."""
MOST_DAYS: Final = 3650
DAYS: Final = 30
_WHOLE: Final = 1000
_NUMBERS: Final = (2, 3, 4, 5)
"""Columns of the sums."""
_Button = QDialogButtonBox.StandardButton


class LifecyclePreviewDialog(QDialog):
    """It looks at nothing itself: whoever opened it does, and shows here what is found.

    look_asked()        from the beginning, with `engine` and `days`
    stop_asked()        of looking
    sieve_changed()     other findings are wanted: see `sieve`
    redraw_asked()      the chart, by `measure`
    export_asked()      of the findings
    apply_asked()       s4desk is to carry out what is due
    schedule_asked()    again and again, by the rules that are saved

    `source` says what is looked at, and has signals of its own.
    """

    look_asked = Signal()
    stop_asked = Signal()
    sieve_changed = Signal()
    redraw_asked = Signal()
    export_asked = Signal()
    apply_asked = Signal()
    schedule_asked = Signal()

    def __init__(
        self,
        title: str,
        rules_text: str,
        parent: QWidget | None = None,
        *,
        engine: Engine = Engine.AWS,
        is_for_looking: bool = False,
    ) -> None:
        """`is_for_looking`: nothing is offered to be done."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self._is_busy = False
        self._day = -1
        self._bars: Sequence[DayBar] = ()
        self._rules: Sequence[Rule] = ()
        self._now = EPOCH
        self.source = SourceLine(rules_text, self)
        self._is_for_looking = is_for_looking
        self._engine = _filled(QComboBox(self), "engine", tr("Whose engine"), _engine_names())
        self._engine.setCurrentIndex(self._engine.findData(engine))
        self._days = QSpinBox(self)
        self._days.setObjectName("days")
        self._days.setRange(0, MOST_DAYS)
        self._days.setValue(DAYS)
        self._days.setKeyboardTracking(False)
        self._days.setAccessibleName(tr("How many days ahead"))
        self._measure = _filled(QComboBox(self), "measure", tr("Compared by"), _measure_names())
        self._summary = Note("summary", self)
        self._bar = QProgressBar(self)
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("How far the look is"))
        self.chart = LifecycleChart(self)
        self._tabs = QTabWidget(self)
        self._tabs.setAccessibleName(tr("What was found"))
        self._sums = text_table(TextTableModel(_sum_titles(), ()), tr("By rule"), self)
        self._sums.keep(_NUMBERS)
        self.model = FindingTableModel()
        self.table = FindingTable(self.model, tr("What happens to which object"), self)
        # Names of rules may be long, and the key is to be typed beside them.
        self._kinds = _filled(ShortChoice(self), "kind", tr("Which of them"), _kind_names())
        every = [(-1, tr("All rules"))]
        self._rule = _filled(ShortChoice(self), "rule", tr("Of which rule"), every)
        self._text = QLineEdit(self)
        self._text.setObjectName("text")
        self._text.setClearButtonEnabled(True)
        self._text.setPlaceholderText(tr("Part of the key"))
        self._text.setAccessibleName(tr("Part of the key"))
        letter = self._text.fontMetrics().averageCharWidth()
        self._text.setMinimumWidth(letter * SHORTEST)
        self._shown = QLabel(self)
        self._chosen = Note("chosen-day", self)
        self._notes = text_table(TextTableModel([tr("Note")], ()), tr("Notes"), self)
        self.outcome = Note("outcome", self)
        self._buttons = button_box(_Button.Close, self)
        # Enter in a field closes nothing.
        self._buttons.button(_Button.Close).setAutoDefault(False)
        self._look = self._add_button("look", tr("&Stop"), self._stop_or_look)
        self._export = self._add_button("export", tr("&Export…"), self.export_asked.emit)
        self._apply = self._add_button("apply", tr("&Apply…"), self.apply_asked.emit)
        self._apply.hide()
        self._schedule = self._add_button("schedule", tr("Sche&dule…"), self.schedule_asked.emit)
        self._schedule.setToolTip(tr("Let s4desk apply the saved rules by itself, again and again"))
        self._schedule.hide()
        self._buttons.rejected.connect(self.reject)
        self._listen()
        self._lay_out()

    # What is wanted

    @property
    def engine(self) -> Engine:
        return Engine(self._engine.currentData())

    @property
    def days(self) -> int:
        return self._days.value()

    @property
    def measure(self) -> Measure:
        return Measure(self._measure.currentData())

    @property
    def sieve(self) -> Sieve:
        return Sieve(
            Kind(self._kinds.currentData()), self._rule.currentData(), self._day, self._text.text()
        )

    # What is known

    def begin(self, found: Findings, rules: Sequence[Rule], now: datetime) -> None:
        """Show what comes from now on; filters stay, as far as there is such a rule. `now` is the
        moment of the look."""
        self._day = -1
        chosen = self._rule.currentData()
        self._rule.blockSignals(True)
        self._rule.clear()
        self._rule.addItem(tr("All rules"), -1)
        for at in range(len(rules)):
            name = display_name(rule_name(rules, at))
            self._rule.addItem(name, at)
            self._rule.setItemData(at + 1, name, Qt.ItemDataRole.ToolTipRole)
        self._rule.setCurrentIndex(max(0, self._rule.findData(chosen)))
        self._rule.blockSignals(False)
        self._rules, self._now = rules, now
        self.model.begin(found, rules, now)
        self.model.show_rows(self.sieve, (), 0)
        self._summary.say("")
        self._fill(self._sums, _sum_titles(), ())
        self.show_bars(())
        self.show_notes(())
        self.outcome.say("")
        self.set_busy(True)

    def begin_again(self, found: Findings) -> None:
        """Show what comes from now on, of the same look: the filters let through something else."""
        self.model.begin(found, self._rules, self._now)
        self.model.show_rows(self.sieve, (), 0)
        self.outcome.say("")
        self.set_busy(True)

    def show_progress(self, text: str, share: float = -1) -> None:
        """How far it is: from 0 to 1, negative when nobody knows."""
        self._summary.say(text)
        self._bar.setRange(0, 0 if share < 0 else _WHOLE)
        self._bar.setValue(round(share * _WHOLE))

    def set_busy(self, is_busy: bool) -> None:
        self._is_busy = is_busy
        self._bar.setRange(0, 0)
        self._bar.setVisible(is_busy)
        self._look.setText(tr("&Stop") if is_busy else tr("&Look Again"))
        if not is_busy:
            self._sums.fit()
        for button in (self._export, self._apply):
            button.setEnabled(not is_busy)

    def let_apply(self, reason: str = "") -> None:
        """Offer that s4desk carries this out, or say why it cannot."""
        self._apply.setVisible(not self._is_for_looking)
        self._schedule.setVisible(not self._is_for_looking)
        self._apply.setEnabled(not reason and not self._is_busy)
        self._apply.setToolTip(plain_tip(reason))

    def let_export(self, reason: str = "") -> None:
        """Offer to write down what was found, or say why there is nothing."""
        self._export.setEnabled(not reason and not self._is_busy)
        self._export.setToolTip(plain_tip(reason))

    def show_known(
        self, summary: str, sums: Sequence[Sequence[str]], bars: Sequence[DayBar]
    ) -> None:
        """What is known by now; more findings are taken from where they are kept."""
        self._summary.say(summary)
        self._fill(self._sums, _sum_titles(), sums)
        self.show_bars(bars)
        self.model.grow()
        self.tell_shown()

    def show_bars(self, bars: Sequence[DayBar]) -> None:
        self._bars = bars
        self.chart.show_bars(bars, self.measure)

    def show_stale(self) -> None:
        """The bucket is not what was looked at any more."""
        if not self._is_busy:
            self.outcome.say(
                tr("The bucket was changed since it was looked at. “Look Again” shows how it is.")
            )

    def show_notes(self, notes: Sequence[str]) -> None:
        """Warnings, failures, and where the store says something else."""
        self._fill(self._notes, [tr("Note")], [[note] for note in notes])
        title = tr("Notes ({count})").format(count=len(notes)) if notes else tr("Notes")
        self._tabs.setTabText(2, title)

    def tell_shown(self, *, is_part: bool = False) -> None:
        """How many are listed. `is_part`: there are more of them than are kept."""
        shown, all_ = self.model.rowCount(), len(self.model.found)
        self._chosen.say(self._chosen_text(shown))
        if is_part:
            self._shown.setText(tr("{shown}, and more").format(shown=f"{shown:n}"))
            self._shown.setToolTip(tr("There are too many to be shown. Filter, or export them."))
            return
        self._shown.setToolTip("")
        self._shown.setText(
            tr("{shown} of {all}").format(shown=f"{shown:n}", all=f"{all_:n}")
            if shown != all_
            else f"{all_:n}"
        )

    # How it is used

    def _listen(self) -> None:
        self._engine.currentIndexChanged.connect(lambda _: self.look_asked.emit())
        self._days.valueChanged.connect(lambda _: self.look_asked.emit())
        self._measure.currentIndexChanged.connect(lambda _: self.redraw_asked.emit())
        for combo in (self._kinds, self._rule):
            combo.currentIndexChanged.connect(lambda _: self.sieve_changed.emit())
        self._text.textChanged.connect(lambda _: self.sieve_changed.emit())
        self.chart.chosen.connect(self._choose_day)

    def _choose_day(self, day: int) -> None:
        """The day that was pointed at, or all when it was that one."""
        self._day = -1 if day == self._day else day
        if self._day < 0:
            self.chart.choose_none()
        self._tabs.setCurrentIndex(1)
        self.sieve_changed.emit()

    def _chosen_text(self, shown: int) -> str:
        """Which day is shown alone; a day may well have nothing to show."""
        if not 0 <= self._day < len(self._bars):
            return ""
        bar = self._bars[self._day]
        if shown or bar.portions:
            said = tr("Only what is due: {date}. Choose the day again to see all.")
        else:
            said = tr("Nothing is due: {date}. Choose the day again to see all.")
        return said.format(date=bar.when)

    def _stop_or_look(self) -> None:
        if self._is_busy:
            self.stop_asked.emit()
        else:
            self.look_asked.emit()

    # How it is made

    def _add_button(self, name: str, text: str, pressed: object) -> QPushButton:
        button = self._buttons.addButton(text, QDialogButtonBox.ButtonRole.ActionRole)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(pressed)
        return button

    def _fill(self, table: TextTable, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Only what has changed: each cell that is asked for waits its turn among the threads."""
        model, row = table.model(), table.currentIndex().row()
        if isinstance(model, TextTableModel) and rows and len(rows) == model.rowCount():
            for at in range(len(titles)):
                texts = [each[at] for each in rows]
                if texts != [model.index(each, at).data() for each in range(len(rows))]:
                    model.set_column(at, texts)
            return
        table.setModel(TextTableModel(titles, rows))
        table.fit()
        if 0 <= row < len(rows):
            table.selectRow(row)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(SPACING)
        top.addWidget(self._engine)
        top.addStretch(1)
        top.addWidget(QLabel(tr("Days:"), self))
        top.addWidget(self._days)
        top.addWidget(self._measure)
        self._tabs.addTab(self._sums, tr("By rule"))
        self._tabs.addTab(self._findings_page(), tr("Objects"))
        self._tabs.addTab(self._notes, tr("Notes"))
        halves = QSplitter(Qt.Orientation.Vertical, self)
        halves.addWidget(self.chart)
        halves.addWidget(self._tabs)
        halves.setChildrenCollapsible(False)
        halves.setSizes([roomy(self, SIZE[1]) * 2 // 5, roomy(self, SIZE[1]) * 3 // 5])
        layout = column(self)
        layout.addWidget(self.source)
        layout.addLayout(top)
        layout.addWidget(self._summary)
        layout.addWidget(self._bar)
        layout.addWidget(halves, 1)
        layout.addWidget(self.outcome)
        layout.addWidget(self._buttons)
        claim(self, SIZE, LEAST)

    def _findings_page(self) -> QWidget:
        page = QWidget(self)
        line = QHBoxLayout()
        line.setSpacing(SPACING)
        for part in (self._kinds, self._rule, self._text):
            line.addWidget(part, 1)
        line.addWidget(self._shown)
        layout = QVBoxLayout(page)
        layout.addLayout(line)
        layout.addWidget(self._chosen)
        layout.addWidget(self.table, 1)
        return page


def _filled(
    combo: QComboBox, name: str, spoken: str, entries: Sequence[tuple[object, str]]
) -> QComboBox:
    combo.setObjectName(name)
    combo.setAccessibleName(spoken)
    for data, text in entries:
        combo.addItem(text, data)
    return combo


def _engine_names() -> list[tuple[object, str]]:
    return [(engine, engine_text(engine)) for engine in Engine]


def _measure_names() -> list[tuple[object, str]]:
    return [(Measure.OBJECTS, tr("Number of actions")), (Measure.SIZE, tr("Size"))]


def _kind_names() -> list[tuple[object, str]]:
    return [
        (Kind.ALL, tr("Everything")),
        (Kind.DUE, tr("Due now")),
        (Kind.GOES, tr("What is deleted")),
        (Kind.MOVES, tr("What changes its class")),
        (Kind.STAYS, tr("What is held back")),
    ]


def _sum_titles() -> list[str]:
    return [tr("Rule"), tr("What"), tr("Actions"), tr("Size"), tr("First"), tr("Last")]
