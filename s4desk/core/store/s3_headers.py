"""Attributes of objects as headers, and what the headers of a reply say about an object."""

from __future__ import annotations

import base64
import functools
import quopri
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import InvalidRequestError, MalformedReplyError
from s4desk.core.domain.identity import VersionId
from s4desk.core.domain.keys import encode_value
from s4desk.core.domain.lock import NO_LOCK, LockMode, LockState
from s4desk.core.domain.objects import Attributes, Checksum, ObjectMeta
from s4desk.core.store.replies import iso
from s4desk.core.wire.checksums import ALGORITHMS
from s4desk.core.wire.listing import STANDARD, bare_etag

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.domain.identity import Location
    from s4desk.core.domain.properties import Encryption

CHECKSUM: Final = "x-amz-checksum-"
VERSION: Final = "x-amz-version-id"
_META: Final = "x-amz-meta-"
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")
_ENCODED_WORD: Final = re.compile(r"=\?([^?\s]+)\?([bqBQ])\?([^?\s]*)\?=(?:\s+(?==\?))?")
_UNSENDABLE: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
_LOCK_MODE: Final = "x-amz-object-lock-mode"
_LOCK_UNTIL: Final = "x-amz-object-lock-retain-until-date"
_LOCK_HOLD: Final = "x-amz-object-lock-legal-hold"
_CONTENT: Final = (
    "content-type",
    "content-encoding",
    "content-disposition",
    "content-language",
    "cache-control",
    "expires",
    "x-amz-website-redirect-location",
    "x-amz-storage-class",
)
_FIELDS: Final = (
    ("content-type", "content_type"),
    ("content-encoding", "content_encoding"),
    ("content-disposition", "content_disposition"),
    ("content-language", "content_language"),
    ("cache-control", "cache_control"),
    ("expires", "expires"),
    ("x-amz-website-redirect-location", "website_redirect"),
)


def attribute_headers(attributes: Attributes) -> dict[str, str]:
    """What PutObject, CreateMultipartUpload and CopyObject send.

    Raises InvalidRequestError for what no header can carry.
    """
    headers = {header: str(getattr(attributes, field)) for header, field in _FIELDS}
    headers["x-amz-storage-class"] = attributes.storage_class
    headers["x-amz-tagging"] = "&".join(
        f"{encode_value(name)}={encode_value(value)}" for name, value in attributes.tags.items()
    )
    headers |= _lock_headers(attributes.lock) | _encryption_headers(attributes.encryption)
    headers = {name: value for name, value in headers.items() if value}
    for name, value in attributes.metadata.items():
        header = _META + name.lower()
        if not _TOKEN.fullmatch(header):
            raise InvalidRequestError(f"not a name for metadata: {name!r}")
        headers[header] = value
    return {name: _spelled(name, value, attributes.spelling) for name, value in headers.items()}


def _spelled(name: str, value: str, spelling: Mapping[str, str]) -> str:
    """As it came, if it still means the same; then bytes that are no UTF-8 are escaped."""
    written = spelling.get(name)
    if written is not None and decode_value(written) == value:
        return written.encode("latin-1").decode("utf-8", "surrogateescape")
    if _UNSENDABLE.search(value):
        raise InvalidRequestError(f"{name} holds a line break or a character that cannot be sent")
    return encode_word(value) if name.startswith(_META) else value


def encode_word(text: str) -> str:
    """A new value of metadata: what would not be read as it is goes as one encoded word (RFC 2047).

    AWS takes raw UTF-8 for Latin-1, and so spoils it for everybody; an encoded word is decoded by
    some stores and kept by the others, and read back as it was meant from both. It is one for the
    whole value: LocalStack fails on plain text beside it. Blanks at an end are no part of a header
    (RFC 9110), tabs are signed in more than one way, and what looks like an encoded word would be
    taken for one.
    """
    is_plain = text.isascii() and "\t" not in text and text == text.strip(" ")
    if is_plain and decode_value(text) == text:
        return text
    return f"=?UTF-8?B?{base64.b64encode(text.encode()).decode()}?="


def _lock_headers(lock: LockState) -> dict[str, str]:
    headers: dict[str, str] = {}
    if lock.mode is not None and lock.retain_until is not None:
        headers[_LOCK_MODE] = lock.mode
        headers[_LOCK_UNTIL] = iso(lock.retain_until)
    if lock.legal_hold is not None:
        headers[_LOCK_HOLD] = "ON" if lock.legal_hold else "OFF"
    return headers


def _encryption_headers(encryption: Encryption | None) -> dict[str, str]:
    if encryption is None:
        return {}
    name = "x-amz-server-side-encryption"
    headers = {name: encryption.algorithm, f"{name}-aws-kms-key-id": encryption.key}
    if encryption.uses_bucket_key:
        headers[f"{name}-bucket-key-enabled"] = "true"
    return headers


