"""Cut, copy and paste: objects on the clipboard of the desktop."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from s4desk.core.runtime.i18n import tr
from s4desk.gui.commands.transferring import places
from s4desk.gui.models.cells import KEYS_MIME
from s4desk.viewmodels.addresses import uri_of
from s4desk.viewmodels.clip import Clip, Deed, bytes_of, clip_of, obstacle
from s4desk.viewmodels.moving_text import clipped_text
from s4desk.viewmodels.places import Place

if TYPE_CHECKING:
    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId, Prefix
    from s4desk.gui.commands.moving import Moving
    from s4desk.gui.commands.notices import Notices
    from s4desk.gui.commands.transferring import Transferring
    from s4desk.viewmodels.selection import Selection


class Clipping:
    """What is put there is text for other programs, and a Clip for this one and its like."""

    def __init__(
        self, desk: Desk, notices: Notices, moving: Moving, transferring: Transferring
    ) -> None:
        self._desk = desk
        self._notices = notices
        self._moving = moving
        self._transferring = transferring
        self._is_putting = False
        self._is_offered = False
        self.clip: Clip | None = None
        """What this window has put on the clipboard, as long as it is there."""

    def clipboard_changed(self) -> None:
        """Forget what is not on the clipboard any more. Another program is asked what kind of
        thing it has there, and not for the thing itself."""
        mime = _mime()
        self._is_offered = mime.hasFormat(KEYS_MIME) or mime.hasUrls()
        is_ours = QGuiApplication.clipboard().ownsClipboard() and mime.hasFormat(KEYS_MIME)
        if not is_ours and not self._is_putting:
            self.clip = None

    def obstacle(self, place: Place | None) -> str:
        """Why nothing can be pasted there, as a sentence; empty when something can, as far as is
        known: what another program has is only looked at when it is pasted."""
        if self.clip is not None:
            return obstacle(self.clip, place, _deed(self.clip))
        if self._is_offered:
            return ""
        return tr("Nothing is on the clipboard that can be put into a bucket.")

    def cut(self, connection: ConnectionId, selection: Selection) -> None:
        """Pasting will move them; until then they stay."""
        self._put(Clip(connection, selection, is_cut=True))

    def copy(self, connection: ConnectionId, selection: Selection) -> None:
        self._put(Clip(connection, selection))

    async def paste(self, connection: ConnectionId, prefix: Prefix) -> None:
        """Copy or move what was clipped; upload files that a file manager has clipped."""
        if (clip := _clipped()) is not None:
            await self._paste_clip(clip, Place(connection, prefix))
        elif paths := _clipped_files():
            await self._transferring.upload(paths, connection, prefix)
        else:
            self._notices.refuse(tr("Nothing is on the clipboard that can be put into a bucket."))

    async def _paste_clip(self, clip: Clip, place: Place) -> None:
        if self._desk.connections.get(clip.connection) is None:
            self._notices.refuse(tr("The connection that this was copied from is not known here."))
            return
        if await self._moving.put(clip, place, _deed(clip)) and clip.is_cut and _clipped() == clip:
            # What has moved cannot be moved from there again.
            QGuiApplication.clipboard().clear()

    def _put(self, clip: Clip) -> None:
        chosen = clip.selection
        if not len(chosen) or not clip.bucket:
            return
        lines = [uri_of(place) for place in places(chosen)]
        mime = QMimeData()
        # Bytes that are no text cannot be on a clipboard.
        mime.setText("\n".join(lines).encode("utf-8", "replace").decode())
        mime.setData(KEYS_MIME, bytes_of(clip))
        self.clip, self._is_putting = clip, True
        QGuiApplication.clipboard().setMimeData(mime)
        self._is_putting = False
        self._notices.say(clipped_text(clip))


def _deed(clip: Clip) -> Deed:
    return Deed.MOVE if clip.is_cut else Deed.COPY


def _clipped() -> Clip | None:
    mime = _mime()
    if not mime.hasFormat(KEYS_MIME):
        return None
    return clip_of(bytes(mime.data(KEYS_MIME).data()))


def _clipped_files() -> list[Path]:
    return [Path(url.toLocalFile()) for url in _mime().urls() if url.isLocalFile()]


def _mime() -> QMimeData:
    """Of an empty clipboard Qt may give nothing at all, whatever it promises."""
    return QGuiApplication.clipboard().mimeData() or QMimeData()
