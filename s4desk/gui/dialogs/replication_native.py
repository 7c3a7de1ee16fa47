"""The rules of a bucket as the store's own replication says them, to be copied or saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QWidget

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.bucket_config.json_editor import JsonEditor
from s4desk.gui.dialogs.bucket_config.meaning_box import MeaningBox
from s4desk.gui.dialogs.button_row import ButtonRow
from s4desk.gui.dialogs.fields import FormRows, Note
from s4desk.gui.dialogs.frame import button_box, column, paragraph
from s4desk.gui.room import claim

if TYPE_CHECKING:
    from s4desk.viewmodels.native_replication import NativeRules

SIZE: Final = (640, 560)
LEAST: Final = (420, 360)


class NativeReplicationDialog(QDialog):
    """Shows NativeRules. `save_asked` tells that they are to be written into a file."""

    save_asked = Signal()

    def __init__(self, rules: NativeRules, place: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("For the Store: {place}").format(place=place))
        self.rules = rules
        role = FormRows(rules.role, self)
        role.let_labels_stand_above()
        self._json = JsonEditor(self)
        self._json.setReadOnly(True)
        self._json.setAccessibleName(tr("The rules as the store takes them"))
        meaning = MeaningBox(self)
        meaning.show_sentences(rules.remarks)
        meaning.setVisible(bool(rules.remarks))
        self.outcome = Note("outcome", self)
        row = ButtonRow(self)
        row.add("copy", tr("&Copy")).clicked.connect(lambda _=False: self._copy())
        row.add("save", tr("&Save…")).clicked.connect(lambda _=False: self.save_asked.emit())
        buttons = button_box(QDialogButtonBox.StandardButton.Close, self)
        buttons.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        buttons.rejected.connect(self.reject)
        role.edited.connect(lambda _: self._show())
        layout = column(self)
        layout.addWidget(
            paragraph(
                tr(
                    "So the store can replicate by itself, also while s4desk is closed. “Rules of"
                    " the Store…” takes this as JSON. Switch the rules here off then."
                )
            )
        )
        layout.addWidget(role)
        layout.addWidget(self._json, 1)
        layout.addWidget(meaning)
        layout.addWidget(self.outcome)
        layout.addWidget(row)
        layout.addWidget(buttons)
        claim(self, SIZE, LEAST)
        self._show()

    @property
    def text(self) -> str:
        return self._json.toPlainText()

    def _show(self) -> None:
        self.outcome.say("")
        self._json.show_text(self.rules.json)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text)
        self.outcome.say(tr("Copied."), is_success=True)
