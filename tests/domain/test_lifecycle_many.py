"""Keys that are written every minute have a hundred thousand versions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from s4desk.core.domain.lifecycle.aws import AwsEvaluator
from s4desk.core.domain.lifecycle.candidates import Candidate, Versioning
from s4desk.core.domain.lifecycle.likeness import as_stack
from s4desk.core.domain.lifecycle.rules import Lifecycle, NoncurrentExpiration, Rule

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MANY = 30_000


def test_a_key_of_many_versions_takes_no_longer_than_many_keys() -> None:
    """Looking for each version among all of them would take half an hour."""
    versions = as_stack(
        [
            Candidate("k", 1, NOW - at * timedelta(minutes=1), version=f"v{at}", is_current=not at)
            for at in range(MANY)
        ]
    )
    rules = Lifecycle((Rule(noncurrent_expiration=NoncurrentExpiration(3, 2)),))
    events = AwsEvaluator(rules, Versioning.ENABLED).forecast(versions, NOW, 30)
    assert sorted(each.index for each in events) == list(range(3, MANY))
    assert {each.day for each in events} == {0, 1, 2, 3, 4}
