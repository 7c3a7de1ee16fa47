"""Configurations go to a store and come back as the documents that they are."""

from __future__ import annotations

import base64
import contextlib
import hashlib

import pytest
from botocore.exceptions import ClientError

from s4desk.core.domain.bucket_config import FACTS, MINIMUM_SIZE_HEADER, BucketDocument, ConfigKind
from s4desk.core.domain.config_json import as_json, from_json, is_set
from s4desk.core.domain.connection import Connection, Credentials
from s4desk.core.domain.errors import (
    ConfigChangedError,
    ConfigUncertainError,
    InvalidRequestError,
    MalformedReplyError,
    NotFoundError,
    NotSupportedError,
    StoreError,
)
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.store.capabilities import Capabilities
from s4desk.core.store.configuration import WriteOutcome, save
from s4desk.core.store.s3 import S3Store
from s4desk.core.wire.pool import WirePool
from tests.servers.client import s3_client
from tests.store.configs import CORS, get_config, put_config, sample
from tests.store.keeping import NONE, Keeper
from tests.wire.scripted import ROOMY, ScriptedServer, reply

KEYS = Credentials("key-id", "secret")
BUCKET = "bucket"
XML_KINDS = [kind for kind in ConfigKind if FACTS[kind].root]
LISTING = b"<ListBucketResult><Name>bucket</Name></ListBucketResult>"


@contextlib.asynccontextmanager
async def store_at(url, keys=KEYS, region=""):
    pool = WirePool(ROOMY)
    store = S3Store(
        Connection(ConnectionId("c"), "c", url, region), lambda: keys, pool, Capabilities()
    )
    try:
        yield store
    finally:
        await store.aclose()
        await pool.aclose()


@contextlib.asynccontextmanager
async def store_on(answer):
    with ScriptedServer(answer) as server:
        async with store_at(server.endpoint.url) as store:
            store.server = server
            yield store


def odd(kind):
    """A document of a vendor: a prefix, attributes, comments, elements nobody knows."""
    root = FACTS[kind].root
    return f"""<?xml version='1.0' encoding='UTF-8'?>
<!-- ours -->
<s3:{root} xmlns:s3="http://s3.amazonaws.com/doc/2006-03-01/" xmlns:v="urn:vendor" v:rev='9'>
  <s3:Status>Enabled</s3:Status><!-- within -->
  <v:Own a="1"><v:Deep>&#228; &amp; more</v:Deep></v:Own>
  <s3:FromTheFuture><s3:Level>3</s3:Level><s3:Level>4</s3:Level></s3:FromTheFuture>
</s3:{root}>
""".encode()


def id_of(kind):
    return "i 1" if FACTS[kind].has_ids else ""


# What is sent and what comes


@pytest.mark.parametrize("kind", XML_KINDS)
async def test_a_document_comes_back_byte_for_byte(kind):
    keeper = Keeper()
    async with store_on(keeper) as store:
        document = BucketDocument(kind, odd(kind), id=id_of(kind))
        await store.put_document(BUCKET, document)
        assert await store.get_document(BUCKET, kind, id=document.id) == document
        sent = store.server.asked[0]
    assert keeper.kept == {(FACTS[kind].query, document.id): odd(kind)}
    assert sent.target.startswith(f"/{BUCKET}?")
    digest = hashlib.md5(odd(kind)).digest()
    assert sent.headers["content-md5"] == base64.b64encode(digest).decode()
    assert sent.headers["x-amz-content-sha256"] == hashlib.sha256(odd(kind)).hexdigest()


@pytest.mark.parametrize("kind", XML_KINDS)
async def test_a_saved_change_touches_nothing_else(kind):
    """Through the whole way: read, changed as JSON, saved, read by another."""
    keeper = Keeper()
    name = id_of(kind)
    keeper.kept[FACTS[kind].query, name] = odd(kind)
    keeper.sizes[FACTS[kind].query, name] = None
    async with store_on(keeper) as store:
        before = await store.get_document(BUCKET, kind, id=name)
        value = as_json(before)
        assert value["{urn:vendor}Own"]["{urn:vendor}Deep"] == "ä & more"
        value["FromTheFuture"]["Level"] = ["3", "5"]
        after = from_json(kind, value, before)
        report = await save(store, BUCKET, kind, before, after, id=name)
    assert report.outcome is WriteOutcome.WRITTEN
    assert keeper.kept[FACTS[kind].query, name] == odd(kind).replace(b">4<", b">5<")


