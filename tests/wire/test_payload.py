"""Bodies are summed before they are sent, and are still the same while they are sent."""

from __future__ import annotations

import hashlib

import pytest

from s4desk.core.domain.errors import SourceChangedError
from s4desk.core.domain.parts import Span
from s4desk.core.wire.body import FileSource, Slice
from s4desk.core.wire.cancellation import CancelledJobError, CancelToken
from s4desk.core.wire.checksums import KnownSum, checksum, running_sum
from s4desk.core.wire.connection import ConnectionPool
from s4desk.core.wire.exchange import Exchange, Scratch
from s4desk.core.wire.payload import MAX_BUFFERED, prepare
from tests.wire.scripted import ROOMY

LARGE = MAX_BUFFERED + 1_000_003


class Bytes:
    """A source in memory that can be changed between two reads."""

    def __init__(self, data):
        self.data = bytearray(data)
        self.largest = 0

    def read_into(self, view, offset):
        self.largest = max(self.largest, len(view))
        view[:] = self.data[offset : offset + len(view)]


@pytest.fixture
def exchange():
    return Exchange(ConnectionPool(ROOMY), Scratch(), CancelToken())


def pattern(size):
    return (bytes(range(251)) * (size // 251 + 1))[:size]


@pytest.mark.parametrize("size", [0, 1, 3 << 20, MAX_BUFFERED, LARGE])
def test_a_slice_is_sent_as_it_was_summed(exchange, size):
    source = Bytes(b"before" + pattern(size) + b"behind")
    sums = [running_sum("crc64nvme"), running_sum("md5")]
    payload = prepare(Slice(source, Span(6, size)), sums, exchange)
    assert payload.size == size
    for _ in range(2):
        assert b"".join(map(bytes, payload.chunks())) == pattern(size)
    assert [each.value for each in sums] == [
        checksum("crc64nvme", pattern(size)),
        checksum("md5", pattern(size)),
    ]


def test_bytes_are_sent_as_they_are(exchange):
    total = running_sum("sha256")
    payload = prepare(b"some bytes", [total], exchange)
    assert b"".join(payload.chunks()) == b"some bytes"
    assert total.value == checksum("sha256", b"some bytes")


def test_a_large_slice_takes_little_memory(exchange):
    source = Bytes(pattern(LARGE))
    payload = prepare(Slice(source, Span(0, LARGE)), [running_sum("crc64nvme")], exchange)
    assert max(map(len, payload.chunks())) == source.largest == MAX_BUFFERED


def test_a_small_slice_is_read_once(exchange):
    source = Bytes(pattern(1000))
    payload = prepare(Slice(source, Span(0, 1000)), [running_sum("md5")], exchange)
    source.data[0] ^= 1
    assert b"".join(payload.chunks()) == pattern(1000)


@pytest.mark.parametrize("place", [0, LARGE // 2, LARGE - 1])
def test_a_source_that_changes_is_never_sent_to_its_end(exchange, place):
    source = Bytes(pattern(LARGE))
    payload = prepare(Slice(source, Span(0, LARGE)), [running_sum("crc64nvme")], exchange)
    source.data[place] ^= 1
    sent = []
    with pytest.raises(SourceChangedError):
        sent.extend(map(len, payload.chunks()))
    assert sum(sent) < LARGE


@pytest.mark.parametrize("size", [1000, LARGE])
def test_a_file_that_was_cut_short_is_a_changed_source(exchange, tmp_path, size):
    path = tmp_path / "file"
    path.write_bytes(pattern(size))
    source = FileSource(path)
    piece = Slice(source, Span(0, size))
    path.write_bytes(pattern(size - 1))
    with pytest.raises(SourceChangedError):
        prepare(piece, [running_sum("crc64nvme")], exchange)
    source.close()


@pytest.mark.parametrize("size", [1000, LARGE])
def test_a_cancelled_job_does_not_go_on_reading(exchange, size):
    exchange.token.cancel()
    source = Bytes(pattern(size))
    with pytest.raises(CancelledJobError):
        prepare(Slice(source, Span(0, size)), [running_sum("md5")], exchange)


class Held(Bytes):
    """A source that can be looked at where it is."""

    def view(self, span):
        return memoryview(self.data)[span.offset : span.end]


@pytest.mark.parametrize("size", [0, 1, MAX_BUFFERED, LARGE])
def test_what_is_in_memory_is_sent_from_there(exchange, size):
    source = Held(b"before" + pattern(size) + b"behind")
    sums = [running_sum("crc64nvme"), running_sum("md5")]
    payload = prepare(Slice(source, Span(6, size)), sums, exchange)
    chunks = list(payload.chunks())
    assert b"".join(map(bytes, chunks)) == pattern(size)
    assert all(chunk.obj is source.data for chunk in chunks)
    assert source.largest == 0
    assert sums[1].value == checksum("md5", pattern(size))


def test_a_sum_that_is_known_is_not_made_again(exchange):
    known = KnownSum("md5", checksum("md5", b"what came"))
    prepare(Slice(Held(b"what came"), Span(0, 9)), [known], exchange)
    assert known.value == checksum("md5", b"what came")
    assert known.digest == hashlib.md5(b"what came", usedforsecurity=False).digest()
    assert known.fresh().value == running_sum("md5").value
