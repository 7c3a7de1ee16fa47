"""Unfinished uploads at a store: resumed, completed with a local file, or aborted for good."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.identity import Prefix
from s4desk.core.domain.transfer import TransferId, TransferState
from s4desk.core.persist.database import DatabaseInUseError
from s4desk.core.persist.peek import peek
from s4desk.core.persist.runs import NoSuchRunError, RunView, upload_owners
from s4desk.core.runtime.events import BatchFinished
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.adoption import plan_adoption
from s4desk.core.transfer.leftovers import (
    abort_for_good,
    held_parts,
    list_leftovers,
    measure_leftovers,
)
from s4desk.gui.commands.planning import new_batch
from s4desk.gui.dialogs.base import accepted
from s4desk.gui.dialogs.busy import busy
from s4desk.gui.dialogs.deletion import DeletionDialog, DeletionQuestion
from s4desk.gui.dialogs.files import choose_file
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.gui.dialogs.uploads import UploadsDialog
from s4desk.viewmodels.locked_text import Threat
from s4desk.viewmodels.rows import display_name
from s4desk.viewmodels.upload_rows import (
    WINDOW,
    abort_consequence,
    abort_problem,
    aborted_text,
    adoption_problem,
    adoption_text,
    needs_word,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Sequence
    from typing import Any

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.transfer.leftovers import Leftover
    from s4desk.core.transfer.owners import Owners
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.lock_guard import LockGuard
    from s4desk.gui.commands.queueing import QueueFeed
    from s4desk.gui.models.cells import Icons

SHOW_EVERY_S = 0.1
ABORTS_IN_FLIGHT = 4
NAMES_SHOWN = 200


class Reclaiming:
    """Opens the view of one bucket, and does what is asked for in it."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        feed: QueueFeed,
        guard: LockGuard,
        icons: Icons,
        window: QWidget,
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._feed = feed
        self._guard = guard
        self._icons = icons
        self._window = window

    async def show(self, connection: ConnectionId, bucket: str) -> None:
        """Show the unfinished uploads of a bucket until the dialog is closed."""
        dialog = UploadsDialog(bucket, self._icons, self._window)
        view = _UploadsView(
            self._desk, self._tasks, self._feed, self._guard, dialog, connection, bucket
        )
        try:
            await accepted(dialog)
        finally:
            view.close()


