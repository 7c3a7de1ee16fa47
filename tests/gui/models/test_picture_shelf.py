"""Pictures are kept as long as there is room."""

from __future__ import annotations

from PySide6.QtGui import QPixmap

from s4desk.core.domain.identity import ConnectionId, Location
from s4desk.gui.models.picture_shelf import PictureKey, PictureShelf


def key(name: str, etag: str = "e") -> PictureKey:
    return PictureKey(ConnectionId("c"), Location("b", name), etag, 1)


def test_who_was_not_looked_at_for_the_longest_time_goes(qapp):
    picture = QPixmap(10, 10)
    each = 10 * 10 * picture.depth() // 8
    shelf = PictureShelf(room=3 * each)
    for name in "abc":
        shelf.put(key(name), picture)
    shelf.get(key("a"))
    shelf.put(key("d"), picture)
    assert [key(name) in shelf for name in "abcd"] == [True, False, True, True]
    shelf.put(key("d"), picture)
    assert shelf.taken == 3 * each


def test_none_is_kept_too_and_counted(qapp):
    shelf = PictureShelf(most=2)
    shelf.put(key("a"), None)
    assert key("a") in shelf
    assert shelf.get(key("a")) is None
    assert key("a", "other") not in shelf
    for name in "bc":
        shelf.put(key(name), None)
    assert key("a") not in shelf
