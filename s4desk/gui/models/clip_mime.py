"""What hangs at the pointer while objects are dragged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QMimeData, QUrl

from s4desk.gui.models.cells import KEYS_MIME
from s4desk.viewmodels.clip import Clip, bytes_of, clip_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

URLS_MIME = "text/uri-list"


class ClipMime(QMimeData):
    """A Clip that is dragged. It names files from the beginning, and holds them once they are here.

    Types are told when a drag begins, and data when it is asked for: the files are fetched in
    between. Whoever asks too early gets none.
    """

    def __init__(self, clip: Clip) -> None:
        super().__init__()
        self.clip = clip
        self._paths: Sequence[Path] = ()

    @property
    def has_files(self) -> bool:
        return bool(self._paths)

    def offer(self, paths: Sequence[Path]) -> None:
        """These are here now, for other programs."""
        self._paths = paths

    def formats(self) -> list[str]:
        return [KEYS_MIME, URLS_MIME]

    def hasFormat(self, mime_type: str) -> bool:
        return mime_type in (KEYS_MIME, URLS_MIME)

    def retrieveData(self, mime_type: str, _type: Any) -> Any:
        if mime_type == KEYS_MIME:
            return QByteArray(bytes_of(self.clip))
        if mime_type != URLS_MIME:
            return None
        # Qt makes of URLs whatever is asked for; of bytes that come from Python it makes no URLs.
        return [QUrl.fromLocalFile(str(path)) for path in self._paths]


def clip_in(mime: QMimeData) -> Clip | None:
    """The clip of a drag that began in this window or in another one of ours."""
    if isinstance(mime, ClipMime):
        return mime.clip
    if not mime.hasFormat(KEYS_MIME):
        return None
    return clip_of(bytes(mime.data(KEYS_MIME).data()))
