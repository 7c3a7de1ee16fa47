"""What AWS says about which objects rules are for, and which of them win, sentence by sentence."""

from __future__ import annotations

from typing import Any

import pytest

from s4desk.core.domain.lifecycle.aws import AwsEvaluator
from tests.domain.lifecycle_table import (
    CONFLICTS,
    DEEP,
    ELEMENTS,
    ENABLED,
    EXAMPLES,
    FILTERS,
    GIR,
    IA,
    ICE,
    INT,
    ONE,
    SUSPENDED,
    Case,
    check,
    table,
)
from tests.domain.lifecycle_words import (
    NOW,
    about,
    expires,
    lifecycle,
    moves,
    old,
    old_expires,
    old_moves,
    on,
    said,
    tagged,
    version,
)


@table(
    Case(ELEMENTS, "a disabled rule does nothing", [expires(1, Status="Disabled")], version(9), ""),
    Case(
        EXAMPLES,
        "disabled rules are ignored, the others are not",
        [moves((0, ICE)), moves((0, DEEP), Status="Disabled")],
        version(9),
        "transition GLACIER #0",
    ),
    Case("SPEC", "an unknown status is disabled", [expires(1, Status="enabled")], version(9), ""),
    Case("SPEC", "no status is disabled", [expires(1, Status=None)], version(9), ""),
    Case(ELEMENTS, "an empty filter is about all objects", [expires(1)], version(9), "expire #0"),
    Case(
        ELEMENTS,
        "a prefix is about the keys that begin with it",
        [expires(1, **about(Prefix="logs/"))],
        version(9, key="logs/mylog.txt"),
        "expire #0",
    ),
    Case(
        ELEMENTS,
        "a prefix is not about other keys",
        [expires(1, **about(Prefix="logs/"))],
        version(9, key="example-logs/.jpg"),
        "",
    ),
    Case(
        "API_LifecycleRule",
        "a prefix beside the actions is a filter",
        [{"Filter": None, "Prefix": "tax/", **expires(1)}],
        version(9),
        "",
    ),
    Case(
        "API_LifecycleRule",
        "and matches as one",
        [{"Filter": None, "Prefix": "logs/", **expires(1)}],
        version(9),
        "expire #0",
    ),
    Case(
        ELEMENTS,
        "a tag must match in key and value",
        [expires(1, **tagged("k", "v"))],
        version(9, tags={"k": "V"}),
        "",
    ),
    Case(
        ELEMENTS,
        "an object may have more tags",
        [expires(1, **tagged("k", "v"))],
        version(9, tags={"k": "v", "other": ""}),
        "expire #0",
    ),
    Case(
        ELEMENTS,
        "it must have all tags",
        [
            expires(
                1, **about(And={"Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]})
            )
        ],
        version(9, tags={"a": "1"}),
        "",
    ),
    Case(
        FILTERS,
        "a key without value is about objects whose tag has none",
        [expires(1, **about(Tag={"Key": "k"}))],
        version(9, tags={"k": "v"}),
        "",
    ),
    Case(
        FILTERS,
        "and about those",
        [expires(1, **about(Tag={"Key": "k"}))],
        version(9, tags={"k": ""}),
        "expire #0",
    ),
    Case(
        ELEMENTS,
        "filters are combined by a logical AND",
        [expires(1, **about(And={"Prefix": "logs/", "Tags": [{"Key": "a", "Value": "1"}]}))],
        version(9, key="x", tags={"a": "1"}),
        "",
    ),
)
def test_rules_and_filters(case: Case) -> None:
    check(case)


@pytest.mark.parametrize(
    ("size", "larger", "smaller", "is_matched"),
    [
        (500, 500, None, False),
        (501, 500, None, True),
        (64000, None, 64000, False),
        (63999, None, 64000, True),
        (500, 500, 64000, False),
        (501, 500, 64000, True),
        (63999, 500, 64000, True),
        (64000, 500, 64000, False),
        (0, 0, None, False),
        (0, None, 1, True),
    ],
)
def test_sizes_are_strict(
    size: int, larger: int | None, smaller: int | None, is_matched: bool
) -> None:
    """intro-lifecycle-filters, "Example 9" in lifecycle-configuration-examples."""
    sizes = {"ObjectSizeGreaterThan": larger, "ObjectSizeLessThan": smaller}
    rules = lifecycle(expires(1, **about(And=sizes)))
    assert said(AwsEvaluator(rules).decide(version(9, size=size), NOW)) == (
        "expire #0" if is_matched else ""
    )


@table(
    Case(
        CONFLICTS,
        "permanent deletion precedes transition",
        [moves((365, IA)), expires(365)],
        version(400),
        "expire #1",
    ),
    Case(
        CONFLICTS,
        "whichever came first",
        [moves((10, IA)), expires(365)],
        version(400),
        "expire #1",
    ),
    Case(
        CONFLICTS,
        "a deletion that is not due precedes nothing",
        [moves((10, IA)), expires(365)],
        version(300),
        "transition STANDARD_IA #0",
    ),
    Case(
        CONFLICTS,
        "transition precedes the creation of a delete marker",
        [expires(365), moves((365, IA))],
        version(400),
        "transition STANDARD_IA #1",
        ENABLED,
    ),
    Case(
        CONFLICTS,
        "which comes when the transition is done",
        [expires(365), moves((365, IA))],
        version(400, storage_class=IA),
        "expire #0",
        ENABLED,
    ),
    Case(
        CONFLICTS,
        "where nothing is kept an expiration is permanent",
        [moves((365, IA)), expires(365)],
        version(400, version="null"),
        "expire #1",
        SUSPENDED,
    ),
    Case(
        CONFLICTS,
        "with an id of its own a version is kept there",
        [expires(365), moves((365, IA))],
        version(400, version="v"),
        "transition STANDARD_IA #1",
        SUSPENDED,
    ),
    Case(
        CONFLICTS,
        "old versions are deleted rather than transitioned",
        [old_moves(3, ICE), old_expires(3)],
        old(9),
        "expire_noncurrent #1",
        ENABLED,
    ),
    Case(
        CONFLICTS,
        "the shorter expiration is honoured",
        [expires(30), expires(10)],
        version(20),
        "expire #1",
    ),
    Case(CONFLICTS, "also when both are due", [expires(30), expires(10)], version(40), "expire #1"),
    Case(
        CONFLICTS,
        "also of markers to be made",
        [expires(30), expires(10)],
        version(40),
        "expire #1",
        ENABLED,
    ),
    Case(
        CONFLICTS,
        "of old versions too",
        [old_expires(30), old_expires(10)],
        old(40),
        "expire_noncurrent #1",
        ENABLED,
    ),
    Case(
        CONFLICTS,
        "a date may be the shorter one",
        [expires(30), on("2026-11-01")],
        version(40),
        "expire #1",
    ),
    Case(
        CONFLICTS,
        "Example 3: the earlier of two transitions to one class",
        [moves((10, IA)), moves((365, IA))],
        version(20),
        "transition STANDARD_IA #0",
    ),
    Case(
        CONFLICTS,
        "Example 3: and it is told as the reason later",
        [moves((365, IA)), moves((10, IA))],
        version(400),
        "transition STANDARD_IA #1",
    ),
    Case(
        CONFLICTS,
        "Example 4: expired after 14 days, never transitioned",
        [moves((365, ICE), **tagged("tag1", "value1")), expires(14, **tagged("tag2", "value2"))],
        version(400, tags={"tag1": "value1", "tag2": "value2"}),
        "expire #1",
    ),
    Case(
        CONFLICTS,
        "Example 1: overlapping prefixes, of which one is due",
        [expires(365), moves((30, IA), **about(Prefix="logs/"))],
        version(40),
        "transition STANDARD_IA #1",
    ),
    Case(
        CONFLICTS,
        "Example 1: the other object is left alone",
        [expires(365), moves((30, IA), **about(Prefix="logs/"))],
        version(40, key="x"),
        "",
    ),
)
def test_conflicts(case: Case) -> None:
    check(case)


@pytest.mark.parametrize(
    ("others", "chosen"),
    [
        ([IA, ICE], ICE),
        ([ONE, ICE], ICE),
        ([ICE, DEEP], DEEP),
        ([INT, ICE], ICE),
        ([INT, DEEP], DEEP),
        ([INT, GIR], INT),
        ([INT, ONE], INT),
        ([INT, IA], INT),
        ([GIR, ONE], GIR),
        ([GIR, IA], GIR),
        ([IA, ONE], ONE),
        ([IA, INT, ONE, GIR, ICE, DEEP], DEEP),
        (["COLD", "COLDER"], "COLD"),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_the_cheapest_class_wins(others: list[str], chosen: str, turned: bool) -> None:
    """lifecycle-conflicts; intelligent tiering comes before all but the archives there. Of classes
    that AWS does not have nobody knows which is cheapest: the first rule is."""
    names = others[::-1] if turned and "COLD" not in others else others
    rules = lifecycle(*(moves((30, name)) for name in names))
    decision = AwsEvaluator(rules).decide(version(40), NOW)
    assert decision is not None
    assert decision.step.storage_class == chosen
    assert {each.storage_class for each in decision.outdone} == set(others) - {chosen}
    assert AwsEvaluator(rules).decide(version(40, storage_class=chosen), NOW) is None


ALLOWED = {
    "STANDARD": {IA, INT, ONE, GIR, ICE, DEEP},
    "REDUCED_REDUNDANCY": {IA, INT, ONE, GIR, ICE, DEEP},
    "": {IA, INT, ONE, GIR, ICE, DEEP},
    IA: {INT, ONE, GIR, ICE, DEEP},
    INT: {ONE, GIR, ICE, DEEP},
    ONE: {ICE, DEEP},
    GIR: {ICE, DEEP},
    ICE: {DEEP},
    DEEP: set(),
}


@pytest.mark.parametrize("now", [*ALLOWED, "COLD"])
@pytest.mark.parametrize("then", ["COLDER", "STANDARD", DEEP])
def test_nobody_knows_the_way_to_a_class_of_a_store_of_its_own(now: str, then: str) -> None:
    """It is taken at its word, but never to where S3 lets nothing back."""
    decision = AwsEvaluator(lifecycle(moves((1, then)))).decide(version(9, storage_class=now), NOW)
    assert bool(decision) is (then == "COLDER" or (then == DEEP and now != DEEP))


@pytest.mark.parametrize(
    ("rules", "now", "decided"),
    [
        ([moves((30, INT)), moves((30, GIR))], INT, ""),
        ([moves((30, INT)), moves((90, GIR))], INT, "transition GLACIER_IR #1"),
        ([moves((60, IA)), moves((30, ICE))], IA, "transition GLACIER #1"),
        ([moves((60, ICE)), moves((30, IA))], ICE, ""),
    ],
)
def test_what_lost_stays_undone(rules: list[dict[str, Any]], now: str, decided: str) -> None:
    """lifecycle-conflicts: where another won on the same day. Later it is done."""
    evaluator = AwsEvaluator(lifecycle(*rules))
    assert said(evaluator.decide(version(100, storage_class=now), NOW)) == decided


def test_of_unknown_classes_the_last_in_time_is_deepest() -> None:
    rules = lifecycle(moves((60, "COLDER")), moves((30, "COLD")), moves((90, "COLDEST")))
    evaluator = AwsEvaluator(rules)
    assert said(evaluator.decide(version(40), NOW)) == "transition COLD #1"
    assert said(evaluator.decide(version(70), NOW)) == "transition COLDER #0"
    assert said(evaluator.decide(version(70, storage_class="COLDER"), NOW)) == ""
    assert (
        said(evaluator.decide(version(99, storage_class="COLDER"), NOW)) == "transition COLDEST #2"
    )


@pytest.mark.parametrize("now", ALLOWED)
@pytest.mark.parametrize("then", ["STANDARD", "REDUCED_REDUNDANCY", IA, INT, ONE, GIR, ICE, DEEP])
def test_the_waterfall(now: str, then: str) -> None:
    """lifecycle-transition-general-considerations, "Supported" and "Unsupported transitions"."""
    rules = lifecycle(moves((1, then)), old_moves(1, then))
    evaluator = AwsEvaluator(rules, ENABLED)
    is_allowed = then in ALLOWED[now]
    assert bool(evaluator.decide(version(9, storage_class=now), NOW)) is is_allowed
    assert bool(evaluator.decide(old(9, storage_class=now), NOW)) is is_allowed
