from dataclasses import replace
from socket import gaierror
from ssl import SSLCertVerificationError

import pytest

from s4desk.core.domain.connection import Connection
from s4desk.core.domain.errors import (
    CredentialsError,
    InvalidRequestError,
    MalformedReplyError,
    MissingKeyError,
    NotFoundError,
    PermissionDeniedError,
    TlsError,
    UnauthenticatedError,
    UnavailableError,
)
from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.viewmodels.listing import (
    ListingState,
    ListingStatus,
    Remedy,
    banner,
    empty_notice,
)
from s4desk.viewmodels.rows import format_time

NOON = 1.8e9
CUT = UnavailableError("cut")
FOLDER = ListingStatus(Prefix("b", "f/"), ListingState.COMPLETE, has_marker=True)
ROWS = replace(FOLDER, folders=1, objects=2, loaded=3, total_bytes=2048)
PARTIAL = replace(ROWS, state=ListingState.PAUSED)


PLAIN = Connection(ConnectionId("plain"), "Plain", endpoint="http://127.0.0.1:1")


def caused(error, cause):
    error.__cause__ = cause
    return error


def spoken_plain():
    """What a port that speaks TLS answers to plain HTTP."""
    error = InvalidRequestError("bad", status=400)
    error.connection = PLAIN
    return error


def remedies(notice):
    """Without the details, which are last wherever a store has said something."""
    return [remedy for remedy, _ in notice.remedies if remedy is not Remedy.DETAILS]


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (ListingStatus(), ""),
        (FOLDER, "0 objects, 0 B"),
        (ROWS, "1 folder, 2 objects, 2.0 KiB"),
        (replace(ROWS, objects=0, folders=2), "2 folders"),
        (replace(ROWS, objects=1234567, folders=0), "1\u202f234\u202f567 objects, 2.0 KiB"),
        (PARTIAL, "1 folder, 2 objects, 2.0 KiB so far"),
        (replace(FOLDER, state=ListingState.LOADING), "Loading…"),
        (ListingStatus(state=ListingState.LOADING, is_buckets=True), "Loading…"),
        (replace(FOLDER, state=ListingState.FAILED, failure=CUT), ""),
        (
            replace(ROWS, state=ListingState.FAILED, failure=CUT, as_of=0.0),
            "1 folder, 2 objects, 2.0 KiB",
        ),
        (replace(ROWS, state=ListingState.LOADING), "1 folder, 2 objects, 2.0 KiB"),
        (replace(ROWS, pattern="x", folders=0), "2 of 3"),
        (ListingStatus(state=ListingState.COMPLETE, folders=1, is_buckets=True), "1 bucket"),
    ],
)
def test_counts_are_said(status, text):
    assert status.text == text


@pytest.mark.parametrize(
    "status",
    [
        ListingStatus(),
        ROWS,
        PARTIAL,
        replace(FOLDER, state=ListingState.LOADING),
        replace(FOLDER, is_arranging=True, loaded=3, pattern="x"),
        replace(PARTIAL, failure=CUT, state=ListingState.FAILED),
    ],
)
def test_rows_or_the_wait_for_them_need_no_page(status):
    assert empty_notice(status) is None


@pytest.mark.parametrize(
    ("status", "title", "wanted"),
    [
        (FOLDER, "This folder is empty", [Remedy.UPLOAD_FILES]),
        (
            replace(FOLDER, has_marker=False),
            "Nothing begins with “f/”",
            [Remedy.UPLOAD_FILES],
        ),
        (replace(FOLDER, prefix=Prefix("b")), "This bucket is empty", [Remedy.UPLOAD_FILES]),
        (
            replace(FOLDER, prefix=Prefix("b"), has_deleted=True),
            "What was here is deleted",
            [Remedy.UNDELETE, Remedy.UPLOAD_FILES],
        ),
        (
            replace(FOLDER, prefix=None, is_buckets=True),
            "There are no buckets",
            [Remedy.NEW_BUCKET],
        ),
        (replace(FOLDER, state=ListingState.STOPPED), "Stopped", [Remedy.LOAD_MORE]),
        (replace(FOLDER, state=ListingState.PAUSED), "Nothing found yet", [Remedy.LOAD_ALL]),
        (replace(FOLDER, loaded=3, pattern="x"), "Nothing fits “x”", [Remedy.CLEAR_FILTER]),
        (
            replace(FOLDER, loaded=3, pattern="x", state=ListingState.PAUSED),
            "Nothing fits “x”",
            [Remedy.LOAD_ALL, Remedy.CLEAR_FILTER],
        ),
        (
            replace(FOLDER, loaded=3, pattern="x", state=ListingState.FAILED, failure=CUT),
            "Nothing fits “x”",
            [Remedy.RETRY, Remedy.CLEAR_FILTER],
        ),
    ],
)
def test_no_rows_are_explained(status, title, wanted):
    notice = empty_notice(status)
    assert (notice.title, remedies(notice)) == (title, wanted)


@pytest.mark.parametrize(
    ("failure", "icon"),
    [(CUT, "error"), (PermissionDeniedError("x"), "lock"), (NotFoundError("x"), "search")],
)
def test_a_failure_without_rows_is_a_page_with_a_way_out(failure, icon):
    notice = empty_notice(replace(FOLDER, state=ListingState.FAILED, failure=failure))
    assert (notice.icon, notice.is_error, remedies(notice)) == (icon, True, [Remedy.RETRY])
    assert notice.title
    assert notice.text


