"""Deletions that outlive their process: carried out, noted, and forgotten when they are over."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from s4desk.core.domain.identity import Address, Location, Prefix
from s4desk.core.persist.database import DatabaseError
from s4desk.core.persist.peek import Command
from s4desk.core.runtime.clock import Clock, SystemClock
from s4desk.core.runtime.tasks import TaskScope
from s4desk.core.transfer.delete import Deletion

if TYPE_CHECKING:
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.persist.runs import Run
    from s4desk.core.store.protocol import ObjectStore
    from s4desk.core.transfer.confirmed import Confirmed
    from s4desk.core.transfer.delete import DeleteReport

log = logging.getLogger(__name__)

VERB = "rm"
NOTE_EVERY_S = 1.0


def command_of(
    connection: ConnectionId, place: Location | Prefix, flags: tuple[str, ...] = ()
) -> Command:
    """The command of a deletion at a place; equal ones go on with each other's work."""
    location = Location(place.bucket, place.prefix) if isinstance(place, Prefix) else place
    address = Address(connection, location)
    return Command(VERB, address, address, flags)


class LastingDeletion:
    """A Deletion with a journal: whatever ends the process, the next one knows what was under way.

    The journal goes when everything was tried, and when a person stops it: they do not want the
    rest. It stays when the store cannot be reached, when the process ends, and when the person
    interrupts the program, who is then asked before it goes on.
    """

    def __init__(
        self,
        run: Run,
        deletion: Deletion,
        *,
        earlier: int = 0,
        clock: Clock | None = None,
    ) -> None:
        """`earlier` is how many objects former lives have deleted."""
        self.run_id = run.id
        self.is_kept = True
        self._run = run
        self._deletion = deletion
        self._earlier = earlier
        self._is_halted = False
        self._clock = clock or SystemClock()

    @classmethod
    async def resumed(cls, run: Run, confirmed: Confirmed, store: ObjectStore) -> LastingDeletion:
        """Go on with one: only what was there when it was agreed to is deleted."""
        deletion = Deletion(
            store,
            confirmed.places,
            versions=confirmed.with_versions,
            before=confirmed.moment,
            arriving=confirmed.arriving,
        )
        return cls(run, deletion, earlier=await run.deleted())

    @property
    def report(self) -> DeleteReport:
        """What this life has done so far."""
        return self._deletion.report

    @property
    def deleted(self) -> int:
        """How many objects all lives have deleted."""
        return self._earlier + self.report.deleted

    def stop(self) -> None:
        """Send no further batch, and forget it."""
        self._deletion.stop()

    def halt(self) -> None:
        """Send no further batch; it may be gone on with."""
        self._is_halted = True
        self._deletion.stop()

    def again(self) -> Deletion:
        """As `Deletion.again`, without a journal."""
        return self._deletion.again()

    async def run(self) -> DeleteReport:
        """Delete until all is done, or stopped, or an error makes the rest pointless."""
        scope = TaskScope("deletion")
        try:
            scope.start(self._note_each_batch())
            scope.start(self._note_now_and_then())
            report = await self._deletion.run()
            is_halted = self._is_halted and report.is_stopped
            self.is_kept = is_halted or is_unfinished(report, self._earlier)
            return report
        finally:
            await scope.aclose()
            await self._end()

    async def _note_each_batch(self) -> None:
        """So that who is killed at once is known to have begun."""
        while True:
            await self._deletion.batch_done()
            await self._note()

    async def _note_now_and_then(self) -> None:
        """For stores that delete one by one: there a batch takes long."""
        while True:
            await self._clock.sleep(NOTE_EVERY_S)
            await self._note()

    async def _note(self) -> None:
        """What cannot be noted is no reason to stop: the number is for people."""
        try:
            await self._run.note_deleted(self.deleted, is_halted=self._is_halted)
        except DatabaseError as error:
            log.warning("how far the deletion is was not noted: %s", error)

    async def _end(self) -> None:
        if self.is_kept:
            await self._note()
            await self._run.aclose()
        else:
            await self._run.discard()


def is_unfinished(report: DeleteReport, earlier: int = 0) -> bool:
    """Whether there is something to go on with. Who was refused at once has begun nothing."""
    error = report.error
    return error is not None and bool(error.retryable or report.deleted or earlier)
