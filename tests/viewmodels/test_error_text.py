from __future__ import annotations

import errno
import socket
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain import errors
from s4desk.core.domain.connection import Addressing, Connection
from s4desk.core.domain.errors import S4DeskError, StoreError
from s4desk.core.domain.failover import UsageLimits
from s4desk.core.domain.identity import ConnectionId, Location
from s4desk.core.domain.lock import NO_LOCK, RetentionRefusal
from s4desk.core.domain.sign_in import SignInKind, SignInNeed
from s4desk.core.failover import errors as group_errors
from s4desk.core.persist import database
from s4desk.core.persist.connections import parse_credential_reference
from s4desk.core.runtime.logs import redact
from s4desk.viewmodels.error_text import describe, details, explain

if TYPE_CHECKING:
    from collections.abc import Callable

OBJECT = Location("photos", "2024/a.jpg")


def all_classes(base: type[S4DeskError]) -> list[type[S4DeskError]]:
    return [base, *(found for kind in base.__subclasses__() for found in all_classes(kind))]


EGRESS = UsageLimits(egress=1000)

SPECIAL: dict[type[S4DeskError], Callable[[], S4DeskError]] = {
    errors.NoRoomError: lambda: errors.NoRoomError(Path("/tmp/a"), 2, 1),
    errors.ConnectionMovedError: lambda: errors.ConnectionMovedError(
        "Work", "https://one.example", "https://two.example"
    ),
    errors.RetentionRefusedError: lambda: errors.RetentionRefusedError(
        RetentionRefusal.PAST, NO_LOCK, OBJECT
    ),
    errors.NotRemovedError: lambda: errors.NotRemovedError(
        "/tmp/a", errors.PermissionDeniedError("no", location=OBJECT)
    ),
    group_errors.HomeDownError: lambda: group_errors.HomeDownError("down", backend="A"),
    group_errors.WritesRefusedError: lambda: group_errors.WritesRefusedError("down", backend="A"),
    group_errors.UsageLimitSkip: lambda: group_errors.UsageLimitSkip("the reason", EGRESS),
    group_errors.UsageLimitExceededError: lambda: group_errors.UsageLimitExceededError(
        "the reason", {"A": EGRESS}
    ),
    group_errors.MixedOutcomeError: lambda: group_errors.MixedOutcomeError(
        "both", {"A": errors.NotFoundError("no"), "B": errors.StalledError("late")}
    ),
    group_errors.OutOfReachError: lambda: out_of_reach(group_errors.OutOfReachError),
    group_errors.BrieflyOutOfReachError: lambda: out_of_reach(group_errors.BrieflyOutOfReachError),
    errors.OlderSourceError: lambda: errors.OlderSourceError(OBJECT, member="B", home="A"),
    group_errors.AllDownError: lambda: group_errors.AllDownError("x", {}),
    errors.SignInNeededError: lambda: errors.SignInNeededError(
        "the reason", need=SignInNeed(SignInKind.PAGE, "Work", "work")
    ),
}


def out_of_reach(kind: type[group_errors.OutOfReachError]) -> group_errors.OutOfReachError:
    cause = errors.UnavailableError("503")
    whole = {"member": "A", "cause": cause, "other": None, "answer": None, "turn": lambda: None}
    return kind("x", location=OBJECT, **whole)


def example(kind: type[S4DeskError]) -> S4DeskError:
    if kind in SPECIAL:
        return SPECIAL[kind]()
    if issubclass(kind, errors.LocalFileError):
        return kind(Path("/tmp/a"), OSError(errno.ENOSPC, "No space left on device"))
    if issubclass(kind, errors.UnsafeNameError):
        return kind("../a", "it points outside the folder")
    if issubclass(kind, errors.SourceChangedError):
        return kind("/tmp/a")
    if issubclass(kind, database.DatabaseError):
        return kind(Path("/tmp/a"), "disk full")
    return kind("the reason")


def at_work(error: errors.SourceChangedError) -> errors.SourceChangedError:
    error.connection = Connection(ConnectionId("w"), "Work", "https://store.example")
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (errors.SourceChangedError("/tmp/a"), "/tmp/a changed while it was read, so nothing"),
        (errors.SourceChangedError(OBJECT), "“s3://photos/2024/a.jpg” changed while"),
        (at_work(errors.SourceChangedError(OBJECT)), "“Work:photos/2024/a.jpg” changed while"),
        (errors.SourceChangedError("a", may_be_there=True), "what was sent may be at the target"),
        (at_work(errors.SourceKeptError(OBJECT)), "“Work:photos/2024/a.jpg” changed after"),
        (
            at_work(errors.SourceKeptError(OBJECT, is_of_target=True)),
            "“Work:photos/2024/a.jpg” changed before it was proved",
        ),
    ],
)
def test_what_changed_is_named_as_it_may_be_typed(error, said):
    assert said in describe(error)


