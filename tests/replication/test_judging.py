"""Which of two writes is the newer one, by clocks that nobody has set."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from s4desk.core.domain.identity import Location
from s4desk.core.domain.objects import ObjectMeta
from s4desk.core.replication.judging import Looked, Verdict, newer_of

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def looked(
    ago_s: float | None, ahead_s: float = 0, *, says: bool = True, at_s: float = 0
) -> Looked:
    """What was written so long ago, at a store whose clock is ahead; at a moment of ours."""
    at = NOW + timedelta(seconds=at_s)
    told = at + timedelta(seconds=ahead_s)
    modified = None if ago_s is None else told - timedelta(seconds=ago_s)
    headers = {"date": format_datetime(told, usegmt=True)} if says else {}
    return Looked(ObjectMeta(Location("b", "k"), 1, modified, "e", headers=headers), at)


@pytest.mark.parametrize(
    ("here", "there", "verdict"),
    [
        (looked(10), looked(20), Verdict.OLDER),
        (looked(20), looked(10), Verdict.NEWER),
        (looked(20), looked(18), Verdict.TIED),
        (looked(20), looked(17), Verdict.NEWER),
        # Whatever the clocks of the stores say.
        (looked(10, 3600), looked(20), Verdict.OLDER),
        (looked(20), looked(10, -3600), Verdict.NEWER),
        # Time passes between the two looks.
        (looked(10), looked(30, at_s=15), Verdict.OLDER),
        (looked(10), looked(30, at_s=25), Verdict.NEWER),
        # A store that does not tell its time is believed.
        (looked(10, 3600, says=False), looked(20), Verdict.OLDER),
        (looked(None), looked(20), Verdict.TIED),
    ],
)
def test_the_later_write_wins(here, there, verdict):
    assert newer_of(here, there) is verdict


def test_a_time_without_a_zone_is_of_utc():
    one = looked(10, 3600)
    headers = {"date": one.meta.headers["date"].replace("GMT", "-0000")}
    assert newer_of(replace(one, meta=replace(one.meta, headers=headers)), looked(20)) is (
        Verdict.OLDER
    )
