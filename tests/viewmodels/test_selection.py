import pytest

from s4desk.core.domain.identity import Location, Prefix
from s4desk.viewmodels.selection import Locations, Selection, Summary, outermost

TOP = Prefix("b", "t/")


def test_locations_are_made_when_they_are_looked_at():
    locations = Locations(TOP, ["a", "b", "c"])
    assert list(locations) == [Location("b", f"t/{name}") for name in "abc"]
    assert (locations[-1], list(locations[1:])) == (Location("b", "t/c"), list(locations)[1:])
    assert (len(locations), Location("b", "t/b") in locations) == (3, True)


def test_the_only_thing_is_known():
    folder, key = Prefix("b", "t/f/"), Location("b", "t/a")
    assert Selection(TOP).only is None
    assert Selection(TOP, [folder]).only == folder
    assert Selection(TOP, [], [key]).only == key
    assert Selection(TOP, [folder], [key]).only is None


@pytest.mark.parametrize(
    ("summary", "text"),
    [
        (Summary(), ""),
        (Summary(folders=2), "2 selected"),
        (Summary(1, 1, 1024), "2 selected, 1.0 KiB"),
    ],
)
def test_a_summary_is_one_line(summary, text):
    assert summary.text == text


def test_what_is_in_a_chosen_folder_is_not_named_again():
    chosen = [
        (Prefix("b", "t/f/"), 0, 0.0),
        (Prefix("b", "t/f/g/"), 0, 0.0),
        (Location("b", "t/f/g/x"), 1, 10.0),
        (Location("b", "t/ff"), 2, 20.0),
        (Prefix("b", "t/f//"), 0, 0.0),
        (Location("b", "t/h//y"), 4, 40.0),
    ]
    selection = outermost(TOP, chosen)
    assert list(selection.folders) == [Prefix("b", "t/f/")]
    assert [each.key for each in selection.objects] == ["t/ff", "t/h//y"]
    assert list(selection.sizes) == [2, 4]
    assert list(selection.modified) == [20.0, 40.0]
