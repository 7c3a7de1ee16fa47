"""Sums as they are written: S3 has base64, an ETag and most programs have hexadecimal digits."""

from __future__ import annotations

import base64
import re
from typing import Final

_HEX_MD5: Final = re.compile(r"([0-9a-f]{32})(-[0-9]+)?", re.IGNORECASE)
_MD5_BYTES: Final = 16


def as_base64(checksum: str) -> str:
    """The sum as S3 writes it, be it that of an ETag; the number of its parts stays behind it."""
    found = _HEX_MD5.fullmatch(checksum)
    if found is None:
        return checksum
    return base64.b64encode(bytes.fromhex(found[1])).decode() + (found[2] or "")


def md5_digits(verified: str, checksum: str) -> str:
    """The MD5 of all of an object as `md5sum` writes it, empty where another sum is known."""
    if verified != "md5":
        return ""
    try:
        digest = base64.b64decode(as_base64(checksum), validate=True)
    except ValueError:
        return ""
    return digest.hex() if len(digest) == _MD5_BYTES else ""
