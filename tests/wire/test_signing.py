"""Signatures are those of the S3 API reference, over exactly what is sent."""

from __future__ import annotations

import datetime

import botocore.auth
import pytest

from s4desk.core.domain.connection import Credentials
from s4desk.core.wire.signing import sign

# "Authenticating Requests: Using the Authorization Header" in the S3 API reference.
EXAMPLE = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
HOST = "examplebucket.s3.amazonaws.com"


@pytest.fixture(autouse=True)
def at_the_time_of_the_example(monkeypatch):
    when = datetime.datetime(2013, 5, 24, tzinfo=datetime.UTC)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *_: when)


def signature(method, target, headers, sha256):
    signed = dict(
        sign(
            method,
            f"https://{HOST}{target}",
            [("Host", HOST), *headers],
            EXAMPLE,
            region="us-east-1",
            payload_sha256=sha256,
        )
    )
    return signed["Authorization"].rpartition("Signature=")[2]


def test_the_example_of_get_object():
    found = signature("GET", "/test.txt", [("Range", "bytes=0-9")], EMPTY)
    assert found == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"


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


def test_a_session_token_is_sent_and_signed():
    key = Credentials("id", "secret", "the-token")
    signed = dict(sign("GET", f"https://{HOST}/", [("Host", HOST)], key, region="r"))
    assert signed["X-Amz-Security-Token"] == "the-token"
    assert "x-amz-security-token" in signed["Authorization"]
    assert signed["X-Amz-Content-SHA256"] == "UNSIGNED-PAYLOAD"


def test_only_the_space_of_ascii_is_folded():
    """Stores fold runs of spaces; a no-break space is a letter like any other."""

    def of(value):
        return signature("PUT", "/k", [("x-amz-meta-a", value)], EMPTY)

    assert of("a   b") == of("a b") == of(" a b ")
    assert of("a\u00a0b") != of("a b")
