import pytest

from s4desk.core.domain.identity import Prefix
from s4desk.viewmodels.completion import MOST, Beginning, beginning_of, completions


@pytest.mark.parametrize(
    ("text", "beginning", "wanted"),
    [
        ("", Beginning("", "", "", None), None),
        ("pho", Beginning("", "pho", "", None), None),
        ("s3://pho", Beginning("s3://", "pho", "", None), None),
        ("Work:pho", Beginning("Work:", "pho", "Work", None), None),
        ("photos/", Beginning("photos/", "", "", Prefix("photos")), Prefix("photos")),
        (
            "Work:photos/20/Ju",
            Beginning("Work:photos/20/", "Ju", "Work", Prefix("photos", "20/")),
            Prefix("photos", "20/Ju"),
        ),
        (
            "s3://photos/a:b/c",
            Beginning("s3://photos/a:b/", "c", "", Prefix("photos", "a:b/")),
            Prefix("photos", "a:b/c"),
        ),
    ],
)
def test_a_beginning_is_taken_apart(text, beginning, wanted):
    assert beginning_of(text) == beginning
    assert beginning.wanted == wanted
    assert f"{beginning.lead}{beginning.name}" == text


def test_buckets_are_found_in_any_case_and_folders_as_they_are():
    assert completions(beginning_of("Pho"), ["photos/", "other/"]) == ["photos/"]
    assert completions(beginning_of("b/Pho"), ["Photos/", "photos/"]) == ["b/Photos/"]


def test_what_no_line_can_hold_is_left_out_and_what_is_there_is_not_offered():
    names = ["a\nb/", "a\u202eb/", "ab/", "a/"]
    assert completions(beginning_of("b/a"), names) == ["b/ab/", "b/a/"]
    assert completions(beginning_of("b/"), [""]) == []


def test_there_is_an_end():
    assert len(completions(beginning_of("b/"), map(str, range(10_000)))) == MOST
