"""The journals of headless runs: one file for each, which outlives the process only if it must."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.identity import Address
from s4desk.core.persist import deletion_rows
from s4desk.core.persist.database import (
    Database,
    DatabaseError,
    DatabaseInUseError,
    NewerDatabaseError,
)
from s4desk.core.persist.journal import SqliteJournal
from s4desk.core.persist.peek import (
    JournalView,
    has_inherited,
    is_claimed,
    peek,
    read_command,
    read_token,
)
from s4desk.core.persist.transfer_rows import endpoints_text, place_of
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.files import PartialFile, partial_token
from s4desk.core.transfer.owners import Owners

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable

    from s4desk.core.domain.transfer import Endpoints, TransferId
    from s4desk.core.persist.history import History
    from s4desk.core.persist.peek import Command
    from s4desk.core.transfer.confirmed import Confirmed
    from s4desk.core.transfer.journal import Inheritance
    from s4desk.core.transfer.queue import TransferQueue

log = logging.getLogger(__name__)

ID_BYTES = 3
SUFFIX = ".sqlite"
_UNFINISHED = "SELECT id FROM transfer WHERE state NOT IN ('completed', 'cancelled')"
_INSERT = "INSERT INTO command VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


class NoSuchRunError(S4DeskError):
    """There is no journal of this name: never was, or all in it ended well."""


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as it can be seen from outside. `is_running`: a process carries it out now."""

    id: str
    is_running: bool
    journal: JournalView


def upload_owners(views: Iterable[RunView]) -> Owners:
    """Which transfer needs which multipart upload: `run.transfer`, as far as journals here know.

    Whatever the connection: two of them may be of the same store.
    """
    owners = Owners()
    for view in views:
        for transfer in view.journal.unfinished:
            if isinstance(transfer.spec.target, Address):
                owners.add(
                    f"{view.id}.{transfer.id}",
                    transfer.spec.target.location,
                    view.journal.uploads.get(transfer.id),
                    view.journal.intended.get(transfer.id, ()),
                )
    return owners


class Run:
    """A command that is being carried out by this process, and its journal."""

    def __init__(
        self, id_: str, command: Command, database: Database, history: History | None = None
    ) -> None:
        self.id = id_
        self.command = command
        self.journal = SqliteJournal(database, forgets_cancelled=True)
        self._database = database
        self._history = history
        self._has_more: Callable[[], bool] = lambda: False
        self.is_left = False
        """Whether all transfers have ended, and the file was kept for what comes after them."""

    def outlast_transfers(self, has_more: Callable[[], bool]) -> None:
        """Let `remove` leave the file to whoever goes on, if `has_more` says that moving was not
        all."""
        self._has_more = has_more

    async def bequeath(self, queue: TransferQueue) -> list[TransferId]:
        """Hand over to a queue all that has not ended, and be gone; this run is closed then.

        The queue's journal takes it all at once, with a word that it did: should the file outlive
        that, nobody opens it again. Raises DatabaseError.
        """
        await self.journal.open()
        inheritances = await self.journal.inheritances()
        await in_thread(_remove_unwritten, self.journal.token, inheritances)
        heirs = await queue.inherit(inheritances, origin_of(self.id, self.journal.token))
        await self.journal.aclose()
        if self._history is not None:
            await self._history.forget(
                self.journal.token, [each.transfer.id for each in inheritances]
            )
        await self._database.remove()
        return heirs

    async def is_planned(self) -> bool:
        """Whether all that the command stands for was put into the journal."""
        row = await self._database.run(
            lambda connection: connection.execute("SELECT is_planned FROM command").fetchone()
        )
        return bool(row and row[0])

    async def set_planned(self, *, is_planned: bool) -> None:
        await self._database.run(
            lambda connection: connection.execute("UPDATE command SET is_planned = ?", [is_planned])
        )

    async def follow(self, endpoints: Endpoints) -> None:
        """Keep where its connections lead now: it is the same store, says a person."""
        self.command = replace(self.command, endpoints=endpoints)
        text = endpoints_text(endpoints)
        await self._database.run(
            lambda connection: connection.execute("UPDATE command SET endpoints = ?", [text])
        )

    # Deletions

    async def confirmed(self) -> Confirmed | None:
        """What was agreed to delete; None when that is not what the command does."""
        return await self._database.run(deletion_rows.load)

    async def confirm(self, confirmed: Confirmed) -> None:
        """Keep what was agreed to, in place of what was before."""
        await self._database.run(lambda connection: deletion_rows.save(connection, confirmed))

    async def deleted(self) -> int:
        """How many objects were deleted when that was last noted."""
        found = await self._database.run(deletion_rows.view)
        return found.deleted if found is not None else 0

    async def note_deleted(self, count: int, *, is_halted: bool = False) -> None:
        """How far the deletion is, in all; `is_halted` when a person has interrupted it."""
        await self._database.run(
            lambda connection: deletion_rows.note(connection, count, is_halted=is_halted)
        )

    async def discard(self) -> None:
        """Forget a deletion; no history has to know of it first. Raises DatabaseError."""
        await self.journal.aclose()
        await self._database.remove()

    async def remember(self) -> bool:
        """Put what has ended into the history; whether it is there, or cannot ever be."""
        if self._history is None:
            return True
        try:
            await self.journal.flush()
            await self._history.take(self._database.path, only_begun=True)
        except DatabaseError as error:
            log.warning(
                "what became of the transfers of %s is not in the history: %s", self.id, error
            )
            return isinstance(error, NewerDatabaseError)
        return True

    async def aclose(self) -> None:
        """Let go of it; the file stays, for whoever continues it."""
        await self.journal.aclose()
        await self.remember()
        await self._database.aclose()

    async def remove(self) -> None:
        """Forget the run: all in it ended well or was undone. Raises DatabaseError.

        What the history could not take yet stays in the file.
        """
        if self._has_more():
            self.is_left = True
            await self.aclose()
            return
        await self.journal.aclose()
        if await self.remember():
            await self._database.remove()
        else:
            await self._database.aclose()


