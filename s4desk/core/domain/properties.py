"""What belongs to an object beside its bytes, how it may be changed, and what S3 takes of it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.domain.access import Acl, CannedAcl
    from s4desk.core.domain.objects import Attributes, ObjectMeta

MAX_TAGS: Final = 10
MAX_TAG_NAME: Final = 128
MAX_TAG_VALUE: Final = 256
MAX_METADATA_BYTES: Final = 2048
"""Names and values together, in UTF-8 ("Working with object metadata" in the S3 user guide)."""

CONTENT_FIELDS: Final = (
    "content_type",
    "cache_control",
    "content_disposition",
    "content_encoding",
    "content_language",
    "expires",
    "website_redirect",
)
"""The fields of Attributes that are one header each."""

_TAG_MARKS: Final = frozenset("+-=._:/@")
METADATA_PREFIX: Final = "x-amz-meta-"
_ONE_WORD: Final = re.compile(r"=\?[!->@-~]+\?[bqBQ]\?[!->@-~]*\?=")
_RESERVED: Final = "aws:"
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_UNSENDABLE: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_UNSENT: Final = "x-amz-missing-meta"
_ENCRYPTION: Final = "x-amz-server-side-encryption"


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


class Flaw(StrEnum):
    """Why a text cannot be kept; `viewmodels/properties_text` has the sentences."""

    EMPTY = "empty"
    LONG = "long"
    CHARACTER = "character"
    RESERVED = "reserved"
    BLANK_ENDS = "blank_ends"
    TWICE = "twice"
    MANY = "many"
    LARGE = "large"
    REDIRECT = "redirect"


@dataclass(frozen=True, slots=True)
class Encryption:
    """How a store encrypts what it keeps. An empty `key` is the store's own."""

    algorithm: str
    key: str = ""
    uses_bucket_key: bool = False


@dataclass(frozen=True, slots=True)
class Pairs:
    """A change of names with values: some are set, some taken away, or all are replaced."""

    put: Mapping[str, str] = field(default_factory=_nothing)
    removed: frozenset[str] = frozenset()
    replaces: bool = False

    def __bool__(self) -> bool:
        return bool(self.put or self.removed or self.replaces)

    def applied(self, there: Mapping[str, str]) -> dict[str, str]:
        if self.replaces:
            return dict(self.put)
        kept = {name: value for name, value in there.items() if name not in self.removed}
        return kept | dict(self.put)


UNCHANGED: Final = Pairs()


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """What shall become of an object; what is not named stays as it is.

    `fields` are of CONTENT_FIELDS; an empty text takes one away. Names of metadata are lower case.
    """

    fields: Mapping[str, str] = field(default_factory=_nothing)
    metadata: Pairs = UNCHANGED
    tags: Pairs = UNCHANGED
    storage_class: str = ""
    acl: Acl | CannedAcl | None = None

    @property
    def rewrites(self) -> bool:
        """Whether the object has to be copied onto itself: S3 changes none of that in place."""
        return bool(self.fields or self.metadata or self.storage_class)

    def __bool__(self) -> bool:
        return self.rewrites or bool(self.tags) or self.acl is not None

    def applied(self, there: Attributes, storage_class: str) -> Attributes:
        """What an object with these attributes becomes; its tags and its lock are those of
        `there`, and the storage class is named in any case."""
        fields: dict[str, Any] = dict(self.fields)
        return replace(
            there,
            metadata=self.metadata.applied(there.metadata),
            storage_class=self.storage_class or storage_class,
            **fields,
        )


def changed_names(change: PropertyChange, there: ObjectMeta) -> tuple[str, ...]:
    """What of an object would be another then: names of fields, `metadata`, `storage_class`."""
    now = there.attributes
    then = change.applied(now, there.storage_class)
    names = [name for name in CONTENT_FIELDS if getattr(then, name) != getattr(now, name)]
    if dict(then.metadata) != dict(now.metadata):
        names.append("metadata")
    if then.storage_class != there.storage_class:
        names.append("storage_class")
    return tuple(names)


def encryption_of(headers: Mapping[str, str]) -> Encryption | None:
    """How the object behind a HEAD is encrypted, None when it does not say."""
    algorithm = headers.get(_ENCRYPTION, "")
    if not algorithm:
        return None
    uses_bucket_key = headers.get(f"{_ENCRYPTION}-bucket-key-enabled", "").lower() == "true"
    return Encryption(algorithm, headers.get(f"{_ENCRYPTION}-aws-kms-key-id", ""), uses_bucket_key)


def customer_algorithm(headers: Mapping[str, str]) -> str:
    """By what the object behind a HEAD is encrypted with a key of its owner's own; empty for a key
    of the store."""
    return headers.get(f"{_ENCRYPTION}-customer-algorithm", "")


def spelling_of(headers: Mapping[str, str]) -> Mapping[str, str]:
    """How the headers of a HEAD are written, of those that can be written in more than one way.

    A text beyond ASCII is raw or in encoded words (RFC 2047), and whoever else reads the object
    may know only one of them: what nobody changes goes back letter for letter.
    """
    return {name: text for name, text in headers.items() if "=?" in text or not text.isascii()}


def spelling_for_others(headers: Mapping[str, str]) -> Mapping[str, str]:
    """The same for another store: without what some stores would take for something else.

    That is metadata beyond ASCII, and encoded words with plain text beside them. All stores keep
    other headers as they came.
    """
    return {
        name: text
        for name, text in spelling_of(headers).items()
        if not name.startswith(METADATA_PREFIX) or _ONE_WORD.fullmatch(text)
    }


def is_all_told(headers: Mapping[str, str]) -> bool:
    """Whether a HEAD names all metadata: what a header cannot carry, S3 only counts."""
    return headers.get(_UNSENT, "0").strip() in ("", "0")


# What S3 takes


def tag_flaw(name: str, value: str) -> Flaw | None:
    """Why S3 refuses a tag ("Object tagging" in the S3 user guide)."""
    if not name:
        return Flaw.EMPTY
    if len(name) > MAX_TAG_NAME or len(value) > MAX_TAG_VALUE:
        return Flaw.LONG
    if name.lower().startswith(_RESERVED):
        return Flaw.RESERVED
    if not all(map(_is_in_tags, name + value)):
        return Flaw.CHARACTER
    return None


def _is_in_tags(character: str) -> bool:
    return character in _TAG_MARKS or unicodedata.category(character)[0] in "LNZ"


def metadata_flaw(name: str, value: str) -> Flaw | None:
    """Why a header cannot carry metadata as it is."""
    if not name:
        return Flaw.EMPTY
    if not _NAME.fullmatch(name):
        return Flaw.CHARACTER
    return value_flaw(value)


def value_flaw(value: str) -> Flaw | None:
    """Why a header cannot carry a text: blanks at its ends are no part of it on the way."""
    if _UNSENDABLE.search(value):
        return Flaw.CHARACTER
    return Flaw.BLANK_ENDS if value != value.strip() else None


def redirect_flaw(value: str) -> Flaw | None:
    """Of a website redirect: a path in the same bucket, or an address."""
    if value and not value.startswith(("/", "http://", "https://")):
        return Flaw.REDIRECT
    return value_flaw(value)


def metadata_bytes(metadata: Mapping[str, str]) -> int:
    """How much of the room for metadata it takes."""
    return sum(len(name.encode()) + len(value.encode()) for name, value in metadata.items())
