"""What is said of transfers that have ended, also long ago."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.persist.history import ENDED
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.rows import format_count, format_size
from s4desk.viewmodels.transfer_text import BETWEEN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.persist.history import HistoryCount, HistoryQuery
    from s4desk.viewmodels.history_rows import NameOf


def known_as(now: Mapping[ConnectionId, str], former: Mapping[str, str]) -> NameOf:
    """What connections are called; one that was removed as it was then."""
    return lambda id_: now.get(id_) or former.get(id_) or id_


def count_text(count: HistoryCount, days: int) -> str:
    """How much there is, and for how long it is kept."""
    if not days:
        return tr("No history is kept. The settings can change that.")
    if not count.entries:
        return _kept(days)
    parts = [
        tr_n("{count} transfer", "{count} transfers", count.entries).format(
            count=format_count(count.entries)
        ),
        format_size(count.size) if count.size else "",
    ]
    if count.failed:
        failed = tr_n("{count} failed", "{count} failed", count.failed)
        parts.append(failed.format(count=format_count(count.failed)))
    return tr("{facts}. {kept}").format(facts=BETWEEN.join(filter(None, parts)), kept=_kept(days))


def again_text(count: int) -> str:
    """What became of the wish to make transfers again."""
    if not count:
        return tr("Nothing is transferred again.")
    sentence = tr_n(
        "{count} transfer is made again: see the list of transfers.",
        "{count} transfers are made again: see the list of transfers.",
        count,
    )
    return sentence.format(count=format_count(count))


def emptiness_text(query: HistoryQuery, days: int) -> str:
    """What is said in place of rows."""
    if query.words or query.since or len(query.states) < len(ENDED) or query.skipped:
        return tr("There is no such transfer.")
    if not days:
        return tr("No history is kept. The settings can change that.")
    return tr("Transfers that have ended are shown here, also after the next start.")


def _kept(days: int) -> str:
    sentence = tr_n("Kept for {count} day.", "Kept for {count} days.", days)
    return sentence.format(count=format_count(days))
