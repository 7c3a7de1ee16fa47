"""A configuration that is a list, edited in the cells of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt, Signal
from PySide6.QtGui import QKeySequence, QPalette, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.frame import SPACING
from s4desk.gui.dialogs.table import PADDING, ROW_HEIGHT, shares
from s4desk.gui.models.indexes import NO_PARENT, Index
from s4desk.viewmodels.config_grant_table import GrantTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QAbstractItemModel
    from PySide6.QtGui import QResizeEvent

    from s4desk.viewmodels.config_tables import ConfigTable

_Role, _ColorRole = Qt.ItemDataRole, QPalette.ColorRole
LEAST_ROWS = 3


class ConfigRowsModel(QAbstractTableModel):
    """The cells of a ConfigTable; what is typed goes there."""

    def __init__(self, table: ConfigTable, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.table = table

    def add(self, make_row: Callable[[], int] | None = None) -> int:
        """A new row at the end; returns where."""
        at = len(self.table.rows)
        self.beginInsertRows(NO_PARENT, at, at)
        (make_row or self.table.add)()
        self.endInsertRows()
        return at

    def remove(self, at: int) -> None:
        self.beginRemoveRows(NO_PARENT, at, at)
        self.table.remove(at)
        self.endRemoveRows()

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self.table.rows)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self.table.columns)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        at, column = index.row(), index.column()
        if role == _Role.DisplayRole:
            return self.table.shown(at, column)
        if role == _Role.EditRole:
            return self.table.rows[at].texts[column]
        error = self.table.error(at, column)
        looks: dict[int, Any] = {_Role.ToolTipRole: error or self.table.shown(at, column)}
        if error:
            looks[_Role.ForegroundRole] = QApplication.palette().color(_ColorRole.BrightText)
            looks[_Role.AccessibleDescriptionRole] = error
        return looks.get(role)

    def setData(self, index: Index, value: Any, role: int = _Role.EditRole) -> bool:
        if role != _Role.EditRole or not index.isValid():
            return False
        self.table.edit(index.row(), index.column(), str(value))
        # The kind of a thing changes how the other cells of its row read.
        last = self.columnCount() - 1
        self.dataChanged.emit(self.index(index.row(), 0), self.index(index.row(), last))
        return True

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return section + 1 if role == _Role.DisplayRole else None
        column = self.table.columns[section]
        if role == _Role.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        texts = {_Role.DisplayRole: column.title, _Role.ToolTipRole: column.tip or None}
        return texts.get(_Role(role))


class _Cells(QStyledItemDelegate):
    """Edits a cell as a text, or as a choice where its column has some."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        column = _model_of(index).table.columns[index.column()]
        if column.choices or column.offers:
            box = QComboBox(parent)
            for text, label in column.choices or [(each, each) for each in column.offers]:
                box.addItem(label, text)
            if column.offers:
                box.setEditable(True)
                # It would make GLACIER_IR of GLACIER.
                box.setCompleter(None)  # type: ignore[arg-type]
            editor: QWidget = box
        else:
            editor = super().createEditor(parent, option, index)
        editor.setAccessibleName(column.title)
        editor.setAccessibleDescription(column.tip)
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, QComboBox) and editor.isEditable():
            editor.setEditText(index.data(_Role.EditRole))
        elif isinstance(editor, QComboBox):
            text = index.data(_Role.EditRole)
            if editor.findData(text) < 0:
                editor.insertItem(0, text, text)
            editor.setCurrentIndex(editor.findData(text))
        else:
            super().setEditorData(editor, index)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        if isinstance(editor, QComboBox):
            is_typed = editor.isEditable()
            model.setData(index, editor.currentText() if is_typed else editor.currentData())
        else:
            super().setModelData(editor, model, index)


class RowsView(QTableView):
    """Columns share the width by what their texts need, as long as there is room for their titles.
    Enter edits, Delete removes the row."""

    def __init__(self, model: ConfigRowsModel, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setObjectName("rows")
        self.setAccessibleName(name)
        self.setItemDelegate(_Cells(self))
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        height = max(ROW_HEIGHT, self.fontMetrics().height() + 8)
        self.verticalHeader().setDefaultSectionSize(height)
        self.horizontalHeader().setHighlightSections(False)
        self.setMinimumHeight(height * (LEAST_ROWS + 1))
        self.activated.connect(self.edit)
        for changed in (model.dataChanged, model.rowsInserted, model.rowsRemoved):
            changed.connect(self._share)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share()

    def _share(self) -> None:
        titles = self.horizontalHeader()
        columns = range(self.model().columnCount())
        named = [titles.sectionSizeHint(each) for each in columns]
        needs = [max(self.sizeHintForColumn(each) + PADDING, named[each]) for each in columns]
        room = self.viewport().width()
        spare = max(0, room - sum(needs)) // len(needs)
        for column, width in enumerate(shares([need + spare for need in needs], room)):
            titles.resizeSection(column, max(width, named[column]))


class RowsEditor(QWidget):
    """The table with its buttons. `edited` tells that the ConfigTable is another one."""

    edited = Signal()

    def __init__(
        self,
        table: ConfigTable,
        name: str,
        parent: QWidget | None = None,
        *,
        add_text: str = "",
        remove_text: str = "",
    ) -> None:
        super().__init__(parent)
        self.model = ConfigRowsModel(table, self)
        self.view = RowsView(self.model, name, self)
        self._buttons: list[QPushButton] = []
        self._button("add-row", add_text or tr("&Add Row"), self.add_row)
        if isinstance(table, GrantTable):
            self._button("add-everybody", tr("Add &Everybody"), self.add_everybody)
        self._remove = self._button("remove-row", remove_text or tr("Remo&ve Row"), self.remove_row)
        self._lay_out()
        for changed in (
            self.model.dataChanged,
            self.model.rowsInserted,
            self.model.rowsRemoved,
        ):
            changed.connect(self._tell)
        self.view.selectionModel().currentChanged.connect(self._fit)
        deleting = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.view)
        deleting.setContext(Qt.ShortcutContext.WidgetShortcut)
        deleting.activated.connect(self.remove_row)
        self._fit()

    def add_row(self) -> None:
        """A new row, whose first text is edited at once."""
        self._begin(self.model.add())

    def add_everybody(self) -> None:
        table = self.model.table
        if isinstance(table, GrantTable):
            self._begin(self.model.add(table.add_everybody), is_edited=False)

    def remove_row(self) -> None:
        if self.view.currentIndex().isValid():
            self.model.remove(self.view.currentIndex().row())

    def _begin(self, at: int, *, is_edited: bool = True) -> None:
        columns = self.model.table.columns
        first = next(each for each, column in enumerate(columns) if not column.choices)
        index = self.model.index(at, first)
        self.view.setCurrentIndex(index)
        self.view.setFocus(Qt.FocusReason.OtherFocusReason)
        if is_edited:
            self.view.edit(index)

    def _tell(self) -> None:
        self._fit()
        self.edited.emit()

    def _fit(self) -> None:
        self._remove.setEnabled(self.view.currentIndex().isValid())

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        for button in self._buttons:
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING // 2)
        layout.addWidget(self.view, 1)
        layout.addLayout(buttons)

    def _button(self, name: str, text: str, pressed: Callable[[], None]) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.clicked.connect(lambda: pressed())
        self._buttons.append(button)
        return button


def _model_of(index: Index) -> ConfigRowsModel:
    model = index.model()
    assert isinstance(model, ConfigRowsModel)
    return model
