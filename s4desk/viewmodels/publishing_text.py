"""What is said before objects are made public, one by one or many at once."""

from __future__ import annotations

from s4desk.core.domain.access import Audience
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.rows import format_count


def publishing_title() -> str:
    return tr("Let Strangers In")


def publishing_text(audience: Audience, count: int) -> str:
    """Who gets in, and to how much; empty for nobody."""
    if audience is Audience.NOBODY:
        return ""
    sentence = (
        tr_n(
            "Everybody, also without a key, gets at {count} object then.",
            "Everybody, also without a key, gets at {count} objects then.",
            count,
        )
        if audience is Audience.EVERYBODY
        else tr_n(
            "Whoever has any account at this provider gets at {count} object then.",
            "Whoever has any account at this provider gets at {count} objects then.",
            count,
        )
    )
    return sentence.format(count=format_count(count))


def publishing_meaning() -> str:
    return tr(
        "What was fetched once cannot be called back. Where public access is blocked in the bucket,"
        " the store refuses it."
    )
