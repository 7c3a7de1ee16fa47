"""Unfinished uploads as rows: what each is of, how old, how much has arrived, who needs it."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.rows import (
    display_name,
    escape_key,
    format_count,
    format_duration,
    format_size,
    format_time,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from s4desk.core.transfer.leftovers import Leftover

WINDOW = "window"
"""How the owners of uploads name the window's own queue."""


class UploadColumn(IntEnum):
    KEY = 0
    AGE = 1
    SIZE = 2
    PARTS = 3
    OWNER = 4


def column_title(column: UploadColumn) -> str:
    return {
        UploadColumn.KEY: tr("Key"),
        UploadColumn.AGE: tr("Age"),
        UploadColumn.SIZE: tr("So far"),
        UploadColumn.PARTS: tr("Parts"),
        UploadColumn.OWNER: tr("Whose"),
    }[column]


def cell_text(leftover: Leftover, column: UploadColumn, now: datetime) -> str:
    return _TEXTS[column](leftover, now)


def cell_tip(leftover: Leftover, column: UploadColumn) -> str:
    """What the cell has no room for."""
    if column is UploadColumn.KEY:
        key = escape_key(leftover.upload.location.key)
        return tr("{key}\nUpload {upload}").format(key=key, upload=leftover.upload.upload)
    if column is UploadColumn.AGE and leftover.upload.initiated is not None:
        return format_time(leftover.upload.initiated.timestamp())
    if column is UploadColumn.OWNER:
        return owner_tip(leftover)
    return ""


def sort_key(leftover: Leftover, column: UploadColumn) -> tuple[float | str, str]:
    """What rows are ordered by; what is not known comes first."""
    began = leftover.upload.initiated
    keys: dict[UploadColumn, float | str] = {
        UploadColumn.KEY: leftover.upload.location.key,
        UploadColumn.AGE: -began.timestamp() if began else -float("inf"),
        UploadColumn.SIZE: -1 if leftover.size is None else leftover.size,
        UploadColumn.PARTS: -1 if leftover.parts is None else leftover.parts,
        UploadColumn.OWNER: owner_text(leftover),
    }
    return keys[column], leftover.upload.upload


def owner_text(leftover: Leftover) -> str:
    if not leftover.owner:
        return tr("not ours")
    if leftover.owner.startswith(f"{WINDOW}."):
        return tr("this window")
    return tr("a command")


def owner_tip(leftover: Leftover) -> str:
    if not leftover.owner:
        return tr("No transfer here needs it. Another program may be at work with it right now.")
    return tr("The transfer {owner} needs it.").format(owner=leftover.owner)


def place_sentence(bucket: str) -> str:
    return tr("Unfinished uploads in “{bucket}”").format(bucket=display_name(bucket))


def summary_text(
    leftovers: Collection[Leftover], *, is_looking: bool, is_known: bool = True
) -> str:
    """How many there are, and how much they take up as far as that is known; nothing where none
    came and not all of them are."""
    if not leftovers and not is_looking and not is_known:
        return ""
    if not leftovers:
        return tr("Looking…") if is_looking else tr("There is no unfinished upload.")
    count = tr_n("{count} unfinished upload", "{count} unfinished uploads", len(leftovers)).format(
        count=format_count(len(leftovers))
    )
    size = format_size(sum(each.size or 0 for each in leftovers))
    if is_looking:
        return tr("{count}, {size} so far; looking…").format(count=count, size=size)
    return tr("{count}, {size} of parts that nobody can read and everybody pays for.").format(
        count=count, size=size
    )


def abort_problem(leftovers: Sequence[Leftover]) -> str:
    if len(leftovers) == 1:
        name = display_name(leftovers[0].upload.location.key)
        return tr("Abort the upload of “{name}”?").format(name=name)
    return tr_n("Abort {count} upload?", "Abort {count} uploads?", len(leftovers)).format(
        count=format_count(len(leftovers))
    )


def abort_consequence(leftovers: Sequence[Leftover]) -> str:
    """What it means, most of all for whoever began it."""
    sentences = [tr("What was sent is lost, and no object comes of it.")]
    if any(not each.owner for each in leftovers):
        sentences.append(
            tr("Nothing here knows who began it: another program may be sending parts right now.")
        )
    if any(_is_command(each) for each in leftovers):
        sentences.append(tr("The command that needs it begins it anew when it goes on."))
    return " ".join(sentences)


def needs_word(leftovers: Sequence[Leftover]) -> bool:
    """Whether it is not only this window's own work that would be lost."""
    return any(not each.owner or _is_command(each) for each in leftovers)


def aborted_text(count: int, failed: int, over: int = 0) -> str:
    """What became of uploads that were to be aborted; those `over` had ended before that."""
    told = []
    if count or not over:
        said = tr_n(
            "{count} upload was aborted: the store does not know it any more.",
            "{count} uploads were aborted: the store does not know them any more.",
            count,
        )
        told.append(said.format(count=format_count(count)))
    if over:
        said = tr_n(
            "{count} upload had ended before that, completed or aborted.",
            "{count} uploads had ended before that, completed or aborted.",
            over,
        )
        told.append(said.format(count=format_count(over)))
    if failed:
        said = tr_n("{count} could not be aborted.", "{count} could not be aborted.", failed)
        told.append(said.format(count=format_count(failed)))
    return " ".join(told)


def adoption_problem(name: str, key: str) -> str:
    return tr("Complete the upload of “{key}” with the file “{name}”?").format(
        key=display_name(key), name=display_name(name)
    )


def adoption_text(*, size: int, kept: int, replaces: bool) -> str:
    """What completing an upload with a file would do."""
    if kept:
        sentence = tr(
            "What has arrived was compared with the file, and is the same: {kept} of {size} need"
            " not be sent."
        ).format(kept=format_size(kept), size=format_size(size))
    else:
        sentence = tr("Nothing has arrived yet: all {size} have to be sent.").format(
            size=format_size(size)
        )
    if replaces:
        sentence += " " + tr("The object that is there now will be replaced.")
    return sentence + " " + tr("The upload becomes a transfer of this window.")


def _is_command(leftover: Leftover) -> bool:
    return bool(leftover.owner) and not leftover.owner.startswith(f"{WINDOW}.")


def _age(leftover: Leftover, now: datetime) -> str:
    age = leftover.age(now)
    return "?" if age is None else format_duration(max(0.0, age.total_seconds()))


_TEXTS: dict[UploadColumn, Callable[[Leftover, datetime], str]] = {
    UploadColumn.KEY: lambda each, _: display_name(each.upload.location.key),
    UploadColumn.AGE: _age,
    UploadColumn.SIZE: lambda each, _: "…" if each.size is None else format_size(each.size),
    UploadColumn.PARTS: lambda each, _: "…" if each.parts is None else format_count(each.parts),
    UploadColumn.OWNER: lambda each, _: owner_text(each),
}