def test_a_file_that_is_locked_need_not_be_that_of_transfers():
    text = describe(database.DatabaseError(Path("/x/replication.sqlite"), "database is locked"))
    assert "(/x/replication.sqlite: database is locked)" in text
    assert "transfers" not in text


def test_what_becomes_of_a_copy_without_its_tags_is_said():
    error = errors.NotKeptError("tags", location=OBJECT)
    assert "The bytes arrived" in describe(error)
    error.is_undone = True
    assert "removed again" in describe(error)
    left = errors.LeftBehindError("content_type, tags", location=OBJECT)
    assert "without all that belongs to it: content type, tags. The store did not" in describe(left)


def test_what_the_source_did_not_tell_is_not_said_to_be_refused_by_the_target():
    left = errors.LeftBehindError("tags", location=OBJECT)
    left.untold = ("tags",)
    assert "it: tags. The source did not tell: tags. Copy it again with" in describe(left)
    assert "did not take" not in describe(left)
    left = errors.LeftBehindError("content_type, tags", location=OBJECT)
    left.untold = ("tags",)
    assert "The source did not tell: tags." in describe(left)
    assert describe(left).endswith("did not take or keep the rest; the source has it still.")


CLASSES = [
    kind
    for kind in all_classes(S4DeskError)
    if kind not in (S4DeskError, StoreError)
    and kind.__module__ in (errors.__name__, database.__name__, group_errors.__name__)
]


@pytest.mark.parametrize("kind", CLASSES)
def test_no_class_name_reaches_a_person(kind):
    text = describe(example(kind))
    assert kind.__name__ not in text
    assert "Error" not in text
    assert text.endswith(".")
    assert "{" not in text


def test_every_class_has_its_own_text():
    texts = {kind: describe(example(kind)) for kind in CLASSES}
    assert len(set(texts.values())) == len(CLASSES)


@pytest.mark.parametrize(
    "kind", [kind for kind in CLASSES if not issubclass(kind, errors.ValidationError)]
)
def test_every_text_says_what_to_do(kind):
    assert explain(example(kind)).advice.endswith(".")


def test_an_unknown_error_shows_nothing_of_itself():
    assert "division" not in describe(ZeroDivisionError("division by zero"))
    assert "log" in describe(ZeroDivisionError())


def of(error: StoreError, credentials: str = "keyring", endpoint: str = "") -> StoreError:
    """The same error, of a connection."""
    reference = parse_credential_reference(credentials)
    error.connection = Connection(ConnectionId("c"), "Work", endpoint, credentials=reference)
    return error


@pytest.mark.parametrize(
    "operation", ["list_objects", "ListObjectsV2", "head", "put", "get_document policy", "new"]
)
def test_an_object_is_named_as_it_may_be_typed(operation):
    denied = errors.PermissionDeniedError("x", operation=operation, location=OBJECT)
    assert "“s3://photos/2024/a.jpg”" in describe(denied)
    assert "“Work:photos/2024/a.jpg”" in describe(of(denied))
    assert f" {operation} on" not in describe(denied)


@pytest.mark.parametrize(
    ("operation", "deed"),
    [
        ("get_document policy", "may not read the configuration of"),
        ("list_document_ids", "may not read the configuration of"),
        ("put_document cors", "may not change the configuration of"),
        ("delete_document", "may not change the configuration of"),
    ],
)
def test_who_may_not_see_or_change_a_configuration_is_told_so(operation, deed):
    bucket = Location("photos", "")
    denied = errors.PermissionDeniedError("x", operation=operation, location=bucket)
    assert deed in describe(denied)


def test_a_configuration_that_a_store_does_not_know_is_told_without_its_xml():
    refused = errors.NotSupportedError("<ListBucketResult>", code="UnknownConfiguration")
    assert "no such configuration" in describe(refused)
    assert "ListBucketResult" not in describe(refused)


def test_a_bucket_is_named_without_a_slash_at_its_end():
    denied = errors.PermissionDeniedError("x", operation="list", location=Location("photos", ""))
    assert "“s3://photos”" in describe(denied)
    denied.connection = Connection(ConnectionId("c"), "c", "https://s3.example")
    assert "“c:photos”" in describe(denied)


def test_somebody_else_s_change_of_a_configuration_is_told():
    assert "Somebody else changed" in describe(errors.ConfigChangedError("x"))


