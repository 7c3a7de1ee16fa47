"""The XML of multipart uploads, copies and deletes, in both directions."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import isnan
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import MalformedReplyError
from s4desk.core.domain.identity import Location, UploadId, VersionId
from s4desk.core.domain.keys import decode_listed
from s4desk.core.domain.lock import LockMode
from s4desk.core.domain.objects import Checksum, DeleteFailure, Doomed, Upload
from s4desk.core.domain.parts import PartReceipt
from s4desk.core.wire.checksums import ALGORITHMS, CRC64NVME
from s4desk.core.wire.document import children, escape, parse_document, text_of
from s4desk.core.wire.listing import STANDARD, bare_etag, epoch_seconds, is_truncated

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lxml.etree import _Element

    from s4desk.core.domain.lock import LockState

FULL: Final = "FULL_OBJECT"
_NAMESPACE: Final = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Written:
    """What a copy or a complete made. The ETag is empty where the store leaves it out (Ceph)."""

    etag: str
    checksum: Checksum | None


@dataclass(frozen=True, slots=True)
class AttributesPage:
    """The parts of an object on a page of GetObjectAttributes, and where the next one begins."""

    etag: str
    sizes: list[int]
    sums: list[str]
    following: int | None


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What was deleted by the store's own word, and what it says it could not delete."""

    deleted: frozenset[Doomed]
    failures: Sequence[DeleteFailure]

    def refused(self, doomed: Iterable[Doomed]) -> list[DeleteFailure]:
        """The failures, each by the name by which it was asked for: some stores name a version
        although none was."""
        asked = set(doomed)
        return [
            each
            if each.doomed in asked or (bare := Doomed(each.doomed.key)) not in asked
            else replace(each, doomed=bare)
            for each in self.failures
        ]

    def unsaid(self, doomed: Iterable[Doomed]) -> list[Doomed]:
        """Those of which nothing is said."""
        told = self.deleted | {each.doomed for each in self.failures}
        # Some stores name a version although none was asked for.
        keys = {each.key for each in told}
        return [
            each
            for each in doomed
            if each not in told and (each.version is not None or each.key not in keys)
        ]


@dataclass(frozen=True, slots=True)
class UploadMarker:
    key: str
    upload: str


def fits_document(doomed: Doomed) -> bool:
    """Whether every store reads this key in a DeleteObjects document as it was meant.

    XML has no control characters and no lone surrogates, some parsers trim what they read, and a
    key that arrives changed deletes another object.
    """
    return doomed.key == doomed.key.strip() and not _UNSAFE.search(doomed.key)


def delete_document(doomed: Sequence[Doomed]) -> bytes:
    """Asks to hear of each key: silence would be taken for a deletion."""
    rows = "".join(
        f"<Object><Key>{escape(each.key)}</Key>"
        + (f"<VersionId>{escape(each.version)}</VersionId>" if each.version else "")
        + (f'<ETag>"{escape(each.etag)}"</ETag>' if each.etag else "")
        + "</Object>"
        for each in doomed
    )
    return f"<Delete {_NAMESPACE}><Quiet>false</Quiet>{rows}</Delete>".encode()


def read_verdicts(body: bytes) -> Verdicts:
    """What a reply to DeleteObjects says of each key."""
    root = parse_document(body, "DeleteResult", "DeleteObjectsResult", "DeleteObjectsOutput")
    failures = [
        DeleteFailure(_doomed(row), text_of(row, "Code"), text_of(row, "Message"))
        for row in children(root, "Error")
    ]
    return Verdicts(frozenset(map(_doomed, children(root, "Deleted"))), failures)


def _doomed(row: _Element) -> Doomed:
    return Doomed(text_of(row, "Key"), VersionId(text_of(row, "VersionId")) or None)


def complete_document(parts: Sequence[PartReceipt], algorithm: str = "") -> bytes:
    """`algorithm` names the checksums of the parts when the store shall compare them."""
    element = f"Checksum{algorithm.upper()}"
    rows = "".join(
        f'<Part><PartNumber>{part.number}</PartNumber><ETag>"{escape(part.etag)}"</ETag>'
        + (f"<{element}>{escape(part.checksum)}</{element}>" if algorithm else "")
        + "</Part>"
        for part in parts
    )
    return f"<CompleteMultipartUpload {_NAMESPACE}>{rows}</CompleteMultipartUpload>".encode()


def read_upload_id(body: bytes) -> UploadId:
    # rclone calls it otherwise.
    root = parse_document(body, "InitiateMultipartUploadResult", "InitiateMultipartUpload")
    upload = text_of(root, "UploadId")
    if not upload:
        raise MalformedReplyError("a multipart upload without an id")
    return UploadId(upload)


def read_completed(body: bytes) -> Written:
    return _written(parse_document(body, "CompleteMultipartUploadResult"))


def read_copied(body: bytes) -> Written:
    return _written(parse_document(body, "CopyObjectResult"))


def read_copied_part(body: bytes) -> Written:
    return _written(parse_document(body, "CopyPartResult"))


def tags_document(tags: Mapping[str, str]) -> bytes:
    rows = "".join(
        f"<Tag><Key>{escape(name)}</Key><Value>{escape(value)}</Value></Tag>"
        for name, value in tags.items()
    )
    return f"<Tagging {_NAMESPACE}><TagSet>{rows}</TagSet></Tagging>".encode()


def read_tags(body: bytes) -> dict[str, str]:
    root = parse_document(body, "Tagging", "GetObjectTaggingOutput")
    return {
        text_of(tag, "Key"): text_of(tag, "Value")
        for found in children(root, "TagSet")
        for tag in children(found, "Tag")
    }


