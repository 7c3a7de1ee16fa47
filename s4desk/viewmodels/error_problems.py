"""What is wrong and what to do about it, for each kind of error: two sentences, or more."""

from __future__ import annotations

import shlex
from functools import singledispatch
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain import errors
from s4desk.core.failover.errors import (
    AllDownError,
    BackendDownError,
    DegradedReadsOffError,
    HomeDownError,
    MixedOutcomeError,
    OutOfReachError,
    UsageLimitExceededError,
    UsageLimitSkip,
    WritesRefusedError,
)
from s4desk.core.persist.database import (
    DatabaseError,
    DatabaseInUseError,
    NewerDatabaseError,
)
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.access_error_text import denied_problem, unauthenticated_problem
from s4desk.viewmodels.connection_error_text import (
    certificate_problem,
    clock_problem,
    detail_of,
    network_problem,
)
from s4desk.viewmodels.endpoint_error_text import endpoint_problem
from s4desk.viewmodels.error_place import object_of, source_of
from s4desk.viewmodels.group_error_text import (
    all_down_problem,
    degraded_off_problem,
    down_problem,
    home_problem,
    limit_problem,
    mixed_problem,
    older_source_problem,
    out_of_reach_problem,
    skip_problem,
    writes_problem,
)
from s4desk.viewmodels.local_error_text import local_problem, no_room
from s4desk.viewmodels.lock_text import refusal_text
from s4desk.viewmodels.properties_error_text import (
    left_behind_problem,
    lost_update_problem,
    properties_lost_problem,
    property_names,
)
from s4desk.viewmodels.proxy_error_text import (
    failed_proxy_problem,
    refusing_proxy_problem,
    silent_proxy_problem,
)
from s4desk.viewmodels.request_error_text import (
    conflict_problem,
    invalid_problem,
    missing_problem,
    unsupported_problem,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Problem = tuple[str, str]
"""What is wrong, and what to do about it."""


@singledispatch
def problem_of(_error: BaseException) -> Problem:
    """What is wrong, and what to do about it, as it comes: nothing in it is redacted yet."""
    return (
        tr("Something unexpected went wrong."),
        tr("Try again; if it happens again, the log tells more."),
    )


@problem_of.register
def _(error: errors.S4DeskError) -> Problem:
    return (str(error), "")


@problem_of.register
def _(error: errors.StoreError) -> Problem:
    return (
        tr("The store refused: {detail}.").format(detail=detail_of(error)),
        tr("Ask whoever runs the store."),
    )


@problem_of.register
def _(error: errors.WrongRegionError) -> Problem:
    if error.region:
        return (
            tr("The bucket is in the region {region}, not in the one of this connection.").format(
                region=error.region
            ),
            tr("Enter {region} as the region of the connection.").format(region=error.region),
        )
    return (
        tr("The region of this connection is not the right one for this bucket."),
        tr("Enter the bucket's region in the connection."),
    )


@problem_of.register
def _(error: errors.PreconditionFailedError) -> Problem:
    return (
        tr("{object} is not what it was: somebody wrote it meanwhile.").format(
            object=object_of(error)
        ),
        tr("Refresh the view, look at it and try again."),
    )


@problem_of.register
def _(_: errors.TargetExistsError) -> Problem:
    return (
        tr("Something came to the target since you looked. It was left as it is."),
        tr("Look at it, and start the transfer anew to be asked what to do."),
    )


@problem_of.register
def _(error: errors.LockedError) -> Problem:
    if error.operation == "put":
        return (
            tr("{object} is locked and is not written over: {detail}.").format(
                object=object_of(error), detail=detail_of(error)
            ),
            tr("Keep your text under another name, or wait until the lock has ended."),
        )
    return (
        tr("{object} is locked and stays where it is: {detail}.").format(
            object=object_of(error), detail=detail_of(error)
        ),
        tr("Copy it, or move it when the lock has ended."),
    )


@problem_of.register
def _(_: errors.ConfigChangedError) -> Problem:
    return (
        tr("Somebody else changed this configuration meanwhile. Nothing was saved."),
        tr("Look at what is there now, and make your change again."),
    )


@problem_of.register
def _(error: errors.ConfigUncertainError) -> Problem:
    reason = "" if error.cause is None else problem_of(error.cause)[0]
    if error.is_restored:
        sentence = (
            tr(
                "The store took it and did not tell what it made of it. What was there before was"
                " put back, and is there. {reason}"
            )
            if error.is_accepted
            else tr("It was not saved: what was there before is there still. {reason}")
        )
        return sentence.format(reason=reason).strip(), tr("Try again later.")
    sentence = (
        tr(
            "The store took it and did not tell what it made of it. Whether that holds now, or what"
            " was there before, is not known. {reason}"
        )
        if error.is_accepted
        else tr("Whether it was saved is not known: no reply came. {reason}")
    )
    look = tr("Look at what the bucket has now before you try again: the store may act on it.")
    return sentence.format(reason=reason).strip(), look


@problem_of.register
def _(error: errors.RetentionRefusedError) -> Problem:
    return refusal_text(error.refusal, error.lock)


@problem_of.register
def _(error: errors.RetentionStaysError) -> Problem:
    return (
        tr("This store cannot take the retention of {object} away.").format(
            object=object_of(error)
        ),
        tr("Let it end soon instead: set GOVERNANCE until a time shortly from now, with bypass."),
    )


@problem_of.register
def _(error: errors.LockNotKeptError) -> Problem:
    return (
        tr("The store took the lock of {object}, and has another one: {detail}.").format(
            object=object_of(error), detail=detail_of(error)
        ),
        tr("Look at what protects it now; it may be less than before."),
    )


@problem_of.register
def _(error: errors.NotKeptError) -> Problem:
    return (
        tr("The store did not keep all that belongs to {object}: {detail}.").format(
            object=object_of(error), detail=property_names(detail_of(error))
        ),
        tr("The copy was removed again and no source was deleted; choose what shall go along.")
        if error.is_undone
        else tr("The bytes arrived and no source was deleted; choose what shall go along."),
    )


@problem_of.register
def _(error: errors.PayloadTooLargeError) -> Problem:
    return (
        tr("{object} is larger than this store takes.").format(object=object_of(error)),
        tr("Split the file, or ask whoever runs the store about its limit."),
    )


@problem_of.register
def _(error: errors.ThrottledError) -> Problem:
    if error.has_no_service:
        return (
            tr("The store cannot serve anybody now ({detail}).").format(detail=detail_of(error)),
            tr("Try again in a minute."),
        )
    return (
        tr("The store is busy and asks to wait ({detail}).").format(detail=detail_of(error)),
        tr("Try again in a minute, with fewer transfers at once."),
    )


@problem_of.register
def _(error: errors.StalledError) -> Problem:
    return (
        tr("The store stopped answering ({detail}).").format(detail=detail_of(error)),
        tr("Check your network and try again; what was complete stays."),
    )


@problem_of.register
def _(error: errors.MalformedReplyError) -> Problem:
    return (
        tr("This address answers, but not as an S3 server does ({detail}).").format(
            detail=detail_of(error)
        ),
        tr(
            "Check the endpoint: it may be a web page or a console, or a proxy or a login page in"
            " between answers."
        ),
    )


@problem_of.register
def _(error: errors.IntegrityError) -> Problem:
    return (
        tr("What arrived is not what was sent ({detail}).").format(detail=detail_of(error)),
        tr("Nothing was kept of it; try again."),
    )


@problem_of.register
def _(error: errors.SourceChangedError) -> Problem:
    if error.may_be_there:
        return (
            tr("{source} changed while it was read; what was sent may be at the target.").format(
                source=source_of(error)
            ),
            tr("Look at the target, and replace it when nobody writes to the source."),
        )
    return (
        tr("{source} changed while it was read, so nothing was completed.").format(
            source=source_of(error)
        ),
        tr("Try again when nobody writes to it."),
    )


@problem_of.register
def _(error: errors.SourceKeptError) -> Problem:
    if error.is_of_target:
        return (
            tr("{target} changed before it was proved, so the source was not deleted.").format(
                target=source_of(error)
            ),
            tr("Both are there; look at them, and move it again when nobody writes to them."),
        )
    return (
        tr("{source} changed after it had been copied, so it was not deleted.").format(
            source=source_of(error)
        ),
        tr("Both are there; move it again when nobody writes to it."),
    )


@problem_of.register
def _(error: errors.ReadOnlyFileError) -> Problem:
    return (
        tr("{path} is read-only, so it was not replaced.").format(path=error.path),
        tr("Make it writable, or remove it, and try again."),
    )


@problem_of.register
def _(error: errors.StillThereError) -> Problem:
    return (
        tr("{object} was not deleted: {detail}.").format(
            object=object_of(error), detail=detail_of(error)
        ),
        tr("Delete it again; if it stays, ask whoever runs the store."),
    )


@problem_of.register
def _(error: errors.NotRemovedError) -> Problem:
    said = tr("All of it is there; its source stays too, for it could not be deleted: {reason}")
    again = tr("The same again deletes only the source.")
    return (said.format(reason=problem_of(error.cause)[0]), again)


@problem_of.register
def _(error: errors.NotUndoneError) -> Problem:
    return (
        tr("It was cancelled, but what it had begun could not be removed: {reason}").format(
            reason=problem_of(error.cause)[0]
        ),
        tr("Cancel it again to try once more; the next start tries by itself."),
    )


@problem_of.register
def _(error: errors.LocalFileError) -> Problem:
    return local_problem(error.cause, str(error.path))


@problem_of.register
def _(error: errors.NoRoomError) -> Problem:
    return no_room(str(error.path), error.needed, error.free)


@problem_of.register
def _(error: OSError) -> Problem:
    return local_problem(error, str(error.filename or tr("a local file")))


@problem_of.register
def _(error: errors.UnsafeNameError) -> Problem:
    return (
        tr("“{key}” cannot be a file name here: {reason}.").format(
            key=error.key, reason=error.reason.rstrip(".")
        ),
        tr("Download it alone and choose a name for it."),
    )


@problem_of.register
def _(error: errors.CredentialsError) -> Problem:
    """Whoever looked for the credentials knows best what is missing where."""
    return (_sentence(str(error)), tr("The connection says where its keys come from."))


@problem_of.register
def _(error: errors.MissingKeyError) -> Problem:
    return (_sentence(str(error)), tr("What failed for it is tried again then."))


@problem_of.register
def _(error: errors.SignInNeededError) -> Problem:
    advice = tr("Choose “Sign In…”, or run “s4desk connections sign-in {name}”.")
    return (_sentence(str(error)), advice.format(name=shlex.quote(error.need.name)))


@problem_of.register
def _(error: errors.ValidationError) -> Problem:
    return (_sentence(str(error)), "")


@problem_of.register
def _(error: DatabaseError) -> Problem:
    return (
        tr("s4desk cannot use one of its own files ({path}: {detail}).").format(
            path=error.path, detail=error.detail
        ),
        tr("Check that its disk has space and that you may write there, then start again."),
    )


@problem_of.register
def _(_: DatabaseInUseError) -> Problem:
    return (
        tr("s4desk is open already, and its transfers are looked after there."),
        tr("Use that window, or close it and start again."),
    )


@problem_of.register
def _(error: NewerDatabaseError) -> Problem:
    return (
        tr("{path} was written by a newer version of s4desk.").format(path=error.path),
        tr("Update s4desk; the file was left as it is."),
    )


_TOLD_ELSEWHERE: Final[Mapping[type[BaseException], Callable[[Any], Problem]]] = {
    errors.ConnectionMovedError: endpoint_problem,
    errors.ConnectionGoneError: endpoint_problem,
    errors.NotFoundError: missing_problem,
    errors.PermissionDeniedError: denied_problem,
    errors.UnauthenticatedError: unauthenticated_problem,
    errors.ClockSkewError: clock_problem,
    errors.UnavailableError: network_problem,
    AllDownError: lambda error: all_down_problem(error, problem_of),
    DegradedReadsOffError: degraded_off_problem,
    BackendDownError: lambda error: down_problem(error, problem_of),
    HomeDownError: lambda error: home_problem(error, problem_of),
    WritesRefusedError: lambda error: writes_problem(error, problem_of),
    MixedOutcomeError: lambda error: mixed_problem(error, problem_of),
    OutOfReachError: lambda error: out_of_reach_problem(error, problem_of),
    errors.OlderSourceError: older_source_problem,
    UsageLimitExceededError: limit_problem,
    UsageLimitSkip: skip_problem,
    errors.ProxyUnreachableError: silent_proxy_problem,
    errors.ProxyFailedError: failed_proxy_problem,
    errors.ProxyRefusedError: refusing_proxy_problem,
    errors.TlsError: certificate_problem,
    errors.PropertiesLostError: properties_lost_problem,
    errors.LeftBehindError: left_behind_problem,
    errors.LostUpdateError: lost_update_problem,
    errors.ConflictError: conflict_problem,
    errors.InvalidRequestError: invalid_problem,
    errors.NotSupportedError: unsupported_problem,
}
"""What takes more than a sentence or two to find out."""

for _kind, _problem in _TOLD_ELSEWHERE.items():
    problem_of.register(_kind, _problem)


_ENDS = (".", "!", "?", "…", "。", "！", "？")
"""Those of Chinese and Japanese too."""


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith(_ENDS) else f"{text}."
