"""The form of a failover group and that of a member."""

from __future__ import annotations

import pytest

from s4desk.core.domain.connection import Connection, group_connection
from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.failover import MOST_BACKENDS, Backend, FailoverGroup, UsageLimits
from s4desk.core.domain.identity import ConnectionId
from s4desk.viewmodels.group_form import GroupForm, groups_of, leaving_text
from s4desk.viewmodels.group_member_form import MemberForm

GROUP = ConnectionId("g")


def store(name: str) -> Connection:
    return Connection(ConnectionId(name), name.upper(), f"memory:{name}")


STORES = [store(name) for name in "abc"]
OTHER = group_connection(ConnectionId("o"), "Other", FailoverGroup((Backend(ConnectionId("a")),)))


def form(*members: str, **given) -> GroupForm:
    found = GroupForm(GROUP, [*STORES, OTHER], **given)
    for each in members:
        found.add_member(ConnectionId(each))
    return found


def test_a_group_is_made_of_members_in_their_order():
    made = form("a", "b", "c", name="Photos")
    made.move_member(2, 0)
    made.remove_member(1)
    made.edit("timeout", "2,5")
    made.edit("broadcast", "parallel")
    made.edit("parallel", "3")
    connection = made.result()
    assert (connection.id, connection.name, connection.endpoint) == (GROUP, "Photos", "group:g")
    assert connection.group == FailoverGroup(
        (Backend(ConnectionId("c")), Backend(ConnectionId("b"))), True, 3, 2.5
    )


def test_what_is_kept_stays_as_it_was():
    member = Backend(ConnectionId("a"), (("x", "y"),), UsageLimits(5, 10**9, 0))
    group = FailoverGroup((member, Backend(ConnectionId("b"))), False, 4, 30.0)
    kept = form(name="Photos", group=group)
    assert not kept.errors
    assert kept.fields["timeout"].text == "30"
    kept.put_member(0, kept.member_form(0).result())
    # Where nobody is asked at random, nothing is asked at once either.
    assert kept.result().group == FailoverGroup(group.backends, False, 1, 30.0)
    assert kept.is_shown("parallel") is False


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("name", "", "needs a name"),
        ("name", "a", "named “a” already"),
        ("name", "x:y", "no “:”"),
        ("timeout", "0", "from 0.1 to 600"),
        ("timeout", "soon", "from 0.1 to 600"),
        ("timeout", "nan", "from 0.1 to 600"),
        ("parallel", "17", "from 2 to 16"),
    ],
)
def test_each_field_is_checked_as_it_is_typed(name, text, said):
    made = form("a", name="Photos")
    made.edit("broadcast", "parallel")
    made.edit(name, text)
    assert said in made.errors[name]
    with pytest.raises(ValidationError):
        made.result()


def test_only_what_is_no_group_and_no_member_yet_can_be_added():
    made = form("b")
    assert [each.name for each in made.candidates] == ["A", "C"]


def test_a_group_needs_a_member_and_not_too_many():
    made = form(name="Photos")
    assert "Add the connection that is written to" in made.errors["members"]
    made.add_member(ConnectionId("a"))
    assert not made.errors
    made.members *= MOST_BACKENDS + 1
    assert "at most 16" in made.errors["members"]


def test_a_member_that_was_removed_is_to_be_taken_out():
    made = form("a", "gone", name="Photos")
    assert made.member_name(1) == "(removed connection)"
    assert "Take the removed connection out" in made.errors["members"]


def test_what_is_said_of_a_member():
    limits = UsageLimits(100, 100 * 10**9, 1024)
    made = form("a", "b")
    made.put_member(1, Backend(ConnectionId("b"), (("photos", "backup"),), limits))
    assert made.member_text(0) == "read first, and written to"
    assert made.member_text(1) == (
        "photos is backup there; at most 100 requests, 100 GB out of it, 1 KiB into it a month;"
        " read when those before it are down"
    )


def member(*pairs: tuple[str, str], **limits: int) -> MemberForm:
    return MemberForm(Backend(ConnectionId("a"), pairs, UsageLimits(**limits)), "A")


def test_names_and_limits_of_a_member_are_typed():
    made = member()
    made.buckets.add()
    made.buckets.edit(0, 0, "photos")
    made.buckets.edit(0, 1, " backup ")
    made.edit("requests", "100")
    made.edit("egress", "5 GB")
    assert made.result() == Backend(
        ConnectionId("a"), (("photos", "backup"),), UsageLimits(100, 5 * 10**9, 0)
    )


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([("a", "x"), ("a", "y")], "“a” is there twice: a bucket of the group has one name"),
        ([("a", "x"), ("b", " x")], "“x” is there twice: two buckets of the group cannot be one"),
        ([("a", "")], "Row 1, “At this member”: Enter the name of a bucket."),
        ([("a/b", "c")], "no spaces and no “/”"),
    ],
)
def test_names_do_not_collide(pairs, said):
    made = member(*pairs)
    assert said in made.errors["buckets"]
    with pytest.raises(ValidationError):
        made.result()


def test_one_name_on_both_sides_needs_no_row():
    assert member(("a", "a"), ("b", "c")).result().buckets == (("b", "c"),)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("requests", "some", "Enter a number"),
        ("egress", "5", "with its unit"),
        ("ingress", "0 B", "nothing for no limit"),
    ],
)
def test_limits_are_checked_as_they_are_typed(name, text, said):
    made = member()
    made.edit(name, text)
    assert said in made.errors[name]


def test_who_leaves_a_group_is_told_so():
    assert groups_of(ConnectionId("a"), [*STORES, OTHER]) == ["Other"]
    assert groups_of(ConnectionId("b"), [*STORES, OTHER]) == []
    assert "member of the group “Other”" in leaving_text(["Other"])
    assert leaving_text([]) == ""
