"""Forms and tables of a bucket's configuration: what they edit, and what they leave as it is."""

from __future__ import annotations

from typing import Any

import pytest

from s4desk.core.domain.access import ALL_USERS
from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.viewmodels.config_pages import FORMS, TABLES

K = ConfigKind
ODD = {"Odd": {"Deep": ["kept"]}}

VALUES: dict[ConfigKind, dict[str, Any]] = {
    K.VERSIONING: {"Status": "Enabled", "MFADelete": "Disabled"},
    K.ENCRYPTION: {
        "Rules": [
            {
                "ApplyServerSideEncryptionByDefault": {
                    "SSEAlgorithm": "aws:kms",
                    "KMSMasterKeyID": "k1",
                },
                "BucketKeyEnabled": False,
                **ODD,
            },
            {"Second": True},
        ]
    },
    K.OBJECT_LOCK: {
        "ObjectLockEnabled": "Enabled",
        "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 3}},
    },
    K.PUBLIC_ACCESS_BLOCK: {"BlockPublicAcls": True, "RestrictPublicBuckets": False},
    K.OWNERSHIP: {"Rules": [{"ObjectOwnership": "ObjectWriter", **ODD}]},
    K.WEBSITE: {
        "IndexDocument": {"Suffix": "index.html"},
        "ErrorDocument": {"Key": "404.html"},
        "RoutingRules": [{"Redirect": {"HostName": "b"}}],
    },
    K.LOGGING: {"LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": "", **ODD}},
    K.REQUEST_PAYMENT: {"Payer": "Requester"},
    K.ACCELERATE: {"Status": "Suspended"},
    K.INTELLIGENT_TIERING: {
        "Id": "t",
        "Filter": {"And": {"Prefix": "a", "Tags": []}},
        "Status": "Enabled",
        "Tierings": [
            {"Days": 90, "AccessTier": "ARCHIVE_ACCESS"},
            {"AccessTier": "NEW", "Days": 1},
        ],
    },
    K.INVENTORY: {
        "Id": "i",
        "IsEnabled": True,
        "Destination": {
            "S3BucketDestination": {"Bucket": "arn:aws:s3:::b", "Format": "ORC", **ODD}
        },
        "IncludedObjectVersions": "All",
        "OptionalFields": ["Size"],
        "Schedule": {"Frequency": "Daily"},
    },
    K.CORS: {
        "CORSRules": [
            {"ID": "r", "AllowedOrigins": ["*"], "AllowedMethods": ["GET"], "MaxAgeSeconds": 0}
        ]
    },
    K.TAGGING: {"TagSet": [{"Key": "a", "Value": "1", **ODD}, {"Key": "b", "Value": ""}]},
    K.ACL: {
        "Owner": {"ID": "me", "DisplayName": "Me"},
        "Grants": [
            {
                "Grantee": {"Type": "CanonicalUser", "ID": "me", "DisplayName": "Me"},
                "Permission": "FULL_CONTROL",
            },
            {"Grantee": {"Type": "New", "Odd": "x"}, "Permission": "ODD"},
        ],
    },
    K.NOTIFICATION: {
        "QueueConfigurations": [
            {
                "Id": "q",
                "QueueArn": "arn:q",
                "Events": ["s3:ObjectCreated:*"],
                "Filter": {"Key": {"FilterRules": [{"Name": "Prefix", "Value": "a/"}], **ODD}},
            }
        ],
        "EventBridgeConfiguration": {},
    },
}


@pytest.mark.parametrize("kind", VALUES)
def test_what_is_not_edited_is_written_as_it_was(kind: ConfigKind) -> None:
    value = {**VALUES[kind], **ODD}
    editor = FORMS[kind](value) if kind in FORMS else TABLES[kind](value)
    assert editor.problem == ""
    assert editor.result() == value


def test_every_kind_with_an_editor_is_tested() -> None:
    assert VALUES.keys() == FORMS.keys() | TABLES.keys()


def edited(of: ConfigKind, value: dict[str, Any], /, **texts: str) -> dict[str, Any]:
    form = FORMS[of](value)
    for name, text in texts.items():
        form.edit(name, text)
    assert form.problem == ""
    return form.result()


