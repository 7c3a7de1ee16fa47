import asyncio
import contextlib
from array import array
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt

from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.objects import ObjectMeta
from s4desk.core.runtime.tasks import TaskScope
from s4desk.gui.models import arranger as arrangers
from s4desk.gui.models.cells import ENTRY_ROLE
from s4desk.gui.models.object_table import FIRST_PAGES, ObjectTableModel
from s4desk.viewmodels.listing import ListingState, banner
from s4desk.viewmodels.ordering import NATURAL, OF_VERSIONS, SORTABLE, Column, SortOrder
from s4desk.viewmodels.pager import Pager
from s4desk.viewmodels.selection import Summary
from tests.gui.models.fakes import CUT, FakeListing, listing, no_icons, settle
from tests.viewmodels.listings import TOP, page, pages

DESCENDING = Qt.SortOrder.DescendingOrder
ASCENDING = Qt.SortOrder.AscendingOrder


@pytest.fixture
async def model(qapp):
    model = ObjectTableModel(no_icons)
    failures = []
    model.tasks.failed.connect(failures.append)
    yield model
    await model.tasks.aclose()
    assert not failures


@pytest.fixture
def inserted(model):
    runs = []
    model.rowsInserted.connect(lambda _parent, first, last: runs.append((first, last)))
    return runs


def names(model):
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def keys(count, first=0):
    return [f"k{number:07d}" for number in range(first, first + count)]


async def opened(model, *counts):
    source = listing(*counts)
    model.open(source.pager())
    await settle(lambda: model.status.state is not ListingState.LOADING)
    return source


