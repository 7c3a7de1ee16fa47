"""The transfer queue: its table, its buttons, and one line about all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from s4desk.core.domain.transfer import TransferId, TransferState
from s4desk.core.runtime.i18n import tr
from s4desk.gui.focus_marks import mark_focus
from s4desk.gui.models.transfer_cells import TransferColumn, column_title
from s4desk.gui.views.buttons import ElidedLabel, IconButton
from s4desk.gui.views.progress_delegate import ProgressDelegate
from s4desk.gui.views.row_delegate import RowDelegate
from s4desk.viewmodels.columns import row_runs
from s4desk.viewmodels.transfer_text import totals_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from PySide6.QtCore import QPersistentModelIndex
    from PySide6.QtGui import QKeyEvent, QPaintEvent, QResizeEvent

    from s4desk.core.transfer.progress import Totals
    from s4desk.gui.models.cells import Icons
    from s4desk.gui.models.transfer_table import TransferTableModel

ROW_HEIGHT = 24
STATE_VERSION = b"3"
"""In front of a kept header: another one belongs to other columns and is not restored."""
AT_ONCE = (1, 2, 4, 8, 16, 32)

_Flag = QItemSelectionModel.SelectionFlag
_PAUSABLE = frozenset({TransferState.QUEUED, TransferState.RUNNING})
_PAUSED = frozenset({TransferState.PAUSED})
_FAILED = frozenset({TransferState.FAILED})
_RETRIABLE = _FAILED | {TransferState.CANCELLED}
_CANCELLABLE = _PAUSABLE | _PAUSED | _FAILED
_ENDED = _FAILED | {TransferState.COMPLETED, TransferState.CANCELLED}
_WIDTHS = {
    TransferColumn.DIRECTION: "→",
    TransferColumn.NAME: "a-file-with-a-long-name",
    TransferColumn.FROM: "/home/somebody/a-folder/a-file",
    TransferColumn.TO: "/home/somebody/a-folder/a-file",
    TransferColumn.PROGRESS: "000000000000",
    TransferColumn.SIZE: "000.0 MiB of 00.0 MiB",
    TransferColumn.SPEED: "000.0 MiB/s",
    TransferColumn.TIME_LEFT: "00 min 00 s",
    TransferColumn.STATE: "Running – no answer for 8 s",
    TransferColumn.VERIFIED: "CRC64NVME",
    TransferColumn.ERROR: "What went wrong",
}


class SentenceDelegate(RowDelegate):
    """The beginning of a sentence says most."""

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideRight


class TransferTable(QTableView):
    """The rows. What is selected is told in ids: rows move when others are cleared away."""

    menu_requested = Signal(QPoint)
    opened = Signal(object)
    failure_opened = Signal(object)
    selected = Signal()

    def __init__(self, model: TransferTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._kept: list[TransferId] = []
        self._kept_current: list[TransferId] = []
        self.setAccessibleName(tr("Transfers"))
        self.setModel(model)
        self.setItemDelegate(RowDelegate(self))
        self.setItemDelegateForColumn(TransferColumn.PROGRESS, ProgressDelegate(self))
        for column in (TransferColumn.STATE, TransferColumn.ERROR):
            self.setItemDelegateForColumn(column, SentenceDelegate(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._set_up_headers()
        self.doubleClicked.connect(self._open)
        model.replacing.connect(self._keep)
        model.replaced.connect(self._restore)

    def chosen(self) -> list[TransferId]:
        """The selected transfers, in the order of their rows."""
        ranges = self.selectionModel().selection().toList()
        return self._model.transfers(sorted((each.top(), each.bottom()) for each in ranges))

    def select(self, transfers: Iterable[TransferId]) -> None:
        """Select these and no others."""
        last = self._model.columnCount() - 1
        selection = QItemSelection()
        for top, bottom in row_runs(self._model.rows_of(transfers)):
            selection.select(self._model.index(top, 0), self._model.index(bottom, last))
        self.selectionModel().select(selection, _Flag.ClearAndSelect)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self.selected.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._open(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        position = event.pos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            position = self.visualRect(self.currentIndex()).center()
        self.menu_requested.emit(self.viewport().mapToGlobal(position))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._model.rowCount() == 0:
            painter = QPainter(self.viewport())
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            painter.drawText(
                self.viewport().rect(),
                Qt.AlignmentFlag.AlignCenter,
                tr("Uploads and downloads are shown here.\nWhat ended earlier is in the history."),
            )
            painter.end()
            mark_focus(self, self.viewport())

    def _set_up_headers(self) -> None:
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(max(ROW_HEIGHT, self.fontMetrics().height() + 6))
        header = self.horizontalHeader()
        # With the table's own selection Qt would ask for the flags of every row, for every column
        # it paints, as soon as all rows are selected.
        header.setSelectionModel(QItemSelectionModel(self._model, header))
        header.setHighlightSections(False)
        header.setSectionsMovable(True)
        header.setFirstSectionMovable(False)
        header.setMinimumSectionSize(28)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._offer_columns)
        margin = 2 * self.fontMetrics().horizontalAdvance("0")
        for column, text in _WIDTHS.items():
            header.resizeSection(column, self.fontMetrics().horizontalAdvance(text) + margin)
        header.setSectionResizeMode(TransferColumn.DIRECTION, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(TransferColumn.DIRECTION, 30)
        header.setSectionHidden(TransferColumn.FROM, True)
        self._least_error = header.sectionSize(TransferColumn.ERROR)
        header.sectionResized.connect(self._make_room)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.give_rest_to_error()

    def give_rest_to_error(self) -> None:
        """An error is the longest text: it gets what the others leave, and never nothing."""
        header = self.horizontalHeader()
        if header.isSectionHidden(TransferColumn.ERROR):
            return
        others = header.length() - header.sectionSize(TransferColumn.ERROR)
        left = self.viewport().width() - others
        header.resizeSection(TransferColumn.ERROR, max(self._least_error, left))

    def _make_room(self, column: int, _before: int, _now: int) -> None:
        if column != TransferColumn.ERROR:
            self.give_rest_to_error()

    def _offer_columns(self, position: QPoint) -> None:
        header = self.horizontalHeader()
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for column in TransferColumn:
            if column in (TransferColumn.DIRECTION, TransferColumn.NAME):
                continue
            action = menu.addAction(column_title(column))
            action.setCheckable(True)
            action.setChecked(not header.isSectionHidden(column))
            action.toggled.connect(
                lambda is_shown, column=column: header.setSectionHidden(column, not is_shown)
            )
        menu.popup(header.mapToGlobal(position))

    def _open(self, index: QModelIndex) -> None:
        """What failed is explained, anything else shown where it is."""
        (transfer,) = self._model.transfers([(index.row(), index.row())])
        has_failed = self._model.states([transfer]) == _FAILED
        (self.failure_opened if has_failed else self.opened).emit(transfer)

    def _keep(self) -> None:
        self._kept = self.chosen()
        row = self.currentIndex().row()
        self._kept_current = self._model.transfers([(row, row)]) if row >= 0 else []

    def _restore(self) -> None:
        for row in self._model.rows_of(self._kept_current):
            self.selectionModel().setCurrentIndex(self._model.index(row, 0), _Flag.NoUpdate)
        self.select(self._kept)
        self._kept = self._kept_current = []


class TransfersPane(QWidget):
    """Shows a TransferTableModel.

    Pause, resume and retry are about the selected transfers, and with none selected about all;
    what was cancelled is only begun anew when it is selected. Cancelling always needs a selection,
    for it takes away what was done. The lists that are asked for hold only transfers in a state
    that allows it.
    """

    pause_requested = Signal(list)
    resume_requested = Signal(list)
    retry_requested = Signal(list)
    cancel_requested = Signal(list)
    clear_requested = Signal()
    history_requested = Signal()
    revealed = Signal(object)
    failure_opened = Signal(object)
    selection_changed = Signal(list)
    menu_requested = Signal(list, QPoint)
    concurrency_chosen = Signal(int)

    def __init__(
        self, model: TransferTableModel, icons: Icons, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._icons = icons
        self._table = TransferTable(model, self)
        self._totals = ElidedLabel(self)
        self._pause = self._button("pause", self.pause_requested.emit, _PAUSABLE)
        self._resume = self._button("resume", self.resume_requested.emit, _PAUSED)
        self._retry = self._button("retry", self.retry_requested.emit, _FAILED, _RETRIABLE)
        self._cancel = self._button("cancel", self.cancel_requested.emit, _CANCELLABLE)
        self._clear = IconButton(icons, "clear", tr("Remove what has ended from the list"), self)
        self._clear.setObjectName("clear")
        self._clear.clicked.connect(self.clear_requested)
        self._history = IconButton(icons, "history", tr("Find transfers that ended earlier"), self)
        self._history.setObjectName("history")
        self._history.clicked.connect(self.history_requested)
        self._at_once = QComboBox(self)
        self._at_once.setObjectName("at-once")
        self._at_once.setAccessibleName(tr("How many transfers run at once"))
        self._at_once.setToolTip(
            tr("How many transfers run at once; of small files up to four times as many")
        )
        self._at_once.activated.connect(
            lambda _: self.concurrency_chosen.emit(self._at_once.currentData())
        )
        self._lay_out()
        self._table.selected.connect(self._selected)
        self._table.menu_requested.connect(self._request_menu)
        self._table.opened.connect(self.revealed)
        self._table.failure_opened.connect(self.failure_opened)
        model.states_changed.connect(self._fit_buttons)
        self._fit_buttons()

    def show_totals(self, totals: Totals) -> None:
        self._totals.say(totals_text(totals))

    def focus_rows(self) -> None:
        """Let the keys go to the rows."""
        self._table.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_concurrency(self, count: int) -> None:
        """Show how many transfers run at once; it need not be one of the choices."""
        self._at_once.clear()
        for each in sorted({*AT_ONCE, count}):
            self._at_once.addItem(tr("{count} at once").format(count=each), each)
        self._at_once.setCurrentIndex(self._at_once.findData(count))

    def save_state(self) -> bytes:
        """Widths, order and visibility of the columns."""
        return STATE_VERSION + self._table.horizontalHeader().saveState().data()

    def restore_state(self, state: bytes) -> None:
        """Take back what `save_state` gave; anything else changes nothing."""
        if state.startswith(STATE_VERSION):
            self._table.horizontalHeader().restoreState(state.removeprefix(STATE_VERSION))
            self._table.give_rest_to_error()

    def _button(
        self,
        name: str,
        ask: Callable[[list[TransferId]], None],
        states: frozenset[TransferState],
        chosen_states: frozenset[TransferState] = frozenset(),
    ) -> IconButton:
        """A button about transfers in `states`; of selected ones, in `chosen_states` too."""
        button = IconButton(self._icons, name, "", self)
        button.setObjectName(name)
        button.clicked.connect(lambda: ask(self._in_states(states, chosen_states | states)))
        return button

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(6, 3, 8, 3)
        bar.setSpacing(2)
        for button in (self._pause, self._resume, self._retry, self._cancel):
            bar.addWidget(button)
        bar.addSpacing(4)
        bar.addWidget(self._clear)
        bar.addWidget(self._history)
        bar.addSpacing(4)
        bar.addWidget(self._at_once)
        bar.addSpacing(8)
        bar.addStretch(1)
        bar.addWidget(self._totals)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(bar)
        whole.addWidget(self._table, 1)

    def _in_states(
        self, states: frozenset[TransferState], chosen_states: frozenset[TransferState]
    ) -> list[TransferId]:
        if chosen := self._table.chosen():
            return [id_ for id_ in chosen if self._is_in(chosen_states, id_)]
        return [id_ for id_ in self._model.transfers() if self._is_in(states, id_)]

    def _is_in(self, states: frozenset[TransferState], id_: TransferId) -> bool:
        """What waits for the network counts as paused too: going on is trying it now."""
        is_held = TransferState.PAUSED in states and id_ in self._model.held
        return is_held or self._model.states([id_]) <= states

    def _selected(self) -> None:
        self._fit_buttons()
        self.selection_changed.emit(self._table.chosen())

    def _fit_buttons(self) -> None:
        chosen = self._table.chosen()
        is_all = not chosen or len(chosen) == self._model.rowCount()
        states = self._model.all_states if is_all else self._model.states(chosen)
        self._pause.setEnabled(bool(states & _PAUSABLE))
        is_held = bool(self._model.held if is_all else self._model.held.intersection(chosen))
        self._resume.setEnabled(is_held or bool(states & _PAUSED))
        self._retry.setEnabled(bool(states & (_RETRIABLE if chosen else _FAILED)))
        self._cancel.setEnabled(bool(chosen) and bool(states & _CANCELLABLE))
        self._clear.setEnabled(bool(self._model.all_states & _ENDED))
        self._tell_what_for(is_everything=not chosen)

    def _tell_what_for(self, *, is_everything: bool) -> None:
        if is_everything:
            self._pause.set_tip(tr("Pause all transfers"))
            self._resume.set_tip(tr("Go on with all transfers"))
            self._retry.set_tip(tr("Try all failed transfers again"))
            self._cancel.set_tip(tr("Select transfers to cancel them"))
        else:
            self._pause.set_tip(tr("Pause the selected transfers"))
            self._resume.set_tip(tr("Go on with the selected transfers"))
            self._retry.set_tip(tr("Try the selected transfers again"))
            self._cancel.set_tip(tr("Cancel the selected transfers and undo what they began"))

    def _request_menu(self, position: QPoint) -> None:
        self.menu_requested.emit(self._table.chosen(), position)
