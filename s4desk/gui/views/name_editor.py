"""A name edited where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLineEdit, QStyle

from s4desk.core.domain.identity import Location
from s4desk.core.runtime.i18n import tr
from s4desk.gui.models.cells import ENTRY_ROLE, QUIET_ROLE
from s4desk.gui.views.row_delegate import RowDelegate
from s4desk.viewmodels.ordering import Column
from s4desk.viewmodels.rows import display_name

if TYPE_CHECKING:
    from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex
    from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

    from s4desk.core.domain.identity import Prefix


INDENT = 18


class NameDelegate(RowDelegate):
    """Tells what was typed; the row changes when the store has done it, not before."""

    renamed = Signal(object, str)

    faint: frozenset[Location | Prefix] = frozenset()
    """What is drawn as if it were gone already, because it was cut."""

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        if self.faint and index.data(ENTRY_ROLE) in self.faint:
            option.state &= ~QStyle.StateFlag.State_Enabled
        if index.data(QUIET_ROLE):
            quiet = option.palette.color(QPalette.ColorRole.PlaceholderText)
            option.palette.setColor(QPalette.ColorRole.Text, quiet)

    def indent(self, index: QModelIndex | QPersistentModelIndex) -> int:
        """Versions that are no more what their key holds stand below the one that is."""
        return INDENT if index.column() == Column.NAME and index.data(QUIET_ROLE) else 0

    def createEditor(
        self,
        parent: QWidget,
        _option: QStyleOptionViewItem,
        _index: QModelIndex | QPersistentModelIndex,
    ) -> QWidget:
        line = QLineEdit(parent)
        line.setAccessibleName(tr("New name"))
        line.setAutoFillBackground(True)
        return line

    def setEditorData(self, editor: QWidget, index: QModelIndex | QPersistentModelIndex) -> None:
        entry = index.data(ENTRY_ROLE)
        if isinstance(editor, QLineEdit) and isinstance(entry, Location):
            editor.setText(entry.name)

    def setModelData(
        self,
        editor: QWidget,
        _model: QAbstractItemModel,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        entry = index.data(ENTRY_ROLE)
        if isinstance(editor, QLineEdit) and isinstance(entry, Location):
            self.renamed.emit(entry, editor.text())


def is_editable(entry: object) -> bool:
    """Whether a line of text can hold the name of an entry as it is. A folder takes a question."""
    if not isinstance(entry, Location) or entry.name.endswith("/"):
        return False
    return bool(entry.name) and display_name(entry.name) == entry.name
