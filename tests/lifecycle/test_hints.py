"""What a preview makes of what the store says itself of when objects expire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from s4desk.core.domain.lifecycle.candidates import Versioning
from s4desk.core.domain.lifecycle.rules import Filter, Rule, When
from s4desk.core.lifecycle.hint_checking import MOST_UNMATCHED
from s4desk.core.lifecycle.hints import Expiry, agree, read_hint
from s4desk.core.lifecycle.question import Engine
from tests.lifecycle.shelf import Shelf
from tests.lifecycle.test_preview_asking import NOW, ago, looked, question

if TYPE_CHECKING:
    from s4desk.core.domain.identity import Prefix
    from s4desk.core.domain.objects import Page


def hint(due: datetime, rule: str) -> str:
    return f'expiry-date="{due:%a, %d %b %Y %H:%M:%S GMT}", rule-id="{rule}"'


async def test_what_the_store_says_is_compared() -> None:
    store = Shelf(page=1000)
    rule = Rule(id="by ten", filter=Filter(prefix="x/"), expiration=When(10))
    other = Rule(id="tagged", filter=Filter(tags=(("k", "v"),)), expiration=When(20))
    created = ago(2)
    midnight = datetime(2026, 11, 20, tzinfo=UTC)
    store.place("x/same", created)
    store.place("y/tagged", created, tags={"k": "v"})
    store.hints["x/same"] = hint(midnight + timedelta(days=10), "by%20ten")
    store.hints["y/tagged"] = hint(midnight + timedelta(days=20), "tagged")
    asked = question(rule, other, days=30, is_saved=True)
    preview, _ = await looked(store, asked)
    assert (preview.hints.compared, preview.hints.differing) == (2, 0)
    store.hints["x/same"] = hint(midnight + timedelta(days=11), "by%20ten")
    del store.hints["y/tagged"]
    preview, _ = await looked(store, asked)
    late, silent = sorted(preview.hints.disagreements, key=lambda each: each.key)
    assert late.theirs is not None
    assert late.ours is not None
    assert late.theirs.due - late.ours.due == timedelta(days=1)
    assert silent.theirs is None
    store.hints.clear()
    preview, _ = await looked(store, asked)
    assert (preview.hints.compared, preview.hints.differing) == (0, 0)


async def test_what_the_store_says_of_current_versions_is_compared() -> None:
    store = Shelf(Versioning.ENABLED)
    for created in (ago(9), ago(2)):
        store.place("a", created)
    due = datetime(2026, 11, 30, tzinfo=UTC)
    store.hints["a"] = hint(due, "r")
    asked = question(Rule(id="r", expiration=When(10)), is_saved=True)
    preview, _ = await looked(store, asked)
    assert (preview.hints.compared, preview.hints.differing) == (1, 0)
    store.hints["a"] = hint(due, "other")
    preview, _ = await looked(store, asked)
    (found,) = preview.hints.disagreements
    assert (found.key, found.version) == ("a", store.candidates("a")[0].version)


async def test_what_the_store_says_of_another_object_by_now_is_not_compared() -> None:
    class Quick(Shelf):
        async def list_objects(self, prefix: Prefix, **query: Any) -> Page:
            found = await super().list_objects(prefix, **query)
            self.place("a", ago(0))
            return found

    store = Quick()
    store.place("a", ago(2))
    store.hints["a"] = hint(NOW, "r")
    preview, _ = await looked(store, question(Rule(expiration=When(10)), is_saved=True))
    assert (store.asked["head"], preview.hints.compared) == (1, 0)


@pytest.mark.parametrize("name", ["one", "two"])
async def test_of_two_rules_of_one_moment_the_store_may_name_either(name: str) -> None:
    store = Shelf()
    store.place("a", ago(2))
    past = datetime(2020, 1, 1, tzinfo=UTC)
    store.hints["a"] = hint(past, name)
    rules = [Rule(id=each, expiration=When(date=past)) for each in ("one", "two")]
    preview, _ = await looked(store, question(*rules, is_saved=True))
    assert (preview.hints.compared, preview.hints.differing) == (1, 0)


async def test_what_the_store_says_of_objects_that_no_rule_is_about_is_seen() -> None:
    store = Shelf(page=1000)
    for key in "abcdefghi":
        store.place(key, ago(ord(key) - ord("a")))
    store.hints["a"] = hint(NOW, "off")
    off = Rule(id="off", is_enabled=False, expiration=When(1))
    on = Rule(filter=Filter(prefix="other/"), expiration=When(99))
    preview, _ = await looked(store, question(off, on, is_saved=True))
    (found,) = preview.hints.disagreements
    assert (found.key, found.ours) == ("a", None)
    assert store.asked["head"] <= MOST_UNMATCHED


def test_the_id_of_a_rule_is_read_however_it_was_written() -> None:
    due = datetime(2026, 11, 30, tzinfo=UTC)
    for rule, written in (("50%41", "50%2541"), ("50%41", "50%41"), ("ü", "\xc3\xbc")):
        assert agree([Expiry(due, rule)], read_hint(hint(due, written))), written
    assert not agree([Expiry(due, "a")], read_hint(hint(due, "b")))
    assert not agree([], read_hint(hint(due, "b")))


@pytest.mark.parametrize("more", [{"engine": Engine.FIRST_MATCH, "is_saved": True}, {}])
async def test_other_rules_than_those_of_the_store_are_not_compared(more: Any) -> None:
    store = Shelf()
    store.place("a", ago(9))
    store.hints["a"] = hint(NOW, "x")
    preview, _ = await looked(store, question(Rule(expiration=When(3)), **more))
    assert preview.hints.compared == store.asked["head"] == 0
