"""Asking what becomes of targets that exist already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QWidget,
)

from s4desk.core.domain.transfer import ConflictPolicy
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import SPACING, button_box, column, headline
from s4desk.gui.dialogs.table import TextTableModel, text_table
from s4desk.gui.room import claim
from s4desk.viewmodels.rows import format_count
from s4desk.viewmodels.transfer_rows import DECISIONS, decision_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.viewmodels.transfer_rows import ConflictRow

SIZE = (860, 440)
DECISION_COLUMN = 3
DECISION_WIDTH = 150
_REPLACING = (ConflictPolicy.OVERWRITE, ConflictPolicy.IF_DIFFERENT)


class ConflictDialog(QDialog):
    """Decides every conflict, all at once or row by row; goes on only when each is decided.

    Enter does not go on to replace anything: the button has to be pressed for that.
    """

    def __init__(
        self, rows: Sequence[ConflictRow], parent: QWidget | None = None, warning: str = ""
    ) -> None:
        """`warning` is what to know of what is new, empty for nothing."""
        super().__init__(parent)
        self.warning = Note("warning", self)
        self.warning.say(warning, is_error=bool(warning))
        self.setWindowTitle(tr("Already There"))
        self._rows = rows
        self._decisions: list[ConflictPolicy | None] = [None] * len(rows)
        self._model = TextTableModel(
            [tr("Name"), tr("New"), tr("There now"), tr("What happens")],
            [(row.name, row.fresh, row.existing, "") for row in rows],
        )
        self._table = text_table(self._model, tr("What is there already"), self)
        self._choices = QButtonGroup(self)
        choices = self._choice_row()
        self._for_all = QCheckBox(tr("Decide for &all of them"), self)
        self._buttons = button_box(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self
        )
        self._ok = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._ok.setText(tr("Continue"))
        self._cancel = self._buttons.button(QDialogButtonBox.StandardButton.Cancel)
        self._lay_out(choices)
        self._connect()
        self._show_decisions()

    def decisions(self) -> list[ConflictPolicy]:
        """One for each row, in their order; only to be asked after the dialog was accepted."""
        return [decision for decision in self._decisions if decision is not None]

    def _connect(self) -> None:
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self._choices.idClicked.connect(self._decide)
        self._for_all.toggled.connect(self._show_selected)
        self._table.selectionModel().selectionChanged.connect(self._show_selected)

    def _choice_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(SPACING)
        for number, policy in enumerate(DECISIONS):
            button = QRadioButton(decision_text(policy), self)
            button.setObjectName(policy.value)
            self._choices.addButton(button, number)
            row.addWidget(button)
        row.addStretch()
        return row

    def _lay_out(self, choices: QHBoxLayout) -> None:
        count = len(self._rows)
        layout = column(self)
        sentence = tr_n(
            "{count} file is there already. What shall happen?",
            "{count} files are there already. What shall happen?",
            count,
        )
        layout.addWidget(headline(sentence.format(count=format_count(count))))
        layout.addWidget(self.warning)
        layout.addWidget(self._table)
        layout.addLayout(choices)
        layout.addWidget(self._for_all)
        layout.addWidget(_remark())
        layout.addWidget(self._buttons)
        self._for_all.setChecked(True)
        self._for_all.setVisible(count > 1)
        self._table.selectRow(0)
        self._table.need(DECISION_COLUMN, DECISION_WIDTH)
        claim(self, SIZE)

    def _chosen_rows(self) -> list[int]:
        if self._for_all.isChecked():
            return list(range(len(self._rows)))
        return [index.row() for index in self._table.selectionModel().selectedRows()]

    def _decide(self, number: int) -> None:
        for row in self._chosen_rows():
            self._decisions[row] = self._rows[row].decided(DECISIONS[number])
        self._show_decisions()

    def _show_selected(self) -> None:
        """Let the buttons show what is decided for the rows they are about."""
        decided = {self._decisions[row] for row in self._chosen_rows()}
        self._choices.setExclusive(False)
        for number, policy in enumerate(DECISIONS):
            self._choices.button(number).setChecked(decided == {policy})
        self._choices.setExclusive(True)

    def _show_decisions(self) -> None:
        texts = [decision_text(decision) for decision in self._decisions]
        self._model.set_column(DECISION_COLUMN, texts)
        self._ok.setEnabled(None not in self._decisions)
        replaces = any(decision in _REPLACING for decision in self._decisions)
        (self._cancel if replaces else self._ok).setDefault(True)


def _remark() -> QLabel:
    remark = QLabel(
        tr("“Different” compares size and checksum, or the date where there is no checksum.")
    )
    remark.setWordWrap(True)
    remark.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return remark
