"""How far a listing is, and what is said about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from s4desk.core.domain.connection import CredentialKind
from s4desk.core.domain.errors import (
    CredentialsError,
    MissingKeyError,
    NotFoundError,
    PermissionDeniedError,
    S4DeskError,
    SignInNeededError,
    UnauthenticatedError,
)
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.store.causes import certificate_fault
from s4desk.viewmodels.connection_error_text import is_about_address
from s4desk.viewmodels.error_text import describe, details, explain
from s4desk.viewmodels.rows import (
    display_name,
    format_count,
    format_moment,
    format_size,
    format_time,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from s4desk.core.domain.identity import ConnectionId, Prefix


class ListingState(StrEnum):
    """PAUSED has more and waits for the scroll bar; STOPPED and FAILED wait for a person."""

    CLOSED = "closed"
    LOADING = "loading"
    PAUSED = "paused"
    STOPPED = "stopped"
    FAILED = "failed"
    COMPLETE = "complete"


_ENDED = ("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired")
_RESTING = (ListingState.PAUSED, ListingState.STOPPED, ListingState.FAILED)


@dataclass(frozen=True, slots=True)
class ListingStatus:
    """One moment of a listing. `folders` and `objects` are what is shown, `loaded` all rows.

    `is_buckets` marks the list of buckets, which are its folders; it has no prefix. `has_marker`:
    the empty object that stands for the folder itself is there. `as_of` is when the rows were read
    (seconds since the epoch) if reading them anew has failed. `searched` is how many objects were
    looked at for those that are shown; None where nothing is searched. `missed` are the buckets
    that could not be searched, each with the reason. `is_of_versions`: objects are counted once
    for each of their versions. `moment` is when all this was so, None for now. `has_deleted`: it is
    empty, and versions are left of what was there. `members` are those of a failover group that
    have listed what is shown.
    """

    prefix: Prefix | None = None
    state: ListingState = ListingState.CLOSED
    folders: int = 0
    objects: int = 0
    loaded: int = 0
    total_bytes: int = 0
    pattern: str = ""
    failure: BaseException | None = None
    is_loading_all: bool = False
    is_arranging: bool = False
    is_buckets: bool = False
    has_marker: bool = False
    as_of: float | None = None
    searched: int | None = None
    missed: Sequence[tuple[str, BaseException]] = ()
    is_of_versions: bool = False
    moment: datetime | None = None
    has_deleted: bool = False
    members: frozenset[ConnectionId] = frozenset()

    @property
    def trouble(self) -> BaseException | None:
        """What is complained about beside the rows, or in their place."""
        return self.failure if self.failure is not None or not self.missed else self.missed[0][1]

    @property
    def shown(self) -> int:
        return self.folders + self.objects

    @property
    def is_busy(self) -> bool:
        return self.state is ListingState.LOADING or self.is_arranging

    @property
    def has_more(self) -> bool:
        return self.state in _RESTING

    @property
    def is_unreadable(self) -> bool:
        """Nothing came but an error. Who may not list may still write, so that is not meant."""
        is_refused = isinstance(self.failure, PermissionDeniedError)
        return self.failure is not None and not self.loaded and not is_refused

    @property
    def text(self) -> str:
        """Counts and sizes, for the status bar."""
        if self.state is ListingState.CLOSED:
            return ""
        if self.searched is not None:
            return _search_text(self, self.searched)
        if not self.loaded and self.state is not ListingState.COMPLETE:
            return tr("Loading…") if self.state is ListingState.LOADING else ""
        counts = _counts(self)
        if self.state in (ListingState.COMPLETE, ListingState.LOADING) or self.as_of is not None:
            return counts
        return tr("{counts} so far").format(counts=counts)


class Remedy(StrEnum):
    """What a button beside a sentence does."""

    RETRY = "retry"
    LOAD_MORE = "load-more"
    LOAD_ALL = "load-all"
    STOP = "stop"
    CLEAR_FILTER = "clear-filter"
    SORT = "sort"
    EDIT_CONNECTION = "edit-connection"
    TEST_CONNECTION = "test-connection"
    SIGN_IN = "sign-in"
    NEW_BUCKET = "new-bucket"
    UPLOAD_FILES = "upload-files"
    GO_ON = "go-on"
    SHOW_RUNS = "show-runs"
    FORGET_RUNS = "forget-runs"
    GO_ON_DELETING = "go-on-deleting"
    FORGET_DELETION = "forget-deletion"
    LATER = "later"
    MESSAGE = "message"
    IMPORT = "import"
    DETAILS = "details"
    BACK_TO_NOW = "back-to-now"
    UNDELETE = "undelete"
    END_DRILL = "end-drill"
    TRY_GROUP = "try-group"
    GROUP_STATUS = "group-status"
    REFRESH = "refresh"
    HIDE_VERSIONS = "hide-versions"


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence with what can be done about it. `title` is empty in a banner."""

    icon: str
    title: str
    text: str
    remedies: tuple[tuple[Remedy, str], ...] = ()
    is_error: bool = False


