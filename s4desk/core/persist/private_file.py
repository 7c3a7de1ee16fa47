"""Files that are for their owner alone."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Final

from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from pathlib import Path

_OTHERS: Final = 0o077
_HAS_MODES: Final = os.name == "posix"
"""Elsewhere the bits of a file's mode say nothing about who may read it."""


def exposure_notice(path: Path) -> str:
    """A sentence when a file of secrets is open to others by its mode; empty when it is not, or
    when there is none."""
    try:
        mode = path.stat().st_mode
    except OSError:  # whoever reads it tells
        return ""
    if not (_HAS_MODES and mode & _OTHERS):
        return ""
    said = tr("{file} is open to others on this computer. Keep it to yourself: {command}")
    return said.format(file=path, command=f"chmod 600 {shlex.quote(str(path))}")
