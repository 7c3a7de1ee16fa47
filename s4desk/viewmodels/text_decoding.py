"""Bytes of an unknown object as text: which encoding they are in, and whether they are text."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from s4desk.core.runtime.i18n import tr

ENCODINGS = (
    "utf-8",
    "utf-16-le",
    "utf-16-be",
    "utf-32-le",
    "utf-32-be",
    "cp1252",
    "iso8859-1",
    "iso8859-2",
    "cp1251",
    "shift_jis",
    "euc_jp",
    "gb18030",
    "big5",
    "euc_kr",
)
"""What can be chosen, by Python's names."""

# The longer marks first: that of UTF-16 begins that of UTF-32.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FALLBACKS = ("cp1252", "iso8859-1")
_LOOKED_AT = 8192
_MOST_CONTROLS = 0.02
_CONTROLS = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """`is_guessed`: nothing in the bytes says that it is this encoding."""

    text: str
    encoding: str
    is_guessed: bool = False


def decode(data: bytes, encoding: str = "") -> Decoded:
    """The text of `data`, which may end in the middle of a character.

    With an `encoding` it is taken for that, and what does not fit is replaced. Without one the mark
    at its begin tells; then what is whole UTF-8 is UTF-8, and the rest Windows-1252 or Latin-1.
    """
    marked = next((name for mark, name in _MARKS if data.startswith(mark)), "")
    if encoding:
        return Decoded(_decoded(data, encoding, "replace").removeprefix("\ufeff"), encoding)
    if marked:
        return Decoded(_decoded(data, marked, "replace").removeprefix("\ufeff"), marked)
    if wide := _wide(data):
        return Decoded(_decoded(data, wide, "replace"), wide, is_guessed=True)
    try:
        return Decoded(_decoded(data, "utf-8", "strict"), "utf-8")
    except UnicodeDecodeError:
        pass
    for name in _FALLBACKS[:-1]:
        try:
            return Decoded(data.decode(name), name, is_guessed=True)
        except UnicodeDecodeError:
            continue
    return Decoded(data.decode(_FALLBACKS[-1]), _FALLBACKS[-1], is_guessed=True)


def mark_of(data: bytes) -> tuple[bytes, str]:
    """The mark that bytes begin with, and the encoding that it stands for; nothing for none."""
    return next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", ""))


def is_binary(data: bytes) -> bool:
    """Whether `data` is no text of any encoding that `decode` would find."""
    if any(data.startswith(mark) for mark, _ in _MARKS) or _wide(data):
        return False
    looked_at = data[:_LOOKED_AT]
    return b"\0" in looked_at or (
        len(_CONTROLS.findall(looked_at)) > len(looked_at) * _MOST_CONTROLS
    )


def encoding_label(encoding: str) -> str:
    """The name of an encoding as people know it."""
    return {
        "utf-8": "UTF-8",
        "utf-16-le": "UTF-16 LE",
        "utf-16-be": "UTF-16 BE",
        "utf-32-le": "UTF-32 LE",
        "utf-32-be": "UTF-32 BE",
        "cp1252": tr("Western (Windows-1252)"),
        "iso8859-1": tr("Western (Latin-1)"),
        "iso8859-2": tr("Central European (Latin-2)"),
        "cp1251": tr("Cyrillic (Windows-1251)"),
        "shift_jis": tr("Japanese (Shift JIS)"),
        "euc_jp": tr("Japanese (EUC-JP)"),
        "gb18030": tr("Chinese (GB 18030)"),
        "big5": tr("Chinese (Big5)"),
        "euc_kr": tr("Korean (EUC-KR)"),
    }.get(encoding, encoding)


def _decoded(data: bytes, encoding: str, errors: str) -> str:
    """The last character is left out when it is not all there."""
    return codecs.getincrementaldecoder(encoding)(errors).decode(data, final=False)


def _wide(data: bytes) -> str:
    """UTF-16 without a mark: Latin letters leave every other byte zero, on one side only."""
    looked_at = data[: _LOOKED_AT // 2 * 2]
    if len(looked_at) < 4:
        return ""
    even, odd = looked_at[::2].count(0), looked_at[1::2].count(0)
    pairs = len(looked_at) // 2
    if odd > pairs * 0.7 and not even:
        return "utf-16-le"
    if even > pairs * 0.7 and not odd:
        return "utf-16-be"
    return ""
