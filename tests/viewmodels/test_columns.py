import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s4desk.core.domain.archive import RESTORE
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.objects import ObjectMeta
from s4desk.viewmodels.columns import Columns, Etags, row_runs
from tests.viewmodels.listings import TOP, etag, page

MD5 = etag("x")
COUNTS = ["", "-1", "-10000", "-0", "-01", "-", "-65536", "-²", "--1"]
STRANGE = [MD5.upper(), MD5[:-1], f"{MD5[:-1]} ", "", "odd-2", "-", "x" * 32, "ü"]
ETAGS = [*STRANGE, *(MD5 + count for count in COUNTS)]


def loaded(*loaded_pages):
    columns = Columns(loaded_pages[0].prefix)
    for each in loaded_pages:
        stripped = columns.stripped(each)
        columns.add_folders(stripped)
        columns.add_objects(stripped)
    return columns


def meta(name, size=7, **more):
    return ObjectMeta(Location("b", TOP.prefix + name), size, None, etag(name), **more)


@pytest.mark.parametrize(
    ("rows", "runs"),
    [([], []), ([3], [(3, 3)]), ([5, 1, 2, 3, 6], [(1, 3), (5, 6)]), ([1, 1, 2], [(1, 2)])],
)
def test_rows_become_runs(rows, runs):
    assert row_runs(set(rows)) == runs


@given(
    st.lists(st.sampled_from(ETAGS)),
    st.data(),
)
def test_an_etag_comes_back_as_it_was(etags, data):
    column = Etags()
    half = len(etags) // 2
    column.extend(etags[:half])
    column.extend(etags[half:])
    plain = list(etags)
    assert [column[row] for row in range(len(column))] == plain
    for _ in range(4):
        at = data.draw(st.integers(0, len(plain)))
        new = data.draw(st.sampled_from([MD5, "odd", f"{MD5}-3"]))
        column.insert(at, new)
        plain.insert(at, new)
    first = data.draw(st.integers(0, len(plain) - 1))
    last = data.draw(st.integers(first, len(plain) - 1))
    column.cut(first, last)
    del plain[first : last + 1]
    mask = bytearray(at % 2 for at in range(len(plain)))
    column.keep(mask)
    assert [column[row] for row in range(len(column))] == plain[1::2]


def test_usual_etags_are_small():
    column = Etags()
    column.extend([MD5] * 1000)
    column.extend([f"{MD5}-17"] * 1000)
    assert not column._odd
    assert len(column._digests) == 32_000


def test_a_row_is_what_the_page_had():
    original = page(["a", "b"], ["f/"], owners=["me", "you"])
    columns = loaded(original)
    assert columns.meta(1) == original.meta(1)
    assert columns.entry(0) == Location("b", "top/a")
    assert columns.entry(~0) == Prefix("b", "top/f/")
    assert columns.total_bytes == 1


def test_no_date_stays_no_date():
    columns = loaded(page(["a"]))
    columns.set(0, meta("a"))
    assert math.isnan(columns.modified[0])
    assert columns.meta(0).modified is None


def test_the_folders_own_marker_is_no_row():
    columns = loaded(page(["", "a"], sizes=[0, 5]))
    assert (columns.names, columns.has_marker, columns.total_bytes) == (["a"], True, 5)


def test_a_marker_with_bytes_in_it_is_a_row():
    columns = loaded(page(["", "a"], sizes=[1, 5]))
    assert (columns.names, columns.has_marker) == (["", "a"], False)


def test_an_empty_key_at_the_top_of_a_bucket_is_no_marker():
    columns = loaded(page(["a"], sizes=[0], prefix=Prefix("b")))
    assert (columns.names, columns.has_marker) == (["a"], False)


def test_what_is_written_anew_is_shown_anew():
    columns = loaded(page(["a", "b"]))
    when = datetime(2026, 11, 20, tzinfo=UTC)
    new = ObjectMeta(Location("b", "top/b"), 99, when, "odd", storage_class="COLD", owner="me")
    columns.set(1, new)
    assert columns.meta(1) == new
    assert columns.total_bytes == 99


NAMES = st.text(st.sampled_from("aA0/é\uff5e😀\udc80"), min_size=1, max_size=3)


@settings(max_examples=60)
@given(st.sets(NAMES, min_size=1), st.data())
def test_inserting_and_removing_keeps_columns_together(names, data):
    names = sorted(names, key=lambda name: name.encode("utf-8", "surrogateescape"))
    columns = loaded(page(names[: len(names) // 2]))
    for name in names[len(names) // 2 :]:
        at = columns.place_of(name, is_folder=False)
        columns.insert_object(at, name, meta(name, size=len(name)))
    assert columns.names == names
    gone = data.draw(st.sets(st.sampled_from(names)))
    columns.remove(columns.find(gone))
    left = [name for name in names if name not in gone]
    assert columns.names == left
    assert [columns.meta(at).etag for at in range(len(left))] == [etag(name) for name in left]
    assert columns.total_bytes == sum(columns.sizes)


def test_removing_in_many_places_is_the_same():
    names = [f"{at:04}" for at in range(400)]
    columns = loaded(page(names, [f"f{at:03}/" for at in range(9)]))
    columns.remove([*range(0, 400, 2), ~0, ~8])
    assert columns.names == names[1::2]
    assert [columns.etags[at] for at in range(200)] == [etag(name) for name in names[1::2]]
    assert list(columns.sizes) == list(range(1, 400, 2))
    assert [columns.classes[at] for at in (0, 1, 2)] == ["STANDARD", "GLACIER", "STANDARD"]
    assert columns.total_bytes == sum(range(1, 400, 2))
    assert columns.folders == [f"f{at:03}/" for at in range(1, 8)]


@pytest.mark.parametrize("names", [["b", "a", "c"], ["a", "b", "c"]])
def test_names_are_found_in_any_order(names):
    columns = loaded(page(names[:1], ["g/"]), page(names[1:], ["f/", "h/"]))
    assert [columns.name(id_) for id_ in columns.find(["c", "a", "x", "f/"])] == [
        "f/",
        *[name for name in names if name in "ac"],
    ]


def test_what_a_listing_tells_of_a_restore_stays_with_its_row():
    told = replace(page(["a", "b"]), restores={f"{TOP.prefix}b": 'ongoing-request="true"'})
    columns = loaded(told)
    assert columns.meta(0).headers == {}
    assert columns.meta(1).headers == {RESTORE: 'ongoing-request="true"'}
    # What is written anew is another object.
    columns.set(1, meta("b"))
    assert columns.meta(1).headers == {}