@pytest.mark.parametrize(
    ("is_accepted", "is_restored", "said"),
    [
        (False, False, "Whether it was saved is not known"),
        (False, True, "It was not saved"),
        (True, False, "or what was there before, is not known"),
        (True, True, "was put back, and is there"),
    ],
)
def test_what_is_known_of_a_configuration_that_was_sent(is_accepted, is_restored, said):
    cause = errors.UnavailableError("x")
    uncertain = errors.ConfigUncertainError(
        cause.detail, cause=cause, is_accepted=is_accepted, is_restored=is_restored
    )
    assert said in describe(uncertain)
    assert ("Look at what the bucket has now" in describe(uncertain)) is not is_restored
    assert describe(cause).partition(".")[0] in describe(uncertain)


@pytest.mark.parametrize("operation", ["list_buckets", "ListBuckets"])
def test_who_may_not_list_buckets_is_told_what_to_do(operation):
    denied = errors.PermissionDeniedError("x", operation=operation)
    assert "start bucket" in describe(denied)


TLS_ANSWERS = [
    errors.InvalidRequestError("400 Bad Request", status=400),
    errors.MalformedReplyError("a web page"),
    errors.UnavailableError("Connection reset by peer"),
    errors.UnavailableError("the reply was cut in its head"),
]


@pytest.mark.parametrize("error", TLS_ANSWERS)
@pytest.mark.parametrize(
    ("endpoint", "is_hinted"),
    [("http://s3.test:443", True), ("https://s3.test", False), ("", False)],
)
def test_a_port_that_may_speak_tls_is_guessed(error, endpoint, is_hinted):
    text = describe(of(error, endpoint=endpoint))
    assert ("begin the endpoint with https://" in text) is is_hinted


def test_who_has_answered_in_plain_does_not_speak_tls():
    error = of(errors.UnavailableError("Connection reset by peer"), endpoint="http://s3.test")
    error.has_worked = True
    assert "https" not in describe(error)


@pytest.mark.parametrize(
    "error",
    [
        errors.InvalidRequestError("x", status=400, code="InvalidArgument"),
        errors.UnavailableError("500 broken", status=500),
        errors.UnreachableError("nobody there"),
        errors.StalledError("no byte moved"),
        errors.NotFoundError("x", location=OBJECT),
    ],
)
def test_what_only_a_store_says_is_no_sign_of_tls(error):
    assert "https" not in describe(of(error, endpoint="http://s3.test"))


@pytest.mark.parametrize(("endpoint", "said"), [("", "the region"), ("http://s3.test", "spelling")])
def test_a_name_that_is_not_found_is_sought_where_it_comes_from(endpoint, said):
    error = of(errors.UnreachableError("s3.nowhere: no such name"), endpoint=endpoint)
    error.__cause__ = socket.gaierror(-2, "Name or service not known")
    assert said in describe(error)


@pytest.mark.parametrize(
    "code", ["SignatureDoesNotMatch", "InvalidAccessKeyId", "ExpiredToken", ""]
)
@pytest.mark.parametrize(
    ("credentials", "said"),
    [
        ("keyring", "in the connection"),
        ("env", "come from the environment: check AWS_ACCESS_KEY_ID"),
        ("profile:work", "come from the AWS profile “work”"),
        ("anonymous", "is anonymous: choose keys"),
    ],
)
def test_wrong_keys_are_sought_where_they_come_from(code, credentials, said):
    text = describe(of(errors.UnauthenticatedError("x", code=code), credentials))
    assert said in text
    assert ("in the connection" in text) is (credentials == "keyring")


