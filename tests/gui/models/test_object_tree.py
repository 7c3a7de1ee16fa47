import asyncio
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt

from s4desk.core.domain.errors import UnavailableError
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.objects import ObjectMeta
from s4desk.core.store.memory import MemoryStore
from s4desk.gui.models import object_levels
from s4desk.gui.models.indexes import NO_PARENT
from s4desk.gui.models.object_tree import ObjectTreeModel
from s4desk.viewmodels.listing import ListingState, banner
from s4desk.viewmodels.ordering import NATURAL, Column, SortOrder
from s4desk.viewmodels.pager import Pager
from tests.gui.models.fakes import no_icons, settle

TOP = Prefix("b", "")


class World:
    """A store whose listings can be held back and broken."""

    def __init__(self):
        self.store = MemoryStore(["b"])
        self.gate = asyncio.Event()
        self.gate.set()
        self.failures = []
        self.limit = 1000
        self.asked = []

    async def fill(self, *keys):
        for key in keys:
            body = b"" if key.endswith("/") else key.encode()
            await self.store.put(Location("b", key), body)

    async def list_objects(self, prefix, **query):
        self.asked.append(prefix.prefix)
        await self.gate.wait()
        if self.failures:
            raise self.failures.pop(0)
        return await self.store.list_objects(prefix, **query, limit=self.limit)

    def source(self, prefix, *, with_owner=False):
        return Pager(self.list_objects, prefix, with_owner=with_owner)


@pytest.fixture
async def world(qapp):
    return World()


@pytest.fixture
async def model(qapp):
    model = ObjectTreeModel(no_icons)
    yield model
    await model.tasks.aclose()


def shape(model, parent=NO_PARENT):
    """The rows as nested lists, a folder's children behind its name."""
    rows = []
    for row in range(model.rowCount(parent)):
        index = model.index(row, 0, parent)
        rows.append(index.data())
        if below := shape(model, index):
            rows.append(below)
    return rows


async def expand(model, *way):
    """Open the folder at the end of these row numbers, as the view does."""
    index = QModelIndex()
    for row in way:
        index = model.index(row, 0, index)
        if model.canFetchMore(index):
            model.fetchMore(index)
            model.fetchMore(index)
            await settle()
    return index


async def test_folders_open_in_place(model, world, qtmodeltester):
    await world.fill("a/1", "a/b/2", "c", "d/")
    model.open(TOP, world.source)
    await settle()
    assert shape(model) == ["a", "d", "c"]
    assert all(model.hasChildren(model.index(row, 0)) for row in (0, 1))
    assert not model.hasChildren(model.index(2, 0))
    await expand(model, 0, 0)
    assert shape(model) == ["a", ["b", ["2"], "1"], "d", "c"]
    assert world.asked == ["", "a/", "a/b/"]
    assert model.entry(model.index(0, 0, model.index(0, 0))) == Prefix("b", "a/b/")
    qtmodeltester.check(model)


async def test_a_level_says_that_it_loads_and_that_it_is_empty(model, world, qtmodeltester):
    await world.fill("d/")
    model.open(TOP, world.source)
    await settle()
    world.gate.clear()
    await expand(model, 0)
    assert shape(model) == ["d", ["Loading…"]]
    qtmodeltester.check(model)
    world.gate.set()
    await settle()
    assert shape(model) == ["d", ["This folder is empty"]]


async def test_each_level_is_paged(model, world, qtmodeltester):
    world.limit = 3
    await world.fill(*(f"f/{at}" for at in range(7)), "f/5x/y", "g")
    model.open(TOP, world.source)
    await settle()
    folder = await expand(model, 0)
    assert shape(model, folder) == ["0", "1", "2", "Load more…"]
    kept = QPersistentModelIndex(model.index(1, 0, folder))
    for expected in (["0", "1", "2", "3", "4", "5"], ["5x", "0", "1", "2", "3", "4", "5", "6"]):
        count = model.rowCount(folder)
        model.act(model.index(count - 1, 0, folder))
        await settle()
        loaded = [label for label in shape(model, folder) if label != "Load more…"]
        assert loaded == expected
    assert (kept.data(), kept.row()) == ("1", 2)
    qtmodeltester.check(model)


async def test_an_error_is_a_row_and_goes_on_from_there(model, world, qtmodeltester):
    world.limit = 2
    await world.fill(*(f"f/{at}" for at in range(3)), "z")
    model.open(TOP, world.source)
    await settle()
    folder = await expand(model, 0)
    world.failures.append(UnavailableError("cut"))
    model.act(model.index(2, 0, folder))
    await settle()
    labels = shape(model, folder)
    assert labels[:2] == ["0", "1"]
    assert labels[2].endswith("Try again")
    assert model.entry(model.index(2, 0, folder)) is None
    qtmodeltester.check(model)
    model.act(model.index(2, 0, folder))
    await settle()
    assert shape(model, folder) == ["0", "1", "2"]