def test_a_field_is_written_beside_what_the_form_does_not_know() -> None:
    written = edited(K.ENCRYPTION, VALUES[K.ENCRYPTION], key="k2", bucket_key="yes")
    rule, second = written["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == "k2"
    assert rule["BucketKeyEnabled"] is True
    assert rule["Odd"] == ODD["Odd"]
    assert second == {"Second": True}


def test_a_key_does_not_stay_with_an_algorithm_that_has_none() -> None:
    written = edited(K.ENCRYPTION, VALUES[K.ENCRYPTION], algorithm="AES256")
    assert written["Rules"][0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_no_encryption_is_no_configuration() -> None:
    only = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
    assert edited(K.ENCRYPTION, only, algorithm="") == {}


def test_a_lock_counts_in_days_or_in_years_and_not_in_both() -> None:
    written = edited(K.OBJECT_LOCK, VALUES[K.OBJECT_LOCK], period="2", unit="Years")
    assert written["Rule"]["DefaultRetention"] == {"Mode": "GOVERNANCE", "Years": 2}
    assert edited(K.OBJECT_LOCK, VALUES[K.OBJECT_LOCK], mode="") == {"ObjectLockEnabled": "Enabled"}


def test_a_lock_that_nobody_can_undo_is_agreed_to() -> None:
    form = FORMS[K.OBJECT_LOCK](VALUES[K.OBJECT_LOCK])
    assert form.problem == ""
    form.edit("mode", "COMPLIANCE")
    assert form.problem == "Tick this to go on."
    form.edit("agreed", "yes")
    assert form.problem == ""


def test_of_the_access_block_all_four_are_said() -> None:
    written = edited(K.PUBLIC_ACCESS_BLOCK, {}, BlockPublicPolicy="yes")
    assert written == {
        "BlockPublicAcls": False,
        "IgnorePublicAcls": False,
        "BlockPublicPolicy": True,
        "RestrictPublicBuckets": False,
    }


def test_a_redirection_takes_the_place_of_a_site() -> None:
    written = edited(K.WEBSITE, {**VALUES[K.WEBSITE], **ODD}, kind="redirect", host="example.com")
    assert written == {"RedirectAllRequestsTo": {"HostName": "example.com"}, **ODD}
    assert edited(K.WEBSITE, VALUES[K.WEBSITE], kind="") == {}


def test_logs_have_a_prefix_even_if_it_is_empty() -> None:
    assert edited(K.LOGGING, {}, bucket="logs") == {
        "LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": ""}
    }
    assert edited(K.LOGGING, VALUES[K.LOGGING], bucket="") == {}


def test_a_value_nobody_knows_can_be_kept_and_is_offered() -> None:
    form = FORMS[K.OWNERSHIP]({"Rules": [{"ObjectOwnership": "Novel"}]})
    assert ("Novel", "Novel") in form.fields["ownership"].choices


def test_an_archive_is_changed_beside_the_others() -> None:
    written = edited(K.INTELLIGENT_TIERING, VALUES[K.INTELLIGENT_TIERING], ARCHIVE_ACCESS="120")
    assert {"AccessTier": "NEW", "Days": 1} in written["Tierings"]
    assert {"AccessTier": "ARCHIVE_ACCESS", "Days": 120} in written["Tierings"]
    assert len(written["Tierings"]) == 2


def test_a_new_inventory_says_all_that_is_demanded() -> None:
    written = edited(K.INVENTORY, {"Id": "i"}, bucket="lists", enabled="yes")
    assert written == {
        "Id": "i",
        "IsEnabled": True,
        "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::lists", "Format": "CSV"}},
        "Schedule": {"Frequency": "Weekly"},
        "IncludedObjectVersions": "Current",
    }


def test_an_edited_row_keeps_what_the_table_does_not_show() -> None:
    table = TABLES[K.CORS](VALUES[K.CORS])
    table.edit(0, 1, "get, put")
    assert table.result()["CORSRules"] == [
        {"ID": "r", "AllowedOrigins": ["*"], "AllowedMethods": ["GET", "PUT"], "MaxAgeSeconds": 0}
    ]


def test_a_bad_cell_is_named_with_its_row() -> None:
    table = TABLES[K.CORS](VALUES[K.CORS])
    table.edit(0, 1, "FETCH")
    assert table.problem.startswith("Row 1, “Methods”: GET, HEAD")
    table.edit(0, 1, "GET")
    table.add()
    assert table.problem == "Row 2, “Origins”: Name an origin, or * for all."


def test_the_last_tag_taken_away_leaves_no_configuration() -> None:
    table = TABLES[K.TAGGING]({"TagSet": [{"Key": "a", "Value": "1"}]})
    table.remove(0)
    assert table.result() == {}


def test_a_key_is_not_there_twice() -> None:
    table = TABLES[K.TAGGING](VALUES[K.TAGGING])
    table.edit(1, 0, "a")
    assert table.problem == "The key “a” is here twice."


def test_a_grant_to_another_is_another_grantee() -> None:
    table = TABLES[K.ACL](VALUES[K.ACL])
    assert table.shown(0, 1) == "The owner (Me)"
    table.edit(0, 0, "Group")
    table.edit(0, 1, ALL_USERS)
    table.edit(0, 2, "READ")
    assert table.result()["Grants"][0] == {
        "Grantee": {"Type": "Group", "URI": ALL_USERS},
        "Permission": "READ",
    }
    assert table.shown(0, 1) == "Everybody, also without a key"


def test_a_notification_moves_from_a_queue_to_a_topic() -> None:
    table = TABLES[K.NOTIFICATION](VALUES[K.NOTIFICATION])
    table.edit(0, 0, "TopicConfigurations")
    table.edit(0, 1, "arn:t")
    table.edit(0, 3, "")
    assert table.result() == {
        "TopicConfigurations": [
            {
                "Id": "q",
                "TopicArn": "arn:t",
                "Events": ["s3:ObjectCreated:*"],
                "Filter": {"Key": ODD},
            }
        ],
        "EventBridgeConfiguration": {},
    }
