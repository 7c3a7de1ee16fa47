"""What the null server answers: sizes and ETags are remembered, bytes are not."""

from __future__ import annotations

import base64
import itertools
import os
import re
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, unescape

from tests.servers import null_content, null_listing, null_small

if TYPE_CHECKING:
    from collections.abc import Mapping

BUCKET = "b"

_MADE_UP = re.compile(r"-(\d+)([kmg]?)$")
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")
_DATE = "Fri, 20 Nov 2026 10:00:00 GMT"


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose body is already read; PUT bodies are gone, `body_bytes` is their size."""

    method: str
    bucket: str
    key: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    body_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Response:
    """A reply: a body, or the `content` range of a made-up object."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    content: range = range(0)


@dataclass(frozen=True, slots=True)
class Stored:
    """What is left of an upload."""

    size: int
    etag: str
    checksums: Mapping[str, str] = field(default_factory=dict)


class NullStore:
    """Answers the requests of a client that moves bytes; safe to call from many threads.

    Keys that end in `-SIZE` (`x-1g`, `y-64k`, `z-7`) exist, and so do those
    of the listings (`null_small` has its own). Uploads are remembered by size and ETag
    but not listed.
    """

    def __init__(self, keys: null_listing.Keys, *, keeps_checksums: bool = True) -> None:
        """Without `keeps_checksums` it ignores x-amz-checksum-* headers, as older stores do."""
        self._keys = keys
        self._keeps_checksums = keeps_checksums
        self._lock = threading.Lock()
        self._objects: dict[str, Stored] = {}
        self._uploads: dict[str, dict[int, Stored]] = {}
        self._gone: set[str] = set()
        self._upload_numbers = itertools.count(1)

    def answer(self, request: Request) -> Response:
        if not request.bucket:
            return _xml(
                "ListAllMyBucketsResult",
                "<Owner><ID>null</ID></Owner><Buckets><Bucket><Name>b</Name>"
                "<CreationDate>2026-11-20T10:00:00.000Z</CreationDate></Bucket></Buckets>",
            )
        if request.bucket != BUCKET:
            return _error(404, "NoSuchBucket")
        with self._lock:
            if not request.key:
                return self._answer_bucket(request)
            if "uploadId" in request.query or "uploads" in request.query:
                return self._answer_multipart(request)
            return self._answer_object(request)

    def _answer_bucket(self, request: Request) -> Response:
        match request.method:
            case "HEAD":
                return Response(headers={"x-amz-bucket-region": "us-east-1"})
            case "PUT":
                return _error(409, "BucketAlreadyOwnedByYou")
            case "POST" if "delete" in request.query:
                return self._delete_many(request.body)
            case "GET":
                return self._read_bucket(request.query)
        return _error(501, "NotImplemented")

    def _read_bucket(self, query: Mapping[str, str]) -> Response:
        if query.get("list-type") == "2":
            small = null_small.render(query, self._gone)
            return _xml_body(small or null_listing.render(self._keys, query))
        answers = (answer for name, answer in _CONFIGURATION.items() if name in query)
        return next(answers, _error(501, "NotImplemented"))

    def _delete_many(self, body: bytes) -> Response:
        keys = [unescape(key) for key in re.findall(r"<Key>(.*?)</Key>", body.decode(), re.DOTALL)]
        for key in keys:
            self._objects.pop(key, None)
        self._gone.update(keys)
        is_quiet = b"<Quiet>true</Quiet>" in body
        deleted = (f"<Deleted><Key>{escape(key)}</Key></Deleted>" for key in keys)
        return _xml("DeleteResult", "" if is_quiet else "".join(deleted))

    def _answer_object(self, request: Request) -> Response:
        if request.method == "PUT":
            return self._put(request)
        if request.method == "DELETE":
            self._objects.pop(request.key, None)
            self._gone.add(request.key)
            return Response(204)
        found = self._find(request.key)
        if found is None:
            return _error(404, "NoSuchKey")
        return _read(found, request)

    def _put(self, request: Request) -> Response:
        if request.key in null_small.FOLDERS:
            self._gone.clear()
        existing = self._find(request.key)
        if request.headers.get("if-none-match") == "*" and existing is not None:
            return _error(412, "PreconditionFailed")
        source = request.headers.get("x-amz-copy-source")
        if source is None:
            stored = self._stored(request)
        else:
            copied = self._find(source.split("?")[0].lstrip("/").partition("/")[2])
            if copied is None:
                return _error(404, "NoSuchKey")
            stored = copied
        self._objects[request.key] = stored
        if source is None:
            return _accepted(stored)
        return _xml("CopyObjectResult", f"{_quoted_etag(stored)}{_last_modified()}")

    def _stored(self, request: Request) -> Stored:
        digest = base64.b64decode(request.headers.get("content-md5", "")).hex()
        checksums = {
            name: value
            for name, value in request.headers.items()
            if self._keeps_checksums and re.match(r"x-amz-checksum-(crc|sha)", name)
        }
        return Stored(request.body_bytes, digest or f"{request.body_bytes:032x}-1", checksums)

    def _find(self, key: str) -> Stored | None:
        if key in self._objects:
            return self._objects[key]
        position = self._keys.find(key)
        if position is not None:
            return Stored(null_listing.size_of(position), null_listing.etag_of(position))
        if made_up := _MADE_UP.search(key):
            return self._made_up(int(made_up[1]) * _UNITS[made_up[2]])
        return None

    def _made_up(self, size: int) -> Stored:
        """Who keeps no checksums has no proof of its bytes: the ETag is none."""
        sums = {}
        if self._keeps_checksums:
            sums["x-amz-checksum-crc64nvme"] = null_content.crc64nvme(size)
            sums["x-amz-checksum-type"] = "FULL_OBJECT"
        return Stored(size, f"{size:032x}-1", sums)

    def _answer_multipart(self, request: Request) -> Response:
        upload_id = request.query.get("uploadId")
        if upload_id is None:
            return self._create(request)
        parts = self._uploads.get(upload_id)
        if parts is None:
            return _error(404, "NoSuchUpload")
        match request.method:
            case "PUT":
                part = parts[int(request.query["partNumber"])] = self._stored(request)
                return _accepted(part)
            case "DELETE":
                del self._uploads[upload_id]
                return Response(204)
            case "POST":
                return self._complete(request, upload_id, parts)
        return _list_parts(request, parts)

    def _create(self, request: Request) -> Response:
        # No server uses one twice, not even when it was started again.
        upload_id = f"upload-{os.getpid()}-{next(self._upload_numbers)}"
        self._uploads[upload_id] = {}
        names = ("x-amz-checksum-algorithm", "x-amz-checksum-type") if self._keeps_checksums else ()
        kept = {name: request.headers[name] for name in names if name in request.headers}
        reply = _xml(
            "InitiateMultipartUploadResult",
            f"<Bucket>{BUCKET}</Bucket><Key>{escape(request.key)}</Key>"
            f"<UploadId>{upload_id}</UploadId>",
        )
        return replace(reply, headers={**reply.headers, **kept})

    def _complete(self, request: Request, upload_id: str, parts: dict[int, Stored]) -> Response:
        numbers = [int(n) for n in re.findall(rb"<PartNumber>(\d+)</PartNumber>", request.body)]
        if not numbers or not parts.keys() >= set(numbers):
            return _error(400, "InvalidPart")
        size = sum(parts[number].size for number in numbers)
        stored = Stored(size, f"{size:032x}-{len(numbers)}")
        self._objects[request.key] = stored
        del self._uploads[upload_id]
        return _xml(
            "CompleteMultipartUploadResult",
            f"<Bucket>{BUCKET}</Bucket><Key>{escape(request.key)}</Key>{_quoted_etag(stored)}",
        )