async def test_a_very_large_level_is_offered_as_a_table(model, world, monkeypatch):
    monkeypatch.setattr(object_levels, "ROW_LIMIT", 4)
    world.limit = 2
    await world.fill(*(f"f/{at}" for at in range(9)))
    model.open(TOP, world.source)
    await settle()
    folder = await expand(model, 0)
    wanted = []
    model.table_wanted.connect(wanted.append)
    for _ in range(2):
        model.act(model.index(model.rowCount(folder) - 1, 0, folder))
        await settle()
    assert shape(model, folder)[4:] == ["More than 4 here: open as table"]
    assert wanted == [Prefix("b", "f/")]


async def test_a_late_page_of_a_folder_that_was_left_is_dropped(model, world):
    await world.fill("a/1", "b/2")
    model.open(TOP, world.source)
    await settle()
    world.gate.clear()
    stale = await expand(model, 0)
    model.open(Prefix("b", "b/"), world.source)
    world.gate.set()
    await settle()
    assert shape(model) == ["2"]
    assert (model.rowCount(stale), model.data(stale), model.entry(stale)) == (0, None, None)
    assert not model.parent(stale).isValid()


async def test_a_folder_that_goes_before_it_is_read_is_not_read(model, world):
    await world.fill("a/1", "b")
    model.open(TOP, world.source)
    await settle()
    model.fetchMore(model.index(0, 0))
    model.remove(["a/"])
    await settle()
    assert (shape(model), world.asked) == (["b"], [""])


async def test_stop_and_close(model, world):
    await world.fill("a/1")
    world.gate.clear()
    model.open(TOP, world.source)
    await settle()
    model.stop()
    assert model.status.state is ListingState.STOPPED
    world.gate.set()
    await settle()
    assert shape(model) == ["Load more…"]
    model.close()
    assert (shape(model), model.status.state) == ([], ListingState.CLOSED)


async def test_a_refresh_keeps_what_is_open_and_changes_what_differs(model, world, qtmodeltester):
    await world.fill("a/1", "b/2", "b/c/3", "x", "y")
    model.open(TOP, world.source)
    await settle()
    await expand(model, 1, 0)
    kept = QPersistentModelIndex(model.index(0, 0, model.index(0, 0, model.index(1, 0))))
    await world.store.delete(Location("b", "a/1"))
    await world.store.delete(Location("b", "x"))
    await world.fill("aa/0", "b/0", "b/d/4", "xx")
    await world.store.put(Location("b", "y"), b"longer")
    model.refresh()
    await settle()
    assert shape(model) == ["aa", "b", ["c", ["3"], "d", "0", "2"], "xx", "y"]
    assert kept.data() == "3"
    assert model.index(3, 1).data() == "6 B"
    qtmodeltester.check(model)


async def test_a_refresh_that_fails_leaves_the_rows(model, world):
    await world.fill("a", "b")
    model.open(TOP, world.source)
    await settle()
    world.failures.append(UnavailableError("cut"))
    model.refresh()
    await settle()
    assert shape(model)[:2] == ["a", "b"]
    assert model.status.state is ListingState.FAILED
    assert "could not be refreshed" in banner(model.status).text
    await world.fill("c")
    model.retry()
    await settle()
    assert shape(model) == ["a", "b", "c"]


async def test_what_was_deleted_goes_from_every_level(model, world, qtmodeltester):
    await world.fill("a/1", "b/2", "b/3", "c/4", "x", "y")
    model.open(TOP, world.source)
    await settle()
    await expand(model, 0)
    await expand(model, 1)
    await expand(model, 2)
    model.remove(["a/", "b/2", "x"])
    assert shape(model) == ["b", ["3"], "c", ["4"], "y"]
    assert model.parent(model.index(0, 0, model.index(1, 0))).row() == 1
    qtmodeltester.check(model)


async def test_what_was_written_appears_in_every_open_level(model, world, qtmodeltester):
    await world.fill("b/2", "x")
    model.open(TOP, world.source)
    await settle()
    await expand(model, 0)
    when = datetime(2026, 11, 20, tzinfo=UTC)
    metas = [
        ObjectMeta(Location("b", key), 2048, when, "odd") for key in ("a/1", "b/1", "b/2", "y")
    ]
    assert model.merge(metas)
    assert shape(model) == ["a", "b", ["1", "2"], "x", "y"]
    assert model.index(1, 1, model.index(1, 0)).data() == "2.0 KiB"
    qtmodeltester.check(model)


async def test_a_selection_names_nothing_twice(model, world):
    await world.fill("a/1", "a/b/2", "c", "dd")
    model.open(TOP, world.source)
    await settle()
    inner = await expand(model, 0, 0)
    outer = model.index(0, 0)
    rows = [outer, inner, model.index(0, 0, inner), model.index(1, 0, outer), model.index(2, 0)]
    selection = model.selection(rows)
    assert selection.folders == [Prefix("b", "a/")]
    assert list(selection.objects) == [Location("b", "dd")]
    assert list(selection.sizes) == [2]
    assert model.summary(rows).total_bytes == 2
    assert model.summary([model.index(1, 0), model.index(2, 0)]).at_hand == 2
    assert len(model.selection(rows[1:4]).folders) == 1


