"""The members of a failover group in their order, with what can be done to each."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QMimeData, QObject, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import SPACING
from s4desk.gui.dialogs.group_member import MemberDialog
from s4desk.gui.dialogs.table import TextTable, laid_out
from s4desk.gui.models.indexes import NO_PARENT, Index
from s4desk.viewmodels.rows import display_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QKeyEvent

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.viewmodels.group_form import GroupForm

_Role = Qt.ItemDataRole
ROW = "application/x-s4desk-group-member"
NAME, TEXT = 0, 1
LEAST_ROWS = 4


class MembersModel(QAbstractTableModel):
    """The members of a GroupForm. `moved` tells where one is that was dragged."""

    moved = Signal(int)

    def __init__(self, form: GroupForm, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.form = form

    def change(self, deed: Callable[[], object]) -> None:
        """Do something to the members, and show them anew."""
        self.beginResetModel()
        deed()
        self.endResetModel()

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self.form.members)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else 2

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Rows are dragged, and dropped between others."""
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        if not index.isValid() or role not in (_Role.DisplayRole, _Role.ToolTipRole):
            return None
        said = self.form.member_name if index.column() == NAME else self.form.member_text
        return said(index.row())

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return None
        if role == _Role.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        titles = (tr("Member"), tr("What it is used for"))
        return titles[section] if role == _Role.DisplayRole else None

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [ROW]

    def mimeData(self, indexes: Sequence[Index]) -> QMimeData:
        mime = QMimeData()
        mime.setData(ROW, str(indexes[0].row()).encode())
        return mime

    def dropMimeData(
        self, mime: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index
    ) -> bool:
        """Move it before `row`, or behind the last."""
        if not mime.hasFormat(ROW):
            return False
        at, last = int(mime.data(ROW).toStdString()), self.rowCount() - 1
        to = last if row < 0 else row - (row > at)
        if to != at:
            self.change(lambda: self.form.move_member(at, to))
            self.moved.emit(to)
        # Else the view would take away what was dragged.
        return False


class MembersView(TextTable):
    """Enter edits a member, Delete takes it out, Alt with an arrow moves it.

    deed_asked(str)  edit, remove, up or down
    """

    deed_asked = Signal(str)

    def __init__(self, model: MembersModel, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        laid_out(self, tr("Members of the group"))
        self.setObjectName("members")
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDragDropOverwriteMode(False)
        self.setDropIndicatorShown(True)
        height = self.verticalHeader().defaultSectionSize()
        self.setMinimumHeight(height * (LEAST_ROWS + 1))
        # As high as there is room for: what a view asks for is much for a low screen.
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.doubleClicked.connect(lambda _: self.deed_asked.emit("edit"))
        model.modelReset.connect(self.fit)

    @property
    def row(self) -> int:
        """The current one, -1 for none."""
        return self.currentIndex().row()

    def go_to(self, row: int) -> None:
        last = self.model().rowCount() - 1
        if last >= 0:
            self.selectRow(max(0, min(row, last)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        deed = _deed_of(event)
        if deed and self.row >= 0:
            event.accept()
            self.deed_asked.emit(deed)
        else:
            super().keyPressEvent(event)


class MembersEditor(QWidget):
    """Shows the members of a GroupForm. `edited` tells that they are others."""

    edited = Signal()

    def __init__(self, form: GroupForm, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.form = form
        self.model = MembersModel(form, self)
        self.view = MembersView(self.model, self)
        self.problem = Note("members-error", self)
        self._offers = QMenu(self)
        self._beside = QVBoxLayout()
        self._add = self._add_button("add-member", tr("&Add"), None)
        self._add.setMenu(self._offers)
        self._offers.aboutToShow.connect(self._offer)
        self._edit = self._add_button("edit-member", tr("E&dit…"), self.edit)
        self._remove = self._add_button("remove-member", tr("Remo&ve"), self.remove)
        self._up = self._add_button("up", tr("Move U&p"), partial(self.move_by, -1))
        self._down = self._add_button("down", tr("Move Dow&n"), partial(self.move_by, 1))
        self._beside.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(SPACING // 2)
        row.addWidget(self.view, 1)
        row.addLayout(self._beside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING // 2)
        layout.addLayout(row, 1)
        layout.addWidget(self.problem)
        self.view.deed_asked.connect(self._do)
        self.view.selectionModel().currentChanged.connect(lambda *_: self._fit())
        self.model.moved.connect(self._moved)
        self.view.go_to(0)
        self._fit()

    def add(self, connection: ConnectionId) -> None:
        """One more, behind the others."""
        self._change(lambda: self.form.add_member(connection), len(self.form.members))

    def edit(self) -> None:
        """Ask what buckets are called there, and what it may be used for."""
        at = self.view.row
        if at < 0:
            return
        dialog = MemberDialog(self.form.member_form(at), self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(
            lambda: self._change(lambda: self.form.put_member(at, dialog.form.result()), at)
        )
        dialog.open()

    def remove(self) -> None:
        at = self.view.row
        if at >= 0:
            self._change(lambda: self.form.remove_member(at), at)

    def move_by(self, by: int) -> None:
        at = self.view.row
        if at >= 0 and 0 <= at + by < len(self.form.members):
            self._change(lambda: self.form.move_member(at, at + by), at + by)

    def say(self, problem: str) -> None:
        """What is wrong with them, empty for nothing."""
        self.problem.say(problem, is_error=bool(self.form.members))

    def _change(self, deed: Callable[[], object], row: int) -> None:
        self.model.change(deed)
        self._moved(row)

    def _moved(self, row: int) -> None:
        self.view.go_to(row)
        self._fit()
        self.edited.emit()

    def _do(self, deed: str) -> None:
        deeds: dict[str, Callable[[], None]] = {
            "edit": self.edit,
            "remove": self.remove,
            "up": partial(self.move_by, -1),
            "down": partial(self.move_by, 1),
        }
        deeds[deed]()

    def _fit(self) -> None:
        row, last = self.view.row, len(self.form.members) - 1
        for button in (self._edit, self._remove):
            button.setEnabled(row >= 0)
        self._up.setEnabled(row > 0)
        self._down.setEnabled(0 <= row < last)
        has_more = bool(self.form.candidates)
        self._add.setEnabled(has_more)
        none_left = tr("There is no other connection that could be a member.")
        self._add.setToolTip("" if has_more else none_left)

    def _offer(self) -> None:
        """What can still be added."""
        self._offers.clear()
        for each in self.form.candidates:
            action = self._offers.addAction(display_name(each.name).replace("&", "&&"))
            action.triggered.connect(lambda _=False, id_=each.id: self.add(id_))

    def _add_button(self, name: str, text: str, pressed: Callable[[], None] | None) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        if pressed is not None:
            button.clicked.connect(lambda _=False: pressed())
        self._beside.addWidget(button)
        return button


def _deed_of(event: QKeyEvent) -> str:
    key = Qt.Key(event.key())
    if event.modifiers() & Qt.KeyboardModifier.AltModifier:
        return {Qt.Key.Key_Up: "up", Qt.Key.Key_Down: "down"}.get(key, "")
    plain = {
        Qt.Key.Key_Return: "edit",
        Qt.Key.Key_Enter: "edit",
        Qt.Key.Key_Delete: "remove",
    }
    return plain.get(key, "")
