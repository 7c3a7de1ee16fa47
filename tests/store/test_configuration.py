"""A configuration is read back after writing; what was lost is told and undone."""

from __future__ import annotations

import asyncio

import pytest

from s4desk.core.domain.bucket_config import BucketDocument, ConfigKind
from s4desk.core.domain.config_json import as_json, from_json
from s4desk.core.domain.connection import Connection, Credentials
from s4desk.core.domain.errors import (
    ConfigChangedError,
    ConfigUncertainError,
    InvalidRequestError,
    PermissionDeniedError,
    UnavailableError,
)
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.store.capabilities import known
from s4desk.core.store.config_compare import Difference, differences
from s4desk.core.store.configuration import WriteOutcome, save
from s4desk.core.store.memory import MemoryStore
from s4desk.core.store.s3 import S3Store
from s4desk.core.store.wrapper import StoreWrapper
from s4desk.core.wire.pool import WirePool
from tests.store.configs import CORS, LOCK, PLAIN_LIFECYCLE, TAGGING, get_config, policy, put_config
from tests.store.scripted import FakeClock, ScriptedStore

LIFECYCLE = ConfigKind.LIFECYCLE
BUCKET = "bucket"


def rule(**fields):
    return {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "x/"}, **fields}


def rules(*each):
    return {"Rules": list(each)}


SIZED = rule(
    Filter={"And": {"Prefix": "x/", "ObjectSizeGreaterThan": 1000}}, Expiration={"Days": 1}
)
NEWER = rule(NoncurrentVersionExpiration={"NoncurrentDays": 3, "NewerNoncurrentVersions": 5})


class LossyStore(StoreWrapper):
    """Accepts every lifecycle and drops the size filter of each rule, as some stores do."""

    async def put_document(self, bucket, document):
        kept = as_json(document)
        for each in kept.get("Rules", ()):
            together = each["Filter"].get("And", {})
            together.pop("ObjectSizeGreaterThan", None)
        await super().put_document(bucket, from_json(document.kind, kept))


@pytest.fixture
def memory():
    return MemoryStore([BUCKET])


async def write(store, bucket, kind, value, **how):
    """Save it over whatever is there."""
    before = await store.get_document(bucket, kind)
    after = None if value is None else from_json(kind, value, before)
    return await save(store, bucket, kind, before, after, **how)


# Writing


async def test_what_is_kept_wholly_is_written(memory):
    report = await write(memory, BUCKET, LIFECYCLE, rules(SIZED))
    assert report.outcome is WriteOutcome.WRITTEN
    assert report.differences == ()
    assert await get_config(memory, BUCKET, LIFECYCLE) == rules(SIZED)


async def test_what_lost_something_is_told_and_taken_back(memory):
    report = await write(LossyStore(memory), BUCKET, LIFECYCLE, rules(SIZED))
    assert report.outcome is WriteOutcome.RESTORED
    assert report.differences == [Difference("Rules[r].Filter.ObjectSizeGreaterThan", 1000, None)]
    assert await get_config(memory, BUCKET, LIFECYCLE) is None


async def test_the_old_configuration_comes_back(memory):
    await put_config(memory, BUCKET, LIFECYCLE, PLAIN_LIFECYCLE)
    report = await write(LossyStore(memory), BUCKET, LIFECYCLE, rules(SIZED))
    assert (report.outcome, as_json(report.before)) == (WriteOutcome.RESTORED, PLAIN_LIFECYCLE)
    assert await get_config(memory, BUCKET, LIFECYCLE) == PLAIN_LIFECYCLE


async def test_who_insists_gets_what_the_store_made_of_it(memory):
    report = await write(LossyStore(memory), BUCKET, LIFECYCLE, rules(SIZED), insist=True)
    assert report.outcome is WriteOutcome.INSISTED
    assert len(report.differences) == 1
    assert await get_config(memory, BUCKET, LIFECYCLE) == as_json(report.found)


