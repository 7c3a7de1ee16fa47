"""Connections, their buckets and folders, as a tree that is read where it is opened."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, Qt, Signal

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.gui.bridge.tasks import GuiTasks
from s4desk.gui.models.cells import Icons, plain_tip
from s4desk.gui.models.connection_nodes import (
    ConnectionNode,
    Deed,
    Node,
    NoteNode,
    PlaceNode,
    Reading,
    failure_notes,
    folder_node,
    loading_note,
    more_note,
    no_buckets_note,
    start_node,
)
from s4desk.gui.models.indexes import NO_PARENT, Index
from s4desk.viewmodels.columns import row_runs
from s4desk.viewmodels.places import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.objects import Bucket
    from s4desk.viewmodels.pager import Pager, PagerSource

PAGES_AT_ONCE = 5
"""A page may hold a thousand objects and no folder: so many are looked through for the first."""

_Role = Qt.ItemDataRole
_ENABLED = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class TreeSource(Protocol):
    """Where the tree reads from. Both are called when a row is opened, not before."""

    async def list_buckets(self, connection: ConnectionId) -> Sequence[Bucket]: ...

    def pager_source(self, connection: ConnectionId) -> PagerSource: ...


class ConnectionTreeModel(QAbstractItemModel):
    """Connections, buckets, folders; below them notes about what is loading, failed or left.

    An index holds a number, not a pointer: a stale one finds no node and is harmless. What a node
    reads late, after it was read anew or has gone, is recognised by its Reading and dropped.
    """

    retried = Signal()

    def __init__(self, source: TreeSource, icons: Icons, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self._icons = icons
        self.tasks = GuiTasks(self)
        self._ids = itertools.count(1)
        self._nodes: dict[int, Node] = {}
        self._root = _Root()
        self._tell_more: Callable[[ConnectionId], str] = lambda _: ""
        self._reached: Callable[[Connection], Connection] = lambda connection: connection

    def let_tell_more(self, tell: Callable[[ConnectionId], str]) -> None:
        """What else there is to say of a connection while somebody points at it."""
        self._tell_more = tell

    def let_reach(self, reached: Callable[[Connection], Connection]) -> None:
        """What a connection is with the endpoint that it leads to."""
        self._reached = reached

    def show_connections(self, connections: Sequence[Connection]) -> None:
        """Show these and no others. What is open below those that stay, stays open."""
        self._merge(self._root, [ConnectionNode(each, self._reached(each)) for each in connections])
        for connection in connections:
            node = self._root.entries[Place(connection.id)]
            if isinstance(node, ConnectionNode):
                self._update(node, connection)

    def refresh(self, place: Place) -> None:
        """Read anew what is below `place`, if it was read. Rows stay until the answer is here.

        A place that is not shown may be new: then that is done with the nearest one above it.
        """
        node = self._nearest(place)
        if node is not None and node.is_read:
            self._read(node)

    def is_remark(self, index: Index) -> bool:
        """Whether a row only says something: it leads nowhere and offers nothing."""
        node = self._node(index)
        return isinstance(node, NoteNode) and node.deed is None

    def is_exposed(self, index: Index) -> bool:
        """Whether a row is a connection that others may listen to, or be the store of."""
        node = self._node(index)
        return isinstance(node, ConnectionNode) and node.is_exposed

    def act(self, index: Index) -> None:
        """Do what a note offers: load more, try again. Other rows offer nothing."""
        note = self._node(index)
        if not isinstance(note, NoteNode) or not isinstance(note.parent, PlaceNode):
            return
        broken = note.parent.broken
        if note.deed is Deed.RETRY:
            self.retried.emit()
        if note.deed is Deed.LOAD_MORE or (broken is not None and broken.is_more):
            self._read_more(note.parent)
        elif note.deed is Deed.RETRY:
            self._read(note.parent)

    def read_failed(self, kind: type[BaseException]) -> None:
        """Read what failed with an error of that kind, and would not any more."""
        for node in list(self._nodes.values()):
            broken = node.broken if isinstance(node, PlaceNode) else None
            if isinstance(node, PlaceNode) and broken and isinstance(broken.failure, kind):
                self._read(node)

    # What rows mean

    def place(self, index: Index) -> Place | None:
        """The place of a row; a note belongs to the place above it."""
        node = self._node(index)
        if isinstance(node, NoteNode):
            node = node.parent
        return node.place if isinstance(node, PlaceNode) and node is not self._root else None

    def destination(self, index: Index) -> Place | None:
        """Where opening a row leads to; None for notes."""
        node = self._node(index)
        return node.destination if isinstance(node, PlaceNode) else None

    def find(self, place: Place) -> QModelIndex:
        """The row of `place`, or of the nearest place above it that is loaded."""
        node = self._nearest(place)
        return NO_PARENT if node is None else self._index(node)

    def _nearest(self, place: Place) -> PlaceNode | None:
        way = [place]
        while (above := way[-1].parent) is not None:
            way.append(above)
        if way[-1].prefix is not None:
            way.append(Place(place.connection))
        node: PlaceNode = self._root
        for step in reversed(way):
            node = node.entries.get(step, node)
        return None if node is self._root else node

    # Reading

    def canFetchMore(self, parent: Index) -> bool:
        node = self._node(parent)
        return isinstance(node, PlaceNode) and not node.is_read

    def fetchMore(self, parent: Index) -> None:
        node = self._node(parent)
        if isinstance(node, PlaceNode) and not node.is_read:
            self._read(node)

    def _read(self, node: PlaceNode) -> None:
        """Ask for the children from the beginning, as many pages as there were."""
        start = node.start if isinstance(node, ConnectionNode) else None
        if start is not None and start.prefix is not None:
            node.is_read = True
            self._merge(node, [start_node(start, start.prefix)])
        elif node.place.prefix is None:
            self._start(node, Reading(None, is_more=False))
        else:
            pager = self._source.pager_source(node.place.connection)(node.place.prefix)
            self._start(node, Reading(pager, is_more=False))

    def _read_more(self, node: PlaceNode) -> None:
        if node.reading is None and node.pager is not None:
            self._start(node, Reading(node.pager, is_more=True))

    def _start(self, node: PlaceNode, reading: Reading) -> None:
        reading.is_shown = not node.is_read or bool(node.notes)
        if node.reading is not None:
            reading.is_shown |= node.reading.is_shown
            node.reading.cancel()
        node.is_read = True
        node.reading, node.broken = reading, None
        reading.task = self.tasks.start(self._load(node, reading))

    async def _load(self, node: PlaceNode, reading: Reading) -> None:
        # Not in `fetchMore`: a view may call that while it hears of other rows.
        if reading.is_shown:
            self._show_notes(node, [loading_note()])
        try:
            if reading.pager is None:
                places = await self._buckets(node.place.connection)
            else:
                places = await self._folders(node, reading, reading.pager)
        except S4DeskError as failure:
            self._fail(node, reading, failure)
        except Exception as failure:
            self._fail(node, reading, failure)
            raise
        else:
            if node.reading is reading:
                self._take(node, reading, places)

    async def _buckets(self, connection: ConnectionId) -> list[Place]:
        """By name: stores tell them in the order they were made, or in none."""
        names = sorted(bucket.name for bucket in await self._source.list_buckets(connection))
        return [Place(connection, Prefix(name)) for name in names]

    async def _folders(self, node: PlaceNode, reading: Reading, pager: Pager) -> list[Place]:
        """The folders of the next pages: until there is one, or until there are as many as were."""
        wanted = 1 if reading.is_more else max(1, node.pages)
        found: list[str] = []
        while pager.has_more and reading.pages < max(wanted, 0 if found else PAGES_AT_ONCE):
            found += (await pager.next_page()).folders
            reading.pages += 1
        return [Place(node.place.connection, Prefix(pager.prefix.bucket, key)) for key in found]

    def _take(self, node: PlaceNode, reading: Reading, places: Sequence[Place]) -> None:
        once = dict.fromkeys(places)
        fresh = [folder_node(p, p.prefix) for p in once if p.prefix is not None]
        if reading.is_more:
            node.pages += reading.pages
            self._insert(node, len(node.entries), [n for n in fresh if n.place not in node.entries])
        else:
            if node.pager is not None:
                node.pager.close()
            node.pager, node.pages = reading.pager, reading.pages
            self._merge(node, fresh)
        node.reading = None
        self._show_notes(node, self._last_words(node))

    @staticmethod
    def _last_words(node: PlaceNode) -> Sequence[NoteNode]:
        if node.pager is not None and node.pager.has_more:
            return [more_note()]
        if isinstance(node, ConnectionNode) and not node.entries:
            return [no_buckets_note()]
        return []

    def _fail(self, node: PlaceNode, reading: Reading, failure: BaseException) -> None:
        if node.reading is reading:
            node.reading, node.broken, reading.failure = None, reading, failure
            self._show_notes(node, failure_notes(failure))

    # Rows

    def _update(self, node: ConnectionNode, connection: Connection) -> None:
        before, reached = node.connection, self._reached(connection)
        if connection == before and reached == node.reached:
            return
        node.describe(connection, reached)
        self._changed(node)
        if connection != replace(before, name=connection.name) and node.is_read:
            node.forget_readings()
            self._remove(node, 0, len(node.children) - 1)
            node.is_read = False
            self._read(node)

    def _merge(self, parent: PlaceNode, fresh: Sequence[PlaceNode]) -> None:
        """Make the entries of `parent` those of `fresh`, keeping the nodes that it has already."""
        wanted = {node.place: node for node in fresh}
        kept: set[Place] = set()
        last = -1
        for place in wanted:
            if (known := parent.entries.get(place)) is not None and known.row > last:
                kept.add(place)
                last = known.row
        gone = [node.row for place, node in parent.entries.items() if place not in kept]
        for first, last in reversed(row_runs(gone)):
            self._remove(parent, first, last)
        row = 0
        for is_kept, run in itertools.groupby(wanted.values(), lambda node: node.place in kept):
            nodes = list(run)
            if not is_kept:
                self._insert(parent, row, nodes)
            row += len(nodes)

    def _insert(self, parent: PlaceNode, row: int, nodes: Sequence[Node]) -> None:
        if not nodes:
            return
        self.beginInsertRows(self._index(parent), row, row + len(nodes) - 1)
        for node in nodes:
            node.id, node.parent = next(self._ids), parent
            self._nodes[node.id] = node
        parent.children[row:row] = nodes
        self._number(parent, row)
        self.endInsertRows()

    def _remove(self, parent: PlaceNode, first: int, last: int) -> None:
        if last < first:
            return
        self.beginRemoveRows(self._index(parent), first, last)
        gone = parent.children[first : last + 1]
        del parent.children[first : last + 1]
        self._number(parent, first)
        self.endRemoveRows()
        for node in gone:
            self._forget(node)

    @staticmethod
    def _number(parent: PlaceNode, first: int) -> None:
        """Count the rows anew, and note which of them are places, in their order."""
        for row in range(first, len(parent.children)):
            parent.children[row].row = row
        parent.entries = {
            node.place: node for node in parent.children if isinstance(node, PlaceNode)
        }

    def _forget(self, node: Node) -> None:
        del self._nodes[node.id]
        if isinstance(node, PlaceNode):
            node.forget_readings()
        for child in node.children:
            self._forget(child)

    def _show_notes(self, node: PlaceNode, notes: Sequence[NoteNode]) -> None:
        """Write into the rows that are there, so that the current row stays the current one."""
        first, present = len(node.entries), node.notes
        for old, new in zip(present, notes, strict=False):
            if isinstance(old, NoteNode):
                old.copy_from(new)
                self._changed(old)
        self._remove(node, first + len(notes), first + len(present) - 1)
        self._insert(node, first + len(present), notes[len(present) :])

    def _changed(self, node: Node) -> None:
        index = self._index(node)
        self.dataChanged.emit(index, index)

    # Qt

    def _node(self, index: Index) -> Node | None:
        return self._nodes.get(index.internalId()) if index.isValid() else self._root

    def _index(self, node: Node) -> QModelIndex:
        return NO_PARENT if node is self._root else self.createIndex(node.row, 0, node.id)

    def index(self, row: int, column: int, parent: Index = NO_PARENT) -> QModelIndex:
        node = self._node(parent)
        if node is None or column != 0 or not 0 <= row < len(node.children):
            return QModelIndex()
        return self._index(node.children[row])

    def parent(self, index: Index = NO_PARENT) -> Any:
        node = self._node(index)
        if node is None or node.parent is None:
            return QModelIndex()
        return self._index(node.parent)

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        node = self._node(parent)
        return 0 if node is None else len(node.children)

    def columnCount(self, _parent: Index = NO_PARENT) -> int:
        return 1

    def hasChildren(self, parent: Index = NO_PARENT) -> bool:
        """Until a place has been read it may have something below."""
        node = self._node(parent)
        return node is not None and (bool(node.children) or self.canFetchMore(parent))

    def flags(self, index: Index) -> Qt.ItemFlag:
        node = self._node(index)
        if isinstance(node, NoteNode):
            return _ENABLED | Qt.ItemFlag.ItemNeverHasChildren
        if isinstance(node, PlaceNode) and node.place.prefix is not None:
            return _ENABLED | Qt.ItemFlag.ItemIsDropEnabled
        return _ENABLED if index.isValid() else Qt.ItemFlag.NoItemFlags

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        node = self._node(index)
        if node is None or not index.isValid():
            return None
        if role == _Role.DisplayRole:
            return node.label
        if role == _Role.DecorationRole:
            return self._icons(node.icon) if node.icon else None
        if role == _Role.ToolTipRole:
            more = self._tell_more(node.connection.id) if isinstance(node, ConnectionNode) else ""
            return plain_tip(f"{node.tip} – {more}" if more else node.tip)
        return None


class _Root(PlaceNode):
    """Above the connections; it has no row and is always read."""

    def __init__(self) -> None:
        super().__init__(Place(ConnectionId("")), "", "", "")
        self.is_read = True