@pytest.mark.parametrize("kind", [errors.UnauthenticatedError, errors.PermissionDeniedError])
@pytest.mark.parametrize(
    ("operation", "location", "said"),
    [
        ("ListObjectsV2", OBJECT, "“photos” does not allow anonymous access."),
        ("get", OBJECT, "“photos” does not allow anonymous access."),
        ("put", OBJECT, "“photos” does not allow anonymous changes."),
        ("list_buckets", None, "does not list its buckets"),
    ],
)
def test_who_has_no_key_is_not_told_of_a_wrong_one(kind, operation, location, said):
    refused = kind("x", code="InvalidAccessKeyId", operation=operation, location=location)
    text = describe(of(refused, "anonymous"))
    assert said in text
    assert "choose keys" in text
    assert "key id" not in text


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (errors.UnauthenticatedError("x", code="SignatureDoesNotMatch"), "secret key is wrong"),
        (errors.UnauthenticatedError("x", code="InvalidAccessKeyId"), "does not know this key id"),
        (errors.UnauthenticatedError("x", code="ExpiredToken"), "token has expired"),
        (errors.UnauthenticatedError("x", code="InvalidToken"), "token is not valid"),
        (errors.PermissionDeniedError("x", operation="ListBuckets"), "Enter a start bucket"),
        (errors.PermissionDeniedError("x", code="QuotaExceeded"), "quota"),
        (errors.NotSupportedError("x", code="BucketWithoutLock"), "no Object Lock"),
        (errors.PermissionDeniedError("x", code="UserSuspended"), "suspended"),
        (
            errors.PermissionDeniedError("x", operation="PutObject", location=OBJECT),
            "may not write “s3://photos/2024/a.jpg”",
        ),
        (errors.ClockSkewError("x", seconds=7200.4), "7200 seconds behind the store's"),
        (errors.ClockSkewError("x", seconds=-901), "901 seconds ahead of the store's"),
        (errors.ClockSkewError("x"), "too far from the store's clock"),
        (errors.WrongRegionError("x", region="eu-west-1"), "Enter eu-west-1 as the region"),
        (errors.WrongRegionError("x"), "Enter the bucket's region"),
        (errors.NotFoundError("x", code="NoSuchBucket", location=OBJECT), "no bucket “photos”"),
        (errors.NotFoundError("x", location=Location("photos", "")), "no bucket “photos”"),
        (errors.NotFoundError("x", code="NoSuchUpload"), "Start the upload again"),
        (errors.NotFoundError("x", location=OBJECT), "“s3://photos/2024/a.jpg” does not exist"),
        (errors.ConflictError("x", code="BucketNotEmpty", location=OBJECT), "photos” is not empty"),
        (errors.ConflictError("x", code="BucketAlreadyExists", location=OBJECT), "another name"),
        (errors.ConflictError("x", code="BucketAlreadyOwnedByYou", location=OBJECT), "You already"),
        (errors.ConflictError("x", code="InvalidObjectState", location=OBJECT), "archived"),
        (errors.ConflictError("x", code="ObjectNotInActiveTierError"), "source of this copy is"),
        (errors.InvalidRequestError("x", code="KeyTooLongError"), "at most 1024 bytes"),
        (errors.InvalidRequestError("x", code="InvalidBucketName"), "Choose another name"),
        (errors.UnavailableError("500 broken", status=500), "a fault of its own (500 broken)"),
        (errors.StalledError("host: no byte moved"), "stopped answering"),
        (errors.MalformedReplyError("200 Welcome to nginx!"), "not as an S3 server does"),
        (errors.ThrottledError("503 Slow Down"), "fewer transfers"),
        (errors.ThrottledError("503 SlowDown", status=503, code="SlowDown"), "fewer transfers"),
        (errors.ThrottledError("503", status=503), "The store cannot serve anybody now (503)."),
    ],
)
def test_what_is_said(error, said):
    assert said in describe(error)


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (socket.gaierror(-2, "Name or service not known"), "address of the store cannot be found"),
        (ConnectionRefusedError(111, "Connection refused"), "Nothing answers"),
        (TimeoutError("timed out"), "does not answer"),
        (ConnectionResetError(104, "reset"), "connection to the store broke"),
    ],
)
def test_the_cause_decides_what_is_said_about_the_network(cause, said):
    try:
        try:
            raise cause
        except OSError as inner:
            raise RuntimeError("a library between") from inner
    except RuntimeError as middle:
        error = errors.UnavailableError("s3.test: no luck")
        error.__cause__ = middle
    assert said in describe(error)
    assert "s3.test" in describe(error)


@pytest.mark.parametrize(("addressing", "is_told"), [("virtual", True), ("path", False)])
def test_a_bucket_without_a_host_leads_to_the_path(addressing, is_told):
    error = errors.UnreachableError("docs.s3.test: no name", location=Location("docs", "a"))
    error.__cause__ = socket.gaierror(-2, "Name or service not known")
    error.connection = Connection(
        ConnectionId("1"), "C", "http://s3.test", addressing=Addressing(addressing)
    )
    assert ("set addressing to “path”" in describe(error)) is is_told
    assert "docs.s3.test" in describe(error)


def test_a_page_that_refuses_is_not_the_store():
    error = errors.RefusedOnTheWayError("403 Blocked", page="Blocked", operation="list_objects")
    assert "A web page, “Blocked”, refused the request" in describe(error)


class LibraryCertificateError(ssl.SSLCertVerificationError):
    """As aiohttp has one: it is a verification error and knows no code."""