def empty_notice(status: ListingStatus, no_writes: str = "") -> Notice | None:
    """What is said in place of the rows when there are none; None while it is not known.
    `no_writes` says why nothing can be put there."""
    if status.shown or status.is_busy or status.state is ListingState.CLOSED:
        return None
    if status.failure is not None and not status.loaded:
        return _failed(status.failure, _ways_around(status))
    if status.pattern and status.loaded:
        return _nothing_fits(status)
    if status.searched is not None:
        return _nothing_found(status, status.searched)
    return _nothing_listed(status, no_writes)


def _nothing_listed(status: ListingStatus, no_writes: str) -> Notice:
    if status.state is ListingState.STOPPED:
        return Notice(
            "stop",
            tr("Stopped"),
            tr("Nothing was loaded before that."),
            ((Remedy.LOAD_MORE, tr("Go on")),),
        )
    if status.has_more:
        return Notice(
            "folder",
            tr("Nothing found yet"),
            tr("The store has more to say; what came so far was empty."),
            ((Remedy.LOAD_ALL, tr("Load all")),),
        )
    return _empty(status, no_writes)


def banner(status: ListingStatus) -> Notice | None:
    """What is said beside the rows; None when they are all there."""
    if status.searched is not None:
        return _search_banner(status, status.searched)
    return _listing_banner(status)


def _listing_banner(status: ListingStatus) -> Notice | None:
    loaded = format_count(status.loaded)
    load_all = (Remedy.LOAD_ALL, tr("Load all"))
    if status.state is ListingState.LOADING and status.is_loading_all:
        text = tr("Loading everything: {count} so far…").format(count=loaded)
        return Notice("refresh", "", text, ((Remedy.STOP, tr("Stop")),))
    if not status.loaded or not status.has_more or (not status.shown and status.failure is None):
        return None
    if status.failure is not None:
        return _broken_off(status, status.failure)
    if status.pattern:
        text = tr("{shown} of the {count} loaded fit; there are more to load.")
        text = text.format(shown=format_count(status.shown), count=loaded)
        return Notice("more", "", text, (load_all,))
    if status.state is ListingState.STOPPED:
        text = tr("Stopped after {count}; there are more.").format(count=loaded)
        return Notice("stop", "", text, ((Remedy.LOAD_MORE, tr("Load more")), load_all))
    text = tr("The first {count} are loaded; scroll down for more.").format(count=loaded)
    return Notice("more", "", text, (load_all,))


def sort_refusal() -> str:
    """Why a part of a listing is not sorted: it would look like the order of all."""
    return tr("Only a listing that is loaded to its end can be sorted this way.")


def _broken_off(status: ListingStatus, failure: BaseException) -> Notice:
    reason = describe(failure)
    if status.as_of is not None:
        sentence = tr("This could not be refreshed: it is as it was at {time}. {reason}")
        text = sentence.format(time=format_time(status.as_of), reason=reason)
        retry = (Remedy.RETRY, tr("Try again"))
        remedies = (retry, *_way_to_trust(failure), *_details_of(failure))
        return Notice("error", "", text, remedies, is_error=True)
    text = tr("Broken off after {count}. {reason}")
    text = text.format(count=format_count(status.loaded), reason=reason)
    remedies = ((Remedy.RETRY, tr("Retry from here")), *_details_of(failure))
    return Notice("error", "", text, remedies, is_error=True)


