"""The table of truth: what the probe answers, and what real servers then do, cell by cell."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from dataclasses import replace

import pytest

from s4desk.core.domain.capability import CONDITIONS as CONDITIONAL
from s4desk.core.domain.capability import Answer, Capability, Reason
from s4desk.core.domain.connection import Connection, Credentials
from s4desk.core.domain.errors import NotFoundError, StoreError, UnauthenticatedError
from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.store.capabilities import Capabilities, IfMatch
from s4desk.core.store.findings import rely_on
from s4desk.core.store.probe_session import probe_connection
from s4desk.core.store.secrets import GivenSecrets
from s4desk.core.store.session import open_store
from s4desk.core.wire.pool import WirePool
from tests.servers.client import new_bucket_name, s3_client, temporary_bucket
from tests.servers.fault import Cut
from tests.store import truth

SERVERS = ("ceph", "localstack", "moto", "swift", "rclone")

# What only writing a configuration would tell. Everything else is answered with yes or no.
NOT_KNOWN = {
    ("ceph", Capability.REPLICATION),
    ("localstack", Capability.REPLICATION),
    ("moto", Capability.REPLICATION),
    ("swift", Capability.BUCKET_TAGGING),
}

# What is taken and told again, and then not done: nothing harmless could find that out.
NOT_HELD = {("moto", Capability.OBJECT_LOCK)}


@pytest.fixture(scope="module", autouse=True)
def names_on_loopback():
    """Whatever ends in .localhost is here, which not every resolver knows (RFC 6761)."""
    ask = socket.getaddrinfo

    def answer(host, *how, **more):
        is_here = isinstance(host, str) and host.endswith(".localhost")
        return ask("127.0.0.1" if is_here else host, *how, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", answer)
        yield


@pytest.fixture(scope="module", params=SERVERS)
def server(request):
    found = request.getfixturevalue(request.param)
    return replace(found, url=found.url.replace("127.0.0.1", "localhost"))


@pytest.fixture(scope="module")
def truth_bucket(server):
    with temporary_bucket(server) as bucket:
        yield bucket


@pytest.fixture(scope="module")
def reports(server, truth_bucket):
    """Before any deed: one that was only read, and the whole."""
    empty = "nothing/here/"
    only_read = asyncio.run(probe(server, truth_bucket, empty, is_read_only=True))
    return only_read, asyncio.run(probe(server, truth_bucket))


@pytest.fixture
def only_read(reports):
    return reports[0]


@pytest.fixture
def report(reports):
    return reports[1]


@pytest.fixture(scope="module")
def deeds(server, truth_bucket, reports):
    with truth.deeds(server, truth_bucket) as found:
        yield found


async def probe(server, bucket, prefix="probes/", **how):
    keys = Credentials(server.access_key, server.secret_key)
    connection = Connection(ConnectionId("c"), server.server, server.url, server.region)
    pool = WirePool()
    try:
        return await probe_connection(
            connection, GivenSecrets(keys), pool, Prefix(bucket, prefix), **how
        )
    finally:
        await pool.aclose()


@pytest.mark.parametrize("capability", Capability)
def test_the_answer_is_what_happens(capability, server, report, deeds):
    finding = report[capability]
    if (server.server, capability) in NOT_KNOWN:
        assert finding.answer is Answer.UNKNOWN, finding
        assert finding.reason is Reason.NONE_SET
        return
    assert finding.answer in (Answer.YES, Answer.NO), finding
    is_expected = finding.answer is Answer.YES and (server.server, capability) not in NOT_HELD
    assert deeds.does(capability) is is_expected, finding


@pytest.mark.parametrize("capability", Capability)
def test_what_was_only_read_is_no_other_answer(capability, report, only_read):
    """Reading tells less; what it tells must be the same."""
    finding = only_read[capability]
    if finding.answer is not Answer.UNKNOWN:
        assert finding.answer is report[capability].answer, finding
    else:
        assert finding.reason in (Reason.NEEDS_WRITING, Reason.NO_OBJECT, Reason.NONE_SET)


CONDITIONS = sorted(CONDITIONAL)


@pytest.fixture(scope="module")
def among_versions(server):
    """A report from a bucket with versions, and the deeds there."""
    with temporary_bucket(server) as bucket, truth.deeds(server, bucket) as found:
        if server.server == "rclone":
            pytest.skip("it has no versions")
        found.client.put_bucket_versioning(
            Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
        )
        yield asyncio.run(probe(server, bucket)), found


@pytest.mark.parametrize("capability", CONDITIONS)
def test_conditions_among_versions_are_another_question(capability, among_versions):
    report, found = among_versions
    finding = report[capability]
    assert finding.among_versions
    assert finding.answer in (Answer.YES, Answer.NO)
    assert found.does(capability) is (finding.answer is Answer.YES), finding
    learned = Capabilities()
    rely_on(report, learned, report.at)
    assert learned == Capabilities()


@contextlib.contextmanager
def used_bucket(server):
    """A bucket with a history: versions where there are any, a deleted key, an upload."""
    with temporary_bucket(server) as bucket, s3_client(server) as client:
        if server.server != "rclone":
            client.put_bucket_versioning(
                Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
            )
        for key in ("probes/a", "probes/a", "probes/.s4desk-probe-mine", "b"):
            client.put_object(Bucket=bucket, Key=key, Body=b"x")
        client.delete_object(Bucket=bucket, Key="b")
        client.create_multipart_upload(Bucket=bucket, Key="probes/upload")
        yield bucket, client


def test_the_bucket_is_what_it_was(server):
    with used_bucket(server) as (bucket, client):
        before = truth.everything(client, bucket)
        report = asyncio.run(probe(server, bucket))
        assert report.leftovers == ()
        assert report[Capability.COPY].answer is Answer.YES
        assert truth.everything(client, bucket) == before
        assert before["Contents"]


@pytest.mark.parametrize("after", [0, 1, 4, 9])
def test_cancelled_in_the_middle_it_leaves_nothing(server, after):
    async def cancelled(bucket):
        def told(done, _of):
            if done == after:
                task.cancel()

        task = asyncio.ensure_future(probe(server, bucket, told=told))
        with pytest.raises(asyncio.CancelledError):
            await task

    with used_bucket(server) as (bucket, client):
        before = truth.everything(client, bucket)
        asyncio.run(cancelled(bucket))
        assert truth.everything(client, bucket) == before


@pytest.mark.parametrize("at", [0, 3, 9, 15, 25])
def test_a_connection_that_is_cut_leaves_nothing(server, at, fault_proxy):
    """The reply to a write is lost, with its connection, again and again, and then the way back."""
    proxy = fault_proxy(server)
    proxy.on(Cut(after=None), method="PUT", skip=at, times=3)
    with used_bucket(server) as (bucket, client):
        before = truth.everything(client, bucket)
        with contextlib.suppress(StoreError):
            asyncio.run(probe(replace(proxy.endpoint, server=server.server), bucket))
        assert truth.everything(client, bucket) == before


async def test_a_bucket_that_retains_is_not_written_to(ceph, new_bucket):
    bucket = new_bucket(ceph, lock=True)
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    with s3_client(ceph) as client:
        client.put_object_lock_configuration(
            Bucket=bucket,
            ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule},
        )
        report = await probe(ceph, bucket)
        assert truth.everything(client, bucket)["Versions"] == []
    assert report[Capability.OBJECT_LOCK].reason is Reason.SET
    assert report[Capability.VERSIONING].reason is Reason.SET
    assert report[Capability.COPY].reason is Reason.WOULD_BE_KEPT


async def test_a_key_that_may_not_is_told_apart_from_a_store_that_cannot(ceph, ceph_bucket):
    """Bob may read what alice lets him, and nothing else."""
    with s3_client(ceph) as client:
        client.put_bucket_policy(
            Bucket=ceph_bucket,
            Policy='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":'
            '["arn:aws:iam:::user/bob"]},"Action":["s3:ListBucket","s3:GetObject"],"Resource":'
            f'["arn:aws:s3:::{ceph_bucket}","arn:aws:s3:::{ceph_bucket}/*"]}}]}}',
        )
        bob = replace(ceph, access_key=ceph.access_key2, secret_key=ceph.secret_key2)
        report = await probe(bob, ceph_bucket)
        assert truth.everything(client, ceph_bucket)["Versions"] == []
    assert report[Capability.LIFECYCLE].answer is Answer.DENIED
    assert report[Capability.COPY].answer in (Answer.DENIED, Answer.UNKNOWN)
    assert report[Capability.ENCRYPTION].answer is Answer.NO


async def test_what_stands_in_the_way_of_all_is_raised(ceph, ceph_bucket):
    with pytest.raises(NotFoundError):
        await probe(ceph, new_bucket_name())
    with pytest.raises(UnauthenticatedError):
        await probe(replace(ceph, secret_key="wrong"), ceph_bucket)


async def test_writes_rely_on_what_was_found(ceph, ceph_bucket):
    """Ceph compares an ETag without quotes: only a probe tells."""
    report = await probe(ceph, ceph_bucket)
    learned = Capabilities()
    rely_on(report, learned, report.at)
    assert (learned.conditional_put, learned.conditional_complete) == (True, False)
    assert learned.if_match is IfMatch.BARE
    keys = GivenSecrets(Credentials(ceph.access_key, ceph.secret_key))
    pool = WirePool()
    store = await open_store(
        Connection(ConnectionId("c"), "c", ceph.url), keys, pool, capabilities=learned
    )
    try:
        key = Location(ceph_bucket, "key")
        await store.put(key, b"x")
    finally:
        await store.aclose()
        await pool.aclose()
