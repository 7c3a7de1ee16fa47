"""What is told of the things that are selected, section by section, in words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from s4desk.core.domain.archive import archive_state
from s4desk.core.domain.connection import CredentialKind
from s4desk.core.domain.properties import customer_algorithm
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.addresses import uri_of, url_of
from s4desk.viewmodels.archive_text import archive_text
from s4desk.viewmodels.link_text import link_text
from s4desk.viewmodels.lock_text import protection_text
from s4desk.viewmodels.rows import (
    Kind,
    display_name,
    escape_key,
    folder_label,
    format_bytes,
    format_count,
    format_size,
    format_time,
    kind_of,
    object_label,
    type_label,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.identity import Location, Prefix, VersionId
    from s4desk.core.domain.lock import LockState
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.viewmodels.link_text import SignedLink
    from s4desk.viewmodels.selection import Summary

_PARTS = re.compile(r"-(\d{1,5})\Z")
_MD5 = re.compile(r"[0-9a-fA-F]{32}\Z")
_CHECKSUM = "x-amz-checksum-"
_ENCRYPTION = "x-amz-server-side-encryption"
_SUMS_ARE_MD5 = ("", "AES256")
"""With keys of one's own the ETag is no sum of the bytes (the S3 API's page on Object)."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One name and its value; `exact` is what is copied when the value is only what is shown."""

    name: str
    value: str
    exact: str = ""

    @property
    def copied(self) -> str:
        return self.exact or self.value


class Offer(StrEnum):
    """What can be asked for in a section."""

    SIGN = "sign"
    LOCK = "lock"


@dataclass(frozen=True, slots=True)
class Section:
    """`note` stands in place of facts, or says more about them; `offer` labels what can be asked
    for in it."""

    title: str
    facts: Sequence[Fact] = ()
    note: str = ""
    offer: str = ""
    deed: Offer = Offer.SIGN


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that is told. `counts` is what a button says that counts all below, empty without one."""

    icon: str
    title: str
    sections: Sequence[Section] = ()
    counts: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """An object as its row tells it: `modified` in seconds since the epoch, nan for unknown.

    `version` is the one that is meant, None for the one that it has now.
    """

    location: Location
    size: int
    modified: float
    version: VersionId | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """How much lies below a folder, so far or in all; `failure` is why no more was counted."""

    objects: int = 0
    size: int = 0
    is_running: bool = True
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What a store said of one object. None is not said yet; a `str` is why it cannot be.
    `read_from` is the member of a failover group that said it, empty where there is no group;
    `may_be_old`: the first member may have something newer."""

    meta: ObjectMeta | str | None = None
    tags: Mapping[str, str] | str | None = None
    link: SignedLink | str | None = None
    replication: Sequence[Fact] = ()
    read_from: str = ""
    may_be_old: bool = False


def nothing_sheet() -> Sheet:
    return Sheet("info", tr("Nothing selected"))


def many_sheet(summary: Summary) -> Sheet:
    """Several things: how many, and how large what is known of them."""
    counted = tr_n("{count} selected", "{count} selected", len(summary))
    facts = []
    if summary.objects:
        facts += [
            Fact(tr("Objects"), format_count(summary.objects)),
            Fact(tr("Size"), size_text(summary.total_bytes)),
        ]
    note = ""
    if summary.folders:
        facts.append(Fact(tr("Folders"), format_count(summary.folders)))
        note = tr("What lies in the folders is not counted.") if summary.objects else ""
    title = counted.format(count=format_count(len(summary)))
    return Sheet("copy", title, [Section(tr("General"), facts, note)])


def folder_sheet(connection: Connection, folder: Prefix, counted: Counted | None = None) -> Sheet:
    """A folder, or a bucket."""
    is_bucket = not folder.prefix
    name = Fact(tr("Bucket"), display_name(folder.bucket), folder.bucket)
    facts = [name]
    if not is_bucket:
        facts.append(Fact(tr("Prefix"), display_name(folder.prefix), folder.prefix))
    sections = [Section(tr("General"), facts), _below(counted), _links(connection, folder)]
    counts = tr("&Count All Below")
    if counted is not None and counted.is_running:
        counts = tr("&Stop Counting")
    return Sheet(
        "bucket" if is_bucket else Kind.FOLDER,
        display_name(folder.bucket) if is_bucket else folder_label(f"{folder.name}/"),
        [section for section in sections if section is not None],
        counts,
    )


