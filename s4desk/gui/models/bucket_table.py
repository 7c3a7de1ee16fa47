"""The buckets of a connection, as a table."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    Qt,
    Signal,
)

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.identity import Prefix
from s4desk.core.domain.objects import Bucket
from s4desk.core.runtime.answers import hearing_answers
from s4desk.core.runtime.i18n import tr
from s4desk.gui.bridge.tasks import GuiTasks
from s4desk.gui.models.cells import ENTRY_ROLE, Icons, plain_tip
from s4desk.gui.models.indexes import NO_PARENT, Index
from s4desk.viewmodels.filtering import Pattern
from s4desk.viewmodels.listing import ListingState, ListingStatus
from s4desk.viewmodels.rows import display_name, escape_key, format_time
from s4desk.viewmodels.selection import Selection, Summary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from s4desk.core.domain.identity import ConnectionId

ListBuckets = Callable[[], Awaitable[Sequence[Bucket]]]
NAME, CREATED, REGION = range(3)

_Role = Qt.ItemDataRole
_SORT_KEYS: dict[int, Callable[[Bucket], Any]] = {
    NAME: lambda bucket: bucket.name,
    CREATED: lambda bucket: bucket.created.timestamp() if bucket.created else 0.0,
    REGION: lambda bucket: bucket.region,
}


class BucketTableModel(QAbstractTableModel):
    """Read whole: a connection has at most some thousand buckets."""

    status_changed = Signal()

    def __init__(self, icons: Icons, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self.tasks = GuiTasks(self)
        self._list_buckets: ListBuckets | None = None
        self._all: list[Bucket] = []
        self._rows: list[Bucket] = []
        self._state = ListingState.CLOSED
        self._failure: BaseException | None = None
        self._read_at = 0.0
        self._members: frozenset[ConnectionId] = frozenset()
        self._pattern = Pattern()
        self._sort = (NAME, False)

    @property
    def status(self) -> ListingStatus:
        return ListingStatus(
            state=self._state,
            folders=len(self._rows),
            loaded=len(self._all),
            pattern=self._pattern.text,
            failure=self._failure,
            is_buckets=True,
            as_of=self._read_at if self._failure is not None and self._all else None,
            members=self._members,
        )

    def open(self, list_buckets: ListBuckets) -> None:
        """Show the buckets of another connection."""
        self._pattern = Pattern()
        self._members = frozenset()
        self._show([])
        self._list_buckets = list_buckets
        self.refresh()

    def close(self) -> None:
        self.tasks.cancel()
        self._list_buckets = None
        self._show([])
        self._enter(ListingState.CLOSED)

    def refresh(self) -> None:
        """Ask again; the rows stay until the answer is here."""
        self.tasks.cancel()
        if self._list_buckets is not None:
            self._failure = None
            self._enter(ListingState.LOADING)
            self.tasks.start(self._load(self._list_buckets))

    def retry(self) -> None:
        self.refresh()

    def load_more(self) -> None:
        self.refresh()

    def load_all(self) -> None:
        """All there is, is loaded at once."""

    def stop(self) -> None:
        if self._state is ListingState.LOADING:
            self.tasks.cancel()
            self._enter(ListingState.STOPPED)

    def set_filter(self, text: str) -> None:
        """Show only buckets whose names fit (see Pattern)."""
        self._pattern = Pattern(text)
        self._show(self._all)
        self.status_changed.emit()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sort = (column, order is Qt.SortOrder.DescendingOrder)
        self._show(self._all)

    async def _load(self, list_buckets: ListBuckets) -> None:
        try:
            with hearing_answers() as heard:
                buckets = await list_buckets()
        except S4DeskError as failure:
            self._fail(list_buckets, failure)
        except Exception as failure:
            self._fail(list_buckets, failure)
            raise
        else:
            if self._is_loading(list_buckets):
                self._read_at = time.time()
                self._members = frozenset(each.backend for each in heard)
                self._show(buckets)
                self._enter(ListingState.COMPLETE)

    def _is_loading(self, list_buckets: ListBuckets) -> bool:
        return list_buckets is self._list_buckets and self._state is ListingState.LOADING

    def _fail(self, list_buckets: ListBuckets, failure: BaseException) -> None:
        if self._is_loading(list_buckets):
            self._failure = failure
            self._enter(ListingState.FAILED)

    def _enter(self, state: ListingState) -> None:
        self._state = state
        self.status_changed.emit()

    def _show(self, buckets: Sequence[Bucket]) -> None:
        column, is_descending = self._sort
        self.beginResetModel()
        self._all = sorted(buckets, key=_SORT_KEYS[column], reverse=is_descending)
        places = self._pattern.select(bucket.name for bucket in self._all)
        self._rows = [self._all[place] for place in places]
        self.endResetModel()

    # What rows mean

    def entry(self, index: Index) -> Prefix | None:
        return Prefix(self._rows[index.row()].name) if index.isValid() else None

    @property
    def knows_regions(self) -> bool:
        """Whether the store said of any bucket where it is; few others than AWS do."""
        return any(bucket.region for bucket in self._all)

    def find(self, name: str) -> QModelIndex:
        """The row of the bucket with this name."""
        rows = [row for row, bucket in enumerate(self._rows) if bucket.name == name]
        return self.index(rows[0], 0) if rows else QModelIndex()

    def selection(self, indexes: Iterable[Index]) -> Selection:
        return Selection(None, [Prefix(self._rows[index.row()].name) for index in indexes])

    def summary(self, indexes: Iterable[Index]) -> Summary:
        return Summary(folders=len(self.selection(indexes)))

    # Qt

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else 3

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        bucket = self._rows[index.row()]
        if role == _Role.DisplayRole:
            return _text(bucket, index.column())
        if role == _Role.DecorationRole and index.column() == NAME:
            return self._icons("bucket")
        if role == _Role.ToolTipRole and index.column() == NAME:
            return plain_tip(f"s3://{escape_key(bucket.name)}")
        return self.entry(index) if role == ENTRY_ROLE else None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == _Role.DisplayRole:
            return (tr("Bucket"), tr("Created"), tr("Region"))[section]
        return None


def _text(bucket: Bucket, column: int) -> str:
    if column == NAME:
        return display_name(bucket.name)
    if column == CREATED:
        return format_time(bucket.created.timestamp()) if bucket.created else ""
    return bucket.region