class TestLoading:
    async def test_each_page_is_one_insertion(self, model, inserted, qtmodeltester):
        await opened(model, *[100] * (FIRST_PAGES - 1), 1000, 1000, 3)
        assert inserted[-1] == (900, 1899)
        assert model.status.state is ListingState.PAUSED
        while model.canFetchMore(QModelIndex()):
            model.fetchMore(QModelIndex())
            model.fetchMore(QModelIndex())  # the view asks more than once
            await settle()
        assert inserted[-2:] == [(1900, 2899), (2900, 2902)]
        assert model.status.state is ListingState.COMPLETE
        assert names(model) == keys(2903)
        qtmodeltester.check(model)

    async def test_asking_twice_is_one_request(self, model):
        source = await opened(model, *[1] * (FIRST_PAGES + 3))
        asked = len(source.asked)
        source.gate.clear()
        model.fetchMore(QModelIndex())
        model.fetchMore(QModelIndex())
        await settle()
        assert len(source.asked) == asked + 1
        assert not model.canFetchMore(QModelIndex())

    async def test_the_first_ten_pages_come_by_themselves(self, model):
        await opened(model, *[1] * 12)
        assert model.rowCount() == FIRST_PAGES

    async def test_folders_come_first_and_stay_first(self, model, inserted, qtmodeltester):
        model.open(
            FakeListing(
                [
                    page(["b", "d"], ["a/", "c/"], token="1"),
                    page(["f"], ["e/"], token="2"),
                    page([], ["g/"]),
                ]
            ).pager()
        )
        await settle()
        assert names(model) == ["a", "c", "e", "g", "b", "d", "f"]
        assert inserted == [(0, 3), (2, 2), (5, 5), (3, 3)]
        qtmodeltester.check(model)

    async def test_a_page_of_folders_then_objects_is_one_insertion(self, model, inserted):
        model.open(FakeListing([page([], ["a/"], token="1"), page(["c"], ["b/"])]).pager())
        await settle()
        assert inserted == [(0, 0), (1, 2)]

    async def test_load_all_goes_to_the_end_and_says_so(self, model):
        source = await opened(model, *[2] * 30)
        model.load_all()
        assert model.status.is_loading_all
        await settle(lambda: model.is_complete)
        assert names(model) == keys(60)
        assert len(source.asked) == 30
        assert not model.status.is_loading_all

    async def test_pages_ahead_come_in_order(self, model):
        scope, inside, most = TaskScope("ahead"), 0, 0

        async def ask(_prefix, *, token, start_after, **_):
            nonlocal inside, most
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1
            after = (token or start_after).removeprefix(TOP.prefix)
            rest = [name for name in keys(300) if name > after]
            return page(rest[:3], token=rest[2] if len(rest) > 3 else None)

        model.open(Pager(ask, TOP, scope=scope))
        model.load_all()
        await settle(lambda: model.is_complete)
        assert names(model) == keys(300)
        assert most > 1
        await scope.aclose()

    async def test_stop_stops_at_once_and_goes_on_without_a_gap(self, model):
        source = await opened(model, *[2] * 30)
        model.load_all()
        await settle(lambda: model.rowCount() >= 30)
        source.gate.clear()
        await settle()
        rows = model.rowCount()
        model.stop()
        assert model.status.state is ListingState.STOPPED
        source.gate.set()
        await settle()
        assert (model.rowCount(), source.cancelled) == (rows, 1)
        assert not model.canFetchMore(QModelIndex())
        model.load_all()
        await settle(lambda: model.is_complete)
        assert names(model) == keys(60)

    async def test_stop_and_go_on_in_one_breath(self, model):
        source = await opened(model, *[2] * 30)
        source.gate.clear()
        model.load_all()
        await settle()
        model.stop()
        model.load_all()
        source.gate.set()
        await settle(lambda: model.is_complete)
        assert names(model) == keys(60)

    async def test_the_next_request_waits_until_the_last_one_has_let_go(self, model):
        class Slow(FakeListing):
            """A request that needs a while to end after it was cancelled."""

            running = most = 0

            async def __call__(self, prefix, **query):
                self.running += 1
                self.most = max(self.most, self.running)
                try:
                    return await super().__call__(prefix, **query)
                finally:
                    for _ in range(5):
                        await asyncio.sleep(0)
                    self.running -= 1

        source = Slow(pages(2, 2))
        source.gate.clear()
        model.open(source.pager())
        await settle()
        model.stop()
        model.load_all()
        source.gate.set()
        await settle(lambda: model.is_complete)
        assert (names(model), source.most) == (keys(4), 1)

    async def test_wanting_more_while_loading_starts_nothing_new(self, model):
        source = listing(*[2] * 30)
        source.gate.clear()
        model.open(source.pager())
        model.load_all()
        model.load_more()
        await settle()
        assert len(model.tasks._running) == 1
        source.gate.set()
        await settle(lambda: model.is_complete)
        assert names(model) == keys(60)

    async def test_a_page_that_stop_could_not_hold_back_is_kept_for_later(self, model):
        made = list(pages(2, 2))

        class Stubborn(FakeListing):
            async def __call__(self, prefix, **query):
                with contextlib.suppress(asyncio.CancelledError):
                    await self.gate.wait()
                return self.answers.pop(0)

        source = Stubborn(made)
        source.gate.clear()
        model.open(source.pager())
        await settle()
        model.stop()
        await settle()
        assert (model.rowCount(), model.status.state) == (0, ListingState.STOPPED)
        source.gate.set()
        model.load_all()
        await settle(lambda: model.is_complete)
        assert names(model) == keys(4)


class TestStalePages:
    async def test_opening_another_listing_cancels_the_request(self, model):
        old = listing(5)
        old.gate.clear()
        model.open(old.pager())
        await settle()
        await opened(model, 2)
        assert old.cancelled == 1
        assert model.rowCount() == 2

    async def test_a_page_of_another_pager_is_dropped(self, model):
        class Stubborn(FakeListing):
            """Answers even when it was cancelled, as a late reply does."""

            async def __call__(self, prefix, **query):
                try:
                    await self.gate.wait()
                except asyncio.CancelledError:
                    await gate.wait()
                return self.answers.pop(0)

        gate = asyncio.Event()
        old = Stubborn(pages(5))
        old.gate.clear()
        model.open(old.pager())
        await settle()
        await opened(model, 2)
        gate.set()
        await settle()
        assert not old.answers
        assert names(model) == keys(2)

    async def test_a_late_error_of_another_pager_is_dropped(self, model):
        class LateError(FakeListing):
            async def __call__(self, prefix, **query):
                try:
                    await self.gate.wait()
                except asyncio.CancelledError:
                    raise CUT from None

        old = LateError([])
        old.gate.clear()
        model.open(old.pager())
        await settle()
        await opened(model, 2)
        await settle()
        assert (model.status.state, model.status.failure) == (ListingState.COMPLETE, None)

    async def test_close_shows_nothing(self, model):
        source = await opened(model, *[2] * 30)
        source.gate.clear()
        model.load_all()
        await settle()
        model.close()
        source.gate.set()
        await settle()
        assert (model.rowCount(), model.status.state) == (0, ListingState.CLOSED)