def object_sheet(
    connection: Connection,
    row: Row,
    told: Told,
    now: datetime,
    *,
    has_tags: bool = True,
    no_links: str = "",
    may_lock: bool = False,
) -> Sheet:
    """One object: what its row says, and what the store has told since.

    `may_lock` says that its bucket has Object Lock.
    `has_tags` False is a store that is known to keep none; `no_links` is why links cannot be
    signed for it.
    """
    name = row.location.name
    general = _general(row, told.meta)
    if told.read_from:
        read_from = Fact(tr("Read from"), told.read_from)
        general = replace(general, facts=[*general.facts, read_from])
    sections = [general]
    if isinstance(told.meta, str):
        sections.append(Section(tr("Not read"), note=told.meta))
    elif told.meta is not None:
        sections += _of_reply(told, told.meta, now, may_lock=may_lock)
        sections.insert(2, _tags(told.tags if has_tags else {}, has_tags=has_tags))
    links = _links(connection, row.location)
    sections.append(
        replace(links, note=no_links) if no_links else _signed(links, connection, told.link)
    )
    return Sheet(kind_of(name), object_label(name), sections)


def etag_text(etag: str, encryption: str = "") -> str:
    """What an ETag says about the bytes, which is less than many believe."""
    if not etag:
        return ""
    parts = _PARTS.search(etag)
    if parts is not None:
        said = tr_n(
            "of {count} part: no checksum of the content",
            "of {count} parts: no checksum of the content",
            int(parts[1]),
        )
        return said.format(count=parts[1])
    if _MD5.match(etag):
        if encryption not in _SUMS_ARE_MD5:
            return tr("of encrypted content: no checksum")
        return tr("looks like the MD5 of the content, which not every store promises")
    return tr("the store's own mark: no checksum of the content")


def size_text(size: int) -> str:
    """In a unit, and every byte."""
    if size < 1024:
        return format_bytes(size)
    return tr("{size} ({bytes})").format(size=format_size(size), bytes=format_bytes(size))


# Sections


def _general(row: Row, told: ObjectMeta | str | None) -> Section:
    meta = told if not isinstance(told, str) else None
    location = row.location
    size = meta.size if meta is not None else row.size
    seconds = row.modified
    if meta is not None and meta.modified is not None:
        seconds = meta.modified.timestamp()
    facts = [
        Fact(tr("Name"), object_label(location.name), location.name),
        Fact(tr("Key"), display_name(location.key), location.key),
        Fact(tr("Bucket"), display_name(location.bucket), location.bucket),
        Fact(tr("Size"), size_text(size), str(size)),
        Fact(tr("Modified"), format_time(seconds)),
        Fact(tr("Type"), type_label(location.name)),
    ]
    escaped = escape_key(location.key)
    if escaped != location.key.replace("\\", "\\\\"):
        facts.insert(2, Fact(tr("Key, escaped"), escaped))
    if meta is not None:
        encryption = _encryption(meta)
        facts += [
            Fact(tr("Content type"), _shown(meta.attributes.content_type)),
            Fact(tr("Class"), _shown(meta.storage_class)),
            Fact(tr("Version"), _shown(meta.version or "")),
            Fact(tr("Encryption"), _shown(encryption)),
            Fact(tr("ETag"), _shown(meta.etag), meta.etag),
            Fact("", etag_text(meta.etag, encryption)),
        ]
    elif told is None:
        return Section(tr("General"), _filled(facts), tr("Asking the store…"))
    return Section(tr("General"), _filled(facts))


def _of_reply(told: Told, meta: ObjectMeta, now: datetime, *, may_lock: bool) -> list[Section]:
    replication = told.replication
    metadata = _facts(meta.attributes.metadata)
    headers = _facts(meta.headers)
    sums = _checksums(meta)
    nothing = tr("None.")
    return [
        Section(tr("Metadata"), metadata, "" if metadata else nothing),
        Section(tr("Checksums"), sums, "" if sums else tr("The store tells none.")),
        *_archived(meta, now),
        _lock_of_copy(meta.attributes.lock, now)
        if told.may_be_old
        else _lock(meta.attributes.lock, now, may_lock=may_lock),
        *([Section(tr("Replication"), replication)] if replication else []),
        Section(tr("Headers"), headers, "" if headers else tr("The store tells none.")),
    ]


def _archived(meta: ObjectMeta, now: datetime) -> list[Section]:
    """Of what cannot simply be read; nothing of the rest."""
    said = archive_text(archive_state(meta.storage_class, meta.headers), now)
    return [Section(tr("Archive"), [Fact(tr("State"), said)])] if said else []


