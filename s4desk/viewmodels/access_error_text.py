"""The text of errors of whoever asks: keys that are wrong, and keys that may not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.connection import CredentialKind
from s4desk.core.domain.errors import RefusedOnTheWayError
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.error_place import bucket_of, object_of

if TYPE_CHECKING:
    from s4desk.core.domain.errors import (
        PermissionDeniedError,
        StoreError,
        UnauthenticatedError,
    )


def denied_problem(error: PermissionDeniedError) -> tuple[str, str]:
    """What may not be done, and who can allow it."""
    deed = _deed(error.operation)
    if _is_anonymous(error):
        return _stranger_problem(error, deed)
    about_account = account_problem(error)
    if about_account is not None:
        return about_account
    if isinstance(error, RefusedOnTheWayError):
        return on_the_way_problem(error.page, is_foreign=True)
    if deed == "listbuckets":
        return (
            tr("This key may not list buckets."),
            tr("Enter a start bucket in the connection; it opens without that list."),
        )
    return (
        _denials()
        .get(deed, tr("This key has no permission for this on {object}."))
        .format(object=object_of(error)),
        tr("Ask the owner of the bucket for it, or use another key."),
    )


def account_problem(error: PermissionDeniedError) -> tuple[str, str] | None:
    """What the store says of the account behind the keys, None for what it says of a deed."""
    if error.code == "QuotaExceeded":
        return (
            tr("The quota of this account or bucket is used up."),
            tr("Delete something or ask for more."),
        )
    sentence = {
        "UserSuspended": tr("The store has suspended this account."),
        "NotSignedUp": tr("This account has not signed up for the store."),
        "AllAccessDisabled": tr("The store has shut off all access here."),
        "AccountProblem": tr("The store has a problem with this account."),
        "InvalidPayer": tr("The store has shut off all access here."),
    }.get(error.code)
    if sentence is None:
        return None
    return sentence, _said(error)


def unknown_refusal(error: PermissionDeniedError) -> tuple[str, str]:
    """A refusal by a code that is not S3's own: it is told as it came."""
    return tr("The store refuses with “{code}”.").format(code=error.code), _said(error)


def _said(error: PermissionDeniedError) -> str:
    advice = tr("Ask whoever runs the store. It says: {detail}.")
    return advice.format(detail=error.detail.strip().rstrip("."))


def on_the_way_problem(page: str, host: str = "", *, is_foreign: bool) -> tuple[str, str]:
    """A refusal without a word of S3: from a proxy or a firewall, mostly."""
    if page:
        said = tr("A web page, “{page}”, refused the request, not the store in the words of S3.")
    elif is_foreign:
        said = tr("Something that does not speak S3 refused the request, not the store.")
    else:
        said = tr("The request was refused (403) without a word of S3.")
    advice = (
        tr(
            "A proxy or a firewall on the way does that: ask whoever runs your network to let"
            " {host} through, or choose another proxy."
        )
        if host
        else tr(
            "A proxy or a firewall on the way does that: ask whoever runs your network to let the"
            " store through, or choose another proxy."
        )
    )
    more = tr("If there is none, check that the endpoint is the store's.")
    return said.format(page=page), f"{advice.format(host=host)} {more}"


def unauthenticated_problem(error: UnauthenticatedError) -> tuple[str, str]:
    """What is wrong with the keys, and where they come from."""
    if _is_anonymous(error):
        return _stranger_problem(error, _deed(error.operation))
    problem, advice = _refusals().get(
        error.code,
        (
            tr("The store does not accept these credentials."),
            tr("Check key id, secret key and session token in the connection."),
        ),
    )
    return problem, _origin(error) or advice


def _refusals() -> dict[str, tuple[str, str]]:
    unknown = (
        tr("The store does not know this key id."),
        tr("Check the key id and the endpoint in the connection."),
    )
    expired = (
        tr("The session token has expired."),
        tr("Sign in again, or enter new temporary keys in the connection."),
    )
    return {
        "SignatureDoesNotMatch": (
            tr("The secret key is wrong."),
            tr("Enter it again in the connection, without spaces around it."),
        ),
        "InvalidAccessKeyId": unknown,
        "InvalidClientTokenId": unknown,
        "UnrecognizedClientException": unknown,
        "ExpiredToken": expired,
        "TokenRefreshRequired": expired,
        "InvalidToken": (
            tr("The session token is not valid."),
            tr("Enter the one that belongs to this key id, or none for a permanent key."),
        ),
    }


def _origin(error: UnauthenticatedError) -> str:
    """What to do about keys that the connection only refers to."""
    if error.connection is None:
        return ""
    reference = error.connection.credentials
    match reference.kind:
        case CredentialKind.ENVIRONMENT:
            return tr(
                "The keys come from the environment: check AWS_ACCESS_KEY_ID,"
                " AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN."
            )
        case CredentialKind.PROFILE:
            sentence = tr(
                "The keys come from the AWS profile “{profile}”: check it in ~/.aws, or sign in"
                " again."
            )
            return sentence.format(profile=reference.profile)
        case CredentialKind.KEYRING | CredentialKind.ANONYMOUS:
            return ""


def _is_anonymous(error: StoreError) -> bool:
    connection = error.connection
    return connection is not None and connection.credentials.kind is CredentialKind.ANONYMOUS


def _stranger_problem(error: StoreError, deed: str) -> tuple[str, str]:
    """What is refused to whoever has no key: stores have many codes for that."""
    keys = tr("The connection is anonymous: choose keys for it.")
    bucket = bucket_of(error)
    if not bucket:
        sentence = tr("The store does not list its buckets for anonymous access.")
        more = tr("Or enter a start bucket there, one that everybody may read.")
        return sentence, f"{keys} {more}"
    sentence = (
        tr("The bucket “{bucket}” does not allow anonymous access.")
        if deed.startswith(("list", "head", "get"))
        else tr("The bucket “{bucket}” does not allow anonymous changes.")
    )
    return sentence.format(bucket=bucket), keys


def _deed(operation: str) -> str:
    """One spelling for the names that we and botocore give an operation."""
    return operation.partition(" ")[0].replace("_", "").lower()


def _denials() -> dict[str, str]:
    list_, look = tr("This key may not list {object}."), tr("This key may not look at {object}.")
    read, write = tr("This key may not read {object}."), tr("This key may not write {object}.")
    delete = tr("This key may not delete {object}.")
    uploads = tr("This key may not see unfinished uploads of {object}.")
    read_config = tr("This key may not read the configuration of {object}.")
    write_config = tr("This key may not change the configuration of {object}.")
    return {
        "listobjects": list_,
        "listobjectsv2": list_,
        "listversions": tr("This key may not list the versions of {object}."),
        "head": look,
        "headbucket": look,
        "headobject": look,
        "get": read,
        "getobject": read,
        "put": write,
        "putobject": write,
        "copy": write,
        "createmultipart": write,
        "putpart": write,
        "copypart": write,
        "completemultipart": write,
        "abortmultipart": tr("This key may not abort unfinished uploads of {object}."),
        "listparts": uploads,
        "listuploads": uploads,
        "delete": delete,
        "deletemany": delete,
        "deleteobject": delete,
        "gettags": tr("This key may not read the tags of {object}."),
        "puttags": tr("This key may not change the tags of {object}."),
        "createbucket": tr("This key may not make the bucket {object}."),
        "deletebucket": tr("This key may not remove the bucket {object}."),
        "getdocument": read_config,
        "listdocumentids": read_config,
        "putdocument": write_config,
        "deletedocument": write_config,
    }