async def test_a_policy_is_sent_as_json_and_kept_as_it_is():
    text = b'{ "Version":"2012-10-17",\n "Statement" : [], "New": 1 }'
    async with store_on(Keeper()) as store:
        document = BucketDocument(ConfigKind.POLICY, text)
        await store.put_document(BUCKET, document)
        assert await store.get_document(BUCKET, ConfigKind.POLICY) == document
        assert store.server.asked[0].headers["content-type"] == "application/json"


async def test_what_belongs_to_a_document_goes_beside_it():
    headers = {MINIMUM_SIZE_HEADER: "varies_by_storage_class"}
    async with store_on(Keeper()) as store:
        document = BucketDocument(ConfigKind.LIFECYCLE, odd(ConfigKind.LIFECYCLE), headers)
        await store.put_document(BUCKET, document)
        assert await store.get_document(BUCKET, ConfigKind.LIFECYCLE) == document


async def test_somebody_else_s_change_is_noticed_and_kept():
    keeper = Keeper()
    async with store_on(keeper) as mine, store_at(mine.server.endpoint.url) as other:
        await put_config(mine, BUCKET, ConfigKind.CORS, CORS)
        read = await mine.get_document(BUCKET, ConfigKind.CORS)
        theirs = CORS | {"FromTheFuture": "1"}
        await save(other, BUCKET, ConfigKind.CORS, read, from_json(ConfigKind.CORS, theirs, read))
        there = dict(keeper.kept)
        ours = from_json(ConfigKind.CORS, {"CORSRules": []}, read)
        with pytest.raises(ConfigChangedError) as refusal:
            await save(mine, BUCKET, ConfigKind.CORS, read, ours)
    assert keeper.kept == there
    assert as_json(refusal.value.current) == theirs


@pytest.mark.parametrize("kind", [kind for kind in ConfigKind if FACTS[kind].has_ids])
async def test_several_of_a_kind_are_told_apart(kind):
    async with store_on(Keeper()) as store:
        for name in ("b", "a", "c d"):
            await store.put_document(BUCKET, from_json(kind, {"Id": name}, id=name))
        assert await store.list_document_ids(BUCKET, kind) == ["a", "b", "c d"]
        await store.delete_document(BUCKET, kind, id="b")
        assert await store.list_document_ids(BUCKET, kind) == ["a", "c d"]
        assert await store.get_document(BUCKET, kind, id="b") is None
        assert as_json(await store.get_document(BUCKET, kind, id="c d")) == {"Id": "c d"}


async def test_a_list_that_does_not_go_on_is_an_error():
    page = (
        b"<ListInventoryConfigurationsResult><IsTruncated>true</IsTruncated>"
        b"<NextContinuationToken>t</NextContinuationToken></ListInventoryConfigurationsResult>"
    )
    async with store_on(reply(page)) as store:
        with pytest.raises(MalformedReplyError):
            await store.list_document_ids(BUCKET, ConfigKind.INVENTORY)
        assert len(store.server.asked) == 2


async def test_a_document_is_sent_under_the_name_that_s3_has_for_it():
    keeper = Keeper()
    body = b"<GetBucketCorsOutput><!-- ours --><CORSRule/></GetBucketCorsOutput>"
    async with store_on(keeper) as store:
        await store.put_document(BUCKET, BucketDocument(ConfigKind.CORS, body))
    assert keeper.kept["cors", ""] == (
        b"<CORSConfiguration><!-- ours --><CORSRule/></CORSConfiguration>"
    )


# What is none


