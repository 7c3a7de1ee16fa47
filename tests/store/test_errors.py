"""What replies and broken connections mean."""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from s4desk.core.domain.errors import (
    ClockSkewError,
    ConflictError,
    IntegrityError,
    InvalidRequestError,
    MalformedReplyError,
    NotFoundError,
    NotSupportedError,
    PayloadTooLargeError,
    PermissionDeniedError,
    PreconditionFailedError,
    StalledError,
    ThrottledError,
    TlsError,
    UnauthenticatedError,
    UnavailableError,
    UnreachableError,
    WrongRegionError,
)
from s4desk.core.domain.identity import Location
from s4desk.core.store.s3_error_xml import parse_error_body
from s4desk.core.store.s3_errors import classify, error_in, from_exception, from_reply

KEY = Location("bucket", "key")


def document(code, message="said", **fields):
    leaves = "".join(f"<{name}>{text}</{name}>" for name, text in fields.items())
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f"{head}<Error><Code>{code}</Code><Message>{message}</Message>{leaves}</Error>".encode()


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (404, "NoSuchKey", NotFoundError),
        (404, "NoSuchBucket", NotFoundError),
        (404, "NoSuchUpload", NotFoundError),
        (404, "NoSuchVersion", NotFoundError),
        (404, "NoSuchLifecycleConfiguration", NotFoundError),
        (404, "ObjectLockConfigurationNotFoundError", NotFoundError),
        (500, "NoSuchUpload", NotFoundError),
        (404, "", NotFoundError),
        (403, "AccessDenied", PermissionDeniedError),
        (403, "", PermissionDeniedError),
        (403, "SignatureDoesNotMatch", UnauthenticatedError),
        (403, "InvalidAccessKeyId", UnauthenticatedError),
        (400, "ExpiredToken", UnauthenticatedError),
        (400, "InvalidToken", UnauthenticatedError),
        (400, "TokenRefreshRequired", UnauthenticatedError),
        (400, "AuthorizationHeaderMalformed", UnauthenticatedError),
        (401, "", UnauthenticatedError),
        (403, "RequestTimeTooSkewed", ClockSkewError),
        (412, "PreconditionFailed", PreconditionFailedError),
        (412, "", PreconditionFailedError),
        (304, "", PreconditionFailedError),
        (409, "BucketNotEmpty", ConflictError),
        (409, "BucketAlreadyExists", ConflictError),
        (409, "OperationAborted", ConflictError),
        (409, "ConditionalRequestConflict", ConflictError),
        (409, "InvalidBucketState", ConflictError),
        (403, "InvalidObjectState", ConflictError),
        (403, "ObjectNotInActiveTierError", ConflictError),
        (413, "", PayloadTooLargeError),
        (400, "EntityTooLarge", PayloadTooLargeError),
        (501, "NotImplemented", NotSupportedError),
        (501, "", NotSupportedError),
        (405, "MethodNotAllowed", NotSupportedError),
        (503, "SlowDown", ThrottledError),
        (503, "", ThrottledError),
        (429, "", ThrottledError),
        (200, "SlowDown", ThrottledError),
        (400, "RequestLimitExceeded", ThrottledError),
        (400, "ThrottlingException", ThrottledError),
        (400, "BadDigest", IntegrityError),
        (400, "XAmzContentSHA256Mismatch", IntegrityError),
        (400, "InvalidDigest", IntegrityError),
        (301, "PermanentRedirect", WrongRegionError),
        (307, "TemporaryRedirect", WrongRegionError),
        (400, "IllegalLocationConstraintException", WrongRegionError),
        (400, "RequestTimeout", UnavailableError),
        (500, "InternalError", UnavailableError),
        (200, "InternalError", UnavailableError),
        (500, "", UnavailableError),
        (502, "", UnavailableError),
        (504, "", UnavailableError),
        (599, "NeverHeardOf", UnavailableError),
        (400, "NeverHeardOf", InvalidRequestError),
        (400, "", InvalidRequestError),
        (411, "MissingContentLength", InvalidRequestError),
        (416, "InvalidRange", InvalidRequestError),
        (302, "", MalformedReplyError),
    ],
)
def test_code_and_status_decide(status, code, kind):
    error = classify(status=status, code=code, message="m", operation="put", location=KEY)
    assert type(error) is kind
    assert (error.status, error.code, error.location) == (status, code, KEY)
    assert error.operation == "put"