def retention_document(lock: LockState) -> bytes:
    """An empty one takes the retention away."""
    row = ""
    if lock.mode is not None and lock.retain_until is not None:
        row = f"<Mode>{lock.mode}</Mode><RetainUntilDate>{iso(lock.retain_until)}</RetainUntilDate>"
    return f"<Retention {_NAMESPACE}>{row}</Retention>".encode()


def read_retention(body: bytes) -> tuple[LockMode, datetime] | None:
    """Raises MalformedReplyError for one that cannot be read: it must not count as none."""
    root = parse_document(body, "Retention", "GetObjectRetentionOutput")
    mode, until = text_of(root, "Mode"), text_of(root, "RetainUntilDate")
    if not mode and not until:
        return None
    try:
        return LockMode(mode.upper()), _moment(until)
    except ValueError as error:
        raise MalformedReplyError(f"a retention that cannot be read: {mode} {until}") from error


def hold_document(*, is_on: bool) -> bytes:
    status = "ON" if is_on else "OFF"
    return f"<LegalHold {_NAMESPACE}><Status>{status}</Status></LegalHold>".encode()


def read_hold(body: bytes) -> bool | None:
    """Raises MalformedReplyError for one that cannot be read: it must not count as none."""
    status = text_of(parse_document(body, "LegalHold", "GetObjectLegalHoldOutput"), "Status")
    if status.upper() not in ("ON", "OFF", ""):
        raise MalformedReplyError(f"a legal hold that cannot be read: {status}")
    return status.upper() == "ON" if status else None


def iso(moment: datetime) -> str:
    """A moment as S3 takes it: in UTC, to the millisecond."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _written(root: _Element) -> Written:
    return Written(bare_etag(text_of(root, "ETag")), _checksum(root))


def _checksum(parent: _Element) -> Checksum | None:
    kind = text_of(parent, "ChecksumType")
    for algorithm in ALGORITHMS:
        value = text_of(parent, f"Checksum{algorithm.upper()}")
        if value:
            is_full = kind == FULL if kind else "-" not in value
            return Checksum(algorithm, value, is_full)
    return None


def read_parts(body: bytes, marker: int) -> tuple[list[PartReceipt], int | None]:
    """A page of ListParts that was asked for behind `marker`, and where the next one begins."""
    root = parse_document(body, "ListPartsResult", "ListPartsResponse")
    parts = [_part(row) for row in children(root, "Part")]
    if not is_truncated(root):
        return parts, None
    following = _number(root, "NextPartNumberMarker")
    if following <= marker:
        raise MalformedReplyError("the list of parts does not go on")
    return parts, following


def read_attributes_page(body: bytes, marker: int, algorithm: str) -> AttributesPage:
    """One that was asked for behind `marker`; sums are of `algorithm`, empty when not told."""
    root = parse_document(body, "GetObjectAttributesResponse", "GetObjectAttributesOutput")
    told = next(iter(children(root, "ObjectParts")), None)
    rows = [] if told is None else list(children(told, "Part"))
    following = None
    if told is not None and text_of(told, "IsTruncated").strip().lower() == "true":
        following = _number(told, "NextPartNumberMarker")
        if following <= marker:
            raise MalformedReplyError("the list of parts does not go on")
    return AttributesPage(
        text_of(root, "ETag"),
        [_number(row, "Size") for row in rows],
        [text_of(row, f"Checksum{algorithm.upper()}") for row in rows],
        following,
    )


def _part(row: _Element) -> PartReceipt:
    checksum = _checksum(row)
    return PartReceipt(
        number=_number(row, "PartNumber"),
        size=_number(row, "Size"),
        etag=bare_etag(text_of(row, "ETag")),
        checksum=checksum.value if checksum else "",
    )


def _number(parent: _Element, name: str) -> int:
    text = text_of(parent, name)
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise MalformedReplyError(f"<{name}> is no number")
    return int(text)


def read_uploads(
    body: bytes, bucket: str, marker: UploadMarker | None
) -> tuple[list[Upload], UploadMarker | None]:
    """A page of ListMultipartUploads, and where the next one begins."""
    root = parse_document(body, "ListMultipartUploadsResult")
    is_encoded = text_of(root, "EncodingType") == "url"
    uploads = [_upload(row, bucket, is_encoded=is_encoded) for row in children(root, "Upload")]
    if not is_truncated(root):
        return uploads, None
    key = text_of(root, "NextKeyMarker")
    following = UploadMarker(
        decode_listed(key) if is_encoded else key, text_of(root, "NextUploadIdMarker")
    )
    if not key or following == marker:
        raise MalformedReplyError("the list of uploads does not go on")
    return uploads, following


def _upload(row: _Element, bucket: str, *, is_encoded: bool) -> Upload:
    key, upload = text_of(row, "Key"), text_of(row, "UploadId")
    if not key or not upload:
        raise MalformedReplyError("an upload without a key or an id")
    initiated = epoch_seconds(text_of(row, "Initiated"))
    algorithm = text_of(row, "ChecksumAlgorithm").lower()
    kind = text_of(row, "ChecksumType") or (FULL if algorithm in {"", CRC64NVME} else "")
    return Upload(
        location=Location(bucket, decode_listed(key) if is_encoded else key),
        upload=UploadId(upload),
        initiated=None if isnan(initiated) else datetime.fromtimestamp(initiated, UTC),
        storage_class=text_of(row, "StorageClass") or STANDARD,
        initiator=next((text_of(who, "ID") for who in children(row, "Initiator")), ""),
        algorithm=algorithm,
        is_composite=kind != FULL,
    )