@pytest.mark.parametrize("kind", ConfigKind)
async def test_none_is_none_and_no_bucket_is_an_error(kind):
    async with store_on(reply(NONE, status=404)) as store:
        assert await store.get_document(BUCKET, kind, id=id_of(kind)) is None
    for code in ("", "NotFound", "NoSuchBucket", "NoSuchKey"):
        missing = f"<Error><Code>{code}</Code></Error>".encode() if code else b""
        async with store_on(reply(missing, status=404)) as store:
            with pytest.raises(NotFoundError):
                await store.get_document(BUCKET, kind, id=id_of(kind))
    if kind is ConfigKind.VERSIONING:
        return  # where silence is no answer
    async with store_on(reply()) as store:
        assert await store.get_document(BUCKET, kind, id=id_of(kind)) is None


@pytest.mark.parametrize("kind", ConfigKind)
async def test_a_store_that_does_not_know_a_kind_keeps_its_bucket(kind):
    """It answers with the listing, and would delete the bucket itself."""
    async with store_on(reply(LISTING)) as store:
        for ask in (store.get_document, store.delete_document):
            with pytest.raises(NotSupportedError) as refusal:
                await ask(BUCKET, kind, id=id_of(kind))
            assert refusal.value.code == "UnknownConfiguration"
        if FACTS[kind].has_ids:
            with pytest.raises(NotSupportedError):
                await store.list_document_ids(BUCKET, kind)
        after = from_json(kind, {"Id": "x"})
        with pytest.raises(NotSupportedError):
            await save(store, BUCKET, kind, None, after, id=id_of(kind))
        assert {each.method for each in store.server.asked} == {"GET"}


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body>Sign in</body></html>",
        b"<CORSConfiguration>",
        b"<Tagging/>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><CORSConfiguration>&b;</CORSConfiguration>',
        b"{}",
    ],
)
async def test_what_is_no_document_of_the_kind_is_not_taken_for_one(body):
    async with store_on(reply(body)) as store:
        with pytest.raises(MalformedReplyError):
            await store.get_document(BUCKET, ConfigKind.CORS)


# Real servers


_UNKNOWN, _REFUSED = NotSupportedError, InvalidRequestError
GAPS = {
    "ceph": dict.fromkeys(
        (
            ConfigKind.ENCRYPTION,
            ConfigKind.OWNERSHIP,
            ConfigKind.ACCELERATE,
            ConfigKind.INTELLIGENT_TIERING,
            ConfigKind.INVENTORY,
            ConfigKind.ANALYTICS,
            ConfigKind.METRICS,
            # Known, and refused when written: 405.
            ConfigKind.REPLICATION,
            ConfigKind.LOGGING,
        ),
        _UNKNOWN,
    )
    # It has topics only.
    | {ConfigKind.NOTIFICATION: _REFUSED},
    "localstack": {},
    "moto": dict.fromkeys(
        (
            ConfigKind.REQUEST_PAYMENT,
            ConfigKind.INTELLIGENT_TIERING,
            ConfigKind.ANALYTICS,
            ConfigKind.METRICS,
        ),
        _UNKNOWN,
    )
    | {
        ConfigKind.LOGGING: _REFUSED,
        # It drops the filter of a rule, and events for EventBridge.
        ConfigKind.REPLICATION: WriteOutcome.RESTORED,
        ConfigKind.NOTIFICATION: WriteOutcome.RESTORED,
        # It takes the deletion of an inventory for that of the bucket.
        ConfigKind.INVENTORY: ConfigUncertainError,
    },
}


@pytest.mark.parametrize("kind", ConfigKind)
@pytest.mark.parametrize("server", GAPS)
async def test_each_kind_is_saved_and_taken_away(request, server, kind, new_bucket):
    endpoint = request.getfixturevalue(server)
    bucket = new_bucket(endpoint, lock=kind is ConfigKind.OBJECT_LOCK)
    keys = Credentials(endpoint.access_key, endpoint.secret_key)
    async with store_at(endpoint.url, keys, endpoint.region) as store:
        outcome = await _outcome(store, bucket, kind)
    assert outcome == GAPS[server].get(kind, WriteOutcome.WRITTEN)


