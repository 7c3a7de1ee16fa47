"""What is asked before a deletion, and what is said after it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.rows import (
    display_name,
    folder_label,
    format_count,
    format_size,
    object_label,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from s4desk.core.domain.objects import DeleteFailure
    from s4desk.core.transfer.delete import DeleteReport
    from s4desk.core.transfer.selection import Tally


class Keeping(StrEnum):
    """What a bucket does with what is deleted in it (VersioningConfiguration.Status)."""

    VERSIONS = "versions"
    SUSPENDED = "suspended"
    NOTHING = "nothing"
    UNKNOWN = "unknown"


def keeping_of(config: Mapping[str, Any] | None) -> Keeping:
    status = (config or {}).get("Status", "")
    return {"Enabled": Keeping.VERSIONS, "Suspended": Keeping.SUSPENDED}.get(
        status, Keeping.NOTHING
    )


def confirmation_word(keeping: Keeping) -> str:
    """What must be typed before this deletion; empty when it can be undone."""
    return "" if keeping is Keeping.VERSIONS else tr("delete")


def consequence(keeping: Keeping) -> str:
    return {
        Keeping.VERSIONS: tr(
            "This bucket keeps versions: each object is hidden under a delete marker, and its"
            " versions stay and cost storage. Undelete brings it back."
        ),
        Keeping.SUSPENDED: tr(
            "Versioning is suspended in this bucket: what was written since then is deleted for"
            " good. Older versions stay under a delete marker, and Undelete brings them back."
        ),
        Keeping.NOTHING: tr("This bucket keeps no versions. This cannot be undone."),
        Keeping.UNKNOWN: tr(
            "The store does not say whether it keeps versions. Take it that this cannot be undone."
        ),
    }[keeping]


def doomed_names(places: Sequence[Prefix | Location]) -> list[str]:
    """What is to be deleted, one by one: folders with their slash."""
    return [_doomed_name(place) for place in places]


def _doomed_name(place: Prefix | Location) -> str:
    if isinstance(place, Prefix):
        return f"{folder_label(place.name).removesuffix('/')}/"
    return object_label(place.name)


def objects_question(places: Sequence[Prefix | Location]) -> str:
    """Asked before these are deleted."""
    count = len(places)
    if count == 1:
        (only,) = places
        if isinstance(only, Prefix):
            sentence = tr("Delete the folder “{name}” and everything in it?")
            return sentence.format(name=folder_label(only.name))
        return tr("Delete “{name}”?").format(name=object_label(only.name))
    sentence = tr_n("Delete {count} item?", "Delete these {count} items?", count)
    return sentence.format(count=format_count(count))


def tally_text(tally: Tally, *, is_complete: bool) -> str:
    counted = tr_n("{count} object, {size}", "{count} objects, {size}", tally.objects).format(
        count=format_count(tally.objects), size=format_size(tally.size)
    )
    if is_complete:
        return tr("That is {counted} in all.").format(counted=counted)
    return tr("Counting: {counted} so far…").format(counted=counted)


def bucket_text(tally: Tally) -> str:
    """What a bucket holds, once it is counted."""
    if not tally.objects:
        return tr("It is empty.")
    sentence = tr_n(
        "It holds {count} object or version, {size}. It is deleted first, for good.",
        "It holds {count} objects and versions, {size}. They are deleted first, for good.",
        tally.objects,
    )
    return sentence.format(count=format_count(tally.objects), size=format_size(tally.size))


def so_far(deleted: int, *, are_versions: bool = False) -> str:
    if are_versions:
        said = tr_n("{count} version deleted.", "{count} versions deleted.", deleted)
        return said.format(count=format_count(deleted))
    sentence = tr_n("{count} object deleted.", "{count} objects deleted.", deleted)
    return sentence.format(count=format_count(deleted))


def nothing_deleted() -> str:
    return tr("Nothing was deleted.")


def spared_text(count: int) -> str:
    """What became of objects that nobody has agreed to delete."""
    sentence = tr_n(
        "{count} object arrived since this was confirmed, and was left.",
        "{count} objects arrived since this was confirmed, and were left.",
        count,
    )
    return sentence.format(count=format_count(count))


def report_text(report: DeleteReport) -> str:
    """One sentence for the status bar: what was done, and what was not."""
    parts = [so_far(report.deleted, are_versions=report.is_of_versions)]
    if report.failures:
        failed = len(report.failures)
        sentence = tr_n("{count} could not be.", "{count} could not be.", failed)
        parts.append(sentence.format(count=format_count(failed)))
    if report.spared:
        parts.append(spared_text(report.spared))
    if report.is_stopped:
        parts.append(tr("The rest was left, because you stopped it."))
    return " ".join(parts)


def done_text(deleted: int, total: int | None) -> str:
    """How far a deletion was at least; nobody may have counted what it is about.

    The batches on their way when a process died may have been carried out: none noted is not none.
    """
    if not deleted:
        return tr("not known how many are deleted")
    if total is None:
        sentence = tr_n("at least {count} deleted", "at least {count} deleted", deleted)
        return sentence.format(count=format_count(deleted))
    # What came since it was counted may be deleted too.
    return tr("{count} of {total} deleted").format(
        count=format_count(deleted), total=format_count(max(total, deleted))
    )


def failure_rows(failures: Sequence[DeleteFailure]) -> list[tuple[str, str]]:
    """Key and reason, as the store gave them."""
    return [
        (display_name(each.doomed.key), f"{each.code}: {each.message}".strip(": "))
        for each in failures
    ]
