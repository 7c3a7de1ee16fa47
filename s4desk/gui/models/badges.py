"""Badges in the cells of a listing: what is known of an object beside what its listing says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt

from s4desk.core.domain.archive import ARCHIVES
from s4desk.core.runtime.i18n import tr
from s4desk.gui.models.cells import LEFT, Icons, cell_data, plain_tip
from s4desk.viewmodels.lock_text import Badge
from s4desk.viewmodels.ordering import BADGED, Column

if TYPE_CHECKING:
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.viewmodels.columns import Columns

BadgeOf = Callable[["ObjectMeta"], Badge | None]
"""The badge of an object, if what it shows was read by now."""

Badges = Mapping[Column, BadgeOf]
"""Who knows the badges of a column; of one that is not in it nobody does yet."""

_Role = Qt.ItemDataRole
_TOLD = (_Role.DisplayRole, _Role.ToolTipRole, _Role.AccessibleTextRole)


Tell = Callable[["ObjectMeta"], tuple[str, str] | None]
"""What stands in the cell of the class of an archived object, and what it means, if known."""


def nothing_told(_meta: ObjectMeta) -> tuple[str, str] | None:
    """Until somebody knows."""
    return None


def badged_data(
    columns: Columns,
    id_: int,
    column: Column,
    role: int,
    icons: Icons,
    badges: Badges,
    tell: Tell = nothing_told,
) -> Any:
    """What `data` answers for a cell of a listing with badges. Who cannot see the badges beside a
    name hears of them with the name."""
    if column in BADGED:
        badge_of = badges.get(column)
        badge = badge_of(columns.meta(id_)) if badge_of is not None and id_ >= 0 else None
        return _badge_data(badge, role, icons)
    if column is Column.CLASS and role in _TOLD and id_ >= 0 and columns.classes[id_] in ARCHIVES:
        told = tell(columns.meta(id_))
        if told is not None:
            return plain_tip(told[1]) if role == _Role.ToolTipRole else told[0]
    answer = cell_data(columns, id_, column, role, icons)
    if role == _Role.AccessibleTextRole and column is Column.NAME and id_ >= 0:
        for badge_of in badges.values():
            badge = badge_of(columns.meta(id_))
            if badge is not None and badge.icon:
                answer = tr("{name}, {lock}").format(name=answer, lock=badge.meaning)
    return answer


def _badge_data(badge: Badge | None, role: int, icons: Icons) -> Any:
    if role == _Role.TextAlignmentRole:
        return LEFT
    if badge is None:
        return "" if role == _Role.DisplayRole else None
    if role == _Role.DisplayRole:
        return badge.text
    if role == _Role.DecorationRole and badge.icon:
        return icons(badge.icon)
    if role == _Role.ToolTipRole:
        return plain_tip(badge.meaning)
    return badge.meaning if role == _Role.AccessibleTextRole else None
