"""Decisions of lifecycle rules for other programs: the same in JSON and in tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.viewmodels.lifecycle_reason import reason_text, rule_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.lifecycle.decisions import Decision, Event
    from s4desk.core.domain.lifecycle.rules import Rule


def decision_record(decision: Decision, rules: Sequence[Rule]) -> dict[str, object]:
    """What happens, by which rule and why; held back is null with what holds it. What stays under
    a delete marker says so."""
    step = decision.step
    record: dict[str, object] = {
        "action": decision.action,
        "storage_class": step.storage_class or None if decision.action else None,
        "rule": rule_name(rules, step.rule),
        "reason": reason_text(decision, rules),
    }
    if decision.hides:
        record["delete_marker"] = True
    if decision.skipped is not None:
        record["skipped"] = decision.skipped
        record["would"] = step.action
    return record


def then_records(events: Sequence[Event], rules: Sequence[Rule]) -> list[dict[str, object]]:
    """What comes after the first thing, each with its day from now."""
    return [{"day": each.day, **decision_record(each.decision, rules)} for each in events]
