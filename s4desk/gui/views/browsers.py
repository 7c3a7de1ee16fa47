"""The three ways to look at a folder, one of which is chosen: table, grid and tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr
from s4desk.gui.models.object_table import ObjectTableModel
from s4desk.gui.models.object_tree import ObjectTreeModel
from s4desk.gui.views.object_grid_view import ObjectGridView
from s4desk.gui.views.object_table_view import ObjectTableView
from s4desk.gui.views.object_tree_view import ObjectTreeView

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

    from s4desk.gui.models.badges import BadgeOf, Tell
    from s4desk.gui.models.cells import Icons
    from s4desk.gui.views.header_order import HeaderOrder
    from s4desk.viewmodels.ordering import Column

Browser = ObjectTableView | ObjectGridView | ObjectTreeView


class Browsers:
    """The table and the grid share one model and one selection; the tree has its own."""

    def __init__(self, icons: Icons, owner: QObject) -> None:
        self.table_model = ObjectTableModel(icons, owner)
        self.tree_model = ObjectTreeModel(icons, owner)
        self.table = ObjectTableView(self.table_model)
        self.grid = ObjectGridView(self.table)
        self.tree = ObjectTreeView(self.tree_model)
        self.table.setAccessibleName(tr("Objects"))
        self.grid.setAccessibleName(tr("Objects as a grid"))
        self.tree.setAccessibleName(tr("Objects as a tree"))
        self._kinds: dict[bytes, Browser] = {
            b"table": self.table,
            b"grid": self.grid,
            b"tree": self.tree,
        }
        self.chosen: Browser = self.table

    @property
    def kind(self) -> str:
        """The name of the chosen one, for `choose`."""
        return next(kind for kind, view in self._kinds.items() if view is self.chosen).decode()

    def choose(self, kind: str) -> None:
        """Choose by a name that `kind` gave; another one chooses nothing."""
        self.chosen = self._kinds.get(kind.encode(), self.chosen)

    @property
    def all(self) -> list[Browser]:
        return list(self._kinds.values())

    @property
    def for_search(self) -> Browser:
        """What a search finds is in no tree."""
        return self.table if self.chosen is self.tree else self.chosen

    @property
    def order(self) -> HeaderOrder:
        """How the rows of the chosen one are sorted."""
        return self.tree.order if self.chosen is self.tree else self.table.order

    def let_badge(self, column: Column, badge_of: BadgeOf) -> None:
        """Who knows the badge of an object in a column."""
        self.table_model.let_badge(column, badge_of)
        self.tree_model.let_badge(column, badge_of)

    def let_tell(self, tell: Tell) -> None:
        """Who knows how far the restore of an archived object is."""
        self.table_model.let_tell(tell)
        self.tree_model.let_tell(tell)

    def show_badges(self) -> None:
        """One more is known."""
        for view in self.all:
            if view.isVisible():
                view.viewport().update()

    def show_badged(self, column: Column, is_shown: bool) -> None:
        """Whether what is shown may have badges in a column."""
        self.table.show_badged(column, is_shown)
        self.tree.show_badged(column, is_shown)

    def take_turn(self, view: object) -> None:
        """Let this one keep its place from now on, beginning where the other one is."""
        if view is self.table or view is self.grid:
            self.table.keeper.hand_over(self.grid if view is self.grid else self.table)

    def save_state(self) -> bytes:
        """Which is chosen, the order of the tree, the columns of the table; opaque."""
        return b"%b,%b;%b" % (self.kind.encode(), self.tree.order.save(), self.table.save_state())

    def restore_state(self, state: bytes) -> Browser:
        """Which one is to be chosen."""
        kind, mark, columns = state.partition(b";")
        kind, _comma, order = kind.partition(b",")
        if not mark:
            return self.chosen
        self.tree.order.restore(order)
        self.table.restore_state(columns)
        return self._kinds.get(kind, self.table)
