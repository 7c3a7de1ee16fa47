"""Says above the rows that they are those of a moment that has passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton

from s4desk.core.runtime.i18n import tr
from s4desk.gui.views.notices import Banner
from s4desk.viewmodels.listing import Notice, Remedy
from s4desk.viewmodels.rows import format_moment

if TYPE_CHECKING:
    from datetime import datetime

    from PySide6.QtWidgets import QWidget

    from s4desk.gui.models.cells import Icons


class PastBar(Banner):
    """Hidden as long as it is now. `back_wanted`: its button was pressed."""

    back_wanted = Signal()

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(icons, parent)
        self.setObjectName("past")
        self.chosen.connect(self.back_wanted)

    @property
    def button(self) -> QPushButton | None:
        """What leads back to now, as long as it is shown."""
        return self.findChild(QPushButton, Remedy.BACK_TO_NOW)

    def show_moment(self, moment: datetime | None) -> None:
        """Say when this was so; None for now."""
        if moment is None:
            self.show_notice(None)
            return
        said = tr("This is how it was at {time}. Nothing can be changed here.")
        text = said.format(time=format_moment(moment))
        back = (Remedy.BACK_TO_NOW, tr("Back to &Now"))
        self.show_notice(Notice("history", "", text, (back,)))
