"""The null server looks like S3 to a client, and makes up answers that fit together."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from s4desk.core.wire.checksums import checksum
from tests.servers.client import s3_client
from tests.servers.null import BUCKET, content
from tests.servers.null_listing import PAGE_KEYS, Keys, etag_of, render, size_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.endpoint import Endpoint

FOLDER = "logs/2026/11/"


@pytest.fixture
def client(null: Endpoint) -> Iterator[Any]:
    with s3_client(null) as client:
        yield client


def fetch(client: Any, key: str, **options: str) -> bytes:
    with contextlib.closing(client.get_object(Bucket=BUCKET, Key=key, **options)["Body"]) as body:
        data: bytes = body.read()
        return data


def test_lists_pages_in_order(client: Any) -> None:
    first = client.list_objects_v2(Bucket=BUCKET)
    assert first["IsTruncated"]
    assert first["KeyCount"] == PAGE_KEYS
    second = client.list_objects_v2(Bucket=BUCKET, ContinuationToken=first["NextContinuationToken"])
    keys = [row["Key"] for page in (first, second) for row in page["Contents"]]
    assert keys == Keys(10**6)[:2000]
    head = client.head_object(Bucket=BUCKET, Key=keys[1234])
    row = second["Contents"][234]
    assert (head["ETag"], head["ContentLength"]) == (row["ETag"], row["Size"])
    assert (row["ETag"], row["Size"]) == (f'"{etag_of(1234)}"', size_of(1234))


def test_last_page_ends_the_listing(client: Any) -> None:
    last = client.list_objects_v2(Bucket=BUCKET, StartAfter=Keys(10**6)[999_499])
    assert not last["IsTruncated"]
    assert [row["Key"] for row in last["Contents"]] == Keys(10**6)[999_500:]


@pytest.mark.parametrize(
    ("prefix", "group"), [("", "logs/"), ("lo", "logs/"), ("logs/", "logs/2026/")]
)
def test_delimiter_groups(client: Any, prefix: str, group: str) -> None:
    page = client.list_objects_v2(Bucket=BUCKET, Prefix=prefix, Delimiter="/")
    assert page["CommonPrefixes"] == [{"Prefix": group}]
    assert "Contents" not in page
    assert not page["IsTruncated"]


def test_prefix_and_delimiter_give_the_flat_keys(client: Any) -> None:
    page = client.list_objects_v2(Bucket=BUCKET, Prefix=FOLDER, Delimiter="/", MaxKeys=7)
    assert [row["Key"] for row in page["Contents"]] == Keys(10**6)[:7]
    assert "CommonPrefixes" not in page
    narrow = client.list_objects_v2(Bucket=BUCKET, Prefix=f"{FOLDER}part-00099999")
    assert [row["Key"] for row in narrow["Contents"]] == Keys(10**6)[999_990:]
    assert client.list_objects_v2(Bucket=BUCKET, Prefix="none/")["KeyCount"] == 0


@pytest.mark.parametrize("total", [0, 1, 999, 1000, 1001, 2500])
def test_paging_covers_every_key_once(total: int) -> None:
    keys, token, found = Keys(total), "0", b""
    while token:
        page = render(keys, {"continuation-token": token})
        found += page
        _, has_next, rest = page.partition(b"<NextContinuationToken>")
        token = rest.partition(b"<")[0].decode() if has_next else ""
    assert found.count(b"<Key>") == total
    assert all(f"<Key>{key}</Key>".encode() in found for key in keys)


def test_a_million_keys_are_served_fast() -> None:
    keys = Keys(10**6)
    began = time.process_time()
    for start in range(0, 10**6, PAGE_KEYS):
        render(keys, {"continuation-token": str(start)})
    assert time.process_time() - began < 5


def test_made_up_objects_have_a_content(client: Any) -> None:
    assert client.head_object(Bucket=BUCKET, Key="x-1g")["ContentLength"] == 1 << 30
    assert fetch(client, "x-3m") == content(0, 3 << 20)
    assert fetch(client, "x-1g", Range="bytes=1048570-1048600") == content(1048570, 31)
    assert fetch(client, "x-7", Range="bytes=-3") == content(4, 3)
    assert fetch(client, "x-0") == b""
    assert content(0, 32) != content(1 << 20, 32)
    with pytest.raises(ClientError, match="InvalidRange"):
        fetch(client, "x-7", Range="bytes=7-")
    with pytest.raises(ClientError, match="404"):
        client.head_object(Bucket=BUCKET, Key="absent")


def test_if_match(client: Any) -> None:
    head = client.head_object(Bucket=BUCKET, Key="x-7", ChecksumMode="ENABLED")
    assert head["ChecksumCRC64NVME"] == checksum("crc64nvme", content(0, 7))
    etag = head["ETag"]
    assert fetch(client, "x-7", IfMatch=etag) == content(0, 7)
    with pytest.raises(ClientError, match="PreconditionFailed"):
        fetch(client, "x-7", IfMatch='"other"')


def test_put_is_remembered_by_size_and_checksums(client: Any) -> None:
    body = b"hello" * 1000
    digest = hashlib.md5(body).digest()
    put = client.put_object(
        Bucket=BUCKET,
        Key="put",
        Body=body,
        ContentMD5=base64.b64encode(digest).decode(),
        ChecksumCRC64NVME="AAAAAAAAAAA=",
    )
    assert put["ETag"] == f'"{digest.hex()}"'
    assert put["ChecksumCRC64NVME"] == "AAAAAAAAAAA="
    assert client.head_object(Bucket=BUCKET, Key="put")["ContentLength"] == 5000
    client.copy_object(Bucket=BUCKET, Key="copy", CopySource={"Bucket": BUCKET, "Key": "put"})
    assert client.head_object(Bucket=BUCKET, Key="copy")["ContentLength"] == 5000
    with pytest.raises(ClientError, match="PreconditionFailed"):
        client.put_object(Bucket=BUCKET, Key="put", Body=b"", IfNoneMatch="*")
    deleted = client.delete_objects(
        Bucket=BUCKET, Delete={"Objects": [{"Key": "put"}, {"Key": "copy"}]}
    )
    assert [gone["Key"] for gone in deleted["Deleted"]] == ["put", "copy"]
    with pytest.raises(ClientError, match="404"):
        client.head_object(Bucket=BUCKET, Key="put")


def test_small_objects_are_gone_when_deleted_until_their_folder_is_put(client: Any) -> None:
    def listed() -> list[str]:
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="1m/")
        return [each["Key"] for page in pages for each in page.get("Contents", [])]

    keys = listed()
    assert len(keys) == 1000
    doomed = [{"Key": key} for key in keys[:-3]]
    client.delete_objects(Bucket=BUCKET, Delete={"Objects": doomed, "Quiet": True})
    client.delete_object(Bucket=BUCKET, Key=keys[-3])
    assert listed() == keys[-2:]
    client.put_object(Bucket=BUCKET, Key="1m/", Body=b"")
    assert listed() == keys


def test_multipart(client: Any) -> None:
    where = {"Bucket": BUCKET, "Key": "multi part"}
    upload = {**where, "UploadId": client.create_multipart_upload(**where)["UploadId"]}
    etags = {
        number: client.upload_part(**upload, PartNumber=number, Body=b"x" * number * 1000)["ETag"]
        for number in (1, 2, 3)
    }
    listed = client.list_parts(**upload, MaxParts=2)
    assert [(part["PartNumber"], part["Size"]) for part in listed["Parts"]] == [
        (1, 1000),
        (2, 2000),
    ]
    assert listed["IsTruncated"]
    parts = [{"PartNumber": number, "ETag": etag} for number, etag in etags.items()]
    client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    assert client.head_object(**where)["ContentLength"] == 6000
    with pytest.raises(ClientError, match="NoSuchUpload"):
        client.list_parts(**upload)


def test_abort(client: Any) -> None:
    where = {"Bucket": BUCKET, "Key": "aborted"}
    upload = {**where, "UploadId": client.create_multipart_upload(**where)["UploadId"]}
    client.upload_part(**upload, PartNumber=1, Body=b"x")
    client.abort_multipart_upload(**upload)
    with pytest.raises(ClientError, match="NoSuchUpload"):
        client.list_parts(**upload)


def test_buckets(client: Any) -> None:
    assert [bucket["Name"] for bucket in client.list_buckets()["Buckets"]] == [BUCKET]
    client.head_bucket(Bucket=BUCKET)
    assert "Status" not in client.get_bucket_versioning(Bucket=BUCKET)
    with pytest.raises(ClientError, match="NoSuchBucket"):
        client.list_objects_v2(Bucket="another")


def test_over_tls(null_tls: Endpoint) -> None:
    with s3_client(null_tls) as client:
        client.put_object(Bucket=BUCKET, Key="k", Body=b"x" * (1 << 20))
        assert client.head_object(Bucket=BUCKET, Key="k")["ContentLength"] == 1 << 20
        assert fetch(client, "x-3m") == content(0, 3 << 20)
