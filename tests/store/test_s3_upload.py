"""Files that are sent while somebody writes to them."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os

import pytest

from s4desk.core.domain.connection import Connection, Credentials
from s4desk.core.domain.errors import IntegrityError, SourceChangedError
from s4desk.core.domain.identity import ConnectionId, Location, UploadId
from s4desk.core.domain.parts import MIB, Span
from s4desk.core.store.capabilities import Capabilities
from s4desk.core.store.protocol import UploadTicket
from s4desk.core.store.s3 import S3Store
from s4desk.core.transfer.files import SteadySource
from s4desk.core.wire.body import Slice
from s4desk.core.wire.checksums import checksum
from s4desk.core.wire.pool import WirePool
from tests.wire.scripted import ROOMY, ScriptedServer, reply

KEY = Location("bucket", "key")
SIZE = 3 * MIB
HALF = Span(MIB, MIB)
CRC_TICKET = UploadTicket(UploadId("u"), "crc64nvme")
MD5_TICKET = UploadTicket(UploadId("u"), "md5")
BAD_DIGEST = reply(b"<Error><Code>BadDigest</Code></Error>", status=400)

needs_sendfile = pytest.mark.skipif(not hasattr(os, "sendfile"), reason="no sendfile here")


def compared(asked):
    """What a store answers that holds what arrived against the sum it was told."""
    told = asked.headers.get("x-amz-checksum-crc64nvme")
    if told is not None and told != checksum("crc64nvme", asked.body):
        return BAD_DIGEST
    md5 = hashlib.md5(asked.body)
    told = asked.headers.get("content-md5")
    if told is not None and told != base64.b64encode(md5.digest()).decode():
        return BAD_DIGEST
    return reply(ETag=f'"{md5.hexdigest()}"')


@contextlib.asynccontextmanager
async def store_on(answer, capabilities=None):
    pool = WirePool(ROOMY)
    with ScriptedServer(answer) as server:
        connection = Connection(ConnectionId("c"), "c", server.endpoint.url)
        store = S3Store(connection, lambda: Credentials("id", "s"), pool, capabilities)
        store.server = server
        try:
            yield store
        finally:
            await store.aclose()
            await pool.aclose()


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(os.urandom(SIZE))
    return path


@pytest.fixture
def source(path):
    source = SteadySource(path)
    source.open()
    yield source
    source.close()


@pytest.fixture
def written_meanwhile(path, monkeypatch):
    """Somebody writes to the file after it was summed, and before the kernel sends it."""
    send, calls = os.sendfile, []

    def write_first(out, descriptor, offset, count):
        if not calls:
            with path.open("r+b") as file:
                file.seek(MIB + 1)
                file.write(b"other bytes")
        calls.append(offset)
        return send(out, descriptor, offset, count)

    monkeypatch.setattr(os, "sendfile", write_first)
    return calls


@needs_sendfile
async def test_a_part_that_changes_while_it_is_sent_is_refused(source, written_meanwhile):
    async with store_on(compared, Capabilities()) as store:
        with pytest.raises(SourceChangedError):
            await store.put_part(KEY, CRC_TICKET, 1, Slice(source, HALF))
        assert len(store.server.asked) == 1
    assert written_meanwhile


@needs_sendfile
async def test_an_object_that_changes_while_it_is_sent_is_refused(source, written_meanwhile):
    async with store_on(compared, Capabilities(keeps_checksums=True)) as store:
        with pytest.raises(SourceChangedError):
            await store.put(KEY, Slice(source, Span(0, 2 * MIB)))
    assert written_meanwhile


@needs_sendfile
async def test_the_last_bytes_of_a_changed_file_are_never_sent(source, written_meanwhile):
    async with store_on(compared, Capabilities(keeps_checksums=True)) as store:
        with pytest.raises(SourceChangedError):
            await store.put(KEY, Slice(source, Span(0, SIZE)))
        assert not store.server.asked
    assert written_meanwhile


@needs_sendfile
async def test_damage_on_the_way_is_no_change_of_the_file(source):
    async with store_on(BAD_DIGEST, Capabilities()) as store:
        with pytest.raises(IntegrityError):
            await store.put_part(KEY, CRC_TICKET, 1, Slice(source, HALF))


@pytest.mark.parametrize("keeps_checksums", [None, False])
async def test_where_nothing_is_known_to_be_compared_we_look_ourselves(
    source, written_meanwhile, keeps_checksums
):
    capabilities = Capabilities(keeps_checksums=keeps_checksums)
    async with store_on(compared, capabilities) as store:
        await store.put_part(KEY, MD5_TICKET, 1, Slice(source, HALF))
        await store.put(KEY, Slice(source, Span(0, SIZE)))
    assert not written_meanwhile


@needs_sendfile
async def test_the_kernel_sends_what_the_store_compares(source, path, written_meanwhile):
    written_meanwhile.append("nothing is written this time")
    async with store_on(compared, Capabilities(keeps_checksums=True)) as store:
        receipt = await store.put_part(KEY, CRC_TICKET, 1, Slice(source, HALF))
        await store.put(KEY, Slice(source, Span(0, SIZE)))
        part, whole = (each.body for each in store.server.asked)
    assert (part, whole) == (path.read_bytes()[MIB : 2 * MIB], path.read_bytes())
    assert receipt.checksum == checksum("crc64nvme", part)
    assert written_meanwhile[1] == MIB
