"""A replica is known as one, and a copy of it is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from s4desk.core.domain.identity import Generation, Location, VersionId
from s4desk.core.domain.objects import Attributes, ObjectMeta
from s4desk.core.domain.replication.stamp import Stamp, is_replica, stamp_of, stamped, unstamped

PLACE = Location("copies", "a/\udcff\u00e9")
STAMP = Stamp("0123abc-2", VersionId("v7"), Generation(41))


def there(metadata: dict[str, str], location: Location = PLACE, **headers: str) -> ObjectMeta:
    meta = ObjectMeta(location, 1, None, "etag", headers=headers)
    return replace(meta, attributes=Attributes(metadata=metadata))


@pytest.mark.parametrize("stamp", [STAMP, replace(STAMP, version=None)])
def test_the_stamp_is_read_as_it_was_set(stamp):
    metadata = stamped({"own": "kept"}, stamp, PLACE)
    assert metadata["own"] == "kept"
    assert stamp_of(there(metadata)) == stamp
    # Some stores tell names with capitals.
    assert stamp_of(there({name.title(): value for name, value in metadata.items()})) == stamp


def test_a_replica_of_a_replica_has_one_stamp_only():
    first = stamped({"own": "kept"}, STAMP, PLACE)
    other = replace(STAMP, version=None, generation=Generation(42))
    assert stamp_of(there(stamped(first, other, PLACE))) == other
    assert unstamped(first) == {"own": "kept"}


def test_a_copy_of_a_replica_is_none():
    metadata = stamped({}, STAMP, PLACE)
    assert is_replica(there(metadata))
    assert not is_replica(there(metadata, Location("home", PLACE.key)))
    assert not is_replica(there({}))


def test_the_stores_own_word_counts_too():
    assert is_replica(there({}, **{"x-amz-replication-status": "REPLICA"}))
    assert not is_replica(there({}, **{"x-amz-replication-status": "COMPLETED"}))


def test_a_damaged_stamp_says_no_more_than_it_does():
    metadata = stamped({}, STAMP, PLACE) | {"s4desk-replication-generation": "²"}
    assert stamp_of(there(metadata)) == replace(STAMP, generation=Generation(0))
