"""What tables of rows have in common: one height, no grid, columns as wide as they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QHeaderView

from s4desk.gui.room import roomy, roomy_icon
from s4desk.gui.views.row_delegate import ROW_HEIGHT
from s4desk.viewmodels.ordering import Column

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtGui import QFontMetrics
    from PySide6.QtWidgets import QTableView

MARGIN = 20
MIN_NAME_WIDTH = 180
ICON_SIDE = 16
WIDEST: Mapping[int, str] = {
    Column.SIZE: "0000.0 MiB",
    Column.MODIFIED: "0000-00-00 00:00",
    Column.CLASS: "INTELLIGENT_TIERING",
    Column.TYPE: "PARQUET document",
    Column.ETAG: "0" * 35,
    Column.OWNER: "0" * 16,
    Column.VERSION: "0000000000…",
    Column.STATE: "Latest, delete marker",
    Column.LOCK: "Governance 0000-00-00 + Hold 0000",
    Column.REPLICATION: "Completed (store) 000",
}
"""The longest text that is usual in a column of objects."""


def set_table_looks(table: QTableView) -> None:
    """Rows and nothing else; the Tab key leaves them."""
    table.setFrameShape(QFrame.Shape.NoFrame)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    table.setCornerButtonEnabled(False)
    table.setIconSize(roomy_icon(table, ICON_SIDE))
    rows = table.verticalHeader()
    rows.hide()
    rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    rows.setMinimumSectionSize(1)
    rows.setDefaultSectionSize(max(ROW_HEIGHT, table.fontMetrics().height() + 6))


def fit_columns(header: QHeaderView, metrics: QFontMetrics, widest: Mapping[int, str]) -> None:
    """Make columns as wide as these texts in the font of the view."""
    for column, text in widest.items():
        header.resizeSection(column, metrics.horizontalAdvance(text) + MARGIN)


def fit_name(header: QHeaderView, room: int) -> None:
    """Names take the room that is left; when that is too little, the view scrolls."""
    others = header.length() - header.sectionSize(Column.NAME)
    least = roomy(header, MIN_NAME_WIDTH)
    is_roomy = room - others >= least
    mode = QHeaderView.ResizeMode.Stretch if is_roomy else QHeaderView.ResizeMode.Interactive
    if header.sectionResizeMode(Column.NAME) is not mode:
        header.setSectionResizeMode(Column.NAME, mode)
        if not is_roomy:
            header.resizeSection(Column.NAME, least)
