"""Verbs that read from a group say which backend has served, each record by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.app.mapped_shop import MappedShop
    from tests.app.terminal import Ended

WHO = ("backend", "failover", "degraded", "may_be_old")


def served(ended: Ended) -> set[tuple[object, ...]]:
    assert ended.records
    return {tuple(record[name] for name in WHO) for record in ended.records}


@pytest.mark.parametrize(
    ("words", "old"),
    [
        (("find", "G:", "--glob", "*key*"), {True}),
        (("find", "G:photos", "--glob", "*key*"), {True}),
        (("verify", "G:photos/key"), {False}),
        (("verify", "-r", "G:photos"), {False, True}),
        (("du", "G:photos"), {True}),
    ],
)
def test_who_has_served_is_in_each_record(
    mapped_shop: MappedShop, words: tuple[str, ...], old: set[bool]
) -> None:
    """Of what another backend gives only what the first was seen to have is known to be as new."""
    mapped_shop.open("A")
    terminal = mapped_shop.terminal
    assert served(terminal.ok(*words, "--json")) == {("A", False, False, False)}
    terminal.ok("connections", "edit", "A", "--endpoint", "http://127.0.0.1:1")
    # Of an empty bucket of somebody else nobody knows that it is so.
    ended = terminal.run(*words, "--json")
    assert served(ended) == {("B", True, False, each) for each in old}
    assert ended.err.count("read from B: a backend before it could not give it.") == 1


def test_each_object_is_verified_where_it_was_read(mapped_shop: MappedShop) -> None:
    """One of them is at the second backend alone, and is asked for by its name."""
    mapped_shop.open("A")
    names = [f"G:photos/{key}" for key in ("key", "there")]
    told = [mapped_shop.terminal.ok("verify", name, "--json").records[0] for name in names]
    assert [each["backend"] for each in told] == ["A", "B"]


def test_versions_are_those_of_the_first_backend(mapped_shop: MappedShop) -> None:
    mapped_shop.open("A")
    told = mapped_shop.terminal.ok("versions", "G:photos/key", "--json")
    assert served(told) == {("A", False, False, False)}


def test_a_plain_connection_has_no_backend(mapped_shop: MappedShop) -> None:
    place = f"A:{mapped_shop.buckets[0]}"
    for words in (("find", place), ("verify", "-r", place), ("du", place)):
        assert not any(
            "backend" in each for each in mapped_shop.terminal.ok(*words, "--json").records
        )
