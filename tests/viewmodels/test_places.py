"""The history of visited places."""

from __future__ import annotations

import pytest

from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.viewmodels.places import KEPT_PLACES, History, Place, bytes_of, place_of

HOME, OTHER = ConnectionId("home"), ConnectionId("other")
BUCKETS = Place(HOME)
TOP = Place(HOME, Prefix("b"))
FOLDER = Place(HOME, Prefix("b", "a/"))
ELSEWHERE = Place(OTHER, Prefix("c"))


@pytest.fixture
def history():
    history = History()
    for place in (BUCKETS, TOP, FOLDER):
        history.visit(place)
    return history


def test_up_leads_from_a_folder_to_the_list_of_buckets():
    assert (FOLDER.parent, TOP.parent, BUCKETS.parent) == (TOP, BUCKETS, None)


def test_nothing_was_visited_at_first():
    history = History()
    assert (history.here, history.can_go_back, history.can_go_forward) == (None, False, False)
    assert (history.back(), history.forward()) == (None, None)


def test_back_and_forward_undo_each_other(history):
    assert (history.back(), history.back(), history.back()) == (TOP, BUCKETS, None)
    assert (history.forward(), history.forward(), history.forward()) == (TOP, FOLDER, None)
    assert history.here == FOLDER
    assert not history.can_go_forward


def test_a_visit_forgets_what_lay_ahead(history):
    history.back()
    history.visit(ELSEWHERE)
    assert not history.can_go_forward
    assert history.back() == TOP


def test_the_same_place_again_is_no_visit(history):
    history.back()
    history.visit(TOP)
    assert history.can_go_forward


def test_the_past_is_not_kept_without_end():
    history = History()
    for number in range(2 * KEPT_PLACES):
        history.visit(Place(HOME, Prefix("b", f"{number}/")))
    steps = 0
    while history.back():
        steps += 1
    assert steps == KEPT_PLACES


def test_places_of_a_removed_connection_are_forgotten(history):
    history.visit(ELSEWHERE)
    history.back()
    history.forget(OTHER)
    assert history.forward() is None
    assert history.here == FOLDER
    history.forget(HOME)
    assert (history.here, history.back()) == (None, None)


def test_a_place_kept_without_its_last_slash_is_a_folder():
    assert place_of(bytes_of(Place(HOME, Prefix("b", "a/2025")))) == Place(
        HOME, Prefix("b", "a/2025/")
    )


@pytest.mark.parametrize(
    "place", [BUCKETS, TOP, FOLDER, Place(HOME, Prefix("b", "ünï/\udcff\n/"))], ids=repr
)
def test_a_place_is_kept_and_found_again(place):
    assert place_of(bytes_of(place)) == place


@pytest.mark.parametrize(
    "kept", [b"", b"\xff", b"null", b"7", b"[]", b"[1]", b'["a", "b"]', b'["a", "b", 3]']
)
def test_what_is_no_place_leads_nowhere(kept):
    assert place_of(kept) is None
