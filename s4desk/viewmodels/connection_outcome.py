"""What a person reads after trying a connection that works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.printable import printable

if TYPE_CHECKING:
    from s4desk.core.store.check import ConnectionOutcome


def describe_outcome(outcome: ConnectionOutcome) -> str:
    """One sentence: what was found, and how long it took."""
    milliseconds = round(outcome.seconds * 1000)
    if outcome.start is None:
        return tr_n(
            "The connection works: {count} bucket, answered in {ms} ms.",
            "The connection works: {count} buckets, answered in {ms} ms.",
            outcome.count,
        ).format(count=outcome.count, ms=milliseconds)
    sentence = (
        tr("The connection works: more than {count} entries in {start}, answered in {ms} ms.")
        if outcome.has_more
        else tr_n(
            "The connection works: {count} entry in {start}, answered in {ms} ms.",
            "The connection works: {count} entries in {start}, answered in {ms} ms.",
            outcome.count,
        )
    )
    return printable(sentence.format(count=outcome.count, start=outcome.start, ms=milliseconds))