async def test_a_store_that_cannot_take_it_back_is_told(memory):
    script = ScriptedStore(LossyStore(memory))
    script.before["delete_document lifecycle"] = [UnavailableError("gone")]
    report = await write(script, BUCKET, LIFECYCLE, rules(SIZED))
    assert report.outcome is WriteOutcome.NOT_RESTORED
    assert isinstance(report.restore_error, UnavailableError)


async def test_a_refused_configuration_changes_nothing(memory):
    await put_config(memory, BUCKET, LIFECYCLE, PLAIN_LIFECYCLE)
    script = ScriptedStore(memory)
    script.before["put_document lifecycle"] = [InvalidRequestError("MalformedXML")]
    with pytest.raises(InvalidRequestError):
        await write(script, BUCKET, LIFECYCLE, rules(SIZED))
    assert await get_config(memory, BUCKET, LIFECYCLE) == PLAIN_LIFECYCLE


async def test_what_cannot_be_read_back_does_not_stay(memory):
    script = ScriptedStore(memory)
    script.before["get_document lifecycle"] = [None, None, UnavailableError("gone")]
    with pytest.raises(ConfigUncertainError) as told:
        await write(script, BUCKET, LIFECYCLE, rules(SIZED))
    assert await get_config(memory, BUCKET, LIFECYCLE) is None
    assert (told.value.is_accepted, told.value.is_restored) == (True, True)
    assert isinstance(told.value.cause, UnavailableError)


@pytest.mark.parametrize("operation", ["get_document lifecycle", "put_document lifecycle"])
async def test_what_is_put_back_is_read_too(memory, operation):
    """Nobody says that it is there again who has not seen it."""
    await put_config(memory, BUCKET, LIFECYCLE, PLAIN_LIFECYCLE)
    gone = UnavailableError("gone")
    script = ScriptedStore(memory)
    script.before["get_document lifecycle"] = [None, None, gone]
    script.before.setdefault(operation, [None]).append(gone)
    with pytest.raises(ConfigUncertainError) as told:
        await write(script, BUCKET, LIFECYCLE, rules(SIZED))
    assert (told.value.is_accepted, told.value.is_restored) == (True, False)


async def test_what_lost_something_and_may_not_be_back_is_told(memory):
    await put_config(memory, BUCKET, LIFECYCLE, PLAIN_LIFECYCLE)
    script = ScriptedStore(LossyStore(memory))
    script.before["get_document lifecycle"] = [None, None, None, UnavailableError("gone")]
    report = await write(script, BUCKET, LIFECYCLE, rules(SIZED))
    assert report.outcome is WriteOutcome.NOT_RESTORED
    assert isinstance(report.restore_error, UnavailableError)


class KeepsNew(LossyStore):
    """Takes the old rules back and keeps the new ones."""

    async def put_document(self, bucket, document):
        if as_json(document) != PLAIN_LIFECYCLE:
            await super().put_document(bucket, document)


async def test_what_is_not_there_again_is_told(memory):
    await put_config(memory, BUCKET, LIFECYCLE, PLAIN_LIFECYCLE)
    report = await write(KeepsNew(memory), BUCKET, LIFECYCLE, rules(SIZED), clock=FakeClock())
    assert report.outcome is WriteOutcome.NOT_RESTORED
    assert report.restore_error is None


class Unheard(StoreWrapper):
    """Does what it is told, or not, and says nothing."""

    def __init__(self, inner, *, does):
        super().__init__(inner)
        self.does = does

    async def put_document(self, bucket, document):
        if self.does:
            await super().put_document(bucket, document)
        raise UnavailableError("no reply")


async def test_a_lost_reply_is_looked_after(memory):
    report = await write(Unheard(memory, does=True), BUCKET, LIFECYCLE, rules(SIZED))
    assert report.outcome is WriteOutcome.WRITTEN
    assert await get_config(memory, BUCKET, LIFECYCLE) == rules(SIZED)


