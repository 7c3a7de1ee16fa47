"""What a store can do, as a table with reasons, and the probe that finds it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QWidget,
)

from s4desk.core.domain.capability import (
    NOT_TRIED,
    Answer,
    Capability,
    CapabilityReport,
    Evidence,
)
from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import SPACING, button_box, column, headline
from s4desk.gui.dialogs.table import PADDING, TextTable, TextTableModel, text_table
from s4desk.gui.models.cells import plain_tip
from s4desk.gui.room import claim
from s4desk.viewmodels.capability_text import (
    answer_text,
    cells,
    columns,
    evidence_name,
    evidence_tip,
    leftovers_text,
    summary,
    title,
)

if TYPE_CHECKING:
    from s4desk.core.domain.connection import Connection
    from s4desk.gui.models.cells import Icons
    from s4desk.gui.models.indexes import Index

SIZE = (900, 620)
LEAST = (560, 360)
_ANSWER, _WHY, _EVIDENCE = 1, 2, 3
_ICONS = {
    Answer.YES: "check",
    Answer.NO: "cancel",
    Answer.DENIED: "lock",
    Answer.UNKNOWN: "info",
}
_Role = Qt.ItemDataRole
_Button = QDialogButtonBox.ButtonRole


class CapabilityTableModel(TextTableModel):
    """One row per capability, whatever is known of it."""

    def __init__(self, icons: Icons) -> None:
        super().__init__(columns(), [cells(each, NOT_TRIED) for each in Capability])
        self._icons = icons
        self._findings = [NOT_TRIED] * len(Capability)

    def show(self, report: CapabilityReport) -> None:
        self._findings = [report[each] for each in Capability]
        rows = [cells(*each) for each in zip(Capability, self._findings, strict=True)]
        for at in range(len(columns())):
            self.set_column(at, [row[at] for row in rows])

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        finding = self._findings[index.row()]
        if role == _Role.DecorationRole and index.column() == _ANSWER:
            return self._icons(_ICONS[finding.answer])
        if role == _Role.ToolTipRole:
            is_evidence = index.column() == _EVIDENCE
            text = evidence_tip(finding) if is_evidence else super().data(index, role)
            return plain_tip(text)
        return super().data(index, role)


class CapabilitiesDialog(QDialog):
    """It asks for nothing itself: whoever opened it probes, and shows here what becomes of it.

    `probe_asked` brings the place as it was typed, and whether nothing may be written.
    """

    probe_asked = Signal(str, bool)
    stop_asked = Signal()
    text_asked = Signal()
    json_asked = Signal()

    def __init__(
        self, connection: Connection, place: str, icons: Icons, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title(connection))
        self._is_busy = False
        self.model = CapabilityTableModel(icons)
        self._headline = headline(title(connection))
        self._summary = Note("summary", self)
        self._table = self._make_table(title(connection))
        self._place = QLineEdit(place, self)
        self._place.setObjectName("place")
        self._place.setPlaceholderText(tr("bucket or bucket/prefix"))
        self._read_only = QCheckBox(tr("Only &read"), self)
        self._read_only.setObjectName("read-only")
        self._read_only.setToolTip(
            tr("Write nothing. Without this a few tiny objects are written, and removed again.")
        )
        self._probe = QPushButton(self)
        self._probe.setObjectName("probe")
        self._probe.clicked.connect(self._pressed)
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("Progress of the probe"))
        self.outcome = Note("outcome", self)
        self._buttons = button_box(QDialogButtonBox.StandardButton.Close, self)
        self._buttons.rejected.connect(self.reject)
        self._add_button("copy-text", tr("Copy as &Text"), self.text_asked.emit)
        self._add_button("copy-json", tr("Copy as &JSON"), self.json_asked.emit)
        self._lay_out()
        self.show_report(CapabilityReport())
        self.set_busy(False)

    def show_report(self, report: CapabilityReport) -> None:
        self.model.show(report)
        self._summary.say(summary(report))
        if left := leftovers_text(report):
            self.outcome.say(left, is_error=True)

    def set_busy(self, is_busy: bool) -> None:
        """While a probe runs it can only be stopped."""
        self._is_busy = is_busy
        self._probe.setText(tr("&Stop") if is_busy else tr("&Probe Now"))
        self._probe.setEnabled(True)
        self._place.setEnabled(not is_busy)
        self._read_only.setEnabled(not is_busy)
        self._bar.setVisible(is_busy)
        if is_busy:
            self._bar.setRange(0, 0)
            self.outcome.say("")

    def show_progress(self, done: int, of: int) -> None:
        self._bar.setRange(0, of)
        self._bar.setValue(done)

    def show_stopping(self) -> None:
        """It ends when all is removed again."""
        self._probe.setEnabled(False)
        self.outcome.say(tr("Removing what was written…"))

    def say(self, sentence: str) -> None:
        self.outcome.say(sentence)

    def fail(self, problem: BaseException | str) -> None:
        self.outcome.fail(problem)

    def _pressed(self) -> None:
        if self._is_busy:
            self.stop_asked.emit()
        else:
            self.probe_asked.emit(self._place.text(), self._read_only.isChecked())

    def _add_button(self, name: str, text: str, pressed: object) -> None:
        button = self._buttons.addButton(text, _Button.ActionRole)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(pressed)

    def _make_table(self, name: str) -> TextTable:
        table = text_table(self.model, name, self)
        table.setTextElideMode(Qt.TextElideMode.ElideRight)
        metrics = table.fontMetrics()
        answers = [answer_text(each) for each in Answer]
        sources = [evidence_name(each) for each in Evidence]
        for at, texts, room in ((_ANSWER, answers, 2 * PADDING), (_EVIDENCE, sources, PADDING)):
            table.need(at, max(map(metrics.horizontalAdvance, texts)) + room)
        table.need(_WHY, SIZE[0])
        return table

    def _lay_out(self) -> None:
        label = QLabel(tr("Try it &in:"), self)
        label.setBuddy(self._place)
        row = QHBoxLayout()
        row.setSpacing(SPACING)
        row.addWidget(label)
        row.addWidget(self._place, 1)
        row.addWidget(self._read_only)
        row.addWidget(self._probe)
        layout = column(self)
        layout.addWidget(self._headline)
        layout.addWidget(self._summary)
        layout.addWidget(self._table, 1)
        layout.addLayout(row)
        layout.addWidget(self._bar)
        layout.addWidget(self.outcome)
        layout.addWidget(self._buttons)
        claim(self, SIZE, LEAST)
