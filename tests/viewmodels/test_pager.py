import asyncio
from array import array

import pytest

from s4desk.core.domain.errors import MalformedReplyError, NotSupportedError, UnavailableError
from s4desk.core.domain.identity import Location, Prefix, VersionId
from s4desk.core.domain.objects import ObjectVersion, Page, VersionPage
from s4desk.core.runtime.tasks import TaskScope
from s4desk.core.store.memory import MemoryStore
from s4desk.viewmodels.pager import FolderPager, Pager

TOP = Prefix("b")


class Scripted:
    """A listing that answers what it was given: pages, or errors to raise."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    async def __call__(self, prefix, *, delimiter, token, start_after, with_owner):
        self.asked.append((token, start_after))
        await asyncio.sleep(0)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def page(*keys, folders=(), token=None):
    count = len(keys)
    return Page(
        TOP,
        list(keys),
        array("q", range(count)),
        array("d", [0.0] * count),
        [f"etag-{key}" for key in keys],
        ["STANDARD"] * count,
        list(folders),
        next_token=token,
    )


async def everything(pager):
    """All keys and folders, going on after each error."""
    names = []
    while pager.has_more:
        try:
            got = await pager.next_page()
        except UnavailableError:
            continue
        names += [*got.folders, *got.keys]
    return names


async def test_pages_follow_their_tokens():
    listing = Scripted(page("a", token="t1"), page("b", token="t2"), page("c"))
    pager = Pager(listing, TOP)
    assert await everything(pager) == ["a", "b", "c"]
    assert listing.asked == [(None, ""), ("t1", ""), ("t2", "")]
    assert not pager.has_more


async def test_after_an_error_it_goes_on_behind_the_last_key():
    listing = Scripted(page("a", folders=["b/"], token="t"), UnavailableError("cut"), page("c"))
    assert await everything(Pager(listing, TOP)) == ["b/", "a", "c"]
    assert listing.asked[2] == (None, "b/")


async def test_the_last_key_is_the_last_in_bytes():
    pager_listing = Scripted(page("\uff5e", "😀", token="t"), UnavailableError("cut"), page())
    await everything(Pager(pager_listing, TOP))
    assert pager_listing.asked[2] == (None, "😀")


async def test_a_folder_or_key_that_comes_again_is_dropped():
    listing = Scripted(
        page("a", folders=["b/"], token="t"),
        UnavailableError("cut"),
        page("c", folders=["b/", "d/"], token="u"),
        UnavailableError("cut"),
        page("d0", "e", folders=["d/"]),
    )
    assert await everything(Pager(listing, TOP)) == ["b/", "a", "d/", "c", "d0", "e"]


async def test_a_dropped_key_takes_its_columns_along():
    listing = Scripted(page("a", token="t"), UnavailableError("cut"), page("a", "b"))
    pager = Pager(listing, TOP)
    await pager.next_page()
    with pytest.raises(UnavailableError):
        await pager.next_page()
    rest = await pager.next_page()
    assert (list(rest.keys), list(rest.etags), list(rest.sizes)) == (["b"], ["etag-b"], [1])


async def test_an_empty_page_in_the_middle_is_no_end():
    listing = Scripted(page("a", token="t"), page(token="u"), UnavailableError("cut"), page("b"))
    assert await everything(Pager(listing, TOP)) == ["a", "b"]
    assert listing.asked[3] == (None, "a")


async def test_a_token_that_came_before_is_an_error():
    listing = Scripted(page("a", token="x"), page("b", token="y"), page("c", token="x"), page("c"))
    pager = Pager(listing, TOP)
    await pager.next_page()
    await pager.next_page()
    with pytest.raises(MalformedReplyError):
        await pager.next_page()
    assert list((await pager.next_page()).keys) == ["c"]
    assert listing.asked[3] == (None, "b")


async def test_a_cancelled_page_is_asked_for_again():
    listing = Scripted(page("a", token="t"), page("b"), page("b"))
    pager = Pager(listing, TOP)
    await pager.next_page()
    asking = asyncio.ensure_future(pager.next_page())
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.wait([asking])
    assert await everything(pager) == ["b"]
    assert listing.asked[1:] == [("t", ""), ("t", "")]


class TestAhead:
    @pytest.fixture
    async def scope(self):
        scope = TaskScope("pager")
        yield scope
        await scope.aclose()

    async def test_one_page_is_fetched_ahead_and_used(self, scope):
        listing = Scripted(page("a", token="t"), page("b", token="u"), page("c"))
        pager = Pager(listing, TOP, scope=scope)
        await pager.next_page(ahead=True)
        for _ in range(5):
            await asyncio.sleep(0)
        assert listing.asked == [(None, ""), ("t", "")]
        assert await everything(pager) == ["b", "c"]

    async def test_the_error_of_a_page_ahead_comes_when_it_is_wanted(self, scope):
        listing = Scripted(page("a", token="t"), UnavailableError("cut"), page("b"))
        pager = Pager(listing, TOP, scope=scope)
        await pager.next_page(ahead=True)
        for _ in range(5):
            await asyncio.sleep(0)
        with pytest.raises(UnavailableError):
            await pager.next_page()
        assert await everything(pager) == ["b"]

    async def test_cancelling_the_wait_for_a_page_ahead_loses_no_key(self, scope):
        listing = Scripted(page("a", token="t"), page("b"), page("b"))
        pager = Pager(listing, TOP, scope=scope)
        await pager.next_page(ahead=True)
        waiting = asyncio.ensure_future(pager.next_page())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        assert await everything(pager) == ["b"]

    async def test_close_gives_the_page_ahead_up(self, scope):
        listing = Scripted(page("a", token="t"), page("b"), page("b"))
        pager = Pager(listing, TOP, scope=scope)
        await pager.next_page(ahead=True)
        pager.close()
        await asyncio.sleep(0)
        assert await everything(pager) == ["b"]


@pytest.mark.parametrize("cut_after", range(7))
async def test_no_key_is_lost_or_doubled_wherever_it_breaks(cut_after, monkeypatch):
    names = ["a", "b/1", "b/2", "b//3", "c", "c/", "é", "😀", "\uff5e", "z/9"]
    store = MemoryStore(["b"])
    for name in names:
        await store.put(Location("b", name), b"x")
    whole = await everything(Pager(store.list_objects, TOP))
    calls = iter(range(100))

    async def breaking(prefix, **asked):
        if next(calls) == cut_after:
            raise UnavailableError("cut")
        return await store.list_objects(prefix, **asked, limit=2)

    got = await everything(Pager(breaking, TOP))
    assert sorted(got) == sorted(whole)
    assert len(got) == len(set(got))


class Versions:
    """What is left of what was deleted, and how often that was asked."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = []

    async def __call__(self, prefix, **how):
        self.asked.append((prefix, how))
        if isinstance(self.answer, Exception):
            raise self.answer
        return VersionPage(prefix, self.answer)


MARKER = ObjectVersion(Location("b", "f/a"), VersionId("1"), True, True, None)


@pytest.mark.parametrize(
    ("pages", "left", "expected"),
    [
        ([page()], [MARKER], True),
        ([page(token="t1"), page()], [MARKER], True),
        ([page()], [], False),
        ([page()], UnavailableError("not now"), False),
        ([page()], NotSupportedError("no versions"), False),
    ],
)
async def test_of_an_empty_folder_it_is_asked_what_was_there(pages, left, expected):
    versions = Versions(left)
    pager = FolderPager(Scripted(*pages), TOP, versions)
    assert await everything(pager) == []
    assert pager.has_deleted is expected
    assert versions.asked == [(TOP, {"delimiter": "", "limit": 1})]


@pytest.mark.parametrize(
    "pages", [[page("a")], [page(folders=["f/"])], [page("a", token="t1"), page()]]
)
async def test_where_something_is_nothing_more_is_asked(pages):
    versions = Versions([MARKER])
    pager = FolderPager(Scripted(*pages), TOP, versions)
    assert await everything(pager)
    assert (pager.has_deleted, versions.asked) == (False, [])
