"""What is said of a sync: while sides are compared, before something is deleted, at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.transfer.sync import FEW, Change
from s4desk.viewmodels.deletion_text import Keeping, confirmation_word, consequence
from s4desk.viewmodels.printable import printable
from s4desk.viewmodels.rows import display_name, format_count, format_size
from s4desk.viewmodels.transfer_text import BETWEEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.runtime.events import BatchFinished
    from s4desk.core.transfer.sync import Comparison
    from s4desk.viewmodels.sync_rows import SyncRows

MUCH = 100
"""From so many deletions on they are confirmed by a word, even where they can be undone."""


def kind_text(kind: Change | None, rows: SyncRows) -> str:
    """A kind of difference with how many there are and how large they are together."""
    count = rows.total if kind is None else rows.counts[kind]
    word = {
        None: tr("All"),
        Change.NEW: tr("New"),
        Change.CHANGED: tr("Changed"),
        Change.GONE: tr("Gone"),
    }[kind]
    text = f"{word} {format_count(count)}"
    return f"{text}{BETWEEN}{format_size(rows.sizes[kind])}" if kind and count else text


def comparing_text(comparison: Comparison) -> str:
    """How far a comparison is."""
    if not comparison.seen:
        return tr("Reading both sides…")
    sentence = tr_n(
        "Comparing: {count} item looked at…", "Comparing: {count} items looked at…", comparison.seen
    )
    return sentence.format(count=format_count(comparison.seen))


def compared_text(rows: SyncRows, same: int, left_out: int = 0) -> str:
    """What a comparison has come to."""
    if not rows.total and not left_out:
        sentence = tr_n(
            "Nothing to do: {count} item is the same on both sides.",
            "Nothing to do: {count} items are the same on both sides.",
            same,
        )
        return sentence.format(count=format_count(same)) if same else tr("Both sides are empty.")
    parts = []
    if same:
        sentence = tr_n("{count} item is the same", "{count} items are the same", same)
        parts.append(sentence.format(count=format_count(same)))
    if left_out:
        sentence = tr_n("{count} cannot be read", "{count} cannot be read", left_out)
        parts.append(sentence.format(count=format_count(left_out)))
    if rows.going_back:
        sentence = tr_n(
            "{count} is newer at the target", "{count} are newer at the target", rows.going_back
        )
        parts.append(sentence.format(count=format_count(rows.going_back)))
    if rows.older:
        sentence = tr_n(
            "{count} was copied from another member and may be older",
            "{count} were copied from another member and may be older",
            rows.older,
        )
        parts.append(sentence.format(count=format_count(rows.older)))
    return BETWEEN.join(parts)


@dataclass(frozen=True, slots=True)
class StandIn:
    """Who was listed of a failover group in place of whom: their names."""

    member: str
    home: str


def stand_in_of(
    comparison: Comparison, source: Connection | None, name_of: Callable[[ConnectionId], str]
) -> StandIn | None:
    """None where the first member of a group was listed, or there is no group."""
    group = None if source is None else source.group
    if group is None or comparison.stand_in is None:
        return None
    ids = comparison.stand_in, group.home.connection
    return StandIn(*(printable(name_of(each)) or tr("(removed connection)") for each in ids))


def stand_in_text(stand_in: StandIn | None, *, keeps: bool) -> str:
    """What that means; empty where nobody stands in. `keeps`: something that has changed stays."""
    if stand_in is None:
        return ""
    said = tr("{member} was listed in place of {home}: it may have older objects, and lack some.")
    if keeps:
        kept = tr("What may be older replaces nothing: compare again when {home} can be read.")
        said = f"{said} {kept}"
    return said.format(member=stand_in.member, home=stand_in.home)


def chosen_text(rows: SyncRows) -> str:
    """What would be done now."""
    moved = rows.chosen(Change.NEW) + rows.chosen(Change.CHANGED)
    size = rows.chosen_size(Change.NEW) + rows.chosen_size(Change.CHANGED)
    gone = rows.chosen(Change.GONE)
    parts = []
    if moved:
        sentence = tr_n("{count} to transfer ({size})", "{count} to transfer ({size})", moved)
        parts.append(sentence.format(count=format_count(moved), size=format_size(size)))
    if gone:
        sentence = tr_n("{count} to delete ({size})", "{count} to delete ({size})", gone)
        size = rows.chosen_size(Change.GONE)
        parts.append(sentence.format(count=format_count(gone), size=format_size(size)))
    return BETWEEN.join(parts)


def delete_text(rows: SyncRows) -> str:
    """The words beside the tick."""
    count = rows.counts[Change.GONE]
    if not count:
        return tr("&Delete what is gone")
    size = format_size(rows.sizes[Change.GONE])
    return tr("&Delete what is gone ({count}, {size})").format(count=format_count(count), size=size)


def delete_obstacle(
    rows: SyncRows, *, is_compared: bool, may_delete: bool, stand_in: StandIn | None = None
) -> str:
    """Why nothing can be deleted; empty when it can."""
    if not is_compared:
        return tr("What is gone is only known when all of both sides has been compared.")
    if stand_in is not None:
        said = tr("Nothing counts as gone: {home} may have what {member} lacks.")
        return said.format(member=stand_in.member, home=stand_in.home)
    if not may_delete:
        return tr(
            "Not all of the source could be read. What is missing there may be what could not be"
            " read, so nothing counts as gone."
        )
    if not rows.counts[Change.GONE]:
        return tr("Nothing at the target is missing at the source.")
    return ""


@dataclass(frozen=True, slots=True)
class Danger:
    """What a deletion by a sync means. `word` has to be typed; empty when a button will do.
    `warning` is said where it would most likely be a mistake."""

    problem: str
    consequence: str
    word: str = ""
    warning: str = ""


def danger(
    rows: SyncRows, comparison: Comparison, keeping: Keeping | None, target: str, place: str = ""
) -> Danger:
    """`keeping` is None for local files; `target` is the name of the folder or bucket, `place` all
    of where that is: a path, or bucket and folder."""
    count, size = rows.chosen(Change.GONE), format_size(rows.chosen_size(Change.GONE))
    place = display_name(place or target)
    sentence = tr_n(
        "Delete {count} item ({size}) that is not at the source from “{place}”?",
        "Delete {count} items ({size}) that are not at the source from “{place}”?",
        count,
    ).format(count=format_count(count), size=size, place=place)
    meaning = (
        tr("The files are deleted for good, not put into the trash.")
        if keeping is None
        else consequence(keeping)
    )
    when = tr("It begins when every transfer of this sync has ended well, and not before.")
    word = tr("delete") if keeping is None else confirmation_word(keeping)
    if takes_everything(comparison):
        sentence = tr_n(
            "Delete everything that is in “{place}” now, {count} item ({size})?",
            "Delete everything that is in “{place}” now, {count} items ({size})?",
            count,
        ).format(count=format_count(count), size=size, place=place)
        warning = tr(
            "Nothing there has a counterpart at the source: this looks like the wrong folder."
        )
        word = target if _can_be_typed(target) else tr("delete everything")
        return Danger(sentence, f"{meaning} {when}", word, warning)
    held = comparison.held
    share = _share_text(count, held)
    warning = share if count > FEW and count * 2 > held else ""
    told = " ".join(filter(None, ("" if warning else share, meaning, when)))
    return Danger(sentence, told, word or (tr("delete") if count >= MUCH else ""), warning)


def _share_text(count: int, held: int) -> str:
    sentence = tr_n(
        "The target has {held} item now, {percent} % of them would go.",
        "The target has {held} items now, {percent} % of them would go.",
        held,
    )
    percent = min(99, max(1, round(100 * count / held))) if count < held else 100
    return sentence.format(held=format_count(held), percent=percent)


def _can_be_typed(name: str) -> bool:
    return name.isprintable() and name == name.strip() != ""


def takes_everything(comparison: Comparison) -> bool:
    """Whether nothing that is at the target stands for anything in the source."""
    counts = comparison.counts
    return bool(counts[Change.GONE]) and not comparison.same and not counts[Change.CHANGED]


def refused_text(finished: BatchFinished) -> str:
    """Why nothing was deleted after all."""
    count = finished.failed + finished.cancelled
    sentence = tr_n(
        "Nothing was deleted: {count} transfer of the sync did not end well. Sync again when it"
        " has.",
        "Nothing was deleted: {count} transfers of the sync did not end well. Sync again when"
        " they have.",
        count,
    )
    return sentence.format(count=format_count(count))


def done_text(moved: int, deleted: int, *, changed: int = 0, failed: int = 0) -> str:
    """The end of a sync. `changed` was left because it is not any more what was looked at."""
    parts = [
        tr_n("{count} transferred", "{count} transferred", moved).format(count=format_count(moved)),
        tr_n("{count} deleted", "{count} deleted", deleted).format(count=format_count(deleted)),
    ]
    if changed:
        sentence = tr_n(
            "{count} left because it was changed since",
            "{count} left because they were changed since",
            changed,
        )
        parts.append(sentence.format(count=format_count(changed)))
    if failed:
        sentence = tr_n("{count} could not be deleted", "{count} could not be deleted", failed)
        parts.append(sentence.format(count=format_count(failed)))
    return tr("Sync ended: {parts}.").format(parts=", ".join(parts))
