"""What a person reads when something went wrong: what it is, and what to do about it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from functools import singledispatch

from s4desk.core.domain import errors
from s4desk.core.persist.database import (
    DatabaseError,
    DatabaseInUseError,
    NewerDatabaseError,
)
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.logs import redacted
from s4desk.core.store.causes import may_speak_tls
from s4desk.viewmodels.access_error_text import denied_problem, unauthenticated_problem
from s4desk.viewmodels.connection_error_text import (
    certificate_problem,
    clock_problem,
    detail_of,
    network_problem,
)
from s4desk.viewmodels.endpoint_error_text import endpoint_problem
from s4desk.viewmodels.error_place import object_of
from s4desk.viewmodels.local_error_text import local_problem, no_room
from s4desk.viewmodels.lock_text import refusal_text
from s4desk.viewmodels.printable import printable
from s4desk.viewmodels.properties_error_text import (
    lost_update_problem,
    properties_lost_problem,
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


@dataclass(frozen=True, slots=True)
class ErrorText:
    """`problem` says what is wrong, `advice` what to do; both are whole sentences."""

    problem: str
    advice: str


def describe(error: BaseException) -> str:
    """The whole text for a person: one line, nothing of Python in it, no secret."""
    text = explain(error)
    return f"{text.problem} {text.advice}".strip()


def explain(error: BaseException) -> ErrorText:
    """The same in two parts, for windows that set them apart."""
    text = _explain(error)
    advice = text.advice
    if may_speak_tls(error):
        hint = tr("If this port speaks TLS, begin the endpoint with https://.")
        advice = f"{hint} {advice}".strip()
    return ErrorText(_shown(text.problem), _shown(advice))


def in_full(error: BaseException) -> str:
    """The sentences, and below them the details."""
    return "\n".join(filter(None, (describe(error), details(error))))


def details(error: BaseException) -> str:
    """What the store said, for "Details" and for whoever looks after it."""
    if not isinstance(error, errors.StoreError):
        is_ours = isinstance(error, errors.S4DeskError | OSError)
        return "" if is_ours else _shown(f"{type(error).__name__}: {error}")
    facts = {
        tr("Connection"): error.connection.name if error.connection is not None else "",
        tr("Request"): error.operation,
        tr("Object"): str(error.location or ""),
        tr("Status"): str(error.status or ""),
        tr("Code"): error.code,
        tr("Request id"): error.request_id,
        tr("The store said"): error.detail,
    }
    return "\n".join(f"{name}: {_shown(fact)}" for name, fact in facts.items() if fact)


def _shown(text: str) -> str:
    return printable(redacted(text))


@singledispatch
def _explain(_error: BaseException) -> ErrorText:
    return ErrorText(
        tr("Something unexpected went wrong."),
        tr("Try again; if it happens again, the log tells more."),
    )


@_explain.register
def _(error: errors.S4DeskError) -> ErrorText:
    return ErrorText(str(error), "")


@_explain.register
def _(error: errors.ConnectionMovedError | errors.ConnectionGoneError) -> ErrorText:
    return ErrorText(*endpoint_problem(error))


@_explain.register
def _(error: errors.StoreError) -> ErrorText:
    return ErrorText(
        tr("The store refused: {detail}.").format(detail=detail_of(error)),
        tr("Ask whoever runs the store."),
    )


@_explain.register
def _(error: errors.NotFoundError) -> ErrorText:
    return ErrorText(*missing_problem(error))


@_explain.register
def _(error: errors.PermissionDeniedError) -> ErrorText:
    return ErrorText(*denied_problem(error))


@_explain.register
def _(error: errors.UnauthenticatedError) -> ErrorText:
    return ErrorText(*unauthenticated_problem(error))


@_explain.register
def _(error: errors.ClockSkewError) -> ErrorText:
    return ErrorText(*clock_problem(error))


@_explain.register
def _(error: errors.UnavailableError) -> ErrorText:
    return ErrorText(*network_problem(error))


@_explain.register
def _(error: errors.ProxyUnreachableError) -> ErrorText:
    return ErrorText(*silent_proxy_problem(error))


@_explain.register
def _(error: errors.ProxyFailedError) -> ErrorText:
    return ErrorText(*failed_proxy_problem(error))


@_explain.register
def _(error: errors.ProxyRefusedError) -> ErrorText:
    return ErrorText(*refusing_proxy_problem(error))


@_explain.register
def _(error: errors.TlsError) -> ErrorText:
    return ErrorText(*certificate_problem(error))


@_explain.register
def _(error: errors.WrongRegionError) -> ErrorText:
    if error.region:
        return ErrorText(
            tr("The bucket is in the region {region}, not in the one of this connection.").format(
                region=error.region
            ),
            tr("Enter {region} as the region of the connection.").format(region=error.region),
        )
    return ErrorText(
        tr("The region of this connection is not the right one for this bucket."),
        tr("Enter the bucket's region in the connection."),
    )


@_explain.register
def _(error: errors.PreconditionFailedError) -> ErrorText:
    return ErrorText(
        tr("{object} is not what it was: somebody wrote it meanwhile.").format(
            object=object_of(error)
        ),
        tr("Refresh the view, look at it and try again."),
    )


@_explain.register
def _(_: errors.TargetExistsError) -> ErrorText:
    return ErrorText(
        tr("Something came to the target since you looked. It was left as it is."),
        tr("Look at it, and start the transfer anew to be asked what to do."),
    )


@_explain.register
def _(error: errors.LockedError) -> ErrorText:
    return ErrorText(
        tr("{object} is locked and stays where it is: {detail}.").format(
            object=object_of(error), detail=detail_of(error)
        ),
        tr("Copy it, or move it when the lock has ended."),
    )


@_explain.register
def _(_: errors.ConfigChangedError) -> ErrorText:
    return ErrorText(
        tr("Somebody else changed this configuration meanwhile. Nothing was saved."),
        tr("Look at what is there now, and make your change again."),
    )


@_explain.register
def _(error: errors.RetentionRefusedError) -> ErrorText:
    return ErrorText(*refusal_text(error.refusal, error.lock))


@_explain.register
def _(error: errors.NotKeptError) -> ErrorText:
    return ErrorText(
        tr("The store did not keep all that belongs to {object}: {detail}.").format(
            object=object_of(error), detail=detail_of(error)
        ),
        tr("The bytes arrived and no source was deleted; choose what shall go along."),
    )


@_explain.register
def _(error: errors.PropertiesLostError) -> ErrorText:
    return ErrorText(*properties_lost_problem(error))


@_explain.register
def _(error: errors.LostUpdateError) -> ErrorText:
    return ErrorText(*lost_update_problem(error))


@_explain.register
def _(error: errors.ConflictError) -> ErrorText:
    return ErrorText(*conflict_problem(error))


@_explain.register
def _(error: errors.PayloadTooLargeError) -> ErrorText:
    return ErrorText(
        tr("{object} is larger than this store takes.").format(object=object_of(error)),
        tr("Split the file, or ask whoever runs the store about its limit."),
    )


@_explain.register
def _(error: errors.InvalidRequestError) -> ErrorText:
    return ErrorText(*invalid_problem(error))


@_explain.register
def _(error: errors.NotSupportedError) -> ErrorText:
    return ErrorText(*unsupported_problem(error))


@_explain.register
def _(error: errors.ThrottledError) -> ErrorText:
    return ErrorText(
        tr("The store is busy and asks to wait ({detail}).").format(detail=detail_of(error)),
        tr("Try again in a minute, with fewer transfers at once."),
    )


@_explain.register
def _(error: errors.StalledError) -> ErrorText:
    return ErrorText(
        tr("The store stopped answering ({detail}).").format(detail=detail_of(error)),
        tr("Check your network and try again; what was complete stays."),
    )


@_explain.register
def _(error: errors.MalformedReplyError) -> ErrorText:
    return ErrorText(
        tr("This address answers, but not as an S3 server does ({detail}).").format(
            detail=detail_of(error)
        ),
        tr(
            "Check the endpoint: it may be a web page or a console, or a proxy or a login page in"
            " between answers."
        ),
    )


@_explain.register
def _(error: errors.IntegrityError) -> ErrorText:
    return ErrorText(
        tr("What arrived is not what was sent ({detail}).").format(detail=detail_of(error)),
        tr("Nothing was kept of it; try again."),
    )


@_explain.register
def _(error: errors.SourceChangedError) -> ErrorText:
    return ErrorText(
        tr("{source} changed while it was read, so nothing was completed.").format(
            source=error.source
        ),
        tr("Try again when nobody writes to it."),
    )


@_explain.register
def _(error: errors.SourceKeptError) -> ErrorText:
    return ErrorText(
        tr("{source} changed after it had been copied, so it was not deleted.").format(
            source=error.source
        ),
        tr("Both are there; move it again when nobody writes to it."),
    )


@_explain.register
def _(error: errors.ReadOnlyFileError) -> ErrorText:
    return ErrorText(
        tr("{path} is read-only, so it was not replaced.").format(path=error.path),
        tr("Make it writable, or remove it, and try again."),
    )


@_explain.register
def _(error: errors.StillThereError) -> ErrorText:
    return ErrorText(
        tr("{object} was not deleted: {detail}.").format(
            object=object_of(error), detail=detail_of(error)
        ),
        tr("Delete it again; if it stays, ask whoever runs the store."),
    )


@_explain.register
def _(error: errors.NotRemovedError) -> ErrorText:
    said = tr("All of it is there; its source stays too, for it could not be deleted: {reason}")
    again = tr("The same again deletes only the source.")
    return ErrorText(said.format(reason=explain(error.cause).problem), again)


@_explain.register
def _(error: errors.NotUndoneError) -> ErrorText:
    return ErrorText(
        tr("It was cancelled, but what it had begun could not be removed: {reason}").format(
            reason=explain(error.cause).problem
        ),
        tr("Cancel it again to try once more; the next start tries by itself."),
    )


@_explain.register
def _(error: errors.LocalFileError) -> ErrorText:
    return ErrorText(*local_problem(error.cause, str(error.path)))


@_explain.register
def _(error: errors.NoRoomError) -> ErrorText:
    return ErrorText(*no_room(str(error.path), error.needed, error.free))


@_explain.register
def _(error: OSError) -> ErrorText:
    return ErrorText(*local_problem(error, str(error.filename or tr("a local file"))))


@_explain.register
def _(error: errors.UnsafeNameError) -> ErrorText:
    return ErrorText(
        tr("“{key}” cannot be a file name here: {reason}.").format(
            key=error.key, reason=error.reason.rstrip(".")
        ),
        tr("Download it alone and choose a name for it."),
    )


@_explain.register
def _(error: errors.CredentialsError) -> ErrorText:
    """Whoever looked for the credentials knows best what is missing where."""
    return ErrorText(_sentence(str(error)), tr("The connection says where its keys come from."))


@_explain.register
def _(error: errors.MissingKeyError) -> ErrorText:
    return ErrorText(_sentence(str(error)), tr("What failed for it is tried again then."))


@_explain.register
def _(error: errors.SignInNeededError) -> ErrorText:
    advice = tr("Choose “Sign In…”, or run “s4desk connections sign-in {name}”.")
    return ErrorText(_sentence(str(error)), advice.format(name=shlex.quote(error.need.name)))


@_explain.register
def _(error: errors.ValidationError) -> ErrorText:
    return ErrorText(_sentence(str(error)), "")


@_explain.register
def _(error: DatabaseError) -> ErrorText:
    return ErrorText(
        tr("s4desk cannot use the file it remembers transfers in ({path}: {detail}).").format(
            path=error.path, detail=error.detail
        ),
        tr("Check that its disk has space and that you may write there, then start again."),
    )


@_explain.register
def _(_: DatabaseInUseError) -> ErrorText:
    return ErrorText(
        tr("s4desk is open already, and its transfers are looked after there."),
        tr("Use that window, or close it and start again."),
    )


@_explain.register
def _(error: NewerDatabaseError) -> ErrorText:
    return ErrorText(
        tr("{path} was written by a newer version of s4desk.").format(path=error.path),
        tr("Update s4desk; the file was left as it is."),
    )


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."
