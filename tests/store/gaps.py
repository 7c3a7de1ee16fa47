"""What the servers of the suite are known not to do; each entry is a test that must fail there."""

from __future__ import annotations

import pytest

Gaps = dict[str, str]

_ENCODED_MARKERS = "compares percent-encoded keys with plain markers and loses keys on later pages"
_NO_LOOK = "answers a look at a retention with the object itself"
_NO_RULES = "lets anybody change a retention"
_NO_CONDITION = "no If-None-Match on copy"
_NO_MATCH = "ignores x-amz-copy-source-if-match"
_NO_ARCHIVE = "has the names of archives, and no archive"

CEPH: Gaps = {
    "test_a_configuration_is_kept_until_it_is_deleted[ceph-encryption]": "no default encryption",
    "test_several_of_a_kind_have_ids": "no inventories",
    "test_a_completed_upload_may_be_refused_over_an_object": "no If-None-Match on complete",
    "test_an_underscore_in_a_metadata_name_is_kept": "turns a_b into a-b",
    "test_a_copy_may_be_refused_over_an_object": _NO_CONDITION,
    "test_a_copy_is_of_the_object_that_was_meant": _NO_MATCH,
    "test_a_copied_part_is_of_the_object_that_was_meant": _NO_MATCH,
    "test_a_copy_gets_new_tags": "drops all tags when attributes are replaced",
    "test_a_copy_with_attributes_keeps_tags": "drops all tags when attributes are replaced",
    "test_parts_have_tags": "drops the tags of what arrives in parts",
    "test_a_governed_retention_is_taken_away": "a retention is only changed, never removed",
    "test_an_archived_object_is_not_read_before_it_is_restored": _NO_ARCHIVE,
    "test_a_restore_lasts_some_days": _NO_ARCHIVE,
    "test_only_what_is_archived_is_restored": _NO_ARCHIVE,
}
LOCALSTACK: Gaps = {
    "test_a_retention_changes_when_the_rules_say_so[localstack-False]": "raises GOVERNANCE freely",
    "test_a_copy_may_be_refused_over_an_object": _NO_CONDITION,
    "test_an_old_version_can_be_restored_over_its_key": "refuses to copy a version over its key",
    "test_pages_of_any_text_hold_everything_once": _ENCODED_MARKERS,
    "test_a_listing_may_begin_after_any_text": _ENCODED_MARKERS,
}
MOTO: Gaps = {
    "test_a_copy_may_be_refused_over_an_object": _NO_CONDITION,
    "test_a_copy_is_of_the_object_that_was_meant": _NO_MATCH,
    "test_a_copied_part_is_of_the_object_that_was_meant": _NO_MATCH,
    "test_grants_come_back_as_they_were_set": "drops the groups of a list that is written",
    "test_an_aborted_upload_is_gone": "answers 500 to a part of an aborted upload",
    "test_an_unfinished_upload_says_when_it_began": "says 2010 of every upload",
    "test_an_underscore_in_a_metadata_name_is_kept": "its web framework drops such headers",
    "test_an_odd_key_is_a_key[moto-newline]": "routes no path with a newline",
    "test_a_suspended_bucket_keeps_its_versions_and_makes_one_more": "deletes all of them",
    "test_a_key_of_1025_bytes_is_refused": "takes keys of any length",
    "test_a_lock_comes_back_as_it_was_set": _NO_LOOK,
    "test_a_bucket_without_lock_protects_nothing": _NO_LOOK,
    "test_a_governed_retention_is_taken_away": _NO_RULES,
    "test_compliance_is_not_taken_away": _NO_RULES,
    "test_many_are_deleted_when_the_rules_say_so": _NO_RULES,
    "test_a_retention_changes_when_the_rules_say_so": _NO_RULES,
}

OF_SERVER = {"ceph": CEPH, "localstack": LOCALSTACK, "moto": MOTO}


def expect_gap(request: pytest.FixtureRequest, gaps: Gaps) -> None:
    """Mark the running test as failing if it is a known gap; that it passes is then an error.

    A gap is named by the test's own name, or with its parameters: `test_x[a-b]`.
    """
    for name in (request.node.name, request.node.originalname):
        if name in gaps:
            request.node.add_marker(pytest.mark.xfail(reason=gaps[name], strict=True))
            return
