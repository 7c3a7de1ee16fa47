"""What a person reads when something went wrong: what it is, and what to do about it."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from functools import singledispatch
from typing import TYPE_CHECKING

from s4desk.core.domain import errors
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.runtime.logs import redacted
from s4desk.viewmodels.local_error_text import local_problem
from s4desk.viewmodels.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator


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
    return ErrorText(_shown(text.problem), _shown(text.advice))


def details(error: BaseException) -> str:
    """What the store said, for "Details" and for whoever looks after it."""
    if not isinstance(error, errors.StoreError):
        return ""
    facts = {
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
        tr("Try again; if it happens again, the log tells more (Help → Show log)."),
    )


@_explain.register
def _(error: errors.S4DeskError) -> ErrorText:
    return ErrorText(str(error), "")


@_explain.register
def _(error: errors.StoreError) -> ErrorText:
    return ErrorText(
        tr("The store refused: {detail}.").format(detail=_detail(error)),
        tr("Ask whoever runs the store."),
    )


@_explain.register
def _(error: errors.NotFoundError) -> ErrorText:
    look_again = tr("Refresh the view; somebody may have deleted it.")
    if error.code == "NoSuchBucket" or (error.location is not None and not error.location.key):
        return ErrorText(
            tr("There is no bucket “{bucket}” at this store.").format(bucket=_bucket(error)),
            tr("Check its spelling and the connection."),
        )
    if error.code == "NoSuchUpload":
        return ErrorText(
            tr("The store no longer has what was uploaded so far."), tr("Start the upload again.")
        )
    if error.location is None:
        return ErrorText(tr("The store does not have what was asked for."), look_again)
    return ErrorText(tr("{object} does not exist.").format(object=_object(error)), look_again)


@_explain.register
def _(error: errors.PermissionDeniedError) -> ErrorText:
    if error.operation == "ListBuckets":
        return ErrorText(
            tr("This key may not list buckets."),
            tr("Enter a start bucket in the connection; it opens without that list."),
        )
    if error.code == "QuotaExceeded":
        return ErrorText(
            tr("The quota of this account or bucket is used up."),
            tr("Delete something or ask for more."),
        )
    if error.code == "UserSuspended":
        return ErrorText(
            tr("The store has suspended this account."), tr("Ask whoever runs the store.")
        )
    return ErrorText(
        tr("This key has no permission for {operation} on {object}.").format(
            operation=error.operation or tr("this"), object=_object(error)
        ),
        tr("Ask the owner of the bucket for it, or use another key."),
    )


@_explain.register
def _(error: errors.UnauthenticatedError) -> ErrorText:
    if error.code == "SignatureDoesNotMatch":
        return ErrorText(
            tr("The secret key is wrong."),
            tr("Enter it again in the connection, without spaces around it."),
        )
    if error.code in ("InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException"):
        return ErrorText(
            tr("The store does not know this key id."),
            tr("Check the key id and the endpoint in the connection."),
        )
    if error.code in ("ExpiredToken", "TokenRefreshRequired"):
        return ErrorText(
            tr("The session token has expired."),
            tr("Sign in again, or enter new temporary keys in the connection."),
        )
    if error.code == "InvalidToken":
        return ErrorText(
            tr("The session token is not valid."),
            tr("Enter the one that belongs to this key id, or none for a permanent key."),
        )
    return ErrorText(
        tr("The store does not accept these credentials."),
        tr("Check key id, secret key and session token in the connection."),
    )


@_explain.register
def _(error: errors.ClockSkewError) -> ErrorText:
    advice = tr("Set the clock and the time zone of this computer.")
    if error.seconds is None:
        return ErrorText(
            tr("The clock of this computer is too far from the store's clock."), advice
        )
    seconds = round(abs(error.seconds))
    sentence = (
        tr_n(
            "The clock of this computer is {count} second behind the store's.",
            "The clock of this computer is {count} seconds behind the store's.",
            seconds,
        )
        if error.seconds > 0
        else tr_n(
            "The clock of this computer is {count} second ahead of the store's.",
            "The clock of this computer is {count} seconds ahead of the store's.",
            seconds,
        )
    )
    return ErrorText(sentence.format(count=seconds), advice)


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
            object=_object(error)
        ),
        tr("Refresh the view, look at it and try again."),
    )


@_explain.register
def _(error: errors.ConflictError) -> ErrorText:
    texts = {
        "BucketNotEmpty": (
            tr("The bucket “{bucket}” is not empty."),
            tr("Delete its objects first, old versions and unfinished uploads too."),
        ),
        "BucketAlreadyExists": (
            tr("Somebody else has a bucket named “{bucket}” here."),
            tr("Choose another name."),
        ),
        "BucketAlreadyOwnedByYou": (
            tr("You already have a bucket named “{bucket}”."),
            tr("Open it, or choose another name."),
        ),
        "InvalidObjectState": (
            tr("{object} is archived and cannot be read now."),
            tr("Restore it first; that takes minutes to hours."),
        ),
    }
    problem, advice = texts.get(
        error.code,
        (
            tr("The state of {object} does not allow this: {detail}."),
            tr("Somebody may be changing it; wait a moment and try again."),
        ),
    )
    values = {"bucket": _bucket(error), "object": _object(error), "detail": _detail(error)}
    return ErrorText(problem.format(**values), advice)


@_explain.register
def _(error: errors.PayloadTooLargeError) -> ErrorText:
    return ErrorText(
        tr("{object} is larger than this store takes.").format(object=_object(error)),
        tr("Split the file, or ask whoever runs the store about its limit."),
    )


@_explain.register
def _(error: errors.InvalidRequestError) -> ErrorText:
    if error.code == "KeyTooLongError":
        return ErrorText(
            tr("The name is too long: a key has at most 1024 bytes."),
            tr("Choose a shorter name or a folder that is not as deep."),
        )
    if error.code == "InvalidBucketName":
        return ErrorText(
            tr("The store does not allow “{bucket}” as the name of a bucket.").format(
                bucket=_bucket(error)
            ),
            tr("Choose another name: lower-case letters, digits and hyphens."),
        )
    return ErrorText(
        tr("The store did not accept the request: {detail}.").format(detail=_detail(error)),
        tr("Check endpoint, region and addressing of the connection."),
    )


@_explain.register
def _(error: errors.NotSupportedError) -> ErrorText:
    return ErrorText(
        tr("This cannot be done here: {detail}.").format(detail=_detail(error)),
        tr("Nothing was changed."),
    )


@_explain.register
def _(error: errors.ThrottledError) -> ErrorText:
    return ErrorText(
        tr("The store is busy and asks to wait ({detail}).").format(detail=_detail(error)),
        tr("Try again in a minute, with fewer transfers at once."),
    )


@_explain.register
def _(error: errors.UnavailableError) -> ErrorText:
    detail = _detail(error)
    if error.status:
        return ErrorText(
            tr("The store has a fault of its own ({detail}).").format(detail=detail),
            tr("Try again; if it goes on, ask whoever runs the store."),
        )
    if _is_caused_by(error, socket.gaierror):
        return ErrorText(
            tr("The address of the store cannot be found ({detail}).").format(detail=detail),
            tr("Check the endpoint's spelling and your network."),
        )
    if _is_caused_by(error, ConnectionRefusedError):
        return ErrorText(
            tr("Nothing answers at the store's address ({detail}).").format(detail=detail),
            tr("Check the endpoint and its port, and that the store is running."),
        )
    if _is_caused_by(error, TimeoutError):
        return ErrorText(
            tr("The store does not answer ({detail}).").format(detail=detail),
            tr("Check the endpoint, your network, a VPN or a firewall."),
        )
    return ErrorText(
        tr("The connection to the store broke ({detail}).").format(detail=detail),
        tr("Check your network and try again; what was complete stays."),
    )


@_explain.register
def _(error: errors.StalledError) -> ErrorText:
    return ErrorText(
        tr("The store stopped answering ({detail}).").format(detail=_detail(error)),
        tr("Check your network and try again; what was complete stays."),
    )


_SELF_SIGNED = (18, 19)  # X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, …_SELF_SIGNED_CERT_IN_CHAIN
_NO_ISSUER = (2, 20, 21)
_EXPIRED = 10
_WRONG_HOST = (62, 64)


@_explain.register
def _(error: errors.TlsError) -> ErrorText:
    code = next(
        (c.verify_code for c in _causes(error) if isinstance(c, ssl.SSLCertVerificationError)), 0
    )
    detail = _detail(error)
    if code in _SELF_SIGNED or code in _NO_ISSUER:
        return ErrorText(
            tr("This computer does not know who signed the store's certificate ({detail}).").format(
                detail=detail
            ),
            tr("If it is yours, add its CA file (PEM) to the connection."),
        )
    if code == _EXPIRED:
        return ErrorText(
            tr("The store's certificate has expired ({detail}).").format(detail=detail),
            tr("Ask whoever runs the store to renew it, and check the clock of this computer."),
        )
    if code in _WRONG_HOST:
        return ErrorText(
            tr("The store's certificate is for another name ({detail}).").format(detail=detail),
            tr("Check the endpoint, or set addressing to “path” in the connection."),
        )
    return ErrorText(
        tr("No secure connection to the store could be made ({detail}).").format(detail=detail),
        tr("Check that the endpoint is https, its port, and the CA file of the connection."),
    )


@_explain.register
def _(error: errors.MalformedReplyError) -> ErrorText:
    return ErrorText(
        tr("This address answers, but not as an S3 server does ({detail}).").format(
            detail=_detail(error)
        ),
        tr("Check the endpoint: it may be the address of a web page, a console or a proxy."),
    )


@_explain.register
def _(error: errors.IntegrityError) -> ErrorText:
    return ErrorText(
        tr("What arrived is not what was sent ({detail}).").format(detail=_detail(error)),
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
def _(error: errors.LocalFileError) -> ErrorText:
    return ErrorText(*local_problem(error.cause, str(error.path)))


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
    return ErrorText(
        tr("There are no usable credentials: {detail}").format(detail=_sentence(str(error))),
        tr("Open the connection and check its credentials."),
    )


@_explain.register
def _(error: errors.ValidationError) -> ErrorText:
    return ErrorText(_sentence(str(error)), "")


def _is_caused_by(error: BaseException, kind: type[BaseException]) -> bool:
    return any(isinstance(cause, kind) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _detail(error: errors.StoreError) -> str:
    return error.detail.strip().rstrip(".") or tr("no reason given")


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _object(error: errors.StoreError) -> str:
    return tr("the store") if error.location is None else f"“{error.location}”"


def _bucket(error: errors.StoreError) -> str:
    return error.location.bucket if error.location is not None else ""
