"""Whether a bucket policy shuts out whoever writes it.

A Deny counts for the owner of the bucket too. Only the root user of the account gets past one that
forbids to change the policy ("Bucket policies and user policies", S3 user guide), and on stores of
other makes nobody but whoever administers them. In doubt a policy counts as one that may: a
question too many is answered sooner than a bucket is got back.
"""

from __future__ import annotations

import fnmatch
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.config_json import as_json
from s4desk.core.domain.errors import MalformedReplyError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from s4desk.core.domain.bucket_config import BucketDocument

CHANGE: Final = "s3:putbucketpolicy"
REMOVAL: Final = "s3:deletebucketpolicy"


class Barred(StrEnum):
    """What cannot be done about the policy any more."""

    ALL = "all"
    """It can neither be changed nor taken away."""
    CHANGE = "change"
    """It can only be taken away."""
    REMOVAL = "removal"
    """It can only be changed."""


@dataclass(frozen=True, slots=True)
class LockOut:
    """`is_certain` False: it depends on what cannot be known here."""

    barred: Barred
    is_certain: bool = True


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes a policy, for which bucket and by which way. `name` is how the store calls the
    owner, empty when that is not known."""

    bucket: str
    is_encrypted: bool = True
    name: str = ""


class _Hits(StrEnum):
    """Whether something of a statement is about the author."""

    NO = "no"
    MAYBE = "maybe"
    YES = "yes"


_ORDER: Final = (_Hits.NO, _Hits.MAYBE, _Hits.YES)
_WHO: Final = (
    "aws:principal",
    "aws:userid",
    "aws:username",
    "s3:dataaccesspoint",
)
"""Keys of conditions by which somebody is excepted, or alone is meant."""


def lock_out(
    before: BucketDocument | None, after: BucketDocument | None, author: Author
) -> LockOut | None:
    """How the policy `after` shuts its author out; None for not at all, or as `before` did."""
    found = _judged(after, author)
    return None if found is None or found == _judged(before, author) else found


def _judged(document: BucketDocument | None, author: Author) -> LockOut | None:
    try:
        value = as_json(document)
    except MalformedReplyError:
        return None
    statements = [each for each in _listed(value.get("Statement")) if isinstance(each, Mapping)]
    change, removal = (
        max(
            (_denies(each, deed, author) for each in statements), key=_ORDER.index, default=_Hits.NO
        )
        for deed in (CHANGE, REMOVAL)
    )
    both = min(change, removal, key=_ORDER.index)
    if both is not _Hits.NO:
        return LockOut(Barred.ALL, both is _Hits.YES)
    if change is not _Hits.NO:
        return LockOut(Barred.CHANGE, change is _Hits.YES)
    return LockOut(Barred.REMOVAL, removal is _Hits.YES) if removal is not _Hits.NO else None


def _denies(statement: Mapping[str, Any], deed: str, author: Author) -> _Hits:
    """Whether a statement refuses this deed to the author; the least certain part decides."""
    if str(statement.get("Effect", "")).lower() != "deny":
        return _Hits.NO
    parts = (
        _is_named(statement, "Action", deed),
        _is_named(statement, "Resource", f"arn:aws:s3:::{author.bucket}"),
        _is_meant(statement, author),
        _holds(statement.get("Condition"), author),
    )
    return min(parts, key=_ORDER.index)


def _is_named(statement: Mapping[str, Any], name: str, value: str) -> _Hits:
    """Whether the patterns under a name, or those under its opposite, take something in."""
    wanted = value.lower()
    is_excepted = f"Not{name}" in statement
    patterns = [
        str(each).lower() for each in _listed(statement.get(f"Not{name}" if is_excepted else name))
    ]
    is_in = any(_fits(wanted, each) for each in patterns)
    return _Hits.YES if is_in is not is_excepted else _Hits.NO


def _fits(value: str, pattern: str) -> bool:
    # Partitions have ARNs of their own: arn:aws-cn:s3:::bucket.
    if pattern.startswith("arn:") and value.startswith("arn:"):
        value, pattern = value.split(":", 2)[2], pattern.split(":", 2)[-1]
    return fnmatch.fnmatchcase(value, pattern.replace("[", "[[]"))


def _is_meant(statement: Mapping[str, Any], author: Author) -> _Hits:
    is_excepted = "NotPrincipal" in statement
    names = list(_names(statement.get("NotPrincipal" if is_excepted else "Principal")))
    hits = max((_is_author(each, author) for each in names), key=_ORDER.index, default=_Hits.NO)
    if not is_excepted:
        return hits
    # Whom it excepts is somebody; whether it is the author can only be told by name.
    return _Hits.NO if hits is not _Hits.NO else _Hits.MAYBE if names else _Hits.YES


def _names(principal: Any) -> Iterable[str]:
    if isinstance(principal, Mapping):
        accounts = ("AWS", "CanonicalUser", "*")
        return [str(each) for kind in accounts for each in _listed(principal.get(kind))]
    return [str(each) for each in _listed(principal)]


def _is_author(name: str, author: Author) -> _Hits:
    if name == "*" or (author.name and author.name in (name, name.rpartition("/")[2])):
        return _Hits.YES
    is_account = name.endswith(":root") or (name.isdigit() and len(name) == 12)
    return _Hits.MAYBE if is_account else _Hits.NO


def _holds(condition: Any, author: Author) -> _Hits:
    """Whether all conditions hold for the author."""
    if not isinstance(condition, Mapping):
        return _Hits.YES
    found = [
        _test(
            operator.lower(), key.lower(), [str(each).lower() for each in _listed(values)], author
        )
        for operator, tests in condition.items()
        if isinstance(tests, Mapping)
        for key, values in tests.items()
    ]
    return min(found, key=_ORDER.index, default=_Hits.YES)


def _test(operator: str, key: str, values: list[str], author: Author) -> _Hits:
    if key.startswith(_WHO):
        return _Hits.NO
    if key == "aws:securetransport" and operator.removesuffix("ifexists") == "bool":
        return _Hits.YES if str(author.is_encrypted).lower() in values else _Hits.NO
    if operator == "ipaddress" and key == "aws:sourceip":
        return _Hits.YES if any(map(_is_everywhere, values)) else _Hits.NO
    return _Hits.MAYBE


def _is_everywhere(value: str) -> bool:
    try:
        return ipaddress.ip_network(value, strict=False).prefixlen == 0
    except ValueError:
        return False


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
