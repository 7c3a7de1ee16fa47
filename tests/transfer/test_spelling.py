"""Metadata that nobody changes stays as it is written, on every real server."""

from __future__ import annotations

from datetime import UTC, datetime
from email.header import decode_header, make_header
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.connection import Connection, Credentials
from s4desk.core.domain.identity import ConnectionId, Location
from s4desk.core.domain.objects import Attributes, ObjectMeta
from s4desk.core.domain.properties import Pairs, PropertyChange
from s4desk.core.domain.transfer import Direction, TransferSpec
from s4desk.core.store.s3_headers import attribute_headers, decode_value, read_attributes
from s4desk.core.store.secrets import GivenSecrets
from s4desk.core.store.session import open_store
from s4desk.core.transfer.carrying import carried_attributes
from s4desk.core.transfer.content_editing import read_content, save_content
from s4desk.core.transfer.editing import edit
from s4desk.core.wire.pool import WirePool
from tests.servers.client import s3_client
from tests.transfer.specs import at, elsewhere

if TYPE_CHECKING:
    from tests.servers.endpoint import Endpoint

HEADER = "x-amz-meta-u"
WORDS = ("=?UTF-8?B?w7w=?=", "=?UTF-8?Q?=C3=83=C2=BC?=", "=?ISO-8859-1?Q?=FC?=", "%C3%BC")
RAW = ("\xc3\xbc \xe6\x97\xa5", "caf\xe9")
"""The bytes of a header as Latin-1: UTF-8, and what is none."""


@pytest.fixture(params=("ceph", "localstack", "moto"))
def server(request) -> Endpoint:
    return request.getfixturevalue(request.param)


@pytest.fixture
def key(server, new_bucket):
    return Location(new_bucket(server), "key")


@pytest.fixture
async def store(server):
    connection = Connection(ConnectionId("c"), server.server, server.url, server.region)
    keys = GivenSecrets(Credentials(server.access_key, server.secret_key))
    pool = WirePool()
    opened = await open_store(connection, keys, pool)
    yield opened
    await opened.aclose()
    await pool.aclose()


async def test_of_others_it_stays_letter_for_letter(server, store, key):
    with s3_client(server) as client:
        where = {"Bucket": key.bucket, "Key": key.key}
        for word in WORDS:
            client.put_object(**where, Body=b"text", Metadata={"u": word})
            before = client.head_object(**where)["Metadata"]
            await _edited_and_written(store, key)
            there = client.head_object(**where)
            assert (there["ContentType"], there["ContentLength"]) == ("text/x-odd", 5)
            assert there["Metadata"] == before


@pytest.mark.parametrize("raw", RAW)
async def test_so_does_what_is_no_ascii(server, store, key, raw):
    meant = decode_value(raw)
    await store.put(
        key, b"text", attributes=Attributes(metadata={"u": meant}, spelling={HEADER: raw})
    )
    before = await store.head(key)
    if raw == RAW[0]:
        is_spoilt = server.server == "localstack"
        assert before.attributes.metadata["u"] == (raw if is_spoilt else "ü 日")
        assert (before.headers[HEADER] == raw) is not is_spoilt
    await _edited_and_written(store, key)
    assert (await store.head(key)).headers[HEADER] == before.headers[HEADER]


@pytest.mark.parametrize(("target", "is_kept"), [(at, True), (elsewhere, False)])
def test_a_copy_keeps_it_within_its_connection(target, is_kept):
    """Another store may take raw UTF-8 for something else."""
    headers = {HEADER: RAW[0]}
    source = ObjectMeta(
        at("a").location, 4, None, "e", attributes=read_attributes(headers), headers=headers
    )
    spec = TransferSpec(Direction.COPY, at("a"), target("b"), 4)
    sent = attribute_headers(carried_attributes(spec, source, {}, datetime.now(UTC)))
    assert sent[HEADER] == ("ü 日" if is_kept else "=?UTF-8?B?w7wg5pel?=")


async def _edited_and_written(store, key):
    await edit(store, key, PropertyChange(fields={"content_type": "text/x-odd"}), datetime.now(UTC))
    seen = await read_content(store, await store.head(key))
    assert (await save_content(store, seen, b"other", datetime.now(UTC))).not_kept == ()


@pytest.mark.parametrize("value", ["ü", "a ü b", "Grüße, 日本語 😀 " * 20 + "!"])
async def test_a_new_value_is_read_by_others(server, store, key, value):
    """All of the field decode encoded words; hardly any raw UTF-8, and AWS spoils that."""
    await store.put(key, b"text", attributes=Attributes(metadata={"u": value}))
    assert (await store.head(key)).attributes.metadata["u"] == value
    assert _as_others_read(server, key) == value
    change = PropertyChange(metadata=Pairs({"u": value + "ö"}))
    await edit(store, key, change, datetime.now(UTC))
    assert _as_others_read(server, key) == value + "ö"


def _as_others_read(server: Endpoint, key: Location) -> str:
    with s3_client(server) as client:
        written = client.head_object(Bucket=key.bucket, Key=key.key)["Metadata"]["u"]
    return str(make_header(decode_header(written)))
