"""Sums are S3's, and those of parts join to that of the whole."""

from __future__ import annotations

import base64
import hashlib
import itertools
import subprocess
import sys
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.wire.checksums import ALGORITHMS, can_combine, checksum, combine, running_sum
from s4desk.core.wire.crc import CRCS as KINDS
from s4desk.core.wire.crc import load

CRCS = [algorithm for algorithm in ALGORITHMS if can_combine(algorithm)]
CHECK = b"123456789"


def test_check_values_of_the_catalogue():
    # https://reveng.sourceforge.io/crc-catalogue: CRC-64/NVME, CRC-32/ISCSI, CRC-32/ISO-HDLC.
    expected = {"crc64nvme": "ae8b14860a799888", "crc32c": "e3069283", "crc32": "cbf43926"}
    for algorithm, digest in expected.items():
        total = running_sum(algorithm)
        total.update(memoryview(CHECK))
        assert total.digest.hex() == digest
        assert total.value == base64.b64encode(bytes.fromhex(digest)).decode()


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256"])
def test_digests_are_those_of_hashlib(algorithm):
    expected = hashlib.new(algorithm, CHECK).digest()
    assert base64.b64decode(checksum(algorithm, CHECK)) == expected


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_fresh_sum_has_seen_nothing(algorithm):
    used = running_sum(algorithm)
    used.update(memoryview(CHECK))
    assert used.fresh().value == running_sum(algorithm).value != used.value
    assert used.fresh().algorithm == algorithm


@given(data=st.binary(max_size=4000), places=st.lists(st.integers(0, 4000), max_size=6))
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_it_does_not_matter_how_the_bytes_arrive(algorithm, data, places):
    edges = sorted({0, len(data), *(place for place in places if place <= len(data))})
    total = running_sum(algorithm)
    for start, end in itertools.pairwise(edges):
        total.update(memoryview(data)[start:end])
    assert total.value == checksum(algorithm, data)


@given(first=st.binary(max_size=3000), second=st.binary(max_size=3000))
@pytest.mark.parametrize("algorithm", CRCS)
def test_the_sum_of_a_whole_follows_from_its_parts(algorithm, first, second):
    joined = combine(
        algorithm, checksum(algorithm, first), checksum(algorithm, second), len(second)
    )
    assert joined == checksum(algorithm, first + second)


def test_zlib_agrees_on_crc32():
    data = bytes(range(256)) * 1000
    assert base64.b64decode(checksum("crc32", data)) == zlib.crc32(data).to_bytes(4, "big")


def test_what_cannot_be_joined_is_said():
    with pytest.raises(ValueError, match="md5"):
        combine("md5", "", "", 1)
    with pytest.raises(ValueError, match="no such checksum"):
        running_sum("crc16")


@given(seen=st.binary(max_size=500), data=st.binary(max_size=500))
@pytest.mark.parametrize("algorithm", CRCS)
def test_sums_without_the_library_are_the_same(algorithm, seen, data):
    kind, library = KINDS[algorithm], load()
    before = getattr(library, algorithm)(seen, 0)
    assert kind.updated_slowly(memoryview(seen), 0) == before
    expected = getattr(library, algorithm)(data, before)
    assert kind.updated_slowly(memoryview(data), before) == expected


def test_a_few_small_sums_load_no_library_and_many_do():
    code = """
import sys
from s4desk.core.wire.checksums import checksum
is_there, sums = [], set()
for _ in range(5):
    sums.add(checksum("crc64nvme", b"123456789"))
    is_there.append("awscrt" in sys.modules)
assert is_there == [False] * 4 + [True], is_there
assert len(sums) == 1
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_large_sum_loads_the_library_at_once():
    code = """
import sys
from s4desk.core.wire.checksums import checksum
checksum("crc32c", bytes(1 << 16))
assert "awscrt" in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
