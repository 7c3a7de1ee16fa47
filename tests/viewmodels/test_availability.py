"""Which commands can be given, and why the others cannot."""

from __future__ import annotations

from dataclasses import replace

import pytest

from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.core.domain.transfer import TransferState
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.availability import Situation, obstacles
from s4desk.viewmodels.places import Place

HOME = ConnectionId("home")
BUCKETS, TOP = Place(HOME), Place(HOME, Prefix("b"))


def states(*chosen: TransferState) -> Situation:
    return Situation(chosen_transfers=frozenset(chosen), transfers=frozenset(chosen))


ENABLES = [
    (Act.EDIT_CONNECTION, Situation(has_connection=True), Situation()),
    (Act.GROUP_COMPARE, Situation(is_group=True), Situation(has_connection=True)),
    (Act.NEW_BUCKET, Situation(has_connection=True), Situation()),
    (Act.DELETE_BUCKET, Situation(chosen_bucket="b"), Situation(has_connection=True)),
    (Act.UPLOAD_FILES, Situation(TOP), Situation(BUCKETS)),
    (Act.NEW_FOLDER, Situation(TOP), Situation(BUCKETS, selected=1)),
    (Act.DOWNLOAD, Situation(TOP, selected=1), Situation(TOP)),
    (Act.DELETE, Situation(TOP, selected=1), Situation(BUCKETS, selected=2)),
    (Act.DELETE, Situation(BUCKETS, selected=1, chosen_bucket="b"), Situation(BUCKETS)),
    (Act.UPLOAD_FILES, Situation(TOP), Situation(TOP, is_unreadable=True)),
    (Act.NEW_FOLDER, Situation(TOP), Situation(TOP, is_unreadable=True)),
    (Act.OPEN, Situation(BUCKETS, selected=1), Situation(BUCKETS)),
    (Act.PASTE, Situation(TOP), Situation(BUCKETS)),
    (Act.PASTE, Situation(TOP), Situation(TOP, is_unreadable=True)),
    (Act.PASTE, Situation(TOP), Situation(TOP, clip="Nothing was cut.")),
    (Act.SYNC, Situation(TOP), Situation(BUCKETS, selected=2)),
    (Act.SYNC, Situation(BUCKETS, selected=1, chosen_bucket="b"), Situation(BUCKETS)),
    (Act.COPY, Situation(TOP, selected=2), Situation(TOP)),
    (Act.CUT, Situation(TOP, selected=2), Situation(BUCKETS, selected=1)),
    (Act.CUT, Situation(TOP, selected=1), Situation(TOP, selected=1, lock="Locked.")),
    (Act.MOVE_TO, Situation(TOP, selected=1), Situation(TOP, selected=1, lock="Locked.")),
    (Act.RENAME, Situation(TOP, selected=1), Situation(TOP, selected=2)),
    (Act.RENAME, Situation(TOP, selected=1), Situation(TOP, selected=1, lock="Locked.")),
    (Act.UNARCHIVE, Situation(TOP, selected=2, at_hand=1), Situation(TOP, selected=2, at_hand=2)),
    (Act.COPY_URI, Situation(BUCKETS, selected=1), Situation(TOP)),
    (Act.REFRESH, Situation(BUCKETS), Situation(has_connection=True)),
    (Act.BACK, Situation(can_go_back=True), Situation(can_go_forward=True)),
    (Act.FORWARD, Situation(can_go_forward=True), Situation(can_go_back=True)),
    (Act.UP, Situation(TOP), Situation(BUCKETS)),
    (Act.STOP, Situation(TOP, is_loading=True), Situation(TOP, has_more=True)),
    (Act.LOAD_ALL, Situation(TOP, has_more=True), Situation(TOP)),
    (Act.PAUSE, states(TransferState.RUNNING), states(TransferState.PAUSED)),
    (Act.RESUME, states(TransferState.PAUSED), states(TransferState.RUNNING)),
    (Act.RESUME, Situation(is_chosen_held=True), Situation(is_held=True)),
    (Act.RETRY, states(TransferState.FAILED), states(TransferState.COMPLETED)),
    (Act.RETRY, states(TransferState.CANCELLED), states(TransferState.PAUSED)),
    (Act.CANCEL, states(TransferState.FAILED), states(TransferState.COMPLETED)),
    (Act.REVEAL, Situation(has_local_file=True), states(TransferState.COMPLETED)),
    (Act.MOVE_UP, states(TransferState.QUEUED), states(TransferState.RUNNING)),
    (Act.MOVE_TO_BOTTOM, states(TransferState.QUEUED), states(TransferState.PAUSED)),
    (Act.PAUSE_ALL, states(TransferState.QUEUED), states(TransferState.PAUSED)),
    (Act.RESUME_ALL, states(TransferState.PAUSED), states(TransferState.QUEUED)),
    (Act.RESUME_ALL, Situation(is_held=True), states(TransferState.QUEUED)),
    (Act.RETRY_ALL, states(TransferState.FAILED), states(TransferState.CANCELLED)),
    (Act.CLEAR, states(TransferState.CANCELLED), states(TransferState.RUNNING)),
]


@pytest.mark.parametrize(("act", "possible", "impossible"), ENABLES)
def test_a_command_can_be_given_when_there_is_something_to_do(act, possible, impossible):
    assert act not in obstacles(possible)
    assert act in obstacles(impossible)


def test_what_is_locked_can_be_copied_and_the_reason_is_told():
    told = obstacles(Situation(TOP, selected=1, lock="It is retained."))
    assert not {Act.COPY, Act.COPY_TO, Act.DUPLICATE, Act.DOWNLOAD} & told.keys()
    assert told[Act.RENAME] == "It is retained."


def test_what_writes_waits_until_it_can_and_what_reads_does_not():
    here = Situation(TOP, selected=1, has_object=True, chosen_bucket="b")
    told = obstacles(replace(here, no_writes="Home is used up."))
    writes = {Act.UPLOAD_FILES, Act.NEW_FOLDER, Act.PASTE, Act.RENAME, Act.MOVE_TO, Act.PROPERTIES}
    assert {told.get(act) for act in writes} == {"Home is used up."}
    reads = {Act.DOWNLOAD, Act.COPY, Act.COPY_TO, Act.OPEN, Act.SHARE, Act.VERIFY, Act.SYNC}
    deletes = {Act.DELETE, Act.DELETE_BUCKET}
    assert not (reads | deletes) & told.keys()
    told = obstacles(replace(here, no_writes="Home is down.", no_deletions="Home is down."))
    assert {told.get(act) for act in writes | deletes} == {"Home is down."}
    assert not reads & told.keys()


def test_a_bucket_is_made_at_the_connection_that_is_chosen():
    here = Situation(TOP, has_connection=True, no_writes="Home is down.")
    assert Act.NEW_BUCKET not in obstacles(here)
    assert obstacles(replace(here, no_buckets="It is down."))[Act.NEW_BUCKET] == "It is down."


def test_what_has_no_place_says_so_before_what_has_no_content():
    told = obstacles(Situation(BUCKETS, clip="Nothing was cut."))
    assert told[Act.PASTE] == "Open a bucket first."


def test_every_obstacle_is_a_sentence():
    for reason in obstacles(Situation()).values():
        assert reason.endswith(".")


def test_what_needs_nothing_is_always_there():
    assert not {Act.ADD_CONNECTION, Act.QUIT, Act.GO_TO, Act.ABOUT} & obstacles(Situation()).keys()
