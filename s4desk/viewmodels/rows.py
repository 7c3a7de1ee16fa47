"""What is read in a row: sizes, dates, kinds and names of odd keys. Pure, and fast enough to be
called when a cell is painted."""

from __future__ import annotations

import time
import unicodedata
from enum import StrEnum
from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import decimal_mark, tr, tr_n

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
DECIMAL_UNITS = ("kB", "MB", "GB", "TB", "PB", "EB")
NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"
VISIBLE_SPACE = "\N{OPEN BOX}"
DELETE = 0x7F
_VARIATIONS = frozenset(map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]))
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and symbols without ink


DOTS = (".", "..")


class Kind(StrEnum):
    """What a name promises to be; the values are names of icons."""

    FOLDER = "folder"
    IMAGE = "file-image"
    VIDEO = "file-video"
    AUDIO = "file-audio"
    TEXT = "file-text"
    CODE = "file-code"
    ARCHIVE = "file-archive"
    DATA = "file-data"
    DOCUMENT = "file-document"
    FILE = "file"


_EXTENSIONS = {
    Kind.IMAGE: "png jpg jpeg gif webp bmp tif tiff svg heic heif avif ico psd raw cr2 nef dng",
    Kind.VIDEO: "mp4 m4v mov mkv avi webm mpg mpeg wmv flv m2ts 3gp",
    Kind.AUDIO: "mp3 flac wav ogg oga opus m4a aac wma aiff mid",
    Kind.TEXT: "txt md rst log csv tsv srt tex adoc",
    Kind.CODE: "py js ts jsx tsx c h cc cpp hpp rs go java kt rb php sh ps1 sql html htm css xml"
    " json yaml yml toml ini cfg conf tf lua r jl swift ipynb",
    Kind.ARCHIVE: "zip tar gz tgz bz2 xz zst lz4 7z rar jar war deb rpm iso dmg img br",
    Kind.DATA: "parquet avro orc arrow feather npy npz h5 hdf5 nc db sqlite sqlite3 pb jsonl"
    " ndjson bin dat pkl pt safetensors",
    Kind.DOCUMENT: "pdf doc docx odt rtf xls xlsx ods ppt pptx odp epub pages numbers key",
}
_KIND_OF = {extension: kind for kind, known in _EXTENSIONS.items() for extension in known.split()}


def format_size(size: int) -> str:
    """`size` bytes in binary units with at least two, at most four digits."""
    return _format_size(size, 1024, UNITS)


def format_decimal_size(size: int) -> str:
    """The same in decimal units: beside what was typed in those."""
    return _format_size(size, 1000, DECIMAL_UNITS)


def _format_size(size: int, base: int, units: Sequence[str]) -> str:
    if size < base:
        return f"{size} B"
    value, unit = float(size), ""
    for unit in units:  # noqa: B007
        value /= base
        if value < 999.5:
            break
    if value >= 99.95:
        return f"{value:.0f} {unit}"
    tenths = f"{value:.1f} {unit}"
    return tenths if (mark := decimal_mark()) == "." else tenths.replace(".", mark)


def format_bytes(size: int) -> str:
    """Every byte of `size`, for tool tips."""
    text = format_count(size)
    return tr_n("{count} byte", "{count} bytes", size).format(count=text)


def format_count(count: int) -> str:
    """A number with its thousands apart."""
    return f"{count:,}".replace(",", NARROW_SPACE)


def format_time(seconds: float) -> str:
    """`seconds` since the epoch as local time; nothing for nan and for what no clock shows."""
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
    except (ValueError, OverflowError, OSError):
        return ""


def format_moment(moment: datetime) -> str:
    """Local time to the second, and to its parts where it has any: what is near another moment."""
    try:
        local = moment.astimezone()
    except (ValueError, OverflowError, OSError):
        return ""
    text = local.strftime("%Y-%m-%d %H:%M:%S")
    parts = f"{local.microsecond:06}".rstrip("0")
    return f"{text}.{parts}" if parts else text


def format_speed(per_second: float) -> str:
    """Bytes per second."""
    return tr("{size}/s").format(size=format_size(int(per_second)))


