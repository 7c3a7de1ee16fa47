"""What would become of many locks, or has: each with its reason, to read and to save."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QWidget

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import button_box, choice_box, column, headline, let_enter_decline
from s4desk.gui.dialogs.table import TextTableModel, text_table
from s4desk.gui.room import claim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QModelIndex

SIZE = (860, 440)
VERSION = 1


class LockReportDialog(QDialog):
    """A preview with `accept_text`, a report without. `save_wanted` is for a table of it."""

    save_wanted = Signal()

    def __init__(
        self,
        title: str,
        sentence: str,
        rows: Sequence[Sequence[str]],
        accept_text: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        layout = column(self)
        layout.addWidget(headline(sentence))
        self._rows = rows
        titles = (tr("Key"), tr("Version"), tr("Lock"), tr("What becomes of it"))
        has_versions = any(row[VERSION] for row in rows)
        columns = [at for at in range(len(titles)) if has_versions or at != VERSION]
        cells = [[row[at] for at in columns] for row in rows]
        model = TextTableModel([titles[at] for at in columns], cells)
        self._table = text_table(model, sentence, self)
        self._table.setTextElideMode(Qt.TextElideMode.ElideRight)
        layout.addWidget(self._table, 1)
        self._row = Note("row", self)
        layout.addWidget(self._row)
        self._table.selectionModel().currentRowChanged.connect(self._tell)
        self.outcome = Note("outcome", self)
        layout.addWidget(self.outcome)
        if accept_text:
            buttons = choice_box(self, accept_text)
            let_enter_decline(buttons)
        else:
            buttons = button_box(QDialogButtonBox.StandardButton.Close, self)
        save = buttons.addButton(tr("Save Repo&rt…"), QDialogButtonBox.ButtonRole.ActionRole)
        save.setObjectName("save")
        save.setAutoDefault(False)
        save.clicked.connect(self.save_wanted)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        claim(self, SIZE)
        if rows:
            self._table.selectRow(0)

    def _tell(self, current: QModelIndex) -> None:
        """All that is said of one row: a column is too narrow for a reason."""
        key, _version, lock, what = self._rows[current.row()]
        self._row.say(f"{key}: {lock}\n{what}" if lock else f"{key}\n{what}")
