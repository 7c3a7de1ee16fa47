"""What an object looks like that is looked at: as text, as a table, as a tree, as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QPlainTextEdit,
    QTableView,
    QTextBrowser,
    QTreeView,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.models.cells import LEFT, RIGHT
from s4desk.gui.room import fixed_font, roomy

if TYPE_CHECKING:
    from s4desk.gui.models.grid_table import GridTableModel
    from s4desk.gui.models.json_tree import JsonTreeModel

MEASURED_ROWS = 20
NAMES = 260
"""Pixels for the names in a tree."""
FEW = 20
"""Entries that are unfolded by themselves."""


class Markdown(QTextBrowser):
    """Fetches no image and follows no link."""

    def __init__(self) -> None:
        super().__init__()
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.document().setDocumentMargin(16)
        self.setAccessibleName(tr("Text of the object"))

    def loadResource(self, _kind: int, _name: QUrl | str) -> object:
        return None


def text_view() -> QPlainTextEdit:
    view = QPlainTextEdit()
    view.setReadOnly(True)
    view.setUndoRedoEnabled(False)
    view.setFrameShape(QFrame.Shape.NoFrame)
    view.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    view.setFont(fixed_font(view))
    view.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    view.document().setDocumentMargin(8)
    view.setAccessibleName(tr("Text of the object"))
    return view


def table_view(model: GridTableModel) -> QTableView:
    view = QTableView()
    view.setModel(model)
    view.setFrameShape(QFrame.Shape.NoFrame)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setWordWrap(False)
    view.setTextElideMode(Qt.TextElideMode.ElideRight)
    view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.horizontalHeader().setDefaultAlignment(LEFT)
    # Qt measures a thousand rows, which takes seconds where there are many columns.
    view.horizontalHeader().setResizeContentsPrecision(MEASURED_ROWS)
    view.verticalHeader().setDefaultAlignment(RIGHT)
    view.verticalHeader().setDefaultSectionSize(view.fontMetrics().height() + 6)
    view.setAccessibleName(tr("Rows of the object"))
    return view


def tree_view(model: JsonTreeModel) -> QTreeView:
    view = QTreeView()
    view.setModel(model)
    view.setFrameShape(QFrame.Shape.NoFrame)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setUniformRowHeights(True)
    view.setFont(fixed_font(view))
    view.setColumnWidth(0, roomy(view, NAMES))
    view.setAccessibleName(tr("Entries of the object"))
    return view


def unfold(view: QTreeView) -> None:
    """The first level, if that is not much, with the first line chosen."""
    model = view.model()
    if model.rowCount() <= FEW:
        view.expandToDepth(0)
    view.setCurrentIndex(model.index(0, 0))
