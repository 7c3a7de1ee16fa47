"""The XML of access control lists, in both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.domain.access import Acl, Grant, Grantee, GranteeKind, Permission
from s4desk.core.domain.errors import MalformedReplyError
from s4desk.core.wire.document import children, escape, parse_document, text_of

if TYPE_CHECKING:
    from lxml.etree import _Element

_NAMESPACE: Final = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
_TYPES: Final = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"
_ID: Final = {
    GranteeKind.ACCOUNT: "ID",
    GranteeKind.GROUP: "URI",
    GranteeKind.EMAIL: "EmailAddress",
}


def acl_document(acl: Acl) -> bytes:
    """All grants; the owner cannot be changed by it."""
    grants = "".join(
        f"<Grant>{_grantee_element(grant.grantee)}"
        f"<Permission>{grant.permission}</Permission></Grant>"
        for grant in acl.grants
    )
    return (
        f"<AccessControlPolicy {_NAMESPACE}><Owner><ID>{escape(acl.owner.id)}</ID></Owner>"
        f"<AccessControlList>{grants}</AccessControlList></AccessControlPolicy>"
    ).encode()


def _grantee_element(grantee: Grantee) -> str:
    kind, name = grantee.kind, _ID[grantee.kind]
    id_ = escape(grantee.id)
    return f'<Grantee {_TYPES} xsi:type="{kind}"><{name}>{id_}</{name}></Grantee>'


def read_acl(body: bytes) -> Acl:
    """Raises MalformedReplyError for what cannot be read: it must not count as nothing granted."""
    root = parse_document(body, "AccessControlPolicy", "GetObjectAclOutput")
    owners = children(root, "Owner")
    if not owners:
        raise MalformedReplyError("an access control list without an owner")
    owner = Grantee(
        GranteeKind.ACCOUNT, text_of(owners[0], "ID"), text_of(owners[0], "DisplayName")
    )
    grants = [
        _grant(row)
        for list_ in children(root, "AccessControlList")
        for row in children(list_, "Grant")
    ]
    return Acl(owner, tuple(grants))


def _grant(row: _Element) -> Grant:
    grantees = children(row, "Grantee")
    if len(grantees) != 1:
        raise MalformedReplyError("a grant to nobody")
    try:
        return Grant(_grantee(grantees[0]), Permission(text_of(row, "Permission")))
    except ValueError as error:
        raise MalformedReplyError(f"a grant that cannot be read: {error}") from error


def _grantee(element: _Element) -> Grantee:
    """By the element that names it, where the type is left out."""
    said = element.get(_TYPE, "")
    kinds = [GranteeKind(said)] if said else list(GranteeKind)
    for kind in kinds:
        id_ = text_of(element, _ID[kind])
        if id_:
            return Grantee(kind, id_, text_of(element, "DisplayName"))
    raise ValueError(said)