def _ways_around(status: ListingStatus) -> tuple[tuple[Remedy, str], ...]:
    """What is there now may be listed where what was there is not."""
    if status.moment is not None:
        return ((Remedy.BACK_TO_NOW, tr("Back to Now")),)
    return ((Remedy.HIDE_VERSIONS, tr("Hide Versions")),) if status.is_of_versions else ()


def _failed(failure: BaseException, around: tuple[tuple[Remedy, str], ...] = ()) -> Notice:
    text = explain(failure)
    is_denied = isinstance(failure, PermissionDeniedError) or _is_about_keys(failure)
    icon = "lock" if is_denied else "error"
    if isinstance(failure, NotFoundError):
        icon = "search"
    retry = (Remedy.RETRY, tr("Try again"))
    remedies: tuple[tuple[Remedy, str], ...] = (retry,)
    if _is_about_keys(failure):
        remedies = (_way_to_keys(failure), retry)
    elif is_about_address(failure) and not _is_of_many(failure):
        remedies += (*_way_to_trust(failure), (Remedy.EDIT_CONNECTION, tr("Edit Connection…")))
    remedies += around + _details_of(failure)
    return Notice(icon, text.problem, text.advice, remedies, is_error=True)


def _is_of_many(failure: BaseException) -> bool:
    """Whether all members of a group were of no use: it is no one's address."""
    return isinstance(failure, S4DeskError) and bool(failure.failed_too)


def _details_of(failure: BaseException) -> tuple[tuple[Remedy, str], ...]:
    """The button to what the store said, where there is more than the sentence."""
    return ((Remedy.DETAILS, tr("Details…")),) if details(failure) else ()


def _way_to_trust(failure: BaseException) -> tuple[tuple[Remedy, str], ...]:
    """Testing the connection shows the certificate that is not taken, and can have it trusted."""
    return ((Remedy.TEST_CONNECTION, tr("Test…")),) if certificate_fault(failure) else ()


def _is_about_keys(failure: BaseException) -> bool:
    return isinstance(failure, (UnauthenticatedError, CredentialsError))


def _way_to_keys(failure: BaseException) -> tuple[Remedy, str]:
    if _is_about_sign_in(failure):
        return Remedy.SIGN_IN, tr("Sign In…")
    label = tr("Enter Key…") if isinstance(failure, MissingKeyError) else tr("Edit Connection…")
    return Remedy.EDIT_CONNECTION, label


def _is_about_sign_in(failure: BaseException) -> bool:
    """Whether there are no keys yet, or those of a profile have ended before their time."""
    if isinstance(failure, SignInNeededError):
        return True
    connection = failure.connection if isinstance(failure, UnauthenticatedError) else None
    return (
        isinstance(failure, UnauthenticatedError)
        and failure.code in _ENDED
        and connection is not None
        and connection.credentials.kind is CredentialKind.PROFILE
    )


def _nothing_fits(status: ListingStatus) -> Notice:
    title = tr("Nothing fits “{pattern}”").format(pattern=display_name(status.pattern))
    clear = (Remedy.CLEAR_FILTER, tr("Clear filter"))
    count = format_count(status.loaded)
    if status.failure is not None:
        text = tr("Only {count} could be searched. {reason}").format(
            count=count, reason=describe(status.failure)
        )
        retry = (Remedy.RETRY, tr("Retry from here"))
        remedies = (retry, clear, *_details_of(status.failure))
        return Notice("error", title, text, remedies, is_error=True)
    if status.has_more:
        text = tr("Only the first {count} are loaded and were searched.").format(count=count)
        return Notice("search", title, text, ((Remedy.LOAD_ALL, tr("Load all")), clear))
    text = tr_n("The one entry was searched.", "All {count} entries were searched.", status.loaded)
    return Notice("search", title, text.format(count=count), (clear,))


def _empty(status: ListingStatus, no_writes: str) -> Notice:
    if status.moment is not None:
        text = tr("It was empty at {time}, or not there.")
        time = format_moment(status.moment)
        return Notice("history", tr("Nothing was here"), text.format(time=time))
    notice = _invitation(status)
    return replace(notice, text=no_writes, remedies=()) if no_writes else notice


