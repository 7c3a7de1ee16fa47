"""Versions in words: which one it is, what it is, and what is done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.objects import DELETED, LATEST
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from s4desk.core.domain.identity import VersionId

SHORT = 10


def version_label(version: VersionId) -> str:
    """As much of an id as tells it from its neighbours."""
    return version if len(version) <= SHORT + 1 else f"{version[:SHORT]}…"


def state_label(mark: int) -> str:
    """What a version is, by its mark in a Page."""
    return {
        LATEST: tr("Latest"),
        0: tr("Older"),
        DELETED: tr("Delete marker"),
        LATEST | DELETED: tr("Latest, delete marker"),
    }.get(mark, "")
