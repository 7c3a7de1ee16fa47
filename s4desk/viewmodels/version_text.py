"""Versions in words: which one it is, what it is, and what is done with it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from s4desk.core.domain.identity import Location
from s4desk.core.domain.objects import DELETED, LATEST
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.rows import (
    display_name,
    folder_label,
    format_count,
    format_moment,
    format_size,
    object_label,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.identity import Prefix, VersionId
    from s4desk.core.domain.objects import DeleteFailure, ObjectVersion
    from s4desk.core.transfer.delete import DeleteReport
    from s4desk.core.transfer.restoring import Restoration

SHORT = 10


def version_label(version: VersionId) -> str:
    """As much of an id as tells it from its neighbours."""
    return version if len(version) <= SHORT + 1 else f"{version[:SHORT]}…"


def state_label(mark: int) -> str:
    """What a version is, by its mark in a Page."""
    return {
        LATEST: tr("Latest"),
        0: tr("Older"),
        DELETED: tr("Delete marker"),
        LATEST | DELETED: tr("Latest, delete marker"),
    }.get(mark, "")


def time_of(version: ObjectVersion) -> str:
    """When it came, in local time to the second; empty when the store did not tell."""
    return "" if version.modified is None else format_moment(version.modified)


def version_name(version: ObjectVersion) -> str:
    """One version among others, by what a person knows of it."""
    name = object_label(version.location.name)
    if version.is_delete_marker:
        text = tr("{name}, delete marker of {time}, version {id}")
        return text.format(name=name, time=time_of(version), id=version_label(version.version))
    return tr("{name}, {size}, of {time}, version {id}").format(
        name=name,
        size=format_size(version.size),
        time=time_of(version),
        id=version_label(version.version),
    )


class VersionDeed(StrEnum):
    """What can be done with one version."""

    PREVIEW = "preview-version"
    DOWNLOAD = "download-version"
    RESTORE = "restore-version"
    DELETE = "delete-version"


def deed_obstacle(deed: VersionDeed, version: ObjectVersion | None, *, can_change: bool) -> str:
    """Why something cannot be done with a version; empty if it can."""
    if version is None:
        return tr("Select a version.")
    if deed in (VersionDeed.RESTORE, VersionDeed.DELETE) and not can_change:
        return tr("This is how it was: go back to now to change something.")
    if version.is_delete_marker and deed is not VersionDeed.DELETE:
        return tr("A delete marker holds nothing.")
    if deed is VersionDeed.RESTORE and version.is_latest:
        return tr("This is the latest version.")
    return ""


def timeline_title(count: int, *, is_all: bool) -> str:
    """Over the versions of one object."""
    text = tr_n("{count} version", "{count} versions", count)
    text = text.format(count=format_count(count))
    return text if is_all else tr("The last {versions}").format(versions=text)


def marker_text() -> str:
    """What there is to know of a delete marker."""
    return tr("This is a delete marker. It has no content: it hides the versions below it.")


# Deleting versions


def versions_question(versions: Sequence[ObjectVersion]) -> str:
    """Asked before these are deleted for good."""
    count = len(versions)
    if count > 1:
        sentence = tr_n("Delete {count} version?", "Delete these {count} versions?", count)
        return sentence.format(count=format_count(count))
    (only,) = versions
    name = object_label(only.location.name)
    if only.is_delete_marker:
        sentence = tr("Delete the delete marker {id} of “{name}”, from {time}?")
    else:
        sentence = tr("Delete the version {id} of “{name}”, from {time}?")
    return sentence.format(name=name, time=time_of(only), id=version_label(only.version))


def versions_consequence(versions: Sequence[ObjectVersion]) -> str:
    """What deleting these means, whatever the bucket keeps otherwise."""
    said = []
    if any(not each.is_delete_marker for each in versions):
        said.append(
            tr("A version is deleted for good: nothing can bring it back. Other versions stay.")
        )
        if any(each.is_latest and not each.is_delete_marker for each in versions):
            said.append(tr("Where it is the latest one, the one before it becomes the latest."))
    if any(each.is_latest and each.is_delete_marker for each in versions):
        said.append(tr("Without its latest delete marker an object can be seen again."))
    if any(not each.is_latest and each.is_delete_marker for each in versions):
        said.append(tr("A delete marker that is not the latest version hides nothing now."))
    return " ".join(said)


def versions_word(versions: Sequence[ObjectVersion]) -> str:
    """What must be typed before these are deleted; empty when no content is lost."""
    return "" if all(each.is_delete_marker for each in versions) else tr("delete")


# Restoring


def restoring_obstacle(versions: Sequence[ObjectVersion]) -> str:
    """Why these cannot all become the latest; empty if they can."""
    if len({each.location for each in versions}) < len(versions):
        return tr("Select one version of each object.")
    return ""


def restored_text(versions: Sequence[ObjectVersion]) -> str:
    """Said when these are the latest again."""
    if len(versions) == 1:
        (only,) = versions
        sentence = tr("“{name}” is again what it was at {time}.")
        return sentence.format(name=object_label(only.location.name), time=time_of(only))
    count = len(versions)
    sentence = tr_n("{count} version is restored.", "{count} versions are restored.", count)
    return sentence.format(count=format_count(count))


def overwriting_text() -> str:
    """What restoring means in a bucket that keeps no new versions."""
    return tr(
        "This bucket keeps no new versions now: what is the latest may be replaced for good by"
        " the version that is restored."
    )


# Undeleting


def undeletion_question(places: Sequence[Prefix | Location]) -> str:
    """Where it is looked for what can be undeleted."""
    if len(places) == 1:
        name = place_label(places[0])
        return tr("Undelete what was deleted in “{name}”?").format(name=name)
    count = len(places)
    sentence = tr_n("Undelete {count} item?", "Undelete these {count} items?", count)
    return sentence.format(count=format_count(count))


def place_label(place: Prefix | Location) -> str:
    if isinstance(place, Location):
        return object_label(place.name)
    return folder_label(place.name) if place.prefix else display_name(place.bucket)


def looking_text(found: int, looked_at: int) -> str:
    """How far the look is."""
    sentence = tr("Looking: {found} of {count} objects so far are deleted…")
    return sentence.format(found=format_count(found), count=format_count(looked_at))


def hidden_text(found: int, looked_at: int) -> str:
    """What was found when all was looked at."""
    if not found:
        sentence = tr_n(
            "Nothing is deleted here: the one object can be seen.",
            "Nothing is deleted here: all {count} objects can be seen.",
            looked_at,
        )
        if not looked_at:
            return tr("There is nothing here, and nothing was deleted.")
        return sentence.format(count=format_count(looked_at))
    sentence = tr("{found} of {count} objects are deleted, and can be undeleted.")
    return sentence.format(found=format_count(found), count=format_count(looked_at))


def undeletion_meaning() -> str:
    return tr(
        "Each of them is again what it was when it was deleted: its delete markers are removed."
    )


def hidden_row(hidden: Restoration) -> tuple[str, str, str]:
    """Key, when it was deleted, and the size of what comes back."""
    size = hidden.version.size if hidden.version is not None else 0
    return display_name(hidden.location.key), time_of(hidden.markers[0]), format_size(size)


def undeleting_text(done: int, total: int) -> str:
    sentence = tr("{done} of {count} delete markers removed.")
    return sentence.format(done=format_count(done), count=format_count(total))


def undeleted_text(report: DeleteReport, hidden: Sequence[Restoration]) -> str:
    """What became of it."""
    failed = {each.doomed.key for each in report.failures}
    total = sum(len(each.markers) for each in hidden)
    if report.is_stopped or report.error is not None:
        sentence = undeleting_text(report.deleted, total)
        return f"{sentence} {tr('The rest was left.')}"
    done = len(hidden) - len(failed)
    said = tr_n("{count} object is undeleted.", "{count} objects are undeleted.", done)
    said = said.format(count=format_count(done))
    if failed:
        sentence = tr_n("{count} could not be.", "{count} could not be.", len(failed))
        said = f"{said} {sentence.format(count=format_count(len(failed)))}"
    return said


def undeletion_failures(failures: Sequence[DeleteFailure]) -> list[tuple[str, str]]:
    """Key and reason, as the store gave them, each key once."""
    rows = {
        display_name(each.doomed.key): f"{each.code}: {each.message}".strip(": ")
        for each in failures
    }
    return list(rows.items())