async def test_a_filter_fits_names_of_objects(model, world):
    await world.fill("a/x", "needle", "other")
    model.open(TOP, world.source)
    await settle()
    model.set_filter("NEED")
    assert [model.fits(model.index(row, 0)) for row in range(3)] == [True, True, False]
    assert (model.status.shown, model.status.loaded) == (2, 3)


async def test_odd_names(model, world):
    await world.fill("/lead", "a//b", "a\nb")
    model.open(TOP, world.source)
    await settle()
    assert shape(model) == ["(empty name)", "a", "a␊b"]
    await expand(model, 1, 0)
    assert shape(model, model.index(1, 0)) == ["(empty name)", ["b"]]
    tip = model.index(2, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "<span>s3://b/a\\nb</span>"


class TestOrder:
    """Keys are as long as their bodies: `ccc` is larger than `d`."""

    async def opened(self, model, world, *keys):
        await world.fill(*keys)
        model.open(TOP, world.source)
        await settle()

    async def test_each_level_is_sorted_folders_first(self, model, world, qtmodeltester):
        await self.opened(model, world, "a", "bb", "f/1", "f/22", "g/3", "ccc")
        await expand(model, 0)
        rows = {key: QPersistentModelIndex(_row_of(model, key)) for key in ("a", "ccc", "f/1")}
        model.sort(Column.SIZE, Qt.SortOrder.DescendingOrder)
        assert shape(model) == ["f", ["22", "1"], "g", "ccc", "bb", "a"]
        assert {key: row.data() for key, row in rows.items()} == {
            "a": "a",
            "ccc": "ccc",
            "f/1": "1",
        }
        model.sort(Column.NAME, Qt.SortOrder.DescendingOrder)
        assert shape(model) == ["g", "f", ["22", "1"], "ccc", "bb", "a"]
        await expand(model, 0)
        assert shape(model) == ["g", ["3"], "f", ["22", "1"], "ccc", "bb", "a"]
        assert model.entry(model.index(0, 0, model.index(0, 0))) == Location("b", "g/3")
        assert model.entry(rows["f/1"]) == Location("b", "f/1")
        model.sort(Column.NAME)
        assert shape(model) == ["f", ["1", "22"], "g", ["3"], "a", "bb", "ccc"]
        qtmodeltester.check(model)

    async def test_rows_that_come_and_go_are_in_order(self, model, world, qtmodeltester):
        await self.opened(model, world, "a", "bb", "f/1", "g/2", "ccc")
        model.sort(Column.NAME, Qt.SortOrder.DescendingOrder)
        await expand(model, 1)
        model.remove(["bb", "g/"])
        assert shape(model) == ["f", ["1"], "ccc", "a"]
        when = datetime(2026, 1, 1, tzinfo=UTC)
        metas = [ObjectMeta(Location("b", key), 1, when, "e") for key in ("b", "f/0", "h/x")]
        assert model.merge(metas)
        assert shape(model) == ["h", "f", ["1", "0"], "ccc", "b", "a"]
        await world.fill("z", "f/9")
        model.refresh()
        await settle()
        assert shape(model) == ["g", "f", ["9", "1"], "z", "ccc", "bb", "a"]
        assert model.order == SortOrder(Column.NAME, True)
        qtmodeltester.check(model)

    async def test_only_what_is_whole_is_sorted(self, model, world):
        refusals = []
        model.sort_refused.connect(refusals.append)
        world.limit = 2
        await self.opened(model, world, "a", "bb", "f/1", "f/22", "f/333")
        model.sort(Column.SIZE, Qt.SortOrder.DescendingOrder)
        assert (len(refusals), shape(model)) == (1, ["a", "bb", "Load more…"])
        model.load_all()
        await settle()
        model.sort(Column.SIZE, Qt.SortOrder.DescendingOrder)
        await expand(model, 0)
        more = "Load more… (by name until all is here)"
        assert shape(model) == ["f", ["1", "22", more], "bb", "a"]
        model.act(model.index(2, 0, model.index(0, 0)))
        await settle()
        assert (len(refusals), shape(model)) == (1, ["f", ["333", "22", "1"], "bb", "a"])

    async def test_another_folder_begins_by_name(self, model, world):
        await self.opened(model, world, "a", "bb")
        model.sort(Column.SIZE, Qt.SortOrder.DescendingOrder)
        model.open(TOP, world.source)
        await settle()
        assert (model.order, shape(model)) == (NATURAL, ["a", "bb"])


def _row_of(model, key):
    """The row of a key, at most one folder deep."""
    folder, _, name = key.rpartition("/")
    above = model.find(f"{folder}/") if folder else NO_PARENT
    rows = [model.index(row, 0, above) for row in range(model.rowCount(above))]
    return next(index for index in rows if index.data() == name)
