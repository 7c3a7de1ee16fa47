"""What S3 takes of tags, metadata and grants, and what a HEAD tells of archives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from s4desk.core.domain.access import (
    ALL_USERS,
    Acl,
    CannedAcl,
    Grant,
    Grantee,
    GranteeKind,
    Permission,
    canned_acl,
    canned_of,
)
from s4desk.core.domain.archive import AT_HAND, archive_state
from s4desk.core.domain.identity import Location
from s4desk.core.domain.objects import Attributes, ObjectMeta
from s4desk.core.domain.properties import (
    Encryption,
    Flaw,
    Pairs,
    PropertyChange,
    changed_names,
    encryption_of,
    is_all_told,
    metadata_bytes,
    metadata_flaw,
    redirect_flaw,
    tag_flaw,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ME = Grantee(GranteeKind.ACCOUNT, "me")
OTHER = Grantee(GranteeKind.ACCOUNT, "other")


@pytest.mark.parametrize(
    ("name", "value", "flaw"),
    [
        ("team", "blue green", None),
        ("größe", "日本 1", None),
        ("a+-=._:/@", "", None),
        ("", "x", Flaw.EMPTY),
        ("n" * 128, "v" * 256, None),
        ("n" * 129, "", Flaw.LONG),
        ("n", "v" * 257, Flaw.LONG),
        ("AWS:x", "", Flaw.RESERVED),
        ("a$", "", Flaw.CHARACTER),
        ("a", "50%", Flaw.CHARACTER),
        ("a", "x\ny", Flaw.CHARACTER),
    ],
)
def test_tags_that_s3_takes(name, value, flaw):
    assert tag_flaw(name, value) is flaw


@pytest.mark.parametrize(
    ("name", "value", "flaw"),
    [
        ("author", "Grüße 日本 😀", None),
        ("a_b!~", "", None),
        ("", "x", Flaw.EMPTY),
        ("a b", "x", Flaw.CHARACTER),
        ("größe", "x", Flaw.CHARACTER),
        ("a", "x\r\ny", Flaw.CHARACTER),
        ("a", "tab\there", Flaw.CHARACTER),
        ("a", " x", Flaw.BLANK_ENDS),
        ("a", "x\u00a0", Flaw.BLANK_ENDS),
    ],
)
def test_metadata_that_a_header_carries(name, value, flaw):
    assert metadata_flaw(name, value) is flaw


@pytest.mark.parametrize(
    ("value", "flaw"),
    [
        ("", None),
        ("/there", None),
        ("https://x", None),
        ("there", Flaw.REDIRECT),
        ("/a ", Flaw.BLANK_ENDS),
    ],
)
def test_a_redirect_is_a_path_or_an_address(value, flaw):
    assert redirect_flaw(value) is flaw


def test_room_for_metadata_is_in_bytes():
    assert metadata_bytes({"ab": "é", "c": ""}) == 5


def test_pairs_are_set_and_taken_away():
    there = {"a": "1", "b": "2"}
    assert Pairs({"c": "3"}, frozenset({"a"})).applied(there) == {"b": "2", "c": "3"}
    assert Pairs({"c": "3"}, replaces=True).applied(there) == {"c": "3"}
    assert Pairs(replaces=True)
    assert not Pairs()


def test_only_what_differs_counts_as_changed():
    there = ObjectMeta(
        Location("b", "k"), 1, NOW, "e", "GLACIER", attributes=Attributes(content_type="a/b")
    )
    same = PropertyChange(fields={"content_type": "a/b"}, storage_class="GLACIER")
    assert same
    assert changed_names(same, there) == ()
    other = PropertyChange(
        fields={"expires": "x"}, metadata=Pairs({"a": "b"}), storage_class="STANDARD"
    )
    assert changed_names(other, there) == ("expires", "metadata", "storage_class")
    assert not PropertyChange()
    assert PropertyChange(acl=CannedAcl.PRIVATE)
    assert not PropertyChange(acl=CannedAcl.PRIVATE).rewrites


def test_the_encryption_is_in_the_headers():
    name = "x-amz-server-side-encryption"
    assert encryption_of({}) is None
    assert encryption_of({name: "AES256"}) == Encryption("AES256")
    told = {name: "aws:kms", f"{name}-aws-kms-key-id": "k", f"{name}-bucket-key-enabled": "true"}
    assert encryption_of(told) == Encryption("aws:kms", "k", True)


def test_metadata_may_be_untold():
    assert is_all_told({})
    assert is_all_told({"x-amz-missing-meta": "0"})
    assert not is_all_told({"x-amz-missing-meta": "2"})


@pytest.mark.parametrize(
    ("storage_class", "headers", "is_readable"),
    [
        ("STANDARD", {"x-amz-restore": 'ongoing-request="true"'}, True),
        ("GLACIER_IR", {}, True),
        ("GLACIER", {}, False),
        ("DEEP_ARCHIVE", {"x-amz-restore": 'ongoing-request="true"'}, False),
        ("GLACIER", {"x-amz-restore": 'ongoing-request="false", expiry-date="nonsense"'}, False),
        ("INTELLIGENT_TIERING", {}, True),
        ("INTELLIGENT_TIERING", {"x-amz-archive-status": "ARCHIVE_ACCESS"}, False),
    ],
)
def test_what_can_be_read(storage_class, headers, is_readable):
    assert archive_state(storage_class, headers).can_read(NOW) is is_readable


def test_a_restored_copy_goes_away_again():
    told = 'ongoing-request="false", expiry-date="Mon, 23 Nov 2026 00:00:00 GMT"'
    state = archive_state("GLACIER", {"x-amz-restore": told})
    assert state.until == datetime(2026, 11, 23, tzinfo=UTC)
    assert not state.is_restoring
    assert state.can_read(NOW)
    assert not state.can_read(state.until + timedelta(seconds=1))
    assert archive_state("STANDARD", {}) is AT_HAND
    # A time without a zone is UTC.
    bare = told.replace(" GMT", " -0000")
    assert archive_state("GLACIER", {"x-amz-restore": bare}).until == state.until


def test_grants_are_the_same_in_any_order():
    one, other = Grant(ME, Permission.FULL_CONTROL), Grant(OTHER, Permission.READ)
    assert Acl(ME, (one, other)).is_same(Acl(ME, (other, one)))
    assert not Acl(ME, (one, other)).is_same(Acl(ME, (one,)))
    assert Acl(ME, (one,)).is_private
    assert not Acl(ME, (one, other)).is_private
    assert not Acl(ME, (one, other)).is_public


def test_names_stand_for_grants():
    public = canned_acl(CannedAcl.PUBLIC_READ, ME, ME)
    assert public.is_public
    assert public.grants[-1] == Grant(Grantee(GranteeKind.GROUP, ALL_USERS), Permission.READ)
    lent = canned_acl(CannedAcl.BUCKET_OWNER_READ, ME, OTHER)
    assert lent.grants[-1] == Grant(OTHER, Permission.READ)
    assert canned_acl(CannedAcl.BUCKET_OWNER_FULL_CONTROL, ME, ME).is_private
    assert canned_of(public) is CannedAcl.PUBLIC_READ
    assert canned_of(lent) is None
    friend = Grant(Grantee(GranteeKind.EMAIL, "a@b"), Permission.READ)
    assert Acl(ME, (friend,)).has_addresses
    assert not lent.has_addresses
