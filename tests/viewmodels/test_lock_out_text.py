"""What is said of ACLs that shut the owner of a bucket out."""

from __future__ import annotations

from typing import Any

import pytest

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import from_json
from s4desk.viewmodels.lock_out_text import access_notes, shut_out_sentence

OWNER = {"Type": "CanonicalUser", "ID": "me"}
ADDRESS = {"Type": "AmazonCustomerByEmail", "EmailAddress": "me@example.com"}


def acl(grantee: dict[str, str], permission: str) -> dict[str, Any]:
    return {"Owner": {"ID": "me"}, "Grants": [{"Grantee": grantee, "Permission": permission}]}


@pytest.mark.parametrize(
    ("grantee", "permission", "said"),
    [
        (OWNER, "READ_ACP", "neither read nor write"),
        (OWNER, "READ", "upload and delete"),
        (OWNER, "WRITE", "see what is in it"),
        (ADDRESS, "READ", "may lock"),
        (OWNER, "FULL_CONTROL", ""),
    ],
)
def test_what_the_owner_loses_is_said_before_and_while_it_is_written(
    grantee: dict[str, str], permission: str, said: str
) -> None:
    kind, value = ConfigKind.ACL, acl(grantee, permission)
    before = from_json(kind, acl(OWNER, "FULL_CONTROL"))
    sentence = shut_out_sentence(kind, before, from_json(kind, value), None)
    assert said in sentence
    assert bool(sentence) is bool(said)
    assert access_notes(kind, before, value, "photos", None) == ([sentence] if said else [], [])


def test_of_other_kinds_and_of_nothing_nothing_is_said() -> None:
    value = {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}
    assert access_notes(ConfigKind.CORS, None, value, "photos", None) == ([], [])
    assert access_notes(ConfigKind.ACL, None, None, "photos", None) == ([], [])
    assert shut_out_sentence(ConfigKind.ACL, None, None, None) == ""
    assert shut_out_sentence(ConfigKind.POLICY, None, None, None) == ""
