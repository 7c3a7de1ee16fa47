"""Choosing where something is copied or moved to, and what goes along with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import FormRows, Note
from s4desk.gui.dialogs.frame import choice_box, column, headline, paragraph
from s4desk.gui.room import claim
from s4desk.viewmodels.clip import Deed
from s4desk.viewmodels.rows import display_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.viewmodels.moving_forms import CarriedForm
    from s4desk.viewmodels.places import Place

SIZE = (560, 620)
TREE_HEIGHT = 180


class DestinationDialog(QDialog):
    """A tree of places, and a form about what goes along.

    Whoever gave the tree tells by `choose` which place is current in it. `obstacle` says why a
    place will not do. A new folder is wanted by `folder_wanted(Place)`.
    """

    folder_wanted = Signal(object)

    def __init__(
        self,
        form: CarriedForm,
        sentence: str,
        deed: Deed,
        tree: QAbstractItemView,
        obstacle: Callable[[Place | None], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(form.title)
        self._obstacle = obstacle
        self._place: Place | None = None
        self._headline = headline(sentence)
        self._tree = tree
        tree.setParent(self)  # Tab comes to it first
        tree.setAcceptDrops(False)
        tree.setFrameShape(QFrame.Shape.StyledPanel)
        tree.setAccessibleName(sentence)
        tree.setMinimumHeight(TREE_HEIGHT)
        self._new = QPushButton(tr("&New Folder…"), self)
        self._new.setObjectName("new-folder")
        self._new.setAutoDefault(False)
        self._target = Note("target", self)
        self._fields = FormRows(form, self)
        accept = tr("&Move") if deed is Deed.MOVE else tr("&Copy")
        self._buttons = choice_box(self, accept)
        self._ok = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._lay_out()
        self._new.clicked.connect(lambda: self.folder_wanted.emit(self._place))
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self.choose(None)

    @property
    def place(self) -> Place | None:
        """What is chosen; None as long as it will not do."""
        return None if self._obstacle(self._place) else self._place

    def choose(self, place: Place | None) -> None:
        """The current place of the tree is this now."""
        self._place = place
        reason = self._obstacle(place)
        prefix = place.prefix if place is not None else None
        where = tr("To {place}").format(place=display_name(str(prefix))) if prefix else ""
        self._target.say(reason or where)
        self._ok.setEnabled(not reason)
        self._ok.setToolTip(reason)
        self._new.setEnabled(prefix is not None)

    def _lay_out(self) -> None:
        layout = column(self)
        layout.addWidget(self._headline)
        layout.addWidget(self._tree, 1)
        row = QHBoxLayout()
        row.addWidget(self._target, 1)
        row.addWidget(self._new, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(row)
        layout.addWidget(headline(tr("What goes along")))
        layout.addWidget(
            paragraph(tr("The content type, other headers and the metadata always go along."))
        )
        layout.addWidget(self._fields)
        layout.addWidget(self._buttons)
        claim(self, SIZE)
