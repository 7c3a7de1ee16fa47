"""The text of errors of what was asked for: what is not there, not allowed as things are, not to be
had from this store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.connection_error_text import detail_of
from s4desk.viewmodels.error_place import bucket_of, object_of

if TYPE_CHECKING:
    from s4desk.core.domain.errors import (
        ConflictError,
        InvalidRequestError,
        NotFoundError,
        NotSupportedError,
    )

_ABOUT_CONFIGURATIONS: Final = frozenset({"get_document", "put_document", "delete_document"})


def missing_problem(error: NotFoundError) -> tuple[str, str]:
    """What is not there."""
    look_again = tr("Check its spelling; somebody may have deleted or renamed it.")
    if error.code == "NoSuchBucket" or (error.location is not None and not error.location.key):
        if error.group:
            return _missing_in_group(error)
        return (
            tr("There is no bucket “{bucket}” at this store.").format(bucket=bucket_of(error)),
            tr("Check its spelling and the connection."),
        )
    if error.code == "NoSuchUpload":
        return (
            tr("The store no longer has what was uploaded so far."),
            tr("Start the upload again."),
        )
    if error.location is None:
        return (tr("The store does not have what was asked for."), look_again)
    return (tr("{object} does not exist.").format(object=object_of(error)), look_again)


def _missing_in_group(error: NotFoundError) -> tuple[str, str]:
    """A bucket that one member of a failover group does not have, or none of them."""
    said = (
        tr("There is no bucket there that the group “{group}” calls “{bucket}”.")
        if error.backend
        else tr("No member of the group “{group}” has a bucket that it calls “{bucket}”.")
    )
    return (
        said.format(group=error.group, bucket=bucket_of(error)),
        tr("Check its spelling, and what the members of the group call it."),
    )


def conflict_problem(error: ConflictError) -> tuple[str, str]:
    """What the state of a bucket or an object forbids."""
    restore = tr("Restore it first; that takes minutes to hours.")
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
        "InvalidBucketState": (
            tr("The bucket “{bucket}” does not allow this as it is: {detail}."),
            tr("Something else that it is set to forbids it, such as Object Lock."),
        ),
        "InvalidObjectState": (tr("{object} is archived and cannot be read now."), restore),
        "ObjectNotInActiveTierError": (
            tr("The source of this copy is archived and cannot be read now."),
            restore,
        ),
    }
    if error.operation == "restore_archived":
        texts |= {
            "InvalidObjectState": (
                tr("{object} is in no archive: it can be read as it is."),
                tr("There is nothing to restore."),
            ),
            "RestoreAlreadyInProgress": (
                tr("{object} is being restored already."),
                tr("Wait until it is there: that takes minutes to hours."),
            ),
        }
    problem, advice = texts.get(
        error.code,
        (
            tr("The state of {object} does not allow this: {detail}."),
            tr("Somebody may be changing it; wait a moment and try again."),
        ),
    )
    values = {"bucket": bucket_of(error), "object": object_of(error), "detail": detail_of(error)}
    return (problem.format(**values), advice)


def invalid_problem(error: InvalidRequestError) -> tuple[str, str]:
    """What the store understood and did not accept."""
    if error.code == "KeyTooLongError":
        return (
            tr("The name is too long: a key has at most 1024 bytes."),
            tr("Choose a shorter name or a folder that is not as deep."),
        )
    if error.code == "AccessControlListNotSupported":
        return (
            tr("The bucket “{bucket}” has permissions of single objects switched off.").format(
                bucket=bucket_of(error)
            ),
            tr("Change its policy instead, or its ownership of objects."),
        )
    if error.code == "InvalidBucketName":
        return (
            tr("The store does not allow “{bucket}” as the name of a bucket.").format(
                bucket=bucket_of(error)
            ),
            tr("Choose another name: lower-case letters, digits and hyphens."),
        )
    return (
        tr("The store did not accept the request: {detail}.").format(detail=detail_of(error)),
        tr("The connection works: it is what was asked for that this store does not take.")
        if _is_about_content(error)
        else tr("Check endpoint, region and addressing of the connection."),
    )


def _is_about_content(error: InvalidRequestError) -> bool:
    """Whether the store named what is wrong with an object or a configuration: then it was found,
    and the signature was right. A bare 400 may come from anything on the way."""
    location = error.location
    has_key = location is not None and bool(location.key)
    return bool(error.code) and (has_key or error.operation in _ABOUT_CONFIGURATIONS)


def unsupported_problem(error: NotSupportedError) -> tuple[str, str]:
    """What this store cannot do."""
    if error.code == "UnknownConfiguration":
        return tr("This store has no such configuration of buckets."), tr("Nothing was changed.")
    if error.code == "BucketWithoutLock":
        return (
            tr("The bucket “{bucket}” was made, but this store gave it no Object Lock.").format(
                bucket=bucket_of(error)
            ),
            tr("Objects in it are not protected. Delete it if you need the lock."),
        )
    return (
        tr("This cannot be done here: {detail}.").format(detail=detail_of(error)),
        tr("Nothing was changed."),
    )
