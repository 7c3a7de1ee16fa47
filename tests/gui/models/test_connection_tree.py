"""Connections, buckets and folders: read where they are opened, kept when they are read anew."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt

from s4desk.core.domain.errors import PermissionDeniedError, UnavailableError
from s4desk.core.domain.identity import Prefix
from s4desk.gui.models.connection_tree import PAGES_AT_ONCE, ConnectionTreeModel
from tests.gui.models.fake_tree import AWAY, HOME, FakeTreeSource, connection, place
from tests.gui.models.fakes import no_icons, settle

CUT = UnavailableError("connection reset", operation="ListBuckets")


@pytest.fixture
def source():
    return FakeTreeSource()


@pytest.fixture
async def model(qapp, source):
    model = ConnectionTreeModel(source, no_icons)
    failures = []
    model.tasks.failed.connect(failures.append)
    model.failures = failures
    model.show_connections([connection()])
    yield model
    await model.tasks.aclose()


def children(model, parent=QModelIndex()):  # noqa: B008
    return [model.index(row, 0, parent) for row in range(model.rowCount(parent))]


def labels(model, parent=QModelIndex()):  # noqa: B008
    return [index.data() for index in children(model, parent)]


async def read(model, *path):
    """Open a row as a view does, and wait for what is below it."""
    index = model.find(place(*path))
    assert model.place(index) == place(*path)
    assert model.canFetchMore(index)
    model.fetchMore(index)
    await settle()
    return index


class TestReading:
    async def test_nothing_is_asked_before_a_row_is_opened(self, model, source, qtmodeltester):
        home = model.find(place())
        assert home.data() == "Home"
        assert model.hasChildren(home)
        await settle()
        assert source.asked == []
        qtmodeltester.check(model)

    async def test_each_level_is_read_alone(self, model, source, qtmodeltester):
        source.folders[Prefix("b")] = [["x/", "y/"]]
        home = await read(model)
        assert labels(model, home) == ["b", "c"]
        bucket = await read(model, "b")
        assert labels(model, bucket) == ["x", "y"]
        assert source.asked == [HOME, (Prefix("b"), 0)]
        folder = await read(model, "b", "x/")
        assert not model.hasChildren(folder)
        qtmodeltester.check(model)

    async def test_opening_twice_is_one_request(self, model, source):
        source.gate.clear()
        home = await read(model)
        assert labels(model, home) == ["Loading…"]
        assert not model.canFetchMore(home)
        model.fetchMore(home)
        source.gate.set()
        await settle()
        assert source.asked == [HOME]

    async def test_a_row_that_loads_can_be_walked_through(self, model, source, qtmodeltester):
        source.gate.clear()
        await read(model)
        qtmodeltester.check(model)

    async def test_a_connection_without_buckets_says_so(self, model, source):
        source.buckets[HOME] = []
        home = await read(model)
        (note,) = children(model, home)
        assert note.data() == "No buckets"
        assert model.is_remark(note)
        assert model.destination(note) is None

    @pytest.mark.parametrize("typed", ["team/a", "team/a/"])
    async def test_a_connection_with_a_start_shows_only_that(self, model, source, typed):
        start = connection(AWAY, start_bucket="s", start_prefix=typed)
        model.show_connections([connection(), start])
        away = model.find(place(id_=AWAY))
        model.fetchMore(away)
        assert labels(model, away) == ["s/team/a"]
        assert source.asked == []
        only = place("s", "team/a/", id_=AWAY)
        assert model.destination(away) == only
        assert model.place(away) == place(id_=AWAY)
        assert model.place(model.find(place("s", "team/a/x/y/", id_=AWAY))) == only

    async def test_odd_names_are_made_visible(self, model, source):
        source.folders[Prefix("b")] = [["/", "a\u202eb/", "\udc80/"]]
        await read(model)
        bucket = await read(model, "b")
        assert labels(model, bucket) == ["(empty name)", "a⟨U+202E⟩b", "⟨80⟩"]
        tip = children(model, bucket)[1].data(Qt.ItemDataRole.ToolTipRole)
        assert tip == "<span>s3://b/a\\u202eb/</span>"

    async def test_a_name_is_no_html(self, model):
        model.show_connections([connection(endpoint="https://x/<b>")])
        tip = model.find(place()).data(Qt.ItemDataRole.ToolTipRole)
        assert tip == "<span>https://x/&lt;b&gt;</span>"


class TestPages:
    async def test_more_is_loaded_on_demand(self, model, source, qtmodeltester):
        source.folders[Prefix("b")] = [["x/"], ["y/"], ["z/"]]
        await read(model)
        bucket = await read(model, "b")
        assert labels(model, bucket) == ["x", "Load more…"]
        note = QPersistentModelIndex(children(model, bucket)[1])
        source.gate.clear()
        model.act(note)
        await settle()
        assert labels(model, bucket) == ["x", "Loading…"]
        model.act(note)
        source.gate.set()
        await settle()
        assert labels(model, bucket) == ["x", "y", "Load more…"]
        assert note.row() == 2, "the note stays the row it is"
        model.act(note)
        await settle()
        assert labels(model, bucket) == ["x", "y", "z"]
        assert source.asked.count((Prefix("b"), 1)) == 1
        qtmodeltester.check(model)

    async def test_pages_without_folders_are_passed_by_but_not_for_ever(self, model, source):
        source.folders[Prefix("b")] = [[], [], ["x/"], ["y/"]]
        source.folders[Prefix("c")] = [[]] * (PAGES_AT_ONCE + 2)
        await read(model)
        assert labels(model, await read(model, "b")) == ["x", "Load more…"]
        bucket = await read(model, "c")
        assert labels(model, bucket) == ["Load more…"]
        assert source.asked[-1] == (Prefix("c"), PAGES_AT_ONCE - 1)
        model.act(children(model, bucket)[0])
        await settle()
        assert not model.hasChildren(bucket)

    async def test_what_comes_twice_is_shown_once(self, model, source, qtmodeltester):
        source.folders[Prefix("b")] = [["x/"], ["y/", "x/", "y/"]]
        await read(model)
        bucket = await read(model, "b")
        inserted = []
        model.rowsInserted.connect(lambda _parent, first, last: inserted.append((first, last)))
        model.act(children(model, bucket)[1])
        await settle()
        assert labels(model, bucket) == ["x", "y"]
        assert inserted == [(1, 1)]
        qtmodeltester.check(model)

    async def test_loading_more_does_not_stop_reading_anew(self, model, source):
        source.folders[Prefix("b")] = [["x/"], ["y/"]]
        await read(model)
        bucket = await read(model, "b")
        source.folders[Prefix("b")] = [["new/", "x/"], ["y/"]]
        model.refresh(place("b"))
        model.act(children(model, bucket)[1])
        await settle()
        assert labels(model, bucket) == ["new", "x", "Load more…"]

    async def test_an_error_on_the_way_is_tried_again_from_there(self, model, source):
        source.folders[Prefix("b")] = [["x/"], CUT, ["z/"]]
        await read(model)
        bucket = await read(model, "b")
        model.act(children(model, bucket)[1])
        await settle()
        assert labels(model, bucket)[0] == "x"
        assert labels(model, bucket)[2] == "Try again"
        source.folders[Prefix("b")][1] = ["y/"]
        model.act(children(model, bucket)[2])
        await settle()
        assert labels(model, bucket) == ["x", "y", "Load more…"]
        assert source.asked[1:] == [(Prefix("b"), at) for at in (0, 1, 1)]


class TestErrors:
    async def test_an_error_is_a_sentence_and_a_way_on(self, model, source, qtmodeltester):
        source.buckets[HOME] = CUT
        home = await read(model)
        sentence, again = children(model, home)
        assert model.is_remark(sentence)
        assert "connection" in sentence.data()
        assert sentence.data() in sentence.data(Qt.ItemDataRole.ToolTipRole)
        assert not model.canFetchMore(home), "a view would ask for ever"
        assert not model.is_remark(again)
        qtmodeltester.check(model)

        source.buckets[HOME] = ["b"]
        source.gate.clear()
        model.act(again)
        await settle()
        assert labels(model, home) == ["Loading…"]
        source.gate.set()
        await settle()
        assert labels(model, home) == ["b"]
        assert model.failures == []
        qtmodeltester.check(model)

    async def test_a_denial_has_an_icon_of_its_own(self, qapp, source):
        source.buckets[HOME] = PermissionDeniedError("no", operation="ListBuckets")
        asked = []
        model = ConnectionTreeModel(source, lambda name: asked.append(name) or no_icons(name))
        model.show_connections([connection()])
        home = await read(model)
        model.index(0, 0, home).data(Qt.ItemDataRole.DecorationRole)
        assert asked == ["locked"]
        assert "start bucket" in model.index(0, 0, home).data(Qt.ItemDataRole.ToolTipRole)

    async def test_a_fault_of_ours_is_shown_and_told(self, model, source):
        fault = source.buckets[HOME] = ZeroDivisionError()
        home = await read(model)
        assert labels(model, home)[1] == "Try again"
        assert model.failures == [fault]

    async def test_what_was_shown_stays_when_reading_anew_fails(self, model, source):
        home = await read(model)
        source.buckets[HOME] = CUT
        model.refresh(place())
        await settle()
        assert labels(model, home)[:2] == ["b", "c"]
        assert labels(model, home)[3] == "Try again"
        source.buckets[HOME] = ["b", "d"]
        model.act(children(model, home)[3])
        await settle()
        assert labels(model, home) == ["b", "d"]


class TestRefresh:
    async def test_rows_that_stay_keep_what_is_below(self, model, source, qtmodeltester):
        source.buckets[HOME] = ["b", "c", "e", "g"]
        source.folders[Prefix("e")] = [["x/"]]
        home = await read(model)
        bucket = QPersistentModelIndex(await read(model, "e"))
        source.buckets[HOME] = ["a", "d", "e", "f", "h"]
        source.gate.clear()
        model.refresh(place())
        await settle()
        assert labels(model, home) == ["b", "c", "e", "g"], "until the answer is here"
        source.gate.set()
        await settle()
        assert labels(model, home) == ["a", "d", "e", "f", "h"]
        assert (bucket.row(), labels(model, bucket)) == (2, ["x"])
        qtmodeltester.check(model)

    async def test_only_what_changed_is_told(self, model, source):
        await read(model)
        told = []
        model.rowsInserted.connect(lambda _parent, first, last: told.append(("+", first, last)))
        model.rowsRemoved.connect(lambda _parent, first, last: told.append(("-", first, last)))
        model.refresh(place())
        await settle()
        assert told == []
        source.buckets[HOME] = ["a", "b", "x", "y"]
        model.refresh(place())
        await settle()
        assert told == [("-", 1, 1), ("+", 0, 0), ("+", 2, 3)]

    async def test_buckets_are_sorted_by_name_whatever_the_store_says(
        self, model, source, qtmodeltester
    ):
        source.buckets[HOME] = ["b", "c"]
        home = await read(model)
        source.buckets[HOME] = ["c", "a", "b", "b"]
        model.refresh(place())
        await settle()
        assert labels(model, home) == ["a", "b", "c"]
        qtmodeltester.check(model)

    async def test_as_many_pages_as_were_loaded(self, model, source):
        source.folders[Prefix("b")] = [["u/"], ["v/"], ["w/"]]
        await read(model)
        bucket = await read(model, "b")
        model.act(children(model, bucket)[1])
        await settle()
        source.folders[Prefix("b")][0] = ["t/", "u/"]
        model.refresh(place("b"))
        await settle()
        assert labels(model, bucket) == ["t", "u", "v", "Load more…"]

    async def test_what_was_never_opened_is_not_read(self, model, source):
        await read(model)
        model.refresh(place("b"))
        model.refresh(place(id_=AWAY))
        await settle()
        assert source.asked == [HOME]

    async def test_a_new_folder_shows_where_it_belongs(self, model, source):
        source.folders[Prefix("b")] = [["x/"]]
        await read(model)
        bucket = await read(model, "b")
        source.folders[Prefix("b")] = [["new/", "x/"]]
        model.refresh(place("b", "new/"))
        await settle()
        assert labels(model, bucket) == ["new", "x"]

    async def test_an_empty_folder_gets_its_first(self, model, source):
        await read(model)
        bucket = await read(model, "b")
        source.folders[Prefix("b")] = [["x/"]]
        source.gate.clear()
        model.refresh(place("b"))
        await settle()
        assert not model.hasChildren(bucket), "no loading note comes and goes"
        source.gate.set()
        await settle()
        assert labels(model, bucket) == ["x"]


class TestLateAnswers:
    async def test_reading_anew_cancels_what_is_under_way(self, model, source):
        source.gate.clear()
        await read(model)
        model.refresh(place())
        await settle()
        assert source.cancelled == 1
        assert source.asked == [HOME, HOME]

    async def test_an_answer_that_comes_in_spite_of_it_is_dropped(self, model, source):
        source.gate.clear()
        home = await read(model)
        source.is_deaf = True
        source.buckets[HOME] = ["fresh"]
        model.refresh(place())
        await settle()
        assert labels(model, home) == ["Loading…"]
        source.gate.set()
        await settle()
        assert labels(model, home) == ["fresh"]

    async def test_reading_anew_at_once_still_says_loading(self, model, source):
        source.gate.clear()
        home = model.find(place())
        model.fetchMore(home)
        model.refresh(place())
        await settle()
        assert labels(model, home) == ["Loading…"]

    async def test_buckets_that_come_late_are_not_beside_the_start(self, model, source):
        source.gate.clear()
        source.is_deaf = True
        home = await read(model)
        model.show_connections([connection(start_bucket="only")])
        source.gate.set()
        await settle()
        assert labels(model, home) == ["only"]

    async def test_a_late_error_is_dropped_too(self, model, source):
        source.buckets[HOME] = CUT
        source.gate.clear()
        home = await read(model)
        source.is_deaf = True
        source.buckets[HOME] = ["fresh"]
        model.refresh(place())
        await settle()
        source.gate.set()
        await settle()
        assert labels(model, home) == ["fresh"]

    async def test_a_connection_that_goes_takes_its_readings_along(self, model, source):
        await read(model)
        source.gate.clear()
        await read(model, "b")
        source.is_deaf = True
        model.show_connections([])
        source.gate.set()
        await settle()
        assert source.cancelled == 1
        assert model.rowCount() == 0

    async def test_a_stale_index_is_harmless(self, model):
        home = await read(model)
        bucket = model.index(0, 0, home)
        model.show_connections([])
        assert bucket.data() is None
        assert not model.parent(bucket).isValid()
        assert (model.rowCount(bucket), model.hasChildren(bucket)) == (0, False)
        assert model.place(bucket) is None
        model.act(bucket)
        model.fetchMore(bucket)


class TestConnections:
    async def test_others_stay_open(self, model, source, qtmodeltester):
        source.buckets[AWAY] = ["z"]
        home = QPersistentModelIndex(await read(model))
        model.show_connections([connection(AWAY), connection()])
        assert labels(model) == ["Away", "Home"]
        model.show_connections([connection(AWAY), connection(), connection("third")])
        assert labels(model) == ["Away", "Home", "Third"]
        model.show_connections([connection(), connection("third")])
        assert labels(model) == ["Home", "Third"]
        assert labels(model, home) == ["b", "c"]
        qtmodeltester.check(model)

    async def test_a_new_name_is_only_a_new_name(self, model, source):
        home = await read(model)
        changed = []
        model.dataChanged.connect(lambda top, _bottom: changed.append(top.data()))
        model.show_connections([connection(name="Base")])
        await settle()
        model.show_connections([connection(name="Base")])
        assert changed == ["Base"]
        assert (home.data(), labels(model, home)) == ("Base", ["b", "c"])
        assert source.asked == [HOME]

    async def test_another_address_is_another_store(self, model, source):
        home = await read(model)
        source.buckets[HOME] = ["elsewhere"]
        source.gate.clear()
        model.show_connections([replace(connection(), endpoint="http://other")])
        await settle()
        assert labels(model, home) == ["Loading…"]
        source.gate.set()
        await settle()
        assert labels(model, home) == ["elsewhere"]

    async def test_a_start_bucket_can_come_and_go(self, model, source):
        home = await read(model)
        model.show_connections([connection(start_bucket="only")])
        assert labels(model, home) == ["only"]
        model.show_connections([connection()])
        await settle()
        assert labels(model, home) == ["b", "c"]


class TestFinding:
    async def test_the_nearest_row_that_is_loaded(self, model, source):
        source.folders[Prefix("b")] = [["x/"]]
        deep = place("b", "x/y/z/")
        assert model.place(model.find(deep)) == place()
        await read(model)
        assert model.place(model.find(deep)) == place("b")
        await read(model, "b")
        assert model.place(model.find(deep)) == place("b", "x/")
        assert not model.find(place("b", id_=AWAY)).isValid()

    async def test_files_fall_into_buckets_and_folders(self, model, source):
        source.folders[Prefix("b")] = [["x/"], []]
        await read(model)
        bucket = await read(model, "b")
        takes = Qt.ItemFlag.ItemIsDropEnabled
        folder, note = children(model, bucket)
        flags = [
            bool(model.flags(at) & takes) for at in (model.find(place()), bucket, folder, note)
        ]
        assert flags == [False, True, True, False]

    async def test_a_note_belongs_to_the_place_above(self, model, source):
        source.folders[Prefix("b")] = [["x/"], []]
        await read(model)
        note = children(model, await read(model, "b"))[1]
        assert model.place(note) == place("b")
        assert model.place(QModelIndex()) is None


def test_a_connection_is_shown_by_where_it_leads(qapp, source):
    model = ConnectionTreeModel(source, no_icons)
    model.show_connections([connection()])
    index = model.find(place())
    assert not model.is_exposed(index)
    changed = []
    model.dataChanged.connect(lambda *_: changed.append(True))

    model.let_reach(lambda each: replace(each, endpoint="http://10.0.0.1"))
    model.show_connections([connection()])
    assert changed == [True]
    assert model.is_exposed(index)
    assert index.data() == "Home – Not encrypted"
    assert "http://10.0.0.1 – Nothing" in index.data(Qt.ItemDataRole.ToolTipRole)
