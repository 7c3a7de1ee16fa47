"""Thumbnails that were made, as long as there is room for them."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final, NamedTuple

from s4desk.core.domain.parts import MIB

if TYPE_CHECKING:
    from PySide6.QtGui import QPixmap

    from s4desk.core.domain.identity import ConnectionId, Location

ROOM: Final = 64 * MIB
MOST: Final = 20_000


class PictureKey(NamedTuple):
    """One content of one object: when it is written anew, its picture is another one."""

    connection: ConnectionId
    location: Location
    etag: str
    size: int


class PictureShelf:
    """Bounded in bytes; who has not been looked at for the longest time goes first.

    It also holds what has no picture (None), so that nobody tries again.
    """

    def __init__(self, room: int = ROOM, most: int = MOST) -> None:
        self._room = room
        self._most = most
        self._pictures: OrderedDict[PictureKey, QPixmap | None] = OrderedDict()
        self._taken = 0

    def __contains__(self, key: object) -> bool:
        return key in self._pictures

    @property
    def taken(self) -> int:
        """Bytes."""
        return self._taken

    def get(self, key: PictureKey) -> QPixmap | None:
        if key in self._pictures:
            self._pictures.move_to_end(key)
        return self._pictures.get(key)

    def put(self, key: PictureKey, picture: QPixmap | None) -> None:
        if key in self._pictures:
            self._taken -= _weight(self._pictures.pop(key))
        self._pictures[key] = picture
        self._taken += _weight(picture)
        while self._taken > self._room or len(self._pictures) > self._most:
            self._taken -= _weight(self._pictures.popitem(last=False)[1])

    def forget_missing(self) -> None:
        """Try again what has no picture."""
        missing = [key for key, picture in self._pictures.items() if picture is None]
        for key in missing:
            del self._pictures[key]


def _weight(picture: QPixmap | None) -> int:
    return 0 if picture is None else picture.width() * picture.height() * picture.depth() // 8