@pytest.mark.parametrize(
    ("failure", "label"),
    [
        (MissingKeyError("no keyring"), "Enter Key…"),
        (CredentialsError("no environment"), "Edit Connection…"),
        (UnauthenticatedError("wrong"), "Edit Connection…"),
    ],
)
def test_keys_that_are_missing_or_wrong_can_be_entered(failure, label):
    notice = empty_notice(replace(FOLDER, state=ListingState.FAILED, failure=failure))
    assert notice.remedies[0] == (Remedy.EDIT_CONNECTION, label)
    assert remedies(notice)[1:] == [Remedy.RETRY]


@pytest.mark.parametrize(
    "failure",
    [
        TlsError("not known here"),
        MalformedReplyError("this is HTML"),
        spoken_plain(),
        caused(UnavailableError("no such name"), gaierror()),
        caused(UnavailableError("refused"), ConnectionRefusedError()),
    ],
)
def test_an_address_that_may_be_wrong_can_be_edited(failure):
    notice = empty_notice(replace(FOLDER, state=ListingState.FAILED, failure=failure))
    assert remedies(notice) == [Remedy.RETRY, Remedy.EDIT_CONNECTION]


@pytest.mark.parametrize("code", [18, 10, 62])
def test_a_certificate_that_is_not_taken_can_be_looked_at_by_a_test(code):
    cause = SSLCertVerificationError(1, "certificate verify failed")
    cause.verify_code = code
    failure = caused(TlsError("not known here"), cause)
    notice = empty_notice(replace(FOLDER, state=ListingState.FAILED, failure=failure))
    assert remedies(notice) == [Remedy.RETRY, Remedy.TEST_CONNECTION, Remedy.EDIT_CONNECTION]
    kept = replace(PARTIAL, state=ListingState.FAILED, failure=failure, as_of=NOON)
    assert remedies(banner(kept)) == [Remedy.RETRY, Remedy.TEST_CONNECTION]


def test_what_the_store_said_is_at_hand_wherever_it_is_complained_about():
    statuses = (
        replace(FOLDER, state=ListingState.FAILED, failure=CUT),
        replace(FOLDER, loaded=3, pattern="x", state=ListingState.FAILED, failure=CUT),
    )
    for notice in (*map(empty_notice, statuses), banner(replace(PARTIAL, failure=CUT))):
        assert notice.remedies[-1] == (Remedy.DETAILS, "Details…")
    nobody = replace(FOLDER, state=ListingState.FAILED, failure=CredentialsError("none"))
    assert Remedy.DETAILS not in [each for each, _ in empty_notice(nobody).remedies]


def test_a_folder_that_may_only_be_written_is_not_unreadable():
    failed = replace(FOLDER, state=ListingState.FAILED, failure=NotFoundError("x"))
    assert failed.is_unreadable
    assert not replace(failed, failure=PermissionDeniedError("x")).is_unreadable
    assert not replace(failed, loaded=3).is_unreadable


@pytest.mark.parametrize(
    ("status", "beginning", "wanted"),
    [
        (PARTIAL, "The first 3 are loaded", [Remedy.LOAD_ALL]),
        (
            replace(PARTIAL, state=ListingState.STOPPED),
            "Stopped after 3",
            [Remedy.LOAD_MORE, Remedy.LOAD_ALL],
        ),
        (
            replace(PARTIAL, state=ListingState.FAILED, failure=CUT),
            "Broken off after 3. The connection to the store broke",
            [Remedy.RETRY],
        ),
        (
            replace(PARTIAL, state=ListingState.FAILED, failure=CUT, as_of=NOON),
            f"This could not be refreshed: it is as it was at {format_time(NOON)}. The connection",
            [Remedy.RETRY],
        ),
        (
            replace(PARTIAL, pattern="x", folders=0),
            "2 of the 3 loaded fit",
            [Remedy.LOAD_ALL],
        ),
        (
            replace(ROWS, state=ListingState.LOADING, is_loading_all=True),
            "Loading everything: 3 so far",
            [Remedy.STOP],
        ),
    ],
)
def test_what_is_missing_is_said_beside_the_rows(status, beginning, wanted):
    notice = banner(status)
    assert notice.text.startswith(beginning)
    assert remedies(notice) == wanted


@pytest.mark.parametrize(
    "status", [ListingStatus(), FOLDER, ROWS, replace(ROWS, state=ListingState.LOADING)]
)
def test_what_is_whole_needs_no_banner(status):
    assert banner(status) is None


@pytest.mark.parametrize(
    "status",
    [
        replace(FOLDER, loaded=1),
        replace(FOLDER, has_marker=False),
        replace(FOLDER, prefix=Prefix("b")),
        replace(FOLDER, has_deleted=True),
        replace(FOLDER, prefix=None, is_buckets=True),
    ],
)
def test_nobody_is_invited_to_where_nothing_can_be_written(status):
    notice, before = empty_notice(status, "Home is down."), empty_notice(status)
    assert (notice.title, notice.text, notice.remedies) == (before.title, "Home is down.", ())
    assert before.remedies
