"""Rules and versions in few words, and what was decided about them as a line of text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from s4desk.core.domain.lifecycle.candidates import Candidate
from s4desk.core.domain.lifecycle.reading import lifecycle_of

if TYPE_CHECKING:
    from s4desk.core.domain.lifecycle.decisions import Decision, Event
    from s4desk.core.domain.lifecycle.rules import Lifecycle

NOW = datetime(2026, 11, 21, 13, tzinfo=UTC)
DAY = timedelta(days=1)
MARKER = {"is_delete_marker": True, "size": 0}


def lifecycle(*rules: dict[str, Any], minimum: str = "") -> Lifecycle:
    """Rules as the API writes them; on, and about everything, where they do not say otherwise."""
    whole = [{"Status": "Enabled", "Filter": {}} | rule for rule in rules]
    header = {"TransitionDefaultMinimumObjectSize": minimum} if minimum else {}
    return lifecycle_of({"Rules": whole, **header})


def expires(days: int, **more: Any) -> dict[str, Any]:
    return {"Expiration": {"Days": days}, **more}


def moves(*steps: tuple[int, str], **more: Any) -> dict[str, Any]:
    named = [{"Days": days, "StorageClass": name} for days, name in steps]
    return {"Transitions": named, **more}


def old_expires(days: int, newer: int = 0, **more: Any) -> dict[str, Any]:
    kept = {"NewerNoncurrentVersions": newer} if newer else {}
    return {"NoncurrentVersionExpiration": {"NoncurrentDays": days, **kept}, **more}


def old_moves(days: int, name: str, newer: int = 0, **more: Any) -> dict[str, Any]:
    kept = {"NewerNoncurrentVersions": newer} if newer else {}
    entry = {"NoncurrentDays": days, "StorageClass": name, **kept}
    return {"NoncurrentVersionTransitions": [entry], **more}


def cleans_markers(**more: Any) -> dict[str, Any]:
    return {"Expiration": {"ExpiredObjectDeleteMarker": True}, **more}


def on(date: str) -> dict[str, Any]:
    return {"Expiration": {"Date": date}}


def about(**filters: Any) -> dict[str, Any]:
    return {"Filter": filters}


def tagged(key: str, value: str) -> dict[str, Any]:
    return about(Tag={"Key": key, "Value": value})


def version(age: float | None = 0, **fields: Any) -> Candidate:
    """A current version of 1 MiB that came `age` days ago."""
    created = None if age is None else NOW - age * DAY
    return Candidate(**{"key": "logs/a", "size": 1 << 20, "created": created, **fields})


def old(age: float | None = 0, **fields: Any) -> Candidate:
    """A noncurrent version, `age` days after it ceased to be current."""
    since = None if age is None else NOW - age * DAY
    return version(1000, **{"is_current": False, "noncurrent_since": since, **fields})


def said(decision: Decision | None) -> str:
    """`expire #0`, `transition GLACIER #1`, `locked: expire #0`; nothing for none."""
    if decision is None:
        return ""
    step = decision.step
    words = [step.action.value, step.storage_class, f"#{step.rule}"]
    held = f"{decision.skipped.value}: " if decision.skipped else ""
    return held + " ".join(filter(None, words))


def told(event: Event) -> str:
    """`day 3: [0] expire #0`."""
    return f"day {event.day}: [{event.index}] {said(event.decision)}"
