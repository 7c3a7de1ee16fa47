"""Everything that can go wrong, by what the caller can do about it.

Two flags on the class are the whole policy: RetryingStore reads `retryable`, FailoverStore reads
`fails_over`. Nobody matches on messages. The text a person reads is made in
`viewmodels/error_text`; `detail` is for the log and for "Details".
"""

from __future__ import annotations

import errno
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from s4desk.core.domain.bucket_config import BucketDocument
    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.failover import UsageLimits
    from s4desk.core.domain.identity import Location
    from s4desk.core.domain.lock import LockState, RetentionRefusal
    from s4desk.core.domain.sign_in import SignInNeed

_NO_SERVICE: Final = ("", "ServiceUnavailable")


class S4DeskError(Exception):
    """Base of all errors that s4desk raises on purpose. `backend` is what a person calls the one of
    a failover group that it is of, empty for what is of none or of all; it `is_home_alone` if that
    is the first one, and no other may do in its place what it failed with. `failed_too` are the
    others that were of no use, where nobody was."""

    backend: str = ""
    is_home_alone: bool = False
    failed_too: Sequence[str] = ()


class StoreError(S4DeskError):
    """A request to an object store did not do what was asked.

    `connection` is the one that was asked, where that is known; it `has_worked` if its store has
    answered as one since it was opened. If that was done for a failover group, a person calls it
    `group`, and `location` has its name for the bucket.
    """

    retryable: ClassVar[bool] = False
    fails_over: ClassVar[bool] = False

    def __init__(
        self,
        detail: str,
        *,
        operation: str = "",
        location: Location | None = None,
        status: int = 0,
        code: str = "",
        request_id: str = "",
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.operation = operation
        self.location = location
        self.status = status
        self.code = code
        self.request_id = request_id
        self.connection: Connection | None = None
        self.has_worked = False
        self.group = ""


class NotFoundError(StoreError):
    """No such bucket, key, version, upload or configuration."""

    fails_over = True


class PermissionDeniedError(StoreError):
    """The credentials are known but may not do this."""


class RefusedOnTheWayError(PermissionDeniedError):
    """A refusal that is not S3's: a web page, mostly of a proxy. `page` is what it calls itself."""

    def __init__(self, detail: str, *, page: str = "", **context: object) -> None:
        super().__init__(detail, **context)  # type: ignore[arg-type]
        self.page = page


class UnauthenticatedError(StoreError):
    """The key id, the secret or the token is wrong, missing or expired."""


class ClockSkewError(StoreError):
    """The store refuses our clock. `seconds` is store minus local, when the reply told it."""

    def __init__(self, detail: str, *, seconds: float | None = None, **context: object) -> None:
        super().__init__(detail, **context)  # type: ignore[arg-type]
        self.seconds = seconds


class WrongRegionError(StoreError):
    """The bucket lives in another region; `region` is the right one when the reply told it."""

    def __init__(self, detail: str, *, region: str = "", **context: object) -> None:
        super().__init__(detail, **context)  # type: ignore[arg-type]
        self.region = region


class PreconditionFailedError(StoreError):
    """If-Match or If-None-Match did not hold: the object is not the one that was meant."""


class TargetExistsError(StoreError):
    """Something is at the target that was not there when a person looked."""


class OlderSourceError(StoreError):
    """What was read may be older than what is at the target, and replaced nothing: `member` of a
    failover group stood in for `home`, its first, which was left out for its `limit`, if that is
    not None. `location` is the source; the target `is_to_file` or in a store."""

    def __init__(
        self,
        location: Location,
        *,
        member: str,
        home: str,
        is_to_file: bool = False,
        limit: UsageLimits | None = None,
    ) -> None:
        super().__init__(f"read from {member}, not from {home}", location=location)
        self.member = member
        self.home = home
        self.is_to_file = is_to_file
        self.limit = limit


class LockedError(StoreError):
    """A retention or a legal hold keeps the object where it is; `detail` says which."""


class RetentionRefusedError(StoreError):
    """The lock of a version does not allow the change; no store was asked. `refusal` says why."""

    def __init__(self, refusal: RetentionRefusal, lock: LockState, location: Location) -> None:
        super().__init__(refusal, operation="put_retention", location=location)
        self.refusal = refusal
        self.lock = lock


class RetentionStaysError(StoreError):
    """The store shortens a retention for who may bypass governance, and never takes one away."""


class LockNotKeptError(StoreError):
    """The store took a retention or a hold, and has another one; `detail` says which."""


class ConfigChangedError(StoreError):
    """Somebody else changed a bucket's configuration since it was read; nothing was written.

    `current` is what is there now, None for nothing.
    """

    def __init__(
        self, detail: str, *, current: BucketDocument | None = None, **context: object
    ) -> None:
        super().__init__(detail, **context)  # type: ignore[arg-type]
        self.current = current


class ConfigUncertainError(StoreError):
    """A configuration was sent, and `cause` is why nobody knows for certain what became of it.

    `is_accepted` says that the store has said yes; `is_restored` that what was there before is
    there, because it still is or was put back: else it may be the one or the other.
    """

    def __init__(
        self,
        detail: str,
        *,
        cause: StoreError | None = None,
        is_accepted: bool = False,
        is_restored: bool = False,
        **context: object,
    ) -> None:
        super().__init__(detail, **context)  # type: ignore[arg-type]
        self.cause = cause
        self.is_accepted = is_accepted
        self.is_restored = is_restored


class StillThereError(StoreError):
    """The store was to delete something and did not refuse; `detail` says what is known of it."""


class NotKeptError(StoreError):
    """The bytes of a copy are there, and something that belongs to them is not: `detail` names it.
    The source of a move stays then. If it `is_undone` the bytes were removed again."""

    is_undone = False


class LeftBehindError(StoreError):
    """A copy is there, and something that should have gone along is not: `detail` names it, and
    `untold` what of that the source did not tell. Nobody raises it: the copy was made, and only
    this is to be said."""

    untold: tuple[str, ...] = ()


class PropertiesLostError(StoreError):
    """An object was changed in place, and the store did not keep all of it: `detail` names what."""


class ConflictError(StoreError):
    """The state of the bucket or object forbids it, or two writers raced."""


class PayloadTooLargeError(StoreError):
    """Larger than the store takes in one request."""


class InvalidRequestError(StoreError):
    """The store understood the request and refused its content."""


class NotSupportedError(StoreError):
    """The store does not have this function, or cannot be trusted to honour it."""


class ThrottledError(StoreError):
    """The store asks for patience."""

    retryable = True
    fails_over = True

    @property
    def has_no_service(self) -> bool:
        """Whether nobody is served now, however seldom they ask."""
        return self.status == HTTPStatus.SERVICE_UNAVAILABLE and self.code in _NO_SERVICE


class UnavailableError(StoreError):
    """No answer, a broken connection, or a fault inside the store."""

    retryable = True
    fails_over = True


class UnreachableError(UnavailableError):
    """No way there: the name has no address, nobody answers at it, or there is no network."""


class ProxyUnreachableError(UnreachableError):
    """The proxy on the way to the store, `proxy`, does not answer."""

    def __init__(self, detail: str, *, proxy: str = "", **context: object) -> None:
        super().__init__(detail, **context)  # type: ignore[arg-type]
        self.proxy = proxy


class ProxyFailedError(UnavailableError):
    """The proxy on the way to the store, `proxy`, could not get there: `status` is its answer."""

    def __init__(self, detail: str, *, proxy: str = "", **context: object) -> None:
        super().__init__(detail, **context)  # type: ignore[arg-type]
        self.proxy = proxy


class StalledError(UnavailableError):
    """Connected, but no byte moved for too long."""


class TlsError(StoreError):
    """The server's certificate is not trusted, or TLS could not be agreed."""

    fails_over = True


class ProxyRefusedError(StoreError):
    """The proxy on the way to the store, `proxy`, does not let the request through.

    `status` is its answer, 407 when it wants a password; `schemes` are the ways to give one that
    it knows, where it told.
    """

    fails_over = True

    def __init__(
        self, detail: str, *, proxy: str = "", schemes: str = "", **context: object
    ) -> None:
        super().__init__(detail, **context)  # type: ignore[arg-type]
        self.proxy = proxy
        self.schemes = schemes


class MalformedReplyError(StoreError):
    """The reply is not what S3 promises: a broken page, HTML, a missing length."""

    fails_over = True


class IntegrityError(StoreError):
    """What arrived is not what was sent: a checksum or a length differs."""

    retryable = True
    fails_over = True


class SourceChangedError(S4DeskError):
    """The file or object changed while it was read; nothing was completed.

    Unless it `may_be_there`: then something was written before that was seen, and could not be
    undone. `source` is a path or a location, at `connection` where that is known.
    """

    def __init__(self, source: object, *, may_be_there: bool = False) -> None:
        super().__init__(str(source))
        self.source = source
        self.may_be_there = may_be_there
        self.connection: Connection | None = None


class LostUpdateError(StoreError):
    """Somebody else changed an object after it was looked at: `what` names it. Nothing was written,
    unless it `is_mixed`: then the bytes are theirs, and what belongs to them is ours."""

    def __init__(
        self, location: Location, what: tuple[str, ...] = (), *, is_mixed: bool = False
    ) -> None:
        super().__init__(f"another {', '.join(what)}", location=location)
        self.what = what
        self.is_mixed = is_mixed


class SourceKeptError(SourceChangedError):
    """The source of a move changed after all of it had arrived: it stays, and so does the copy.

    Or, if `is_of_target`, what changed was the copy: `source` names that then.
    """

    def __init__(self, source: object, *, is_of_target: bool = False) -> None:
        super().__init__(source)
        self.is_of_target = is_of_target


class NotRemovedError(S4DeskError):
    """All of a move has arrived, and its source may not be deleted, as `cause` says: both are
    there. Tried again, only the source is deleted."""

    def __init__(self, source: object, cause: S4DeskError) -> None:
        super().__init__(f"{source}: {cause}")
        self.source = source
        self.cause = cause


class NotUndoneError(S4DeskError):
    """A transfer was cancelled, and what it had begun could not be removed; `cause` says why."""

    def __init__(self, cause: S4DeskError) -> None:
        super().__init__(str(cause))
        self.cause = cause


class ConnectionMovedError(S4DeskError):
    """Something was begun while connection `name` led to `before`; it leads to `now`, and nothing
    of it is done there. An empty endpoint is AWS itself."""

    def __init__(self, name: str, before: str, now: str) -> None:
        super().__init__(f"{name}: {before} -> {now}")
        self.name = name
        self.before = before
        self.now = now


class ConnectionGoneError(S4DeskError):
    """The connection with which something was begun was removed; it led to `before`, if known."""

    def __init__(self, before: str) -> None:
        super().__init__(f"removed: {before}")
        self.before = before


class LocalFileError(S4DeskError):
    """The local file system refused: `cause` says how (no space, read-only, name too long…)."""

    def __init__(self, path: Path, cause: OSError) -> None:
        super().__init__(f"{path}: {cause.strerror or cause}")
        self.path = path
        self.cause = cause


class NoRoomError(LocalFileError):
    """What is to come, `needed` bytes, does not fit: `free` bytes are free."""

    def __init__(self, path: Path, needed: int, free: int) -> None:
        super().__init__(path, OSError(errno.ENOSPC, "No space left on device"))
        self.needed = needed
        self.free = free


class ReadOnlyFileError(LocalFileError):
    """Whoever owns the file made it read-only: a rename could replace it, and must not."""


class UnsafeNameError(S4DeskError):
    """A key has no safe name inside the chosen folder."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key!r}: {reason}")
        self.key = key
        self.reason = reason


class CredentialsError(S4DeskError):
    """No usable credentials: missing in the keyring, environment or profile."""


class MissingKeyError(CredentialsError):
    """The keyring has no key for a connection, or does not tell: a person can enter it."""


class SignInNeededError(CredentialsError):
    """There are no keys before a person signs in, as `need` says."""

    def __init__(self, detail: str, *, need: SignInNeed) -> None:
        super().__init__(detail)
        self.need = need


class ValidationError(S4DeskError):
    """A value that a person typed cannot be used; the message says what is expected."""