def read_lock(headers: Mapping[str, str]) -> LockState:
    """The lock that a HEAD or GET tells to whoever may see it.

    Raises MalformedReplyError for one that cannot be read: it must not count as none.
    """
    mode, until = headers.get(_LOCK_MODE, ""), headers.get(_LOCK_UNTIL, "")
    hold = headers.get(_LOCK_HOLD, "").upper()
    if not (mode or until or hold):
        return NO_LOCK
    try:
        known = LockMode(mode.upper()) if mode else None
        retained = _utc(datetime.fromisoformat(until)) if until else None
    except ValueError as error:
        raise MalformedReplyError(f"a lock that cannot be read: {mode} {until}") from error
    return LockState(known, retained, hold == "ON" if hold else None)


def decode_value(text: str) -> str:
    """A header value as a person wrote it; `text` is the reply's bytes as Latin-1.

    It comes raw, or in encoded words (RFC 2047). Of "Ã¼" in such a word nobody can tell whether it
    was meant so or made of raw UTF-8 that a store took for Latin-1 ("Working with object metadata"
    in the S3 user guide): it is what the store has.
    """
    if text.isascii() and "=?" not in text:
        return text
    text = _utf8(text)
    try:
        return _ENCODED_WORD.sub(_decode_word, text)
    except (LookupError, ValueError):
        return text


def _decode_word(found: re.Match[str]) -> str:
    charset, encoding, text = found.groups()
    if encoding in "bB":
        return base64.b64decode(text, validate=True).decode(charset)
    return quopri.decodestring(text.encode("ascii"), header=True).decode(charset)


def _utf8(text: str) -> str:
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def read_attributes(headers: Mapping[str, str]) -> Attributes:
    """What a HEAD or GET tells; tags are not in it."""
    metadata = {
        name.removeprefix(_META): decode_value(value)
        for name, value in headers.items()
        if name.startswith(_META)
    }
    told = _content_attributes(tuple([headers.get(name, "") for name in _CONTENT]))
    lock = read_lock(headers)
    if not metadata and lock is NO_LOCK:
        return told
    return replace(told, metadata=MappingProxyType(metadata), lock=lock)


@functools.lru_cache(maxsize=64)
def _content_attributes(values: tuple[str, ...]) -> Attributes:
    """Those that many objects have in common, of the values of `_CONTENT`."""
    kind, encoding, disposition, language, cache_control, expires, redirect = map(
        decode_value, values[:-1]
    )
    return Attributes(
        kind, encoding, disposition, language, cache_control, expires, values[-1], redirect
    )


def read_checksum(headers: Mapping[str, str]) -> Checksum | None:
    """The checksum that a reply names, the best one when there are several."""
    kind = headers.get(CHECKSUM + "type", "").upper()
    for algorithm in ALGORITHMS:
        value = headers.get(CHECKSUM + algorithm)
        if value:
            # Without a type the number of parts behind a composite sum gives it away.
            is_full = kind == "FULL_OBJECT" if kind else "-" not in value
            return Checksum(algorithm, value, is_full)
    return None


def read_version(headers: Mapping[str, str]) -> VersionId | None:
    """The version a reply names; none for the null version of a bucket without versioning."""
    version = headers.get(VERSION, "")
    return VersionId(version) if version and version != "null" else None


def _is_from_web_server(headers: Mapping[str, str]) -> bool:
    """Whether a reply with a web page has nothing of S3: the page is no object then.

    A login page of a proxy, say. Every S3 reply to HEAD and GET has an ETag or a name in x-amz-.
    """
    is_page = headers.get("content-type", "").startswith("text/html")
    return is_page and "etag" not in headers and not any(n.startswith("x-amz-") for n in headers)


def read_meta(location: Location, headers: Mapping[str, str], size: int | None) -> ObjectMeta:
    """The object behind a HEAD or GET reply. Raises MalformedReplyError if there is none."""
    if _is_from_web_server(headers):
        raise MalformedReplyError("a web page came in place of the object")
    if size is None:
        raise MalformedReplyError("the reply does not say how large the object is")
    return ObjectMeta(
        location=location,
        size=size,
        modified=_http_date(headers.get("last-modified", "")),
        etag=bare_etag(headers.get("etag")),
        storage_class=headers.get("x-amz-storage-class") or STANDARD,
        version=read_version(headers),
        attributes=read_attributes(headers),
        checksum=read_checksum(headers),
        headers=MappingProxyType(dict(headers)),
    )


@functools.lru_cache(maxsize=64)
def _http_date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return _utc(found)


def _utc(found: datetime) -> datetime:
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