def _invitation(status: ListingStatus) -> Notice:
    if status.is_buckets:
        make = (Remedy.NEW_BUCKET, tr("New Bucket…"))
        return Notice("bucket", tr("There are no buckets"), tr("Make one to begin with."), (make,))
    upload = ((Remedy.UPLOAD_FILES, tr("Upload Files…")),)
    hint = tr("Drop files or folders here to upload them.")
    if status.has_deleted:
        return _all_deleted(upload)
    if status.prefix is None or not status.prefix.prefix:
        return Notice("bucket", tr("This bucket is empty"), hint, upload)
    if not status.has_marker:
        title = tr("Nothing begins with “{prefix}”")
        text = tr("Check the spelling, or drop files or folders here to upload them.")
        begin = display_name(status.prefix.prefix)
        return Notice("search", title.format(prefix=begin), text, upload)
    return Notice("folder", tr("This folder is empty"), hint, upload)


def _all_deleted(upload: tuple[tuple[Remedy, str], ...]) -> Notice:
    text = tr("Versions of it are left: look what can be undeleted, or drop files or folders here.")
    undelete = (Remedy.UNDELETE, tr("Undelete…"))
    return Notice("history", tr("What was here is deleted"), text, (undelete, *upload))


def _search_banner(status: ListingStatus, searched: int) -> Notice | None:
    """Says beside the rows how far the search has come."""
    found = format_count(status.loaded)
    if status.state is ListingState.LOADING:
        text = tr("Searching: {found} found among {count} so far…")
        text = text.format(found=found, count=format_count(searched))
        return Notice("search", "", text, ((Remedy.STOP, tr("Stop")),))
    if status.loaded and not status.has_more and status.missed:
        text = _missed_text(status)
        return Notice("warning", "", text, _details_of(status.missed[0][1]), is_error=True)
    if not status.loaded or not status.has_more:
        return None
    if status.failure is not None:
        return _broken_off(replace(status, loaded=searched), status.failure)
    text = tr("Stopped: only the first {count} were searched.").format(count=format_count(searched))
    return Notice("stop", "", text, ((Remedy.LOAD_ALL, tr("Search on")),))


def _nothing_found(status: ListingStatus, searched: int) -> Notice:
    count = format_count(searched)
    if status.has_more:
        text = tr("Only the first {count} were searched.").format(count=count)
        return Notice(
            "search", tr("Nothing found yet"), text, ((Remedy.LOAD_ALL, tr("Search on")),)
        )
    text = tr_n("The one object was searched.", "All {count} objects were searched.", searched)
    text = text.format(count=count)
    if status.missed:
        text = f"{text} {_missed_text(status)}"
        remedies = _details_of(status.missed[0][1])
        return Notice("warning", tr("Nothing found"), text, remedies, is_error=True)
    return Notice("search", tr("Nothing found"), text)


def _missed_text(status: ListingStatus) -> str:
    """Which buckets were left out, the first by name and reason."""
    (bucket, error), *others = status.missed
    if not others:
        said = tr("The bucket “{bucket}” could not be searched. {reason}")
        return said.format(bucket=display_name(bucket), reason=describe(error))
    said = tr_n(
        "“{bucket}” and {count} other bucket could not be searched. {reason}",
        "“{bucket}” and {count} other buckets could not be searched. {reason}",
        len(others),
    )
    count = format_count(len(others))
    return said.format(bucket=display_name(bucket), count=count, reason=describe(error))


def _search_text(status: ListingStatus, searched: int) -> str:
    sentence = tr("{found} found, {size}; {count} searched")
    return sentence.format(
        found=format_count(status.loaded),
        size=format_size(status.total_bytes),
        count=format_count(searched),
    )


def _counts(status: ListingStatus) -> str:
    if status.pattern:
        return tr("{shown} of {loaded}").format(
            shown=format_count(status.shown), loaded=format_count(status.loaded)
        )
    folders, objects = format_count(status.folders), format_count(status.objects)
    if status.is_buckets:
        return tr_n("{count} bucket", "{count} buckets", status.folders).format(count=folders)
    texts = []
    if status.folders:
        text = tr_n("{count} folder", "{count} folders", status.folders)
        texts.append(text.format(count=folders))
    if status.objects or not status.folders:
        text = tr_n("{count} object", "{count} objects", status.objects)
        if status.is_of_versions:
            text = tr_n("{count} version", "{count} versions", status.objects)
        texts.append(text.format(count=objects))
        texts.append(format_size(status.total_bytes))
    return ", ".join(texts)
