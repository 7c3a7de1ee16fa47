"""Checks of what a person types. Each returns the value or raises ValidationError with a sentence.

Bucket names: "General purpose bucket naming rules" in the S3 user guide. Stores other than AWS
take older, looser names, so only what no store takes is refused for existing buckets.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.identity import Prefix
from s4desk.core.runtime.i18n import tr

MAX_KEY_BYTES = 1024
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z")
_HOST = re.compile(r"[^\s/\\@<>\"'`{}|^]+\Z")
_QUOTES = ("'", '"')
_IP = re.compile(r"\d{1,3}(\.\d{1,3}){3}\Z")


def parse_bucket_name(text: str) -> str:
    """A name for a new bucket."""
    name = text.strip()
    if not 3 <= len(name) <= 63:
        raise ValidationError(tr("A bucket name has 3 to 63 characters."))
    if not _BUCKET.match(name):
        raise ValidationError(
            tr(
                "A bucket name has lower-case letters, digits, dots and hyphens,"
                " and starts and ends with a letter or digit."
            )
        )
    if ".." in name or _IP.match(name):
        raise ValidationError(
            tr("A bucket name may not have two dots in a row or look like an IP address.")
        )
    return name


def parse_endpoint(text: str) -> str:
    """An endpoint URL without a trailing slash; empty stays empty and means AWS."""
    url = text.strip()
    if not url:
        return ""
    if "://" not in url:
        url = f"https://{url}"
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ValidationError(_endpoint_example()) from error
    try:
        _ = parts.port
    except ValueError as error:
        sentence = tr("The port, after the “:”, is a number up to 65535.")
        raise ValidationError(sentence) from error
    is_host = parts.hostname is not None and _HOST.match(parts.hostname) is not None
    if parts.scheme not in ("http", "https") or not is_host:
        raise ValidationError(_endpoint_example())
    if parts.username or parts.password:
        raise ValidationError(
            tr("Keys do not belong into the address: it is kept where others may read it.")
        )
    if parts.query or parts.fragment:
        raise ValidationError(tr("An endpoint has no “?” and no “#”."))
    return url.rstrip("/")


def _endpoint_example() -> str:
    return tr("An endpoint looks like https://s3.example.com or http://127.0.0.1:9000.")


def endpoint_remark(text: str) -> str:
    """What is made of an endpoint that is not complete; empty when it is taken as it is."""
    if text.strip() and "://" not in text:
        return tr("It is taken as {url}.").format(url=parse_endpoint(text))
    return spaces_remark(text)


def parse_key(text: str) -> str:
    """A key id, a secret key or a token, as it was before a file or a shell put it into quotes."""
    key = text.strip()
    is_quoted = len(key) > 2 and key[0] == key[-1] and key[0] in _QUOTES
    return key[1:-1].strip() if is_quoted else key


def key_remark(text: str) -> str:
    """What is odd about a key id, a secret key or a token."""
    if parse_key(text) != text.strip():
        return tr("The quotation marks around it are left out.")
    if any(character.isspace() for character in text.strip()):
        return tr("There is a space in it. Keys have none as a rule: look at what was pasted.")
    return spaces_remark(text)


def spaces_remark(text: str) -> str:
    if text == text.strip():
        return ""
    return tr("Spaces at the beginning and at the end are left out.")


def parse_connection_name(text: str) -> str:
    name = text.strip()
    if not name:
        raise ValidationError(tr("A connection needs a name."))
    if ":" in name or "/" in name:
        raise ValidationError(tr("A connection name has no “:” and no “/”."))
    return name


def parse_place(text: str) -> tuple[str, Prefix | None]:
    """Read `s3://bucket/prefix`, `NAME:bucket/prefix` or `bucket/prefix`.

    Returns the connection's name (empty: the current one) and the prefix, None for the list of
    buckets. The prefix is taken as it is, byte for byte.
    """
    if text.startswith("s3://"):
        name, path = "", text.removeprefix("s3://")
    elif ":" in text.partition("/")[0]:
        name, _, path = text.partition(":")
    else:
        name, path = "", text
    bucket, _, prefix = path.partition("/")
    return name.strip(), Prefix(bucket, prefix) if bucket else None


def parse_new_key(text: str) -> str:
    """A key or folder name that a person typed. Nothing is normalised."""
    if not text:
        raise ValidationError(tr("A name is needed."))
    if len(text.encode("utf-8", "surrogateescape")) > MAX_KEY_BYTES:
        raise ValidationError(tr("A key has at most 1024 bytes."))
    return text
