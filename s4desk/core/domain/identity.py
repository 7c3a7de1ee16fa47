"""What things are called: connections, buckets, keys, prefixes, versions.

A key is a `str` that decodes the store's UTF-8 bytes with `surrogateescape`, so that every byte
sequence a store may hold survives a round trip. Nothing here normalises: `//`, a leading `/`,
`..` and NFC/NFD stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NewType

ConnectionId = NewType("ConnectionId", str)
VersionId = NewType("VersionId", str)
UploadId = NewType("UploadId", str)
Generation = NewType("Generation", int)
NULL_VERSION: Final = VersionId("null")
"""What is written while a bucket keeps no versions: listings name it, and replies do not."""


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """One object: a bucket and a key."""

    bucket: str
    key: str

    @property
    def name(self) -> str:
        """The last segment, with its trailing slash when the key is a folder marker."""
        return self.key[self.key.rfind("/", 0, -1) + 1 :]

    @property
    def parent(self) -> Prefix:
        return Prefix(self.bucket, self.key[: self.key.rfind("/", 0, -1) + 1])

    @property
    def path(self) -> str:
        """As it stands behind the name of a connection; a bucket without a slash at its end."""
        return f"{self.bucket}/{self.key}" if self.key else self.bucket

    def __str__(self) -> str:
        return f"s3://{self.path}"


@dataclass(frozen=True, slots=True, order=True)
class Prefix:
    """All keys of a bucket that start with these bytes. The empty one is the whole bucket.

    Without a bucket it is all buckets of a connection (`EVERYWHERE`), and a name in it begins with
    that of its bucket.
    """

    bucket: str
    prefix: str = ""

    @property
    def name(self) -> str:
        """The last segment without its slash; the bucket's name at the top."""
        if not self.prefix:
            return self.bucket
        trimmed = self.prefix.removesuffix("/")
        return trimmed[trimmed.rfind("/") + 1 :]

    @property
    def parent(self) -> Prefix | None:
        """The folder above, or None at the top of the bucket."""
        if not self.prefix:
            return None
        return Prefix(self.bucket, self.prefix[: self.prefix.rfind("/", 0, -1) + 1])

    @property
    def folder(self) -> Prefix:
        """The folder that somebody typed, with its last slash or without.

        Opened as the bare prefix it would be a place whose new files begin with that name instead
        of lying in it.
        """
        if not self.prefix or self.prefix.endswith("/"):
            return self
        return Prefix(self.bucket, f"{self.prefix}/")

    def location(self, name: str) -> Location:
        if self.bucket:
            return Location(self.bucket, self.prefix + name)
        bucket, _, key = name.partition("/")
        return Location(bucket, key)

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"


EVERYWHERE: Final = Prefix("")


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """A location at a connection: what a transfer remembers across restarts."""

    connection: ConnectionId
    location: Location
