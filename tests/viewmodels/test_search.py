import time
from dataclasses import replace
from functools import partial

import pytest

from s4desk.core.domain.errors import PermissionDeniedError, UnreachableError, ValidationError
from s4desk.core.domain.identity import EVERYWHERE, Location, Prefix
from s4desk.core.domain.objects import Bucket
from s4desk.core.domain.query import NamePattern, Query, Spelling
from s4desk.core.runtime.tasks import TaskScope
from s4desk.viewmodels import bounded_search
from s4desk.viewmodels.columns import Columns
from s4desk.viewmodels.forms import TICKED
from s4desk.viewmodels.listing import (
    ListingState,
    ListingStatus,
    Remedy,
    banner,
    empty_notice,
)
from s4desk.viewmodels.pager import SearchPager, WideSearchPager
from s4desk.viewmodels.query_text import pattern_of, query_words
from s4desk.viewmodels.search_form import Scope, SearchForm
from s4desk.viewmodels.selection import Locations, Selection, in_one_bucket
from tests.viewmodels.listings import TOP, page

HERE = Prefix("b", "top/")


def filled(**texts):
    form = SearchForm(HERE, "Home")
    for name, text in texts.items():
        form.edit(name, text)
    return form


class TestForm:
    def test_something_has_to_be_looked_for(self):
        assert filled().errors == {"name": "Type what to look for."}
        assert not filled(least_size="1 MiB").errors

    @pytest.mark.parametrize(
        ("texts", "wrong"),
        [
            ({"name": "(", "spelling": "regex"}, "name"),
            ({"name": "a", "least_size": "many"}, "least_size"),
            ({"name": "a", "after": "soon"}, "after"),
        ],
    )
    def test_what_cannot_be_read_is_said_at_its_field(self, texts, wrong):
        form = filled(**texts)
        assert list(form.errors) == [wrong]
        with pytest.raises(ValidationError):
            form.result()

    def test_all_of_it_is_looked_for(self):
        form = filled(
            name="Report",
            match_case=TICKED,
            least_size="1 MiB",
            most_size="2 MiB",
            after="2026-01-01",
            storage_class="glacier",
            scope="bucket",
        )
        draft = form.result()
        query = draft.query
        assert (query.least_size, query.most_size) == (1024**2, 2 * 1024**2)
        assert (query.classes, draft.scope) == (frozenset({"GLACIER"}), Scope.BUCKET)
        assert query.name.select(["Report", "report"]) == [0]
        assert (
            query_words(query) == "Report, from 1 MiB, up to 2 MiB, since 2026-01-01 00:00, GLACIER"
        )

    @pytest.mark.parametrize(
        ("here", "scopes"),
        [
            (HERE, ["top/ and all below", "The whole bucket b", "All buckets of Home"]),
            (Prefix("b"), ["The whole bucket b", "All buckets of Home"]),
            (None, ["All buckets of Home"]),
        ],
    )
    def test_the_nearest_place_is_offered_first(self, here, scopes):
        form = SearchForm(here, "Home")
        choices = form.fields["scope"].choices
        assert [label for _, label in choices] == scopes
        assert form.is_shown("scope") is (len(scopes) > 1)
        form.edit("name", "a")
        assert form.result().scope == choices[0][0]


class TestPager:
    async def test_pages_hold_what_fits_and_all_are_counted(self):
        replies = [page(["a", "b"], token="1"), page(["c"], token="2"), page(["ab"])]

        async def list_objects(prefix, **how):
            assert how["delimiter"] == ""
            return replies.pop(0)

        scope = TaskScope("search")
        pager = SearchPager(list_objects, TOP, Query(NamePattern("a")), scope)
        found = []
        while pager.has_more:
            found += (await pager.next_page()).keys
        await scope.aclose()
        assert (found, pager.searched) == (["top/a", "top/ab"], 4)


class TestWords:
    def test_while_it_searches(self):
        status = ListingStatus(TOP, ListingState.LOADING, loaded=2, objects=2, searched=3000)
        assert status.text.startswith("2 found")
        assert banner(status).text == "Searching: 2 found among 3\N{NNBSP}000 so far…"
        assert empty_notice(status) is None

    @pytest.mark.parametrize(
        ("state", "title"),
        [
            (ListingState.COMPLETE, "Nothing found"),
            (ListingState.STOPPED, "Nothing found yet"),
        ],
    )
    def test_nothing_found(self, state, title):
        assert empty_notice(ListingStatus(TOP, state, searched=7)).title == title

    def test_broken_off_or_stopped_it_says_how_far_it_came(self):
        stopped = ListingStatus(TOP, ListingState.STOPPED, objects=1, loaded=1, searched=7)
        assert "first 7" in banner(stopped).text
        failure = UnreachableError("cut")
        failed = ListingStatus(
            TOP, ListingState.FAILED, objects=1, loaded=1, searched=7, failure=failure
        )
        assert banner(failed).text.startswith("Broken off after 7.")


def test_anything_at_all_is_everything():
    assert query_words(Query(NamePattern())) == "everything"


