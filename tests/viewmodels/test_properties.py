"""Properties as a person edits them, and what is said of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from s4desk.core.domain.access import (
    AUTHENTICATED_USERS,
    LOG_DELIVERY,
    Acl,
    CannedAcl,
    Grant,
    Grantee,
    GranteeKind,
    Permission,
    canned_acl,
)
from s4desk.core.domain.archive import ArchiveState, Tier
from s4desk.core.domain.errors import (
    ConflictError,
    LostUpdateError,
    PermissionDeniedError,
    PropertiesLostError,
    ValidationError,
)
from s4desk.core.domain.identity import Location, Prefix, VersionId
from s4desk.core.domain.lock import LockMode, LockState
from s4desk.core.domain.objects import Attributes, ObjectMeta
from s4desk.core.domain.properties import Pairs, PropertyChange
from s4desk.core.transfer.editing import EditOutcome, Seen
from s4desk.core.transfer.unarchiving import Unarchived, UnarchiveOutcome
from s4desk.viewmodels import archive_text as archives
from s4desk.viewmodels import properties_text as texts
from s4desk.viewmodels.error_text import describe
from s4desk.viewmodels.pairs import MetadataRows, TagRows
from s4desk.viewmodels.properties_form import Limits, PropertiesForm, names_in
from s4desk.viewmodels.selection import Selection

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
KEY = Location("bucket", "folder/a.txt")
ME = Grantee(GranteeKind.ACCOUNT, "me-id", "me")
PUBLIC = canned_acl(CannedAcl.PUBLIC_READ, ME, ME)
META = ObjectMeta(
    KEY,
    2048,
    NOW,
    "etag",
    "STANDARD_IA",
    attributes=Attributes(content_type="a/b", expires="", metadata={"one": "1", "two": "2"}),
)


def seen(**changes):
    return Seen(replace(META, **changes), {"team": "blue"}, PUBLIC)


def form(**changes):
    return PropertiesForm("title", seen(**changes))


def test_nothing_is_changed_before_somebody_edits():
    untouched = form()
    assert not untouched.change()
    assert untouched.error == ""
    assert not PropertiesForm("many").change()


def test_only_what_was_edited_is_in_the_change():
    edited = form()
    edited.general.edit("content_type", "c/d")
    edited.general.edit("storage_class", "STANDARD")
    edited.metadata.rows[0][1] = "eins"
    edited.tags.rows.append(["new", "tag"])
    change = edited.change()
    assert change.fields == {"content_type": "c/d"}
    assert change.storage_class == "STANDARD"
    assert change.metadata == Pairs({"one": "eins", "two": "2"}, replaces=True)
    assert change.tags == Pairs({"team": "blue", "new": "tag"}, replaces=True)
    assert change.acl is None


def test_of_many_what_is_empty_stays():
    many = PropertiesForm("many")
    many.general.edit("cache_control", "no-store")
    many.metadata.rows.append(["Added", "1"])
    many.metadata_removed.edit("names", "One, two ,")
    many.tags_removed.edit("names", "Team")
    many.canned = CannedAcl.PRIVATE
    assert many.change() == PropertyChange(
        {"cache_control": "no-store"},
        Pairs({"added": "1"}, frozenset({"one", "two"})),
        Pairs({}, frozenset({"Team"})),
        "",
        CannedAcl.PRIVATE,
    )
    assert names_in(" ") == frozenset()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("content_type", "a\nb"),
        ("content_type", " a/b"),
        ("expires", "tomorrow"),
        ("website_redirect", "there"),
    ],
)
def test_a_wrong_field_keeps_all_from_being_saved(name, text):
    edited = form()
    edited.general.edit(name, text)
    assert edited.general.errors.keys() == {name}
    assert edited.faulty_page == "general"
    assert not edited.change()
    assert "“General”" in texts.fault_text(edited)


def test_a_date_and_a_redirect_that_are_right():
    edited = form()
    edited.general.edit("expires", "Tue, 01 Jan 2030 00:00:00 GMT")
    edited.general.edit("website_redirect", "/x")
    assert edited.error == ""
    assert texts.fault_text(edited) == ""


def test_the_page_with_a_fault_is_named():
    edited = form()
    edited.tags.rows.append(["a", "50%"])
    assert edited.faulty_page == "tags"
    edited.metadata.rows.append(["a b", ""])
    assert edited.faulty_page == "metadata"
    assert edited.error == edited.metadata.error


@pytest.mark.parametrize(
    ("rows", "beginning"),
    [
        ({"": "x"}, "“x” has no name"),
        ({"a b": "x"}, "“a b”: a name has only"),
        ({"a": " x"}, "“a”: blanks"),
        ({"a": "1", "A": "2"}, "“a” is there twice"),
        ({"a": "x" * 2048}, "Names and values together"),
    ],
)
def test_metadata_that_no_store_takes(rows, beginning):
    assert MetadataRows(rows).error.startswith(beginning)


@pytest.mark.parametrize(
    ("rows", "beginning"),
    [
        ({"": "x"}, "“x” has no name"),
        ({"a": "50%"}, "“a”: a tag has only"),
        ({"n" * 129: ""}, f"“{'n' * 129}”: a name has at most 128 characters, a value 256"),
        ({"aws:a": ""}, "“aws:a”: names that begin"),
        ({str(n): "" for n in range(11)}, "An object has at most 10 tags"),
    ],
)
def test_tags_that_no_store_takes(rows, beginning):
    assert TagRows(rows).error.startswith(beginning)


def test_a_tag_that_is_there_twice():
    rows = TagRows({"a": "1"})
    rows.rows += [["a", "2"], ["", ""]]
    assert rows.error == "“a” is there twice."
    assert rows.error_in(2) == ""


def test_room_is_told():
    assert TagRows({"a": "b"}).room == "1 of 10 tags"
    assert MetadataRows({"ab": "é"}).room == "4 of 2\u202f048 bytes"


def test_a_grant_is_taken_away():
    edited = form()
    edited.canned = CannedAcl.PRIVATE
    edited.remove_grant(1)
    assert edited.change().acl == Acl(ME, PUBLIC.grants[:1])
    nobody = PropertiesForm("x", Seen(META))
    nobody.remove_grant(0)
    assert nobody.change().acl is None


@pytest.mark.parametrize(
    ("who", "kind"),
    [
        (" 79a59df9 ", GranteeKind.ACCOUNT),
        ("a@b.c", GranteeKind.EMAIL),
        (LOG_DELIVERY, GranteeKind.GROUP),
    ],
)
def test_a_grant_is_added_once(who, kind):
    edited = form()
    edited.canned = CannedAcl.PRIVATE
    for _ in range(2):
        edited.add_grant(who, Permission.READ)
    added = Grant(Grantee(kind, who.strip()), Permission.READ)
    assert edited.change().acl == Acl(ME, (*PUBLIC.grants, added))
    with pytest.raises(ValidationError):
        edited.add_grant(" ", Permission.READ)


def test_what_cannot_be_changed_is_in_no_change():
    edited = PropertiesForm("x", seen(), Limits(tags="no", acl="no"))
    edited.tags.rows.append(["a", "b"])
    edited.canned = CannedAcl.PRIVATE
    assert not edited.change()


def test_edits_are_done_again_to_what_is_there_now():
    edited = form()
    edited.general.edit("content_type", "mine/x")
    edited.general.edit("storage_class", "STANDARD")
    edited.metadata.rows[0][1] = "mine"
    del edited.metadata.rows[1]
    edited.tags.rows.append(["mine", "1"])
    edited.remove_grant(1)
    edited.add_grant("friend", Permission.READ)
    theirs = replace(META.attributes, cache_control="theirs", metadata={"two": "2", "new": "3"})
    added = Grant(Grantee(GranteeKind.ACCOUNT, "theirs"), Permission.READ)
    grants = Acl(ME, (*PUBLIC.grants, added))
    fresh = PropertiesForm("x", Seen(replace(META, attributes=theirs), {"other": "tag"}, grants))
    fresh.take_over(edited)
    change = fresh.change()
    assert change.fields == {"content_type": "mine/x"}
    assert change.storage_class == "STANDARD"
    assert change.metadata == Pairs({"new": "3", "one": "mine"}, replaces=True)
    assert change.tags == Pairs({"other": "tag", "mine": "1"}, replaces=True)
    mine = Grant(Grantee(GranteeKind.ACCOUNT, "friend"), Permission.READ)
    assert change.acl == Acl(ME, (PUBLIC.grants[0], added, mine))


def test_a_class_that_s3_does_not_have_can_be_kept():
    own = PropertiesForm("x", seen(storage_class="FAST"))
    assert own.general.fields["storage_class"].choices[0] == ("FAST", "FAST")
    assert own.general.storage_class == ""


# In words


def test_what_saving_means():
    said = texts.meaning_text
    assert said(PropertyChange(), seen()) == "Nothing is changed yet."
    assert "stays as it is" in said(PropertyChange(tags=Pairs({"a": "b"})), seen())
    rewriting = PropertyChange(fields={"expires": "x"}, storage_class="GLACIER")
    assert "after it was restored" in said(rewriting, seen())
    assert "new version" not in said(rewriting, seen())
    assert said(rewriting, None).startswith("Each object")
    lock = LockState(LockMode.GOVERNANCE, NOW + timedelta(days=1))
    locked = seen(version=VersionId("v"), attributes=Attributes(lock=lock), size=6 * 1024**3)
    for words in ("new version", "GOVERNANCE", "in parts"):
        assert words in said(rewriting, locked)


@pytest.mark.parametrize(
    ("acl", "is_warned"),
    [
        (None, False),
        (CannedAcl.PRIVATE, False),
        (CannedAcl.PUBLIC_READ, True),
        (PUBLIC, True),
        (canned_acl(CannedAcl.PRIVATE, ME, ME), False),
    ],
)
def test_letting_everybody_in_is_said(acl, is_warned):
    assert bool(texts.exposure_text(PropertyChange(acl=acl))) is is_warned


def test_who_may_do_what():
    group = GranteeKind.GROUP
    acl = Acl(
        ME,
        (
            *PUBLIC.grants,
            Grant(Grantee(group, AUTHENTICATED_USERS), Permission.WRITE),
            Grant(Grantee(group, LOG_DELIVERY), Permission.READ_ACP),
            Grant(Grantee(group, "uri"), Permission.WRITE_ACP),
            Grant(Grantee(GranteeKind.EMAIL, "a@b"), Permission.READ),
        ),
    )
    assert texts.grant_rows(acl) == [
        ("me (owner)", "do everything"),
        ("Everybody, without a key", "read"),
        ("Whoever has an account", "write"),
        ("The store's own log writer", "see the permissions"),
        ("uri", "change the permissions"),
        ("a@b", "read"),
    ]
    assert texts.grant_rows(None) == []
    assert {value for value, _ in texts.canned_choices()} == {"", *CannedAcl}
    assert next(text for _, text in texts.permission_choices()) == "read"
    assert len(texts.grantee_choices()) == 2
    assert len(texts.grant_columns()) == len(texts.outcome_columns()) == 2


def test_what_an_object_is():
    lines = texts.subject_text(META, NOW).split("\n")
    assert lines[0] == "bucket/folder/a.txt"
    assert lines[1].startswith("2.0 KiB (2")
    headers = {"x-amz-server-side-encryption": "aws:kms", "x-amz-archive-status": "ARCHIVE_ACCESS"}
    odd = replace(META, modified=None, version=VersionId("v1"), headers=headers)
    said = texts.subject_text(odd, NOW)
    assert "version v1 · encrypted: aws:kms" in said
    assert "Archive: in the archive" in said
    assert "“a.txt”" in texts.title_text(KEY)
    assert "“a.txt” is saved" in texts.unseen_text(KEY)


def test_what_many_are():
    chosen = Selection(Prefix("bucket"), [Prefix("bucket", "folder/")], [KEY, KEY])
    assert texts.many_text(chosen).startswith("2 objects, all objects in 1 folder.")
    assert texts.many_text(Selection(objects=[KEY])).startswith("1 object. ")
    assert texts.many_text(Selection(folders=[Prefix("b", "f/")])).startswith("All objects in")
    assert texts.many_title(chosen) == "Properties of All Selected Objects"
    assert texts.many_title(Selection(objects=[KEY, KEY])) == "Properties of 2 Objects"


def test_what_became_of_many():
    refused = EditOutcome(KEY, error=PermissionDeniedError("no", location=KEY))
    outcomes = [
        EditOutcome(KEY, ("content_type", "acl")),
        EditOutcome(KEY),
        EditOutcome(KEY, ("metadata",), has_unseen_acl=True),
        refused,
    ]
    rows = [text for _, text in texts.outcome_rows(outcomes)]
    assert rows[:2] == ["content type, permissions", "nothing: it is so already"]
    assert rows[2].endswith("will be private")
    assert rows[3] == describe(refused.error)
    assert texts.preview_text(2, 1, 0) == "2 objects will be changed. 1 is so already."
    assert texts.report_text(1, 0, 3) == "1 object was changed. 3 cannot be changed."
    assert texts.report_text(1, 0, 0, is_stopped=True) == "Stopped. 1 object was changed."
    assert texts.accept_text(3) == "&Change 3 Objects"
    assert texts.looking_text(1) == "Looked at 1 object."
    assert texts.changing_text(2) == "Changed 2 objects."


def test_a_lost_update_says_what_to_do():
    said = describe(LostUpdateError(KEY, ("content",)))
    assert said.startswith("Somebody else wrote “s3://bucket/folder/a.txt” since you looked at it.")
    assert "Load it again" in said
    assert "changed metadata of" in describe(LostUpdateError(KEY, ("metadata",)))
    assert "The content is theirs" in describe(LostUpdateError(KEY, ("content",), is_mixed=True))
    lost = PropertiesLostError("acl, lock", location=KEY)
    assert "did not keep everything: permissions, lock." in describe(lost)


# Archives


@pytest.mark.parametrize(
    ("state", "words", "label"),
    [
        (ArchiveState(), "", "GLACIER"),
        (ArchiveState(True), "in the archive", "GLACIER"),
        (ArchiveState(True, True), "being restored", "GLACIER, being restored"),
        (
            ArchiveState(True, False, NOW + timedelta(days=1)),
            "restored until 2026-11-22",
            "GLACIER, restored until 2026-11-22",
        ),
        (ArchiveState(True, False, NOW - timedelta(days=1)), "in the archive", "GLACIER"),
    ],
)
def test_how_far_a_restore_is(state, words, label):
    assert archives.archive_text(state, NOW).startswith(words)
    assert archives.archive_label("GLACIER", state, NOW) == label


@pytest.mark.parametrize("days", ["", "0", "1.5", "-1", "36501", "²"])
def test_days_are_a_number(days):
    asked = archives.ArchiveForm()
    asked.edit("days", days)
    assert asked.errors.keys() == {"days"}


def test_a_restore_is_asked_for_some_days():
    asked = archives.ArchiveForm()
    assert (asked.days, asked.tier, asked.errors) == (7, Tier.STANDARD, {})


def test_what_became_of_restores():
    refused = UnarchiveOutcome(KEY, error=ConflictError("x", location=KEY))
    rows = archives.unarchive_rows([UnarchiveOutcome(KEY, each) for each in Unarchived])
    assert [text.split()[0] for _, text in rows] == ["asked", "there", "was", "in"]
    assert archives.result_text(refused) == describe(refused.error)
    counts = {Unarchived.ASKED: 2, Unarchived.NOT_ARCHIVED: 1, None: 3}
    assert archives.unarchive_report(counts, is_stopped=True) == (
        "Stopped. 2 objects are being restored. 1 are in no archive. 3 could not be asked for."
        " The inspector tells when they can be read."
    )
    assert archives.unarchive_report({}) == "0 objects are being restored."
    assert archives.asking_text(1) == "Asked for 1 object."
    assert len(archives.unarchive_columns()) == 2


def test_what_cannot_be_restored_says_why():
    def said(code):
        return describe(ConflictError("x", operation="restore_archived", location=KEY, code=code))

    assert "is in no archive" in said("InvalidObjectState")
    assert "is being restored already" in said("RestoreAlreadyInProgress")
