"""Certificates that a person decided to trust, as PEM files beside the connections."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import LocalFileError

if TYPE_CHECKING:
    from s4desk.core.domain.certificate import PeerCertificate

FOLDER = "certificates"


def keep_certificate(config: Path, certificate: PeerCertificate, beside: str = "") -> Path:
    """Write a certificate where a connection can name it as its CA file, and return that file.

    `beside` is the bundle that was trusted so far: the new file holds both. Reads and writes
    files. Raises LocalFileError.
    """
    folder = config / FOLDER
    name = certificate.fingerprint.replace(":", "").lower()
    path = folder / f"{name}.pem"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        before = Path(beside).read_text("utf-8", "surrogateescape") if beside else ""
        if certificate.pem in before:
            return Path(beside)
        _replace(path, f"{before.rstrip()}\n{certificate.pem}".lstrip())
    except OSError as error:
        raise LocalFileError(path, error) from error
    return path


def _replace(path: Path, text: str) -> None:
    """A file is there whole or not at all."""
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
    Path(name).replace(path)
