"""Keys of one likeness have one future, whatever the moments in which they came."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.lifecycle.aws import AwsEvaluator
from s4desk.core.domain.lifecycle.candidates import Candidate
from s4desk.core.domain.lifecycle.first_match import FirstMatchEvaluator
from s4desk.core.domain.lifecycle.likeness import (
    DAY_S,
    Grain,
    Matcher,
    Rounding,
    as_stack,
    likeness_of,
    spans_of,
)
from tests.domain.lifecycle_strategies import lifecycles, worlds
from tests.domain.lifecycle_words import DAY, NOW, expires, lifecycle, moves, told

if TYPE_CHECKING:
    from s4desk.core.domain.lifecycle.candidates import Versioning
    from s4desk.core.domain.lifecycle.rules import Lifecycle

DAYS_AHEAD = 9


def moved(each: Candidate, seconds: int) -> Candidate:
    """The same version, come at another time; its lock ends earlier."""
    back = timedelta(seconds=seconds)
    until = each.lock.retain_until
    return replace(
        each,
        created=None if each.created is None else each.created - back,
        lock=each.lock if until is None else replace(each.lock, retain_until=until - back),
    )


@pytest.mark.parametrize(
    ("kind", "grain"), [(AwsEvaluator, Grain.MIDNIGHT), (FirstMatchEvaluator, Grain.AGE)]
)
@given(lifecycles, worlds, st.integers(0, 2 * 86_400))
def test_the_alike_share_their_future(
    kind: type[AwsEvaluator | FirstMatchEvaluator],
    grain: Grain,
    found: Lifecycle,
    world: tuple[Versioning, list[Candidate]],
    seconds: int,
) -> None:
    versioning, versions = world
    rounding = Rounding(grain, NOW.timestamp(), spans_of(found), DAYS_AHEAD)
    matcher = Matcher(found)
    ones, others = as_stack(versions), as_stack([moved(each, seconds) for each in versions])
    alike = [[likeness_of(each, matcher, rounding) for each in stack] for stack in (ones, others)]
    if alike[0] != alike[1]:
        return
    evaluator = kind(found, versioning)
    futures = [
        [told(each) for each in evaluator.forecast(stack, NOW, DAYS_AHEAD)]
        for stack in (ones, others)
    ]
    assert futures[0] == futures[1]


def test_what_a_run_has_done_is_as_old_for_all_that_are_alike() -> None:
    """One of them came half a day after the other; both were copied by the same run."""
    found = lifecycle(moves((10, "GLACIER")) | expires(30))
    rounding = Rounding(Grain.AGE, NOW.timestamp(), spans_of(found), 40)
    younger, older = (NOW - days * DAY for days in (10.25, 10.75))
    copied, expired = FirstMatchEvaluator(found).forecast([Candidate("k", 1, younger)], NOW, 40)
    sample, own = younger.timestamp(), older.timestamp()
    assert rounding.due(copied, sample, own) == own + 10 * DAY_S
    assert rounding.due(expired, sample, own) == NOW.timestamp() + 30 * DAY_S
