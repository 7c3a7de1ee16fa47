"""Many findings in little memory, and each as it was."""

from __future__ import annotations

from datetime import UTC, datetime
from math import inf, isnan, nan

from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.lifecycle.decisions import Action, Decision, Event, Skipped, Step
from s4desk.core.domain.lifecycle.likeness import DAY_S, Grain, Rounding
from s4desk.core.domain.lifecycle.rules import When
from s4desk.core.lifecycle.etags import Etags
from s4desk.core.lifecycle.findings import Finding, Findings
from s4desk.core.lifecycle.summary import Cause, Held, Summary

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SUMS = st.binary(min_size=16, max_size=16).map(bytes.hex)
ETAGS = st.one_of(
    SUMS,
    st.builds(lambda sum_, parts: f"{sum_}-{parts}", SUMS, st.integers(0, 20_000)),
    SUMS.map(str.upper),
    SUMS.map(lambda sum_: sum_[1:]),
    SUMS.map(lambda sum_: f"{sum_}-07"),
    st.text(max_size=40),
)


@given(st.lists(ETAGS, max_size=12), st.lists(ETAGS, max_size=12))
def test_an_etag_comes_out_as_it_went_in(some: list[str], more: list[str]) -> None:
    etags, others = Etags(), Etags()
    for each in some:
        etags.append(each)
    others.extend(more)
    etags.extend(others)
    etags.extend(some)
    assert list(etags) == some + more + some
    assert etags[1:] == (some + more + some)[1:]


def test_neighbours_whose_lengths_make_up_for_each_other_stay_apart() -> None:
    pair = ["a" * 31, "b" * 33]
    etags = Etags()
    etags.extend(pair)
    assert list(etags) == pair


def decision(
    action: Action = Action.EXPIRE, rule: int = 0, skipped: Skipped | None = None
) -> Decision:
    return Decision(Step(action, rule, NOW, When(3)), skipped)


def finding(key: str, until: float = nan) -> Finding:
    chosen = decision(skipped=None if isnan(until) else Skipped.LOCKED)
    later = (Event(0, 3, decision()),)
    return Finding(key, "v", "e", 5, "STANDARD", 1.0, 2, 3.0, chosen, later, until)


def test_rows_of_several_batches_keep_their_ends() -> None:
    one, other = Findings(), Findings()
    one.add(finding("a"))
    one.add(finding("b", inf))
    other.add(finding("c", 7.0))
    other.add(finding("d"))
    one.extend(other)
    assert [one[row].key for row in range(len(one))] == ["a", "b", "c", "d"]
    assert [one.untils.get(row) for row in range(4)] == [None, inf, 7.0, None]
    assert one[1] == finding("b", inf)
    assert one[-2] == finding("c", 7.0)


def test_everything_that_happens_is_counted_by_rule_action_and_day() -> None:
    rounding = Rounding(Grain.AGE, NOW.timestamp())
    summary = Summary(rounding, 10)
    move = Decision(Step(Action.TRANSITION, 1, NOW, When(0), "GLACIER"))
    now = NOW.timestamp()
    summary.add([Event(0, 0, move), Event(0, 3, decision())], 10, 1000, now, now - 5, now)
    summary.add([Event(0, 0, decision(skipped=Skipped.LOCKED))], 2, 20)
    summary.add([], 3, 30)
    summary.add_upload(Event(0, 0, decision(Action.ABORT_UPLOAD, 2)))
    summary.add_upload(None)
    assert (summary.seen.objects, summary.seen.size) == (15, 1050)
    assert (summary.touched.objects, summary.untouched.objects, summary.uploads) == (12, 3, 2)
    causes = summary.causes()
    assert list(causes) == [
        Cause(0, Action.EXPIRE, ""),
        Cause(1, Action.TRANSITION, "GLACIER"),
        Cause(2, Action.ABORT_UPLOAD, ""),
    ]
    assert causes[Cause(1, Action.TRANSITION, "GLACIER")].span == (now - 5, now)
    assert summary.by_day()[3, Action.EXPIRE].objects == 10
    assert causes[Cause(0, Action.EXPIRE, "")].first == now + 3 * DAY_S
    assert summary.due_now().objects == 11
    assert summary.skipped[Held(0, Skipped.LOCKED)].objects == 2
    assert summary.whole().objects == 21
    assert summary.actions()[Action.ABORT_UPLOAD].size == 0
