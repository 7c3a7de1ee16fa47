"""What is said before something is moved, copied or renamed, and while it is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.clip import Deed
from s4desk.viewmodels.rows import display_name, folder_label, format_count, format_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.transfer.selection import Tally
    from s4desk.viewmodels.clip import Clip


def clip_name(clip: Clip) -> str:
    """The one thing by its name, or how many there are."""
    if (only := clip.selection.only) is not None:
        return tr("“{name}”").format(name=display_name(only.name.removesuffix("/")))
    count = len(clip)
    return tr_n("{count} item", "{count} items", count).format(count=format_count(count))


def clipped_text(clip: Clip) -> str:
    """What the clipboard holds now, and what to do next."""
    sentence = tr("Cut {what}: paste to move.") if clip.is_cut else tr("Copied {what}.")
    return sentence.format(what=clip_name(clip))


def destination_text(clip: Clip, deed: Deed) -> str:
    """The question that a chooser of places answers."""
    sentence = tr("Move {what} to:") if deed is Deed.MOVE else tr("Copy {what} to:")
    return sentence.format(what=clip_name(clip))


def looking_text(deed: Deed) -> str:
    if deed is Deed.MOVE:
        return tr("Looking through what is to be moved.")
    return tr("Looking through what is to be copied.")


def rename_tally(tally: Tally, *, is_complete: bool) -> str:
    """What renaming a folder costs, since S3 has no rename."""
    counted = _counted(tally.objects, tally.size)
    if not is_complete:
        return tr("Counting: {counted} so far…").format(counted=counted)
    sentence = tr_n(
        "S3 cannot rename: {counted} will be copied, checked and then deleted here.",
        "S3 cannot rename: {counted} will be copied, checked and then deleted here.",
        tally.objects,
    )
    return sentence.format(counted=counted)


def many_question(objects: int, size: int) -> str:
    """Asked before very many are moved."""
    return tr("Move {counted}?").format(counted=_counted(objects, size))


def many_explanation() -> str:
    return tr(
        "S3 cannot move: each object is copied, the copy is checked, and then the original is"
        " deleted. You can pause or cancel in between; what has arrived by then stays there."
    )


def looking_for_folders() -> str:
    return tr("Looking for folders of the same name.")


def merge_title() -> str:
    return tr("Merge Folders")


def merge_question(names: Sequence[str]) -> str:
    """Asked when a folder would be put onto one of its name."""
    if len(names) == 1:
        return tr("“{name}” is there already: merge?").format(name=folder_label(names[0]))
    sentence = tr_n(
        "{count} folder is there already: merge?",
        "{count} folders are there already: merge them?",
        len(names),
    )
    return sentence.format(count=format_count(len(names)))


def merge_explanation() -> str:
    return tr(
        "What is in both folders will be in one, and nothing takes them apart again. You will be"
        " asked about objects that have the same name, unless the settings say what to do."
    )


def merge_words() -> str:
    return tr("&Merge")


def _counted(objects: int, size: int) -> str:
    sentence = tr_n("{count} object, {size}", "{count} objects, {size}", objects)
    return sentence.format(count=format_count(objects), size=format_size(size))
