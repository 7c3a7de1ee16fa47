"""What a word of the command line means: a local path or a place at a connection."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterable

    from s4desk.core.desk import Desk
    from s4desk.core.domain.connection import Connection
    from s4desk.core.persist.connections import ConnectionBook

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")


class UsageError(Exception):
    """The command line asks for something that has no meaning; the message says what would."""


@dataclass(frozen=True, slots=True)
class Remote:
    """`NAME:`, `NAME:BUCKET` or `NAME:BUCKET/KEY`, the key byte for byte as it was typed."""

    connection: Connection
    bucket: str
    key: str

    @property
    def location(self) -> Location:
        return Location(self.bucket, self.key)

    @property
    def prefix(self) -> Prefix:
        return Prefix(self.bucket, self.key)

    @property
    def folder(self) -> Prefix:
        """The place as a folder: with a slash at its end, or the whole bucket."""
        is_folder = not self.key or self.key.endswith("/")
        return Prefix(self.bucket, self.key if is_folder else f"{self.key}/")

    def __str__(self) -> str:
        return f"{self.connection.name}:{self.bucket}/{self.key}"


def parse_side(word: str, book: ConnectionBook) -> Remote | Path:
    """One side of `cp`. A path with a colon before its first slash is written `./a:b`."""
    if word == "-":
        raise UsageError(tr("Standard input and output cannot be copied; name a file."))
    if not word:
        raise UsageError(tr("A path or NAME:BUCKET/KEY is needed, not an empty word."))
    if ":" not in word.partition("/")[0] or _DRIVE.match(word):
        return Path(word)
    return parse_remote(word, book)


def parse_remote(word: str, book: ConnectionBook) -> Remote:
    """A place at a connection. Raises UsageError when there is no such connection."""
    name, colon, path = word.partition(":")
    if not colon and book.by_name(word) is not None:
        raise UsageError(tr("“{word}” is a connection: write “{word}:”.").format(word=word))
    if not colon or "/" in name:
        raise UsageError(
            tr("“{word}” does not say which connection: write NAME:BUCKET/KEY.").format(word=word)
        )
    bucket, _, key = path.partition("/")
    return Remote(find_connection(name, book), bucket, key)


def connection_at(
    words: Iterable[object], book: ConnectionBook, location: Location | None
) -> Connection | None:
    """Which connection an object is at, of which only a bucket is known: that of the word (of a
    command line) that names this bucket, None where two do."""
    found = []
    for word in words:
        with suppress(UsageError):
            side = parse_remote(word, book) if isinstance(word, str) else None
            if side is not None and location is not None and side.bucket == location.bucket:
                found.append(side.connection)
    return found[0] if len({each.id for each in found}) == 1 else None


def parse_bucket(word: str, book: ConnectionBook) -> Remote:
    """`NAME:BUCKET`, and nothing behind it."""
    remote = parse_remote(word, book)
    if not remote.bucket or remote.key:
        raise UsageError(tr("A bucket is needed: NAME:BUCKET."))
    return remote


def at_home(desk: Desk, remote: Remote) -> Remote:
    """The same where its rules are kept: of a group at its first member."""
    id_, bucket = desk.home_of(remote.connection.id, remote.bucket)
    home = desk.connections.get(id_) or remote.connection
    return replace(remote, connection=home, bucket=bucket)


def parse_object(word: str, book: ConnectionBook) -> Remote:
    """`NAME:BUCKET/KEY` with a key."""
    remote = parse_remote(word, book)
    if not remote.bucket or not remote.key:
        raise UsageError(tr("An object is needed: NAME:BUCKET/KEY."))
    return remote


def find_connection(name: str, book: ConnectionBook) -> Connection:
    """Raises UsageError with the names there are."""
    connection = book.by_name(name)
    if connection is not None:
        return connection
    if name == "s3":
        raise UsageError(tr("An s3:// address does not say which connection: write NAME:BUCKET."))
    known = ", ".join(sorted(each.name for each in book.all()))
    if not known:
        raise UsageError(tr("There is no connection yet; add one with “s4desk connections add”."))
    raise UsageError(
        tr("There is no connection named “{name}”. There are: {known}.").format(
            name=name, known=known
        )
    )
