"""A page of names with values: a table to type in, what is wrong, and how much room is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QPalette, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import SPACING
from s4desk.gui.models.pair_table import NAME, PairTableModel

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from s4desk.gui.models.indexes import Index
    from s4desk.viewmodels.pairs import PairRows

ROW_HEIGHT = 24
NAME_SHARE = 0.38


class PairsPage(QWidget):
    """Writes to the rows, and tells in `edited` that they are others now."""

    edited = Signal()

    def __init__(self, name: str, title: str, pairs: PairRows, parent: QWidget) -> None:
        super().__init__(parent)
        self._pairs = pairs
        self._model = PairTableModel(pairs, self)
        self.table = _Table(self._model, self)
        self.table.setObjectName(name)
        self.table.setAccessibleName(title)
        self._remove = QPushButton(tr("Take &Away"), self)
        self._remove.setObjectName(f"{name}-remove")
        self._remove.setAutoDefault(False)
        self._remove.clicked.connect(self._take_away)
        self._room = QLabel(self)
        self._room.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._error = Note(f"{name}-error", self)
        self._model.edited.connect(self._changed)
        self.table.selectionModel().currentChanged.connect(lambda *_: self._fit())
        # Not while a cell is edited: there Delete is of the text.
        keys = QShortcut(QKeySequence.StandardKey.Delete, self.table, self._take_away)
        keys.setContext(Qt.ShortcutContext.WidgetShortcut)
        below = QHBoxLayout()
        below.addWidget(self._remove)
        below.addStretch(1)
        below.addWidget(self._room)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        layout.setSpacing(SPACING // 2)
        layout.addWidget(self.table, 1)
        layout.addWidget(self._error)
        layout.addLayout(below)
        self._fit()

    def add_below(self, widget: QWidget) -> None:
        layout = self.layout()
        if isinstance(layout, QVBoxLayout):
            layout.addWidget(widget)

    def _take_away(self) -> None:
        self._model.take_away(self.table.currentIndex().row())

    def _changed(self) -> None:
        self._fit()
        self.edited.emit()

    def _fit(self) -> None:
        error = self._pairs.error
        self._error.say(error, is_error=bool(error))
        self._room.setText(self._pairs.room)
        self._remove.setEnabled(self._model.is_row(self.table.currentIndex().row()))


class _Cells(QStyledItemDelegate):
    """What is typed counts at once: whoever presses Save need not leave the cell before."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = super().createEditor(parent, option, index)
        if isinstance(editor, QLineEdit):
            editor.textEdited.connect(lambda _: self.commitData.emit(editor))
            titles = index.model().headerData(index.column(), Qt.Orientation.Horizontal)
            editor.setAccessibleName(str(titles))
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """The cursor stays where it is when its own text comes back."""
        shown = index.data(Qt.ItemDataRole.EditRole)
        if not isinstance(editor, QLineEdit) or editor.text() != shown:
            super().setEditorData(editor, index)


class _Table(QTableView):
    """Typing into a cell edits it; Tab leaves the table."""

    def __init__(self, model: PairTableModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setItemDelegate(_Cells(self))
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(
            triggers.DoubleClicked
            | triggers.EditKeyPressed
            | triggers.AnyKeyPressed
            | triggers.SelectedClicked
        )
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        height = max(ROW_HEIGHT, self.fontMetrics().height() + 8)
        self.verticalHeader().setDefaultSectionSize(height)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.setCurrentIndex(model.index(0, NAME))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.horizontalHeader().resizeSection(NAME, int(self.viewport().width() * NAME_SHARE))
