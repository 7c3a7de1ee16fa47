"""Objects of which a real store keeps a sum of the parts' sums: fetched, verified, completed."""

from __future__ import annotations

import random
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from s4desk.core.domain.identity import Address, Location, Prefix
from s4desk.core.domain.parts import MIB
from s4desk.core.domain.transfer import TransferState
from s4desk.core.transfer.adoption import plan_adoption
from s4desk.core.transfer.verifying import Finding, Pair, verify_object
from s4desk.core.wire.checksums import checksum
from tests.servers.client import s3_client, temporary_bucket
from tests.servers.fault import Flip
from tests.transfer.specs import HERE
from tests.transfer.test_real_servers import BATCH, Rig

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.store.protocol import Store
    from tests.servers.endpoint import Endpoint
    from tests.servers.fault import FaultProxy

PARTS = [5 * MIB, 6 * MIB, 1234]
"""No two alike, and nobody would guess them."""
CONTENT = random.Random(11).randbytes(sum(PARTS))
WHOLE = "crc64nvme"
"""What the store makes of an object for which no sum was chosen."""

COMPOSITE = ["SHA256", "SHA1", "CRC32", "CRC32C"]


class Behind(Rig):
    """A rig whose way to the store leads through a proxy."""

    proxy: FaultProxy


def slices() -> Iterator[bytes]:
    offset = 0
    for size in PARTS:
        yield CONTENT[offset : offset + size]
        offset += size


def begin(client: Any, bucket: str, algorithm: str, parts: int) -> tuple[str, list[dict[str, Any]]]:
    """A multipart upload as other programs make it, with its first parts."""
    kind = {"ChecksumAlgorithm": algorithm, "ChecksumType": "COMPOSITE"} if algorithm else {}
    upload = client.create_multipart_upload(Bucket=bucket, Key="key", **kind)["UploadId"]
    sent = []
    for number, data in enumerate(list(slices())[:parts], 1):
        name = f"Checksum{algorithm}"
        told = {name: checksum(algorithm.lower(), data)} if algorithm else {}
        where = {"Bucket": bucket, "Key": "key", "UploadId": upload, "PartNumber": number}
        reply = client.upload_part(**where, Body=data, **told)
        sent.append({"PartNumber": number, "ETag": reply["ETag"], **told})
    return upload, sent


def lay(endpoint: Endpoint, bucket: str, algorithm: str = "") -> None:
    with s3_client(endpoint) as client:
        upload, parts = begin(client, bucket, algorithm, len(PARTS))
        client.complete_multipart_upload(
            Bucket=bucket, Key="key", UploadId=upload, MultipartUpload={"Parts": parts}
        )


@pytest.fixture
def there(localstack: Endpoint) -> Iterator[str]:
    with temporary_bucket(localstack) as bucket:
        yield bucket


@pytest.fixture
async def rig(
    tmp_path: Path,
    localstack: Endpoint,
    there: str,
    fault_proxy: Callable[[Endpoint], FaultProxy],
) -> AsyncIterator[Behind]:
    rig = Behind(tmp_path)
    rig.proxy = fault_proxy(localstack)
    await rig.open(rig.proxy.endpoint, there)
    yield rig
    await rig.aclose()


def gets(proxy: FaultProxy) -> int:
    return sum(each.method == "GET" and "attributes" not in each.target for each in proxy.requests)


@pytest.mark.parametrize("algorithm", [*COMPOSITE, ""])
async def test_a_damaged_part_comes_again_alone(
    rig: Behind, localstack: Endpoint, algorithm: str
) -> None:
    lay(localstack, rig.bucket, algorithm)
    rule = rig.proxy.on(Flip(1000), method="GET", path_re="/key$", skip=2, times=1)
    (done,) = await rig.run(rig.down(len(CONTENT)))
    assert rule.hits == 1
    assert (done.state, done.verified) == (TransferState.COMPLETED, algorithm.lower() or WHOLE)
    assert rig.target.read_bytes() == CONTENT
    assert done.effort.retries == gets(rig.proxy) - 6
    # The second part has 6 MiB, and shares two ranges of 2 MiB with its neighbours.
    assert 1 <= done.effort.retries <= (4 if algorithm else 6)


@pytest.mark.parametrize("algorithm", [*COMPOSITE, ""])
async def test_each_part_is_read_again(rig: Behind, localstack: Endpoint, algorithm: str) -> None:
    lay(localstack, rig.bucket, algorithm)
    pair = Pair(Address(HERE, Location(rig.bucket, "key")))

    async def store_of(_: ConnectionId) -> Store:
        return rig.store

    verdict = await verify_object(pair, store_of)
    assert (verdict.finding, verdict.algorithm) == (Finding.SAME, algorithm.lower() or WHOLE)
    if algorithm:
        # What came in one piece is asked for again by itself.
        rig.proxy.on(Flip(1000), method="GET", path_re="/key$", times=1)
        verdict = await verify_object(pair, store_of)
        assert verdict.finding is Finding.DIFFERENT
        assert verdict.stored != verdict.read


@pytest.mark.parametrize("algorithm", COMPOSITE)
async def test_an_upload_of_parts_with_sums_is_completed(
    rig: Behind, localstack: Endpoint, algorithm: str
) -> None:
    size = 5 * MIB
    content = CONTENT[: 2 * size + 99]
    with s3_client(localstack) as client:
        begin(client, rig.bucket, algorithm, 1)
    (rig.folder / "mine").write_bytes(content)
    (upload,) = await rig.store.list_uploads(Prefix(rig.bucket))
    adoption = await plan_adoption(rig.store, HERE, upload, rig.folder / "mine")
    assert adoption.kept == size
    await rig.queue.inherit([adoption.inheritance(BATCH)])
    await rig.queue.wait(BATCH)
    (done,) = rig.queue.transfers()
    assert (done.state, done.verified, done.error) == ("completed", algorithm.lower(), "")
    assert done.effort.parts == 2
    with s3_client(localstack) as client:
        found = client.get_object(Bucket=rig.bucket, Key="key", ChecksumMode="ENABLED")
        with closing(found["Body"]) as body:
            assert body.read() == content
        assert found["ChecksumType"] == "COMPOSITE"
    assert await rig.uploads() == 0