async def test_what_never_came_is_told(memory):
    await put_config(memory, BUCKET, LIFECYCLE, PLAIN_LIFECYCLE)
    with pytest.raises(ConfigUncertainError) as told:
        await write(Unheard(memory, does=False), BUCKET, LIFECYCLE, rules(SIZED), clock=FakeClock())
    assert (told.value.is_accepted, told.value.is_restored) == (False, True)
    assert await get_config(memory, BUCKET, LIFECYCLE) == PLAIN_LIFECYCLE


@pytest.mark.parametrize("does", [True, False])
async def test_who_hears_nothing_at_all_knows_nothing(memory, does):
    script = ScriptedStore(Unheard(memory, does=does))
    script.before["get_document lifecycle"] = [None, None, UnavailableError("gone")]
    with pytest.raises(ConfigUncertainError) as told:
        await write(script, BUCKET, LIFECYCLE, rules(SIZED))
    assert (told.value.is_accepted, told.value.is_restored) == (False, False)


class SlowStore(StoreWrapper):
    """Tells the old configuration a few times after a new one was written."""

    def __init__(self, inner, stale):
        super().__init__(inner)
        self.stale = stale
        self.old = None

    async def put_document(self, bucket, document):
        self.old = await self.get_document(bucket, document.kind)
        await super().put_document(bucket, document)
        self.stale, self.left = 0, self.stale

    left = 0

    async def get_document(self, bucket, kind, *, id=""):
        if self.left:
            self.left -= 1
            return self.old
        return await super().get_document(bucket, kind, id=id)


@pytest.mark.parametrize(
    ("stale", "outcome"), [(2, WriteOutcome.WRITTEN), (3, WriteOutcome.RESTORED)]
)
async def test_a_store_that_is_slow_to_tell_is_asked_again(memory, stale, outcome):
    clock = FakeClock()
    report = await write(SlowStore(memory, stale), BUCKET, LIFECYCLE, rules(SIZED), clock=clock)
    assert report.outcome is outcome
    assert clock.slept == [1.0, 1.0]


async def test_cancelling_does_not_leave_a_lossy_configuration(memory):
    script = ScriptedStore(LossyStore(memory))
    reading_back = asyncio.Event()

    def entered():
        if script.seen[-2:] == ["put_document lifecycle", "get_document lifecycle"]:
            script.open.clear()
            reading_back.set()

    script.on_enter = entered
    running = asyncio.create_task(write(script, BUCKET, LIFECYCLE, rules(SIZED)))
    await reading_back.wait()
    running.cancel()
    await asyncio.sleep(0)
    script.on_enter = lambda: None
    script.open.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await get_config(memory, BUCKET, LIFECYCLE) is None


# Somebody else writes too

VERSIONING = ConfigKind.VERSIONING


async def test_what_somebody_else_wrote_is_not_overwritten(memory):
    await put_config(memory, BUCKET, LIFECYCLE, PLAIN_LIFECYCLE)
    before = await memory.get_document(BUCKET, LIFECYCLE)
    await put_config(memory, BUCKET, LIFECYCLE, rules(NEWER))
    with pytest.raises(ConfigChangedError) as refusal:
        await save(memory, BUCKET, LIFECYCLE, before, from_json(LIFECYCLE, rules(SIZED), before))
    assert as_json(refusal.value.current) == rules(NEWER)
    assert await get_config(memory, BUCKET, LIFECYCLE) == rules(NEWER)


@pytest.mark.parametrize("after", [None, from_json(LIFECYCLE, rules(SIZED))])
async def test_what_somebody_else_set_or_took_away_is_noticed(memory, after):
    there = from_json(LIFECYCLE, PLAIN_LIFECYCLE)
    with pytest.raises(ConfigChangedError) as refusal:
        await save(memory, BUCKET, LIFECYCLE, there, after)
    assert refusal.value.current is None
    await memory.put_document(BUCKET, there)
    with pytest.raises(ConfigChangedError) as refusal:
        await save(memory, BUCKET, LIFECYCLE, None, after)
    assert refusal.value.current == there


