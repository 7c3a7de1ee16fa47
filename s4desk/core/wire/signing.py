"""Signature Version 4 for S3 ("Authenticating Requests" in the S3 API reference).

The path and the query are signed as they are sent: S3 keys are bytes, and `//` or `..` in them
must not be normalised. botocore's signer says the same, eight times slower.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import time
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.keys import encode_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.connection import Credentials

UNSIGNED_PAYLOAD: Final = "UNSIGNED-PAYLOAD"
MAX_EXPIRY_S: Final = 7 * 24 * 3600
_ALGORITHM: Final = "AWS4-HMAC-SHA256"
_SERVICE: Final = "s3/aws4_request"


def sign(
    method: str,
    target: str,
    headers: Sequence[tuple[str, str]],
    credentials: Credentials,
    *,
    region: str,
    payload_sha256: str = UNSIGNED_PAYLOAD,
    at: float | None = None,
) -> list[tuple[str, str]]:
    """`headers` with date, payload sum and Authorization added; all of them are signed.

    `target` is the path and the query as they are sent, percent-encoded; `headers` hold Host, and
    none of them twice. `payload_sha256` is hexadecimal; `at` is in seconds since 1970, now if None.
    """
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at))
    signed = [*headers, ("X-Amz-Date", moment), ("X-Amz-Content-SHA256", payload_sha256)]
    if credentials.token:
        signed.append(("X-Amz-Security-Token", credentials.token))
    fields = sorted((name.lower(), _folded(value)) for name, value in signed)
    names = ";".join([name for name, _ in fields])
    path, _, query = target.partition("?")
    canonical = "\n".join(
        (
            method,
            path,
            _canonical(query) if query else "",
            *[f"{name}:{value}" for name, value in fields],
            "",
            names,
            payload_sha256,
        )
    )
    scope = f"{moment[:8]}/{region}/{_SERVICE}"
    signature = _signature(credentials.secret, moment, region, canonical)
    authorization = (
        f"{_ALGORITHM} Credential={credentials.key_id}/{scope}, "
        f"SignedHeaders={names}, Signature={signature}"
    )
    signed.append(("Authorization", authorization))
    return signed


_DOTS: Final = {".": "%2E", "..": "%2E%2E"}


def presign(
    method: str,
    target: str,
    host: str,
    credentials: Credentials,
    *,
    region: str,
    expires_s: int,
    at: float | None = None,
) -> str:
    """`target` with a signature in its query, which lets anybody send it until it runs out.

    The headers beside Host are not signed. `expires_s` counts from `at`, now if None, and is at
    most MAX_EXPIRY_S ("Authenticating Requests: Using Query Parameters"). The segments `.` and `..`
    of its path come back as %2E, which means the same to a store: as they are every client would
    resolve them and ask for another key. So it is left to browsers, and whoever follows
    https://url.spec.whatwg.org/#double-dot-path-segment.
    """
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at))
    scope = f"{moment[:8]}/{region}/{_SERVICE}"
    fields = {
        "X-Amz-Algorithm": _ALGORITHM,
        "X-Amz-Credential": f"{credentials.key_id}/{scope}",
        "X-Amz-Date": moment,
        "X-Amz-Expires": str(expires_s),
        "X-Amz-SignedHeaders": "host",
    }
    if credentials.token:
        fields["X-Amz-Security-Token"] = credentials.token
    path, _, query = target.partition("?")
    added = "&".join(f"{name}={encode_value(value)}" for name, value in fields.items())
    query = f"{query}&{added}" if query else added
    canonical = "\n".join(
        (method, path, _canonical(query), f"host:{host}", "", "host", UNSIGNED_PAYLOAD)
    )
    signature = _signature(credentials.secret, moment, region, canonical)
    sent = "/".join(_DOTS.get(segment, segment) for segment in path.split("/"))
    return f"{sent}?{query}&X-Amz-Signature={signature}"


def _signature(secret: str, moment: str, region: str, canonical: str) -> str:
    digest = hashlib.sha256(canonical.encode("utf-8", "surrogateescape")).hexdigest()
    scope = f"{moment[:8]}/{region}/{_SERVICE}"
    text = f"{_ALGORITHM}\n{moment}\n{scope}\n{digest}"
    return _mac(_signing_key(secret, moment[:8], region), text).hex()


def _folded(value: str) -> str:
    """Stores fold the space of ASCII only: a no-break space is a letter like any other."""
    if " " not in value and "\t" not in value:
        return value
    return " ".join([word for word in value.replace("\t", " ").split(" ") if word])


def _canonical(query: str) -> str:
    pairs = sorted(pair.partition("=")[::2] for pair in query.split("&"))
    return "&".join([f"{name}={value}" for name, value in pairs])


@functools.lru_cache(maxsize=16)
def _signing_key(secret: str, day: str, region: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for word in (day, region, *_SERVICE.split("/")):
        key = _mac(key, word)
    return key


def _mac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
