"""`s4desk lock` against real servers: what it says is what they do."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from tests.app.test_cli_versions import a_moment
from tests.servers.client import s3_client, temporary_bucket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint


@pytest.fixture(params=["ceph", "localstack"])
def store(request: pytest.FixtureRequest) -> Endpoint:
    return request.getfixturevalue(request.param)


@pytest.fixture
def place(terminal: Terminal, store: Endpoint) -> Iterator[str]:
    terminal.add("T", store)
    with temporary_bucket(store, lock=True) as bucket:
        yield f"T:{bucket}"


def put(store: Endpoint, place: str, *keys: str) -> list[str]:
    with s3_client(store) as client:
        bucket = place.partition(":")[2]
        return [client.put_object(Bucket=bucket, Key=key, Body=b"x")["VersionId"] for key in keys]


def test_a_lock_is_set_shown_and_kept(terminal: Terminal, store: Endpoint, place: str) -> None:
    (version,) = put(store, place, "a/key")
    free = terminal.ok("lock", "show", f"{place}/a/key", "--json").records[0]
    assert (free["mode"], free["can_delete"], free["protection"]) == (None, True, None)
    terminal.ok("lock", "set", f"{place}/a/key", "--mode", "governance", "--until", "30d")
    terminal.ok("lock", "set", f"{place}/a/key", "--legal-hold", "on")
    (held,) = terminal.ok(
        "lock", "show", f"{place}/a/key", "--version-id", version, "--json"
    ).records
    assert (held["mode"], held["legal_hold"], held["can_delete"]) == ("GOVERNANCE", True, False)
    until = datetime.fromisoformat(held["retain_until"])
    assert abs(until - datetime.now(UTC) - timedelta(days=30)) < timedelta(minutes=2)
    assert "legal hold is lifted" in terminal.ok("lock", "show", f"{place}/a/key").out.decode()
    with s3_client(store) as client, pytest.raises(ClientError, match="AccessDenied"):
        client.delete_object(Bucket=place.partition(":")[2], Key="a/key", VersionId=version)


def test_what_the_lock_forbids_is_refused_with_the_reason(
    terminal: Terminal, store: Endpoint, place: str
) -> None:
    put(store, place, "key")
    terminal.ok("lock", "set", f"{place}/key", "--mode", "governance", "--until", "30d")
    shorter = ("lock", "set", f"{place}/key", "--mode", "governance", "--until", "1d")
    ended = terminal.run(*shorter)
    assert ended.code == 1
    assert "retained in GOVERNANCE mode until" in ended.err
    assert "s3:BypassGovernanceRetention" in ended.err
    terminal.ok(*shorter, "--bypass")
    compliance = ("lock", "set", f"{place}/key", "--mode", "compliance", "--until", "2d")
    asked = terminal.run(*compliance, "--bypass")
    assert asked.code == 2
    assert "cannot be undone" in asked.err
    (still,) = terminal.ok("lock", "show", f"{place}/key", "--json").records
    assert still["mode"] == "GOVERNANCE"


def test_all_below_a_folder_is_looked_at_before_and_told_after(
    terminal: Terminal, store: Endpoint, place: str
) -> None:
    put(store, place, "in/a", "in/b", "in/b", "in/c", "out")
    held = ("--mode", "governance", "--until", "2030-01-01T00:00+00:00")
    terminal.ok("lock", "set", f"{place}/in/a", *held)
    many = ("lock", "set", "-r", f"{place}/in", "--json", *held)
    plan = terminal.ok(*many, "--dry-run").records
    assert {row["key"]: row["would_change"] for row in plan[:-1]} == {
        "in/a": False,
        "in/b": True,
        "in/c": True,
    }
    assert plan[-1] == {
        "event": "done",
        "changed": 0,
        "unchanged": 1,
        "failed": 0,
        "would_change": 2,
    }
    assert not terminal.ok("lock", "show", f"{place}/in/b", "--json").records[0]["mode"]
    assert terminal.ok(*many).records[-1]["changed"] == 2
    assert terminal.ok(*many, "--all-versions").records[-1]["changed"] == 1
    assert not terminal.ok("lock", "show", f"{place}/out", "--json").records[0]["mode"]
    shorter = ("lock", "set", "-r", f"{place}/in", "--json", "--mode", "governance", "--until")
    refused = terminal.run(*shorter, "2029-01-01")
    assert (refused.code, refused.records[-1]["failed"]) == (1, 3)


def test_nothing_is_no_success(terminal: Terminal, store: Endpoint, place: str) -> None:
    """Who mistypes a prefix would believe that it is held."""
    (version,) = put(store, place, "there/hidden")
    with s3_client(store) as client:
        client.delete_object(Bucket=place.partition(":")[2], Key="there/hidden")
    for words, said in (
        (["mistyped"], "There is nothing to lock in"),
        (["mistyped", "--dry-run"], "There is nothing to lock in"),
        (["there"], "Only old versions and delete markers are there"),
    ):
        ended = terminal.run("lock", "set", "-r", *_under(place, words), "--legal-hold", "on")
        assert (ended.code, ended.out) == (1, b""), words
        assert said in ended.err
    terminal.ok("lock", "set", "-r", f"{place}/there", "--all-versions", "--legal-hold", "on")
    (held,) = terminal.ok(
        "lock", "show", f"{place}/there/hidden", "--version-id", version, "--json"
    ).records
    assert held["legal_hold"] is True


def _under(place: str, words: list[str]) -> list[str]:
    return [f"{place}/{words[0]}", *words[1:]]


def test_without_object_lock_nothing_is_locked(terminal: Terminal, store: Endpoint) -> None:
    terminal.add("T", store)
    with temporary_bucket(store) as bucket:
        with s3_client(store) as client:
            client.put_object(Bucket=bucket, Key="a/key", Body=b"x")
        for words in (
            [f"T:{bucket}/a/key", "--legal-hold", "on"],
            [f"T:{bucket}/a/key", "--mode", "governance", "--until", "2d"],
            ["-r", f"T:{bucket}/a", "--legal-hold", "on"],
        ):
            ended = terminal.run("lock", "set", *words)
            assert ended.code == 1, words
            assert "has no Object Lock" in ended.err


def test_a_locked_object_is_hidden_and_not_deleted(
    terminal: Terminal, store: Endpoint, place: str
) -> None:
    """The store says that it deleted it, and keeps it under a delete marker."""
    put(store, place, "held", "d/retained", "free")
    terminal.ok("lock", "set", f"{place}/held", "--legal-hold", "on")
    governed = ("--mode", "governance", "--until", "2d")
    terminal.ok("lock", "set", f"{place}/d/retained", *governed)
    told = terminal.ok("rm", f"{place}/held").out.decode()
    assert "deleted" not in told
    assert "its locked version stays (legal hold)" in told
    assert terminal.ok("rm", f"{place}/free").out.decode().startswith("deleted")
    below = terminal.ok("rm", "-r", "--yes", f"{place}/d")
    assert "was only hidden under delete markers" in below.err
    put(store, place, "held")
    terminal.ok("lock", "set", f"{place}/held", *governed)
    (record,) = terminal.ok("rm", f"{place}/held", "--json").records
    assert (record["type"], record["hidden"], record["mode"]) == ("deleted", True, "GOVERNANCE")


def test_what_covers_a_locked_object_says_so(
    terminal: Terminal, store: Endpoint, place: str, tmp_path: Path
) -> None:
    put(store, place, "d/held", "free")
    terminal.ok("lock", "set", f"{place}/d/held", "--legal-hold", "on")
    file = tmp_path / "new" / "held"
    file.parent.mkdir()
    file.write_bytes(b"new")
    word = "is locked (legal hold): a new version goes on top"
    for target in ("d/held", "d/"):
        assert word in terminal.ok("cp", "--overwrite", str(file), f"{place}/{target}").err
        terminal.ok("lock", "set", f"{place}/d/held", "--legal-hold", "on")
    assert word in terminal.ok("cp", "--overwrite", f"{place}/free", f"{place}/d/held").err
    assert "locked" not in terminal.ok("cp", "--overwrite", str(file), f"{place}/free").err
    many = terminal.ok("cp", "-r", "--if-different", str(file.parent), f"{place}/d")
    assert "new versions go on top of what is locked" in many.err

    bucket = place.partition(":")[2]
    terminal.ok("lock", "set", f"{place}/d/held", "--legal-hold", "on")
    told = terminal.ok("cp", "--overwrite", str(file), f"{place}/d/held", "--json").records
    assert told[0] == {
        "event": "locked",
        "bucket": bucket,
        "locked": 1,
        "keys": ["d/held"],
        "not_looked_at": 0,
        "dry_run": False,
    }
    assert [each["event"] for each in told] == ["locked", "done"]
    words = ("cp", "-r", "--overwrite", str(file.parent), f"{place}/d", "--json")
    told = terminal.ok(*words).records
    assert (told[0]["event"], told[0]["locked"], told[0]["not_looked_at"]) == ("locked", 0, None)
    free = terminal.ok("cp", "--overwrite", str(file), f"{place}/free", "--json").records
    assert [each["event"] for each in free] == ["done"]


def test_a_sync_says_what_it_covers_of_what_is_locked(
    terminal: Terminal, store: Endpoint, place: str, tmp_path: Path
) -> None:
    put(store, place, "d/changed", "d/gone", "d/free")
    for key in ("changed", "gone"):
        terminal.ok("lock", "set", f"{place}/d/{key}", "--legal-hold", "on")
    here = tmp_path / "here"
    here.mkdir()
    (here / "changed").write_bytes(b"another one")
    (here / "free").write_bytes(b"another one")
    words = ("sync", str(here), f"{place}/d/")
    dry = terminal.ok(*words, "--dry-run")
    assert "1 locked object would be covered" in dry.err
    dry = terminal.ok(*words, "--dry-run", "--delete")
    assert "2 locked objects would be covered" in dry.err
    told = terminal.ok(*words, "--delete", "--yes", "--json").records
    (record,) = [each for each in told if each.get("event") == "locked"]
    assert (record["locked"], record["keys"]) == (2, ["d/changed", "d/gone"])
    assert "covered" not in terminal.ok(*words, "--delete", "--yes").err


def test_a_restoration_says_what_it_covers_and_hides_nothing_locked(
    terminal: Terminal, store: Endpoint, place: str
) -> None:
    put(store, place, "d/held")
    moment = a_moment()
    put(store, place, "d/held", "d/new", "d/newheld")
    with s3_client(store) as client:
        bucket = place.partition(":")[2]
        client.put_object(Bucket=bucket, Key="d/held", Body=b"another one")
    for key in ("held", "newheld"):
        terminal.ok("lock", "set", f"{place}/d/{key}", "--legal-hold", "on")
    words = ("restore", f"{place}/d/", "--as-of", moment)
    dry = terminal.ok(*words, "--dry-run")
    assert "1 locked object would be covered" in dry.err
    assert "may be older than it looks" in dry.err
    done = terminal.run(*words, "--hide-newer", "--json").records
    assert [each["locked"] for each in done if each.get("event") == "locked"] == [1]
    # LocalStack refuses to copy an old version over its key; nothing of that is about locks.
    is_copied = store.server == "ceph"
    assert (done[-1]["locked_left"], done[-1]["restored"]) == (1, 1 + is_copied)
    listed = {each["key"] for each in terminal.ok("ls", f"{place}/d/", "--json").records}
    assert {"d/held", "d/newheld"} <= listed
    assert "d/new" not in listed


def test_an_adopted_upload_says_that_it_covers_what_is_locked(
    terminal: Terminal, store: Endpoint, place: str, tmp_path: Path
) -> None:
    put(store, place, "held")
    terminal.ok("lock", "set", f"{place}/held", "--legal-hold", "on")
    bucket, file = place.partition(":")[2], tmp_path / "file"
    file.write_bytes(bytes(5 * 1024 * 1024) + b"the end")
    with s3_client(store) as client:
        upload = client.create_multipart_upload(Bucket=bucket, Key="held")["UploadId"]
        client.upload_part(
            Bucket=bucket, Key="held", UploadId=upload, PartNumber=1, Body=bytes(5 * 1024 * 1024)
        )
    told = terminal.ok("uploads", "adopt", f"{place}/held", str(file), "--overwrite")
    assert "is locked (legal hold): a new version goes on top" in told.err


def test_a_version_is_deleted_for_good_past_governance_only(
    terminal: Terminal, store: Endpoint, place: str
) -> None:
    (governed,) = put(store, place, "key")
    lasting = ("--mode", "governance", "--until", "2d")
    terminal.ok("lock", "set", f"{place}/key", *lasting)
    words = ("rm", f"{place}/key", "--version-id", governed)
    refused = terminal.run(*words)
    assert refused.code == 1
    assert "only who may bypass governance" in refused.err
    assert "s3:BypassGovernanceRetention" in refused.err
    terminal.ok("lock", "set", f"{place}/key", "--legal-hold", "on")
    held = terminal.run(*words, "--bypass-governance")
    assert held.code == 1
    assert "until its legal hold is lifted" in held.err
    terminal.ok("lock", "set", f"{place}/key", "--legal-hold", "off")
    (record,) = terminal.ok(*words, "--bypass-governance", "--json").records
    assert (record["type"], record["bypassed"], record["version"]) == ("deleted", True, governed)
    assert terminal.run("versions", f"{place}/key").code == 1

    (kept,) = put(store, place, "kept")
    seconds = datetime.now(UTC) + timedelta(seconds=20)
    compliant = ("--mode", "compliance", "--until", seconds.isoformat(), "--yes")
    terminal.ok("lock", "set", f"{place}/kept", *compliant)
    words = ("rm", f"{place}/kept", "--version-id", kept, "--bypass-governance")
    assert "Nobody can delete this version" in terminal.run(*words).err
    assert terminal.run("rm", f"{place}/kept", "--version-id", "never").code == 1
    assert terminal.run("rm", f"{place}/kept", "--bypass-governance").code == 2
    assert terminal.run("rm", "-r", place, "--version-id", kept).code == 2


def test_a_retention_is_taken_away_or_told_to_stay(
    terminal: Terminal, store: Endpoint, place: str
) -> None:
    put(store, place, "key")
    terminal.ok("lock", "set", f"{place}/key", "--mode", "governance", "--until", "2d")
    ended = terminal.run("lock", "set", f"{place}/key", "--mode", "none", "--bypass")
    if store.server == "ceph":
        assert ended.code == 1
        assert "cannot take the retention" in ended.err
        assert "MalformedXML" not in ended.err
        assert "shortly from now" in ended.err
    else:
        assert ended.code == 0


def default(mode: str, **period: int) -> str:
    kept = {"Mode": mode, **period}
    return json.dumps({"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": kept}})


def test_a_default_in_compliance_mode_is_agreed_to(terminal: Terminal, place: str) -> None:
    words = ("config", "put", place, "object-lock")
    compliance = default("COMPLIANCE", Days=2)
    asked = terminal.run(*words, typed=compliance)
    assert asked.code == 2
    assert "for 2 days, not even" in asked.err
    assert "add --yes" in asked.err
    (plan,) = terminal.ok(*words, "--dry-run", "--json", typed=compliance).records
    assert "2 days" in plan["retains"]
    assert terminal.ok("lock", "show", place, "--json").records[0]["mode"] is None
    terminal.ok(*words, "--yes", typed=compliance)
    assert terminal.ok("lock", "show", place, "--json").records[0]["days"] == 2
    terminal.ok(*words, typed=compliance)
    terminal.ok(*words, typed=default("GOVERNANCE", Days=1))


@pytest.mark.parametrize("period", [{"Years": 71}, {"Days": 25_551}])
def test_a_default_that_not_every_store_can_count_is_refused(
    terminal: Terminal, place: str, period: dict[str, int]
) -> None:
    for mode in ("GOVERNANCE", "COMPLIANCE"):
        words = ("config", "put", place, "object-lock", "--yes")
        ended = terminal.run(*words, typed=default(mode, **period))
        assert (ended.code, "At most" in ended.err) == (2, True)
    assert terminal.ok("lock", "show", place, "--json").records[0]["mode"] is None


def test_a_default_is_removed_and_object_lock_stays(terminal: Terminal, place: str) -> None:
    terminal.ok("config", "put", place, "object-lock", typed=default("GOVERNANCE", Days=1))
    removed = terminal.ok("config", "delete", place, "object-lock").out.decode()
    assert "The default retention is gone" in removed
    assert "stays enabled" in removed
    (record,) = terminal.ok("lock", "show", place, "--json").records
    assert (record["enabled"], record["mode"]) == (True, None)


def test_a_bucket_says_what_it_locks_new_ones_with(
    terminal: Terminal, store: Endpoint, place: str
) -> None:
    (record,) = terminal.ok("lock", "show", place, "--json").records
    assert (record["enabled"], record["mode"]) == (True, None)
    kept = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 3}}
    with s3_client(store) as client:
        client.put_object_lock_configuration(
            Bucket=record["bucket"],
            ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": kept},
        )
        with temporary_bucket(store) as plain:
            assert b"no Object Lock" in terminal.ok("lock", "show", f"T:{plain}").out
    (record,) = terminal.ok("lock", "show", place, "--json").records
    assert (record["mode"], record["days"]) == ("GOVERNANCE", 3)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "Say what to change"),
        (["--mode", "governance"], "--mode needs --until"),
        (["--until", "3d"], "Say what to change"),
        (["--legal-hold", "on", "--until", "3d"], "--until goes with"),
        (["--mode", "governance", "--until", "2020-01-01"], "in the past"),
        (["--mode", "governance", "--until", "soon"], "is no moment"),
        (["--legal-hold", "on", "--all-versions"], "goes with -r"),
        (["--legal-hold", "on", "-r", "--version-id", "v"], "for one object"),
    ],
)
def test_what_has_no_meaning_is_refused(
    terminal: Terminal, moto: Endpoint, options: list[str], said: str
) -> None:
    terminal.add("T", moto)
    ended = terminal.run("lock", "set", "T:bucket/key", *options)
    assert ended.code == 2
    assert said in ended.err
