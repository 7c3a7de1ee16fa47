"""What the members of a failover group hold, side by side. Nothing is changed by looking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.button_row import ButtonRow
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import SPACING, be_narrow, button_box, column, paragraph
from s4desk.gui.dialogs.scrolled import Scrolled
from s4desk.gui.dialogs.table import TextTableModel, text_table
from s4desk.gui.room import claim, roomy
from s4desk.viewmodels.group_compare import compare_titles, sieves

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import SignalInstance

    from s4desk.viewmodels.group_compare import Sieve

SIZE: Final = (860, 540)
LEAST: Final = (460, 340)
LOW: Final = 64
"""Pixels of what came of it at the least."""
LETTERS: Final = 12
_KEY: Final = 0


class GroupCompareDialog(QDialog):
    """compare_asked()  the place that is typed is to be compared anew
    stop_asked()     it is not to go on
    sieved()         other rows are to be shown
    export_asked()   what is shown is to be written into a file
    """

    compare_asked = Signal()
    stop_asked = Signal()
    sieved = Signal()
    export_asked = Signal()

    def __init__(
        self, title: str, place: str, names: Sequence[str], parent: QWidget | None = None
    ) -> None:
        """`names` are those of the members, `place` a bucket, or a folder in it."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self._place = QLineEdit(place, self)
        self._place.setObjectName("place")
        self._place.setPlaceholderText(tr("bucket/folder"))
        self._place.textChanged.connect(lambda _: self._fit())
        self._place.returnPressed.connect(self._ask)
        self._go = QPushButton(tr("&Compare"), self)
        self._go.setObjectName("compare")
        self._go.setAutoDefault(False)
        self._go.clicked.connect(self._ask)
        self._sieves = QComboBox(self)
        self._sieves.setObjectName("sieve")
        be_narrow(self._sieves, LETTERS)
        self._choices = [sieve for sieve, _ in sieves(names)]
        self._sieves.addItems([words for _, words in sieves(names)])
        self._sieves.currentIndexChanged.connect(lambda _: self.sieved.emit())
        self.model = TextTableModel(compare_titles(names), ())
        self._table = text_table(self.model, tr("What members hold"), self)
        self._table.keep((), spare=_KEY, least=LETTERS)
        self.state = Note("state", self)
        self._told = self._in_scrolled(self.state)
        self.outcome = Note("outcome", self)
        self._is_running = False
        self._has_rows = False
        self._row = ButtonRow(self)
        self._stop = self._add_button("stop", tr("&Stop"), self.stop_asked)
        self._export = self._add_button("export", tr("&Export…"), self.export_asked)
        self._export.setToolTip(tr("Write the rows that are chosen into a table (CSV)"))
        self._buttons = button_box(QDialogButtonBox.StandardButton.Close, self)
        self._buttons.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        self._buttons.rejected.connect(self.reject)
        self._lay_out()
        self._fit()

    @property
    def place(self) -> str:
        """What is typed."""
        return self._place.text().strip()

    @property
    def sieve(self) -> Sieve:
        """Which rows are to be shown."""
        return self._choices[self._sieves.currentIndex()]

    def choose(self, sieve: Sieve) -> None:
        """As if a person did."""
        self._sieves.setCurrentIndex(self._choices.index(sieve))

    def begin(self, sentence: str) -> None:
        """All is compared anew."""
        self.model.show_rows(())
        self.outcome.say("")
        self.state.say(sentence)
        self._told.show()
        self._is_running, self._has_rows = True, False
        self._fit()

    def add(self, rows: Sequence[Sequence[str]]) -> None:
        """More of them."""
        is_first = self.model.rowCount() == 0
        self.model.add(rows)
        if is_first and rows:
            self._table.fit()

    def show_rows(self, rows: Sequence[Sequence[str]]) -> None:
        """Others, by another sieve."""
        self.model.show_rows(rows)
        self._table.fit()

    def end(self, sentence: str) -> None:
        """No more is compared."""
        if self._stop.hasFocus():
            self._table.setFocus(Qt.FocusReason.OtherFocusReason)
        self._is_running, self._has_rows = False, True
        self.state.say(sentence)
        self._table.fit()
        self._fit()

    def fail(self, problem: BaseException | str) -> None:
        """It cannot be compared."""
        self._is_running = False
        self.state.fail(problem)
        self._told.show()
        self._fit()

    def _ask(self) -> None:
        if self.place and not self._is_running:
            self.compare_asked.emit()

    def _fit(self) -> None:
        self._go.setEnabled(bool(self.place) and not self._is_running)
        self._stop.setEnabled(self._is_running)
        self._export.setEnabled(self._has_rows)

    def _add_button(self, name: str, text: str, asked: SignalInstance) -> QPushButton:
        button = self._row.add(name, text)
        button.clicked.connect(lambda _=False: asked.emit())
        return button

    def _lay_out(self) -> None:
        place, shown = QLabel(tr("&Bucket or folder:"), self), QLabel(tr("S&how:"), self)
        place.setBuddy(self._place)
        shown.setBuddy(self._sieves)
        asked = QGridLayout()
        asked.setSpacing(SPACING)
        asked.setColumnStretch(1, 1)
        asked.addWidget(place, 0, 0)
        asked.addWidget(self._place, 0, 1)
        asked.addWidget(self._go, 0, 2)
        asked.addWidget(shown, 1, 0)
        asked.addWidget(self._sieves, 1, 1, 1, 2)
        layout = column(self)
        layout.addLayout(asked)
        layout.addWidget(
            paragraph(
                tr(
                    "“Other” is not what the first member that has the key holds. Nothing is"
                    " changed by looking."
                )
            )
        )
        layout.addWidget(self._table, 3)
        layout.addWidget(self._told, 1)
        layout.addWidget(self.outcome)
        layout.addWidget(self._row)
        layout.addWidget(self._buttons)
        claim(self, SIZE, LEAST)

    def _in_scrolled(self, state: Note) -> Scrolled:
        """What came of it: as many lines as there are members."""
        # It scrolls, so nothing is lost when it is lower than it would be in a narrow dialog.
        state.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        inside = QWidget(self)
        lines = QVBoxLayout(inside)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.addWidget(state)
        lines.addStretch(1)
        told = Scrolled(inside, self)
        told.setMinimumHeight(roomy(self, LOW))
        policy = told.sizePolicy()
        policy.setHeightForWidth(False)  # else the layout holds its whole height for the least
        told.setSizePolicy(policy)
        told.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # or no key would scroll it
        told.setAccessibleName(tr("What came of it"))
        told.hide()
        return told
