"""Each server of the suite starts, answers signed requests, and leaves nothing behind."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from tests.servers.client import s3_client

if TYPE_CHECKING:
    from tests.servers.endpoint import Endpoint


def test_signed_request_round_trip(endpoint: Endpoint, bucket: str) -> None:
    with s3_client(endpoint) as client:
        client.put_object(Bucket=bucket, Key="a b/ü", Body=b"hello", Metadata={"x": "1"})
        head = client.head_object(Bucket=bucket, Key="a b/ü")
        listed = client.list_objects_v2(Bucket=bucket)["Contents"]
        with contextlib.closing(client.get_object(Bucket=bucket, Key="a b/ü")["Body"]) as body:
            assert body.read() == b"hello"
    assert head["ContentLength"] == 5
    assert head["Metadata"] == {"x": "1"}
    assert [found["Key"] for found in listed] == ["a b/ü"]


def test_ceph_refuses_wrong_secret_and_other_account(ceph: Endpoint, ceph_bucket: str) -> None:
    with (
        s3_client(ceph, second_account=True) as client,
        pytest.raises(ClientError, match="AccessDenied"),
    ):
        client.list_objects_v2(Bucket=ceph_bucket)
