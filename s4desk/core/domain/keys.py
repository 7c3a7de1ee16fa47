"""Percent-encoding of keys: one function for URL paths, copy sources and queries.

RFC 3986 unreserved characters stay; S3's signature demands exactly this set ("Signature
Calculations: UriEncode" in the S3 API reference).
"""

from __future__ import annotations

from urllib.parse import quote, unquote_to_bytes


def encode_key(key: str) -> str:
    """`key` for a URL path: slashes stay, every other reserved byte is escaped."""
    return quote(key.encode("utf-8", "surrogateescape"), safe="/-_.~")


def encode_value(value: str) -> str:
    """`value` for a query string: slashes are escaped too."""
    return quote(value.encode("utf-8", "surrogateescape"), safe="-_.~")


def decode_listed(text: str) -> str:
    """A key of a listing with `encoding-type=url`, which writes a space as `+`."""
    if "%" not in text and "+" not in text:
        return text
    return unquote_to_bytes(text.replace("+", " ")).decode("utf-8", "surrogateescape")
