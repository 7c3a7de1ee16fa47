"""A page of permissions: who may do what with an object, and the lists that have names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from s4desk.core.domain.errors import ValidationError
from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import SPACING
from s4desk.gui.dialogs.table import TextTable, TextTableModel, text_table
from s4desk.viewmodels.properties_text import (
    canned_choices,
    grant_columns,
    grant_rows,
    grantee_choices,
    permission_choices,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from s4desk.viewmodels.properties_form import PropertiesForm


class GrantsPage(QWidget):
    """Writes to the form, and tells in `edited` that it says something else now."""

    edited = Signal()

    def __init__(self, form: PropertiesForm, parent: QWidget) -> None:
        super().__init__(parent)
        self._form = form
        self._table = self._shown()
        self._remove = _button(self, "grant-remove", tr("Take &Away"), self._take_away)
        self._remove.setEnabled(False)
        self._who = _box(self, "grantee", tr("Whom to grant something"), grantee_choices())
        self._who.setEditable(True)
        self._who.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self._who.setCurrentIndex(-1)
        if (line := self._who.lineEdit()) is not None:
            line.setPlaceholderText(tr("a group, or the id of an account"))
            line.setAccessibleName(tr("Whom to grant something"))
        self._may = _box(self, "permission", tr("What they may do"), permission_choices())
        self._add = _button(self, "grant-add", tr("A&dd"), self._add_grant)
        self._error = Note("grants-error", self)
        self._canned = _box(self, "canned", tr("Replace them with"), canned_choices())
        self._canned.setCurrentIndex(max(self._canned.findData(form.canned), 0))
        self._canned.currentIndexChanged.connect(self._choose)
        self._lay_out()

    @property
    def last(self) -> QWidget:
        """Where Tab leaves it."""
        return self._canned

    def _lay_out(self) -> None:
        is_many = self._form.is_many
        adding = QHBoxLayout()
        adding.addWidget(self._who, 2)
        adding.addWidget(self._may, 1)
        adding.addWidget(self._add)
        naming = QFormLayout()
        naming.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        naming.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        naming.addRow(tr("Set them:") if is_many else tr("Replace them with:"), self._canned)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        self._column.setSpacing(SPACING // 2)
        self._column.addWidget(self._table, 1)
        self._column.addWidget(self._remove, alignment=Qt.AlignmentFlag.AlignLeft)
        self._column.addLayout(adding)
        self._column.addWidget(self._error)
        self._column.addLayout(naming)
        if is_many:
            for widget in (self._table, self._remove, self._who, self._may, self._add):
                widget.hide()
            self._column.addStretch(1)

    def _shown(self) -> TextTable:
        model = TextTableModel(grant_columns(), grant_rows(self._form.acl))
        table = text_table(model, tr("Permissions"), self)
        model.setParent(table)
        table.setObjectName("grants")
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        chosen = table.selectionModel().currentChanged
        chosen.connect(lambda now, _: self._remove.setEnabled(now.isValid()))
        return table

    def _take_away(self) -> None:
        self._form.remove_grant(self._table.currentIndex().row())
        self._show_again()

    def _add_grant(self) -> None:
        at = self._who.findText(self._who.currentText())
        who = self._who.itemData(at) if at >= 0 else self._who.currentText()
        try:
            self._form.add_grant(who, self._may.currentData())
        except ValidationError as error:
            self._error.say(str(error), is_error=True)
            return
        self._who.setCurrentIndex(-1)
        self._who.clearEditText()
        self._show_again()

    def _show_again(self) -> None:
        self._error.say("")
        old, self._table = self._table, self._shown()
        self._column.replaceWidget(old, self._table)
        old.hide()
        old.deleteLater()
        QWidget.setTabOrder(self._table, self._remove)
        self._remove.setEnabled(False)
        self._canned.setCurrentIndex(0)
        self.edited.emit()

    def _choose(self) -> None:
        self._form.canned = self._canned.currentData()
        self.edited.emit()


def _button(parent: QWidget, name: str, text: str, pressed: Callable[[], None]) -> QPushButton:
    button = QPushButton(text, parent)
    button.setObjectName(name)
    button.setAutoDefault(False)
    button.clicked.connect(pressed)
    return button


def _box(parent: QWidget, name: str, said: str, choices: Sequence[tuple[str, str]]) -> QComboBox:
    """Its longest sentence must not push aside what stands before it."""
    box = QComboBox(parent)
    box.setObjectName(name)
    box.setAccessibleName(said)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(12)
    for value, text in choices:
        box.addItem(text, value)
    return box