class TestErrors:
    async def test_retry_goes_on_from_there(self, model, qtmodeltester):
        source = await opened(model, 3, 3, CUT, 3)
        assert model.status.state is ListingState.FAILED
        assert (model.rowCount(), model.status.failure) == (6, CUT)
        assert not model.canFetchMore(QModelIndex())
        qtmodeltester.check(model)
        model.retry()
        await settle()
        assert names(model) == keys(9)
        assert source.asked[-1] == (None, "top/k0000005")
        assert (model.status.state, model.status.failure) == (ListingState.COMPLETE, None)

    async def test_an_error_at_once_is_no_empty_folder(self, model):
        await opened(model, CUT, 3)
        assert (model.rowCount(), model.status.state) == (0, ListingState.FAILED)
        model.retry()
        await settle()
        assert model.rowCount() == 3

    async def test_what_nobody_expected_is_told(self, qapp):
        model = ObjectTableModel(no_icons)
        told = []
        model.tasks.failed.connect(told.append)
        bug = ZeroDivisionError()
        await opened(model, 1, bug, 1)
        await settle()
        assert (told, model.status.state) == ([bug], ListingState.FAILED)


def sized(*sizes):
    """A complete listing with these sizes."""
    return FakeListing([page(keys(len(sizes)), ["f/", "g/"], sizes=sizes)])


class TestSorting:
    async def test_a_complete_listing_sorts_by_any_column(self, model, qtmodeltester):
        model.open(sized(30, 10, 20).pager())
        await settle()
        model.sort(Column.SIZE, ASCENDING)
        assert names(model) == ["f", "g", "k0000001", "k0000002", "k0000000"]
        model.sort(Column.SIZE, DESCENDING)
        assert names(model) == ["f", "g", "k0000000", "k0000002", "k0000001"]
        assert model.order == SortOrder(Column.SIZE, True)
        qtmodeltester.check(model)

    @pytest.mark.parametrize("column", [each for each in SORTABLE if each not in OF_VERSIONS])
    async def test_a_partial_listing_says_why_not(self, model, column):
        refused = []
        model.sort_refused.connect(refused.append)
        await opened(model, *[1] * 12)
        model.sort(column, DESCENDING)
        assert len(refused) == 1
        assert names(model) == keys(10)
        model.sort(Column.NAME, ASCENDING)
        assert (len(refused), model.order) == (1, NATURAL)

    async def test_persistent_indexes_follow_their_rows(self, model):
        model.open(sized(30, 10, 20).pager())
        await settle()
        kept = {
            name: QPersistentModelIndex(model.index(row, 1))
            for row, name in enumerate(names(model))
        }
        model.sort(Column.SIZE, DESCENDING)
        assert [index.row() for index in kept.values()] == [0, 1, 2, 4, 3]
        assert {index.column() for index in kept.values()} == {1}
        model.sort(Column.NAME, DESCENDING)
        assert [names(model)[index.row()] for index in kept.values()] == list(kept)

    async def test_a_selection_follows_its_rows(self, model):
        model.open(sized(30, 10, 20).pager())
        await settle()
        selection = QItemSelectionModel(model)
        for row in (0, 2):
            selection.select(
                model.index(row, 0),
                QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows,
            )
        model.sort(Column.SIZE, DESCENDING)
        model.sort(Column.SIZE, ASCENDING)
        assert sorted(index.data() for index in selection.selectedRows()) == ["f", "k0000000"]

    async def test_a_large_one_is_sorted_beside_the_work(self, model, monkeypatch):
        monkeypatch.setattr(arrangers, "AT_ONCE_ROWS", 2)
        model.open(sized(30, 10, 20).pager())
        await settle()
        model.sort(Column.SIZE, ASCENDING)
        assert model.status.is_arranging
        model.sort(Column.SIZE, DESCENDING)  # the later wish wins
        await settle(lambda: not model.status.is_arranging)
        assert names(model)[2:] == ["k0000000", "k0000002", "k0000001"]

    async def test_opening_forgets_the_order_of_before(self, model, monkeypatch):
        monkeypatch.setattr(arrangers, "AT_ONCE_ROWS", 2)
        model.open(sized(30, 10, 20).pager())
        await settle()
        model.sort(Column.SIZE, ASCENDING)
        await opened(model, 3)
        await settle()
        assert (model.order, names(model)) == (NATURAL, keys(3))