@pytest.mark.parametrize(
    ("code", "said"),
    [(18, "CA file"), (20, "CA file"), (10, "has expired"), (62, "another name"), (0, "https")],
)
def test_a_certificate_is_named_by_what_is_wrong_with_it(code, said):
    cause = ssl.SSLCertVerificationError("no")
    cause.verify_code = code
    between = LibraryCertificateError()
    between.__cause__ = cause
    error = errors.TlsError("s3.test: the certificate is not trusted: self-signed certificate")
    error.__cause__ = between
    assert said in describe(error)
    assert "s3.test" in describe(error)


def test_a_port_without_tls_is_named():
    error = errors.TlsError("s3.test: TLS could not be agreed: WRONG_VERSION_NUMBER")
    error.__cause__ = ssl.SSLError(1, "no")
    assert "http://" not in describe(error)
    error.__cause__.reason = "WRONG_VERSION_NUMBER"
    assert "does not speak TLS" in describe(error)
    assert "Try http://" in describe(error)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "no space left"),
        (errno.EDQUOT, "no space left"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "no permission for /data/file"),
        (errno.ENAMETOOLONG, "too long"),
        (errno.ENOENT, "does not exist"),
        (errno.EISDIR, "is a folder"),
        (errno.EIO, "disk failed"),
        (errno.EBUSY, "cannot be used: busy."),
    ],
)
def test_a_local_error_names_the_file(number, said):
    text = describe(errors.LocalFileError(Path("/data/file"), OSError(number, "busy")))
    assert said in text
    assert "/data/file" in text


def test_what_does_not_fit_says_how_much_room_it_needs():
    text = describe(errors.NoRoomError(Path("/data"), 3 * 1024**3, 5 * 1024**2))
    assert "not enough space in /data: 3.0 GiB are needed, 5.0 MiB are free." in text


BUCKET_ONLY = Location("photos", "")


@pytest.mark.parametrize("code", ["InvalidRequest", "MalformedXML", "InvalidArgument"])
@pytest.mark.parametrize(
    ("operation", "location"), [("copy", OBJECT), ("put_document", BUCKET_ONLY)]
)
def test_what_a_store_does_not_take_is_no_fault_of_the_connection(code, operation, location):
    text = describe(
        errors.InvalidRequestError("x", code=code, operation=operation, location=location)
    )
    assert "The connection works" in text
    assert "Check endpoint" not in text


@pytest.mark.parametrize(
    ("code", "operation", "location"),
    [
        ("", "head", OBJECT),
        ("InvalidRequest", "list_buckets", None),
        ("InvalidRequest", "list", BUCKET_ONLY),
    ],
)
def test_a_request_that_nobody_explains_is_sought_in_the_connection(code, operation, location):
    error = errors.InvalidRequestError("x", code=code, operation=operation, location=location)
    assert "Check endpoint" in describe(error)


def test_the_state_of_a_bucket_does_not_pass_by_waiting():
    error = errors.ConflictError("x", code="InvalidBucketState", location=BUCKET_ONLY)
    assert "such as Object Lock" in describe(error)
    assert "wait a moment" not in describe(error)


def test_an_error_of_the_system_is_told_like_a_local_one():
    error = PermissionError(errno.EACCES, "Permission denied", "/data/file")
    assert "no permission for /data/file" in describe(error)


def test_a_text_is_one_line_whatever_the_key_holds():
    location = Location("b", "two\nlines\x1b[2J\u202e\udcff")
    text = describe(errors.NotFoundError("x", location=location))
    assert "two\\nlines\\x1b[2J\\u202e\\xff" in text
    assert text.isprintable()


def test_a_known_secret_is_not_shown():
    redact("hunter2-very-secret")
    assert "hunter2" not in describe(errors.InvalidRequestError("you sent hunter2-very-secret"))


def test_details_are_what_the_store_said():
    error = errors.NotFoundError(
        "NoSuchKey: gone",
        operation="HeadObject",
        location=OBJECT,
        status=404,
        code="NoSuchKey",
        request_id="tx1",
    )
    text = details(error)
    for fact in ("HeadObject", "s3://photos/2024/a.jpg", "404", "NoSuchKey: gone", "tx1"):
        assert fact in text
    assert details(ZeroDivisionError("x")) == "ZeroDivisionError: x"
    assert details(errors.ValidationError("x")) == ""


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("The file is locked", "The file is locked."),
        ("The file is locked.", "The file is locked."),
        ("机密文件已锁定。", "机密文件已锁定。"),
        ("パスフレーズが違います！", "パスフレーズが違います！"),
    ],
)
def test_a_sentence_ends_once_in_every_script(said, shown):
    assert explain(errors.CredentialsError(said)).problem == shown
    assert explain(errors.MissingKeyError(said)).problem == shown
