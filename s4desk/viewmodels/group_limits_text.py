"""What a member of a failover group may be used for, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.quantities import size_words
from s4desk.viewmodels.rows import format_count, format_decimal_size, format_size

if TYPE_CHECKING:
    from s4desk.core.domain.failover import UsageLimits


def used_size(used: int, limit: int) -> str:
    """Bytes, in decimal units where the limit is told in those."""
    is_decimal = limit and not size_words(limit).endswith("iB")
    return format_decimal_size(used) if is_decimal else format_size(used)


def of_limit(used: str, limit: str) -> str:
    """“39.2 MB of 50 MB”; `limit` is empty without one."""
    return tr("{used} of {limit}").format(used=used, limit=limit) if limit else used


def limits_text(limits: UsageLimits) -> str:
    """“at most 10 000 requests, 100 GB out of it a month”, or nothing without a limit."""
    parts = []
    if limits.requests:
        said = tr_n("{count} request", "{count} requests", limits.requests)
        parts.append(said.format(count=format_count(limits.requests)))
    if limits.egress:
        parts.append(tr("{size} out of it").format(size=size_words(limits.egress)))
    if limits.ingress:
        parts.append(tr("{size} into it").format(size=size_words(limits.ingress)))
    return tr("at most {limits} a month").format(limits=", ".join(parts)) if parts else ""
