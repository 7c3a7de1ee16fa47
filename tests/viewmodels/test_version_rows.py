"""Versions as rows: told apart, counted, selected, and what can be done with them."""

from __future__ import annotations

from array import array
from datetime import UTC, datetime

import pytest

from s4desk.core.domain.identity import ConnectionId, Location, Prefix, VersionId
from s4desk.core.domain.objects import DELETED, LATEST, ObjectVersion, Page
from s4desk.core.domain.query import NamePattern, Query
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.arrangement import Arrangement, finish
from s4desk.viewmodels.availability import Situation, obstacles
from s4desk.viewmodels.chosen import selection_of, summary_of
from s4desk.viewmodels.columns import Columns
from s4desk.viewmodels.filtering import Pattern
from s4desk.viewmodels.ordering import Column, SortOrder
from s4desk.viewmodels.places import Place
from s4desk.viewmodels.selection import Selection, of_version
from s4desk.viewmodels.version_text import (
    VersionDeed,
    deed_obstacle,
    restoring_obstacle,
    time_of,
    version_name,
    versions_consequence,
    versions_question,
    versions_word,
)

AT = ConnectionId("at")
HERE = Prefix("bucket", "p/")
NOW = datetime(2026, 11, 20, tzinfo=UTC)
MARKS = [LATEST, 0, LATEST | DELETED, 0]


@pytest.fixture
def shown() -> Arrangement:
    """p/a with two versions, p/b under a marker, and a folder."""
    page = Page(
        HERE,
        ["p/a", "p/a", "p/b", "p/b"],
        array("q", [5, 3, 0, 1]),
        array("d", [4.0, 1.0, 3.0, 2.0]),
        ["e"] * 4,
        ["STANDARD"] * 4,
        ["p/f/"],
        versions=[VersionId(f"v{number}") for number in range(4)],
        marks=bytes(MARKS),
    )
    columns = Columns(HERE)
    columns.add_folders(page)
    columns.add_objects(page)
    columns.is_complete = True
    return Arrangement(columns)


def test_rows_of_one_name_are_told_apart(shown):
    columns = shown.columns
    tokens = [columns.token(id_) for id_ in (-1, 0, 1, 2, 3)]
    assert len(set(tokens)) == 5
    assert [columns.find([token]) for token in tokens] == [[-1], [0], [1], [2], [3]]
    assert columns.find(["a"]) == [0, 1]
    assert columns.meta(1).version == "v1"
    assert columns.version(2).is_delete_marker


def test_what_is_taken_out_takes_its_version_along(shown):
    columns = shown.columns
    columns.remove([0])
    assert (columns.versions, list(columns.marks)) == (["v1", "v2", "v3"], MARKS[1:])
    columns.cut_objects(0, 1)
    assert (columns.versions, list(columns.marks), columns.names) == (["v3"], [0], ["b"])


def test_a_selection_says_which_versions_are_meant(shown):
    chosen = selection_of(shown, [(0, 4)], None)
    assert chosen.versions == ["v0", "v1", "v2", "v3"]
    assert not chosen.is_of_now
    assert [each.is_delete_marker for each in chosen.chosen_versions] == [False, False, True, False]
    assert [each.size for each in chosen.chosen_versions] == [5, 3, 0, 1]
    assert not Selection(moment=NOW).is_of_now
    assert Selection().is_of_now
    (one,) = of_version(chosen.chosen_versions[1]).chosen_versions
    assert one == chosen.chosen_versions[1]


def test_a_summary_counts_what_is_latest_and_what_is_a_marker(shown):
    summary = summary_of(shown, [(0, 4)])
    assert (summary.folders, summary.objects, summary.latest, summary.markers) == (1, 4, 2, 1)
    arranged = finish(shown.arrange(SortOrder(Column.MODIFIED), Pattern()))
    shown.show(arranged)
    # By time: a of 1, b of 2, the marker, a of 4.
    assert summary_of(shown, [(3, 3)]).markers == 1
    assert summary_of(shown, [(1, 2)]).latest == 0


@pytest.mark.parametrize("column", [Column.VERSION, Column.STATE])
def test_what_versions_have_can_be_sorted_by(shown, column):
    shown.show(finish(shown.arrange(SortOrder(column, is_descending=True), Pattern())))
    first = shown.columns.token(shown.id_at(1))
    assert first == {Column.VERSION: "b\0v3", Column.STATE: "b\0v2"}[column]