class TestFilter:
    async def test_only_what_fits_is_shown_and_counted(self, model, qtmodeltester):
        await opened(model, 30)
        model.set_filter("0000001")
        assert names(model) == ["k0000001"]
        assert (model.status.shown, model.status.loaded) == (1, 30)
        model.set_filter("k000001?")
        assert len(names(model)) == 10
        qtmodeltester.check(model)
        model.set_filter("")
        assert model.rowCount() == 30

    async def test_later_pages_are_filtered_as_they_come(self, model, inserted, qtmodeltester):
        await opened(model, *[10] * 12)
        model.set_filter("5")
        assert not model.canFetchMore(QModelIndex())  # or nothing that fits would load a bucket
        del inserted[:]
        model.load_all()
        await settle(lambda: model.is_complete)
        assert names(model) == [name for name in keys(120) if "5" in name]
        assert inserted == [(19, 19), (20, 20)]
        qtmodeltester.check(model)

    async def test_a_large_one_is_filtered_beside_the_work(self, model, monkeypatch):
        monkeypatch.setattr(arrangers, "AT_ONCE_ROWS", 2)
        await opened(model, *[10] * 12)
        model.set_filter("1")
        model.set_filter("15")
        model.load_all()
        await settle(lambda: model.is_complete and not model.status.is_arranging)
        assert names(model) == ["k0000015", "k0000115"]

    async def test_sorted_and_filtered_at_once(self, model, qtmodeltester):
        model.open(sized(30, 10, 20, 40).pager())
        await settle()
        model.sort(Column.SIZE, DESCENDING)
        model.set_filter("k")
        assert names(model) == ["k0000003", "k0000000", "k0000002", "k0000001"]
        model.sort(Column.SIZE, ASCENDING)
        assert names(model) == ["k0000001", "k0000002", "k0000000", "k0000003"]
        model.set_filter("")
        assert names(model)[:3] == ["f", "g", "k0000001"]
        qtmodeltester.check(model)


class TestRefresh:
    async def test_the_rows_stay_until_the_new_ones_are_here(self, model, qtmodeltester):
        await opened(model, 3)
        source = FakeListing([page([*keys(3), "new"])])
        source.gate.clear()
        replaced = []
        model.replacing.connect(lambda _: replaced.append(names(model)))
        model.replaced.connect(lambda _: replaced.append(names(model)))
        model.refresh(source.pager())
        await settle()
        assert names(model) == keys(3)
        source.gate.set()
        await settle()
        assert replaced == [keys(3), [*keys(3), "new"]]
        qtmodeltester.check(model)

    async def test_it_reads_as_far_as_was_read(self, model):
        await opened(model, *[1000] * 14)
        model.load_more()
        await settle()
        assert model.rowCount() == 11_000
        source = listing(*[1000] * 14)
        model.refresh(source.pager())
        await settle(lambda: model.status.state is not ListingState.LOADING)
        assert (model.rowCount(), len(source.asked)) == (11_000, 11)
        assert model.canFetchMore(QModelIndex())

    async def test_order_and_filter_are_kept(self, model):
        model.open(sized(30, 10, 20).pager())
        await settle()
        model.sort(Column.SIZE, DESCENDING)
        model.set_filter("k")
        model.refresh(sized(5, 10, 20, 1).pager())
        await settle()
        assert names(model) == ["k0000002", "k0000001", "k0000000", "k0000003"]
        assert model.order == SortOrder(Column.SIZE, True)

    async def test_an_order_needs_all_rows_again(self, model):
        model.open(sized(30, 10).pager())
        await settle()
        model.sort(Column.SIZE, ASCENDING)
        model.refresh(listing(2, 2, CUT, 2).pager())
        await settle()
        assert (model.rowCount(), model.status.state) == (4, ListingState.FAILED)
        model.retry()
        await settle()
        assert names(model) == [*keys(6)[::2], *keys(6)[1::2]]  # the sizes are 0, 1, 0, 1, 0, 1

    async def test_an_error_leaves_the_rows(self, model):
        await opened(model, 3)
        model.refresh(listing(CUT, 2).pager())
        await settle()
        assert (model.rowCount(), model.status.state) == (3, ListingState.FAILED)
        assert "could not be refreshed" in banner(model.status).text
        model.retry()
        await settle()
        assert (model.rowCount(), model.status.state) == (2, ListingState.COMPLETE)

    async def test_a_filter_typed_meanwhile_holds(self, model, monkeypatch):
        monkeypatch.setattr(arrangers, "AT_ONCE_ROWS", 0)
        await opened(model, 20)
        source = listing(30)
        source.gate.clear()
        model.refresh(source.pager())
        await settle()
        model.set_filter("9")
        source.gate.set()
        await settle()
        assert names(model) == ["k0000009", "k0000019", "k0000029"]

    async def test_a_filter_typed_while_the_new_rows_are_arranged_holds(self, model, monkeypatch):
        await opened(model, 20)
        monkeypatch.setattr(arrangers, "AT_ONCE_ROWS", 0)
        model.refresh(listing(30).pager())
        await settle(lambda: model.status.is_arranging)
        model.set_filter("9")
        await settle()
        assert names(model) == ["k0000009", "k0000019", "k0000029"]


