"""Making one folder like another: what with, what would happen, and the word to begin."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import FormRows, Note
from s4desk.gui.dialogs.frame import choice_box, column
from s4desk.gui.dialogs.sync_preview import KindFilter, PreviewTable
from s4desk.gui.models.sync_table import SyncTableModel
from s4desk.gui.room import claim
from s4desk.viewmodels.sync_rows import SyncRows
from s4desk.viewmodels.sync_text import chosen_text, delete_obstacle, delete_text, stand_in_text

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.transfer.sync import Change, Compared
    from s4desk.gui.models.cells import Icons
    from s4desk.viewmodels.sync_form import SyncForm
    from s4desk.viewmodels.sync_text import StandIn

SIZE = (980, 680)
LEAST = (560, 440)
BAR_HEIGHT = 4
TELL_EVERY_S = 0.25


class SyncDialog(QDialog):
    """Asks, shows what a comparison finds while it runs, and lets single things be left out.

    Nothing is done here: `compare_asked` wants a comparison, `stop_asked` its end, which comes too
    when what was asked is changed; `submitted` wants what is ticked to be carried out.
    """

    compare_asked = Signal()
    stop_asked = Signal()
    submitted = Signal()

    def __init__(self, form: SyncForm, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(form.title)
        self.form = form
        self._is_comparing = False
        self._is_compared = False
        self._may_delete = False
        self._stand_in: StandIn | None = None
        self._told_at = 0.0
        self._fields = FormRows(form, self)
        self._meaning = _remark("meaning", self)
        self._compare = QPushButton(tr("&Compare"), self)
        self._compare.setObjectName("compare")
        self._status = Note("status", self)
        self._older = Note("older", self)
        self._bar = QProgressBar(self)
        self._filter = KindFilter(self)
        self.model = SyncTableModel(icons, self)
        self._table = PreviewTable(self.model, self)
        self._delete = QCheckBox(self)
        self._delete.setObjectName("delete")
        self._obstacle = _remark("obstacle", self)
        self._chosen = QLabel(self)
        self._buttons = choice_box(self, tr("&Sync"))
        # Whoever presses Enter twice has only compared.
        self._compare.setDefault(True)
        self._ok = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._lay_out()
        self._connect()
        self._fit()
        self._fields.focus_on_gap()

    @property
    def rows(self) -> SyncRows:
        return self.model.rows

    @property
    def is_compared(self) -> bool:
        """Whether all of both sides was compared, as it is asked for now."""
        return self._is_compared

    # A comparison

    def begin(self, top: Path | str, sentence: str) -> None:
        """Show an empty preview of a target that is called `top`."""
        self._is_comparing, self._is_compared, self._may_delete = True, False, False
        self._stand_in = None
        self._told_at = 0.0
        self._filter.show_all()
        self.model.begin(SyncRows(top))
        self._status.say(sentence)
        self._fit()

    def add(self, compared: Compared, sentence: str) -> None:
        """More of it, and how far it is: shown now and then."""
        self.model.add(compared.differences)
        if (now := time.monotonic()) - self._told_at >= TELL_EVERY_S:
            self._told_at = now
            self.model.show_added()
            self._status.say(sentence)
            self._fit_counts()

    def end(
        self,
        sentence: str,
        *,
        may_delete: bool,
        may_replace: bool = True,
        stand_in: StandIn | None = None,
    ) -> None:
        """All has been compared; with `stand_in` in place of the first member of a group."""
        self._is_comparing, self._is_compared, self._may_delete = False, True, may_delete
        self._stand_in = stand_in
        self.model.show_added()
        if not may_replace:
            self.model.keep_changed()
        self._status.say(sentence)
        self._fit()
        self._table.setFocus()

    def fail(self, problem: BaseException | str) -> None:
        """The comparison broke off, or what was asked could not be done."""
        self._is_comparing = False
        self.model.show_added()
        self._status.fail(problem)
        self._fit()

    def stopped(self) -> None:
        """The comparison was stopped by the person."""
        self._forget(tr("Stopped. What was found until then is no whole comparison."))

    # What a person does

    def _connect(self) -> None:
        self._fields.edited.connect(self._edited)
        self._compare.clicked.connect(self._ask)
        self._filter.chosen.connect(self._show)
        self._delete.toggled.connect(self._delete_toggled)
        self.model.ticked.connect(self._fit_chosen)
        self._buttons.accepted.connect(self.submitted)
        self._buttons.rejected.connect(self.reject)

    def _edited(self) -> None:
        if self._is_comparing:
            self.stop_asked.emit()
        self._forget("")

    def _ask(self) -> None:
        (self.stop_asked if self._is_comparing else self.compare_asked).emit()

    def _show(self, kind: Change | None) -> None:
        self.model.show(kind)

    def _delete_toggled(self, is_on: bool) -> None:
        self.model.delete_gone(is_on)
        self._fit_chosen()

    def _forget(self, sentence: str) -> None:
        self._is_comparing, self._is_compared, self._may_delete = False, False, False
        self._stand_in = None
        self.model.begin(SyncRows())
        self._filter.show_all()
        self._status.say(sentence)
        self._fit()

    # What is shown

    def _fit(self) -> None:
        self._fields.show_state()
        self._meaning.setText(self.form.meaning)
        is_valid = not self.form.errors
        self._compare.setText(tr("S&top") if self._is_comparing else tr("&Compare"))
        self._compare.setEnabled(self._is_comparing or is_valid)
        self._bar.setVisible(self._is_comparing)
        self._table.placeholder = self._placeholder()
        self._table.viewport().update()
        self._fit_counts()

    def _fit_counts(self) -> None:
        rows = self.rows
        self._filter.show_counts(rows)
        self._filter.setVisible(rows.total > 0)
        self._older.say(stand_in_text(self._stand_in, keeps=rows.keeps), is_error=True)
        obstacle = delete_obstacle(
            rows,
            is_compared=self._is_compared,
            may_delete=self._may_delete,
            stand_in=self._stand_in,
        )
        if obstacle:
            self._delete.setChecked(False)
        self._delete.setEnabled(not obstacle)
        self._delete.setText(delete_text(rows))
        self._obstacle.setText(obstacle)
        self._obstacle.setVisible(bool(obstacle) and self._is_compared)
        self._delete.setToolTip(obstacle)
        self._fit_chosen()

    def _fit_chosen(self) -> None:
        text = chosen_text(self.rows)
        self._chosen.setText(text)
        self._ok.setEnabled(self._is_compared and bool(text))

    def _placeholder(self) -> str:
        if self._is_comparing:
            return ""
        if self._is_compared:
            return tr("Both sides are the same.")
        return tr("Compare first: what would happen is shown here, and nothing is changed by that.")

    def _lay_out(self) -> None:
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(BAR_HEIGHT)
        start = QHBoxLayout()
        start.addWidget(self._compare)
        start.addWidget(self._status, 1)
        start.addStretch()
        end = QHBoxLayout()
        end.addWidget(self._chosen, 1)
        end.addWidget(self._buttons)
        layout = column(self)
        layout.addWidget(self._fields)
        layout.addWidget(self._meaning)
        layout.addLayout(start)
        layout.addWidget(self._older)
        layout.addWidget(self._bar)
        layout.addWidget(self._filter)
        layout.addWidget(self._table, 1)
        layout.addWidget(self._delete)
        layout.addWidget(self._obstacle)
        layout.addLayout(end)
        claim(self, SIZE, LEAST)


def _remark(name: str, parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label
