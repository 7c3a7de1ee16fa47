import pytest

from s4desk.core.domain.errors import UnreachableError, ValidationError
from s4desk.core.domain.identity import Prefix
from s4desk.core.domain.query import NamePattern, Query
from s4desk.core.runtime.tasks import TaskScope
from s4desk.viewmodels.forms import TICKED
from s4desk.viewmodels.listing import ListingState, ListingStatus, banner, empty_notice
from s4desk.viewmodels.pager import SearchPager
from s4desk.viewmodels.query_text import query_words
from s4desk.viewmodels.search_form import Scope, SearchForm
from tests.viewmodels.listings import TOP, page

HERE = Prefix("b", "top/")


def filled(**texts):
    form = SearchForm(HERE)
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

    def test_at_the_top_of_a_bucket_there_is_no_choice(self):
        form = SearchForm(Prefix("b"))
        assert not form.is_shown("scope")
        form.edit("name", "a")
        assert form.result().scope is Scope.BUCKET


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
