"""A page of permissions: who may do what with an object, and the lists that have names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFormLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.frame import SPACING
from s4desk.gui.dialogs.table import TextTable, TextTableModel, text_table
from s4desk.viewmodels.properties_text import canned_choices, grant_columns, grant_rows

if TYPE_CHECKING:
    from s4desk.viewmodels.properties_form import PropertiesForm


class GrantsPage(QWidget):
    """Writes to the form, and tells in `edited` that it says something else now."""

    edited = Signal()

    def __init__(self, form: PropertiesForm, parent: QWidget) -> None:
        super().__init__(parent)
        self._form = form
        self._remove = QPushButton(tr("Take &Away"), self)
        self._remove.setObjectName("grant-remove")
        self._remove.setAutoDefault(False)
        self._remove.clicked.connect(self._take_away)
        self._table = self._shown()
        QWidget.setTabOrder(self._table, self._remove)
        self._canned = QComboBox(self)
        self._canned.setObjectName("canned")
        self._canned.setAccessibleName(tr("Replace them with"))
        # Its longest sentence must not push the words before it aside.
        policy = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        self._canned.setSizeAdjustPolicy(policy)
        self._canned.setMinimumContentsLength(12)
        for value, text in canned_choices():
            self._canned.addItem(text, value)
        self._canned.setCurrentIndex(max(self._canned.findData(form.canned), 0))
        self._canned.currentIndexChanged.connect(self._choose)
        row = QFormLayout()
        row.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        row.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        row.addRow(tr("Replace them with:") if not form.is_many else tr("Set them:"), self._canned)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        self._column.setSpacing(SPACING // 2)
        self._column.addWidget(self._table, 1)
        self._column.addWidget(self._remove, alignment=Qt.AlignmentFlag.AlignLeft)
        self._column.addLayout(row)
        if form.is_many:
            self._table.hide()
            self._remove.hide()
            self._column.addStretch(1)

    @property
    def last(self) -> QWidget:
        """Where Tab leaves it."""
        return self._canned

    def _shown(self) -> TextTable:
        model = TextTableModel(grant_columns(), grant_rows(self._form.acl))
        table = text_table(model, tr("Permissions"), self)
        model.setParent(table)
        table.setObjectName("grants")
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._remove.setEnabled(False)
        chosen = table.selectionModel().currentChanged
        chosen.connect(lambda now, _: self._remove.setEnabled(now.isValid()))
        return table

    def _take_away(self) -> None:
        self._form.remove_grant(self._table.currentIndex().row())
        old, self._table = self._table, self._shown()
        self._column.replaceWidget(old, self._table)
        old.deleteLater()
        QWidget.setTabOrder(self._table, self._remove)
        self._canned.setCurrentIndex(0)
        self.edited.emit()

    def _choose(self) -> None:
        self._form.canned = self._canned.currentData()
        self.edited.emit()