def meta(key, size=7):
    when = datetime(2026, 11, 20, tzinfo=UTC)
    return ObjectMeta(Location("b", key), size, when, "odd")


class TestSingleRows:
    @pytest.mark.parametrize(
        ("sort", "text"), [(NATURAL, ""), (SortOrder(Column.SIZE, True), ""), (NATURAL, "k")]
    )
    async def test_what_was_deleted_goes(self, model, sort, text, qtmodeltester):
        model.open(sized(*range(12)).pager())
        await settle()
        model.sort(sort.column, DESCENDING if sort.is_descending else ASCENDING)
        model.set_filter(text)
        before = names(model)
        removed = []
        model.rowsRemoved.connect(lambda _parent, first, last: removed.append((first, last)))
        model.remove(["top/f/", "top/k0000003", "top/k0000004", "top/k0000011", "top/unknown"])
        gone = {"f", "k0000003", "k0000004", "k0000011"}
        assert names(model) == [name for name in before if name not in gone]
        assert sum(last + 1 - first for first, last in removed) == len(before) - model.rowCount()
        assert len(removed) <= 3
        qtmodeltester.check(model)

    async def test_many_scattered_rows_are_one_reset(self, model, qtmodeltester):
        await opened(model, 400)
        resets = []
        model.modelReset.connect(lambda: resets.append(1))
        model.remove([f"top/{key}" for key in keys(400)[::2]])
        assert (resets, names(model)) == ([1], keys(400)[1::2])
        qtmodeltester.check(model)

    async def test_removing_while_refreshing_does_not_bring_it_back(self, model):
        await opened(model, 3)
        model.refresh(listing(2, 1).pager())
        await settle(lambda: model._fresh is not None and len(model._fresh) == 2)
        model.remove(["top/k0000001"])
        await settle()
        assert names(model) == ["k0000000", "k0000002"]

    async def test_what_was_written_appears_in_its_place(self, model, inserted, qtmodeltester):
        await opened(model, 3)
        assert model.merge([meta("top/k0000001x"), meta("top/a/b"), meta("top/zzz")])
        assert names(model) == ["a", "k0000000", "k0000001", "k0000001x", "k0000002", "zzz"]
        assert inserted[1:] == [(2, 2), (0, 0), (5, 5)]
        assert model.merge([meta("top/a/c"), meta("elsewhere"), meta("top/")])
        assert model.rowCount() == 6
        qtmodeltester.check(model)

    async def test_what_was_written_anew_changes(self, model):
        await opened(model, 3)
        changed = []
        model.dataChanged.connect(lambda top, bottom: changed.append((top.row(), bottom.row())))
        assert model.merge([meta("top/k0000001", size=2048)])
        assert changed == [(1, 1)]
        assert model.index(1, Column.SIZE).data() == "2.0 KiB"

    async def test_what_lies_behind_the_loaded_part_comes_with_its_page(self, model):
        await opened(model, *[1] * 12)
        assert model.merge([meta("top/k0000005x"), meta("top/k0000011")])
        assert names(model) == [*keys(6), "k0000005x", *keys(4, 6)]
        model.load_all()
        await settle(lambda: model.is_complete)
        assert names(model) == [*keys(6), "k0000005x", *keys(6, 6)]

    async def test_sorted_and_filtered_it_goes_where_it_belongs(self, model, qtmodeltester):
        model.open(sized(30, 10, 20).pager())
        await settle()
        model.sort(Column.SIZE, DESCENDING)
        model.set_filter("k")
        assert model.merge([meta("top/knew", size=15), meta("top/other")])
        assert names(model) == ["k0000000", "k0000002", "knew", "k0000001"]
        qtmodeltester.check(model)

    async def test_too_many_want_a_refresh(self, model):
        await opened(model, 3)
        assert not model.merge([meta(f"top/{at}") for at in range(1000)])
        assert model.rowCount() == 3