def format_duration(seconds: float | None) -> str:
    """Time that is left, as coarse as it is uncertain; nothing for None."""
    if seconds is None:
        return ""
    whole = int(seconds + 0.5)
    if whole < 60:
        return tr("{seconds} s").format(seconds=whole)
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return tr("{minutes} min {seconds:02} s").format(minutes=minutes, seconds=rest)
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return tr("{hours} h {minutes:02} min").format(hours=hours, minutes=minutes)
    return tr("{days} days").format(days=hours // 24)


def kind_of(name: str) -> Kind:
    """The kind that the extension of `name` promises."""
    return (
        _KIND_OF.get(name[name.rfind(".") + 1 :].lower(), Kind.FILE) if "." in name else Kind.FILE
    )


def type_label(name: str) -> str:
    """The text of the Type column."""
    kind = kind_of(name)
    if kind is Kind.FILE:
        return tr("File")
    return _kind_words()[kind].format(extension=name[name.rfind(".") + 1 :].upper())


def _kind_words() -> dict[Kind, str]:
    return {
        Kind.IMAGE: tr("{extension} image"),
        Kind.VIDEO: tr("{extension} video"),
        Kind.AUDIO: tr("{extension} audio"),
        Kind.TEXT: tr("{extension} text"),
        Kind.CODE: tr("{extension} source"),
        Kind.ARCHIVE: tr("{extension} archive"),
        Kind.DATA: tr("{extension} data"),
        Kind.DOCUMENT: tr("{extension} document"),
    }


def display_name(name: str) -> str:
    """`name` on one line, with everything that hides or turns text around made visible.

    Two different names never look the same because of an invisible character; NFC and NFD twins
    do, and the tool tip tells them apart (`escape_key`).
    """
    if name.isascii() and name.isprintable() and name[:1] != " " and name[-1:] != " ":
        return name
    start = len(name) - len(name.lstrip(" "))
    end = len(name.rstrip(" "))
    if start >= end:
        return VISIBLE_SPACE * len(name)
    middle = name[start:end]
    shown = "".join(_visible(middle, at) for at in range(len(middle)))
    return VISIBLE_SPACE * start + shown + VISIBLE_SPACE * (len(name) - end)


def folder_label(name: str) -> str:
    """A folder's name, given with its delimiter. Two delimiters in a row leave it without one."""
    bare = name.removesuffix("/")
    if bare in DOTS:
        return f"{bare}/"  # or it would look like the way up of a file manager
    return display_name(bare) or tr("(empty name)")


def dots_hint(name: str) -> str:
    """What is said about a folder whose name means another folder elsewhere; empty for others."""
    if name.removesuffix("/") not in DOTS:
        return ""
    return tr("A folder of this name: it does not lead to another one.")


def object_label(name: str) -> str:
    """An object's name below its folder; empty is the object that has the folder's own key."""
    return display_name(name) or tr("(folder marker)")


def escape_key(key: str) -> str:
    r"""`key` so that every character can be told: `\n`, `\x01`, `\u202e`, `\udc80`, `e\u0301`."""
    return "".join(
        character if _is_plain(character) else character.encode("unicode_escape").decode()
        for character in key.replace("\\", "\\\\")
    )


def _is_plain(character: str) -> bool:
    return character == " " or (
        character.isprintable() and not unicodedata.category(character).startswith("M")
    )


def _visible(name: str, at: int) -> str:
    character = name[at]
    if character.isascii() and character.isprintable():
        return character
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == DELETE:
        return "\N{SYMBOL FOR DELETE}"
    if 0xDC80 <= code <= 0xDCFF:
        return f"⟨{code - 0xDC00:02X}⟩"
    if _is_shown(name, at):
        return character
    return f"⟨U+{code:04X}⟩"


def _is_shown(name: str, at: int) -> bool:
    """Say whether a reader sees this character, or what it does to its neighbours."""
    character = name[at]
    before, after = name[at - 1 : at], name[at + 1 : at + 2]
    if character == "\N{ZERO WIDTH JOINER}":
        return _is_picture(before) and _is_picture(after)
    if character in _VARIATIONS:
        return _is_picture(before) or after == "\N{COMBINING ENCLOSING KEYCAP}"
    return character.isprintable() and character not in _BLANKS


def _is_picture(character: str) -> bool:
    """Emoji, their skin tones and variation selectors: several of them may be one picture."""
    return character != "" and (
        unicodedata.category(character) in ("So", "Sk") or character in _VARIATIONS
    )
