"""Whether a transfer has been carried out already, proved by what is at both of its ends."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.parts import PART_SIZE
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.conflicts import existing_at, head_if_there
from s4desk.core.transfer.verify import algorithm_of_proof, has_same_bytes, is_same
from s4desk.core.wire.checksums import MD5

if TYPE_CHECKING:
    from s4desk.core.domain.identity import Address, VersionId
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.domain.transfer import TransferSpec
    from s4desk.core.store.protocol import PutReply, StoreOf


def sum_told(told: ObjectMeta | PutReply, algorithm: str) -> str:
    """The sum of an object in `algorithm` as its store told it, nothing where it did not.

    In base64, but of MD5 the ETag; with a number behind it that of the sums of so many parts.
    """
    known = told.checksum
    if known is not None and known.algorithm == algorithm:
        return known.value
    return told.etag if algorithm == MD5 else ""


async def holds_already(
    spec: TransferSpec,
    store_of: StoreOf,
    *,
    part_size: int = PART_SIZE,
) -> bool:
    """Whether the target holds the bytes that the source has now. What is in doubt does not."""
    return await proved_by(spec, store_of, part_size=part_size) is not None


async def proved_by(
    spec: TransferSpec,
    store_of: StoreOf,
    *,
    part_size: int = PART_SIZE,
) -> str | None:
    """The algorithm by which that is proved: nothing for a folder, None without a proof.

    It moves nothing: the sums that stores keep are compared, a local file is read. `part_size` is
    what an upload of ours would be cut into (bytes).
    """
    try:
        return await _proof(spec, store_of, part_size)
    except S4DeskError:
        return None


async def _proof(spec: TransferSpec, store_of: StoreOf, part_size: int) -> str | None:
    source, target = spec.source, spec.target
    if isinstance(target, Path):
        there = await in_thread(existing_at, target)
        if there is None or spec.is_folder or there.is_folder:
            return "" if there is not None and spec.is_folder and there.is_folder else None
        meta = None
        if not isinstance(source, Path):
            meta = await _look(source, store_of, version=spec.version)
        return None if meta is None else await _of_file(target, meta, part_size)
    held = await _look(target, store_of)
    if held is None or spec.is_folder:
        return None if held is None else ""
    if isinstance(source, Path):
        return await _of_file(source, held, part_size)
    origin = await _look(source, store_of)
    is_proved = origin is not None and has_same_bytes(origin, held)
    return algorithm_of_proof(origin, held) if origin is not None and is_proved else None


async def _of_file(path: Path, meta: ObjectMeta, part_size: int) -> str | None:
    is_proved = await is_same(path, meta, part_size=part_size)
    return algorithm_of_proof(meta, meta) if is_proved else None


async def _look(
    address: Address,
    store_of: StoreOf,
    *,
    version: VersionId | None = None,
) -> ObjectMeta | None:
    store = await store_of(address.connection)
    return await head_if_there(store, address.location, version=version)