def test_a_place_is_seen_as_the_one_before(shown):
    here = Place(AT, HERE, versions=True, moment=NOW)
    assert Place(AT, Prefix("bucket")).seen_from(here) == Place(
        AT, Prefix("bucket"), versions=True, moment=NOW
    )
    assert Place(AT, Prefix("other")).seen_from(here) == Place(AT, Prefix("other"), versions=True)
    elsewhere = Place(ConnectionId("else"), HERE)
    assert elsewhere.seen_from(here) == elsewhere
    assert Place(AT).seen_from(here) == Place(AT)
    found = Place(AT, HERE, Query(NamePattern("")))
    assert found.seen_from(here) == found
    assert Place(AT, HERE, versions=True).seen_from(Place(AT, HERE)).versions
    assert here.parent == Place(AT, Prefix("bucket"), versions=True, moment=NOW)
    assert here.parent.parent == Place(AT)
    assert here.plain == Place(AT, HERE)


def reasons(place: Place, **now: int) -> dict[Act, str]:
    situation = Situation(place=place, has_connection=True, chosen_bucket="b", **now)
    return dict(obstacles(situation))


def test_among_versions_an_older_one_can_be_restored():
    place = Place(AT, HERE, versions=True)
    older = reasons(place, selected=1, has_object=True)
    assert not {Act.RESTORE_VERSION, Act.DELETE, Act.DOWNLOAD, Act.UNDELETE} & older.keys()
    assert "hide the versions" in older[Act.RENAME]
    assert Act.RESTORE_VERSION in reasons(place, selected=1, has_object=True, latest=1)
    marker = reasons(place, selected=1, has_object=True, markers=1, latest=1)
    assert "holds nothing" in marker[Act.DOWNLOAD]
    assert Act.DELETE not in marker
    assert Act.DELETE in reasons(place, selected=1, folders=1)


def test_in_the_past_nothing_can_be_changed():
    then = reasons(Place(AT, HERE, moment=NOW), selected=1, has_object=True)
    for act in (Act.UPLOAD_FILES, Act.DELETE, Act.PASTE, Act.RENAME, Act.UNDELETE, Act.SYNC):
        assert "go back to now" in then[act]
    assert not {Act.DOWNLOAD, Act.PREVIEW, Act.OPEN, Act.BACK_TO_NOW, Act.AS_IT_WAS} & then.keys()
    assert Act.BACK_TO_NOW in reasons(Place(AT, HERE))


def test_versions_are_nowhere_but_in_a_bucket():
    assert "bucket" in reasons(Place(AT))[Act.SHOW_VERSIONS]
    assert "search" in reasons(Place(AT, HERE, Query(NamePattern(""))))[Act.AS_IT_WAS]


def version(*, latest: bool = False, marker: bool = False, key: str = "k") -> ObjectVersion:
    return ObjectVersion(Location("b", key), VersionId("v"), latest, marker, NOW)


def test_what_deleting_versions_means_is_said():
    both = [version(latest=True), version(latest=True, marker=True, key="m")]
    said = versions_consequence(both)
    assert "for good" in said
    assert "becomes the latest" in said
    assert "seen again" in said
    assert versions_word(both)
    assert not versions_word(both[1:])
    assert "hides nothing" in versions_consequence([version(marker=True)])


def test_two_versions_of_one_object_cannot_both_be_restored():
    assert restoring_obstacle([version(), version()])
    assert not restoring_obstacle([version(), version(key="other")])


@pytest.mark.parametrize(
    ("deed", "chosen", "may"),
    [
        (VersionDeed.PREVIEW, version(), True),
        (VersionDeed.PREVIEW, version(marker=True), False),
        (VersionDeed.RESTORE, version(latest=True), False),
        (VersionDeed.DELETE, version(marker=True), True),
        (VersionDeed.DELETE, None, False),
    ],
)
def test_what_can_be_done_with_a_version(deed, chosen, may):
    assert bool(deed_obstacle(deed, chosen, can_change=True)) is not may
    if deed is VersionDeed.DELETE:
        assert deed_obstacle(deed, chosen, can_change=False)


def test_versions_of_one_minute_are_told_apart():
    place = Location("bucket", "p/a")
    ids = [VersionId("abcdefghijklmnop"), VersionId("bcdefghijklmnopq")]
    moments = [NOW.replace(second=1), NOW.replace(second=2)]
    same = [ObjectVersion(place, each, False, False, NOW) for each in ids]
    apart = [ObjectVersion(place, ids[0], False, False, each) for each in moments]
    for versions in (same, apart):
        assert len({version_name(each) for each in versions}) == 2
        assert len({versions_question([each]) for each in versions}) == 2
    assert "abcdefghij…" in versions_question(same[:1])
    assert ":02" in time_of(apart[1])
