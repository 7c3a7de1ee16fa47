"""Rows of the dialogs before a transfer: what exists already, what is renamed, what is left out."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.core.domain.transfer import ConflictPolicy
from s4desk.core.runtime.i18n import tr
from s4desk.core.transfer.names import NameReason
from s4desk.core.transfer.walk import PathReason
from s4desk.viewmodels.rows import display_name, format_size, format_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from s4desk.core.domain.identity import Address
    from s4desk.core.domain.transfer import TransferSpec
    from s4desk.core.transfer.conflicts import Conflict
    from s4desk.core.transfer.names import NameChange
    from s4desk.core.transfer.walk import PathProblem

DECISIONS = (
    ConflictPolicy.OVERWRITE,
    ConflictPolicy.IF_DIFFERENT,
    ConflictPolicy.SKIP,
    ConflictPolicy.RENAME,
)


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """One target that exists. `is_folder`: a file cannot take its place."""

    name: str
    fresh: str
    existing: str
    is_folder: bool = False

    def decided(self, policy: ConflictPolicy) -> ConflictPolicy:
        """`policy`, or what comes nearest to it here."""
        replaces = policy in (ConflictPolicy.OVERWRITE, ConflictPolicy.IF_DIFFERENT)
        return ConflictPolicy.RENAME if self.is_folder and replaces else policy


def modified_times(specs: Sequence[TransferSpec]) -> dict[Path | Address, float]:
    """When local sources were changed last (seconds since the epoch), where that can be told.

    It blocks: call it in a thread.
    """
    found: dict[Path | Address, float] = {}
    for spec in specs:
        if isinstance(spec.source, Path):
            with contextlib.suppress(OSError):
                found[spec.source] = spec.source.stat().st_mtime
    return found


def conflict_rows(
    conflicts: Sequence[Conflict], modified: Mapping[Path | Address, float] | None = None
) -> list[ConflictRow]:
    """One row each; `modified` is when sources were changed (seconds since the epoch)."""
    names = _relative([_target_name(conflict) for conflict in conflicts])
    return [_row(c, name, modified or {}) for c, name in zip(conflicts, names, strict=True)]


def decision_text(policy: ConflictPolicy | None) -> str:
    """What is done with one target; nothing as long as that is not decided."""
    return (
        {
            ConflictPolicy.OVERWRITE: tr("Overwrite"),
            ConflictPolicy.IF_DIFFERENT: tr("Overwrite if different"),
            ConflictPolicy.SKIP: tr("Skip"),
            ConflictPolicy.RENAME: tr("Keep both"),
        }.get(policy, "")
        if policy is not None
        else ""
    )


def change_rows(changes: Sequence[NameChange]) -> list[tuple[str, str, str]]:
    """Key, proposed name, reason."""
    return [
        (display_name(change.key), display_name(change.proposed), _why_renamed(change.reason))
        for change in changes
    ]


def problem_rows(problems: Sequence[PathProblem]) -> list[tuple[str, str]]:
    """Path and reason."""
    return [(display_name(str(each.path)), _why_left_out(each)) for each in problems]


def _row(conflict: Conflict, name: str, modified: Mapping[Path | Address, float]) -> ConflictRow:
    existing = conflict.existing
    there = tr("a folder") if existing.is_folder else format_size(existing.size)
    if existing.is_hidden:
        there = tr("unknown; the store does not let you look")
    when = existing.modified.timestamp() if existing.modified else None
    return ConflictRow(
        name,
        _described(format_size(conflict.spec.size), modified.get(conflict.spec.source)),
        _described(there, when),
        existing.is_folder,
    )


def _described(size: str, seconds: float | None) -> str:
    when = "" if seconds is None else format_time(seconds)
    return f"{size}, {when}" if when else size


def _target_name(conflict: Conflict) -> str:
    target = conflict.spec.target
    return target.as_posix() if isinstance(target, Path) else target.location.key


def _relative(names: Sequence[str]) -> list[str]:
    """The names without the folder that they all are in."""
    # The last segment that has letters is the name itself: it is never taken for a folder.
    folders = [name.rstrip("/").split("/")[:-1] for name in names]
    shared = 0
    for segments in zip(*folders, strict=False):
        if len(set(segments)) > 1:
            break
        shared += 1
    return [display_name("/".join(name.split("/")[shared:])) for name in names]


def _why_renamed(reason: NameReason) -> str:
    return {
        NameReason.EMPTY: tr("A file needs a name."),
        NameReason.DOTS: tr("“.” and “..” mean folders."),
        NameReason.FORBIDDEN: tr("It has a character that this disk does not allow."),
        NameReason.TRAILING: tr("A name cannot end in a dot or a space here."),
        NameReason.RESERVED: tr("This name is reserved by the system."),
        NameReason.NOT_TEXT: tr("It is not valid Unicode text."),
        NameReason.TOO_LONG: tr("It is too long for this disk."),
        NameReason.TWIN: tr("Another one would get the same name here."),
    }[reason]


def _why_left_out(problem: PathProblem) -> str:
    sentence = {
        PathReason.UNREADABLE: tr("It cannot be read."),
        PathReason.SPECIAL: tr("It is not a file: a device, a pipe or a socket."),
        PathReason.BROKEN_LINK: tr("The link leads nowhere."),
        PathReason.LOOP: tr("The link leads back to a folder it is in."),
        PathReason.TWIN: tr("The link leads to a folder that is sent anyway, at its own place."),
        PathReason.OUTSIDE: tr("The link leads outside of the chosen folder."),
        PathReason.NOT_TEXT: tr("Its name is not valid Unicode text."),
        PathReason.TOO_LONG: tr("Its key would be longer than 1024 bytes."),
        PathReason.PARTIAL: tr("It is what a download of s4desk has collected so far."),
        PathReason.PARTIAL_NAME: tr(
            "A file of this name here would be taken for an unfinished download of s4desk: give the"
            " object another name."
        ),
        PathReason.IN_THE_WAY: tr(
            "A folder is needed where a file is: remove or rename the local file."
        ),
    }[problem.reason]
    return f"{sentence} ({problem.detail})" if problem.detail else sentence
