"""Both evaluators decide, and say what comes after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from s4desk.core.domain.lifecycle.aws import AwsEvaluator
from s4desk.core.domain.lifecycle.candidates import Candidate, Versioning
from s4desk.core.domain.lifecycle.decisions import Action
from s4desk.core.domain.lifecycle.first_match import FirstMatchEvaluator
from s4desk.core.domain.lifecycle.reading import lifecycle_of

NOW = datetime(2026, 11, 21, 13, tzinfo=UTC)
RULES = {
    "Rules": [
        {
            "Status": "Enabled",
            "Filter": {"Prefix": "logs/"},
            "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}],
            "Expiration": {"Days": 60},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 3},
        },
        {"Status": "Enabled", "Filter": {}, "Expiration": {"ExpiredObjectDeleteMarker": True}},
    ]
}


@pytest.mark.parametrize(
    ("evaluator", "days"),
    [(AwsEvaluator, [0, 21, 25, 26]), (FirstMatchEvaluator, [0, 20, 23, 24])],
)
def test_a_life_to_its_end(
    evaluator: type[AwsEvaluator | FirstMatchEvaluator], days: list[int]
) -> None:
    one = Candidate("logs/1", 200_000, NOW - timedelta(days=40, hours=1))
    events = evaluator(lifecycle_of(RULES), Versioning.ENABLED).forecast([one], NOW, 365)
    assert [(each.index, each.decision.action) for each in events] == [
        (0, Action.TRANSITION),
        (0, Action.EXPIRE),
        (0, Action.EXPIRE_NONCURRENT),
        (1, Action.REMOVE_DELETE_MARKER),
    ]
    assert [each.day for each in events] == days
