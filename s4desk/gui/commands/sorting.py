"""In which order the objects are shown, asked for without a header to click on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.ordering import Column, SortOrder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.gui.actions import Actions
    from s4desk.gui.views.browsers import Browsers

SORT_COLUMNS: Mapping[Act, Column] = {
    Act.SORT_BY_NAME: Column.NAME,
    Act.SORT_BY_SIZE: Column.SIZE,
    Act.SORT_BY_TIME: Column.MODIFIED,
    Act.SORT_BY_CLASS: Column.CLASS,
    Act.SORT_BY_TYPE: Column.TYPE,
}


class Sorting:
    """Does what a click on a header does; the ticks say how it is, not what was asked for."""

    def __init__(self, browsers: Browsers, acts: Actions) -> None:
        self._browsers = browsers
        self._acts = acts

    def by(self, act: Act) -> None:
        """Sort by what this command names, in the direction of now."""
        shown = self._browsers.order.shown
        self._browsers.order.choose(SortOrder(SORT_COLUMNS[act], shown.is_descending))
        self.show()

    def turn(self) -> None:
        """Begin with what came last."""
        shown = self._browsers.order.shown
        self._browsers.order.choose(SortOrder(shown.column, not shown.is_descending))
        self.show()

    def show(self) -> None:
        """Tick what is so."""
        shown = self._browsers.order.shown
        for act, column in SORT_COLUMNS.items():
            if column is shown.column:
                self._acts[act].setChecked(True)
        self._acts[Act.SORT_DESCENDING].setChecked(shown.is_descending)