class _UploadsView:
    """One dialog, from its opening to its end; what it began ends with it, deeds excepted."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        feed: QueueFeed,
        guard: LockGuard,
        dialog: UploadsDialog,
        connection: ConnectionId,
        bucket: str,
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._feed = feed
        self._guard = guard
        self._dialog = dialog
        self._connection = connection
        self._bucket = bucket
        self._folder = str(Path.home())
        self._is_closed = False
        self._loading: asyncio.Task[Any] | None = None
        dialog.refresh_asked.connect(self._load)
        dialog.stop_asked.connect(self._stop)
        dialog.resume_asked.connect(lambda chosen: self._do(self._resume(chosen)))
        dialog.adopt_asked.connect(lambda chosen: self._do(self._adopt(chosen[0])))
        dialog.abort_asked.connect(lambda chosen: self._do(self._abort(chosen)))
        self._forget = desk.events.subscribe(BatchFinished, lambda _: self._drop_ended())
        self._load()

    def close(self) -> None:
        self._is_closed = True
        self._forget()
        self._stop()

    def _stop(self) -> None:
        if self._loading is not None:
            self._loading.cancel()

    def _load(self) -> None:
        self._stop()
        self._loading = self._tasks.start(self._look())

    def _do(self, deed: Coroutine[Any, Any, None]) -> None:
        self._dialog.say("")
        self._tasks.start(self._told(deed))

    async def _told(self, deed: Coroutine[Any, Any, None]) -> None:
        try:
            await deed
        except (S4DeskError, OSError) as error:
            self._fail(error)

    def _say(self, sentence: str) -> None:
        if not self._is_closed:
            self._dialog.say(sentence)

    def _fail(self, error: BaseException, lead: str = "") -> None:
        if not self._is_closed:
            self._dialog.outcome.fail(error, lead=lead)

    # Looking

    async def _look(self) -> None:
        """Fill the table: first what there is, then what each of them holds."""
        dialog = self._dialog
        dialog.show_looking(is_looking=True)
        is_known = False
        try:
            store = await self._desk.stores.get(self._connection)
            under = Prefix(self._bucket)
            begun = await list_leftovers(store, under, self._owners)
            dialog.model.begin(begun)
            is_known = True
            known: list[Leftover] = []
            gone: list[Leftover] = []
            await self._shown_meanwhile(
                lambda: measure_leftovers(store, begun, known.append, gone.append), known, gone
            )
        except (S4DeskError, OSError) as error:
            self._fail(error)
        finally:
            if not self._is_closed and self._loading is asyncio.current_task():
                self._loading = None
                dialog.show_looking(is_looking=False, is_known=is_known)

    async def _shown_meanwhile(
        self,
        work: Callable[[], Coroutine[Any, Any, None]],
        known: list[Leftover],
        gone: list[Leftover],
    ) -> None:
        """Show in steps what is being found out; raises what the work raises."""
        failures: list[S4DeskError] = []
        running = self._tasks.start(_quietly(work, failures))
        try:
            while not running.done():
                await asyncio.wait([running], timeout=SHOW_EVERY_S)
                if not self._is_closed:
                    self._dialog.model.update(known)
                    self._dialog.model.remove(gone)
                known.clear()
                gone.clear()
        finally:
            running.cancel()
        for failure in failures:
            raise failure

    async def _owners(self) -> Owners:
        """Which transfer here needs which upload."""
        views = await self._desk.runs.look()
        journal = await in_thread(peek, self._desk.database.path)
        return upload_owners([*views, RunView(WINDOW, True, journal)])

    def _drop_ended(self) -> None:
        """What a transfer of the window has brought to its end is an unfinished upload no more."""
        self._dialog.model.remove(self._ended(self._dialog.model.leftovers))

    def _ended(self, leftovers: Iterable[Leftover], *how: TransferState) -> list[Leftover]:
        """Those of the window's transfers that have ended, in one of these ways or in any."""
        states = {each.id: each.state for each in self._desk.queue.transfers()}
        wanted = how or (TransferState.COMPLETED, TransferState.CANCELLED)
        mine = (each for each in leftovers if _run_of(each) == WINDOW)
        return [each for each in mine if states.get(_id_of(each)) in wanted]

    # Deeds

    async def _resume(self, chosen: Sequence[Leftover]) -> None:
        """Go on with ours: those of the window as they are, those of commands in its queue."""
        queue = self._desk.queue
        mine = _ids_in_window(chosen)
        states = {each.id: each.state for each in queue.transfers()}
        queue.retry([id_ for id_ in mine if states.get(id_) is TransferState.FAILED])
        queue.resume([id_ for id_ in mine if states.get(id_) is TransferState.PAUSED])
        busy_runs = 0
        for run_id in dict.fromkeys(_run_of(each) for each in chosen):
            if run_id != WINDOW:
                busy_runs += not await self._take_over(run_id)
        self._feed.wake()
        if busy_runs:
            self._say(tr("Another process carries it out now."))
        else:
            self._say(tr("It goes on in the list of transfers."))
            self._load()

    async def _take_over(self, run_id: str) -> bool:
        """Let an interrupted command go on here; False when it is not interrupted."""
        try:
            run = await self._desk.runs.open(run_id)
        except DatabaseInUseError:
            return False
        except NoSuchRunError:
            return True
        try:
            if not await run.is_planned():
                sentence = tr("The command ended before all was planned; give it once more.")
                raise S4DeskError(sentence)
            await run.bequeath(self._desk.queue)
        finally:
            await run.aclose()
        return True

    async def _adopt(self, leftover: Leftover) -> None:
        """Complete an upload with a local file, after showing what that would do."""
        upload = leftover.upload
        title = tr("File for “{name}”").format(name=display_name(upload.location.name))
        file = await choose_file(title, self._folder, tr("Choose"), self._dialog)
        if file is None:
            return
        self._folder = str(file.parent)
        store = await self._desk.stores.get(self._connection)
        part_size = self._desk.settings.current.sizes.part
        async with busy(tr("Comparing the file with what has arrived"), self._dialog):
            adoption = await plan_adoption(store, self._connection, upload, file, part_size)
        text = adoption_text(size=adoption.size, kept=adoption.kept, replaces=adoption.replaces)
        question = QuestionDialog(
            tr("Complete With File"),
            adoption_problem(file.name, upload.location.key),
            text,
            tr("&Replace Object") if adoption.replaces else tr("&Complete"),
            self._dialog,
        )
        if not await accepted(question):
            return
        if adoption.replaces and not await self._guard.allows(
            self._connection, [upload.location], Threat.REPLACE, self._dialog
        ):
            return
        inheritance = adoption.inheritance(new_batch(), overwrites=adoption.replaces)
        (id_,) = await self._desk.queue.inherit([inheritance])
        self._feed.wake()
        self._dialog.model.update([replace(leftover, owner=f"{WINDOW}.{id_}")])
        self._say(tr("It is completed in the list of transfers."))

    async def _abort(self, chosen: Sequence[Leftover]) -> None:
        """Abort, until the store says that they are gone; ours by cancelling their transfer."""
        question = DeletionQuestion(
            title=tr("Abort Uploads"),
            problem=abort_problem(chosen),
            consequence=abort_consequence(chosen),
            names=[display_name(each.upload.location.key) for each in chosen[:NAMES_SHOWN]],
            word=tr("abort") if needs_word(chosen) else "",
            accept_text=tr("&Abort"),
        )
        if not await accepted(DeletionDialog(question, self._dialog)):
            return
        mine = [each for each in chosen if _run_of(each) == WINDOW]
        self._desk.queue.cancel(_ids_in_window(mine))
        self._feed.wake()
        store = await self._desk.stores.get(self._connection)
        gone: list[Leftover] = []
        over: list[Leftover] = []
        failed: list[S4DeskError] = []

        async def end(leftover: Leftover) -> None:
            upload = leftover.upload
            try:
                if await held_parts(store, upload.location, upload.upload) is None:
                    over.append(leftover)
                await abort_for_good(store, upload.location, upload.upload)
            except S4DeskError as error:
                failed.append(error)
            else:
                gone.append(leftover)

        others = [each for each in chosen if _run_of(each) != WINDOW]
        self._say(tr("Aborting…"))
        await self._shown_meanwhile(
            lambda: run_bounded(map(end, others), ABORTS_IN_FLIGHT), [], gone
        )
        if mine:
            await self._desk.queue.at_rest()
            over += self._ended(mine, TransferState.COMPLETED)
            self._load()
        self._say_ended(len(chosen) - len(failed) - len(over), len(over), failed)

    def _say_ended(self, count: int, over: int, failed: Sequence[S4DeskError]) -> None:
        sentence = aborted_text(count, len(failed), over)
        if failed:
            self._fail(failed[0], sentence)
        else:
            self._say(sentence)


def _run_of(leftover: Leftover) -> str:
    """The journal of the transfer that needs an upload, empty when it is not ours."""
    return leftover.owner.rpartition(".")[0]


def _ids_in_window(leftovers: Iterable[Leftover]) -> list[TransferId]:
    return [_id_of(each) for each in leftovers if _run_of(each) == WINDOW]


def _id_of(leftover: Leftover) -> TransferId:
    return TransferId(int(leftover.owner.rpartition(".")[2]))


async def _quietly(
    work: Callable[[], Coroutine[Any, Any, None]], failures: list[S4DeskError]
) -> None:
    """What the work raises is told by whoever waits for it. It may be stopped before it begins."""
    try:
        await work()
    except S4DeskError as error:
        failures.append(error)
