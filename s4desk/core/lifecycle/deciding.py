"""Whether rules still decide the same of a version, by the tags that it has now."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from s4desk.core.domain.lifecycle.candidates import Candidate
from s4desk.core.lifecycle.question import Engine, Question, understood

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.lifecycle.findings import Finding
    from s4desk.core.lifecycle.plan import Plan


class Deciding:
    """Asks the rules of one plan again."""

    def __init__(self, plan: Plan) -> None:
        lifecycle = understood(plan.lifecycle)
        question = Question(lifecycle, plan.made, 0, plan.engine)
        self._evaluator = question.evaluator(plan.versioning)
        self._made = plan.made
        self._are_ordered = plan.engine is Engine.FIRST_MATCH
        self._tagged = [
            (at, rule.filter)
            for at, rule in enumerate(lifecycle.rules)
            if rule.is_enabled and rule.filter.tags
        ]

    def is_by_tags(self, found: Finding) -> bool:
        """Whether its tags may bring another rule into play than the one that fired, or that one
        out of it. In order, those behind it do not."""
        return any(
            each.matches(found.key, found.size, dict(each.tags))
            for at, each in self._tagged
            if not self._are_ordered or at <= found.decision.step.rule
        )

    def is_same(self, found: Finding, candidate: Candidate, tags: Mapping[str, str]) -> bool:
        """Whether what was planned is what they say of it with these tags."""
        decision = self._evaluator.decide(replace(candidate, tags=tags), self._made)
        if decision is None:
            return False
        now, planned = decision.step, found.decision.step
        return (now.action, now.rule, now.storage_class) == (
            planned.action,
            planned.rule,
            planned.storage_class,
        )


def current_of(found: Finding) -> Candidate:
    """What a finding says of a current version."""
    undated = found.created != found.created
    return Candidate(
        key=found.key,
        size=found.size,
        created=None if undated else datetime.fromtimestamp(found.created, UTC),
        storage_class=found.storage_class,
        version=found.version,
        etag=found.etag,
    )
