"""One sample object, and the file formats that several buckets use."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tarfile
import wave
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

CONTENT_TYPES: Final = {
    ".csv": "text/csv",
    ".gz": "application/gzip",
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".py": "text/x-python",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".wav": "audio/wav",
    ".yaml": "application/yaml",
    ".zip": "application/zip",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """An object to be stored, with the time it pretends to have been stored at (UTC)."""

    key: str
    body: bytes
    modified: datetime
    storage_class: str = "STANDARD"
    tags: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def content_type(self) -> str:
        """By the end of the name; what has none is a stream of bytes."""
        _, dot, suffix = self.key.rpartition(".")
        return CONTENT_TYPES.get(dot + suffix, "binary/octet-stream")


def csv_file(header: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    """A table as RFC 4180 has it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def json_file(content: Any) -> bytes:
    """Indented, with a newline at the end."""
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()


def gzip_file(content: bytes) -> bytes:
    """Compressed; the same bytes every time."""
    return gzip.compress(content, 6, mtime=0)


def tar_gz_file(members: Mapping[str, bytes], modified: datetime) -> bytes:
    """A compressed tar archive of `members`."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = len(content), int(modified.timestamp())
            archive.addfile(entry, io.BytesIO(content))
    return gzip_file(packed.getvalue())


def zip_file(members: Mapping[str, bytes], modified: datetime) -> bytes:
    """A zip archive of `members`."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, modified.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return packed.getvalue()


def wav_file(samples: bytes, *, rate_hz: int) -> bytes:
    """Mono sound of 16 bits a sample."""
    packed = io.BytesIO()
    with wave.open(packed, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate_hz)
        sound.writeframes(samples)
    return packed.getvalue()


def pdf_file(title: str, lines: Iterable[str]) -> bytes:
    """One page with a title and lines of Latin-1 text (ISO 32000-1, 7.5)."""
    shown = [f"BT /F1 20 Tf 72 760 Td ({_pdf_text(title)}) Tj /F1 11 Tf 0 -34 Td 16 TL"]
    shown += [f"({_pdf_text(line)}) Tj T*" for line in lines]
    page = "\n".join([*shown, "ET"]).encode("latin-1")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    written = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(written))
        written += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return bytes(
        written
        + b"xref\n0 %d\n0000000000 65535 f \n%b" % (size, table)
        + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(written))
    )


def _pdf_text(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
