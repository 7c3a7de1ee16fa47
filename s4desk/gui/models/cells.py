"""What stands in the cells of a listing: text, icon, tool tip. Made when a cell is painted."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon

from s4desk.core.domain.objects import DELETED, LATEST
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.ordering import OF_VERSIONS, Column
from s4desk.viewmodels.rows import (
    Kind,
    dots_hint,
    escape_key,
    folder_label,
    format_bytes,
    format_size,
    format_time,
    kind_of,
    object_label,
    type_label,
)
from s4desk.viewmodels.version_text import state_label, version_label

if TYPE_CHECKING:
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.viewmodels.columns import Columns

Icons = Callable[[str], QIcon]
"""From the name of an icon to the icon in the colours of now."""

ENTRY_ROLE = Qt.ItemDataRole.UserRole
"""What a row stands for: a Prefix, a Location, or None."""

META_ROLE = Qt.ItemDataRole.UserRole + 1
"""The object of a row as an ObjectMeta; None for a folder and for a delete marker. Only what is
listed is in it."""

QUIET_ROLE = Qt.ItemDataRole.UserRole + 2
"""Whether a row is drawn more quietly: it is not what its key holds now."""

KEYS_MIME = "application/x-s4desk-keys"
"""Marks a drag that starts in our own window; reserved for copies inside a store."""

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def column_title(column: Column) -> str:
    return {
        Column.NAME: tr("Name"),
        Column.SIZE: tr("Size"),
        Column.MODIFIED: tr("Modified"),
        Column.CLASS: tr("Storage class"),
        Column.TYPE: tr("Type"),
        Column.ETAG: tr("ETag"),
        Column.OWNER: tr("Owner"),
        Column.LOCK: tr("Lock"),
        Column.REPLICATION: tr("Replication"),
        Column.VERSION: tr("Version"),
        Column.STATE: tr("State"),
    }[column]


def column_header(column: Column, role: int) -> Any:
    """What `headerData` answers for a column."""
    if role == Qt.ItemDataRole.DisplayRole:
        return column_title(column)
    if role == Qt.ItemDataRole.TextAlignmentRole:
        return LEFT  # on the right there is the arrow of the order
    return None


def cell_text(columns: Columns, id_: int, column: Column) -> str:
    if id_ < 0:
        return _folder_text(columns, id_, column)
    if column in OF_VERSIONS and not columns.versions:
        return ""
    if column in _OF_CONTENT and is_marker(columns, id_):
        return ""
    return _OBJECT_TEXT[column](columns, id_)


def is_marker(columns: Columns, id_: int) -> bool:
    """Whether a row is a delete marker."""
    return bool(columns.marks) and id_ >= 0 and bool(columns.marks[id_] & DELETED)


def is_quiet(columns: Columns, id_: int) -> bool:
    """Whether a row is not what its key holds now: an older version, or a delete marker."""
    return bool(columns.marks) and id_ >= 0 and columns.marks[id_] != LATEST


def cell_icon(columns: Columns, id_: int) -> str:
    """The name of the icon of a row."""
    if is_marker(columns, id_):
        return "delete-marker"
    return Kind.FOLDER if id_ < 0 else kind_of(columns.names[id_])


def cell_tip(columns: Columns, id_: int, column: Column) -> str:
    """What the cell has no room for; a name with every character told apart."""
    if column is Column.NAME:
        bucket, key = columns.prefix.bucket, escape_key(columns.key(id_))
        key = f"s3://{bucket}/{key}" if bucket else f"s3://{key}"
        hint = dots_hint(columns.folders[~id_]) if id_ < 0 else ""
        return plain_tip(f"{key} – {hint}" if hint else key)
    if column is Column.VERSION and id_ >= 0 and columns.versions:
        return plain_tip(columns.versions[id_])
    if column is Column.SIZE and id_ >= 0 and not is_marker(columns, id_):
        return plain_tip(format_bytes(columns.sizes[id_]))
    return plain_tip(cell_text(columns, id_, column))


def plain_tip(text: str) -> str:
    """`text` for a tool tip, which would take a key with `<` in it for HTML."""
    return f"<span>{html.escape(text)}</span>" if text else ""


def _folder_text(columns: Columns, id_: int, column: Column) -> str:
    if column is Column.NAME:
        return folder_label(columns.folders[~id_])
    return tr("Folder") if column is Column.TYPE else ""


def _spoken_text(columns: Columns, id_: int, column: Column) -> str:
    """What only the icon tells is said of folders."""
    text = cell_text(columns, id_, column)
    if column is not Column.NAME:
        return text
    if id_ < 0:
        return tr("{name}, folder").format(name=text)
    if not columns.marks:
        return text
    state = state_label(columns.marks[id_])
    return tr("{name}, {state}").format(name=text, state=state)


_OF_CONTENT = (Column.SIZE, Column.CLASS, Column.TYPE, Column.ETAG)
"""What a delete marker has none of."""

_OBJECT_TEXT: dict[Column, Callable[[Columns, int], str]] = {
    Column.NAME: lambda columns, at: object_label(columns.names[at]),
    Column.SIZE: lambda columns, at: format_size(columns.sizes[at]),
    Column.MODIFIED: lambda columns, at: format_time(columns.modified[at]),
    Column.CLASS: lambda columns, at: columns.classes[at],
    Column.TYPE: lambda columns, at: type_label(columns.names[at]),
    Column.ETAG: lambda columns, at: columns.etags[at],
    Column.OWNER: lambda columns, at: columns.owners[at],
    Column.LOCK: lambda _columns, _at: "",
    Column.REPLICATION: lambda _columns, _at: "",
    Column.VERSION: lambda columns, at: version_label(columns.versions[at]),
    Column.STATE: lambda columns, at: state_label(columns.marks[at]),
}


def _meta(columns: Columns, id_: int) -> ObjectMeta | None:
    return columns.meta(id_) if id_ >= 0 and not is_marker(columns, id_) else None


_READERS: dict[int, Callable[[Columns, int, Column], Any]] = {
    Qt.ItemDataRole.DisplayRole: cell_text,
    Qt.ItemDataRole.ToolTipRole: cell_tip,
    Qt.ItemDataRole.AccessibleTextRole: _spoken_text,
    ENTRY_ROLE: lambda columns, id_, _column: columns.entry(id_),
    QUIET_ROLE: lambda columns, id_, _column: is_quiet(columns, id_),
    META_ROLE: lambda columns, id_, _column: _meta(columns, id_),
}


def cell_data(columns: Columns, id_: int, column: Column, role: int, icons: Icons) -> Any:
    """What `data` answers for a cell of a listing."""
    read = _READERS.get(role)
    if read is not None:
        return read(columns, id_, column)
    if role == Qt.ItemDataRole.TextAlignmentRole:
        return RIGHT if column is Column.SIZE else LEFT
    if role == Qt.ItemDataRole.DecorationRole and column is Column.NAME:
        return icons(cell_icon(columns, id_))
    return None
