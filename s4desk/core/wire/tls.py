"""Whom every connection to a store trusts, and the oldest TLS it speaks."""

from __future__ import annotations

import functools
import os
import ssl


def tls_context(ca_file: str = "") -> ssl.SSLContext:
    """TLS 1.2 or newer, HTTP/1.1, the system's authorities and those in `ca_file`, a PEM bundle.

    One and the same for all who ask, on every thread, until the file changes: nobody may alter
    it. Reads files. Raises ssl.SSLError for a bundle that cannot be read.
    """
    if not ca_file:
        return _context("", 0)
    try:
        return _context(ca_file, os.stat(ca_file).st_mtime_ns)
    except OSError as error:
        reason = error.strerror or getattr(error, "reason", None) or error
        raise ssl.SSLError(f"cannot read certificates from {ca_file}: {reason}") from error


@functools.lru_cache(maxsize=8)
def _context(ca_file: str, _changed_ns: int) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    if ca_file:
        context.load_verify_locations(ca_file)
    return context
