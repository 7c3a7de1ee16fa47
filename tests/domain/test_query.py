import re
from array import array
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.identity import Prefix
from s4desk.core.domain.objects import Page
from s4desk.core.domain.query import NamePattern, Query, Spelling

BACKWARDS = re.compile(r"\[.*-.*\]", re.DOTALL)
KEYS = ["a/b/report.txt", "a/b/Report-1.TXT", "a/c/x[1].log", "a/dir/", "a/report/tail", "a/é.txt"]


def page(keys=KEYS, prefix="a/", **columns):
    count = len(keys)
    return Page(
        Prefix("b", prefix),
        keys,
        columns.get("sizes", array("q", range(count))),
        columns.get("modified", array("d", map(float, range(count)))),
        [f"e{at}" for at in range(count)],
        columns.get("classes", ["STANDARD"] * count),
    )


@pytest.mark.parametrize(
    ("text", "spelling", "found"),
    [
        ("report", Spelling.WILD, [0, 1, 4]),
        ("PORT/TA", Spelling.WILD, [4]),
        ("report*", Spelling.WILD, [0, 1, 4]),
        ("repor?", Spelling.WILD, [4]),
        ("b/*", Spelling.WILD, [0, 1]),
        ("a*", Spelling.WILD, []),
        ("r?port", Spelling.GLOB, [4]),
        ("tail/*", Spelling.GLOB, []),
        ("^report$", Spelling.REGEX, [4]),
        ("dir", Spelling.WILD, [3]),
        ("report/", Spelling.WILD, [4]),
        ("*.txt", Spelling.WILD, [0, 1, 5]),
        ("x[1]*", Spelling.WILD, [2]),
        ("x[[]?]*", Spelling.GLOB, [2]),
        ("[!x]*.txt", Spelling.GLOB, [0, 1, 5]),
        ("[x^]*", Spelling.GLOB, [2]),
        ("*/report.txt", Spelling.GLOB, [0]),
        ("*/*.txt", Spelling.GLOB, [0, 1]),
        ("**/*.txt", Spelling.GLOB, [0, 1, 5]),
        ("*.txt", Spelling.LETTERS, []),
        (r"^report(-\d)?\.", Spelling.REGEX, [0, 1]),
        (r"^b/", Spelling.REGEX, [0, 1]),
        ("e\u0301.txt", Spelling.WILD, [5]),
        ("", Spelling.REGEX, [0, 1, 2, 3, 4, 5]),
    ],
)
def test_names_are_found_as_they_are_spelled(text, spelling, found):
    assert Query(NamePattern(text, spelling)).rows(page()) == found


@pytest.mark.parametrize("text", ["Report-2005", "report-2005/*", "Report-20*", "2005/Q2"])
def test_what_is_in_a_folder_of_that_name_is_found_at_any_depth(text):
    keys = ["alpha/Report-2005/Q2/deep/summary.txt", "alpha/x/report.txt", "Report-2005/", "b"]
    assert Query(NamePattern(text)).rows(page(keys, "")) in ([0, 2], [0])
    assert 0 in Query(NamePattern(text)).rows(page(keys, ""))


def test_the_folder_of_the_search_itself_does_not_count():
    keys = ["report/one.txt", "report/report/two.txt"]
    assert Query(NamePattern("report")).rows(page(keys, "report/")) == [1]
    assert Query(NamePattern("rep*")).rows(page(keys, "report/")) == [1]


@pytest.mark.parametrize("spelling", Spelling)
def test_case_can_matter(spelling):
    exact = NamePattern("Report", spelling, match_case=True)
    names = ["report", "Report", "REPORT"]
    assert exact.select(names) == [1]
    assert NamePattern("Report", spelling).select(names) == [0, 1, 2]


@pytest.mark.parametrize("text", ["(", "[", "*a", "a{9999999999999}"])
def test_an_expression_that_cannot_be_read_is_said(text):
    with pytest.raises(ValidationError, match=r"."):
        NamePattern(text, Spelling.REGEX)


@given(st.text(alphabet="ab*?[]!^\\-&|~/.é"), st.sampled_from([Spelling.GLOB, Spelling.WILD]))
def test_every_glob_can_be_read_but_for_ranges_that_run_backwards(text, spelling):
    if spelling is not Spelling.GLOB or not BACKWARDS.search(text):
        NamePattern(text, spelling).select(["a", "a/b", ""])


@given(st.text(alphabet="ab[]!^\\-&|~.é", min_size=1))
def test_letters_find_themselves(text):
    assert NamePattern(text).select([f"x{text}y", text]) == [0, 1]


@pytest.mark.parametrize(
    ("bounds", "found"),
    [
        ({"least_size": 2}, [2, 3]),
        ({"most_size": 1}, [0, 1]),
        ({"least_size": 1, "most_size": 2}, [1, 2]),
        ({"after": 2.0}, [2]),
        ({"before": 1.0}, [0, 1]),
        ({"classes": frozenset({"GLACIER"})}, [1, 3]),
        ({"classes": frozenset({"GLACIER"}), "least_size": 2}, [3]),
        ({"after": -inf}, [0, 1, 2]),
    ],
)
def test_sizes_ages_and_classes_have_bounds(bounds, found):
    four = page(
        ["a/1", "a/2", "a/3", "a/4"],
        sizes=array("q", range(4)),
        modified=array("d", [0, 1, 2, nan]),
        classes=["STANDARD", "GLACIER"] * 2,
    )
    assert Query(NamePattern(), **bounds).rows(four) == found


def test_only_what_fits_is_left_of_a_page():
    left = Query(NamePattern("/report")).within(page())
    assert (left.keys, list(left.sizes), left.etags) == (KEYS[:2], [0, 1], ["e0", "e1"])
    assert len(Query(NamePattern()).within(page())) == len(KEYS)


def test_below_half_a_name_the_path_still_begins_at_its_folder():
    query = Query(NamePattern("b/*", Spelling.GLOB))
    assert query.rows(page(["a/b/x", "a/bb/y"], prefix="a/b")) == [0]
