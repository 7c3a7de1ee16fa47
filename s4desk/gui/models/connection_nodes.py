"""The rows of the connection tree: places, and notes about what is missing between them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from s4desk.core.domain.connection import Exposure
from s4desk.core.domain.errors import (
    CredentialsError,
    PermissionDeniedError,
    UnauthenticatedError,
)
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.error_text import describe, explain
from s4desk.viewmodels.exposure_text import exposure_sentence, exposure_words
from s4desk.viewmodels.places import Place
from s4desk.viewmodels.rows import display_name, escape_key, folder_label, format_count

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.identity import Prefix
    from s4desk.viewmodels.pager import Pager

_DENIALS = (PermissionDeniedError, UnauthenticatedError, CredentialsError)


class Deed(StrEnum):
    """What a note does when it is clicked."""

    LOAD_MORE = "load-more"
    RETRY = "retry"


class Reading:
    """One attempt to read a node. A node compares it by identity with the one it waits for.

    `is_shown` when a note says that it is under way.
    """

    def __init__(self, pager: Pager | None, *, is_more: bool) -> None:
        self.pager = pager
        self.is_more = is_more
        self.is_shown = False
        self.pages = 0
        self.failure: BaseException | None = None
        self.task: asyncio.Task[None] | None = None

    def cancel(self) -> None:
        if self.task is not None:
            self.task.cancel()


class Node:
    """A row. Those that stand for a place come first among the children of one, then its notes."""

    def __init__(self, label: str, icon: str = "", tip: str = "") -> None:
        self.id = 0
        self.row = 0
        self.parent: Node | None = None
        self.children: list[Node] = []
        self.label = label
        self.icon = icon
        self.tip = tip


class NoteNode(Node):
    """Says why there is nothing, or not everything. It is no place."""

    def __init__(self, label: str, icon: str = "", tip: str = "", deed: Deed | None = None) -> None:
        super().__init__(label, icon, tip)
        self.deed = deed

    def copy_from(self, other: NoteNode) -> None:
        """Say what `other` says, in the same row."""
        self.label, self.icon, self.tip, self.deed = other.label, other.icon, other.tip, other.deed


class PlaceNode(Node):
    """A connection, a bucket or a folder. `is_read` once its children have been asked for.

    `entries` are the children that are places. `pager` brings more of them, `pages` came from it.
    `broken` is the reading that failed last.
    """

    def __init__(self, place: Place, label: str, icon: str, tip: str) -> None:
        super().__init__(label, icon, tip)
        self.place = place
        self.entries: dict[Place, PlaceNode] = {}
        self.is_read = False
        self.reading: Reading | None = None
        self.broken: Reading | None = None
        self.pager: Pager | None = None
        self.pages = 0

    @property
    def destination(self) -> Place:
        """What is shown when this row is opened."""
        return self.place

    @property
    def notes(self) -> list[Node]:
        return self.children[len(self.entries) :]

    def forget_readings(self) -> None:
        """Drop what is under way and where more would come from."""
        if self.reading is not None:
            self.reading.cancel()
        if self.pager is not None:
            self.pager.close()
        self.reading = self.broken = self.pager = None
        self.pages = 0


class ConnectionNode(PlaceNode):
    def __init__(self, connection: Connection, reached: Connection) -> None:
        super().__init__(Place(connection.id), "", "connection", "")
        self.describe(connection, reached)

    def describe(self, connection: Connection, reached: Connection) -> None:
        """Take the name and address of the connection as it is now, and where it leads."""
        self.connection, self.reached = connection, reached
        self.label = display_name(connection.name)
        self.icon = "connection" if connection.group is None else "group"
        self.tip = _tip(reached)
        if words := exposure_words(reached):
            self.label = tr("{name} – {warning}").format(name=self.label, warning=words)
            self.tip = f"{self.tip} – {exposure_sentence(reached)}"

    @property
    def is_exposed(self) -> bool:
        """Whether others may listen to it, or be its store."""
        return self.reached.exposure is not Exposure.NONE

    @property
    def start(self) -> Place | None:
        """The one place below a connection that has a start bucket."""
        start = self.connection.start
        return None if start is None else Place(self.place.connection, start)

    @property
    def destination(self) -> Place:
        return self.start or self.place


def _tip(reached: Connection) -> str:
    """Whose store it is: the address that is asked."""
    if reached.group is not None:
        count = len(reached.group.backends)
        said = tr_n("Failover group of {count} member", "Failover group of {count} members", count)
        return said.format(count=format_count(count))
    return display_name(reached.endpoint) or tr("Amazon S3")


def folder_node(place: Place, prefix: Prefix) -> PlaceNode:
    """A bucket, or a folder of one."""
    if not prefix.prefix:
        label = display_name(prefix.bucket)
        return PlaceNode(place, label, "bucket", f"s3://{escape_key(prefix.bucket)}")
    return PlaceNode(place, folder_label(prefix.name), "folder", _address(prefix))


def start_node(place: Place, prefix: Prefix) -> PlaceNode:
    """The place a connection starts in, with the bucket's name."""
    node = folder_node(place, prefix)
    if prefix.prefix:
        node.label = display_name(f"{prefix.bucket}/{prefix.prefix}".removesuffix("/"))
    return node


def loading_note() -> NoteNode:
    return NoteNode(tr("Loading…"), "loading")


def more_note() -> NoteNode:
    return NoteNode(
        tr("Load more…"), "more", tr("There are more folders to look for."), Deed.LOAD_MORE
    )


def no_buckets_note() -> NoteNode:
    return NoteNode(tr("No buckets"), "empty", tr("This connection shows no bucket."))


def failure_notes(failure: BaseException) -> Sequence[NoteNode]:
    """The sentence, and what to do about it."""
    icon = "locked" if isinstance(failure, _DENIALS) else "error"
    return [
        NoteNode(explain(failure).problem, icon, describe(failure)),
        NoteNode(tr("Try again"), "retry", "", Deed.RETRY),
    ]


def _address(prefix: Prefix) -> str:
    return f"s3://{escape_key(prefix.bucket)}/{escape_key(prefix.prefix)}"
