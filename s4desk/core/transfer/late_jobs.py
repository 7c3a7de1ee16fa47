"""What makes jobs, loaded when the first is made: checksums take a tenth of a second to import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.store.replay import remember

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from s4desk.core.domain.transfer import Transfer
    from s4desk.core.store.replay import Told
    from s4desk.core.transfer.job import JobContext, TransferJob
    from s4desk.core.transfer.parcels import Parcel

    MakeJob = Callable[[Transfer, JobContext], TransferJob]
    MakeParcel = Callable[[Transfer, JobContext], Parcel | None]


def load_jobs() -> tuple[MakeJob, MakeParcel]:
    """Makers of jobs and of parcels. It blocks for the first time."""
    from s4desk.core.transfer.jobs import make_job, parcel_of  # noqa: PLC0415

    return make_job, parcel_of


async def told_again(job: TransferJob, told: Sequence[Told]) -> None:
    """Run a job that is told again what the store has answered already."""
    remember(told)
    await job.run()