def _checksums(meta: ObjectMeta) -> list[Fact]:
    """Every sum of the reply: a store may keep several."""
    sums = {
        name.removeprefix(_CHECKSUM): value
        for name, value in meta.headers.items()
        if name.startswith(_CHECKSUM) and name != _CHECKSUM + "type"
    }
    kind = meta.headers.get(_CHECKSUM + "type", "").upper()
    if not sums and meta.checksum is not None:
        sums = {meta.checksum.algorithm: meta.checksum.value}
        kind = "FULL_OBJECT" if meta.checksum.is_full else "COMPOSITE"
    return [
        fact
        for algorithm, value in sums.items()
        for fact in (
            Fact(algorithm.upper(), _shown(value), value),
            Fact("", _coverage(value, is_full=kind == "FULL_OBJECT" if kind else "-" not in value)),
        )
    ]


def _coverage(value: str, *, is_full: bool) -> str:
    if is_full:
        return tr("of all bytes")
    parts = _PARTS.search(value)
    if parts is None:
        return tr("of the checksums of its parts")
    said = tr_n(
        "of the checksum of {count} part", "of the checksums of {count} parts", int(parts[1])
    )
    return said.format(count=parts[1])


def _lock(lock: LockState, now: datetime, *, may_lock: bool) -> Section:
    facts = lock_facts(lock, now)
    note = tr("None, or none that this key is allowed to see.")
    if facts:
        note = protection_text(lock, now) if lock.is_locked(now) else ""
    return Section(tr("Lock"), facts, note, tr("Change…") if may_lock else "", Offer.LOCK)


def _lock_of_copy(lock: LockState, now: datetime) -> Section:
    """Of another member of a group than the first, whose lock is the one that counts."""
    said = tr("This is of the copy that was read. How the first member has locked it is not known.")
    return Section(tr("Lock"), lock_facts(lock, now), said)


def lock_facts(lock: LockState, now: datetime) -> list[Fact]:
    """What protects an object; nothing for no lock."""
    facts = []
    if lock.mode is not None:
        facts.append(Fact(tr("Mode"), lock.mode))
    if lock.retain_until is not None:
        until = format_time(lock.retain_until.timestamp())
        said = until if lock.is_retained(now) else tr("{time} (over)").format(time=until)
        facts.append(Fact(tr("Until"), said, lock.retain_until.isoformat()))
    if lock.legal_hold is not None:
        facts.append(Fact(tr("Legal hold"), tr("on") if lock.legal_hold else tr("off")))
    return facts


def _tags(tags: Mapping[str, str] | str | None, *, has_tags: bool) -> Section:
    title = tr("Tags")
    if not has_tags:
        return Section(title, note=tr("This store keeps no tags of objects."))
    if tags is None:
        return Section(title, note=tr("Asking the store…"))
    if isinstance(tags, str):
        return Section(title, note=tags)
    return Section(title, _facts(tags), "" if tags else tr("None."))


def _links(connection: Connection, place: Prefix | Location) -> Section:
    uri = uri_of(place)
    facts = [Fact("s3", display_name(uri), uri)]
    has_address = "://" in connection.endpoint or not connection.endpoint
    if has_address and connection.group is None:
        url = url_of(connection, place)
        facts.append(Fact(url.partition(":")[0], url))
    return Section(tr("Links"), facts)


def _signed(links: Section, connection: Connection, link: SignedLink | str | None) -> Section:
    """With a link that anybody can follow, or the offer to sign one."""
    is_anonymous = connection.credentials.kind is CredentialKind.ANONYMOUS
    has_keys = not is_anonymous or connection.group is not None
    if not has_keys or "memory:" in connection.endpoint:
        return links
    if link is None:
        return replace(links, offer=tr("Sign a link for one hour"))
    if isinstance(link, str):
        return replace(links, note=link)
    return replace(links, facts=[*links.facts, Fact(tr("Signed"), link.url)], note=link_text(link))


def _below(counted: Counted | None) -> Section | None:
    if counted is None:
        return None
    note = counted.failure
    if counted.is_running:
        note = tr("Counting…")
    facts = [
        Fact(tr("Objects"), format_count(counted.objects), str(counted.objects)),
        Fact(tr("Size"), size_text(counted.size), str(counted.size)),
    ]
    return Section(tr("All below"), facts, note)


def _encryption(meta: ObjectMeta) -> str:
    is_own = customer_algorithm(meta.headers)
    return tr("with a key of your own") if is_own else meta.headers.get(_ENCRYPTION, "")


def _facts(pairs: Mapping[str, str]) -> list[Fact]:
    return [Fact(_shown(name), _shown(value), value) for name, value in pairs.items()]


def _filled(facts: Sequence[Fact]) -> list[Fact]:
    return [fact for fact in facts if fact.value]


def _shown(text: str) -> str:
    return display_name(text)