class Buckets:
    """Buckets with keys, some of which cannot be listed."""

    def __init__(self, **keys):
        self.keys = keys
        self.errors = {}
        self.asked = []

    async def names(self):
        return [Bucket(name) for name in self.keys]

    async def list_objects(self, prefix, **how):
        self.asked.append(prefix.bucket)
        if error := self.errors.get(prefix.bucket):
            raise error
        return page(self.keys[prefix.bucket], prefix=prefix)

    def pager(self, text, scope):
        query = Query(NamePattern(text))
        make = partial(SearchPager, self.list_objects, query=query, scope=scope)
        return WideSearchPager(self.names, self.list_objects, make)


async def all_of(pager):
    found = []
    while pager.has_more:
        found += (await pager.next_page()).keys
    return found


class TestEverywhere:
    @pytest.fixture
    async def scope(self):
        scope = TaskScope("test")
        yield scope
        await scope.aclose()

    async def test_buckets_are_searched_one_after_another_and_named(self, scope):
        buckets = Buckets(one=["ab", "b"], two=["x/a"], three=[])
        pager = buckets.pager("a", scope)
        assert await all_of(pager) == ["one/ab", "two/x/a"]
        assert buckets.asked == ["one", "two", "three"]
        assert (pager.searched, pager.missed) == (3, [])

    async def test_what_is_found_in_the_first_is_there_before_the_second_is_asked(self, scope):
        buckets = Buckets(one=["a"], two=["a"])
        pager = buckets.pager("a", scope)
        assert (await pager.next_page()).keys == ["one/a"]
        assert buckets.asked == ["one"]

    async def test_a_bucket_that_may_not_be_read_does_not_end_it(self, scope):
        buckets = Buckets(one=["a"], two=["a"], three=["a"])
        buckets.errors["two"] = denied = PermissionDeniedError("no")
        pager = buckets.pager("a", scope)
        assert await all_of(pager) == ["one/a", "three/a"]
        assert pager.missed == [("two", denied)]

    async def test_without_a_network_it_goes_on_where_it_was(self, scope):
        buckets = Buckets(one=["a"], two=["a"])
        buckets.errors["two"] = UnreachableError("down")
        pager = buckets.pager("a", scope)
        assert (await pager.next_page()).keys == ["one/a"]
        with pytest.raises(UnreachableError):
            await pager.next_page()
        del buckets.errors["two"]
        assert await all_of(pager) == ["two/a"]
        assert pager.missed == []

    async def test_no_buckets_are_nothing_to_search(self, scope):
        assert await all_of(Buckets().pager("a", scope)) == []

    def test_what_was_left_out_is_said(self):
        denied = PermissionDeniedError("no")
        status = ListingStatus(
            state=ListingState.COMPLETE, searched=3, missed=[("two", denied), ("x", denied)]
        )
        notice = empty_notice(status)
        assert "“two” and 1 other bucket could not be searched." in notice.text
        assert notice.remedies[-1][0] is Remedy.DETAILS
        found = replace(status, loaded=1, objects=1, missed=[("two", denied)])
        assert banner(found).text.startswith("The bucket “two” could not be searched.")
        assert found.trouble is denied
        assert banner(replace(found, missed=())) is None

    def test_rows_are_objects_of_their_buckets(self):
        columns = Columns(EVERYWHERE)
        columns.add_objects(page(["one/a/b", "two/c"], prefix=EVERYWHERE))
        assert columns.entry(0) == Location("one", "a/b")
        assert columns.meta(1).location == Location("two", "c")
        mixed = Selection(EVERYWHERE, objects=Locations(EVERYWHERE, columns.names))
        assert in_one_bucket(mixed) is mixed
        one = in_one_bucket(replace(mixed, objects=mixed.objects[:1]))
        assert (one.prefix, list(one.objects)) == (Prefix("one"), [Location("one", "a/b")])


class TestBounds:
    ENDLESS = "a" * 60 + "!"

    def test_an_expression_that_takes_for_ever_is_given_up(self):
        pattern = pattern_of("^(a|a)*$", Spelling.REGEX)
        assert pattern.select(["aaa", "b"]) == [0]
        began = time.monotonic()
        with pytest.raises(ValidationError, match="takes too long"):
            pattern.select([self.ENDLESS])
        assert time.monotonic() - began < 1

    def test_many_names_that_each_take_a_little_are_given_up_too(self, monkeypatch):
        monkeypatch.setattr(bounded_search, "MOST_S", 0.0)
        with pytest.raises(ValidationError, match="takes too long"):
            pattern_of("a", Spelling.REGEX).select(["a"])
        monkeypatch.setattr(bounded_search, "ROUND", 1)
        assert pattern_of("a", Spelling.REGEX).select(["a", "b"]) == [0]

    async def test_the_search_ends_with_the_sentence(self):
        async def list_objects(prefix, **how):
            return page([self.ENDLESS])

        scope = TaskScope("test")
        query = Query(pattern_of("^(a|a)*$", Spelling.REGEX))
        with pytest.raises(ValidationError):
            await SearchPager(list_objects, TOP, query, scope).next_page()
        await scope.aclose()
