"""What a sync asks and says."""

from __future__ import annotations

from collections import Counter
from math import nan
from pathlib import Path
from types import SimpleNamespace

import pytest

from s4desk.core.domain.connection import (
    Connection,
    CredentialKind,
    CredentialReference,
    group_connection,
)
from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.failover import Backend, FailoverGroup
from s4desk.core.domain.identity import Address, ConnectionId, Location, Prefix
from s4desk.core.domain.transfer import Direction, TransferSpec
from s4desk.core.runtime.events import BatchFinished
from s4desk.core.transfer.inventory import Held
from s4desk.core.transfer.sync import Change, Compare, Difference, Why
from s4desk.viewmodels.deletion_text import Keeping
from s4desk.viewmodels.places import Place
from s4desk.viewmodels.sync_form import SyncForm, Way, compare_meaning
from s4desk.viewmodels.sync_rows import SyncColumn, SyncRows, why_text
from s4desk.viewmodels.sync_text import (
    MUCH,
    StandIn,
    compared_text,
    danger,
    delete_obstacle,
    done_text,
    refused_text,
    stand_in_of,
    stand_in_text,
    takes_everything,
)

HOME, AWAY = ConnectionId("home"), ConnectionId("away")
PHOTOS = Prefix("b", "photos/")
GONE, CHANGED = Change.GONE, Change.CHANGED


def connection(id_, endpoint=""):
    anonymous = CredentialReference(CredentialKind.ANONYMOUS)
    url = endpoint or f"http://{id_}.example"
    return Connection(id_, id_.title(), endpoint=url, credentials=anonymous)


@pytest.fixture
def form():
    return SyncForm(Place(HOME, PHOTOS), PHOTOS, [connection(HOME), connection(AWAY)])


def counted(gone=0, changed=0, same=0):
    counts = Counter({GONE: gone, CHANGED: changed})
    return SimpleNamespace(counts=counts, same=same, held=gone + changed + same)


def rows(gone):
    made = SyncRows("photos/")
    made.deletes = True
    made._chosen[GONE] = made.counts[GONE] = gone
    return made


class TestForm:
    def test_a_folder_is_needed_that_is_there_for_uploads(self, form, tmp_path):
        assert list(form.errors) == ["folder"]
        form.edit("folder", str(tmp_path / "nowhere"))
        assert list(form.errors) == ["folder"]
        form.edit("way", Way.DOWN)
        assert form.errors == {}
        assert form.result().folder == tmp_path / "nowhere"
        form.edit("folder", __file__)
        assert list(form.errors) == ["folder"]

    def test_only_what_the_direction_needs_is_shown(self, form):
        shown = dict.fromkeys(Way)
        for way in Way:
            form.edit("way", way)
            shown[way] = [name for name in form.fields if form.is_shown(name)]
        assert shown[Way.UP] == shown[Way.DOWN] == ["way", "folder", "how"]
        assert shown[Way.COPY] == ["way", "connection", "target", "how"]

    def test_a_folder_is_not_synced_into_itself(self, form):
        form.edit("way", Way.COPY)
        assert list(form.errors) == ["target"]
        with pytest.raises(ValidationError):
            form.result()
        for typed in ("b/photos", "b/photos/2024", "b"):
            form.edit("target", typed)
            assert list(form.errors) == ["target"], typed
        form.edit("connection", AWAY)
        assert form.errors == {}
        form.edit("connection", HOME)
        form.edit("target", "s3://b/other")
        assert form.result().target == Place(HOME, Prefix("b", "other/"))
        assert form.result().target_place == Place(HOME, Prefix("b", "other/"))

    def test_two_connections_to_one_store_are_one(self):
        both = [connection(HOME, "http://x"), connection(AWAY, "HTTP://X:80/")]
        form = SyncForm(Place(HOME, PHOTOS), PHOTOS, both)
        form.edit("way", Way.COPY)
        form.edit("connection", AWAY)
        form.edit("target", "b/photos/2024")
        assert list(form.errors) == ["target"]
        form.edit("target", "c/photos")
        assert form.errors == {}

    def test_every_way_to_compare_says_what_it_costs(self, form):
        told = {compare_meaning(how, way) for how in Compare for way in Way}
        assert len(told) == 5
        form.edit("how", Compare.SIZE)
        assert "least sure" in form.meaning


class TestDanger:
    def test_what_can_be_undone_needs_no_word_unless_it_is_much(self):
        few = danger(rows(3), counted(3, same=1), Keeping.VERSIONS, "photos")
        assert few.word == ""
        assert few.problem.startswith("Delete 3 items")
        assert "“photos”" in few.problem
        assert few.warning == ""
        assert danger(rows(MUCH), counted(MUCH, same=1), Keeping.VERSIONS, "photos").word

    def test_place_bytes_and_share_are_named(self):
        doomed = rows(30)
        doomed._chosen_sizes[GONE] = 3 << 20
        told = danger(doomed, counted(30, same=70), Keeping.VERSIONS, "photos", "b/photos/")
        assert told.problem == (
            "Delete 30 items (3.0 MiB) that are not at the source from “b/photos/”?"
        )
        assert told.consequence.startswith("The target has 100 items now, 30 % of them would go.")
        most = danger(rows(80), counted(80, same=20), Keeping.VERSIONS, "photos")
        assert "80 %" in most.warning
        assert danger(rows(10), counted(10, same=1), Keeping.VERSIONS, "photos").warning == ""
        every = danger(rows(2), counted(2), Keeping.VERSIONS, "photos", "b/photos/")
        assert "“b/photos/” now, 2 items (0 B)" in every.problem

    @pytest.mark.parametrize("keeping", [None, Keeping.NOTHING, Keeping.UNKNOWN])
    def test_what_cannot_be_undone_needs_a_word(self, keeping):
        assert danger(rows(1), counted(1, same=1), keeping, "photos").word == "delete"

    def test_emptying_the_target_needs_its_name(self):
        told = danger(rows(2), counted(2), Keeping.VERSIONS, "photos")
        assert told.word == "photos"
        assert "wrong folder" in told.warning
        for odd in ("a\udcff", " photos", "a\nb", ""):
            assert danger(rows(2), counted(2), None, odd).word == "delete everything"
        assert not takes_everything(counted(2, same=1))
        assert not takes_everything(counted(2, changed=1))
        assert not takes_everything(counted(0))


