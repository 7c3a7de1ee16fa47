import asyncio
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt

from s4desk.core.domain.identity import Prefix
from s4desk.core.domain.objects import Bucket
from s4desk.gui.models.bucket_table import CREATED, NAME, BucketTableModel
from s4desk.viewmodels.listing import ListingState, banner
from tests.gui.models.fakes import CUT, no_icons, settle

BUCKETS = [Bucket("Zoo", datetime(2026, 1, 1, tzinfo=UTC)), Bucket("ant", region="eu"), Bucket("b")]


@pytest.fixture
async def model(qapp):
    model = BucketTableModel(no_icons)
    yield model
    await model.tasks.aclose()


def names(model):
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def answers(*replies):
    left = list(replies)

    async def list_buckets():
        await asyncio.sleep(0)
        reply = left.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    return list_buckets


async def test_buckets_are_sorted_and_filtered(model, qtmodeltester):
    model.open(answers(BUCKETS))
    assert model.status.state is ListingState.LOADING
    await settle()
    assert names(model) == ["Zoo", "ant", "b"]
    model.sort(CREATED, Qt.SortOrder.DescendingOrder)
    assert names(model)[0] == "Zoo"
    model.sort(NAME, Qt.SortOrder.DescendingOrder)
    assert names(model) == ["b", "ant", "Zoo"]
    model.set_filter("A*")
    assert (names(model), model.status.text) == (["ant"], "1 of 3")
    assert model.entry(model.index(0, 1)) == Prefix("ant")
    qtmodeltester.check(model)


async def test_regions_are_known_where_the_store_tells_them(model):
    model.open(answers(BUCKETS, BUCKETS[:1]))
    await settle()
    assert model.knows_regions
    model.refresh()
    await settle()
    assert not model.knows_regions


async def test_a_refresh_that_fails_leaves_the_rows(model, qtmodeltester):
    model.open(answers(BUCKETS, CUT, BUCKETS[:1]))
    await settle()
    model.refresh()
    await settle()
    assert (len(names(model)), model.status.state) == (3, ListingState.FAILED)
    assert "could not be refreshed" in banner(model.status).text
    model.retry()
    await settle()
    assert (names(model), model.status.failure) == (["Zoo"], None)
    qtmodeltester.check(model)


async def test_stop_and_close(model):
    never = asyncio.Event()

    async def wait():
        await never.wait()
        return BUCKETS

    model.open(wait)
    await settle()
    model.stop()
    never.set()
    await settle()
    assert (names(model), model.status.state) == ([], ListingState.STOPPED)
    model.close()
    assert model.status.state is ListingState.CLOSED


async def test_what_nobody_expected_is_told(qapp):
    model = BucketTableModel(no_icons)
    told = []
    model.tasks.failed.connect(told.append)
    bug = ZeroDivisionError()
    model.open(answers(bug))
    await settle()
    assert (told, model.status.state) == ([bug], ListingState.FAILED)
