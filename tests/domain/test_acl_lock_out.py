"""Which lists shut the owner of a bucket out."""

from __future__ import annotations

from typing import Any

import pytest

from s4desk.core.domain.access import ALL_USERS, AUTHENTICATED_USERS, LOG_DELIVERY, Permission
from s4desk.core.domain.acl_lock_out import RIGHTS, Loss, owner_loss

ME, BOB = {"Type": "CanonicalUser", "ID": "me"}, {"Type": "CanonicalUser", "ID": "bob"}
ADDRESS = {"Type": "AmazonCustomerByEmail", "EmailAddress": "me@example.com"}
SIGHT, WRITING = Loss(frozenset({Permission.READ})), Loss(frozenset({Permission.WRITE}))


def group(uri: str) -> dict[str, str]:
    return {"Type": "Group", "URI": uri}


def acl(*grants: tuple[dict[str, str], str]) -> dict[str, Any]:
    listed = [{"Grantee": grantee, "Permission": permission} for grantee, permission in grants]
    return {"Owner": {"ID": "me"}, "Grants": listed}


MINE = acl((ME, "FULL_CONTROL"))
CASES: dict[str, tuple[dict[str, Any], Loss | None]] = {
    "all of it": (MINE, None),
    "in two grants": (acl((ME, "READ"), (ME, "WRITE")), None),
    "somebody else": (acl((BOB, "READ")), Loss(RIGHTS)),
    "somebody else all of it": (acl((BOB, "FULL_CONTROL")), Loss(RIGHTS)),
    "nobody": (acl(), Loss(RIGHTS)),
    "without grants": ({"Owner": {"ID": "me"}}, Loss(RIGHTS)),
    "another is called the owner": (
        {**acl((BOB, "FULL_CONTROL")), "Owner": {"ID": "bob"}},
        Loss(RIGHTS),
    ),
    "only the list": (acl((ME, "WRITE_ACP"), (ME, "READ_ACP")), Loss(RIGHTS)),
    "no writing": (acl((ME, "READ")), WRITING),
    "no sight": (acl((ME, "WRITE")), SIGHT),
    "seen as everybody": (acl((group(ALL_USERS), "READ")), WRITING),
    "as one with an account": (acl((group(AUTHENTICATED_USERS), "FULL_CONTROL")), None),
    "the writer of logs": (acl((group(LOG_DELIVERY), "FULL_CONTROL")), Loss(RIGHTS)),
    "an address": (acl((ADDRESS, "FULL_CONTROL")), Loss(RIGHTS, is_certain=False)),
    "an address that reads": (acl((ADDRESS, "READ")), Loss(RIGHTS, is_certain=False)),
    "an address that reads the list": (acl((ADDRESS, "READ_ACP")), Loss(RIGHTS)),
    "nothing that can be read": ({"Owner": 1, "Grants": ["a", {"Grantee": 2}]}, Loss(RIGHTS)),
    "no list of grants": ({"Grants": 3}, Loss(RIGHTS)),
    "no list at all": ({}, None),
}


@pytest.mark.parametrize(("after", "expected"), CASES.values(), ids=CASES.keys())
def test_what_the_owner_loses(after: dict[str, Any], expected: Loss | None) -> None:
    assert owner_loss(MINE, after) == expected


def test_what_the_owner_had_not_is_no_loss() -> None:
    assert owner_loss(acl((ME, "READ")), acl((ME, "READ"), (BOB, "READ"))) is None
    assert owner_loss(acl(), acl((BOB, "READ"))) is None
    assert owner_loss(acl((ME, "READ")), acl()) == SIGHT


def test_of_a_list_that_is_not_known_the_owner_had_all() -> None:
    assert owner_loss({}, acl((BOB, "READ"))) == Loss(RIGHTS)
    assert owner_loss({}, MINE) is None
    nameless = {"Grants": [{"Grantee": {"Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}]}
    assert owner_loss({}, nameless) == Loss(RIGHTS)
