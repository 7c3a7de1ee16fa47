"""What the owner of a bucket may not do any more under another access control list.

A store lets the owner read and write the list itself whatever it grants ("Access control list
overview", S3 user guide), but on stores that know no other rights, as Ceph, the owner then neither
lists the bucket nor writes to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from s4desk.core.domain.access import ALL_USERS, AUTHENTICATED_USERS, GranteeKind, Permission

RIGHTS: Final = frozenset({Permission.READ, Permission.WRITE})
"""The others are about the list, which the owner has in any case."""


@dataclass(frozen=True, slots=True)
class Loss:
    """`is_certain` False: somebody is named by an address, and that may be the owner."""

    rights: frozenset[Permission]
    is_certain: bool = True


def owner_loss(before: Mapping[str, Any], after: Mapping[str, Any]) -> Loss | None:
    """What the list `after` takes from the owner that `before` granted, both as JSON; None for
    nothing. An empty `before` is one that is not known, an empty `after` none at all."""
    if not after:
        return None
    owner = _owner(before) or _owner(after)
    had = _granted(before, owner) if before else RIGHTS
    lost = had - _granted(after, owner)
    return Loss(lost, not lost & _granted(after, owner, with_addresses=True)) if lost else None


def _owner(value: Mapping[str, Any]) -> str:
    return str(_mapping(value.get("Owner")).get("ID") or "")


def _granted(
    value: Mapping[str, Any], owner: str, *, with_addresses: bool = False
) -> frozenset[Permission]:
    """What a list lets the owner do, also as one of everybody."""
    listed = value.get("Grants")
    grants = listed if isinstance(listed, list) else []
    rights: set[Permission] = set()
    for each in grants:
        grant = _mapping(each)
        grantee = _mapping(grant.get("Grantee"))
        is_address = grantee.get("Type") == GranteeKind.EMAIL
        is_owner = bool(owner) and grantee.get("ID") == owner
        is_everybody = grantee.get("URI") in (ALL_USERS, AUTHENTICATED_USERS)
        if is_owner or is_everybody or (is_address and with_addresses):
            rights |= _rights(str(grant.get("Permission", "")))
    return frozenset(rights)


def _rights(permission: str) -> frozenset[Permission]:
    if permission == Permission.FULL_CONTROL:
        return RIGHTS
    return frozenset(each for each in RIGHTS if each == permission)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
