"""Listings: the XML of ListObjectsV2 and ListObjectVersions into pages.

A page is parsed by libxml2, but for rows that a pattern knows, and read column by column. Whatever
is not a page that S3 could have sent is a MalformedReplyError, never a shorter or an empty page.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from array import array
from datetime import UTC, datetime
from email.utils import formatdate
from itertools import pairwise
from math import inf, nan
from typing import TYPE_CHECKING, Final, TypeVar

from s4desk.core.domain.errors import MalformedReplyError
from s4desk.core.domain.identity import VersionId
from s4desk.core.domain.keys import decode_listed
from s4desk.core.domain.objects import (
    DELETED,
    LATEST,
    NO_METADATA,
    Page,
    VersionMarker,
    VersionPage,
    Versions,
)
from s4desk.core.wire.document import (
    UNREADABLE,
    as_readable,
    children,
    column,
    parse_document,
    text_of,
)
from s4desk.core.wire.listing_rows import (
    Rows,
    has_place,
    owners_in_tree,
    rows_by_pattern,
    rows_in_tree,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from lxml.etree import _Element

    from s4desk.core.domain.identity import Prefix

T = TypeVar("T")

MAX_BODY: Final = 32 * 1024 * 1024
"""A page of 1000 of the longest keys with owners is far smaller."""

STANDARD: Final = "STANDARD"
_RESTORE: Final = b"<RestoreStatus>"

_one_at_a_time: Final = threading.Lock()
"""Python runs one thread at a time anyway; the window then waits for one of them, not for eight."""


def parse_objects(
    body: bytes, prefix: Prefix, *, token: str | None = None, with_owner: bool = False
) -> Page:
    """A reply to ListObjectsV2 that was asked to go on at `token`. Raises MalformedReplyError."""
    with _one_at_a_time:
        return _parsed_objects(body, prefix, token=token, with_owner=with_owner)


def _parsed_objects(body: bytes, prefix: Prefix, *, token: str | None, with_owner: bool) -> Page:
    root, decode, rows = _taken_apart(body, with_owner=with_owner)
    return Page(
        prefix=prefix,
        keys=_keys(rows.keys, prefix, decode),
        sizes=_sizes(rows.sizes),
        modified=array("d", _times(rows.times)),
        etags=_etags(rows.etags),
        classes=_classes(rows.classes),
        folders=_folders(root, prefix, decode),
        owners=list(map(sys.intern, rows.owners)),
        next_token=_next_token(root, token),
        restores=_restores(root, decode) if _RESTORE in body else NO_METADATA,
    )


def _restores(root: _Element, decode: Callable[[str], str]) -> dict[str, str]:
    """What a HEAD would tell in `x-amz-restore`; the pattern of rows knows no such element."""
    told = {}
    for row in children(root, "Contents"):
        for status in children(row, "RestoreStatus"):
            ongoing = text_of(status, "IsRestoreInProgress").strip().lower()
            until = epoch_seconds(text_of(status, "RestoreExpiryDate"))
            said = f'ongoing-request="{ongoing}"'
            if until == until:
                said += f', expiry-date="{formatdate(until, usegmt=True)}"'
            told[decode(text_of(row, "Key"))] = said
    return told


def _taken_apart(body: bytes, *, with_owner: bool) -> tuple[_Element, Callable[[str], str], Rows]:
    taken = rows_by_pattern(body, with_owner=with_owner)
    if taken is not None:
        rows, rest = taken
        with contextlib.suppress(MalformedReplyError):
            root, decode = _parse(rest, "ListBucketResult")
            if has_place(root):
                return root, decode, rows
    root, decode = _parse(body, "ListBucketResult")
    return root, decode, rows_in_tree(root, with_owner=with_owner)


def parse_versions(
    body: bytes, prefix: Prefix, *, marker: VersionMarker | None = None
) -> VersionPage:
    """A reply to ListObjectVersions that was asked to go on at `marker`.

    Raises MalformedReplyError.
    """
    with _one_at_a_time:
        return _parsed_versions(body, prefix, marker)


def _parsed_versions(body: bytes, prefix: Prefix, marker: VersionMarker | None) -> VersionPage:
    root, decode = _parse(body, "ListVersionsResult", "ListBucketVersionsResult")
    rows = children(root, "Version", "DeleteMarker")
    gone = [row.tag.endswith("DeleteMarker") for row in rows]
    there = [row for row, is_gone in zip(rows, gone, strict=True) if not is_gone]

    def spread(values: Sequence[T], absent: T) -> list[T]:
        """What only versions have, with something in the rows of markers."""
        if len(there) == len(rows):
            return list(values)
        told = iter(values)
        return [absent if is_gone else next(told) for is_gone in gone]

    latest = column(root, rows, "IsLatest")
    keys = _keys(column(root, rows, "Key"), prefix, decode)
    folders = _folders(root, prefix, decode)
    page = Page(
        prefix=prefix,
        keys=keys,
        sizes=array("q", spread(_sizes(column(root, there, "Size")), 0)),
        modified=array("d", _times(column(root, rows, "LastModified"))),
        etags=spread(_etags(column(root, there, "ETag")), ""),
        classes=spread(_classes(column(root, there, "StorageClass")), STANDARD),
        folders=folders,
        owners=owners_in_tree(root, rows),
        # A store without versioning may leave it out; what it then holds is the null version.
        versions=[VersionId(text or "null") for text in column(root, rows, "VersionId")],
        marks=bytes(
            (LATEST if text == "true" else 0) | (DELETED if is_gone else 0)
            for text, is_gone in zip(latest, gone, strict=True)
        ),
    )
    following = _next_marker(root, marker, decode, {*keys, *folders})
    return VersionPage(prefix, Versions(_in_order(page)), folders, following)


def _in_order(page: Page) -> Page:
    """Some stores put the delete markers of a page apart, behind all versions of it.

    Of the same second a marker is taken for newer: it was put over something.
    """
    keys, gone = page.keys, [bool(mark & DELETED) for mark in page.marks]
    is_apart = True in gone and not all(gone) and gone == sorted(gone)
    if not is_apart and all(before <= after for before, after in pairwise(keys)):
        return page

    def place(row: int) -> tuple[str, bool, float, bool]:
        seconds, is_older = page.modified[row], not page.marks[row] & LATEST
        return keys[row], is_older, -seconds if seconds == seconds else inf, not gone[row]

    return page.of_rows(sorted(range(len(page)), key=place))


def epoch_seconds(text: str | None) -> float:
    """An ISO 8601 time in seconds since the epoch, nan when it is none."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return nan
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def bare_etag(text: str | None) -> str:
    return (text or "").strip('"')


