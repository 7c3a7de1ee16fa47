"""What a window about lifecycle rules is about: which bucket of which connection, which rules, and
who carries them out how."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from s4desk.core.lifecycle.question import Engine
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.printable import printable
from s4desk.viewmodels.rows import format_count

if TYPE_CHECKING:
    from s4desk.core.domain.identity import Prefix


class RulesOf(StrEnum):
    """Where rules come from: the bucket has them, somebody edits them, or they are kept here for a
    store that has none."""

    SAVED = "saved"
    EDITED = "edited"
    KEPT = "kept"


def place_text(name: str, place: Prefix) -> str:
    """As verbs take it; `name` is that of the connection."""
    inside = f"/{place.prefix}" if place.prefix else ""
    return printable(f"{name}:{place.bucket}{inside}")


def rules_text(source: RulesOf, count: int | None = None) -> str:
    """Which rules; how many of them, once that is known."""
    if count is None:
        return {
            RulesOf.SAVED: tr("Rules as saved."),
            RulesOf.EDITED: tr("Rules as edited, not saved."),
            RulesOf.KEPT: tr("Rules that are kept here, not those of the bucket."),
        }[source]
    said = {
        RulesOf.SAVED: tr_n("{count} rule as saved.", "{count} rules as saved.", count),
        RulesOf.EDITED: tr_n(
            "{count} rule as edited, not saved.", "{count} rules as edited, not saved.", count
        ),
        RulesOf.KEPT: tr_n(
            "{count} rule that is kept here, not that of the bucket.",
            "{count} rules that are kept here, not those of the bucket.",
            count,
        ),
    }[source]
    return said.format(count=format_count(count))


def engine_text(engine: Engine) -> str:
    """Who carries them out: how they are read differs."""
    return {
        Engine.AWS: tr("As the store does it"),
        Engine.FIRST_MATCH: tr("As s4desk does it, first match"),
    }[engine]


def first_match_text() -> str:
    """How s4desk itself reads rules."""
    return tr("s4desk does it: the first rule that fires decides what becomes of an object.")
