"""Bytes of an unknown object as text: which encoding they are in, and whether they are text."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from importlib import import_module

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
    "koi8_r",
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
_SINGLE = ("koi8_r", "cp1251")
_GUESSED = (*_SINGLE, "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr", "cp1252")
_GUESSED_FROM = 64 * 1024
_LONGEST = 4
"""Bytes of a character."""
_FEWEST_LETTERS = 4
_LETTERS = re.compile(rb"[A-Za-z\x80-\xff]")
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
    at its begin tells; then what is whole UTF-8 is UTF-8. Of the rest the bytes tell whether it is
    Japanese, Chinese, Korean or Cyrillic; what is none of these is Windows-1252 or Latin-1.
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
    return _guessed(data)


def _guessed(data: bytes) -> Decoded:
    if likely := _likely(data[:_GUESSED_FROM]):
        return Decoded(_decoded(data, likely, "replace"), likely, is_guessed=True)
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
        "koi8_r": tr("Cyrillic (KOI8-R)"),
        "shift_jis": tr("Japanese (Shift JIS)"),
        "euc_jp": tr("Japanese (EUC-JP)"),
        "gb18030": tr("Chinese (GB 18030)"),
        "big5": tr("Chinese (Big5)"),
        "euc_kr": tr("Korean (EUC-KR)"),
    }.get(encoding, encoding)


def _decoded(data: bytes, encoding: str, errors: str) -> str:
    """The last character is left out when it is not all there."""
    return codecs.getincrementaldecoder(encoding)(errors).decode(data, final=False)


def _likely(data: bytes) -> str:
    """The encoding that these bytes make sense in; empty for a Western one, and for none."""
    # Loaded when text comes that is not UTF-8, which is rare.
    from_bytes = import_module("charset_normalizer").from_bytes
    for cut in range(_LONGEST):
        # The last character may not be all there.
        found = from_bytes(data[: len(data) - cut], cp_isolation=list(_GUESSED)).best()
        if found is not None:
            break
    else:
        return ""
    name = str(found.encoding)
    return name if name != "cp1252" and _is_written_in(data, name) else ""


def _is_written_in(data: bytes, encoding: str) -> bool:
    """A letter with an accent here and there is Western: words of an alphabet are whole words."""
    letters: list[bytes] = _LETTERS.findall(data)
    high = sum(letter > b"\x7f" for letter in letters)
    return high >= _FEWEST_LETTERS and (encoding not in _SINGLE or high * 3 >= len(letters))


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
