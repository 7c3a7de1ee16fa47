"""Servers that answer a trial of a connection as no good store does, each in one odd way."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

from tests.wire.scripted import ScriptedServer, reply

if TYPE_CHECKING:
    from tests.wire.scripted import Answer, Asked

BUCKETS = (
    b'<?xml version="1.0"?><ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    b"<Owner><ID>o</ID></Owner><Buckets><Bucket><Name>one</Name>"
    b"<CreationDate>2024-01-01T00:00:00.000Z</CreationDate></Bucket></Buckets>"
    b"</ListAllMyBucketsResult>"
)
PAGE = (
    b'<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    b"<Name>one</Name><Prefix/><KeyCount>0</KeyCount><MaxKeys>1000</MaxKeys>"
    b"<IsTruncated>false</IsTruncated></ListBucketResult>"
)
CONSOLE = (
    b"<!doctype html><html><head><title>MinIO  Console</title></head><body>Log in</body></html>"
)


def refusal(code: str, status: int, date: datetime | None = None, **fields: str) -> bytes:
    """An error as S3 tells it."""
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in fields.items())
    body = f"<Error><Code>{code}</Code><Message>{code}</Message>{inner}</Error>".encode()
    moment = format_datetime(date or datetime.now(UTC), usegmt=True)
    return reply(body, status=status, Content_Type="application/xml", Date=moment)


def page(body: bytes = CONSOLE) -> bytes:
    return reply(body, Content_Type="text/html", Server="nginx")


def content(asked: Asked) -> bytes:
    """What a good store says."""
    return reply(PAGE if "list-type" in asked.target else BUCKETS, Content_Type="application/xml")


def ahead(seconds: float, code: str = "RequestTimeTooSkewed") -> Answer:
    """A store whose clock is ahead, and which refuses who is too far from it."""

    def answer(asked: Asked) -> bytes:
        now = datetime.now(UTC) + timedelta(seconds=seconds)
        signed = asked.headers.get("x-amz-date")
        if signed is None:
            return refusal("AccessDenied", 403, now)
        at = datetime.strptime(signed, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        if abs((now - at).total_seconds()) > 900:
            return refusal(code, 403, now)
        return content(asked)

    return answer


def in_region(region: str, *, tells: bool = True) -> Answer:
    """A store that takes signatures for its own region only.

    Unless it `tells` which that is, only a HEAD of a bucket does.
    """

    def answer(asked: Asked) -> bytes:
        signed = re.search(r"Credential=[^/]+/\d+/([^/]+)/", asked.headers.get("authorization", ""))
        if asked.method == "HEAD":
            return reply(status=403, x_amz_bucket_region=region)
        if signed is not None and signed[1] == region:
            return content(asked)
        told = {"Region": region} if tells else {}
        return refusal("PermanentRedirect", 301, **told)

    return answer


def refusing(code: str, status: int = 403) -> Answer:
    """A store that refuses whatever is signed."""
    return lambda _asked: refusal(code, status)


def only_in_path(asked: Asked) -> bytes:
    """A store that does not know buckets by host names."""
    if asked.target.startswith("/one"):
        return content(asked)
    return refusal("NoSuchBucket", 404)


def only_in_host(asked: Asked) -> bytes:
    """A store that does not know buckets in paths."""
    if asked.target.startswith("/?"):
        return content(asked)
    return refusal("SecondLevelDomainForbidden", 403)


def odd(answer: Answer | bytes) -> ScriptedServer:
    return ScriptedServer(answer)
