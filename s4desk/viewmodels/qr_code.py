"""A text as a QR code, as rows of dark and bright squares."""

from __future__ import annotations

from typing import Final

Code = tuple[bytes, ...]
"""Rows of modules, 1 for dark; with the quiet zone that belongs around them."""

QUIET: Final = 4
"""Modules of nothing around a code (ISO/IEC 18004)."""


def code_of(text: str) -> Code | None:
    """None for a text that no QR code has room for, which is some 2900 bytes."""
    # It takes 35 ms to import, and few ask for a code.
    import segno  # noqa: PLC0415

    try:
        code = segno.make_qr(text, error="l")
    except segno.DataOverflowError:
        return None
    return tuple(bytes(row) for row in code.matrix_iter(border=QUIET))
