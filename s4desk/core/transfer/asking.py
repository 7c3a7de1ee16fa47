"""When we asked a store for an upload, and whether one that it has may be of then."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from s4desk.core.domain.objects import Upload

Span = tuple[datetime, datetime]
"""From when to when we asked for an upload, by our clock."""

SLACK = timedelta(seconds=5)
"""Stores round; and where none of ours is there to compare with, clocks differ."""

LATEST = timedelta(minutes=2)
"""How long a life that died may have gone on asking."""


def is_within(upload: Upload, span: Span, ahead: timedelta = timedelta()) -> bool:
    """Whether it was created while we asked; the clock of the store may be `ahead` of ours."""
    first, last = span
    return upload.initiated is not None and (
        first + ahead - SLACK <= upload.initiated <= last + ahead + SLACK
    )
