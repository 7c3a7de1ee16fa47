"""What a destination lacks, has otherwise, or has besides. Nothing is changed by looking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QPushButton, QWidget

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.button_row import ButtonRow
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import button_box, column, paragraph
from s4desk.gui.dialogs.table import TextTableModel, text_table
from s4desk.gui.room import claim
from s4desk.viewmodels.replication_compare import compare_titles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import SignalInstance

SIZE: Final = (760, 460)
LEAST: Final = (460, 300)
_KEY: Final = 1
_WHAT: Final = 2
_KEPT: Final = (3, 4)


class ReplicationCompareDialog(QDialog):
    """compare_asked(bool)   all is to be compared anew; True: what belongs to the bytes, too
    stop_asked()          it is not to go on
    look_asked()          what is missing or different is to be replicated
    manifest_asked()      and to be written into a file, for the store to do that
    """

    compare_asked = Signal(bool)
    stop_asked = Signal()
    look_asked = Signal()
    manifest_asked = Signal()

    def __init__(self, title: str, place: str, parent: QWidget | None = None) -> None:
        """`place` is where the replicas are."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self.state = Note("state", self)
        self.model = TextTableModel(compare_titles(), ())
        self._table = text_table(self.model, tr("Differences"), self)
        self._table.keep(_KEPT, spare=_KEY)
        self._thorough = QCheckBox(tr("&Metadata, tags, classes and locks, too"), self)
        self._thorough.setObjectName("thorough")
        self._thorough.setToolTip(
            tr("Four requests for each object that is at both ends: that takes its time")
        )
        self._thorough.toggled.connect(lambda _: self.ask())
        self.outcome = Note("outcome", self)
        self._row = ButtonRow(self)
        self._look = self._add_button("look", tr("Replicate E&xisting Now"), self.look_asked)
        self._manifest = self._add_button("manifest", tr("Save Mani&fest…"), self.manifest_asked)
        self._manifest.setToolTip(
            tr("What is missing or different as a list for S3 Batch Replication")
        )
        self._stop = self._add_button("stop", tr("&Stop"), self.stop_asked)
        buttons = button_box(QDialogButtonBox.StandardButton.Close, self)
        buttons.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        buttons.rejected.connect(self.reject)
        layout = column(self)
        layout.addWidget(
            paragraph(
                tr(
                    "What is here now, beside what is in {place}. Nothing is ever deleted there."
                ).format(place=place)
            )
        )
        layout.addWidget(self._thorough)
        layout.addWidget(self.state)
        layout.addWidget(self._table, 1)
        layout.addWidget(self.outcome)
        layout.addWidget(self._row)
        layout.addWidget(buttons)
        claim(self, SIZE, LEAST)

    def ask(self) -> None:
        """Ask for the comparison that is ticked; what comes of one waits for its end."""
        self._let_go_on(is_running=True)
        self.compare_asked.emit(self._thorough.isChecked())

    def begin(self, sentence: str, *, is_thorough: bool) -> None:
        """All is compared anew."""
        self._table.show_column(_WHAT, is_thorough)
        self.model.show_rows(())
        self.outcome.say("")
        self.state.say(sentence)
        self._let_go_on(is_running=True)

    def add(self, rows: Sequence[Sequence[str]]) -> None:
        """More differences."""
        is_first = self.model.rowCount() == 0
        self.model.add(rows)
        if is_first:
            self._table.fit()

    def end(self, sentence: str, *, can_look: bool, can_save: bool) -> None:
        """No more is compared."""
        self._let_go_on(is_running=False)
        self.state.say(sentence)
        self._table.fit()
        self._look.setEnabled(can_look)
        self._manifest.setEnabled(can_save)

    def fail(self, problem: BaseException | str) -> None:
        """It cannot be compared, or not to the end."""
        self._let_go_on(is_running=False)
        self.state.fail(problem)

    def _let_go_on(self, *, is_running: bool) -> None:
        if self._stop.hasFocus() and not is_running:
            self._table.setFocus()
        self._stop.setEnabled(is_running)
        self._look.setEnabled(False)
        self._manifest.setEnabled(False)

    def _add_button(self, name: str, text: str, asked: SignalInstance) -> QPushButton:
        button = self._row.add(name, text)
        button.clicked.connect(lambda _=False: asked.emit())
        return button