class RunFolder:
    """The folder with a file for each run that has not ended well yet.

    A run belongs to the process that claims its file, and to nobody once that process has ended in
    any way. A damaged file is set aside: `take_aside` then says so, once. `unread` are those of a
    later version of s4desk that the last look had to leave out.
    """

    def __init__(
        self, folder: Path, heir: Path | None = None, history: History | None = None
    ) -> None:
        """`heir` is the database that may have taken runs over."""
        self._folder = folder
        self._heir = heir
        self._history = history
        self._aside: list[Path] = []
        self.unread: list[NewerDatabaseError] = []

    async def begin(self, command: Command, confirmed: Confirmed | None = None) -> Run:
        """Take over a run of the same command that nobody carries out, or begin one.

        `confirmed` is for a command that deletes: it replaces what was agreed to before. Raises
        DatabaseError.
        """
        for view in await self.look():
            if not view.is_running and _is_former(view.journal.command, command):
                try:
                    run = await self.open(view.id)
                except (NoSuchRunError, DatabaseInUseError):
                    continue  # somebody else was faster
                return run if confirmed is None else await _reconfirmed(run, confirmed)
        return await self._new(command, confirmed)

    async def open(self, id_: str) -> Run:
        """Claim a run. Raises NoSuchRunError, DatabaseInUseError, DatabaseError."""
        path = self._folder / f"{id_}{SUFFIX}"
        if not await in_thread(path.exists):
            raise NoSuchRunError(id_)
        database = Database(path)
        try:
            await database.open(must_exist=True)
            command = await database.run(read_command)
            token = await database.run(read_token)
        except BaseException:
            await database.aclose()
            if not await in_thread(path.exists):
                raise NoSuchRunError(id_) from None
            raise
        if command is None or await in_thread(has_inherited, self._heir, origin_of(id_, token)):
            # Damaged and set aside, its process ended before it had begun, or it was handed over.
            if database.moved_aside is not None:
                self._aside.append(database.moved_aside)
            await self._let_heir_tell(database, token)
            await database.remove()
            raise NoSuchRunError(id_)
        run = Run(id_, command, database, self._history)
        await run.remember()  # a process that was killed could not
        return run

    async def _let_heir_tell(self, database: Database, token: str) -> None:
        """What was handed over will be in the history from there."""
        if self._history is not None:
            handed = await database.run(lambda c: c.execute(_UNFINISHED).fetchall())
            await self._history.forget(token, [id_ for (id_,) in handed])

    async def look(self) -> list[RunView]:
        """All runs, oldest first, as they are; without disturbing those that are carried out.

        What is damaged, or was never begun, is put away meanwhile.
        """
        views, self.unread = [], []
        for path in await in_thread(self._files):
            view = await self._view(path)
            if view is not None:
                views.append(view)
        return views

    def journals(self) -> list[Path]:
        """The files of all runs, oldest first. It blocks."""
        return self._files()

    def take_aside(self) -> list[Path]:
        """Where damaged files were moved to since the last call, for a person to be told."""
        aside, self._aside = self._aside, []
        return aside

    async def _view(self, path: Path) -> RunView | None:
        id_ = path.name.removesuffix(SUFFIX)
        try:
            is_running = await in_thread(is_claimed, path)
            journal = await in_thread(peek, path)
        except NewerDatabaseError as error:
            self.unread.append(error)
            return None
        except DatabaseError as error:
            if not await in_thread(path.exists):
                return None  # it has ended while we looked
            log.warning("%s", error)
            return await self._put_away(id_)
        is_inherited = await in_thread(has_inherited, self._heir, origin_of(id_, journal.token))
        if (journal.command is None or is_inherited) and not is_running:
            return await self._put_away(id_)
        return RunView(id_, is_running, journal)

    async def _put_away(self, id_: str) -> RunView | None:
        """Let it be opened: that moves a damaged file aside, and removes an empty one."""
        try:
            run = await self.open(id_)
        except (NoSuchRunError, DatabaseError) as error:
            log.info("the run %s is of no use: %s", id_, error)
        else:
            await run.aclose()
        return None

    async def _new(self, command: Command, confirmed: Confirmed | None) -> Run:
        id_ = os.urandom(ID_BYTES).hex()
        database = Database(self._folder / f"{id_}{SUFFIX}")
        try:
            await in_thread(self._make_folder)
            await database.open()
            await database.run(_describe(command, confirmed))
        except BaseException:
            await database.remove()
            raise
        return Run(id_, command, database, self._history)

    def _make_folder(self) -> None:
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise DatabaseError(self._folder, str(error)) from error

    def _files(self) -> list[Path]:
        """Those that were there a moment ago, by their age."""
        dated = []
        for path in self._folder.glob(f"*{SUFFIX}"):
            try:
                dated.append((path.stat().st_ctime_ns, path))
            except FileNotFoundError:
                continue
        return [path for _, path in sorted(dated)]


