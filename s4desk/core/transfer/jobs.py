"""From a transfer to the job that carries it out. Imports all that jobs need: load it late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.transfer import Direction
from s4desk.core.transfer.copy import CopyJob
from s4desk.core.transfer.download import DownloadJob
from s4desk.core.transfer.parcels import parcel_of
from s4desk.core.transfer.upload import UploadJob

if TYPE_CHECKING:
    from s4desk.core.domain.transfer import Transfer
    from s4desk.core.transfer.job import JobContext, TransferJob

__all__ = ["make_job", "parcel_of"]

JOBS: dict[Direction, type[TransferJob]] = {
    Direction.UPLOAD: UploadJob,
    Direction.DOWNLOAD: DownloadJob,
    Direction.COPY: CopyJob,
}


def make_job(transfer: Transfer, context: JobContext) -> TransferJob:
    return JOBS[transfer.spec.direction](transfer, context)
