"""Signatures are those of the S3 API reference, over exactly what is sent."""

from __future__ import annotations

import datetime
import string
from urllib.parse import quote

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoKey
from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.connection import Credentials
from s4desk.core.domain.keys import encode_key
from s4desk.core.store.s3_address import query_string
from s4desk.core.wire.signing import presign, sign

# "Authenticating Requests: Using the Authorization Header" in the S3 API reference.
EXAMPLE = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
HOST = "examplebucket.s3.amazonaws.com"
WHEN = datetime.datetime(2013, 5, 24, tzinfo=datetime.UTC)


def signature(method, target, headers, sha256):
    signed = dict(
        sign(
            method,
            target,
            [("Host", HOST), *headers],
            EXAMPLE,
            region="us-east-1",
            payload_sha256=sha256,
            at=WHEN.timestamp(),
        )
    )
    return signed["Authorization"].rpartition("Signature=")[2]


def test_the_example_of_get_object():
    found = signature("GET", "/test.txt", [("Range", "bytes=0-9")], EMPTY)
    assert found == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"


def test_the_example_of_a_link():
    """ "Authenticating Requests: Using Query Parameters" in the S3 API reference."""
    link = presign(
        *("GET", "/test.txt", HOST, EXAMPLE),
        region="us-east-1",
        expires_s=86400,
        at=WHEN.timestamp(),
    )
    assert link == (
        "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F"
        "20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400"
        "&X-Amz-SignedHeaders=host&X-Amz-Signature="
        "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    )


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/?lifecycle", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        (
            "/?max-keys=2&prefix=J",
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ],
)
def test_the_examples_of_queries(target, expected):
    assert signature("GET", target, [], EMPTY) == expected


def test_a_path_is_signed_as_it_is_sent():
    found = {
        signature("GET", path, [], EMPTY) for path in ("/a/../b", "/b", "//b", "/./b", "/a//../b")
    }
    assert len(found) == 5


def test_a_link_keeps_the_dots_of_its_key_from_being_resolved():
    """What is signed are the dots; what is sent is their name, which means the same."""
    credentials = Credentials("key", "secret")

    def link(path):
        return presign("GET", path, "host", credentials, region="r", expires_s=60, at=0)

    path, _, signed = link("/b/a/../x/./.../.y").partition("?")
    assert path == "/b/a/%2E%2E/x/%2E/.../.y"
    assert signed != link(path).partition("?")[2]


def test_a_session_token_is_sent_and_signed():
    key = Credentials("id", "secret", "the-token")
    signed = dict(sign("GET", "/", [("Host", HOST)], key, region="r"))
    assert signed["X-Amz-Security-Token"] == "the-token"
    assert "x-amz-security-token" in signed["Authorization"]
    assert signed["X-Amz-Content-SHA256"] == "UNSIGNED-PAYLOAD"


def test_only_the_space_of_ascii_is_folded():
    """Stores fold runs of spaces; a no-break space is a letter like any other."""

    def of(value):
        return signature("PUT", "/k", [("x-amz-meta-a", value)], EMPTY)

    assert of("a   b") == of("a b") == of(" a b ")
    assert of("a\u00a0b") != of("a b")


# Against botocore's signer

NAMES = st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=20).map(
    lambda name: f"x-amz-meta-{name}"
)
VALUES = st.text(
    # botocore folds every space there is, stores that of ASCII only.
    st.characters(blacklist_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]) | st.just(" "),
    max_size=30,
)
KEYS = st.text(
    st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=30
) | st.sampled_from(
    ["a//../b", "/", "//", " ", "+%2F%", "\u00e9\u0301", "a\nb", "~-_.", "?#&=", "\U0001f600"]
)


class Reference(botocore.auth.S3SigV4Auth):
    """botocore's signer with the sum of the payload as it is given."""

    def payload(self, request):
        return request.context["payload"]


def signed_by_botocore(method, target, headers, credentials, region, sha256):
    request = AWSRequest(method, f"https://{HOST}{target}", headers=dict(headers))
    request.context["payload"] = sha256
    key = BotoKey(credentials.key_id, credentials.secret, credentials.token or None)
    Reference(key, "s3", region).add_auth(request)
    return dict(request.headers.items())


@given(
    method=st.sampled_from(["GET", "PUT", "POST", "DELETE", "HEAD"]),
    key=KEYS,
    query=st.dictionaries(KEYS, KEYS | st.just(""), max_size=5),
    headers=st.dictionaries(NAMES, VALUES, max_size=5),
    token=st.sampled_from(["", "FwoG//token+with/signs=="]),
    region=st.sampled_from(["us-east-1", "eu-central-1", "", "r"]),
    sha256=st.sampled_from([EMPTY, "UNSIGNED-PAYLOAD"]),
    days_off=st.floats(-400, 400),
)
def test_every_signature_is_botocores(method, key, query, headers, token, region, sha256, days_off):
    """Also of a clock that is off: the day is in the key."""
    when = WHEN + datetime.timedelta(days=days_off)
    names = {name.lower(): (name, value) for name, value in headers.items()}
    fields = [("Host", HOST), *names.values(), ("content-md5", "aGVsbG8=")]
    credentials = Credentials("key/id", "secret/+=", token)
    target = f"/{encode_key(key)}"
    if query:
        target += f"?{query_string(query)}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.auth, "get_current_datetime", lambda *_: when)
        expected = signed_by_botocore(method, target, fields, credentials, region, sha256)
    ours = sign(
        method,
        target,
        fields,
        credentials,
        region=region,
        payload_sha256=sha256,
        at=when.timestamp(),
    )
    assert dict(ours) == expected
    assert len(ours) == len(expected)


def test_the_query_is_signed_in_the_order_of_its_encoded_names():
    names = ["a b", "a-b", "a", "A", "~", "partNumber", "uploads", "\u00e9", "a.b"]
    target = "/k?" + "&".join(f"{quote(name, safe='')}=1" for name in reversed(names))
    at_that_time = pytest.MonkeyPatch()
    at_that_time.setattr(botocore.auth, "get_current_datetime", lambda *_: WHEN)
    expected = signed_by_botocore("GET", target, [("Host", HOST)], EXAMPLE, "us-east-1", EMPTY)
    at_that_time.undo()
    assert expected["Authorization"].endswith(signature("GET", target, [], EMPTY))


def test_a_new_key_of_the_day_for_each_secret_day_and_region():
    def of(secret="s", day=0, region="r"):
        at = WHEN.timestamp() + 86_400 * day
        fields = [("Host", HOST)]
        return dict(sign("GET", "/", fields, Credentials("id", secret), region=region, at=at))

    found = {of()["Authorization"], of("t")["Authorization"], of(region="q")["Authorization"]}
    assert len(found | {of(day=1)["Authorization"]}) == 4
    assert of() == of()


def test_the_time_is_now():
    before = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    moment = dict(sign("GET", "/", [("Host", HOST)], EXAMPLE, region="r"))["X-Amz-Date"]
    told = datetime.datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.UTC)
    assert before <= told <= datetime.datetime.now(datetime.UTC)