def _is_former(kept: Command | None, command: Command) -> bool:
    return kept is not None and command.continues(kept)


def origin_of(id_: str, token: str) -> str:
    """What a run's journal is called where it was taken over."""
    return f"{id_}-{token}"


def _remove_unwritten(token: str, inheritances: Iterable[Inheritance]) -> None:
    """Remove what downloads have collected of which no checkpoint is: it is of no use, and under
    another token nobody would find it."""
    for transfer in (each.transfer for each in inheritances if each.download is None):
        target = transfer.spec.target
        if isinstance(target, Path) and not transfer.spec.is_folder:
            with suppress(S4DeskError):
                PartialFile(target, partial_token(token, transfer.id)).remove()


async def _reconfirmed(run: Run, confirmed: Confirmed) -> Run:
    try:
        await run.confirm(confirmed)
    except BaseException:
        await run.aclose()
        raise
    return run


def _describe(
    command: Command, confirmed: Confirmed | None
) -> Callable[[sqlite3.Connection], object]:
    """All at once: a command that deletes is never there without what was agreed to."""
    row = (
        command.verb,
        *place_of(command.source),
        *place_of(command.target),
        " ".join(command.flags),
        False,
        endpoints_text(command.endpoints),
    )

    def describe(connection: sqlite3.Connection) -> None:
        connection.execute(_INSERT, row)
        if confirmed is not None:
            deletion_rows.save(connection, confirmed)

    return describe
