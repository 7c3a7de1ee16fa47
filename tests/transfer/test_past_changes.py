"""What the history is told of changes that are no transfers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from s4desk.core.domain.errors import PermissionDeniedError, UnavailableError
from s4desk.core.domain.identity import ConnectionId, Location, Prefix, VersionId
from s4desk.core.domain.objects import DeleteFailure, Doomed, ObjectVersion
from s4desk.core.domain.past_change import ChangeKind, PastChange
from s4desk.core.transfer.delete import DeleteReport
from s4desk.core.transfer.editing import EditOutcome
from s4desk.core.transfer.past_changes import deletion_of, edit_of, place_above, undeletion_of
from s4desk.core.transfer.restoring import Restoration, Step

HOME = ConnectionId("home")
K = ChangeKind


def hidden(key: str, markers: int = 1) -> Restoration:
    location = Location("b", key)
    found = [
        ObjectVersion(location, VersionId(f"m{each}"), not each, True, None)
        for each in range(markers)
    ]
    return Restoration(location, Step.UNHIDE, None, tuple(found))


def failure(key: str) -> DeleteFailure:
    return DeleteFailure(Doomed(key), "AccessDenied", "no")


@pytest.mark.parametrize(
    ("is_of_versions", "kind"), [(False, K.DELETED), (True, K.VERSIONS_DELETED)]
)
def test_a_deletion_counts_what_went_and_what_did_not(is_of_versions: bool, kind: K) -> None:
    report = DeleteReport(3, [failure("a")], is_of_versions=is_of_versions)
    assert deletion_of(report, HOME, Prefix("b", "f/")) == PastChange(kind, HOME, "b", "f/", 3, 1)


def test_an_undeletion_counts_objects_and_not_markers() -> None:
    found = [hidden("f/a", 2), hidden("f/b", 3), hidden("f/c")]
    whole = DeleteReport(6)
    assert undeletion_of(whole, HOME, found) == PastChange(K.UNDELETED, HOME, "b", "f/", 3)
    refused = DeleteReport(4, [failure("f/a"), failure("f/a")])
    assert undeletion_of(refused, HOME, found) == PastChange(K.UNDELETED, HOME, "b", "f/", 2, 1)


@pytest.mark.parametrize(("markers", "count"), [(0, 0), (1, 0), (2, 1), (4, 1), (5, 2), (6, 3)])
def test_one_that_ended_early_claims_no_more_than_came_back(markers: int, count: int) -> None:
    found = [hidden("f/a", 2), hidden("f/b", 3), hidden("f/c")]
    stopped = DeleteReport(markers, is_stopped=True)
    broken = replace(stopped, is_stopped=False, error=UnavailableError("cut"))
    assert undeletion_of(stopped, HOME, found).done == count
    assert undeletion_of(broken, HOME, found).done == count


def test_a_place_is_what_all_begin_with() -> None:
    one, two = Location("b", "f/photo 1"), Location("b", "f/photo 2")
    assert place_above([one]) == Prefix("b", "f/photo 1")
    assert place_above([one, two]) == Prefix("b", "f/photo ")
    assert place_above([one, Prefix("b", "f/photo 1/")]) == Prefix("b", "f/photo 1")
    assert place_above([one, Prefix("b", "g/")]) == Prefix("b")


def test_an_edit_is_done_failed_or_nothing() -> None:
    place = Location("b", "f/a")

    def told(outcome: object) -> tuple[int, int]:
        change = edit_of(outcome, HOME, place)  # type: ignore[arg-type]
        assert (change.kind, change.bucket, change.key) == (K.PROPERTIES, "b", "f/a")
        return change.done, change.failed

    assert told(EditOutcome(place, ("tags",))) == (1, 0)
    assert told(EditOutcome(place)) == (0, 0)
    assert told(PermissionDeniedError("no")) == (0, 1)
    assert told(None) == (0, 0)
