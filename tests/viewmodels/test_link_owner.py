"""A link to what a group shows leads to one backend, and says to which."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from s4desk.core.domain.errors import NotFoundError, S4DeskError
from s4desk.core.domain.failover import Answer, Backend
from s4desk.core.store.registry import GivenSecrets, StoreRegistry
from s4desk.viewmodels.link_owner import owner_of, signed_by
from s4desk.viewmodels.link_text import SignedLink, link_text
from s4desk.viewmodels.share_form import LinkDraft
from tests.failover.test_service import A, B, Desk, G, group_of

READ, WRITE = LinkDraft("GET", 60), LinkDraft("PUT", 60)
OF_VERSION = LinkDraft("GET", 60, {"versionId": "v"})


@pytest.fixture
def desk():
    return Desk(group_of(Backend(A, (("here", "at-a"),)), Backend(B, (("here", "at-b"),))))


def owner(desk, draft, answer=None, bucket="here"):
    return owner_of(desk.groups, G, bucket, draft, answer)


def test_it_leads_to_the_first(desk):
    found = owner(desk, READ)
    assert (found.connection, found.bucket, found.text) == (A, "at-a", "It leads to A.")
    assert (found.record["failover"], found.record["may_be_old"]) == (False, False)


@pytest.mark.parametrize(
    ("draft", "bucket"), [(READ, "at-b"), (WRITE, "at-a"), (OF_VERSION, "at-a")]
)
def test_while_that_is_down_what_is_read_leads_elsewhere(desk, draft, bucket):
    desk.groups.pretend_down(G, A, is_down=True)
    assert owner(desk, draft).bucket == bucket


def test_it_leads_to_whoever_told_of_the_object(desk):
    found = owner(desk, READ, Answer(B, is_failover=True))
    said = "It leads to B, which may have something older than A."
    assert (found.bucket, found.text) == ("at-b", said)
    assert found.record == {
        "backend": "B",
        "answers": True,
        "failover": True,
        "may_be_old": True,
    }


def test_what_is_written_leads_to_the_first_whoever_told_of_it(desk):
    found = owner(desk, WRITE, Answer(B, is_failover=True))
    assert (found.bucket, found.record["answers"]) == ("at-a", None)


@pytest.mark.parametrize("draft", [READ, WRITE])
def test_no_link_leads_to_another_bucket_of_that_name(draft):
    desk = Desk(group_of(Backend(A, (("here", "x"),)), Backend(B, (("here", "x"),))))
    with pytest.raises(NotFoundError):
        owner(desk, draft, bucket="x")


def test_what_is_read_leads_to_whoever_has_the_bucket():
    desk = Desk(group_of(Backend(A, (("here", "x"),)), B))
    assert owner(desk, READ, bucket="x").connection == B


def test_a_plain_connection_is_itself(desk):
    found = owner_of(desk.groups, A, "b", READ, None)
    assert (found.connection, found.bucket, found.text, found.record) == (A, "b", "", {})


async def test_a_failure_names_the_backend(desk):
    stores = StoreRegistry(desk.book, GivenSecrets(None))
    with pytest.raises(S4DeskError) as caught:
        await signed_by(owner(desk, READ), stores, ["k"], READ, datetime.now(UTC))
    assert caught.value.backend == "A"
    await stores.aclose()


def test_the_sentence_is_part_of_what_is_said_of_a_link():
    until = datetime(2026, 11, 22, tzinfo=UTC)
    assert link_text(SignedLink("u", until, leads_to="It leads to A.")).endswith(" It leads to A.")
