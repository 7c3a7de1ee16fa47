"""Whether a configuration lets strangers into a bucket.

"The meaning of public" in "Blocking public access to your Amazon S3 storage" (S3 user guide). In
doubt a configuration counts as public: a question too many is answered sooner than a leak.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.access import ALL_USERS, AUTHENTICATED_USERS
from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import as_json
from s4desk.core.domain.errors import MalformedReplyError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from s4desk.core.domain.bucket_config import BucketDocument


class Opening(StrEnum):
    """In what way a bucket is opened."""

    POLICY = "policy"
    """A statement allows something to everybody."""
    UNREADABLE_POLICY = "unreadable_policy"
    ACL_EVERYBODY = "acl_everybody"
    ACL_ANY_ACCOUNT = "acl_any_account"
    """Whoever has an account of the store's provider."""
    BLOCK_LIFTED = "block_lifted"
    """Public access is not blocked any more in one way."""
    ACLS_APPLY = "acls_apply"
    """Access control lists count again, also those of objects."""
    WEBSITE = "website"
    """It is served as a website: what may be read by everybody is, by name."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """One way in. `detail` says what is allowed: the actions of a statement, the permission of a
    grant, the flag that was lifted; not translated."""

    opening: Opening
    detail: str = ""


NOTHING_KNOWN: Final[Mapping[ConfigKind, BucketDocument]] = {}
_GROUPS: Final = {
    ALL_USERS: Opening.ACL_EVERYBODY,
    AUTHENTICATED_USERS: Opening.ACL_ANY_ACCOUNT,
}
_BLOCKS: Final = (
    "BlockPublicAcls",
    "IgnorePublicAcls",
    "BlockPublicPolicy",
    "RestrictPublicBuckets",
)
_NARROWING: Final = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    }
)
_ENFORCED: Final = "BucketOwnerEnforced"
_PATHS: Final = "s3:dataaccesspointarn"
_EQUAL: Final = frozenset({"stringequals", "stringlike", "arnequals", "arnlike"})
_WIDEST: Final = {4: 8, 6: 32}
"""Shorter prefixes than these are everybody."""


def exposures(
    kind: ConfigKind,
    before: BucketDocument | None,
    after: BucketDocument | None,
    context: Mapping[ConfigKind, BucketDocument] = NOTHING_KNOWN,
) -> list[Exposure]:
    """What saving `after` over `before` opens to strangers that was not open; empty for nothing.

    `context` are other configurations of the bucket, where they are known: with them, lifting a
    block counts only when something behind it is, or may be, public.
    """
    if kind is ConfigKind.PUBLIC_ACCESS_BLOCK:
        return _lifted(as_json(before), as_json(after), context)
    if kind is ConfigKind.OWNERSHIP and _is_enforced(before) and not as_json(after):
        # A bucket without this configuration is one in which ACLs count.
        return [Exposure(Opening.ACLS_APPLY)]
    there = set(_openings(kind, before))
    return [each for each in _openings(kind, after) if each not in there]


def is_public(document: BucketDocument | None) -> bool:
    """Whether a policy, an ACL or a website of this kind lets strangers in by itself."""
    return document is not None and bool(_openings(document.kind, document))


def is_blocked(block: BucketDocument | None) -> bool:
    """Whether a block of public access leaves nothing that is public through."""
    value = as_json(block)
    return all(value.get(name) is True for name in _BLOCKS)


def _openings(kind: ConfigKind, document: BucketDocument | None) -> list[Exposure]:
    if document is None:
        return []
    match kind:
        case ConfigKind.POLICY:
            return _of_policy(document)
        case ConfigKind.ACL:
            return _of_acl(as_json(document))
        case ConfigKind.OWNERSHIP:
            return _of_ownership(as_json(document))
        case ConfigKind.WEBSITE:
            return [Exposure(Opening.WEBSITE)] if as_json(document) else []
    return []


def _of_acl(value: Mapping[str, Any]) -> list[Exposure]:
    grants = [each for each in value.get("Grants", ()) if isinstance(each, Mapping)]
    found = []
    for grant in grants:
        opening = _GROUPS.get(_mapping(grant.get("Grantee")).get("URI", ""))
        if opening is not None:
            found.append(Exposure(opening, str(grant.get("Permission", ""))))
    return found


def _of_ownership(value: Mapping[str, Any]) -> list[Exposure]:
    return [
        Exposure(Opening.ACLS_APPLY, str(each))
        for each in _ownerships(value)
        if each and each != _ENFORCED
    ]


def _is_enforced(document: BucketDocument | None) -> bool:
    return _ENFORCED in _ownerships(as_json(document))


def _ownerships(value: Mapping[str, Any]) -> list[Any]:
    return [_mapping(each).get("ObjectOwnership") for each in value.get("Rules", ())]


def _lifted(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    context: Mapping[ConfigKind, BucketDocument],
) -> list[Exposure]:
    lifted = [name for name in _BLOCKS if before.get(name) is True and after.get(name) is not True]
    known = context.keys() & {ConfigKind.POLICY, ConfigKind.ACL}
    is_harmless = len(known) > 1 and not any(is_public(context[kind]) for kind in known)
    return [] if is_harmless else [Exposure(Opening.BLOCK_LIFTED, name) for name in lifted]


def _of_policy(document: BucketDocument) -> list[Exposure]:
    try:
        value = as_json(document)
    except MalformedReplyError:
        return [Exposure(Opening.UNREADABLE_POLICY)]
    statements = _listed(value.get("Statement"))
    return [
        Exposure(Opening.POLICY, _allowed(each))
        for each in statements
        if isinstance(each, Mapping) and _is_open(each)
    ]


def _allowed(statement: Mapping[str, Any]) -> str:
    """What a statement allows, and on what: another resource is another opening."""
    parts = {
        name: sorted(map(str, _listed(statement[name])))
        for name in ("Action", "NotAction", "Resource", "NotResource")
        if name in statement
    }
    return json.dumps(parts, ensure_ascii=False)


def _is_open(statement: Mapping[str, Any]) -> bool:
    if str(statement.get("Effect", "")).lower() != "allow":
        return False
    if "NotPrincipal" not in statement and not _is_everybody(statement.get("Principal")):
        return False
    return not _is_narrowed(_mapping(statement.get("Condition")))


def _is_everybody(principal: Any) -> bool:
    if isinstance(principal, Mapping):
        return any(map(_is_everybody, principal.values()))
    return any("*" in str(each) for each in _listed(principal))


def _is_narrowed(condition: Mapping[str, Any]) -> bool:
    """Whether one of the conditions, which must all hold, holds only for somebody known."""
    return any(
        _names_somebody(operator.lower().removeprefix("foranyvalue:"), key.lower(), values)
        for operator, tests in condition.items()
        for key, values in _mapping(tests).items()
    )


def _names_somebody(operator: str, key: str, values: Any) -> bool:
    """With ForAllValues and IfExists a request that says nothing passes: they narrow nothing."""
    listed = list(_listed(values))
    if operator == "ipaddress" and key == "aws:sourceip":
        return bool(listed) and all(map(_is_few, listed))
    if operator in _EQUAL and key in _NARROWING:
        return bool(listed) and all(_is_fixed(key, each) for each in listed)
    return False


def _is_fixed(key: str, value: Any) -> bool:
    text = str(value)
    if key == _PATHS:
        # The account stands in the fifth part; the access point may be any of its.
        text = ":".join(text.split(":")[:5])
    return bool(text) and not any(each in text for each in "*?$")


def _is_few(value: Any) -> bool:
    try:
        network = ipaddress.ip_network(str(value), strict=False)
    except ValueError:
        return False
    return network.is_private or network.prefixlen >= _WIDEST[network.version]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _listed(value: Any) -> Iterable[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
