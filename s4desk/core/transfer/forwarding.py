"""Which small transfers go by conveyor, and when threads work there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.runtime.processor import OneProcessor
from s4desk.core.transfer.conveyor import Conveyor
from s4desk.core.transfer.job import Stop, TransferJob
from s4desk.core.transfer.waiting_line import Lane, lane_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from s4desk.core.domain.transfer import Transfer, TransferId
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.runtime.tasks import TaskScope
    from s4desk.core.store.protocol import StoreOf
    from s4desk.core.transfer.admission import Admission
    from s4desk.core.transfer.parcels import Parcel
    from s4desk.core.transfer.waiting_line import WaitingLine

    Jobs = dict[TransferId, TransferJob | Parcel]


class Forwarding:
    """A conveyor for each connection to which many small transfers wait.

    A thread at work there takes one place of the admission, as a job would. What waits on a
    conveyor is among the `jobs`, and has not begun.
    """

    def __init__(  # noqa: PLR0913 - what it works with
        self,
        line: WaitingLine,
        admission: Admission,
        tasks: TaskScope,
        jobs: Jobs,
        *,
        parcel_of: Callable[[TransferId], Parcel | None],
        store_of: StoreOf,
        delivered: Callable[[Sequence[Parcel], Sequence[Parcel]], None],
        left: Callable[[], None],
        clock: Clock,
    ) -> None:
        """`delivered` is told what has begun and what has ended, `left` that there is room."""
        self._line = line
        self._admission = admission
        self._tasks = tasks
        self._jobs = jobs
        self._parcel_of = parcel_of
        self._store_of = store_of
        self._delivered = delivered
        self._left = left
        self._clock = clock
        self._conveyors: dict[Lane, Conveyor] = {}
        self._processor = OneProcessor()

    def may_start(self, lane: Lane, large: bool) -> bool:
        """Whether a transfer of this lane may start: small ones not beside threads enough."""
        conveyor = self._conveyors.get(lane)
        is_manned = conveyor is not None and conveyor.is_manned
        return (large or not is_manned) and self._admission.may_start(lane, large)

    def begin(self, first: Transfer) -> bool:
        """Have a thread carry a transfer and some that follow; False if it needs its own job."""
        lane = lane_of(first)
        if not self._admission.in_a_row or len(lane) != 1 or self._admission.is_held(first):
            return False
        conveyor = self._conveyor_of(lane)
        conveyor.look_again()
        waiting = self._line.length(lane) + conveyor.waiting
        if not conveyor.is_supported or waiting < 2 * self._admission.places:
            return False
        parcel = self._parcel_of(first.id)
        if parcel is None:
            return False
        self._put(conveyor, [parcel])
        (connection,) = lane
        self._admission.entered(first)
        turn = conveyor.begin_turn()
        task = self._tasks.start(conveyor.turn(turn, lambda: self._store_of(connection)))
        task.add_done_callback(lambda _: self._turn_ended(first, conveyor))
        return True

    def refill(self) -> None:
        """Let more wait for the threads that are at work."""
        self._share()
        for lane, conveyor in self._conveyors.items():
            if conveyor.is_moving and conveyor.is_supported:
                parcels: list[Parcel] = []
                self._line.take(lane, conveyor.room, self._collects(parcels))
                self._put(conveyor, parcels)

    def at_work(self, transfer: Transfer) -> TransferJob | Parcel | None:
        """What carries a transfer now; what no thread has taken yet is nobody's from now on."""
        job = self._jobs.get(transfer.id)
        if job is None or isinstance(job, TransferJob):
            return job
        if not self._conveyors[lane_of(transfer)].withdraw(transfer.id):
            return job
        del self._jobs[transfer.id]
        return None

    def stop(self, job: TransferJob | Parcel, how: Stop) -> None:
        job.stop(how)
        if not isinstance(job, TransferJob):
            self._conveyors[lane_of(job.transfer)].interrupt(job)

    def deliver(self) -> None:
        """Tell what has happened until now."""
        for conveyor in self._conveyors.values():
            conveyor.deliver()

    def _conveyor_of(self, lane: Lane) -> Conveyor:
        if lane not in self._conveyors:
            conveyor = Conveyor(self._delivered, lambda: self._held_up(conveyor), self._clock)
            self._conveyors[lane] = conveyor
        return self._conveyors[lane]

    def _share(self) -> None:
        """One processor is best while only small ones move; a large one keeps all of them busy."""
        is_moving = any(conveyor.is_moving for conveyor in self._conveyors.values())
        if is_moving and not self._admission.has_large:
            self._processor.hold()
        else:
            self._processor.release()

    def _put(self, conveyor: Conveyor, parcels: Sequence[Parcel]) -> None:
        self._jobs.update((parcel.transfer.id, parcel) for parcel in parcels)
        conveyor.put(parcels)

    def _collects(self, parcels: list[Parcel]) -> Callable[[TransferId], bool]:
        def is_wanted(id_: TransferId) -> bool:
            if (parcel := self._parcel_of(id_)) is None:
                return False
            parcels.append(parcel)
            return True

        return is_wanted

    def _turn_ended(self, first: Transfer, conveyor: Conveyor) -> None:
        self._admission.left(first)
        self._share()
        if not conveyor.is_moving:
            self._take_back(conveyor)
        self._left()

    def _held_up(self, conveyor: Conveyor) -> None:
        """What waits behind threads that take long may have others, or jobs, where there is
        room."""
        self._take_back(conveyor)
        self._left()

    def _take_back(self, conveyor: Conveyor) -> None:
        for parcel in conveyor.take_back():
            del self._jobs[parcel.transfer.id]
            self._line.enter(parcel.transfer)