def test_a_reply_keeps_what_support_asks_for():
    error = from_reply(
        status=403,
        headers={},
        body=document("AccessDenied", "no", RequestId="tx-1"),
        operation="get",
    )
    assert type(error) is PermissionDeniedError
    assert (error.detail, error.request_id) == ("AccessDenied: no", "tx-1")
    header_wins = from_reply(status=403, headers={"x-amz-request-id": "h"}, body=document("X"))
    assert header_wins.request_id == "h"


def test_botocore_gives_the_status_as_code_when_there_is_none():
    error = classify(status=404, code="404", message="Not Found")
    assert type(error) is NotFoundError
    assert (error.code, error.detail) == ("", "404 Not Found")


def test_skew_is_the_difference_the_store_tells():
    body = document(
        "RequestTimeTooSkewed", RequestTime="20261120T100000Z", ServerTime="2026-11-20T12:00:05Z"
    )
    error = from_reply(status=403, headers={}, body=body)
    assert isinstance(error, ClockSkewError)
    assert error.seconds == 7205.0


@pytest.mark.parametrize("body", [document("RequestTimeTooSkewed"), b""])
def test_skew_without_words_comes_from_the_date_header(body):
    ahead = format_datetime(datetime.now(UTC) + timedelta(hours=-2), usegmt=True)
    error = from_reply(status=403, headers={"date": ahead}, body=body)
    assert isinstance(error, ClockSkewError)
    assert error.seconds == pytest.approx(-7200, abs=5)


def test_a_forbidden_head_with_a_right_clock_is_forbidden():
    date = format_datetime(datetime.now(UTC), usegmt=True)
    assert type(from_reply(status=403, headers={"date": date}, body=b"")) is PermissionDeniedError
    unreadable = from_reply(status=403, headers={"date": "yesterday"}, body=b"")
    assert type(unreadable) is PermissionDeniedError


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (301, {"x-amz-bucket-region": "eu-west-1"}, b""),
        (400, {"x-amz-bucket-region": "eu-west-1"}, b""),
        (400, {}, document("AuthorizationHeaderMalformed", Region="eu-west-1")),
        (
            400,
            {},
            document(
                "AuthorizationHeaderMalformed", "the region 'x' is wrong; expecting 'eu-west-1'"
            ),
        ),
    ],
)
def test_the_right_region_is_told(status, headers, body):
    error = from_reply(status=status, headers=headers, body=body, signed_region="us-east-1")
    assert isinstance(error, WrongRegionError)
    assert error.region == "eu-west-1"


def test_a_bad_request_in_the_right_region_is_no_region_error():
    headers = {"x-amz-bucket-region": "eu-west-1"}
    error = from_reply(status=400, headers=headers, body=b"", signed_region="eu-west-1")
    assert type(error) is InvalidRequestError


@pytest.mark.parametrize("body", [b"", document("MethodNotAllowed")])
def test_a_delete_marker_asked_for_by_version_is_not_found(body):
    for operation in ("head", "get"):
        error = from_reply(status=405, headers={}, body=body, operation=operation)
        assert type(error) is NotFoundError
    other = from_reply(status=405, headers={}, body=body, operation="put_config")
    assert type(other) is NotSupportedError


def test_a_web_page_proves_no_absence():
    page = b"<!DOCTYPE html><html><head><title>Nothing\n here</title></head></html>"
    error = from_reply(status=404, headers={}, body=page)
    assert type(error) is MalformedReplyError
    assert error.detail == "404 Nothing here"
    assert (
        type(from_reply(status=404, headers={}, body=b"404 page not found")) is MalformedReplyError
    )
    assert type(from_reply(status=502, headers={}, body=page)) is UnavailableError


