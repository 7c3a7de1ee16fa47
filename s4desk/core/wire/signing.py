"""Signature Version 4 for S3, made by botocore.

The path and the query are signed as they are sent: S3 keys are bytes, and `//` or `..` in them
must not be normalised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as Key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.connection import Credentials

UNSIGNED_PAYLOAD: Final = "UNSIGNED-PAYLOAD"


class _Signer(S3SigV4Auth):  # type: ignore[misc]
    """botocore's, with the sum of the payload as it is given and not computed again."""

    def payload(self, request: AWSRequest) -> str:
        return str(request.context["payload"])

    def _header_value(self, value: str) -> str:
        # Stores fold the space of ASCII only; botocore folds a no-break space too.
        return " ".join(part for part in value.replace("\t", " ").split(" ") if part)


def sign(
    method: str,
    url: str,
    headers: Sequence[tuple[str, str]],
    credentials: Credentials,
    *,
    region: str,
    payload_sha256: str = UNSIGNED_PAYLOAD,
) -> list[tuple[str, str]]:
    """`headers` with date, payload sum and Authorization added; all of them are signed.

    `url` is what is sent, percent-encoded; `headers` hold Host. `payload_sha256` is hexadecimal.
    """
    request = AWSRequest(method, url, headers=dict(headers))
    request.context["payload"] = payload_sha256
    key = Key(credentials.key_id, credentials.secret, credentials.token or None)
    _Signer(key, "s3", region).add_auth(request)
    return list(request.headers.items())
