"""Tabs: opened beside each other, closed, reopened, moved, kept."""

from __future__ import annotations

import json

import pytest

from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.viewmodels.places import Place
from s4desk.viewmodels.tabs import Glance, Tabs, tab_title

HOME, AWAY = ConnectionId("home"), ConnectionId("away")
KNOWN = {HOME, AWAY}


def place(name: str, connection: ConnectionId = HOME) -> Place:
    return Place(connection, Prefix(name))


def tabs_at(*names: str) -> Tabs:
    """Tabs at these buckets; the last one is shown."""
    tabs = Tabs()
    tabs.shown.history.visit(place(names[0]))
    for name in names[1:]:
        tabs.open(place(name), Glance())
    return tabs


def names(tabs: Tabs) -> list[str]:
    return [each.prefix.bucket if each and each.prefix else "" for each in tabs.places]


def test_a_new_one_is_beside_the_shown_one_and_shown_or_not():
    tabs = tabs_at("a", "b")
    tabs.show(0)
    tabs.open(place("c"), Glance(), is_behind=True)
    assert (names(tabs), tabs.index) == (["a", "c", "b"], 0)
    tabs.open(place("d"), Glance())
    assert (names(tabs), tabs.index) == (["a", "d", "c", "b"], 1)


@pytest.mark.parametrize(
    ("shown", "closed", "left", "then"),
    [
        (0, 0, ["b", "c"], 0),
        (1, 1, ["a", "c"], 1),
        (2, 2, ["a", "b"], 1),
        (2, 0, ["b", "c"], 1),
        (0, 2, ["a", "b"], 0),
    ],
)
def test_who_is_shown_when_one_is_closed(shown, closed, left, then):
    tabs = tabs_at("a", "b", "c")
    tabs.show(shown)
    tabs.close(closed)
    assert (names(tabs), tabs.index) == (left, then)


def test_the_last_one_stays_and_closed_ones_come_back_with_their_history():
    tabs = tabs_at("a", "b")
    tabs.shown.history.visit(place("b2"))
    assert not tabs.can_reopen
    tabs.close(1)
    tabs.close(0)
    assert names(tabs) == ["a"]
    tabs.reopen()
    assert (names(tabs), tabs.index, tabs.can_reopen) == (["a", "b2"], 1, False)
    assert tabs.shown.history.back() == place("b")
    tabs.reopen()
    assert len(tabs) == 2


def test_the_shown_one_stays_shown_when_one_is_moved():
    tabs = tabs_at("a", "b", "c")
    tabs.show(0)
    tabs.move(0, 2)
    assert (names(tabs), tabs.index) == (["b", "c", "a"], 2)
    tabs.move(0, 1)
    assert (names(tabs), tabs.index) == (["c", "b", "a"], 2)


def test_steps_go_round():
    tabs = tabs_at("a", "b", "c")
    tabs.step(1)
    assert tabs.index == 0
    tabs.step(-1)
    assert tabs.index == 2


def test_where_they_are_is_kept_and_what_is_unknown_is_left_out():
    tabs = tabs_at("a", "b", "c")
    tabs.open(place("d", AWAY), Glance("grid"))
    tabs.open(None, Glance())
    tabs.show(3)
    kept = tabs.save()
    again = Tabs()
    again.restore(kept, KNOWN)
    assert (again.places, again.index) == (tabs.places[:4], 3)
    assert again.shown.glance.kind == "grid"
    again = Tabs()
    again.restore(kept, {HOME})
    assert (names(again), again.index) == (["a", "b", "c"], 2)


def test_the_way_back_and_the_filter_are_kept():
    tabs = tabs_at("a")
    for number in range(30):
        tabs.shown.history.visit(place(f"p{number}"))
    tabs.shown.history.visit(place("far", AWAY))
    tabs.shown.history.visit(place("here"))
    tabs.shown.history.visit(place("ahead"))
    tabs.shown.history.back()
    tabs.look(Glance("table", "*.png", "row"))
    again = Tabs()
    again.restore(tabs.save(), {HOME})
    history = again.shown.history
    assert again.shown.glance == Glance("table", "*.png")
    assert (history.here, history.can_go_forward) == (place("here"), False)
    assert history.past == [place(f"p{number}") for number in range(11, 30)]


def test_what_an_older_version_kept_is_read():
    tabs = tabs_at("a")
    again = Tabs()
    index, [kept] = json.loads(tabs.save())
    again.restore(json.dumps([index, [kept[:2]]]).encode(), KNOWN)
    assert again.places == tabs.places


@pytest.mark.parametrize(
    "kept",
    [b"", b"{", b"[]", b"[0, [1]]", b"[0, []]", b'[0, [["x", 1]]]', b'[0, [["x", "", "", 1]]]'],
)
def test_damaged_bytes_open_nothing(kept):
    tabs = tabs_at("a")
    tabs.restore(kept, KNOWN)
    assert names(tabs) == ["a"]


def test_the_tabs_of_a_connection_that_is_gone_are_closed():
    tabs = tabs_at("a", "b")
    tabs.open(place("c", AWAY), Glance())
    tabs.open(place("d"), Glance())
    tabs.show(1)
    tabs.keep_known({HOME})
    assert (names(tabs), tabs.index) == (["a", "b", "d"], 1)
    tabs.keep_known({AWAY})
    assert (tabs.places, tabs.index) == ([None], 0)


@pytest.mark.parametrize(
    ("where", "title"),
    [
        (None, "New tab"),
        (Place(HOME), "Home"),
        (place("a"), "a"),
        (Place(HOME, Prefix("a", "deep/down/")), "down"),
    ],
)
def test_a_tab_is_called_what_it_shows(where, title):
    assert tab_title(where, "Home") == title
