"""What stands in the cells of a listing: text, icon, tool tip. Made when a cell is painted."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon

from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.ordering import Column
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

if TYPE_CHECKING:
    from s4desk.viewmodels.columns import Columns

Icons = Callable[[str], QIcon]
"""From the name of an icon to the icon in the colours of now."""

ENTRY_ROLE = Qt.ItemDataRole.UserRole
"""What a row stands for: a Prefix, a Location, or None."""

META_ROLE = Qt.ItemDataRole.UserRole + 1
"""The object of a row as an ObjectMeta; None for a folder. Only what is listed is in it."""

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
    }[column]


def column_header(column: Column, role: int) -> Any:
    """What `headerData` answers for a column."""
    if role == Qt.ItemDataRole.DisplayRole:
        return column_title(column)
    if role == Qt.ItemDataRole.TextAlignmentRole:
        return LEFT  # on the right there is the arrow of the order
    return None


def cell_text(columns: Columns, id_: int, column: Column) -> str:
    return _folder_text(columns, id_, column) if id_ < 0 else _OBJECT_TEXT[column](columns, id_)


def cell_icon(columns: Columns, id_: int) -> str:
    """The name of the icon of a row."""
    return Kind.FOLDER if id_ < 0 else kind_of(columns.names[id_])


def cell_tip(columns: Columns, id_: int, column: Column) -> str:
    """What the cell has no room for; a name with every character told apart."""
    if column is Column.NAME:
        bucket, key = columns.prefix.bucket, escape_key(columns.key(id_))
        key = f"s3://{bucket}/{key}" if bucket else f"s3://{key}"
        hint = dots_hint(columns.folders[~id_]) if id_ < 0 else ""
        return plain_tip(f"{key} – {hint}" if hint else key)
    if column is Column.SIZE and id_ >= 0:
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
    is_folder = id_ < 0 and column is Column.NAME
    return tr("{name}, folder").format(name=text) if is_folder else text


_OBJECT_TEXT: dict[Column, Callable[[Columns, int], str]] = {
    Column.NAME: lambda columns, at: object_label(columns.names[at]),
    Column.SIZE: lambda columns, at: format_size(columns.sizes[at]),
    Column.MODIFIED: lambda columns, at: format_time(columns.modified[at]),
    Column.CLASS: lambda columns, at: columns.classes[at],
    Column.TYPE: lambda columns, at: type_label(columns.names[at]),
    Column.ETAG: lambda columns, at: columns.etags[at],
    Column.OWNER: lambda columns, at: columns.owners[at],
    Column.LOCK: lambda _columns, _at: "",
}

_READERS: dict[int, Callable[[Columns, int, Column], Any]] = {
    Qt.ItemDataRole.DisplayRole: cell_text,
    Qt.ItemDataRole.ToolTipRole: cell_tip,
    Qt.ItemDataRole.AccessibleTextRole: _spoken_text,
    ENTRY_ROLE: lambda columns, id_, _column: columns.entry(id_),
    META_ROLE: lambda columns, id_, _column: columns.meta(id_) if id_ >= 0 else None,
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
