"""What a preview is asked: which rules, who carries them out, from when on, how far ahead."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from s4desk.core.domain.lifecycle.aws import AwsEvaluator
from s4desk.core.domain.lifecycle.first_match import FirstMatchEvaluator
from s4desk.core.domain.lifecycle.likeness import Grain, Rounding, spans_of

if TYPE_CHECKING:
    from s4desk.core.domain.lifecycle.candidates import Versioning
    from s4desk.core.domain.lifecycle.evaluator import Evaluator
    from s4desk.core.domain.lifecycle.rules import Lifecycle


class Engine(StrEnum):
    """Who carries the rules out: a store as AWS documents it, or s4desk itself."""

    AWS = "aws"
    FIRST_MATCH = "first-match"


@dataclass(frozen=True, slots=True)
class Question:
    """What becomes of a bucket by these rules from `now` (UTC) on, until `days` later.

    `is_saved` says that the rules are those of the bucket: what the store itself says of its
    objects is then compared.
    """

    lifecycle: Lifecycle
    now: datetime
    days: int
    engine: Engine = Engine.AWS
    is_saved: bool = False

    @property
    def rounding(self) -> Rounding:
        grain = Grain.MIDNIGHT if self.engine is Engine.AWS else Grain.AGE
        return Rounding(grain, self.now.timestamp(), spans_of(self.lifecycle), self.days)

    def evaluator(self, versioning: Versioning) -> Evaluator:
        """For a bucket of which versions are kept so."""
        if self.engine is Engine.AWS:
            return AwsEvaluator(self.lifecycle, versioning)
        return FirstMatchEvaluator(self.lifecycle, versioning)

    def run(self, day: int) -> datetime:
        """So many days from now."""
        return self.now + timedelta(days=day)


def understood(lifecycle: Lifecycle) -> Lifecycle:
    """The same without rules of which something is not known: the evaluator of the store goes by
    the rest of them, and nobody here acts on that."""
    rules = tuple(
        replace(each, is_enabled=each.is_enabled and not each.unknown) for each in lifecycle.rules
    )
    return replace(lifecycle, rules=rules)
