"""What was done to objects and is no transfer, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.past_change import ChangeKind
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.rows import display_name, format_count, format_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.past_change import PastChange
    from s4desk.viewmodels.history_rows import NameOf


def change_columns() -> Sequence[str]:
    return (tr("Where"), tr("When"), tr("What"), tr("Failed"))


def change_rows(changes: Sequence[PastChange], name_of: NameOf) -> list[tuple[str, str, str, str]]:
    """One for each, by `change_columns`."""
    return [
        (
            display_name(place_of(each, name_of)),
            format_time(each.moment),
            done_text(each),
            failed_text(each),
        )
        for each in changes
    ]


def changes_text(count: int, days: int) -> str:
    """What stands above them."""
    if not days:
        return tr("No history is kept. The settings can change that.")
    if not count:
        return tr("Nothing was deleted, undeleted or given other properties.")
    return tr("What was deleted, undeleted or given other properties, newest first")


def done_text(change: PastChange) -> str:
    """What was done to how many."""
    sentence = {
        ChangeKind.DELETED: tr_n("{count} object deleted", "{count} objects deleted", change.done),
        ChangeKind.VERSIONS_DELETED: tr_n(
            "{count} version deleted for good", "{count} versions deleted for good", change.done
        ),
        ChangeKind.UNDELETED: tr_n(
            "{count} object undeleted", "{count} objects undeleted", change.done
        ),
        ChangeKind.PROPERTIES: tr_n(
            "properties of {count} object changed",
            "properties of {count} objects changed",
            change.done,
        ),
        ChangeKind.LIFECYCLE: tr_n(
            "{count} thing done by lifecycle rules",
            "{count} things done by lifecycle rules",
            change.done,
        ),
    }[change.kind]
    return sentence.format(count=format_count(change.done))


def failed_text(change: PastChange) -> str:
    """How many failed, and of how many nobody knows; empty where all is well."""
    parts = [format_count(change.failed)] if change.failed else []
    if change.doubtful:
        parts.append(doubtful_text(change.doubtful))
    return ", ".join(parts)


def doubtful_text(count: int) -> str:
    """Of how many nobody knows whether it was done."""
    said = tr_n("{count} not known whether done", "{count} not known whether done", count)
    return said.format(count=format_count(count))


def place_of(change: PastChange, name_of: NameOf) -> str:
    """As verbs take it."""
    return f"{name_of(change.connection)}:{change.bucket}/{change.key}"
