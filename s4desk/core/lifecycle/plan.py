"""What is to be done to a bucket now: a person sees it before it is carried out."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from s4desk.core.domain.lifecycle.candidates import Versioning
from s4desk.core.lifecycle.findings import Findings
from s4desk.core.lifecycle.question import Engine

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from s4desk.core.domain.lifecycle.decisions import Action, Skipped
    from s4desk.core.domain.lifecycle.rules import Lifecycle
    from s4desk.core.lifecycle.asking import Failure
    from s4desk.core.lifecycle.concerns import Concern
    from s4desk.core.lifecycle.findings import Finding


@dataclass(frozen=True)
class Plan:
    """All of one bucket that is due at `made`: only that is carried out.

    `skipped` counts what rules would act on and must not, `held` lists it. `evaluated` is how many
    versions, markers and uploads were looked at; it `is_whole` when that was all of the bucket, and
    `concerns` are what could not be learned of it. `errors` counts versions that did not say what
    decides about them, `failures` lists the first: nothing is done to their keys. `engine` is whose
    way it was to ask the rules; `has_tags` is false of a store that knows no such thing.
    """

    bucket: str
    lifecycle: Lifecycle
    made: datetime
    findings: Findings = field(default_factory=Findings)
    versioning: Versioning = Versioning.OFF
    evaluated: int = 0
    skipped: Mapping[Skipped, int] = field(default_factory=dict)
    is_whole: bool = True
    concerns: Sequence[Concern] = ()
    errors: int = 0
    held: Findings = field(default_factory=Findings)
    failures: Sequence[Failure] = ()
    engine: Engine = Engine.FIRST_MATCH
    has_tags: bool = True
    _counts: dict[Action, tuple[int, int]] = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.findings)

    def rows(self, action: Action) -> Sequence[int]:
        """Where in the findings the ones of an action are that somebody has to carry out."""
        decisions = self.findings.decisions
        return array(
            "L",
            [
                at
                for at, each in enumerate(decisions)
                if each.action is action and not each.is_consequence
            ],
        )

    @cached_property
    def consequences(self) -> Mapping[str, Finding]:
        """What goes with an expiration, by key: in a suspended bucket the null version, whose place
        the delete marker takes."""
        if self.versioning is not Versioning.SUSPENDED:
            return {}
        return {
            self.findings[at].key: self.findings[at]
            for at, each in enumerate(self.findings.decisions)
            if each.is_consequence
        }

    @cached_property
    def classes(self) -> Sequence[str]:
        """To which objects go that change theirs."""
        decisions = self.findings.decisions
        return sorted({each.step.storage_class for each in decisions} - {""})

    @cached_property
    def class_by_version(self) -> Mapping[tuple[str, str], str]:
        """To which class each goes that changes its own, by key and version."""
        found = self.findings
        rows = zip(found.keys, found.versions, found.decisions, strict=True)
        return {
            (key, version): decision.step.storage_class
            for key, version, decision in rows
            if decision.step.storage_class
        }

    @cached_property
    def kept(self) -> tuple[int, int]:
        """How many of what expires stay under delete markers, and how many bytes."""
        findings = self.findings
        sizes = [
            size
            for decision, size in zip(findings.decisions, findings.sizes, strict=True)
            if decision.hides
        ]
        return len(sizes), sum(sizes)

    @property
    def counts(self) -> Mapping[Action, tuple[int, int]]:
        """How many, and how many bytes, per action; counted once."""
        if self._counts or not len(self):
            return self._counts
        numbers: Counter[Action] = Counter()
        sizes: Counter[Action] = Counter()
        for decision, size in zip(self.findings.decisions, self.findings.sizes, strict=True):
            if decision.action is not None:
                numbers[decision.action] += 1
                sizes[decision.action] += size
        self._counts.update((each, (count, sizes[each])) for each, count in numbers.items())
        return self._counts


class PlanDraft:
    """Takes the findings of a look at a bucket and keeps what is due."""

    def __init__(self) -> None:
        self.findings = Findings()
        self.held = Findings()
        self.skipped: Counter[Skipped] = Counter()

    def take(self, found: Iterable[Finding]) -> None:
        for each in found:
            if each.day:
                continue
            if each.decision.skipped is not None:
                self.skipped[each.decision.skipped] += 1
                self.held.add(each)
            else:
                self.findings.add(each)
