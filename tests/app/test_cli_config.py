"""`s4desk config` against real servers: what it writes is there, and nothing else goes."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from s4desk.core.domain.bucket_config import ConfigKind
from tests.servers.client import s3_client, temporary_bucket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint

CORS = {"CORSRules": [{"ID": "r", "AllowedMethods": ["GET"], "AllowedOrigins": ["https://a"]}]}


@pytest.fixture(params=["ceph", "localstack"])
def store(request: pytest.FixtureRequest) -> Endpoint:
    found: Endpoint = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def place(terminal: Terminal, store: Endpoint) -> Iterator[str]:
    terminal.add("T", store)
    with temporary_bucket(store) as bucket:
        yield f"T:{bucket}"


def bucket_of(place: str) -> str:
    return place.partition(":")[2]


def public(place: str) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": ["*"]},
        "Action": ["s3:GetObject"],
        "Resource": [f"arn:aws:s3:::{bucket_of(place)}/*"],
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def test_what_is_put_is_there_and_what_is_got_can_be_put(
    terminal: Terminal, store: Endpoint, place: str
) -> None:
    assert terminal.ok("config", "get", place, "cors").out == b""
    put = terminal.ok("config", "put", place, "cors", typed=json.dumps(CORS))
    assert "the store has all of it" in put.out.decode()
    with s3_client(store) as client:
        (rule,) = client.get_bucket_cors(Bucket=bucket_of(place))["CORSRules"]
    assert rule["AllowedOrigins"] == ["https://a"]
    got = json.loads(terminal.ok("config", "get", place, "cors").out)
    got["CORSRules"][0]["MaxAgeSeconds"] = 60
    (saved,) = terminal.ok("config", "put", place, "CORS", "--json", typed=json.dumps(got)).records
    assert (saved["outcome"], saved["differences"]) == ("written", [])
    (record,) = terminal.ok("config", "get", place, "cors", "--json").records
    assert record["set"]
    assert record["value"]["CORSRules"][0]["MaxAgeSeconds"] == 60
    raw = terminal.ok("config", "get", place, "cors", "--raw").out
    assert b"<MaxAgeSeconds>60</MaxAgeSeconds>" in raw
    terminal.ok("config", "put", place, "cors", typed=raw.decode().replace(">60<", ">61<"))
    command = shlex.split(terminal.ok("config", "get", place, "cors", "--command").out.decode())
    assert command[:4] == ["aws", "--endpoint-url", store.url, "s3api"]
    assert json.loads(command[-1])["CORSRules"][0]["MaxAgeSeconds"] == 61


def test_a_dry_run_shows_the_difference_and_changes_nothing(terminal: Terminal, place: str) -> None:
    terminal.ok("config", "put", place, "cors", typed=json.dumps(CORS))
    other = json.dumps(CORS).replace("https://a", "https://b")
    shown = terminal.ok("config", "put", place, "cors", "--dry-run", typed=other).out.decode()
    assert '-        "https://a"' in shown
    assert '+        "https://b"' in shown
    terminal.ok("config", "delete", place, "cors", "--dry-run")
    (record,) = terminal.ok("config", "get", place, "cors", "--json").records
    assert record["value"]["CORSRules"][0]["AllowedOrigins"] == ["https://a"]
    terminal.ok("config", "delete", place, "cors")
    assert terminal.ok("config", "get", place, "cors").out == b""
    assert "has none" in terminal.ok("config", "delete", place, "cors").err


def test_what_lets_strangers_in_needs_the_name_of_the_bucket(
    terminal: Terminal, store: Endpoint, place: str
) -> None:
    bucket = bucket_of(place)
    policy = json.dumps(public(place))
    refused = terminal.run("config", "put", place, "policy", typed=policy)
    assert refused.code == 2
    assert "Everybody, also without a key" in refused.err
    assert f"--make-public {bucket}" in refused.err
    other = terminal.run("config", "put", place, "policy", "--make-public", "b", typed=policy)
    assert other.code == 2
    assert terminal.ok("config", "get", place, "policy").out == b""
    (shown,) = terminal.ok(
        "config", "put", place, "policy", "--dry-run", "--json", typed=policy
    ).records
    assert shown["changed"]
    assert len(shown["opens"]) == 1
    terminal.ok("config", "put", place, "policy", "--make-public", bucket, typed=policy)
    with s3_client(store) as client:
        there = json.loads(client.get_bucket_policy(Bucket=bucket)["Policy"])
    assert there == public(place)
    wrapped = json.dumps({"Policy": json.dumps(public(place) | {"Id": "again"})})
    terminal.ok("config", "put", place, "policy", typed=wrapped)


def test_grants_that_count_again_need_the_name_of_the_bucket_also_by_a_removal(
    terminal: Terminal, localstack: Endpoint
) -> None:
    terminal.add("L", localstack)
    with temporary_bucket(localstack) as bucket:
        place = f"L:{bucket}"
        enforced = json.dumps({"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})
        terminal.ok("config", "put", place, "ownership", typed=enforced)
        words = ("config", "delete", place, "ownership")
        refused = terminal.run(*words)
        assert refused.code == 2
        assert "Grants count again" in refused.err
        assert f"--make-public {bucket}" in refused.err
        (shown,) = terminal.ok(*words, "--dry-run", "--json").records
        assert len(shown["opens"]) == 1
        assert json.loads(terminal.ok("config", "get", place, "ownership").out)["Rules"]
        terminal.ok(*words, "--make-public", bucket)
        assert terminal.ok("config", "get", place, "ownership").out == b""


def test_what_the_store_drops_is_told_and_taken_back(
    terminal: Terminal, store: Endpoint, place: str, ceph: Endpoint
) -> None:
    """Ceph drops the size filter of a lifecycle rule, and would delete all objects."""
    rule = {
        "ID": "small",
        "Status": "Enabled",
        "Filter": {"ObjectSizeLessThan": 10},
        "Expiration": {"Days": 1},
    }
    ended = terminal.run(
        "config", "put", place, "lifecycle", "--json", typed=json.dumps({"Rules": [rule]})
    )
    (record,) = ended.records
    if store is not ceph:
        assert (ended.code, record["outcome"]) == (0, "written")
        return
    assert (ended.code, record["outcome"]) == (1, "restored")
    assert [each["path"] for each in record["differences"]] == [
        "Rules[small].Filter.ObjectSizeLessThan"
    ]
    assert "Rules[small].Filter.ObjectSizeLessThan" in ended.err
    assert terminal.ok("config", "get", place, "lifecycle").out == b""


def test_all_kinds_are_listed_with_what_there_is_of_each(
    terminal: Terminal, store: Endpoint, place: str, ceph: Endpoint
) -> None:
    terminal.ok("config", "put", place, "cors", typed=json.dumps(CORS))
    listed = terminal.ok("config", "list", place, "--json").records
    assert [each["kind"] for each in listed] == list(ConfigKind)
    states = {each["kind"]: each["state"] for each in listed}
    assert states["cors"] == "set"
    assert (states["policy"], states["tagging"], states["versioning"]) == ("none",) * 3
    assert states["acl"] == "none"
    if store is ceph:
        assert states["ownership"] == "unsupported"
    text = terminal.ok("config", "list", place).out.decode()
    assert "object-lock" in text


def test_a_kind_that_is_there_several_times_has_ids(
    terminal: Terminal, localstack: Endpoint
) -> None:
    terminal.add("L", localstack)
    with temporary_bucket(localstack) as bucket:
        place = f"L:{bucket}"
        inventory = {
            "IsEnabled": True,
            "IncludedObjectVersions": "All",
            "Schedule": {"Frequency": "Daily"},
            "Destination": {
                "S3BucketDestination": {"Bucket": f"arn:aws:s3:::{bucket}", "Format": "CSV"}
            },
        }
        text = json.dumps(inventory)
        unnamed = terminal.run("config", "put", place, "inventory", typed=text)
        assert unnamed.code == 2
        assert "--id" in unnamed.err
        for name in ("one", "two"):
            terminal.ok("config", "put", place, "inventory", "--id", name, typed=text)
        assert terminal.ok("config", "get", place, "inventory").lines == [b"one", b"two"]
        one = json.loads(terminal.ok("config", "get", place, "inventory", "--id", "one").out)
        assert one["Id"] == "one"
        terminal.ok("config", "delete", place, "inventory", "--id", "one")
        assert terminal.ok("config", "get", place, "inventory").lines == [b"two"]
        named = terminal.run("config", "get", place, "cors", "--id", "x")
        assert named.code == 2


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        (("put", "cors"), "{", "Line 1, column 2"),
        (("put", "cors"), "[]", "An object in braces"),
        (("put", "policy"), '{"Id": 1,\n "Id": 2}', "Line 2, column 2: “Id” is here twice"),
        (("put", "policy"), '{"Policy": "{\\"Id\\": 1, \\"Id\\": 2}"}', "“Id” is here twice"),
        (("put", "cors"), "<CORSConfiguration>", "not XML"),
        (("put", "cors"), '<!DOCTYPE a SYSTEM "x"><CORSConfiguration/>', "type"),
        (("get", "colour"), "", "no configuration “colour”"),
        (("put", "cors", "/no/such/file"), "", "/no/such/file"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(
    terminal: Terminal, moto: Endpoint, words: tuple[str, ...], typed: str, said: str
) -> None:
    terminal.add("M", moto)
    with temporary_bucket(moto) as bucket:
        action, kind, *more = words
        ended = terminal.run("config", action, f"M:{bucket}", kind, *more, typed=typed)
    assert ended.code in (1, 2)
    assert said in ended.err
    assert "Traceback" not in ended.err


def test_a_policy_that_locks_its_author_out_needs_a_yes_and_is_told_as_written(
    terminal: Terminal, ceph: Endpoint, new_bucket: Callable[..., str]
) -> None:
    bucket = new_bucket(ceph)
    terminal.add("C", ceph)
    place = f"C:{bucket}"
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:*BucketPolicy"],
        "Resource": f"arn:aws:s3:::{bucket}",
    }
    shut = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    words = ("config", "put", place, "policy")
    refused = terminal.run(*words, typed=shut)
    assert refused.code == 2
    assert "locks you out" in refused.err
    assert "--yes" in refused.err
    (shown,) = terminal.ok(*words, "--dry-run", "--json", typed=shut).records
    assert "locks you out" in shown["shuts_out"]
    assert terminal.ok("config", "get", place, "policy").out == b""
    written = terminal.run(*words, "--yes", typed=shut)
    assert written.code == 1
    assert "was saved and holds now" in written.err
    assert terminal.run("config", "get", place, "policy").code == 1


def test_an_acl_that_locks_the_owner_out_needs_a_yes(
    terminal: Terminal, ceph: Endpoint, new_bucket: Callable[..., str]
) -> None:
    bucket = new_bucket(ceph)
    terminal.add("C", ceph)
    place = f"C:{bucket}"
    before = json.loads(terminal.ok("config", "get", place, "acl").out)
    (mine,) = before["Grants"]
    shut = json.dumps(before | {"Grants": [mine | {"Permission": "WRITE_ACP"}]})
    words = ("config", "put", place, "acl")
    refused = terminal.run(*words, typed=shut)
    assert refused.code == 2
    assert "locks the owner" in refused.err
    assert "--yes" in refused.err
    assert json.loads(terminal.ok("config", "get", place, "acl").out) == before
    (shown,) = terminal.ok(*words, "--dry-run", "--json", typed=shut).records
    assert "locks the owner" in shown["shuts_out"]

    terminal.ok(*words, "--yes", typed=shut)
    assert terminal.run("ls", f"{place}/").code == 1
    terminal.ok(*words, typed=json.dumps(before))
    terminal.ok("ls", f"{place}/")


def test_what_was_never_set_has_no_command(terminal: Terminal, place: str) -> None:
    told = terminal.ok("config", "get", place, "versioning", "--command")
    assert told.out == b""
    assert "has none" in told.err
