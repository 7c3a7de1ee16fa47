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

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.connection import Credentials

UNSIGNED_PAYLOAD: Final = "UNSIGNED-PAYLOAD"
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
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"{_ALGORITHM}\n{moment}\n{scope}\n{digest}"
    signature = _mac(_signing_key(credentials.secret, moment[:8], region), text).hex()
    authorization = (
        f"{_ALGORITHM} Credential={credentials.key_id}/{scope}, "
        f"SignedHeaders={names}, Signature={signature}"
    )
    signed.append(("Authorization", authorization))
    return signed


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
