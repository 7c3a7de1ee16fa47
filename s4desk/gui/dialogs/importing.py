"""Choosing which connections of other programs are taken over."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import SPACING, choice_box, column
from s4desk.gui.dialogs.table import ROW_HEIGHT
from s4desk.gui.dialogs.tick_table import Ticks
from s4desk.gui.models.offer_table import OfferColumn, OfferTableModel
from s4desk.gui.room import claim, roomy
from s4desk.viewmodels.offer_text import needs_keyring

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from s4desk.core.persist.offers import Offer
    from s4desk.core.persist.secrets import KeyringState

SIZE = (860, 460)
LEAST = (560, 300)
_WIDTHS = {OfferColumn.NAME: 160, OfferColumn.ADDRESS: 200, OfferColumn.KEYS: 130}
_Role = QDialogButtonBox.ButtonRole


class Source(StrEnum):
    """Where connections come from."""

    AWS = "aws"
    RCLONE = "rclone"
    FILE = "file"


class ImportDialog(QDialog):
    """A list to tick. It reads nothing itself: `source_chosen` asks the owner, who answers with
    `show_offers` or `fail`; `submitted` asks to take over what is ticked, `file_wanted`
    to keep keys in a file where no keyring does."""

    source_chosen = Signal(object)
    submitted = Signal()
    file_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Import Connections"))
        self.model = OfferTableModel(self)
        self.outcome = Note("outcome", self)
        self._source = QComboBox(self)
        self._source.setObjectName("source")
        self._source.setAccessibleName(tr("From"))
        self._again = QPushButton(tr("C&hoose File…"), self)
        self._again.setObjectName("choose-file")
        self._again.setAutoDefault(False)
        self._table = self._make_table()
        self._buttons = choice_box(self, tr("Import"))
        self._ok = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._all = self._button(tr("Tick &All"), is_on=True)
        self._none = self._button(tr("Tick &None"), is_on=False)
        self._keyring = Note("keyring", self)
        self._state: KeyringState | None = None
        self._make_file = QPushButton(tr("Keep in an &Encrypted File…"), self)
        self._make_file.setObjectName("make-file")
        self._make_file.setAutoDefault(False)
        self._make_file.clicked.connect(self.file_wanted)
        self._fill_sources()
        self._lay_out()
        self._buttons.accepted.connect(self.submitted)
        self._buttons.rejected.connect(self.reject)
        self.model.ticked.connect(self._fit)
        self.model.modelReset.connect(self._say_keyring)
        self._say_keyring()
        self._fit()

    @property
    def source(self) -> Source:
        return Source(self._source.currentData())

    def show_offers(self, offers: Sequence[Offer]) -> None:
        self.outcome.say("")
        self.model.show_offers(offers)
        self._table.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_keyring(self, state: KeyringState) -> None:
        """Where keys go that come along."""
        self._state = state
        self.model.show_keyring(state)
        self._say_keyring()

    def fail(self, problem: BaseException | str) -> None:
        """Nothing can be read there, or not all could be taken over."""
        self.model.show_offers([])
        self.outcome.fail(problem)

    def set_busy(self, is_busy: bool, sentence: str = "") -> None:
        for widget in (self._source, self._again, self._table):
            widget.setEnabled(not is_busy)
        if sentence:
            self.outcome.say(sentence)
        self._fit()
        self._ok.setEnabled(self._ok.isEnabled() and not is_busy)

    def _fit(self) -> None:
        count = len(self.model.chosen)
        self._ok.setEnabled(count > 0)
        self._ok.setText(tr("Import {count}").format(count=count) if count else tr("Import"))
        for button in (self._all, self._none):
            button.setEnabled(self.model.rowCount() > 0)
        self._again.setEnabled(self.source is not Source.AWS)

    def _say_keyring(self) -> None:
        """Only what is out of the ordinary, and only where there are keys."""
        state = self._state
        is_lost = state is not None and not state.usable and needs_keyring(self.model.offers)
        self._keyring.say(
            tr("{reason} Keys are kept for this session only.").format(reason=state.reason)
            if is_lost and state is not None
            else ""
        )
        self._make_file.setVisible(is_lost)

    def _fill_sources(self) -> None:
        for source, label in (
            (Source.AWS, tr("Profiles of the AWS configuration")),
            (Source.RCLONE, tr("Remotes of an rclone configuration")),
            (Source.FILE, tr("A file that “Export Connections” has written")),
        ):
            self._source.addItem(label, source.value)
        self._source.activated.connect(lambda _: self._ask())
        self._again.clicked.connect(self._ask)

    def _ask(self) -> None:
        self._fit()
        self.source_chosen.emit(self.source)

    def _button(self, text: str, *, is_on: bool) -> QPushButton:
        button = self._buttons.addButton(text, _Role.ActionRole)
        button.setAutoDefault(False)
        button.clicked.connect(lambda: self.model.tick_all(is_on=is_on))
        return button

    def _make_table(self) -> QTableView:
        table = QTableView(self)
        table.setModel(self.model)
        table.setAccessibleName(tr("Connections that can be imported"))
        table.setItemDelegate(Ticks(table))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(
            max(ROW_HEIGHT, table.fontMetrics().height() + 6)
        )
        titles = table.horizontalHeader()
        titles.setHighlightSections(False)
        titles.setSectionResizeMode(OfferColumn.REMARK, QHeaderView.ResizeMode.Stretch)
        for section, width in _WIDTHS.items():
            table.setColumnWidth(section, roomy(self, width))
        return table

    def _lay_out(self) -> None:
        layout = column(self)
        label = QLabel(tr("&From:"), self)
        label.setBuddy(self._source)
        row = QHBoxLayout()
        row.setSpacing(SPACING)
        row.addWidget(label)
        row.addWidget(self._source, 1)
        row.addWidget(self._again)
        layout.addLayout(row)
        layout.addWidget(self._table, 1)
        layout.addWidget(self._keyring)
        layout.addWidget(self._make_file, 0, Qt.AlignmentFlag.AlignLeading)
        layout.addWidget(self.outcome)
        layout.addWidget(self._buttons)
        claim(self, SIZE, LEAST)
