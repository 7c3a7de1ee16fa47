"""How much lies where in a bucket: drawn and told, while it is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QSplitter,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import SPACING, button_box, column
from s4desk.gui.dialogs.table import text_table
from s4desk.gui.dialogs.usage_drawing import UsageDrawing
from s4desk.gui.models.usage_table import UsageColumn, UsageTableModel
from s4desk.gui.room import claim, roomy
from s4desk.viewmodels.rows import display_name
from s4desk.viewmodels.usage_rows import Division, Measure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.identity import Prefix
    from s4desk.gui.dialogs.table import TextTable
    from s4desk.viewmodels.usage_rows import UsageRow, UsageSheet

SIZE = (960, 560)
LEAST = (480, 320)
"""Pixels."""
MEASURED_ROWS = 20
_Button = QDialogButtonBox.StandardButton
_UP_KEYS = ("Backspace", "Alt+Up")


class StorageDialog(QDialog):
    """It counts nothing itself: whoever opened it does, and shows here what is known.

    asked()            another look: at `prefix`, by `division` and `measure`
    count_asked(bool)  from the beginning; with old versions or without
    stop_asked()       of counting
    go_asked(str)      show a folder in the window
    """

    asked = Signal()
    count_asked = Signal(bool)
    stop_asked = Signal()
    go_asked = Signal(str)
    prices_asked = Signal()
    export_asked = Signal()

    def __init__(self, place: Prefix, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Storage of {place}").format(place=place))
        self.prefix = self._top = place.prefix
        self._bucket = place.bucket
        self._is_busy = False
        self._rows: Sequence[UsageRow] = ()
        self._up = QPushButton(tr("&Up"), self)
        self._up.setObjectName("up")
        self._up.clicked.connect(self._go_up)
        self._where = QLabel(self)
        self._where.setTextFormat(Qt.TextFormat.PlainText)
        self._divisions = _combo(self, "division", _division_names())
        self._measures = _combo(self, "measure", _measure_names())
        for combo in (self._divisions, self._measures):
            combo.currentIndexChanged.connect(lambda _: self.asked.emit())
        self._old = QCheckBox(tr("&Old versions"), self)
        self._old.setObjectName("old")
        self._old.setToolTip(tr("Count versions that are no longer current, too"))
        self._old.toggled.connect(self.count_asked)
        self._old.hide()
        self._summary = Note("summary", self)
        self._bar = QProgressBar(self)
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("It is being counted"))
        self._drawing = UsageDrawing(self)
        self._model = UsageTableModel()
        self._table = self._make_table()
        self._cost = Note("cost", self)
        self.outcome = Note("outcome", self)
        self._buttons = button_box(_Button.Close, self)
        self._go = self._add_button("go", tr("&Show in Window"), self._go_there)
        self._count = self._add_button("count", tr("&Stop"), self._stop_or_count)
        self._add_button("prices", tr("&Prices…"), self.prices_asked.emit)
        self._add_button("export", tr("&Export…"), self.export_asked.emit)
        self._buttons.rejected.connect(self.reject)
        self._listen()
        self._lay_out()
        self._show_place()

    @property
    def division(self) -> Division:
        return Division(self._divisions.currentData())

    @property
    def measure(self) -> Measure:
        return Measure(self._measures.currentData())

    def offer_old_versions(self) -> None:
        """The bucket has, or had, versions."""
        self._old.show()

    def set_busy(self, is_busy: bool) -> None:
        self._is_busy = is_busy
        self._bar.setVisible(is_busy)
        self._count.setText(tr("&Stop") if is_busy else tr("&Count Again"))
        if is_busy:
            self.outcome.say("")

    def show_sheet(self, sheet: UsageSheet) -> None:
        """What is known now; the row that is current stays so, wherever it stands."""
        if (sheet.prefix, sheet.division) != (self.prefix, self.division):
            return  # somebody went elsewhere meanwhile
        key = self._current_key()
        self._rows = sheet.rows
        current = next((at for at, row in enumerate(sheet.rows) if row.key == key), -1)
        self._model.show_rows(sheet.rows)
        self._table.setColumnHidden(UsageColumn.COST, not any(row.cost for row in sheet.rows))
        self._mark(current)
        self._drawing.show_rows(sheet.rows, sheet.division, current)
        self._summary.say(sheet.summary)
        self._cost.say(" ".join(filter(None, [sheet.cost, *sheet.notes])))

    def look_at(self, prefix: str) -> None:
        """Go to a folder, one that was counted."""
        left, self.prefix = self.prefix, prefix
        self._rows = ()
        self._model.show_rows(())
        self._left = left if left.startswith(prefix) else ""
        self._show_place()
        self.asked.emit()

    # How it is used

    def _listen(self) -> None:
        self._left = ""
        self._drawing.chosen.connect(self._mark)
        self._drawing.opened.connect(self._open)
        self._table.activated.connect(lambda index: self._open(index.row()))
        self._table.selectionModel().currentRowChanged.connect(self._row_changed)
        for keys in _UP_KEYS:
            QShortcut(QKeySequence(keys), self, self._go_up)

    def _current_key(self) -> str:
        """The row that is current; after going up that of the folder one comes from."""
        row = self._table.currentIndex().row()
        if 0 <= row < len(self._rows):
            self._left = ""
            return self._rows[row].key
        start = len(self.prefix)
        return self._left[: self._left.find("/", start) + 1] if self._left else ""

    def _row_changed(self, index: QModelIndex) -> None:
        self._drawing.set_current(index.row())
        self._show_place()

    def _mark(self, row: int) -> None:
        if row >= 0 and row != self._table.currentIndex().row():
            self._table.selectRow(row)

    def _open(self, row: int) -> None:
        if 0 <= row < len(self._rows) and self._rows[row].folder:
            self.look_at(self._rows[row].folder)

    def _go_up(self) -> None:
        if self.prefix != self._top:
            above = self.prefix[: self.prefix.rfind("/", 0, -1) + 1]
            self.look_at(above if len(above) > len(self._top) else self._top)

    def _go_there(self) -> None:
        """To the folder of the current row, or else the one that is looked at."""
        row = self._table.currentIndex().row()
        folder = self._rows[row].folder if 0 <= row < len(self._rows) else ""
        self.go_asked.emit(folder or self.prefix)

    def _stop_or_count(self) -> None:
        if self._is_busy:
            self.stop_asked.emit()
        else:
            self.count_asked.emit(self._old.isChecked())

    def _show_place(self) -> None:
        self._where.setText(" › ".join(_way(self._bucket, self.prefix)))
        self._up.setEnabled(self.prefix != self._top)

    # How it is made

    def _add_button(self, name: str, text: str, pressed: object) -> QPushButton:
        button = self._buttons.addButton(text, QDialogButtonBox.ButtonRole.ActionRole)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(pressed)
        return button

    def _make_table(self) -> TextTable:
        table = text_table(self._model, tr("What lies where"), self)
        table.setTextElideMode(Qt.TextElideMode.ElideRight)
        titles = table.horizontalHeader()
        titles.setResizeContentsPrecision(MEASURED_ROWS)
        titles.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        titles.setSectionResizeMode(UsageColumn.NAME, QHeaderView.ResizeMode.Stretch)
        return table

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(SPACING)
        top.addWidget(self._up)
        top.addWidget(self._where, 1)
        for combo in (self._divisions, self._measures):
            top.addWidget(combo)
        top.addWidget(self._old)
        halves = QSplitter(Qt.Orientation.Horizontal, self)
        halves.addWidget(self._drawing)
        halves.addWidget(self._table)
        halves.setChildrenCollapsible(False)
        halves.setSizes([roomy(self, SIZE[0]) * 11 // 20, roomy(self, SIZE[0]) * 9 // 20])
        layout = column(self)
        layout.addLayout(top)
        layout.addWidget(self._summary)
        layout.addWidget(self._bar)
        layout.addWidget(halves, 1)
        layout.addWidget(self._cost)
        layout.addWidget(self.outcome)
        layout.addWidget(self._buttons)
        claim(self, SIZE, LEAST)


def _combo(parent: QWidget, name: str, entries: Sequence[tuple[str, str]]) -> QComboBox:
    combo = QComboBox(parent)
    combo.setObjectName(name)
    combo.setAccessibleName(tr("Divided by") if name == "division" else tr("Compared by"))
    for data, text in entries:
        combo.addItem(text, data)
    return combo


def _division_names() -> list[tuple[str, str]]:
    return [
        (Division.FOLDERS, tr("By folder")),
        (Division.CLASSES, tr("By storage class")),
        (Division.AGES, tr("By age")),
    ]


def _measure_names() -> list[tuple[str, str]]:
    return [(Measure.SIZE, tr("Size")), (Measure.OBJECTS, tr("Number of objects"))]


def _way(bucket: str, prefix: str) -> list[str]:
    """A bucket and the folders in it that lead to a place."""
    return [bucket, *(display_name(each) for each in prefix.removesuffix("/").split("/") if each)]
