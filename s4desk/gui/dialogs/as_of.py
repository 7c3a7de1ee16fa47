"""Asking for a moment that has passed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QPushButton

from s4desk.core.domain.errors import ValidationError
from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import FORM_WIDTH, choice_box, column, headline, paragraph
from s4desk.gui.room import roomy
from s4desk.viewmodels.moments import since_from
from s4desk.viewmodels.rows import format_moment

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class AsOfDialog(QDialog):
    """A moment, typed or by how long ago it was. `moment` is the one that was chosen, in UTC."""

    def __init__(self, where: str, now: datetime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("As It Was"))
        self._now = now
        self._moment: datetime | None = None
        self._edit = QLineEdit(self)
        self._note = Note("moment-error", self)
        self._buttons = choice_box(self, tr("&Show"))
        self._edit.setObjectName("moment")
        self._edit.textChanged.connect(self._fit)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self._lay_out(where)
        self.show_moment(now.replace(microsecond=0))

    @property
    def moment(self) -> datetime:
        return self._moment or self._now

    def show_moment(self, moment: datetime) -> None:
        """Put a moment into the field."""
        self._edit.setText(format_moment(moment))
        self._edit.selectAll()

    def _fit(self) -> None:
        text, self._moment, problem = self._edit.text().strip(), None, ""
        try:
            if text:
                self._moment = datetime.fromtimestamp(since_from(text, self._now), UTC)
        except ValidationError as error:
            problem = str(error)
        if self._moment is not None and self._moment >= self._now:
            self._moment, problem = None, tr("Choose a moment that has passed.")
        self._buttons.button(self._buttons.StandardButton.Ok).setEnabled(self._moment is not None)
        self._note.fail(problem)

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
                    "In the time of this computer, unless it names another, as 2026-11-20T22:00:00Z"
                    " does; 12h and 7d are so long ago. Objects can be looked at and downloaded as"
                    " they were then, as long as the bucket has kept their versions."
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
            moment = (self._now - age).replace(microsecond=0)
            button.clicked.connect(lambda _=False, moment=moment: self.show_moment(moment))
            row.addWidget(button)
        row.addStretch()
        return row
