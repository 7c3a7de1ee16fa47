"""Addresses of what is selected, on the clipboard."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication

from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.addresses import key_of, uri_of, url_of
from s4desk.viewmodels.rows import format_count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from s4desk.core.desk import Desk
    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.identity import Location, Prefix
    from s4desk.gui.commands.notices import Notices


class Copying:
    """Copies one line for each thing."""

    def __init__(self, desk: Desk, notices: Notices) -> None:
        self._desk = desk
        self._notices = notices

    def urls(self, connection: Connection, places: Iterable[Prefix | Location]) -> None:
        """Of what is in a group those at its first member."""

        def url(place: Prefix | Location) -> str:
            id_, bucket = self._desk.home_of(connection.id, place.bucket)
            home = self._desk.connections.get(id_) or connection
            return url_of(home, replace(place, bucket=bucket))

        self._copy(places, url)

    def uris(self, places: Iterable[Prefix | Location]) -> None:
        self._copy(places, uri_of)

    def keys(self, places: Iterable[Prefix | Location]) -> None:
        self._copy(places, key_of)

    def _copy(
        self, places: Iterable[Prefix | Location], text_of: Callable[[Prefix | Location], str]
    ) -> None:
        lines = [text_of(place) for place in places]
        # Bytes that are no text cannot be on a clipboard.
        text = "\n".join(lines).encode("utf-8", "replace").decode()
        QGuiApplication.clipboard().setText(text)
        if len(lines) == 1:
            self._notices.say(tr("Copied: {text}").format(text=text))
        else:
            count = len(lines)
            sentence = tr_n("{count} line copied.", "{count} lines copied.", count)
            self._notices.say(sentence.format(count=format_count(count)))