async def _outcome(store, bucket, kind):
    """What became of a sample that was saved and taken away: an outcome, or a refusal."""
    try:
        if kind is ConfigKind.REPLICATION:
            await put_config(store, bucket, ConfigKind.VERSIONING, {"Status": "Enabled"})
        name = "cold" if kind is ConfigKind.INTELLIGENT_TIERING else "all"
        name = name if FACTS[kind].has_ids else ""
        before = await store.get_document(bucket, kind, id=name)
        if kind is ConfigKind.ACL:
            owner = as_json(before)
            read = {"Grantee": owner["Grants"][0]["Grantee"], "Permission": "READ"}
            value = owner | {"Grants": [*owner["Grants"], read]}
        else:
            value = sample(kind, bucket)
        after = from_json(kind, value, before, id=name)
        report = await save(store, bucket, kind, before, after, id=name)
        if report.outcome is WriteOutcome.WRITTEN:
            assert is_set(report.found)
            there = await store.get_document(bucket, kind, id=name)
            report = await save(store, bucket, kind, there, None, id=name)
    except StoreError as error:
        return type(error)
    return report.outcome


@pytest.mark.parametrize("server", ["ceph", "rclone"])
async def test_a_real_store_that_does_not_know_a_kind_keeps_its_bucket(request, server, new_bucket):
    endpoint = request.getfixturevalue(server)
    bucket = new_bucket(endpoint)
    keys = Credentials(endpoint.access_key, endpoint.secret_key)
    async with store_at(endpoint.url, keys, endpoint.region) as store:
        with pytest.raises(NotSupportedError):
            await store.delete_document(bucket, ConfigKind.ENCRYPTION)
    with s3_client(endpoint) as client:
        client.head_bucket(Bucket=bucket)
        # So much for asking without a look.
        client.delete_bucket_encryption(Bucket=bucket)
        with pytest.raises(ClientError, match="404"):
            client.head_bucket(Bucket=bucket)


REAL = ["ceph", "localstack", "moto"]


@pytest.mark.parametrize("server", REAL)
async def test_another_client_s_change_is_noticed(request, server, new_bucket):
    endpoint = request.getfixturevalue(server)
    bucket = new_bucket(endpoint)
    keys = Credentials(endpoint.access_key, endpoint.secret_key)
    async with store_at(endpoint.url, keys, endpoint.region) as store:
        await put_config(store, bucket, ConfigKind.CORS, CORS)
        read = await store.get_document(bucket, ConfigKind.CORS)
        rule = {"AllowedMethods": ["PUT"], "AllowedOrigins": ["https://theirs"]}
        with s3_client(endpoint) as client:
            client.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
        for after in (from_json(ConfigKind.CORS, CORS | {"New": "1"}, read), None):
            with pytest.raises(ConfigChangedError) as refusal:
                await save(store, bucket, ConfigKind.CORS, read, after)
            assert as_json(refusal.value.current)["CORSRules"] == [rule]
        assert (await get_config(store, bucket, ConfigKind.CORS))["CORSRules"] == [rule]


@pytest.mark.parametrize("server", REAL)
async def test_what_a_real_store_drops_of_the_unknown_is_told(request, server, new_bucket):
    """It says so, or refuses; nothing is lost in silence."""
    endpoint = request.getfixturevalue(server)
    bucket = new_bucket(endpoint)
    keys = Credentials(endpoint.access_key, endpoint.secret_key)
    async with store_at(endpoint.url, keys, endpoint.region) as store:
        await put_config(store, bucket, ConfigKind.CORS, CORS)
        before = await store.get_document(bucket, ConfigKind.CORS)
        value = as_json(before)
        value["CORSRules"][0] |= {"FromTheFuture": "1", "{urn:v}Own": {"@a": "2"}}
        try:
            after = from_json(ConfigKind.CORS, value, before)
            report = await save(store, bucket, ConfigKind.CORS, before, after)
        except InvalidRequestError:
            pass
        else:
            told = {each.path.rpartition("].")[2] for each in report.differences}
            assert report.outcome is WriteOutcome.RESTORED
            assert {"FromTheFuture", "{urn:v}Own.@a"} <= told
        assert as_json(await store.get_document(bucket, ConfigKind.CORS)) == as_json(before)
