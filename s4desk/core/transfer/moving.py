"""Moves: what happens between a target that is complete and a source that is gone.

target complete -> noted -> proved -> noted as proved, on the disk -> source looked at again ->
source deleted. Whatever fails leaves both (SPEC.md section 2).
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import (
    IntegrityError,
    LocalFileError,
    LockedError,
    NotRemovedError,
    PermissionDeniedError,
    SourceChangedError,
    SourceKeptError,
    ValidationError,
)
from s4desk.core.domain.identity import Address
from s4desk.core.domain.one_place import is_alias
from s4desk.core.domain.parts import MoveCheckpoint
from s4desk.core.domain.transfer import ConflictPolicy
from s4desk.core.runtime.i18n import tr
from s4desk.core.transfer.conflicts import head_if_there
from s4desk.core.transfer.ends import READ_BACK_SUM, LocalEnd, RemoteEnd
from s4desk.core.transfer.job import NOTHING, Outcome, Trace, TransferJob
from s4desk.core.transfer.traces import look_for
from s4desk.core.transfer.verify import SIZE_ONLY

if TYPE_CHECKING:
    from datetime import datetime

    from s4desk.core.domain.identity import Location
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.domain.parts import Identity
    from s4desk.core.domain.transfer import TransferId
    from s4desk.core.store.protocol import Store
    from s4desk.core.transfer.ends import End
    from s4desk.core.transfer.journal import Journal


@dataclass(frozen=True, slots=True)
class Landed:
    """A transfer whose target is complete: who both ends are, and how they were proved equal."""

    source: Identity
    target: Identity
    verified: str


class TargetChangedError(SourceChangedError):
    """The target is not what was brought there."""


class MovableJob(TransferJob):
    """A job that deletes its source in the end, if the spec says so."""

    _landed: Landed | None = None

    async def _transfer(self) -> Outcome:
        if not self._spec.removes_source or self._spec.is_folder:
            outcome = await self._read_back(await self._carry())
            await self._settle(outcome)
            return outcome
        self._is_journalled = True
        source, target = await self._end(self._spec.source), await self._end(self._spec.target)
        removal = Removal(self.transfer.id, self._context.journal, source, target)
        kept, checksum = await removal.taken_up(), ""
        if kept is None:
            outcome = await self._carry()
            if self._landed is None:
                return outcome
            kept = await removal.noted(self._landed)
            checksum = outcome.checksum if outcome.verified == kept.verified else ""
        else:
            self._show(total=kept.target.size)
            self._effort.found(kept.target.size)
        self._show(note="verifying")
        # Both are complete: a stop that comes now leaves both.
        self._end_commit()
        kept = await removal.proved(kept)
        await self._begin_commit()
        await removal.carried_out(kept)
        return Outcome(kept.verified, checksum=checksum)

    @property
    def _may_be_old(self) -> bool:
        """Whether another may be newer than what was brought."""
        return False

    @property
    def _is_of_group(self) -> bool:
        """Whether a failover group has given it."""
        return False

    async def _settle(self, outcome: Outcome) -> None:
        """What a sync took for an older copy is none any more."""
        target = self._spec.target
        is_renewed = self._spec.on_conflict is ConflictPolicy.RENEW
        is_new = self._is_of_group and not outcome.skipped
        if (is_renewed or is_new) and not self._may_be_old and isinstance(target, Address):
            await self._context.older.settled(target)

    def _will_read_back(self, verified: str) -> bool:
        """Whether the ends are to be compared although nothing goes; `_landed` is needed then."""
        return verified == SIZE_ONLY and self._context.reads_back()

    async def _read_back(self, outcome: Outcome) -> Outcome:
        """Compare both ends where only their sizes are known to be equal, if that is wished.

        What changed meanwhile cannot be compared. Raises IntegrityError, the target removed.
        """
        landed = self._landed
        if landed is None or not self._will_read_back(outcome.verified):
            return outcome
        self._show(note="verifying")
        # Both are complete: a stop that comes now leaves both.
        self._end_commit()
        source, target = await self._end(self._spec.source), await self._end(self._spec.target)
        try:
            value = await compared(source, target, landed)
        except SourceChangedError:
            return outcome
        return Outcome(READ_BACK_SUM, checksum=value)

    async def _give_up(self) -> Trace:
        moved = await self._moved_away() if self._spec.removes_source else None
        await self._undo()
        return moved or await self._left()

    async def _left(self) -> Trace:
        if not (self._is_in_doubt or self.may_be_written):
            return NOTHING
        part_size = self._context.sizes.part
        trace = await look_for(self._spec, self._context.store_of, part_size=part_size)
        if trace == NOTHING and self.may_be_written and self._effort.sent >= self._spec.size:
            return Trace(note=tr("it is not there, but all of it was sent and may still arrive"))
        return trace

    async def _moved_away(self) -> Trace | None:
        """A move that had ended when its process did, or was told to stop."""
        kept = await self._context.journal.load_move(self.transfer.id)
        if kept is None:
            return None
        source, target = await self._end(self._spec.source), await self._end(self._spec.target)
        is_over = await target.identity() == kept.target and await source.identity() is None
        return Trace(kept.verified) if is_over else None

    @property
    def _may_have_landed(self) -> bool:
        """Whether what is at the target may be the work of an earlier attempt of this move, which
        died before it could say so."""
        return self._spec.removes_source and self.transfer.attempts > 1

    @abstractmethod
    async def _carry(self) -> Outcome:
        """Bring the bytes to the target; `_landed` says that the source may go."""

    async def _end(self, place: Path | Address) -> End:
        if isinstance(place, Path):
            is_source = place == self._spec.source
            return LocalEnd(place, self._spec.root if is_source else None)
        store = await self._context.store_of(place.connection)
        return RemoteEnd(store, place.location, self._context)


async def compared(source: End, target: End, kept: Landed | MoveCheckpoint) -> str:
    """Read both ends; the sum of either, as they are equal.

    Raises IntegrityError, the target removed, when they are not; SourceChangedError for what is not
    what it was.
    """
    theirs = await source.read_back(kept.source)
    try:
        ours = await target.read_back(kept.target)
    except SourceChangedError as error:
        raise TargetChangedError(error.source) from error
    if theirs != ours:
        if await target.identity() == kept.target:
            await target.remove()
        raise IntegrityError(f"{READ_BACK_SUM} is {ours}, not {theirs}", operation="read_back")
    return ours


class Removal:
    """Deletes the source of a move once it is certain that the target holds all of it."""

    def __init__(self, transfer: TransferId, journal: Journal, source: End, target: End) -> None:
        self._transfer = transfer
        self._journal = journal
        self._source = source
        self._target = target

    async def taken_up(self) -> MoveCheckpoint | None:
        """The move of an earlier attempt that had arrived, if its target still is what it was."""
        kept = await self._journal.load_move(self._transfer)
        if kept is not None and await self._target.identity() != kept.target:
            await self._journal.forget(self._transfer)
            return None
        return kept

    async def noted(self, landed: Landed) -> MoveCheckpoint:
        kept = MoveCheckpoint(landed.source, landed.target, landed.verified or SIZE_ONLY)
        await self._journal.save_move(self._transfer, kept)
        return kept

    async def proved(self, kept: MoveCheckpoint) -> MoveCheckpoint:
        """Read both ends back where only their sizes are known to be equal.

        Raises IntegrityError, the target removed, when they are not; SourceKeptError.
        """
        if kept.verified != SIZE_ONLY or await self._source.identity() is None:
            return kept
        try:
            await compared(self._source, self._target, kept)
        except SourceChangedError as error:
            await self._journal.forget(self._transfer)
            is_of_target = isinstance(error, TargetChangedError)
            raise SourceKeptError(error.source, is_of_target=is_of_target) from error
        except IntegrityError:
            await self._journal.forget(self._transfer)
            raise
        proved = replace(kept, verified=READ_BACK_SUM)
        await self._journal.save_move(self._transfer, proved)
        return proved

    async def carried_out(self, kept: MoveCheckpoint) -> None:
        """Delete the source if it is still what was moved. Raises SourceKeptError,
        NotRemovedError."""
        there = await self._source.identity()
        if there is None:
            return
        if there != kept.source:
            await self._journal.forget(self._transfer)
            raise SourceKeptError(self._source.place)
        try:
            await self._source.remove()
        except (LocalFileError, PermissionDeniedError, LockedError) as error:
            raise NotRemovedError(self._source.place, error) from error


def is_alias_of_other(source: Location, target: Location) -> bool:
    """Whether one lies behind an access point, and so perhaps in the bucket of the other."""
    return source.bucket != target.bucket and any(map(is_alias, (source.bucket, target.bucket)))


async def seen_behind_alias(store: Store, target: Location) -> ObjectMeta | None:
    """What is at the target of a move. Raises ValidationError for who may not look: what they
    overwrite may be the source."""
    try:
        return await head_if_there(store, target)
    except PermissionDeniedError as error:
        sentence = tr(
            "One of them is an access point. Whether it leads to the very object that is moved"
            " cannot be told, for it may not be read; nothing was moved."
        )
        raise ValidationError(sentence) from error


def refuse_locked(meta: ObjectMeta, now: datetime, operation: str = "move") -> None:
    """Raises LockedError for an object whose lock forbids to delete it."""
    lock = meta.attributes.lock
    if lock.can_delete(now):
        return
    if lock.legal_hold or lock.retain_until is None:
        reason = tr("a legal hold is on it")
    else:
        until = lock.retain_until.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z").strip()
        reason = tr("it is retained until {time}").format(time=until)
    raise LockedError(reason, operation=operation, location=meta.location)
