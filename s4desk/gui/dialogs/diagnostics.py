"""What belongs into a report, to look over and to copy."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QPlainTextEdit, QWidget

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.frame import button_box, column, paragraph
from s4desk.gui.room import claim, fixed_font

SIZE = (720, 520)


class DiagnosticsDialog(QDialog):
    """Shows the text that is copied. `asked` tells that names are wanted, or no longer are."""

    asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Diagnostics"))
        self.text = QPlainTextEdit(self)
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(tr("Diagnostics"))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(fixed_font(self))
        self.names = QCheckBox(tr("With &names: connections, hosts, buckets, keys, files"), self)
        self.names.toggled.connect(lambda _: self.asked.emit())
        buttons = button_box(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        copy = buttons.addButton(tr("&Copy"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.setObjectName("copy")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text.toPlainText()))
        layout = column(self)
        layout.addWidget(
            paragraph(tr("This helps whoever looks into an error. No secret is in it."))
        )
        layout.addWidget(self.text, 1)
        layout.addWidget(self.names)
        layout.addWidget(buttons)
        claim(self, SIZE)
