"""The demo server: what it holds, how it lists, and that it never outlives its parent."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET
import zlib
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from s4desk.app.demo import launch
from s4desk.app.demo.documents import documents

pytest.importorskip("moto", reason="needs the extra: pip install 's4desk[demo]'")
pytest.importorskip("flask_cors", reason="needs the extra: pip install 's4desk[demo]'")

from moto.s3.models import FakeDeleteMarker

from s4desk.app.demo import listing, seed
from s4desk.app.demo.application import DemoApplication

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moto.s3.models import FakeKey

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
PATIENCE_S = 20
MOST_PAGES = 50
PARENT = """
import sys
from s4desk.app.demo import launch
demo = launch.start()
print(demo.process.pid, demo.url, flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def demo() -> Iterator[launch.DemoServer]:
    with launch.start() as server:
        yield server


@pytest.fixture(scope="module")
def client(demo: launch.DemoServer) -> Iterator[Any]:
    made = _client(demo, demo.access_key)
    yield made
    made.close()


def _client(demo: launch.DemoServer, access_key: str, config: Config | None = None) -> Any:
    return botocore.session.get_session().create_client(
        "s3",
        endpoint_url=demo.url,
        region_name=demo.region,
        aws_access_key_id=access_key,
        aws_secret_access_key=demo.secret_key,
        config=config,
    )


def _objects(client: Any, bucket: str) -> dict[str, dict[str, Any]]:
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {found["Key"]: found for page in pages for found in page.get("Contents", [])}


def _body(client: Any, bucket: str, key: str) -> bytes:
    with client.get_object(Bucket=bucket, Key=key)["Body"] as body:
        content: bytes = body.read()
    return content


# -- what it holds ---------------------------------------------------------------------------


def test_the_buckets_are_there(client: Any) -> None:
    names = {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}
    assert names == {
        "photos", "documents", "odd-keys", "versioned", "compliance", "logs", "many",
    }  # fmt: skip


def test_many_holds_twenty_thousand_objects_under_one_prefix(client: Any) -> None:
    pages = list(client.get_paginator("list_objects_v2").paginate(Bucket="many", Prefix="sensors/"))
    keys = [found["Key"] for page in pages for found in page["Contents"]]
    assert len(pages) == 20
    assert len(set(keys)) == seed.MANY_COUNT
    assert keys == sorted(keys)
    assert b'"station"' in _body(client, "many", keys[-1])


def test_photos_are_pictures(client: Any) -> None:
    found = [key for key in _objects(client, "photos") if key.endswith(".png")]
    assert len({key[:4] for key in found}) >= 2
    picture = _body(client, "photos", found[0])
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    chunks = dict(_png_chunks(picture))
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    assert len(zlib.decompress(chunks[b"IDAT"])) == (width + 1) * height
    assert len(chunks[b"PLTE"]) == 256 * 3


def _png_chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at < len(picture):
        (size,) = struct.unpack(">I", picture[at : at + 4])
        name, content = picture[at + 4 : at + 8], picture[at + 8 : at + 8 + size]
        assert picture[at + 8 + size : at + 12 + size] == struct.pack(
            ">I", zlib.crc32(name + content)
        )
        yield name, content
        at += 12 + size


def test_documents_are_of_two_years_and_several_storage_classes(client: Any) -> None:
    found = _objects(client, "documents")
    assert found["drafts/"]["Size"] == 0
    assert {one["StorageClass"] for one in found.values()} >= {
        "STANDARD", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE",
    }  # fmt: skip
    dates = sorted(one["LastModified"] for one in found.values())
    assert dates[-1] - dates[0] > timedelta(days=600)
    assert dates[-1] < datetime.now(UTC)
    invoice = next(key for key in found if key.startswith("finance/invoices/"))
    tags = client.get_object_tagging(Bucket="documents", Key=invoice)["TagSet"]
    assert {"Key": "department", "Value": "finance"} in tags
    assert client.head_object(Bucket="documents", Key=invoice)["ContentType"] == "application/json"


def test_documents_are_the_same_every_time() -> None:
    assert list(documents(NOW)) == list(documents(NOW))


@pytest.mark.parametrize("key", seed.ODD_KEYS, ids=lambda key: ascii(key[:24]))
def test_an_odd_key_is_listed_and_opened(client: Any, key: str) -> None:
    page = client.list_objects_v2(Bucket="odd-keys", Prefix=key)
    assert key in [found["Key"] for found in page["Contents"]]
    expected = "" if key.endswith("/") else f"This object's key is {key!r}.\n"
    assert _body(client, "odd-keys", key).decode() == expected


def test_odd_keys_are_all(client: Any) -> None:
    assert list(_objects(client, "odd-keys")) == sorted(seed.ODD_KEYS)


def test_versioned_objects_have_versions_and_delete_markers(client: Any) -> None:
    assert client.get_bucket_versioning(Bucket="versioned")["Status"] == "Enabled"
    page = client.list_object_versions(Bucket="versioned")
    counts: dict[str, int] = {}
    for version in page["Versions"]:
        counts[version["Key"]] = counts.get(version["Key"], 0) + 1
    assert set(counts.values()) <= {3, 4, 5}
    assert [marker["IsLatest"] for marker in page["DeleteMarkers"]] == [True, True]
    deleted = {marker["Key"] for marker in page["DeleteMarkers"]}
    assert deleted < counts.keys()
    assert _objects(client, "versioned").keys() == counts.keys() - deleted
    latest = [one for one in page["Versions"] if one["Key"] == "handbook.md"]
    assert [one["IsLatest"] for one in latest] == [True] + [False] * (len(latest) - 1)
    assert latest == sorted(latest, key=lambda one: one["LastModified"], reverse=True)


def test_locked_objects_are_locked(client: Any) -> None:
    lock = client.get_object_lock_configuration(Bucket="compliance")
    assert lock["ObjectLockConfiguration"]["ObjectLockEnabled"] == "Enabled"
    heads = [
        client.head_object(Bucket="compliance", Key=key) for key in _objects(client, "compliance")
    ]
    now = datetime.now(UTC)
    running = {
        head["ObjectLockMode"] for head in heads if head.get("ObjectLockRetainUntilDate", now) > now
    }
    assert running == {"GOVERNANCE", "COMPLIANCE"}
    assert [head for head in heads if head.get("ObjectLockLegalHoldStatus") == "ON"]
    assert [head for head in heads if "ObjectLockMode" not in head]


def test_a_locked_version_cannot_be_deleted(client: Any) -> None:
    key = next(key for key in _objects(client, "compliance") if "audit" in key)
    version = client.head_object(Bucket="compliance", Key=key)["VersionId"]
    with pytest.raises(ClientError, match="AccessDenied"):
        client.delete_object(Bucket="compliance", Key=key, VersionId=version)


def test_logs_have_lifecycle_rules_and_a_folder_a_day(client: Any) -> None:
    rules = client.get_bucket_lifecycle_configuration(Bucket="logs")["Rules"]
    assert [rule["ID"] for rule in rules] == [rule["ID"] for rule in seed.LIFECYCLE]
    assert rules[1]["Transitions"][1] == {"Days": 90, "StorageClass": "GLACIER"}
    yesterday = datetime.now(UTC) - timedelta(days=1, minutes=2)
    page = client.list_objects_v2(Bucket="logs", Prefix=f"access/{yesterday:%Y/%m/%d}/")
    assert page["KeyCount"] == 1


# -- how it answers --------------------------------------------------------------------------


def test_what_is_put_can_be_got_and_deleted(client: Any) -> None:
    client.put_object(Bucket="photos", Key="new/a b+c", Body=b"content", Metadata={"a": "b"})
    assert _body(client, "photos", "new/a b+c") == b"content"
    assert client.head_object(Bucket="photos", Key="new/a b+c")["Metadata"] == {"a": "b"}
    assert "new/a b+c" in _objects(client, "photos")
    client.delete_object(Bucket="photos", Key="new/a b+c")
    assert "new/a b+c" not in _objects(client, "photos")


def test_an_upload_that_was_begun_now_is_as_old_as_that(client: Any) -> None:
    began = datetime.now(UTC) - timedelta(seconds=2)
    place = {"Bucket": "documents", "Key": "half sent.bin"}
    upload = client.create_multipart_upload(**place, ChecksumAlgorithm="CRC32")["UploadId"]
    try:
        page = client.list_multipart_uploads(Bucket="documents", Prefix="half")
        (found,) = page["Uploads"]
        assert (found["Key"], found["UploadId"]) == (place["Key"], upload)
        assert found["ChecksumAlgorithm"] == "CRC32"
        assert began <= found["Initiated"] <= datetime.now(UTC)
        assert "Uploads" not in client.list_multipart_uploads(Bucket="documents", Prefix="other")
    finally:
        client.abort_multipart_upload(**place, UploadId=upload)
    assert "Uploads" not in client.list_multipart_uploads(Bucket="documents")


def test_a_missing_bucket_is_missing(client: Any) -> None:
    with pytest.raises(ClientError, match="NoSuchBucket"):
        client.list_objects_v2(Bucket="no-such-bucket")


def test_another_access_key_is_refused(demo: launch.DemoServer) -> None:
    stranger = _client(demo, "SOMEBODY")
    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        stranger.list_buckets()
    stranger.close()


def test_a_web_page_is_refused_even_with_the_key(demo: launch.DemoServer) -> None:
    connection = http.client.HTTPConnection(urlsplit(demo.url).netloc)
    statuses = []
    for key in ("", demo.access_key):
        origin = {"Origin": "http://example.com", **_signed(key)}
        connection.request("GET", "/photos/README.md", headers=origin)
        reply = connection.getresponse()
        reply.read()
        statuses.append(reply.status)
        assert reply.getheader("Access-Control-Allow-Origin") is None
    assert statuses == [403, 200]
    connection.close()


def _signed(access_key: str) -> dict[str, str]:
    """As much of a signature as the demo looks at."""
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential={access_key}/20261120/x/s3/aws4_request"}


@pytest.mark.parametrize("signature", ["s3v4", "s3"])
def test_a_presigned_url_is_let_in(demo: launch.DemoServer, signature: str) -> None:
    client = _client(demo, demo.access_key, Config(signature_version=signature))
    url = client.generate_presigned_url(
        "get_object", Params={"Bucket": "photos", "Key": "README.md"}
    )
    connection = http.client.HTTPConnection(urlsplit(demo.url).netloc)
    connection.request("GET", url.removeprefix(demo.url))
    content = connection.getresponse().read()
    connection.close()
    client.close()
    assert content.startswith(b"# Photos")


def test_connections_are_kept(demo: launch.DemoServer) -> None:
    connection = http.client.HTTPConnection(urlsplit(demo.url).netloc)
    connection.connect()
    first = connection.sock
    statuses = []
    for method, path, body, key in (
        ("PUT", "/photos/kept", b"x" * 100_000, demo.access_key),
        ("PUT", "/no-such-bucket/kept", b"x" * 100_000, demo.access_key),
        ("PUT", "/photos/kept", b"x" * 100_000, "SOMEBODY"),
        ("HEAD", "/photos/kept", None, demo.access_key),
        ("GET", "/photos?list-type=2", None, demo.access_key),
        ("DELETE", "/photos/kept", None, demo.access_key),
    ):
        connection.request(method, path, body, headers=_signed(key))
        reply = connection.getresponse()
        reply.read()
        statuses.append(reply.status)
        assert connection.sock is first
    assert statuses == [200, 404, 403, 200, 200, 204]
    connection.close()


def test_an_answer_to_head_has_no_body(demo: launch.DemoServer) -> None:
    with socket.create_connection(_address(demo.url), timeout=PATIENCE_S) as connection:
        connection.sendall(b"HEAD /photos HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert answer.endswith(b"\r\n\r\n")


def test_a_bucket_that_is_being_filled_is_waited_for() -> None:
    bucket = _bucket(set(), set())

    class Filling(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            bucket.keys.update(_bucket({"late"}, set()).keys)
            return True

    application = DemoApplication(
        lambda *_: (), SimpleNamespace(buckets={"many": bucket}), "KEY", late={"many": Filling()}
    )
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/many",
        "QUERY_STRING": "list-type=2",
        "HTTP_AUTHORIZATION": _signed("KEY")["Authorization"],
    }
    (page,) = application(environ, lambda *_: bytearray().extend)
    assert b"<Key>late</Key>" in page


# -- listings --------------------------------------------------------------------------------


def _bucket(names: set[str], deleted: set[str]) -> Any:
    """As much of moto's bucket as a listing reads: two versions of everything, or a marker."""
    keys = {}
    for name in names:
        old, new = _stored(f"{name}-1"), _stored(f"{name}-2")
        keys[name] = [old, _marker(name) if name in deleted else new]
    return SimpleNamespace(name="b", keys=keys)


def _stored(version: str) -> Any:
    return SimpleNamespace(
        version_id=f"v{zlib.crc32(version.encode())}",
        last_modified_ISO8601="2026-11-20T10:00:00.000Z",
        etag='"e"',
        size=1,
        storage_class="STANDARD",
        checksum_algorithm=None,
    )


def _marker(name: str) -> FakeDeleteMarker:
    return FakeDeleteMarker(key=cast("FakeKey", SimpleNamespace(name=name)))


def _page(bucket: Any, query: dict[str, str]) -> ET.Element:
    answer = listing.answer(bucket, query)
    assert answer is not None
    return ET.fromstring(answer.decode().replace(f' xmlns="{listing.NAMESPACE}"', ""))


def _text(page: ET.Element, name: str) -> str:
    return page.findtext(name) or ""


NAMES = st.sets(st.text("ab/é", min_size=1, max_size=5), max_size=12)


@settings(max_examples=150, deadline=None)
@given(NAMES, NAMES, st.text("ab/", max_size=2), st.sampled_from(["", "/"]), st.integers(1, 4))
def test_pages_of_objects_join_to_what_is_there(
    names: set[str], deleted: set[str], prefix: str, delimiter: str, limit: int
) -> None:
    bucket = _bucket(names, deleted)
    query = {"list-type": "2", "prefix": prefix, "delimiter": delimiter, "max-keys": str(limit)}
    found: list[str] = []
    for _ in range(MOST_PAGES):
        page = _page(bucket, query)
        keys = [*page.findall("Contents/Key"), *page.findall("CommonPrefixes/Prefix")]
        assert len(keys) <= limit
        found += sorted(key.text or "" for key in keys)
        if _text(page, "IsTruncated") == "false":
            break
        query["continuation-token"] = _text(page, "NextContinuationToken")
    else:
        pytest.fail("the listing does not end")
    assert found == _expected(names - deleted, prefix, delimiter)


def _expected(names: set[str], prefix: str, delimiter: str) -> list[str]:
    shown = set()
    for name in names:
        if name.startswith(prefix):
            rest = name[len(prefix) :]
            head, cut, _ = rest.partition(delimiter) if delimiter else (rest, "", "")
            shown.add(prefix + head + cut)
    return sorted(shown)


@settings(max_examples=150, deadline=None)
@given(NAMES, NAMES, st.text("ab/", max_size=2), st.sampled_from(["", "/"]), st.integers(1, 4))
def test_pages_of_versions_join_to_what_is_there(
    names: set[str], deleted: set[str], prefix: str, delimiter: str, limit: int
) -> None:
    bucket = _bucket(names, deleted)
    query = {"versions": "", "prefix": prefix, "delimiter": delimiter, "max-keys": str(limit)}
    versions: list[tuple[str, str]] = []
    common: list[str] = []
    for _ in range(MOST_PAGES):
        page = _page(bucket, query)
        stored = [one for one in page if one.tag in ("Version", "DeleteMarker")]
        versions += [(_text(one, "Key"), _text(one, "VersionId")) for one in stored]
        assert all(
            (_text(one, "IsLatest") == "true")
            == (bucket.keys[_text(one, "Key")][-1].version_id == _text(one, "VersionId"))
            for one in stored
        )
        common += [key.text or "" for key in page.findall("CommonPrefixes/Prefix")]
        if _text(page, "IsTruncated") == "false":
            break
        query["key-marker"] = _text(page, "NextKeyMarker")
        query["version-id-marker"] = _text(page, "NextVersionIdMarker")
    else:
        pytest.fail("the listing does not end")
    expected = _expected(names, prefix, delimiter)
    whole = [name for name in expected if name in names and name not in common]
    assert versions == [
        (name, stored.version_id) for name in whole for stored in reversed(bucket.keys[name])
    ]
    assert common == [name for name in expected if delimiter and delimiter in name[len(prefix) :]]


def test_keys_in_a_listing_are_encoded_when_asked() -> None:
    bucket = _bucket({"a b&\x01é"}, set())
    asked = {"versions": "", "encoding-type": "url"}
    assert _text(_page(bucket, asked), "Version/Key") == "a%20b%26%01%C3%A9"
    plain = listing.answer(bucket, {"list-type": "2"})
    assert plain is not None
    assert "<Key>a b&amp;&#x1;é</Key>" in plain.decode()


def test_nonsense_in_a_listing_is_left_to_moto() -> None:
    bucket = _bucket({"a"}, set())
    assert listing.answer(bucket, {"list-type": "2", "max-keys": "many"}) is None
    assert listing.answer(bucket, {"list-type": "2", "continuation-token": "é"}) is None
    assert listing.answer(bucket, {"lifecycle": ""}) is None


# -- its life --------------------------------------------------------------------------------


def test_stop_ends_the_server_and_may_come_twice() -> None:
    server = launch.start()
    server.stop()
    server.stop()
    assert server.process.returncode == 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(_address(server.url), timeout=PATIENCE_S)


def test_the_secret_is_not_shown(demo: launch.DemoServer) -> None:
    assert demo.secret_key not in repr(demo)


def test_the_server_dies_with_a_killed_parent() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with parent:
        assert parent.stdout is not None
        pid, url = parent.stdout.readline().split()
        with socket.create_connection(_address(url), timeout=PATIENCE_S) as connection:
            os.kill(int(pid), 0)
            parent.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
            parent.wait(PATIENCE_S)
            _wait_for_the_end(connection)
    _wait_until_refused(url)


def _wait_for_the_end(connection: socket.socket) -> None:
    """The system closes a dead process's connections: with a reset if it was not yet accepted."""
    with contextlib.suppress(ConnectionResetError):
        assert connection.recv(1) == b""


def _wait_until_refused(url: str) -> None:
    """A dying process may lose its listening socket a moment after the others."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            socket.create_connection(_address(url), timeout=PATIENCE_S).close()
        except (ConnectionRefusedError, ConnectionResetError):
            return
    pytest.fail("the server still listens")


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    return parts.hostname, parts.port


async def test_launch_waits_beside_the_loop() -> None:
    server = await launch.launch()
    with socket.create_connection(_address(server.url), timeout=PATIENCE_S):
        pass
    server.stop()


async def test_a_cancelled_launch_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    spawned: list[subprocess.Popen[bytes]] = []
    is_spawned = asyncio.Event()
    spawn = launch._spawn

    def remember(errors: Any) -> subprocess.Popen[bytes]:
        spawned.append(spawn(errors))
        is_spawned.set()
        return spawned[-1]

    monkeypatch.setattr(launch, "_spawn", remember)
    launching = asyncio.create_task(launch.launch())
    await is_spawned.wait()
    launching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await launching
    assert spawned[0].returncode is not None
    assert spawned[0].stdout is not None
    assert spawned[0].stdout.closed


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "NEEDED", ("moto", "no_such_module_anywhere"))
    assert not launch.is_installed()
    with pytest.raises(launch.DemoUnavailableError, match=r"pip install 's4desk\[demo\]'"):
        launch.start()


def test_a_server_that_fails_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "SERVER_MODULE", "s4desk.app.demo.no_such_module")
    with pytest.raises(launch.DemoUnavailableError, match="no_such_module"):
        launch.start()


def test_a_server_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "READY_WITHIN_S", 0.01)
    with pytest.raises(launch.DemoUnavailableError, match="did not start"):
        launch.start()
