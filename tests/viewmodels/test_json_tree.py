"""JSON as a tree: nothing of it is lost or mended."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.viewmodels.json_tree import (
    MOST_CHILDREN,
    Number,
    has_parts,
    left_out,
    parts_of,
    tree_of,
    value_text,
)


def test_numbers_and_doubled_names_are_as_they_stand():
    tree = tree_of('{"a": 1.10, "a": 1e999, "b": [true, null, "é"], "c": {}}')
    assert [(name, value_text(value)) for name, value in parts_of(tree)] == [
        ("a", "1.10"),
        ("a", "1e999"),
        ("b", "[3 entries]"),
        ("c", "{}"),
    ]
    inside = parts_of(parts_of(tree)[2][1])
    assert [(name, value_text(value)) for name, value in inside] == [
        ("0", "true"),
        ("1", "null"),
        ("2", '"é"'),
    ]
    assert not has_parts(parts_of(tree)[3][1])


@pytest.mark.parametrize("text", ["1", '"a"', "null", "", "{oops", "[" * 100_000])
def test_what_is_no_tree_is_none(text: str):
    assert tree_of(text) is None


def test_very_many_are_not_shown_at_once():
    tree = tree_of(json.dumps([0] * (MOST_CHILDREN + 5)))
    assert (len(parts_of(tree)), left_out(tree)) == (MOST_CHILDREN, 5)
    assert value_text("x" * 10_000).endswith("…")
    assert left_out(Number("5")) == 0


@given(st.recursive(st.integers() | st.text(), lambda each: st.lists(each, min_size=1)))
def test_all_of_it_is_in_the_tree(value):
    def all_in(part: object) -> object:
        if has_parts(part):
            return [all_in(each) for _, each in parts_of(part)]
        return json.loads(value_text(part)) if part != [] else []

    tree = tree_of(json.dumps([value]))
    assert all_in(tree) == [value]
