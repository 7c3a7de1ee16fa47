"""Asking for a moment that has passed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QDateTime
from PySide6.QtWidgets import QDateTimeEdit, QDialog, QHBoxLayout, QPushButton

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import FORM_WIDTH, choice_box, column, headline, paragraph
from s4desk.gui.room import roomy

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

FORMAT = "yyyy-MM-dd HH:mm:ss"


class AsOfDialog(QDialog):
    """A moment, typed or by how long ago it was. `moment` is the one that was chosen, in UTC."""

    def __init__(self, where: str, now: datetime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("As It Was"))
        self._now = now
        self._edit = QDateTimeEdit(self)
        self._note = Note("moment-error", self)
        self._buttons = choice_box(self, tr("&Show"))
        self._edit.setObjectName("moment")
        self._edit.setDisplayFormat(FORMAT)
        self._edit.setDateTime(_shown(now))
        self._edit.dateTimeChanged.connect(self._fit)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self._lay_out(where)
        self._fit()

    @property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self._edit.dateTime().toSecsSinceEpoch(), UTC)

    def show_moment(self, moment: datetime) -> None:
        """Put a moment into the field."""
        self._edit.setDateTime(_shown(moment))

    def _fit(self) -> None:
        is_past = self.moment < self._now
        self._buttons.button(self._buttons.StandardButton.Ok).setEnabled(is_past)
        self._note.fail("" if is_past else tr("Choose a moment that has passed."))

    def _lay_out(self, where: str) -> None:
        layout = column(self)
        layout.addWidget(headline(tr("Show “{name}” as it was at:").format(name=where)))
        self._edit.setAccessibleName(tr("Date and time"))
        layout.addWidget(self._edit)
        layout.addLayout(self._ages())
        layout.addWidget(self._note)
        layout.addWidget(
            paragraph(
                tr(
                    "In the time of this computer. Objects can be looked at and downloaded as they"
                    " were then, as long as the bucket has kept their versions."
                )
            )
        )
        layout.addStretch()
        layout.addWidget(self._buttons)
        self.setMinimumWidth(roomy(self, FORM_WIDTH))
        self._edit.setFocus()

    def _ages(self) -> QHBoxLayout:
        row = QHBoxLayout()
        for words, age in (
            (tr("An &Hour Ago"), timedelta(hours=1)),
            (tr("A &Day Ago"), timedelta(days=1)),
            (tr("A &Week Ago"), timedelta(weeks=1)),
        ):
            button = QPushButton(words, self)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, age=age: self.show_moment(self._now - age))
            row.addWidget(button)
        row.addStretch()
        return row


def _shown(moment: datetime) -> QDateTime:
    return QDateTime.fromSecsSinceEpoch(int(moment.timestamp()))
