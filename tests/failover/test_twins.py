"""Whether two stores hold the same object, and what the group calls it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from s4desk.core.domain.failover import Backend
from s4desk.core.domain.identity import ConnectionId, Generation, Location, VersionId
from s4desk.core.domain.objects import Attributes, Checksum, ObjectMeta
from s4desk.core.domain.replication.stamp import Stamp, stamped
from s4desk.core.failover import twins as module
from s4desk.core.failover.twins import Twins, is_twin
from tests.failover.groups import GroupWorld, K

MD5 = "0123456789abcdef" * 2
OTHER_MD5 = "fedcba9876543210" * 2
SUM = Checksum("crc64nvme", "one")


def meta(etag=MD5, size=10, checksum=None, *, of="", location=K, version=None):
    told = stamped({}, Stamp(of, None, Generation(1), size), location) if of else {}
    return ObjectMeta(
        location=location,
        size=size,
        etag=etag,
        modified=None,
        version=version,
        checksum=checksum,
        attributes=Attributes(metadata=told),
    )


SAME = [
    (meta(), meta()),
    (meta(MD5 + "-3"), meta(MD5 + "-3")),
    (meta("x", checksum=SUM), meta("y", checksum=SUM)),
    (meta("x"), meta("y", of="x")),
    (meta("y", of="x"), meta("z", of="x")),
]
OTHER = [
    (meta(), meta(OTHER_MD5)),
    (meta(), meta(size=11)),
    (meta("x", checksum=SUM), meta("y", size=11, checksum=SUM)),
    (meta(checksum=SUM), meta(checksum=Checksum("crc64nvme", "other"))),
    (meta("x", checksum=SUM), meta("y", checksum=Checksum("crc32", "one"))),
    (meta("x", checksum=replace(SUM, is_full=False)), meta("y", checksum=SUM)),
    (meta("7"), meta("7")),
    (meta(""), meta("")),
    (meta(MD5 + "-3"), meta(MD5 + "-4")),
    (meta("x"), meta("y", size=11, of="x")),
    (meta("x"), meta("y", of="z")),
    (meta("y", of="x"), meta("z", of="w")),
    (meta("x"), meta("y", of="x", location=Location("b", "copied"))),
]


@pytest.mark.parametrize("pair", SAME, ids=range(len(SAME)))
def test_the_same(pair):
    one, other = pair
    assert is_twin(one, other)
    assert is_twin(other, one)


@pytest.mark.parametrize("pair", OTHER[:-1], ids=range(len(OTHER) - 1))
def test_others(pair):
    one, other = pair
    assert not is_twin(one, other)
    assert not is_twin(other, one)


def test_a_copy_of_a_replica_is_none():
    replica = meta("y", of="x", location=Location("b", "copied"))
    assert not is_twin(meta("x"), replace(replica, location=K))


@pytest.fixture
def world():
    return GroupWorld({"a": None, "b": None, "c": None})


@pytest.fixture
def twins():
    return Twins(ConnectionId("a"))


def test_a_replica_is_called_as_its_original(world, twins):
    b = world.member("b")
    assert twins.shown(K, b, meta("y", of=MD5)).etag == MD5
    assert twins.shown(K, b, meta("y")).etag == "y"


def test_at_home_it_is_called_as_it_is_there(world, twins):
    a = world.member("a")
    assert twins.shown(K, a, meta("y", of=MD5)).etag == "y"


def test_versions_are_those_of_the_first(world, twins):
    found = meta(version=VersionId("v"))
    assert twins.shown(K, world.member("a"), found).version == "v"
    assert twins.shown(K, world.member("b"), found).version is None


def test_it_is_shown_under_the_name_that_its_bucket_has_here(twins):
    names = Backend(ConnectionId("b"), (("b", "there"),))
    world = GroupWorld({"a": None, "b": None}, backends={"b": names})
    there = world.member("b").as_there(meta())
    assert there.location == Location("there", "K")
    assert twins.shown(K, world.member("b"), there).location == K


def test_what_it_is_called_elsewhere(world, twins):
    a, b = world.member("a"), world.member("b")
    twins.note(K, a, meta())
    assert twins.etag_for(K, b, meta(), MD5) == MD5
    assert twins.etag_for(K, b, meta("y", of=MD5), MD5) == "y"
    assert twins.etag_for(K, b, meta("y"), MD5) == ""
    assert twins.etag_for(K, b, meta("y", size=11, of=MD5), MD5) == ""


def test_equal_names_are_not_enough_where_both_are_known(world, twins):
    twins.note(K, world.member("a"), meta("7"))
    assert twins.etag_for(K, world.member("b"), meta("7"), "7") == ""


def test_whose_name_it_is(world, twins):
    a, b = world.member("a"), world.member("b")
    assert not twins.is_anothers(K, a, "y")
    twins.note(K, b, meta("y"))
    assert twins.is_anothers(K, a, "y")
    assert not twins.is_anothers(K, b, "y")


def test_a_reply_that_tells_less_takes_no_knowledge_away(world, twins):
    a = world.member("a")
    twins.note(K, a, meta("x", checksum=SUM))
    assert twins.note(K, a, meta("x")).checksum == SUM
    assert twins.known_at(K, a).checksum == SUM
    assert twins.note(K, a, meta("other")).checksum is None


def test_it_forgets(world, twins):
    a = world.member("a")
    twins.note(K, a, meta())
    twins.forget(K)
    assert twins.known_at(K, a) is None


def test_there_is_an_end_to_what_it_knows(world, twins, monkeypatch):
    monkeypatch.setattr(module, "MOST", 2)
    a, places = world.member("a"), [Location("b", key) for key in "xyxz"]
    for each in places:
        twins.note(each, a, meta())
    known = [each.key for each in dict.fromkeys(places) if twins.known_at(each, a)]
    assert known == ["x", "z"]
