"""The versions of the object that is selected, and what can be done with one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.models.cells import QUIET_ROLE
from s4desk.gui.models.version_table import VersionColumn, VersionTableModel
from s4desk.gui.room import roomy
from s4desk.gui.views.buttons import ElidedLabel, IconButton
from s4desk.gui.views.row_delegate import RowDelegate
from s4desk.gui.views.table_looks import fit_columns, set_table_looks
from s4desk.viewmodels.version_text import VersionDeed as Deed
from s4desk.viewmodels.version_text import deed_obstacle, timeline_title

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PySide6.QtCore import QModelIndex, QPersistentModelIndex
    from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QResizeEvent
    from PySide6.QtWidgets import QStyleOptionViewItem

    from s4desk.core.domain.objects import ObjectVersion
    from s4desk.gui.models.cells import Icons

HEIGHT = 190
"""Below this the facts above are worth more."""
_WIDEST: Mapping[int, str] = {
    VersionColumn.WHEN: "0000-00-00 00:00:00 00",
    VersionColumn.SIZE: "000.0 MiB",
    VersionColumn.ID: "0000000000…",
}
_ICONS = {
    Deed.PREVIEW: "eye",
    Deed.DOWNLOAD: "download",
    Deed.RESTORE: "history",
    Deed.DELETE: "delete",
}


class TimelinePanel(QWidget):
    """Hidden as long as there is only one version. `asked(VersionDeed, ObjectVersion)`."""

    asked = Signal(object, object)

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self.model = VersionTableModel(icons, self)
        self.table = _Rows(self.model)
        self._title = ElidedLabel()
        self._can_change = True
        words = _words()
        self._buttons = {deed: IconButton(icons, _ICONS[deed], words[deed]) for deed in Deed}
        self._lay_out()
        for deed, button in self._buttons.items():
            button.clicked.connect(lambda _=False, deed=deed: self._ask(deed))
        self.table.asked.connect(self._ask)
        self.table.menu_requested.connect(self._open_menu)
        self.table.selectionModel().selectionChanged.connect(self._fit)
        self.model.modelReset.connect(self._fit)
        self.hide()

    @property
    def version(self) -> ObjectVersion | None:
        """The one that is selected."""
        rows = self.table.selectionModel().selectedRows()
        return self.model.version(rows[0].row()) if rows else None

    def show_versions(
        self, versions: Sequence[ObjectVersion], *, is_all: bool = True, can_change: bool = True
    ) -> None:
        """Show these; what was selected of the same object stays so."""
        before = self.version
        self._can_change = can_change
        self.model.show(versions)
        self._title.say(timeline_title(len(versions), is_all=is_all))
        self.table.setColumnHidden(VersionColumn.OWNER, not self.model.knows_owners)
        self.table.fit_width()
        if before is not None:
            ids = [each.version for each in versions if each.location == before.location]
            if before.version in ids:
                self.table.selectRow(ids.index(before.version))
        is_history = len(versions) > 1 or any(each.is_delete_marker for each in versions)
        self.setVisible(is_history)
        self._fit()

    def obstacle(self, deed: Deed) -> str:
        """Why it cannot be done with the row that is selected; empty if it can."""
        return deed_obstacle(deed, self.version, can_change=self._can_change)

    def _ask(self, deed: Deed) -> None:
        version = self.version
        if version is not None and not self.obstacle(deed):
            self.asked.emit(deed, version)

    def _fit(self) -> None:
        words = _words()
        for deed, button in self._buttons.items():
            reason = self.obstacle(deed)
            button.setEnabled(not reason)
            button.set_tip(words[deed])
            if reason:
                button.setToolTip(reason)

    def _open_menu(self, position: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        for deed, words in _words().items():
            action = menu.addAction(self._icons(_ICONS[deed]), words)
            action.setObjectName(deed)
            action.triggered.connect(lambda _=False, deed=deed: self._ask(deed))
            if reason := self.obstacle(deed):
                action.setEnabled(False)
                action.setToolTip(reason)
        menu.popup(position)

    def _lay_out(self) -> None:
        self.setBackgroundRole(QPalette.ColorRole.Base)
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        head = QHBoxLayout()
        head.setContentsMargins(12, 4, 6, 0)
        head.setSpacing(2)
        head.addWidget(self._title, 1)
        head.addStretch()
        for button in self._buttons.values():
            head.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 4)
        layout.setSpacing(2)
        layout.addLayout(head)
        layout.addWidget(self.table)
        self.table.setFixedHeight(roomy(self, HEIGHT))


class _Rows(QTableView):
    """Return looks at a version, Delete deletes it."""

    asked = Signal(object)
    menu_requested = Signal(QPoint)

    def __init__(self, model: VersionTableModel) -> None:
        super().__init__()
        self.setModel(model)
        self.setAccessibleName(tr("Versions of the object"))
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setItemDelegate(_QuietRows(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        set_table_looks(self)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(VersionColumn.STATE, QHeaderView.ResizeMode.Stretch)
        fit_columns(header, self.fontMetrics(), _WIDEST)
        self._id_width = header.sectionSize(VersionColumn.ID)
        self.doubleClicked.connect(lambda _: self.asked.emit(Deed.PREVIEW))

    def fit_width(self) -> None:
        """Leave the ids to tips where they would push the others out of sight."""
        header, state = self.horizontalHeader(), VersionColumn.STATE
        needed = max(self.sizeHintForColumn(state), header.sectionSizeHint(state))
        others = (VersionColumn.WHEN, VersionColumn.SIZE, VersionColumn.OWNER)
        # A hidden column has no size.
        needed += self._id_width + sum(header.sectionSize(each) for each in others)
        self.setColumnHidden(VersionColumn.ID, self.viewport().width() < needed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit_width()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.asked.emit(Deed.PREVIEW)
        elif event.key() == Qt.Key.Key_Delete:
            self.asked.emit(Deed.DELETE)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_requested.emit(event.globalPos())


class _QuietRows(RowDelegate):
    """What is not the latest version is drawn more quietly."""

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        if index.data(QUIET_ROLE):
            quiet = option.palette.color(QPalette.ColorRole.PlaceholderText)
            option.palette.setColor(QPalette.ColorRole.Text, quiet)


def _words() -> dict[Deed, str]:
    return {
        Deed.PREVIEW: tr("Preview This Version"),
        Deed.DOWNLOAD: tr("Download This Version…"),
        Deed.RESTORE: tr("Restore This Version"),
        Deed.DELETE: tr("Delete This Version…"),
    }
