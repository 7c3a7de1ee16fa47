"""`s4desk set` and `s4desk unarchive` against real servers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from s4desk.app.cli import property_options as options
from s4desk.core.domain.access import CannedAcl
from s4desk.core.domain.archive import Tier
from s4desk.core.domain.properties import CONTENT_FIELDS
from tests.servers.client import s3_client, temporary_bucket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint

KEYS = ("a/one", "a/two", "b")


@pytest.fixture(params=["ceph", "localstack"])
def store(request: pytest.FixtureRequest) -> Endpoint:
    return request.getfixturevalue(request.param)


@pytest.fixture
def place(terminal: Terminal, store: Endpoint) -> Iterator[str]:
    terminal.add("T", store)
    with temporary_bucket(store) as bucket:
        with s3_client(store) as client:
            for key in KEYS:
                client.put_object(
                    Bucket=bucket, Key=key, Body=b"x", Metadata={"kept": "1"}, Tagging="team=blue"
                )
        yield f"T:{bucket}"


def told(store: Endpoint, place: str, key: str) -> tuple[str, dict[str, str], dict[str, str]]:
    """Content type, metadata and tags, as another program sees them."""
    bucket = place.partition(":")[2]
    with s3_client(store) as client:
        head = client.head_object(Bucket=bucket, Key=key)
        tags = client.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]
    return head["ContentType"], head["Metadata"], {tag["Key"]: tag["Value"] for tag in tags}


def test_the_words_are_those_of_the_domain() -> None:
    assert options.FIELDS == CONTENT_FIELDS
    assert {each.lower() for each in Tier} == set(options.TIERS)
    assert tuple(CannedAcl) == options.ACLS


def test_one_object_is_changed_and_keeps_the_rest(
    terminal: Terminal, store: Endpoint, place: str
) -> None:
    words = ("--content-type", "text/plain", "--meta", "new=später", "--tag", "size=s")
    (record,) = terminal.ok("set", f"{place}/b", *words, "--json").records
    assert set(record["changed"]) == {"content_type", "metadata", "tags"}
    kind, metadata, tags = told(store, place, "b")
    assert (kind, metadata["kept"], tags) == ("text/plain", "1", {"team": "blue", "size": "s"})
    again = terminal.ok("set", f"{place}/b", *words).out.decode()
    assert "nothing: it is so already" in again
    terminal.ok("set", f"{place}/b", "--remove-meta", "NEW", "--remove-tag", "team")
    assert told(store, place, "b") == ("text/plain", {"kept": "1"}, {"size": "s"})


def test_many_are_looked_at_and_changed(terminal: Terminal, store: Endpoint, place: str) -> None:
    words = ("set", "-r", f"{place}/a", "--tag", "team=red", "--json")
    *rows, end = terminal.ok(*words, "--dry-run").records
    assert sorted(row["key"] for row in rows) == ["a/one", "a/two"]
    assert (end["would_change"], end["failed"]) == (2, 0)
    assert told(store, place, "a/one")[2] == {"team": "blue"}
    assert terminal.ok(*words).records[-1]["changed"] == 2
    assert told(store, place, "a/two")[2] == {"team": "red"}
    assert told(store, place, "b")[2] == {"team": "blue"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Say what to change"),
        (("--tag", "rate=50%"), "“rate”: a tag has only"),
        (("--tag", "rate"), "NAME=VALUE is expected"),
        (("--expires", "soon"), "A date such as"),
        (("--meta", "größe=1"), "a name has only"),
    ],
)
def test_what_no_store_takes_is_refused_first(
    terminal: Terminal, place: str, words: tuple[str, ...], said: str
) -> None:
    ended = terminal.run("set", f"{place}/b", *words)
    assert ended.code == 2
    assert said in ended.err


def test_stat_says_how_an_object_is_encrypted(terminal: Terminal, moto: Endpoint) -> None:
    terminal.add("T", moto)
    ways: dict[str, dict[str, object]] = {
        "plain": {},
        "own": {"ServerSideEncryption": "AES256"},
        "kms": {
            "ServerSideEncryption": "aws:kms",
            "SSEKMSKeyId": "key-1",
            "BucketKeyEnabled": True,
        },
    }
    with temporary_bucket(moto) as bucket:
        with s3_client(moto) as client:
            for key, way in ways.items():
                client.put_object(Bucket=bucket, Key=key, Body=b"x", **way)
        found = {}
        for key in ways:
            (record,) = terminal.ok("stat", f"T:{bucket}/{key}", "--json").records
            found[key] = record["encryption"]
        assert found == {
            "plain": None,
            "own": {"algorithm": "AES256", "key": "", "bucket_key": False, "own_key": False},
            "kms": {
                "algorithm": "aws:kms",
                "key": "key-1",
                "bucket_key": True,
                "own_key": False,
            },
        }
        lines = terminal.ok("stat", f"T:{bucket}/kms").out.decode().splitlines()
        assert "encryption: algorithm = aws:kms" in lines
        assert "encryption: key = key-1" in lines
        plain = terminal.ok("stat", f"T:{bucket}/plain").out.decode()
        assert "encryption" not in plain


def test_an_archived_object_is_restored(terminal: Terminal, localstack: Endpoint) -> None:
    terminal.add("T", localstack)
    with temporary_bucket(localstack) as bucket:
        with s3_client(localstack) as client:
            for key, kind in {"x/cold": "GLACIER", "x/warm": "STANDARD"}.items():
                client.put_object(Bucket=bucket, Key=key, Body=b"x", StorageClass=kind)
        place = f"T:{bucket}/x"
        said = terminal.ok("unarchive", f"{place}/warm").out.decode()
        assert "in no archive" in said
        dry = terminal.ok("unarchive", "-r", place, "--dry-run").out.decode()
        assert "would be asked for" in dry
        assert "1 object would be restored." in dry
        assert "is being restored" not in dry
        *rows, end = terminal.ok("unarchive", "-r", place, "--tier", "bulk", "--json").records
        assert [(row["key"], row["result"]) for row in rows] == [("x/cold", "asked")]
        assert (end["asked"], end["failed"]) == (1, 0)
        (told_,) = terminal.ok("stat", f"{place}/cold", "--json").records
        assert told_["archive"]["is_restoring"] is False
        assert told_["archive"]["restored_until"] > "2026"
        lines = terminal.ok("stat", f"{place}/cold").out.decode().splitlines()
        assert "archive: is_restoring = False" in lines
        assert "{" not in "".join(lines)
        assert terminal.ok("stat", f"{place}/warm", "--json").records[0]["archive"] is None
        with s3_client(localstack) as client:
            assert client.get_object(Bucket=bucket, Key="x/cold")["Body"].read() == b"x"
        ended = terminal.run("unarchive", f"{place}/cold", "--days", "0")
        assert ended.code == 2
        assert "A number of days" in ended.err


@pytest.mark.parametrize("acl", ["public-read", "public-read-write", "authenticated-read"])
def test_strangers_are_let_in_only_with_a_yes(
    terminal: Terminal, store: Endpoint, place: str, acl: str
) -> None:
    one, many = (f"{place}/b",), ("-r", f"{place}/a")
    for where, count in ((one, "1 object"), (many, "2 objects")):
        refused = terminal.run("set", *where, "--acl", acl)
        assert refused.code == 2
        assert count in refused.err
        assert "--yes" in refused.err
        assert count in terminal.ok("set", *where, "--acl", acl, "--dry-run").err
    bucket = place.partition(":")[2]

    def groups(key: str) -> int:
        with s3_client(store) as client:
            grants = client.get_object_acl(Bucket=bucket, Key=key)["Grants"]
        return sum("URI" in grant["Grantee"] for grant in grants)

    assert (groups("b"), groups("a/one")) == (0, 0)
    terminal.ok("set", *many, "--acl", acl, "--yes")
    assert groups("a/one") > 0
    terminal.ok("set", *many, "--acl", "private")
    assert groups("a/one") == 0


def test_a_lock_with_parts_of_a_second_is_kept(terminal: Terminal, store: Endpoint) -> None:
    """As other programs write it; it comes back as exactly as the store keeps it."""
    until = datetime.now(UTC).replace(microsecond=856868) + timedelta(minutes=5)
    terminal.add("T", store)
    with temporary_bucket(store, lock=True) as bucket:
        with s3_client(store) as client:
            client.put_object(
                Bucket=bucket,
                Key="key",
                Body=b"x",
                ObjectLockMode="GOVERNANCE",
                ObjectLockRetainUntilDate=until,
            )
        terminal.ok("set", f"T:{bucket}/key", "--meta", "new=1")
        with s3_client(store) as client:
            head = client.head_object(Bucket=bucket, Key="key")
        assert head["Metadata"]["new"] == "1"
        assert abs(head["ObjectLockRetainUntilDate"] - until) < timedelta(seconds=1)