def is_truncated(root: _Element) -> bool:
    """Raises MalformedReplyError for a listing that does not say whether it is complete."""
    said = text_of(root, "IsTruncated").strip().lower()
    if said not in ("true", "false"):
        raise MalformedReplyError("the listing does not say whether it is complete")
    return said == "true"


def _next_token(root: _Element, token: str | None) -> str | None:
    if not is_truncated(root):
        return None
    following = text_of(root, "NextContinuationToken")
    if not following:
        raise MalformedReplyError("a truncated listing without a token to go on")
    if following == token:
        raise MalformedReplyError("the listing goes on where it already was")
    return following


def _next_marker(
    root: _Element,
    marker: VersionMarker | None,
    decode: Callable[[str], str],
    seen: Collection[str],
) -> VersionMarker | None:
    if not is_truncated(root):
        return None
    told = text_of(root, "NextKeyMarker")
    # Ceph encodes the keys but not the marker, which is one of them.
    echoed = (each for each in seen if each == told or as_readable(each) == told)
    key = next(echoed, None) or decode(told)
    following = VersionMarker(key, text_of(root, "NextVersionIdMarker"))
    if not key:
        raise MalformedReplyError("a truncated listing without a marker to go on")
    if following == marker:
        raise MalformedReplyError("the listing goes on where it already was")
    return following


def _parse(body: bytes, *roots: str) -> tuple[_Element, Callable[[str], str]]:
    """The document, and how its keys are decoded: only when it says that they are encoded.

    Encoded keys hold no character that XML does not have, but Ceph echoes the prefix as it is:
    then the rest is read all the same.
    """
    try:
        root = parse_document(body, *roots)
    except MalformedReplyError:
        root = parse_document(body, *roots, repair=True)
        if text_of(root, "EncodingType") != "url":
            raise
        return root, _decode_repaired
    return root, decode_listed if text_of(root, "EncodingType") == "url" else str


def _decode_repaired(text: str) -> str:
    if UNREADABLE in text:
        raise MalformedReplyError("a key that cannot be read")
    return decode_listed(text)


def _keys(texts: Sequence[str | None], prefix: Prefix, decode: Callable[[str], str]) -> list[str]:
    keys = [decode(text) if text else "" for text in texts]
    if "" in keys:
        raise MalformedReplyError("an object without a key")
    # A store that ignores the prefix would have `rm -r folder` empty the bucket. What lies
    # between two keys that begin with it does too.
    asked = prefix.prefix
    if keys and not (min(keys).startswith(asked) and max(keys).startswith(asked)):
        raise MalformedReplyError("the listing holds keys that were not asked for")
    return keys


def _folders(root: _Element, prefix: Prefix, decode: Callable[[str], str]) -> list[str]:
    groups = children(root, "CommonPrefixes")
    return _keys([text_of(group, "Prefix") for group in groups], prefix, decode)


def _sizes(texts: Sequence[str | None]) -> array[int]:
    present = [text for text in texts if text]
    digits = "".join(present)
    if len(present) != len(texts) or (digits and not (digits.isascii() and digits.isdecimal())):
        raise MalformedReplyError("an object without a size")
    try:
        return array("q", map(int, present))
    except (OverflowError, ValueError) as error:
        raise MalformedReplyError("an object of an impossible size") from error


def _times(texts: Sequence[str | None]) -> list[float]:
    if {text[-1:] if text else "" for text in texts} == {"Z"}:
        with contextlib.suppress(ValueError):
            return [datetime.fromisoformat(text).timestamp() for text in texts if text]
    return [epoch_seconds(text) for text in texts]


def _etags(texts: Sequence[str | None]) -> list[str]:
    return [text.strip('"') if text else "" for text in texts]


def _classes(texts: Sequence[str | None]) -> list[str]:
    kinds = {text: sys.intern(text) if text else STANDARD for text in set(texts)}
    return [kinds[text] for text in texts]
