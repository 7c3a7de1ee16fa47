from __future__ import annotations

from datetime import UTC, datetime

import pytest

from s4desk.core.domain.certificate import PeerCertificate

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = ("s3.example.test", "*.s3.example.test", "10.0.0.7", "::1")
CERTIFICATE = PeerCertificate("CN=a", "CN=b", NAMES, NOW, NOW, "AB:CD:EF:01")


@pytest.mark.parametrize(
    ("host", "is_covered"),
    [
        ("s3.example.test", True),
        ("S3.Example.Test.", True),
        ("photos.s3.example.test", True),
        ("a.b.s3.example.test", False),
        ("example.test", False),
        ("xs3.example.test", False),
        ("10.0.0.7", True),
        ("10.0.0.8", False),
        ("[::1]", True),
        ("0:0:0:0:0:0:0:1", True),
    ],
)
def test_a_certificate_is_for_its_names_alone(host, is_covered):
    assert CERTIFICATE.covers(host) is is_covered


@pytest.mark.parametrize(
    ("text", "is_meant"),
    [
        ("AB:CD:EF:01", True),
        ("abcdef01", True),
        (" SHA256:ab:cd:ef:01 ", True),
        ("AB CD EF 01", True),
        ("AB:CD:EF", False),
        ("AB:CD:EF:02", False),
        ("", False),
    ],
)
def test_a_fingerprint_is_known_however_it_is_written(text, is_meant):
    assert CERTIFICATE.has_fingerprint(text) is is_meant


def test_who_signs_for_itself():
    assert not CERTIFICATE.is_self_signed
    assert PeerCertificate("CN=a", "CN=a", (), NOW, NOW, "AB").is_self_signed
