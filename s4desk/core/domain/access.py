"""Who may do what with one object: its access control list."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Permission(StrEnum):
    """What a grant allows, as S3 names it."""

    FULL_CONTROL = "FULL_CONTROL"
    READ = "READ"
    WRITE = "WRITE"
    READ_ACP = "READ_ACP"
    WRITE_ACP = "WRITE_ACP"


class GranteeKind(StrEnum):
    """What the id of a grantee is: that of an account, the URI of a group, or an e-mail address."""

    ACCOUNT = "CanonicalUser"
    GROUP = "Group"
    EMAIL = "AmazonCustomerByEmail"


class CannedAcl(StrEnum):
    """Lists that S3 has a name for; those that mean something on an object."""

    PRIVATE = "private"
    PUBLIC_READ = "public-read"
    PUBLIC_READ_WRITE = "public-read-write"
    AUTHENTICATED_READ = "authenticated-read"
    BUCKET_OWNER_READ = "bucket-owner-read"
    BUCKET_OWNER_FULL_CONTROL = "bucket-owner-full-control"


class Audience(StrEnum):
    """Strangers who are let in, and to what; those that are let in most come last."""

    NOBODY = "nobody"
    ANY_ACCOUNT = "any_account"
    """Whoever has an account of the store's provider."""
    EVERYBODY = "everybody"
    """Also without a key."""


ALL_USERS: Final = "http://acs.amazonaws.com/groups/global/AllUsers"
AUTHENTICATED_USERS: Final = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
LOG_DELIVERY: Final = "http://acs.amazonaws.com/groups/s3/LogDelivery"


@dataclass(frozen=True, slots=True)
class Grantee:
    """`name` is what the store shows for people; it identifies nobody."""

    kind: GranteeKind
    id: str
    name: str = ""

    def is_same(self, other: Grantee) -> bool:
        return (self.kind, self.id) == (other.kind, other.id)


@dataclass(frozen=True, slots=True)
class Grant:
    grantee: Grantee
    permission: Permission


@dataclass(frozen=True, slots=True)
class Acl:
    """All grants of an object. Its owner may always change it, whatever the grants say."""

    owner: Grantee
    grants: tuple[Grant, ...] = ()

    @property
    def is_private(self) -> bool:
        """Whether nobody but the owner is granted anything: what a new object has by itself."""
        return all(grant.grantee.is_same(self.owner) for grant in self.grants)

    @property
    def is_public(self) -> bool:
        """Whether somebody without any account is granted something."""
        return any(grant.grantee.id == ALL_USERS for grant in self.grants)

    @property
    def has_addresses(self) -> bool:
        """Whether somebody is named by an e-mail address: a store tells their id instead."""
        return any(grant.grantee.kind is GranteeKind.EMAIL for grant in self.grants)

    def is_same(self, other: Acl) -> bool:
        """Whether both grant the same to the same, in whatever order and under whatever names."""
        return self._granted() == other._granted()

    def _granted(self) -> set[tuple[GranteeKind, str, Permission]]:
        return {(each.grantee.kind, each.grantee.id, each.permission) for each in self.grants}


def canned_acl(canned: CannedAcl, owner: Grantee, bucket_owner: Grantee) -> Acl:
    """The grants that a name stands for ("Access control list overview" in the S3 user guide)."""
    readers = {
        CannedAcl.PUBLIC_READ: [(ALL_USERS, Permission.READ)],
        CannedAcl.PUBLIC_READ_WRITE: [
            (ALL_USERS, Permission.READ),
            (ALL_USERS, Permission.WRITE),
        ],
        CannedAcl.AUTHENTICATED_READ: [(AUTHENTICATED_USERS, Permission.READ)],
    }
    grants = [Grant(owner, Permission.FULL_CONTROL)]
    grants += [
        Grant(Grantee(GranteeKind.GROUP, uri), permission)
        for uri, permission in readers.get(canned, ())
    ]
    given = {
        CannedAcl.BUCKET_OWNER_READ: Permission.READ,
        CannedAcl.BUCKET_OWNER_FULL_CONTROL: Permission.FULL_CONTROL,
    }.get(canned)
    if given is not None and not bucket_owner.is_same(owner):
        grants.append(Grant(bucket_owner, given))
    return Acl(owner, tuple(grants))


def canned_of(acl: Acl) -> CannedAcl | None:
    """The name of a list that has one, whoever owns the bucket."""
    nameless = (CannedAcl.BUCKET_OWNER_READ, CannedAcl.BUCKET_OWNER_FULL_CONTROL)
    named = (each for each in CannedAcl if each not in nameless)
    return next(
        (each for each in named if acl.is_same(canned_acl(each, acl.owner, acl.owner))), None
    )


def audience(acl: Acl | CannedAcl | None) -> Audience:
    """Which strangers a list lets in."""
    if isinstance(acl, CannedAcl):
        return _CANNED_AUDIENCES.get(acl, Audience.NOBODY)
    groups = {grant.grantee.id for grant in acl.grants} if acl is not None else set()
    if ALL_USERS in groups:
        return Audience.EVERYBODY
    return Audience.ANY_ACCOUNT if AUTHENTICATED_USERS in groups else Audience.NOBODY


def opens(before: Acl | None, after: Acl | CannedAcl | None) -> Audience:
    """Which strangers `after` lets in that `before` did not; `before` None is not known."""
    wanted, order = audience(after), list(Audience)
    is_wider = order.index(wanted) > order.index(audience(before))
    return wanted if is_wider else Audience.NOBODY


_CANNED_AUDIENCES: Final = {
    CannedAcl.PUBLIC_READ: Audience.EVERYBODY,
    CannedAcl.PUBLIC_READ_WRITE: Audience.EVERYBODY,
    CannedAcl.AUTHENTICATED_READ: Audience.ANY_ACCOUNT,
}