async def test_another_order_is_no_change_by_somebody_else(memory):
    one, two = rule(ID="1"), rule(ID="2")
    await put_config(memory, BUCKET, LIFECYCLE, rules(two, one))
    before = from_json(LIFECYCLE, rules(one, two))
    report = await save(memory, BUCKET, LIFECYCLE, before, from_json(LIFECYCLE, rules(one)))
    assert report.outcome is WriteOutcome.WRITTEN


async def test_a_field_that_only_stores_make_up_is_a_change_when_it_comes_later(memory):
    before = from_json(ConfigKind.REPLICATION, rules(rule()))
    await put_config(memory, BUCKET, ConfigKind.REPLICATION, rules(rule(Priority=7)))
    with pytest.raises(ConfigChangedError):
        await save(memory, BUCKET, ConfigKind.REPLICATION, before, None)


async def test_a_header_that_was_changed_is_a_change(memory):
    size = {"TransitionDefaultMinimumObjectSize": "varies_by_storage_class"}
    before = from_json(LIFECYCLE, PLAIN_LIFECYCLE)
    await put_config(memory, BUCKET, LIFECYCLE, PLAIN_LIFECYCLE | size)
    with pytest.raises(ConfigChangedError):
        await save(memory, BUCKET, LIFECYCLE, before, None)


async def test_what_is_there_already_is_not_written_again(memory):
    await put_config(memory, BUCKET, LIFECYCLE, PLAIN_LIFECYCLE)
    there = await memory.get_document(BUCKET, LIFECYCLE)
    script = ScriptedStore(memory)
    report = await save(script, BUCKET, LIFECYCLE, there, there)
    assert report.outcome is WriteOutcome.WRITTEN
    assert script.seen == ["get_document lifecycle"]


# Taking away


class StubbornStore(StoreWrapper):
    """Says yes to a deletion, and keeps the configuration."""

    async def delete_document(self, bucket, kind, *, id=""):
        pass


async def test_a_configuration_is_taken_away(memory):
    await put_config(memory, BUCKET, LIFECYCLE, PLAIN_LIFECYCLE)
    assert (await write(memory, BUCKET, LIFECYCLE, None)).outcome is WriteOutcome.WRITTEN
    assert await get_config(memory, BUCKET, LIFECYCLE) is None


@pytest.mark.parametrize(
    ("kind", "value"),
    [(LIFECYCLE, PLAIN_LIFECYCLE), (VERSIONING, {"Status": "Enabled"}), (ConfigKind.CORS, CORS)],
)
async def test_what_stays_in_spite_of_a_deletion_is_told(memory, kind, value):
    await put_config(memory, BUCKET, kind, value)
    store, clock = StubbornStore(memory), FakeClock()
    report = await write(store, BUCKET, kind, None, clock=clock)
    assert report.outcome is WriteOutcome.RESTORED
    assert [each.found for each in report.differences]
    assert clock.slept == [1.0, 1.0]


async def test_versioning_is_suspended_where_it_should_go(memory):
    await put_config(memory, BUCKET, VERSIONING, {"Status": "Enabled"})
    assert (await write(memory, BUCKET, VERSIONING, None)).outcome is WriteOutcome.WRITTEN
    assert await get_config(memory, BUCKET, VERSIONING) == {"Status": "Suspended"}


async def test_an_empty_document_is_not_put_back(memory):
    """Not every store takes one: a bucket without versions has them suspended instead."""
    empty = BucketDocument(VERSIONING, b"<VersioningConfiguration/>")
    await memory.put_document(BUCKET, empty)
    script = ScriptedStore(memory)
    script.before["get_document versioning"] = [None, None, UnavailableError("gone")]
    with pytest.raises(ConfigUncertainError):
        await write(script, BUCKET, VERSIONING, {"Status": "Enabled"})
    assert await get_config(memory, BUCKET, VERSIONING) == {"Status": "Suspended"}