class TestMeaning:
    async def test_a_selection_is_values(self, model):
        model.open(sized(30, 10, 20).pager())
        await settle()
        model.sort(Column.SIZE, DESCENDING)
        selection = model.selection([(1, 2), (4, 4)])
        model.sort(Column.SIZE, ASCENDING)
        assert selection.prefix == TOP
        assert selection.folders == [Prefix("b", "top/g/")]
        chosen = [Location("b", "top/k0000000"), Location("b", "top/k0000001")]
        assert list(selection.objects) == chosen
        assert (selection.objects[1], list(selection.objects[1:])) == (chosen[1], chosen[1:])
        assert selection.sizes == array("q", [30, 10])

    @pytest.mark.parametrize("sort", [NATURAL, SortOrder(Column.SIZE, True)])
    async def test_a_summary_counts_without_listing(self, model, sort):
        model.open(sized(30, 10, 20).pager())
        await settle()
        model.sort(sort.column, DESCENDING if sort.is_descending else ASCENDING)
        assert model.summary([(0, 4)]) == Summary(2, 3, 60, at_hand=2)
        assert model.summary([(0, 1)]) == Summary(2, 0, 0)
        assert model.summary([]) == Summary()
        assert model.summary([(1, 1), (3, 3)]).folders == 1
        expected = {NATURAL: 10}.get(sort, 20)
        assert model.summary([(3, 3)]) == Summary(0, 1, expected, at_hand=1)

    async def test_rows_are_found_by_name_again(self, model):
        await opened(model, 30)
        found = model.names([(3, 4), (7, 7)])
        assert model.rows_of(found) == [3, 4, 7]
        model.set_filter("4")
        assert model.rows_of(found) == [0]

    async def test_typing_finds_the_next_row(self, model):
        model.open(FakeListing([page(["Alpha", "beta", "ALSO"], ["al/"])]).pager())
        await settle()
        assert [model.find_row("al", start) for start in range(4)] == [0, 1, 3, 3]
        assert model.find_row("x", 2) is None
        assert model.find_row("b", 3) == 2

    async def test_odd_keys_are_shown_on_one_line_and_told_in_full(self, model):
        odd = ["a\nb", "<b>x", "e\u202egnp"]
        model.open(FakeListing([page(odd, ["/"])]).pager())
        await settle()
        assert names(model) == ["(empty name)", "a␊b", "<b>x", "e⟨U+202E⟩gnp"]
        tips = [model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole) for row in range(4)]
        assert tips[1] == "<span>s3://b/top/a\\nb</span>"
        assert tips[2] == "<span>s3://b/top/&lt;b&gt;x</span>"
        assert tips[3].endswith("e\\u202egnp</span>")
        entries = [model.index(row, 2).data(ENTRY_ROLE) for row in range(4)]
        assert entries == [Prefix("b", "top//"), *(Location("b", f"top/{key}") for key in odd)]

    async def test_a_folder_with_only_its_marker_is_empty(self, model):
        model.open(FakeListing([page([""], sizes=[0])]).pager())
        await settle()
        assert (model.rowCount(), model.status.state) == (0, ListingState.COMPLETE)

    async def test_cells(self, model):
        model.open(FakeListing([page(["x.png"], ["f/"], sizes=[1536], owners=["me"])]).pager())
        await settle()
        object_row = [model.index(1, column).data() for column in Column]
        assert object_row[:2] == ["x.png", "1.5 KiB"]
        assert object_row[3:5] == ["GLACIER", "PNG image"]
        assert object_row[6] == "me"
        folder_row = [model.index(0, column).data() for column in Column]
        assert folder_row == ["f", "", "", "", "Folder", "", "", "", "", "", ""]
        headers = [model.headerData(at, Qt.Orientation.Horizontal) for at in range(2)]
        assert headers == ["Name", "Size"]