def test_why_nothing_can_be_deleted():
    assert delete_obstacle(rows(1), is_compared=True, may_delete=True) == ""
    reasons = {
        delete_obstacle(rows(1), is_compared=False, may_delete=False),
        delete_obstacle(rows(1), is_compared=True, may_delete=False),
        delete_obstacle(rows(0), is_compared=True, may_delete=True),
    }
    assert len(reasons) == 3
    assert "" not in reasons


class TestStandIn:
    BOTH = FailoverGroup((Backend(HOME), Backend(AWAY)))

    def of(self, stand_in, *gone):
        comparison = SimpleNamespace(stand_in=stand_in)
        group = group_connection(ConnectionId("g"), "Both", self.BOTH)
        names = {HOME: "Home", AWAY: "Away"}
        return stand_in_of(comparison, group, lambda id_: "" if id_ in gone else names[id_])

    def test_there_is_none_where_the_first_was_listed_or_no_group(self):
        assert self.of(None) is None
        assert stand_in_of(SimpleNamespace(stand_in=AWAY), None, str) is None
        assert stand_in_of(SimpleNamespace(stand_in=AWAY), connection(HOME), str) is None
        assert stand_in_text(None, keeps=False) == ""

    def test_both_are_named(self):
        assert self.of(AWAY) == StandIn("Away", "Home")
        assert self.of(AWAY, AWAY) == StandIn("(removed connection)", "Home")

    def test_what_it_means_is_said(self):
        told = "Away was listed in place of Home: it may have older objects, and lack some."
        assert stand_in_text(self.of(AWAY), keeps=False) == told
        assert stand_in_text(self.of(AWAY), keeps=True) == (
            f"{told} What may be older replaces nothing: compare again when Home can be read."
        )
        assert delete_obstacle(
            rows(1), is_compared=True, may_delete=False, stand_in=self.of(AWAY)
        ) == ("Nothing counts as gone: Home may have what Away lacks.")


@pytest.mark.parametrize(
    ("why", "source_s", "target_s", "text"),
    [
        (Why.SIZE, 9, 9, "Another size"),
        (Why.SIZE, 9, 19, "Other size, target newer"),
        (Why.SIZE, nan, 19, "Another size"),
        (Why.CONTENT, 9, 19, "Not proved, target newer"),
        (Why.NEWER, 19, 9, "Newer at the source"),
        (Why.OLDER, 9, 19, "Target may be older"),
    ],
)
def test_a_target_that_is_newer_is_said_to_be(why, source_s, target_s, text):
    spec = TransferSpec(Direction.UPLOAD, Path("/a"), Address(HOME, Location("b", "a")), 1)
    held = Held(Location("b", "a"), 2, target_s)
    found = Difference(CHANGED, spec, held, why, source_s)
    listed = SyncRows()
    listed.add([found])
    assert why_text(found) == text
    said = ""
    if text.endswith("target newer"):
        said = "1 is newer at the target"
    elif why is Why.OLDER:
        said = "1 was copied from another member and may be older"
    assert compared_text(listed, 0) == said


def test_what_is_not_replaced_is_not_carried_out():
    spec = TransferSpec(Direction.UPLOAD, Path("/a"), Address(HOME, Location("b", "a")), 1)
    listed = SyncRows()
    listed.add([Difference(CHANGED, spec, Held(Location("b", "a"), 2, 9), Why.SIZE, 9)])
    assert (listed.chosen(CHANGED), listed.transfers()) == (1, [spec])
    assert not listed.keeps
    listed.replaces = False
    assert listed.keeps
    assert (listed.chosen(CHANGED), listed.transfers()) == (0, [])
    assert not listed.is_open(0)
    assert [listed.text(0, each) for each in (SyncColumn.DEED, SyncColumn.WHY)] == [
        "Stays",
        "Source may be older",
    ]


def test_the_end_is_told():
    assert done_text(3, 2) == "Sync ended: 3 transferred, 2 deleted."
    told = done_text(0, 1, changed=1, failed=2)
    assert "1 left because it was changed since" in told
    assert "2 could not be deleted" in told
    assert "Nothing was deleted: 2 transfers" in refused_text(BatchFinished("b", 5, 0, 1, 1, 0))
    assert compared_text(SyncRows(), 4) == "Nothing to do: 4 items are the same on both sides."
    assert compared_text(SyncRows(), 0, 2) == "2 cannot be read"