def _read(found: Stored, request: Request) -> Response:
    wanted = request.headers.get("if-match")
    if wanted is not None and wanted.strip('"') not in ("*", found.etag):
        return _error(412, "PreconditionFailed")
    if request.headers.get("if-none-match", "").strip('"') in ("*", found.etag):
        return Response(304, {"ETag": f'"{found.etag}"'})
    headers = {
        "ETag": f'"{found.etag}"',
        "Last-Modified": _DATE,
        "Accept-Ranges": "bytes",
        "Content-Type": "application/octet-stream",
        **found.checksums,
    }
    asked = _RANGE.match(request.headers.get("range", ""))
    if asked is None:
        return Response(200, headers, content=range(found.size))
    content = _range(asked[1], asked[2], found.size)
    if not content:
        return _error(416, "InvalidRange")
    headers["Content-Range"] = f"bytes {content.start}-{content.stop - 1}/{found.size}"
    return Response(206, headers, content=content)


def _range(first: str, last: str, size: int) -> range:
    """Return the bytes that a Range header means; RFC 9110 section 14.1.2."""
    if not first:
        return range(max(0, size - int(last or 0)), size)
    return range(int(first), min(int(last) + 1 if last else size, size))


def _accepted(stored: Stored) -> Response:
    return Response(headers={"ETag": f'"{stored.etag}"', **stored.checksums})


def _list_parts(request: Request, parts: dict[int, Stored]) -> Response:
    after = int(request.query.get("part-number-marker") or 0)
    limit = int(request.query.get("max-parts") or 1000)
    numbers = sorted(number for number in parts if number > after)
    page = numbers[:limit]
    rows = "".join(
        f"<Part><PartNumber>{number}</PartNumber>{_last_modified()}"
        f"{_quoted_etag(parts[number])}<Size>{parts[number].size}</Size></Part>"
        for number in page
    )
    is_truncated = str(len(page) < len(numbers)).lower()
    marker = f"<NextPartNumberMarker>{page[-1] if page else 0}</NextPartNumberMarker>"
    return _xml("ListPartsResult", f"<IsTruncated>{is_truncated}</IsTruncated>{marker}{rows}")


def _quoted_etag(stored: Stored) -> str:
    return f"<ETag>&quot;{stored.etag}&quot;</ETag>"


def _last_modified() -> str:
    return "<LastModified>2026-11-20T10:00:00.000Z</LastModified>"


def _xml(root: str, content: str, status: int = 200) -> Response:
    xml = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}>{content}</{root}>'
    return _xml_body(xml.encode(), status)


def _xml_body(body: bytes, status: int = 200) -> Response:
    return Response(status, {"Content-Type": "application/xml"}, body)


def _error(status: int, code: str) -> Response:
    return _xml("Error", f"<Code>{code}</Code><Message>{code}</Message>", status)


_CONFIGURATION = {
    "location": _xml("LocationConstraint", ""),
    "versioning": _xml("VersioningConfiguration", ""),
    "uploads": _xml("ListMultipartUploadsResult", "<IsTruncated>false</IsTruncated>"),
    "object-lock": _error(404, "ObjectLockConfigurationNotFoundError"),
}