def test_a_redirect_names_its_target_without_the_query():
    headers = {"location": "https://login.example/start?X-Amz-Signature=secret"}
    error = from_reply(status=302, headers=headers, body=b"")
    assert type(error) is MalformedReplyError
    assert error.detail == "302 Found (redirects to https://login.example/start)"


def test_an_error_inside_a_200_is_found():
    assert (
        error_in(b"<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>")
        is None
    )
    found = error_in(b"\n\n  " + document("InternalError"))
    assert found is not None
    assert found.code == "InternalError"
    assert error_in(b"") is None


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 9))
    + b"]><Error><Code>&a8;</Code></Error>"
)
OUTSIDE = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><Error><Code>&f;</Code></Error>'


@pytest.mark.parametrize(
    "body", [BOMB, OUTSIDE, b"\x00\xff" * 99, b"{}", b"<a" * 9999, b"<title>" * 9999]
)
def test_a_foreign_body_gives_nothing_and_does_no_harm(body):
    parsed = parse_error_body(body)
    assert (parsed.code, parsed.is_error, parsed.is_foreign) == ("", False, True)


def test_a_cut_document_keeps_its_code():
    cut = document("SlowDown", "Please reduce your request rate")[:-20]
    assert parse_error_body(cut).code == "SlowDown"


def test_names_with_a_namespace_or_inside_a_response_are_read():
    spaced = (
        b'<s:Error xmlns:s="http://s3.amazonaws.com/doc/2006-03-01/"><s:Code>A</s:Code></s:Error>'
    )
    wrapped = (
        b"<ErrorResponse><Error><Code>A</Code></Error><RequestId>r</RequestId></ErrorResponse>"
    )
    assert parse_error_body(spaced).code == "A"
    assert parse_error_body(wrapped).fields == {"Code": "A", "RequestId": "r"}


def test_a_listing_is_no_error_document():
    body = b"<ListBucketResult><Code>NoSuchKey</Code></ListBucketResult>"
    assert parse_error_body(body).code == ""


CERTIFICATE = ssl.SSLCertVerificationError(1, "verify failed")
CERTIFICATE.verify_message = "self-signed certificate"
RECORD = ssl.SSLError(1, "[SSL: SSLV3_ALERT_BAD_RECORD_MAC] bad record")
RECORD.reason = "SSLV3_ALERT_BAD_RECORD_MAC"
PLAIN = ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number")
PLAIN.reason = "WRONG_VERSION_NUMBER"


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), UnreachableError, "cannot be resolved"),
        (
            ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"),
            UnreachableError,
            "refused",
        ),
        (
            ConnectionResetError(errno.ECONNRESET, "reset by peer"),
            UnavailableError,
            "reset by peer",
        ),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), UnavailableError, "Broken pipe"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), UnreachableError, "unreachable"),
        (TimeoutError(errno.ETIMEDOUT, "Connection timed out"), UnreachableError, "timed out"),
        (TimeoutError("timed out"), StalledError, "too long"),
        (http.client.RemoteDisconnected("closed without response"), UnavailableError, "closed"),
        (http.client.IncompleteRead(b"abc", 7), UnavailableError, "after 3 bytes"),
        (http.client.BadStatusLine("SSH-2.0"), MalformedReplyError, "not HTTP"),
        (CERTIFICATE, TlsError, "self-signed certificate"),
        (PLAIN, TlsError, "WRONG_VERSION_NUMBER"),
        (RECORD, UnavailableError, "BAD_RECORD_MAC"),
        (ssl.SSLEOFError(8, "EOF occurred"), UnavailableError, "broke"),
    ],
)
def test_a_broken_connection_names_host_and_reason(fault, kind, words):
    error = from_exception(fault, host="store.example", operation="get", location=KEY)
    assert type(error) is kind
    assert error.detail.startswith("store.example: ")
    assert words in error.detail
    assert (error.operation, error.location) == ("get", KEY)
