"""Moments and ages as they are typed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import ValidationError
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from datetime import tzinfo

_AGE = re.compile(r"(\d{1,6})([mhdw])")
_ZONE = re.compile(r"\s*(?:UTC|GMT)$|\s+(?=[+-]\d\d:?\d\d$)")
_UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


def age_from(text: str) -> timedelta:
    """An age such as 30m, 12h, 7d or 2w. Raises ValidationError."""
    found = _AGE.fullmatch(text)
    if found is None:
        raise ValidationError(tr("An age is a number and a unit: 30m, 12h, 7d or 2w."))
    return int(found[1]) * _UNITS[found[2]]


def since_from(text: str, now: datetime | None = None, zone: tzinfo | None = None) -> float:
    """The moment meant by an age, or by a date with or without a time, in seconds since the epoch.

    It is local time, or that of `zone`, unless it says otherwise; 0 for no text. Raises
    ValidationError.
    """
    if not text:
        return 0.0
    if _AGE.fullmatch(text):
        return ((now or datetime.now(UTC)) - age_from(text)).timestamp()
    try:
        moment = _read(text)
        return (moment.replace(tzinfo=zone) if moment.tzinfo is None else moment).timestamp()
    except (ValueError, OverflowError, OSError):
        sentence = tr("“{text}” is no moment: write 2026-11-20, 2026-11-20T22:00, 12h or 7d.")
        raise ValidationError(sentence.format(text=text)) from None


def _read(text: str) -> datetime:
    """As ISO 8601 has it, with a zone set apart too, or as HTTP has it. Raises ValueError."""
    zone = _ZONE.search(text)
    iso = text
    if zone is not None:
        iso = text[: zone.start()] + (text[zone.end() :] or "+00:00")
    try:
        return datetime.fromisoformat(iso)
    except ValueError:
        from email.utils import parsedate_to_datetime  # noqa: PLC0415

        return parsedate_to_datetime(text)


def until_from(text: str, now: datetime) -> datetime:
    """The moment in the future meant by a span from now, or by a date with or without a time.

    It is local time unless it says otherwise. Raises ValidationError.
    """
    if _AGE.fullmatch(text):
        return (now + age_from(text)).replace(microsecond=0)
    return datetime.fromtimestamp(since_from(text), UTC)