# Comparing

SAME = {
    "order of rules": (
        LIFECYCLE,
        rules(rule(ID="a", Expiration={"Days": 1}), rule(ID="b", Expiration={"Days": 2})),
        rules(rule(ID="b", Expiration={"Days": 2}), rule(ID="a", Expiration={"Days": 1})),
    ),
    "an ID the store made up": (
        LIFECYCLE,
        rules({"Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}}),
        rules({"ID": "gen", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}}),
    ),
    "a made-up ID, and another rule that differs more": (
        LIFECYCLE,
        rules(
            rule(ID="a"),
            {"Status": "Enabled", "Filter": {"Prefix": "p"}, "Expiration": {"Days": 1}},
        ),
        rules(
            {"ID": "g", "Status": "Enabled", "Filter": {"Prefix": "p"}, "Expiration": {"Days": 1}},
            rule(ID="a"),
        ),
    ),
    "the old prefix": (
        LIFECYCLE,
        rules({"ID": "r", "Status": "Enabled", "Prefix": "x/"}),
        rules(rule()),
    ),
    "an empty filter": (
        LIFECYCLE,
        rules(rule(Filter={})),
        rules(rule(Filter={"Prefix": ""})),
    ),
    "And of one": (
        LIFECYCLE,
        rules(rule(Filter={"And": {"Prefix": "x/"}})),
        rules(rule(Filter={"Prefix": "x/"})),
    ),
    "tags in any order": (
        LIFECYCLE,
        rules(
            rule(Filter={"And": {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]}})
        ),
        rules(
            rule(Filter={"And": {"Tags": [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}]}})
        ),
    ),
    "one tag alone or in And": (
        LIFECYCLE,
        rules(rule(Filter={"Tag": {"Key": "a", "Value": "1"}})),
        rules(rule(Filter={"And": {"Tags": [{"Key": "a", "Value": "1"}]}})),
    ),
    "transitions in any order": (
        LIFECYCLE,
        rules(
            rule(Transitions=[{"Days": 1, "StorageClass": "A"}, {"Days": 9, "StorageClass": "B"}])
        ),
        rules(
            rule(Transitions=[{"Days": 9, "StorageClass": "B"}, {"Days": 1, "StorageClass": "A"}])
        ),
    ),
    "a date as text": (
        LIFECYCLE,
        rules(rule(Expiration={"Date": "2030-01-01T00:00:00Z"})),
        rules(rule(Expiration={"Date": "2030-01-01T00:00:00.000Z"})),
    ),
    "a default the store told": (
        LIFECYCLE,
        rules(rule()),
        {**rules(rule()), "TransitionDefaultMinimumObjectSize": "all_storage_classes_128K"},
    ),
    "an expired marker flag that is off": (
        LIFECYCLE,
        rules(rule(Expiration={"Days": 1})),
        rules(rule(Expiration={"Days": 1, "ExpiredObjectDeleteMarker": False})),
    ),
    "methods in any order": (
        ConfigKind.CORS,
        {"CORSRules": [{"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["*"]}]},
        {"CORSRules": [{"ID": "1", "AllowedMethods": ["PUT", "GET"], "AllowedOrigins": ["*"]}]},
    ),
    "tags of a bucket": (
        ConfigKind.TAGGING,
        {"TagSet": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}]},
        {"TagSet": [{"Key": "b", "Value": ""}, {"Key": "a", "Value": "1"}]},
    ),
    "a policy written otherwise": (
        ConfigKind.POLICY,
        {"Statement": {"Effect": "Deny", "Action": ["b", "a"], "Sid": ""}},
        {"Statement": [{"Action": ["a", "b"], "Effect": "Deny"}]},
    ),
    "a policy of one action": (
        ConfigKind.POLICY,
        {"Statement": [{"Action": "a", "Principal": {"AWS": ["*"]}}]},
        {"Statement": [{"Action": ["a"], "Principal": {"AWS": "*"}}]},
    ),
    "no years": (
        ConfigKind.OBJECT_LOCK,
        LOCK,
        {**LOCK, "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1, "Years": 0}}},
    ),
    "MFA delete off": (
        ConfigKind.VERSIONING,
        {"Status": "Enabled"},
        {"Status": "Enabled", "MFADelete": "Disabled"},
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_what_means_the_same_is_the_same(name):
    kind, wanted, found = SAME[name]
    assert differences(kind, wanted, found) == []
    assert differences(kind, wanted, wanted) == []


CHANGED = {
    "a lost size filter": (
        LIFECYCLE,
        rules(SIZED),
        rules(rule(Expiration={"Days": 1})),
        [("Rules[r].Filter.ObjectSizeGreaterThan", 1000, None)],
    ),
    "a size filter of zero is one": (
        LIFECYCLE,
        rules(rule(Filter={"ObjectSizeGreaterThan": 0})),
        rules(rule(Filter={})),
        [("Rules[r].Filter.ObjectSizeGreaterThan", 0, None)],
    ),
    "lost newer versions": (
        LIFECYCLE,
        rules(NEWER),
        rules(rule(NoncurrentVersionExpiration={"NoncurrentDays": 3})),
        [("Rules[r].NoncurrentVersionExpiration.NewerNoncurrentVersions", 5, None)],
    ),
    "a lost action": (
        LIFECYCLE,
        rules(rule(Expiration={"Days": 1})),
        rules(rule()),
        [("Rules[r].Expiration.Days", 1, None)],
    ),
    "other days": (
        LIFECYCLE,
        rules(rule(Expiration={"Days": 10})),
        rules(rule(Expiration={"Days": 1})),
        [("Rules[r].Expiration.Days", 10, 1)],
    ),
    "a lost prefix": (
        LIFECYCLE,
        rules(rule()),
        rules(rule(Filter={})),
        [("Rules[r].Filter.Prefix", "x/", None)],
    ),
    "a disabled rule enabled": (
        LIFECYCLE,
        rules(rule(Status="Disabled")),
        rules(rule()),
        [("Rules[r].Status", "Disabled", "Enabled")],
    ),
    "an action nobody asked for": (
        LIFECYCLE,
        rules(rule()),
        rules(rule(Expiration={"Days": 1})),
        [("Rules[r].Expiration.Days", None, 1)],
    ),
    "a lost tag": (
        LIFECYCLE,
        rules(rule(Filter={"Tag": {"Key": "a", "Value": "1"}})),
        rules(rule(Filter={})),
        [("Rules[r].Filter.Tags.a", "1", None)],
    ),
    "a lost transition": (
        LIFECYCLE,
        rules(
            rule(Transitions=[{"Days": 1, "StorageClass": "A"}, {"Days": 9, "StorageClass": "B"}])
        ),
        rules(rule(Transitions=[{"Days": 9, "StorageClass": "B"}])),
        [("Rules[r].Transitions[0]", {"Days": 1, "StorageClass": "A"}, None)],
    ),
    "nothing there": (
        ConfigKind.VERSIONING,
        {"Status": "Enabled"},
        None,
        [("Status", "Enabled", None)],
    ),
    "a changed order of CORS rules": (
        ConfigKind.CORS,
        {"CORSRules": [{"AllowedOrigins": ["a"]}, {"AllowedOrigins": ["b"]}]},
        {"CORSRules": [{"AllowedOrigins": ["b"]}, {"AllowedOrigins": ["a"]}]},
        [
            ("CORSRules[0].AllowedOrigins", ["a"], ["b"]),
            ("CORSRules[1].AllowedOrigins", ["b"], ["a"]),
        ],
    ),
    "a wider policy": (
        ConfigKind.POLICY,
        {"Statement": [{"Action": ["a"], "Effect": "Allow"}]},
        {"Statement": [{"Action": ["a", "b"], "Effect": "Allow"}]},
        [("Statement[0].Action", ["a"], ["a", "b"])],
    ),
    "a lost flag that stores make up elsewhere": (
        ConfigKind.REPLICATION,
        rules(rule(Priority=3, DeleteMarkerReplication={"Status": "Enabled"})),
        rules(rule()),
        [
            ("Rules[r].DeleteMarkerReplication.Status", "Enabled", None),
            ("Rules[r].Priority", 3, None),
        ],
    ),
    "a lost structure that says all by being there": (
        ConfigKind.NOTIFICATION,
        {"EventBridgeConfiguration": {}},
        {},
        [("EventBridgeConfiguration", True, None)],
    ),
    "another encryption of reports": (
        ConfigKind.INVENTORY,
        {"Destination": {"S3BucketDestination": {"Encryption": {"SSES3": {}}}}},
        {"Destination": {"S3BucketDestination": {"Encryption": {"SSEKMS": {"KeyId": "k"}}}}},
        [
            ("Destination.S3BucketDestination.Encryption.SSEKMS.KeyId", None, "k"),
            ("Destination.S3BucketDestination.Encryption.SSES3", True, None),
        ],
    ),
    "a field of the future": (
        LIFECYCLE,
        rules(rule(**{"{urn:v}Own": {"@a": "1"}, "New": "x"})),
        rules(rule(New="y")),
        [("Rules[r].New", "x", "y"), ("Rules[r].{urn:v}Own.@a", "1", None)],
    ),
    "another tag": (
        ConfigKind.TAGGING,
        TAGGING,
        {"TagSet": [{"Key": "team", "Value": "other"}]},
        [("TagSet.team", "störage", "other")],
    ),
}


@pytest.mark.parametrize("name", CHANGED)
def test_what_means_something_else_is_named(name):
    kind, wanted, found, expected = CHANGED[name]
    told = [(each.path, each.wanted, each.found) for each in differences(kind, wanted, found)]
    assert told == expected


def test_a_lost_rule_and_a_rule_from_nowhere_are_named():
    wanted = rules(rule(ID="a"), rule(ID="b"))
    found = rules(rule(ID="b"), rule(ID="c"))
    told = [(each.path, each.found is None) for each in differences(LIFECYCLE, wanted, found)]
    assert told == [("Rules[a]", True), ("Rules[c]", False)]


# Real servers


@pytest.fixture
async def open_store():
    """An S3Store of the endpoint that the test names by the fixture of its server."""
    opened, pool = [], WirePool()

    def make(endpoint):
        connection = Connection(ConnectionId("c"), "c", endpoint.url, endpoint.region)
        keys = Credentials(endpoint.access_key, endpoint.secret_key)
        opened.append(S3Store(connection, lambda: keys, pool, known(connection)))
        return opened[-1]

    yield make
    for each in opened:
        await each.aclose()
    await pool.aclose()


@pytest.mark.parametrize(
    ("lossy", "path"),
    [
        (SIZED, "Rules[r].Filter.ObjectSizeGreaterThan"),
        (NEWER, "Rules[r].NoncurrentVersionExpiration.NewerNoncurrentVersions"),
    ],
)
async def test_ceph_loses_what_it_does_not_know(open_store, ceph, ceph_bucket, lossy, path):
    store = open_store(ceph)
    await put_config(store, ceph_bucket, LIFECYCLE, PLAIN_LIFECYCLE)
    report = await write(store, ceph_bucket, LIFECYCLE, rules(lossy))
    assert [each.path for each in report.differences] == [path]
    assert report.outcome is WriteOutcome.RESTORED
    there = await get_config(store, ceph_bucket, LIFECYCLE)
    assert differences(LIFECYCLE, PLAIN_LIFECYCLE, there) == []


async def test_ceph_keeps_what_the_user_insists_on(open_store, ceph, ceph_bucket):
    store = open_store(ceph)
    report = await write(store, ceph_bucket, LIFECYCLE, rules(SIZED), insist=True)
    assert report.outcome is WriteOutcome.INSISTED
    there = await get_config(store, ceph_bucket, LIFECYCLE)
    assert [each.path for each in differences(LIFECYCLE, rules(SIZED), there)] == [
        "Rules[r].Filter.ObjectSizeGreaterThan"
    ]


EVERYTHING = rules(
    {**SIZED, "ID": "sized"},
    {**NEWER, "ID": "newer"},
    rule(
        ID="tagged",
        Filter={
            "And": {
                "Prefix": "ü/",
                "Tags": [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}],
                "ObjectSizeLessThan": 9999,
            }
        },
        Transitions=[
            {"Days": 90, "StorageClass": "GLACIER"},
            {"Days": 30, "StorageClass": "STANDARD_IA"},
        ],
        NoncurrentVersionTransitions=[{"NoncurrentDays": 30, "StorageClass": "GLACIER"}],
    ),
    rule(ID="date", Expiration={"Date": "2030-01-01T00:00:00.000Z"}),
    rule(ID="marker", Filter={}, Expiration={"ExpiredObjectDeleteMarker": True}),
    rule(ID="abort", Filter={}, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 7}),
)


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        (LIFECYCLE, EVERYTHING),
        (
            LIFECYCLE,
            rules(rule(Filter={"Tag": {"Key": "a", "Value": "1"}}, Expiration={"Days": 1})),
        ),
        (ConfigKind.CORS, CORS),
        (ConfigKind.TAGGING, TAGGING),
        (ConfigKind.VERSIONING, {"Status": "Enabled"}),
    ],
)
async def test_localstack_loses_nothing(open_store, localstack, new_bucket, kind, wanted):
    bucket = new_bucket(localstack)
    report = await write(open_store(localstack), bucket, kind, wanted)
    assert report.differences == ()
    assert report.outcome is WriteOutcome.WRITTEN


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        (LIFECYCLE, PLAIN_LIFECYCLE),
        (
            LIFECYCLE,
            rules(rule(Filter={"Tag": {"Key": "a", "Value": "1"}}, Expiration={"Days": 1})),
        ),
        (LIFECYCLE, rules(EVERYTHING["Rules"][3], EVERYTHING["Rules"][4], EVERYTHING["Rules"][5])),
        (ConfigKind.CORS, CORS),
        (ConfigKind.TAGGING, TAGGING),
        (ConfigKind.VERSIONING, {"Status": "Enabled"}),
    ],
)
async def test_ceph_keeps_what_it_knows(open_store, ceph, ceph_bucket, kind, wanted):
    report = await write(open_store(ceph), ceph_bucket, kind, wanted)
    assert report.differences == ()
    assert report.outcome is WriteOutcome.WRITTEN


async def test_a_policy_survives_the_round_trip(open_store, endpoint, bucket):
    report = await write(open_store(endpoint), bucket, ConfigKind.POLICY, policy(bucket))
    assert (report.outcome, report.differences) == (WriteOutcome.WRITTEN, ())


async def test_a_policy_that_forbids_to_read_it_back_is_told_as_written(memory):
    script = ScriptedStore(memory)
    script.before["get_document policy"] = [None, None, PermissionDeniedError("AccessDenied")]
    wanted = policy(BUCKET)
    report = await write(script, BUCKET, ConfigKind.POLICY, wanted)
    assert report.outcome is WriteOutcome.UNREAD
    assert as_json(report.found) == wanted
    assert await get_config(memory, BUCKET, ConfigKind.POLICY) == wanted


async def test_what_else_may_not_be_read_back_does_not_stay(memory):
    script = ScriptedStore(memory)
    script.before["get_document lifecycle"] = [None, None, PermissionDeniedError("AccessDenied")]
    with pytest.raises(ConfigUncertainError):
        await write(script, BUCKET, LIFECYCLE, rules(SIZED))
    assert await get_config(memory, BUCKET, LIFECYCLE) is None
