"""Which transfers of ours need which multipart uploads."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from s4desk.core.transfer.asking import LATEST, is_within

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from s4desk.core.domain.identity import Location, UploadId
    from s4desk.core.domain.objects import Upload
    from s4desk.core.transfer.asking import Span


class Owners:
    """What is known of transfers and their uploads, and what is supposed: an upload whose creation
    nobody heard of has no name yet."""

    def __init__(self) -> None:
        self._known: dict[tuple[Location, UploadId], str] = {}
        self._asked: defaultdict[Location, list[tuple[Span, str]]] = defaultdict(list)

    def add(
        self,
        transfer: str,
        location: Location,
        upload: UploadId | None,
        asked: Iterable[datetime] = (),
    ) -> None:
        """`asked` are the moments at which an upload may have been created unheard."""
        if upload is not None:
            self._known[location, upload] = transfer
        for since in asked:
            self._asked[location].append(((since, since + LATEST), transfer))

    def of(self, upload: Upload) -> tuple[str, bool]:
        """The transfer, nothing if there is none, and whether that is only supposed."""
        known = self._known.get((upload.location, upload.upload))
        if known is not None:
            return known, False
        for span, transfer in self._asked.get(upload.location, ()):
            if is_within(upload, span):
                return transfer, True
        return "", False
