"""What pages of the S3 user guide say about lifecycle rules, as cases.

Pages are called by what stands in their address.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from s4desk.core.domain.lifecycle.aws import AwsEvaluator
from s4desk.core.domain.lifecycle.candidates import Candidate, Versioning
from s4desk.core.domain.lock import LockMode, LockState
from tests.domain.lifecycle_words import DAY, NOW, lifecycle, said

if TYPE_CHECKING:
    from collections.abc import Sequence

ELEMENTS = "intro-lifecycle-rules"
FILTERS = "intro-lifecycle-filters"
EXAMPLES = "lifecycle-configuration-examples"
CONFLICTS = "lifecycle-conflicts"
TRANSITIONS = "lifecycle-transition-general-considerations"
EXPIRING = "lifecycle-expire-general-considerations"
REPLICATION = "lifecycle-and-other-bucket-config"
LOCKS = "object-lock-managing"

OFF, ENABLED, SUSPENDED = Versioning.OFF, Versioning.ENABLED, Versioning.SUSPENDED
SMALL = 128 * 1024
BY_CLASS = "varies_by_storage_class"
IA, INT, ONE, GIR, ICE, DEEP = (
    "STANDARD_IA",
    "INTELLIGENT_TIERING",
    "ONEZONE_IA",
    "GLACIER_IR",
    "GLACIER",
    "DEEP_ARCHIVE",
)
HELD = LockState(LockMode.GOVERNANCE, NOW + DAY)
HOLD = LockState(legal_hold=True)
OVER = LockState(LockMode.COMPLIANCE, NOW)


@dataclass(frozen=True)
class Case:
    """What a page says, and what is decided by it at NOW."""

    page: str
    says: str
    rules: Sequence[dict[str, Any]]
    candidate: Candidate
    decided: str
    versioning: Versioning = OFF
    minimum: str = ""

    def __str__(self) -> str:
        return f"{self.page}: {self.says}"


def table(*cases: Case) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=str)


def check(case: Case) -> None:
    evaluator = AwsEvaluator(lifecycle(*case.rules, minimum=case.minimum), case.versioning)
    assert said(evaluator.decide(case.candidate, NOW)) == case.decided
