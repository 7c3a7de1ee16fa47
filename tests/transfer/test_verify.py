"""Whether a file and an object are the same, proved by what the store says of it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.identity import Location
from s4desk.core.domain.objects import Checksum, ObjectMeta
from s4desk.core.domain.parts import GIB, MIB, PartPlan, PartReceipt
from s4desk.core.transfer.composite import composite_etag, part_guesses
from s4desk.core.transfer.verify import (
    algorithm_of_proof,
    has_same_bytes,
    is_joined_of_others,
    is_same,
)
from s4desk.core.wire.checksums import checksum
from tests.transfer.world import noise

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = noise(10_500)
KMS = {"x-amz-server-side-encryption": "aws:kms"}


def etag_of(content: bytes, part_size: int) -> str:
    parts = [content[start : start + part_size] for start in range(0, len(content), part_size)]
    digests = b"".join(hashlib.md5(part).digest() for part in parts)
    return f"{hashlib.md5(digests).hexdigest()}-{len(parts)}"


def meta(etag: str, size: int = len(CONTENT), headers: dict[str, str] | None = None) -> ObjectMeta:
    return ObjectMeta(Location("b", "k"), size, None, etag, headers=headers or {})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(CONTENT)
    return path


@pytest.mark.parametrize("part_size", [1000, 2625, 10_500, 5 * MIB])
async def test_parts_as_we_or_others_would_have_cut_them(path: Path, part_size: int) -> None:
    """Ours, the shortest that make as many, and one part alone."""
    etag = etag_of(CONTENT, part_size)
    assert await is_same(path, meta(etag), part_size=1000)
    path.write_bytes(CONTENT[:-1] + b"x")
    assert not await is_same(path, meta(etag), part_size=1000)


async def test_what_nobody_can_guess_is_different(path: Path) -> None:
    assert not await is_same(path, meta(etag_of(CONTENT, 2777)), part_size=1000)


@pytest.mark.parametrize("etag", ["", "opaque", "0" * 32 + "-0", "0" * 32 + "-99999"])
async def test_an_etag_that_tells_nothing_proves_nothing(path: Path, etag: str) -> None:
    assert not await is_same(path, meta(etag))


async def test_an_encrypted_object_proves_nothing(path: Path) -> None:
    etag = etag_of(CONTENT, 1000)
    assert not await is_same(path, meta(etag, headers=KMS), part_size=1000)


async def test_nothing_is_the_same_as_nothing(path: Path) -> None:
    path.write_bytes(b"")
    assert await is_same(path, meta("opaque", 0))
    assert not await is_same(path, meta("opaque", 1))


@pytest.mark.parametrize("mib", [5, 8, 10, 15, 16, 32, 64, 128])
def test_the_usual_part_sizes_are_among_few_guesses(mib: int) -> None:
    size = 3 * GIB + 12_345
    count = PartPlan(size, mib * MIB).count
    guesses = part_guesses(size, count)
    assert PartPlan(size, mib * MIB) in guesses
    assert len(guesses) <= 4
    assert {plan.count for plan in guesses} == {count}


def receipts(*bodies: bytes) -> list[PartReceipt]:
    return [
        PartReceipt(number, len(body), hashlib.md5(body).hexdigest(), checksum("md5", body))
        for number, body in enumerate(bodies, 1)
    ]


def test_parts_of_others_are_known_by_their_etag() -> None:
    ours = receipts(b"one", b"two")
    joined, theirs = composite_etag(ours) or "", composite_etag(receipts(b"another")) or ""
    assert is_joined_of_others(meta(theirs), ours)
    assert not is_joined_of_others(meta(joined), ours)
    # An ETag that is none of MD5s says nothing, nor does one of parts that have none.
    assert not is_joined_of_others(meta("opaque"), ours)
    assert not is_joined_of_others(meta(theirs, headers=KMS), ours)
    assert not is_joined_of_others(meta(theirs), [replace(each, checksum="") for each in ours])
    assert not is_joined_of_others(meta(theirs), [replace(each, etag="x") for each in ours])


CRC = Checksum("crc64nvme", checksum("crc64nvme", CONTENT))
OTHER_CRC = Checksum("crc64nvme", checksum("crc64nvme", b"other"))
ETAG, OTHER_ETAG = hashlib.md5(CONTENT).hexdigest(), hashlib.md5(b"other").hexdigest()


@pytest.mark.parametrize(
    ("one", "other", "proof"),
    [
        ((None, ETAG), (None, ETAG), "md5"),
        ((CRC, ETAG), (CRC, "opaque"), "crc64nvme"),
        # One store keeps checksums and the other does not.
        ((None, ETAG), (CRC, ETAG), "md5"),
        ((CRC, ETAG), (None, ETAG), "md5"),
        # An ETag that looks like an MD5 need not be one: it proves, and refutes nothing.
        ((CRC, ETAG), (CRC, OTHER_ETAG), "crc64nvme"),
        ((None, ETAG), (CRC, OTHER_ETAG), None),
        ((CRC, ETAG), (OTHER_CRC, ETAG), None),
        ((CRC, "opaque"), (None, ETAG), None),
    ],
)
def test_two_objects_are_the_same_by_any_sum_they_share(
    one: tuple[Checksum | None, str], other: tuple[Checksum | None, str], proof: str | None
) -> None:
    first, second = (replace(meta(etag), checksum=kept) for kept, etag in (one, other))
    assert has_same_bytes(first, second) is (proof is not None)
    if proof is not None:
        assert algorithm_of_proof(first, second) == proof
