"""Failover groups: how each member is, what it was used for, and what became of reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStyle,
    QStyleOptionViewItem,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.button_row import ButtonRow
from s4desk.gui.dialogs.fact_grid import FactGrid
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import SPACING, be_narrow, button_box, column
from s4desk.gui.dialogs.scrolled import Scrolled
from s4desk.gui.dialogs.table import TextTableModel, WholeRows, text_table
from s4desk.gui.room import claim, roomy
from s4desk.viewmodels.group_status import USAGE, drill_text, status_titles, uncounted_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import SignalInstance
    from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.gui.models.indexes import Index
    from s4desk.viewmodels.group_status import MemberRow
    from s4desk.viewmodels.inspector import Fact

SIZE: Final = (900, 590)
LEAST: Final = (520, 400)
"""Pixels."""
NARROW: Final = 880
"""Pixels below which the last error is only told below the table, and of limits only the bars."""
LOW: Final = 44
NEARLY: Final = 0.9
"""From this share of a limit on its bar is in the colour of errors."""
BAR: Final = 3.0
TRACK_ALPHA: Final = 0.16
LETTERS: Final = 14
_NAME, _ERROR = 0, 5


class GroupStatusDialog(QDialog):
    """It stands beside the window, stays open, and changes nothing itself.

    shown(bool)         whether it can be seen
    chosen()            another group is looked at
    check_asked()       every member is to be asked whether it is there
    try_asked()         the chosen member, which is down, is to be tried now
    drill_asked(bool)   the chosen member is to be pretended to be down, or not any more
    edit_asked()        the group
    compare_asked()     what its members hold
    """

    shown = Signal(bool)
    chosen = Signal()
    check_asked = Signal()
    try_asked = Signal()
    drill_asked = Signal(bool)
    edit_asked = Signal()
    compare_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Failover Groups"))
        self._rows: Sequence[MemberRow] = ()
        self._is_busy = False
        self._groups = QComboBox(self)
        self._groups.setObjectName("group")
        be_narrow(self._groups, LETTERS)
        self._groups.currentIndexChanged.connect(lambda _: self._tell_chosen())
        self.drill = Note("drill", self)
        self._model = TextTableModel(status_titles(), ())
        self._table = text_table(self._model, tr("Members of the group"), self)
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._bars = _UsageRows(self._table)
        self._table.setItemDelegate(self._bars)
        height = self._table.verticalHeader().defaultSectionSize() + 2 * int(BAR)
        self._table.verticalHeader().setDefaultSectionSize(height)
        self._table.setMinimumHeight(4 * height)
        self._table.selectionModel().currentRowChanged.connect(lambda *_: self._fit())
        self._told = Note("told", self)
        self._facts = FactGrid(self)
        self.month = Note("month", self)
        self.outcome = Note("outcome", self)
        self._buttons = button_box(QDialogButtonBox.StandardButton.Close, self)
        self._buttons.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        self._row = ButtonRow(self)
        self._check = self._add_button("check", tr("Check &Now"), self.check_asked)
        self._check.setToolTip(tr("Ask every member for its buckets, and see whether it answers"))
        self._try = self._add_button("try", tr("&Try Now"), self.try_asked)
        self._try.setToolTip(tr("Do not wait until the member is tried again by itself"))
        self._drill = self._row.add("pretend", tr("&Pretend It Is Down"))
        self._drill.clicked.connect(self._ask_drill)
        self._edit = self._add_button("edit", tr("&Edit Group…"), self.edit_asked)
        self._compare = self._add_button("compare", tr("C&ompare Members…"), self.compare_asked)
        self._compare.setToolTip(tr("See which member holds what, and what differs"))
        self._buttons.rejected.connect(self.reject)
        self._lay_out()
        self._fit()

    @property
    def group(self) -> ConnectionId | None:
        """The one that is chosen."""
        id_: ConnectionId | None = self._groups.currentData()
        return id_

    @property
    def member(self) -> MemberRow | None:
        """The one that is chosen."""
        at = self._table.currentIndex().row()
        return self._rows[at] if 0 <= at < len(self._rows) else None

    @property
    def model(self) -> TextTableModel:
        """The members as they are shown."""
        return self._model

    @property
    def facts(self) -> Sequence[Fact]:
        return self._facts.facts

    def show_groups(self, groups: Sequence[tuple[ConnectionId, str]]) -> None:
        """All that there are; the chosen one stays it."""
        shown = [
            (self._groups.itemData(at), self._groups.itemText(at))
            for at in range(self._groups.count())
        ]
        if shown == list(groups):
            return
        former = self.group
        with QSignalBlocker(self._groups):
            self._groups.clear()
            for id_, name in groups:
                self._groups.addItem(name, id_)
            self._groups.setCurrentIndex(max(0, self._groups.findData(former)))
        if self.group != former:
            self._tell_chosen()

    def choose(self, group: ConnectionId) -> None:
        """Look at this one, if it is there."""
        at = self._groups.findData(group)
        if at >= 0:
            self._groups.setCurrentIndex(at)

    def choose_member(self, member: ConnectionId) -> None:
        for at, each in enumerate(self._rows):
            if each.id == member:
                self._table.selectRow(at)

    def show_members(self, rows: Sequence[MemberRow]) -> None:
        """As they are now; what is chosen stays chosen."""
        former, before = self.member, [each.id for each in self._rows]
        self._rows = rows
        self._bars.rows = rows
        if self._model.show_rows([each.cells for each in rows]):
            self._table.fit()
        self._table.viewport().update()
        if before != [each.id for each in rows]:
            self._table.clearSelection()
            self._table.setCurrentIndex(self._model.index(-1, -1))
            if former is not None:
                self.choose_member(former.id)
            if rows and self.member is None:
                self._table.selectRow(0)
        self.drill.say(drill_text(rows), is_error=True)
        self._fit()

    def show_facts(self, facts: Sequence[Fact], month: str) -> None:
        self._facts.show_facts(facts)
        self.month.say(month)
        self.month.setToolTip(uncounted_text() if facts else "")

    def set_busy(self, is_busy: bool) -> None:
        """While members are asked nobody asks them again."""
        self._is_busy = is_busy
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.shown.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.shown.emit(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_wide = event.size().width() >= roomy(self, NARROW)
        self._bars.has_limits = is_wide
        self._table.keep(USAGE, spare=_ERROR if is_wide else _NAME, least=LETTERS)
        self._table.show_column(_ERROR, is_wide)
        self._table.fit()

    def _tell_chosen(self) -> None:
        self.outcome.say("")  # of another group
        self.chosen.emit()

    def _ask_drill(self) -> None:
        if (member := self.member) is not None:
            self.drill_asked.emit(not member.is_pretended)

    def _fit(self) -> None:
        member, has_group = self.member, self.group is not None
        is_pretended = member is not None and member.is_pretended
        self._check.setEnabled(has_group and not self._is_busy)
        is_down = member is not None and not member.is_well and not is_pretended
        self._try.setEnabled(is_down and not self._is_busy)
        self._drill.setText(tr("End the &Drill") if is_pretended else tr("&Pretend It Is Down"))
        begin = tr("A drill: see what would happen if this member were down")
        self._drill.setToolTip("" if is_pretended else begin)
        self._drill.setEnabled(member is not None)
        for button in (self._edit, self._compare):
            button.setEnabled(has_group)
        self._told.say(member.told if member is not None else "", is_error=True)

    def _add_button(self, name: str, text: str, asked: SignalInstance) -> QPushButton:
        button = self._row.add(name, text)
        button.clicked.connect(lambda _=False: asked.emit())
        return button

    def _lay_out(self) -> None:
        label = QLabel(tr("&Group:"), self)
        label.setBuddy(self._groups)
        top = QHBoxLayout()
        top.setSpacing(SPACING)
        top.addWidget(label)
        top.addWidget(self._groups, 1)
        facts = Scrolled(self._facts, self)
        facts.setMinimumHeight(roomy(self, LOW))
        policy = facts.sizePolicy()
        policy.setHeightForWidth(False)  # else the layout holds its whole height for the least
        facts.setSizePolicy(policy)
        facts.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # or no key would scroll it
        facts.setAccessibleName(tr("What became of reads"))
        layout = column(self)
        layout.addLayout(top)
        layout.addWidget(self.drill)
        layout.addWidget(self._table, 3)
        layout.addWidget(self.month)
        layout.addWidget(self._told)
        layout.addWidget(facts, 2)
        layout.addWidget(self.outcome)
        layout.addWidget(self._row)
        layout.addWidget(self._buttons)
        claim(self, SIZE, LEAST)


class _UsageRows(WholeRows):
    """What a member was used for has a bar under it, as long as its share of the limit. That is
    told in words only if it `has_limits`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: Sequence[MemberRow] = ()
        self.has_limits = True

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        at = self._at(index)
        if at is not None and not self.has_limits:
            option.text = self.rows[index.row()].used[at]

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        at = self._at(index)
        share = None if at is None else self.rows[index.row()].shares[at]
        if share is None:
            return
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        role = QPalette.ColorRole.HighlightedText if is_selected else QPalette.ColorRole.Text
        ink, full = option.palette.color(role), QPalette.ColorRole.BrightText
        bar = ink if is_selected else option.palette.color(QPalette.ColorRole.Highlight)
        if share >= NEARLY and not is_selected:
            bar = option.palette.color(full)
        track = QRectF(option.rect.adjusted(4, 0, -12, -2))
        track.setTop(track.bottom() - BAR)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        faded = QColor(ink)
        faded.setAlphaF(TRACK_ALPHA)
        painter.setBrush(faded)
        painter.drawRoundedRect(track, BAR / 2, BAR / 2)
        if share:
            painter.setBrush(bar)
            track.setWidth(max(BAR, track.width() * share))
            painter.drawRoundedRect(track, BAR / 2, BAR / 2)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return super().sizeHint(option, index) + QSize(0, 2 * int(BAR))

    def _at(self, index: Index) -> int | None:
        """Which of LIMITS the column is about; None for no usage."""
        is_usage = index.column() in USAGE and index.row() < len(self.rows)
        return USAGE.index(index.column()) if is_usage else None
