"""The table of what lifecycle rules do to which object, as several dialogs show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt

from s4desk.core.domain.lifecycle.candidates import Versioning
from s4desk.gui.dialogs.table import TextTable, laid_out
from s4desk.viewmodels.lifecycle_sheet import FindingColumn

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from s4desk.gui.models.finding_table import FindingTableModel

MEASURED_ROWS: Final = 20


class FindingTable(TextTable):
    """Rows are not measured, for more of them may come. Ids of versions take room only where there
    are some."""

    def __init__(self, model: FindingTableModel, name: str, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        laid_out(self, name)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.horizontalHeader().setResizeContentsPrecision(MEASURED_ROWS)
        letter = self.fontMetrics().averageCharWidth()
        for at, letters in _WIDTHS.items():
            self.need(at, letter * letters)
        kept = (FindingColumn.DUE, FindingColumn.ACTION, FindingColumn.SIZE)
        self.keep(kept, spare=FindingColumn.REASON)
        self.tell_versioning(Versioning.OFF)

    def tell_versioning(self, versioning: Versioning) -> None:
        """That of the bucket."""
        self.show_column(FindingColumn.VERSION, versioning is not Versioning.OFF)


_WIDTHS: Final = {
    FindingColumn.DUE: 15,
    FindingColumn.ACTION: 28,
    FindingColumn.KEY: 36,
    FindingColumn.VERSION: 22,
    FindingColumn.SIZE: 11,
    FindingColumn.CLASS: 14,
    FindingColumn.RULE: 16,
    FindingColumn.REASON: 40,
}
"""Letters."""
