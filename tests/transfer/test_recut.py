"""Objects joined of parts prove their bytes where the size of the parts can be found out."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.connection import Connection, Credentials
from s4desk.core.domain.errors import NotFoundError
from s4desk.core.domain.identity import Address, ConnectionId, Location
from s4desk.core.domain.objects import Checksum
from s4desk.core.domain.parts import MIB, PartPlan, Span
from s4desk.core.domain.transfer import Direction, TransferSpec, TransferState
from s4desk.core.store.secrets import GivenSecrets
from s4desk.core.store.session import open_store
from s4desk.core.transfer.composite import Composition, Cut, part_guesses
from s4desk.core.transfer.job import Sizes
from s4desk.core.transfer.recut import found_cut
from s4desk.core.transfer.verifying import Finding, Pair, verify_object
from s4desk.core.wire.checksums import MD5, checksum, composite_sum
from s4desk.core.wire.pool import WirePool
from tests.servers.client import s3_client
from tests.servers.fault import Flip
from tests.transfer.test_metadata_between_stores import Stores, stores
from tests.transfer.world import noise

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.domain.parts import Part
    from s4desk.core.store.protocol import Store
    from tests.servers.endpoint import Endpoint
    from tests.servers.fault import FaultProxy

__all__ = ["stores"]

CONTENT = noise(10_000)


class Content:
    def read_into(self, view: memoryview, offset: int) -> None:
        view[:] = CONTENT[offset : offset + len(view)]


def cut(*sizes: int) -> Cut:
    assert sum(sizes) == len(CONTENT)
    spans, offset = [], 0
    for size in sizes:
        spans.append(Span(offset, size))
        offset += size
    return Cut(tuple(spans))


def composed(right: Cut) -> Composition:
    parts = [CONTENT[span.offset : span.end] for span in right.spans]
    value = composite_sum(MD5, [checksum(MD5, part) for part in parts])
    return Composition(Checksum(MD5, value, is_full=False), (right,))


RIGHT = cut(3000, 3000, 3000, 1000)
OTHERS = [cut(2500, 2500, 2500, 2500), cut(3333, 3333, 3333, 1)]


@pytest.mark.parametrize("part_size", [1, 777, 3000, 10_000])
async def test_one_pass_tells_the_cut_however_it_is_read(part_size: int) -> None:
    plan = PartPlan(len(CONTENT), part_size if part_size > 1 else 97)
    read: list[int] = []

    async def bring(part: Part) -> Content:
        read.append(part.number)
        return Content()

    assert await found_cut(composed(RIGHT), [*OTHERS, RIGHT], plan, bring) is RIGHT
    assert sorted(read) == [part.number for part in plan]
    assert await found_cut(composed(RIGHT), OTHERS, plan, bring) is None


async def test_without_a_guess_nothing_is_read() -> None:
    async def never(_: Part) -> Content:
        raise AssertionError

    plan = PartPlan(len(CONTENT), 1000)
    assert await found_cut(composed(RIGHT), [], plan, never) is None


@pytest.mark.parametrize("unit", [MIB, 1_000_000])
@pytest.mark.parametrize("number", [5, 6, 7, 10, 12, 20, 25])
@pytest.mark.parametrize("count", [4, 9, 30])
def test_round_sizes_of_parts_are_guessed(unit: int, number: int, count: int) -> None:
    size = (count - 1) * number * unit + 77
    guesses = part_guesses(size, count)
    assert PartPlan(size, number * unit) in guesses
    assert len(guesses) <= 12


def test_of_what_is_huge_only_few_are_tried() -> None:
    assert 0 < len(part_guesses(1 << 40, 2)) <= 4
    assert 0 < len(part_guesses(3 << 30, 3)) <= 4


# On a store that tells nothing of parts

CUTS = {
    "ten": [10 * MIB] * 3 + [100],
    "seven": [7 * MIB] * 5 + [100],
    "six_million": [6_000_000] * 6 + [77],
    "one": [6 * MIB],
    "two": [12 * MIB, 11 * MIB],
    "twenty": [20 * MIB, 100],
}
NEVER = {"uneven": [6 * MIB, 5 * MIB, 7 * MIB, 100]}


def lay(endpoint: Endpoint, bucket: str, name: str) -> tuple[Address, bytes]:
    """An object as another program joins it."""
    content, sent, offset = random.Random(name).randbytes(sum(_sizes(name))), [], 0
    with s3_client(endpoint) as client:
        where = {"Bucket": bucket, "Key": "key-0"}
        upload = client.create_multipart_upload(**where)["UploadId"]
        for number, size in enumerate(_sizes(name), 1):
            body = content[offset : offset + size]
            told = client.upload_part(**where, UploadId=upload, PartNumber=number, Body=body)
            sent.append({"PartNumber": number, "ETag": told["ETag"]})
            offset += size
        parts = {"Parts": sent}
        client.complete_multipart_upload(**where, UploadId=upload, MultipartUpload=parts)
    return Address(ConnectionId("ceph"), Location(bucket, "key-0")), content


def _sizes(name: str) -> list[int]:
    return (CUTS | NEVER)[name]


@pytest.mark.parametrize("name", [*CUTS, *NEVER])
async def test_copies_to_another_store_are_proved(
    stores: Stores, ceph: Endpoint, name: str
) -> None:
    stores.sizes = Sizes()
    source, content = lay(ceph, stores.buckets["ceph"], name)
    done, target = await stores.copied(source, "moto")
    assert (done.state, done.error) == (TransferState.COMPLETED, "")
    assert done.verified == ("md5" if name in CUTS else "size-only")
    assert (await stores.opened["moto"].head(target.location)).size == len(content)


@pytest.mark.parametrize("name", [*CUTS, *NEVER])
async def test_downloads_and_verification_are_proved(
    stores: Stores, ceph: Endpoint, name: str
) -> None:
    stores.sizes = Sizes()
    source, content = lay(ceph, stores.buckets["ceph"], name)
    path = stores.folder / "target"
    spec = TransferSpec(Direction.DOWNLOAD, source, path, len(content))
    done = await stores.run(await stores.add(spec))
    assert done.verified == ("md5" if name in CUTS else "size-only")
    # What is read twice, since nothing proves it, was no failure of any request.
    assert (path.read_bytes() == content, done.effort.retries) == (True, 0)
    verdict = await verify_object(Pair(source), stores.store_of)
    assert verdict.finding is (Finding.SAME if name in CUTS else Finding.UNPROVED)


async def test_what_a_store_does_not_tell_it_is_asked_once(
    stores: Stores, ceph: Endpoint, fault_proxy: Callable[[Endpoint], FaultProxy]
) -> None:
    """Ceph 16 ignores part numbers, and fails when it is asked for attributes."""
    source, _ = lay(ceph, stores.buckets["ceph"], "uneven")
    proxy, pool = fault_proxy(ceph), WirePool()
    connection = Connection(ConnectionId("ceph"), "ceph", proxy.endpoint.url, ceph.region)
    keys = GivenSecrets(Credentials(ceph.access_key, ceph.secret_key))
    store = await open_store(connection, keys, pool)

    async def store_of(_: ConnectionId) -> Store:
        return store

    for _ in range(3):
        verdict = await verify_object(Pair(source), store_of)
        assert verdict.finding is Finding.UNPROVED
    asked = [each.target for each in proxy.requests]
    assert sum("partNumber" in each for each in asked) == 1
    assert not any("attributes" in each for each in asked)
    await store.aclose()
    await pool.aclose()


@pytest.mark.parametrize("size", [6 * MIB, 40 * MIB])
async def test_one_part_is_all_of_it_and_can_be_refuted(
    stores: Stores,
    ceph: Endpoint,
    fault_proxy: Callable[[Endpoint], FaultProxy],
    monkeypatch: pytest.MonkeyPatch,
    size: int,
) -> None:
    """The same wrong bytes twice are still wrong."""
    stores.sizes = Sizes()
    monkeypatch.setitem(CUTS, "single", [size])
    source, _ = lay(ceph, stores.buckets["ceph"], "single")
    proxy, pool = fault_proxy(ceph), WirePool()
    proxy.on(Flip(1000), method="GET", path_re="key-0", times=None)
    connection = Connection(ConnectionId("ceph"), "ceph", proxy.endpoint.url, ceph.region)
    keys = GivenSecrets(Credentials(ceph.access_key, ceph.secret_key))
    direct, stores.opened["ceph"] = stores.opened["ceph"], await open_store(connection, keys, pool)
    failed, target = await stores.copied(source, "moto")
    assert (failed.state, failed.error_kind) == (TransferState.FAILED, "IntegrityError")
    with pytest.raises(NotFoundError):
        await stores.opened["moto"].head(target.location)
    await stores.opened["ceph"].aclose()
    await pool.aclose()
    stores.opened["ceph"] = direct
