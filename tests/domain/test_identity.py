from __future__ import annotations

import pytest

from s4desk.core.domain.identity import Location, Prefix


@pytest.mark.parametrize(
    ("key", "name", "parent"),
    [
        ("a", "a", ""),
        ("a/b", "b", "a/"),
        ("a/b/", "b/", "a/"),
        ("a//b", "b", "a//"),
        ("a//", "/", "a/"),
        ("/a", "a", "/"),
        ("../up", "up", "../"),
    ],
)
def test_the_name_and_folder_of_a_key(key: str, name: str, parent: str) -> None:
    location = Location("bucket", key)
    assert location.name == name
    assert location.parent == Prefix("bucket", parent)
    assert location.parent.prefix + location.name == key


@pytest.mark.parametrize(
    ("prefix", "name", "parent"),
    [("a/", "a", ""), ("a/b/", "b", "a/"), ("a//", "", "a/"), ("/", "", ""), ("a/b", "b", "a/")],
)
def test_the_name_and_parent_of_a_prefix(prefix: str, name: str, parent: str) -> None:
    assert Prefix("bucket", prefix).name == name
    assert Prefix("bucket", prefix).parent == Prefix("bucket", parent)


def test_the_top_of_a_bucket_has_its_name_and_no_parent() -> None:
    assert (Prefix("bucket").name, Prefix("bucket").parent) == ("bucket", None)
