"""Each server of the suite starts, answers signed requests, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import select
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError, SSLError

from tests.servers import ceph_places
from tests.servers.ceph import Ceph
from tests.servers.client import s3_client
from tests.servers.fault import Cut, FaultProxy, slow_down
from tests.servers.fixtures import running
from tests.servers.localstack import LocalStack
from tests.servers.moto import Moto
from tests.servers.null import Null
from tests.servers.process import ROOT, Scratch, free_port, run_tool
from tests.servers.rclone import Rclone
from tests.servers.swift import Swift
from tests.servers.web_proxy import TinyProxy
from tests.servers.x11 import XDisplay

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.endpoint import Endpoint

SERVERS = [Ceph, LocalStack, Moto, Null, Rclone, Swift, TinyProxy, XDisplay]


def fetch(client: Any, **where: str) -> bytes:
    with contextlib.closing(client.get_object(**where)["Body"]) as body:
        data: bytes = body.read()
        return data


def is_running(pid: int) -> bool:
    """Say whether a process exists and is not just waiting to be reaped."""
    with contextlib.suppress(OSError):
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state not in "ZX"
    return False


def wait_until_gone(pid: int) -> None:
    """Wait until a process, which need not be a child, has ended."""
    with contextlib.suppress(ProcessLookupError):
        descriptor = os.pidfd_open(pid)
        try:
            assert select.select([descriptor], [], [], 10)[0], f"still running: {pid}"
        finally:
            os.close(descriptor)


def test_signed_request_round_trip(endpoint: Endpoint, bucket: str) -> None:
    with s3_client(endpoint) as client:
        client.put_object(Bucket=bucket, Key="a b/ü", Body=b"hello", Metadata={"x": "1"})
        head = client.head_object(Bucket=bucket, Key="a b/ü")
        listed = client.list_objects_v2(Bucket=bucket)["Contents"]
        assert fetch(client, Bucket=bucket, Key="a b/ü") == b"hello"
    assert head["ContentLength"] == 5
    assert head["Metadata"] == {"x": "1"}
    assert [found["Key"] for found in listed] == ["a b/ü"]


@pytest.mark.parametrize("name", ["ceph", "localstack"])
def test_locks_hold(
    name: str, request: pytest.FixtureRequest, new_bucket: Callable[..., str]
) -> None:
    endpoint: Endpoint = request.getfixturevalue(name)
    bucket = new_bucket(endpoint, lock=True)
    with s3_client(endpoint) as client:
        version = client.put_object(
            Bucket=bucket, Key="k", Body=b"x", ObjectLockLegalHoldStatus="ON"
        )["VersionId"]
        with pytest.raises(ClientError, match="AccessDenied"):
            client.delete_object(Bucket=bucket, Key="k", VersionId=version)


def test_ceph_refuses_strangers_and_wrong_secrets(ceph: Endpoint, ceph_bucket: str) -> None:
    with s3_client(ceph, second_account=True) as client:
        with pytest.raises(ClientError, match="AccessDenied"):
            client.list_objects_v2(Bucket=ceph_bucket)
        assert client.list_buckets()["Buckets"] == []
    for wrong, code in (
        (dataclasses.replace(ceph, secret_key="wrong"), "SignatureDoesNotMatch"),
        (dataclasses.replace(ceph, access_key="nobody"), "InvalidAccessKeyId"),
    ):
        with s3_client(wrong) as client, pytest.raises(ClientError, match=code):
            client.list_buckets()


def test_ceph_has_the_storage_classes(ceph: Endpoint, ceph_bucket: str) -> None:
    with s3_client(ceph) as client:
        client.put_object(Bucket=ceph_bucket, Key="k", Body=b"x", StorageClass="DEEP_ARCHIVE")
        assert client.head_object(Bucket=ceph_bucket, Key="k")["StorageClass"] == "DEEP_ARCHIVE"


def test_ceph_freezes_and_thaws(ceph: Endpoint, ceph_server: Ceph, ceph_bucket: str) -> None:
    ceph_server.freeze_storage()
    try:
        with s3_client(ceph, read_timeout=0.5) as client, pytest.raises(ReadTimeoutError):
            client.put_object(Bucket=ceph_bucket, Key="k", Body=b"x")
    finally:
        ceph_server.thaw_storage()
    with s3_client(ceph) as client:
        client.put_object(Bucket=ceph_bucket, Key="k", Body=b"x")


def test_ceph_runs_admin_commands(ceph: Endpoint, ceph_server: Ceph, ceph_bucket: str) -> None:
    assert ceph_bucket in ceph_server.admin("bucket", "list", "--uid=alice")


def test_ceph_notes_a_bucket_with_rules_where_we_look(
    ceph: Endpoint, ceph_server: Ceph, ceph_bucket: str
) -> None:
    rule = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
    with s3_client(ceph) as client:
        client.put_bucket_lifecycle_configuration(
            Bucket=ceph_bucket, LifecycleConfiguration={"Rules": [rule]}
        )
        entries = [each["bucket"] for each in json.loads(ceph_server.admin("lc", "list"))]
        [entry] = [each for each in entries if ceph_places.bucket_of(each) == ceph_bucket]
        where = f"lc.{ceph_places.place_of(entry)}"
        pool = ("-p", "default.rgw.log", "-N", "lc")
        conf = ceph_server.folder / "ceph.conf"
        assert entry in run_tool("rados", "-c", conf, *pool, "listomapkeys", where).splitlines()
        client.delete_bucket_lifecycle(Bucket=ceph_bucket)
    assert entry not in ceph_server.admin("lc", "list")


def test_the_first_bucket_of_a_place_is_in_the_way_of_the_others_there() -> None:
    entries = [f":b{number:03}:id.{number}" for number in range(200)]
    places = {entry: ceph_places.place_of(entry) for entry in entries}
    first = {places[entry]: entry for entry in reversed(entries)}
    free = {ceph_places.bucket_of(entry) for entry in first.values()}
    left_out = ceph_places.crowded(reversed(entries))
    assert left_out.isdisjoint(free)
    assert left_out | free == {ceph_places.bucket_of(entry) for entry in entries}
    assert len(free) <= ceph_places.PLACES


@pytest.mark.slow
def test_ceph_executes_lifecycle_with_short_days(pytestconfig: pytest.Config) -> None:
    rule = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "old/"}, "Expiration": {"Days": 1}}
    with running(Ceph(lifecycle_day_s=2), pytestconfig) as ceph, s3_client(ceph) as client:
        client.create_bucket(Bucket="lifecycle")
        client.put_bucket_lifecycle_configuration(
            Bucket="lifecycle", LifecycleConfiguration={"Rules": [rule]}
        )
        for key in ("old/a", "kept"):
            client.put_object(Bucket="lifecycle", Key=key, Body=b"x")
        deadline = time.monotonic() + 60
        keys = {"old/a", "kept"}
        while keys != {"kept"}:
            assert time.monotonic() < deadline, f"still there: {keys}"
            threading.Event().wait(0.2)
            listed = client.list_objects_v2(Bucket="lifecycle")["Contents"]
            keys = {row["Key"] for row in listed}


def test_fault_proxy_keeps_signatures_valid(
    ceph: Endpoint, ceph_bucket: str, fault_proxy: Callable[[Endpoint], FaultProxy]
) -> None:
    proxy = fault_proxy(ceph)
    proxy.on(slow_down(), method="PUT")
    proxy.on(Cut(after=3), method="GET")
    with s3_client(proxy.endpoint) as client:
        with pytest.raises(ClientError, match="SlowDown"):
            client.put_object(Bucket=ceph_bucket, Key="k", Body=b"hello")
        client.put_object(Bucket=ceph_bucket, Key="k", Body=b"hello")
        with pytest.raises(Exception, match="Connection"):
            fetch(client, Bucket=ceph_bucket, Key="k")
        assert fetch(client, Bucket=ceph_bucket, Key="k") == b"hello"


def test_tls_front(
    ceph: Endpoint,
    ceph_bucket: str,
    fault_proxy: Callable[[Endpoint], FaultProxy],
    tls_front: Callable[..., Endpoint],
) -> None:
    proxy = fault_proxy(ceph)
    secure = tls_front(proxy.endpoint)
    body = bytes(range(256)) * (4 << 12)
    with s3_client(secure) as client:
        client.put_object(Bucket=ceph_bucket, Key="k", Body=body)
        assert fetch(client, Bucket=ceph_bucket, Key="k") == body
        proxy.on(Cut(after=1 << 20))
        with pytest.raises(Exception, match=r"Connection|IncompleteRead"):
            fetch(client, Bucket=ceph_bucket, Key="k")


def test_tls_front_is_trusted_by_its_authority_only(
    moto: Endpoint, tls_front: Callable[..., Endpoint]
) -> None:
    secure = tls_front(moto)
    with urlopen(secure.url, context=ssl.create_default_context(cafile=secure.ca)) as reply:
        assert reply.status == 200
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        urlopen(secure.url)
    stranger = tls_front(moto, names=("other.test",))
    with s3_client(stranger) as client, pytest.raises(SSLError, match="doesn't match"):
        client.list_buckets()


@pytest.mark.parametrize("server", SERVERS)
def test_stop_leaves_nothing(
    server: type[Ceph | LocalStack | Moto | Null | Rclone | Swift | TinyProxy | XDisplay],
) -> None:
    started = server()
    if (reason := started.available()) is not None:
        pytest.skip(reason)
    started.start()
    pids, folder = started.pids, started.folder
    assert pids
    assert all(map(is_running, pids))
    started.stop()
    started.stop()
    for pid in pids:
        wait_until_gone(pid)
    assert not folder.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="prctl(2) is Linux's")
def test_servers_die_with_a_killed_run() -> None:
    script = (
        "import signal, sys\n"
        "from tests.servers.moto import Moto\n"
        "server = Moto()\n"
        "server.start()\n"
        "print(*server.pids, server.folder, flush=True)\n"
        "signal.pause()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        pid, folder = run.stdout.readline().split()
        assert is_running(int(pid))
        run.send_signal(signal.SIGKILL)
    wait_until_gone(int(pid))
    assert Path(folder).exists()
    Scratch("next").remove()
    assert not Path(folder).exists()


def test_free_port_can_be_listened_on() -> None:
    with socket.create_server(("127.0.0.1", free_port())):
        pass


def test_windows_can_be_put_on_the_virtual_screen(x11_env: dict[str, str]) -> None:
    script = (
        "from PySide6.QtWidgets import QApplication, QLabel\n"
        "app = QApplication([])\n"
        "label = QLabel('hello')\n"
        "label.setWindowTitle('a window of the test')\n"
        "label.show()\n"
        "print(app.platformName(), flush=True)\n"
        "app.exec()\n"
    )
    search = ["xdotool", "search", "--sync", "--onlyvisible", "--name", "a window of the test"]
    with subprocess.Popen(
        [sys.executable, "-c", script], env=x11_env, stdout=subprocess.PIPE, text=True
    ) as window:
        try:
            assert window.stdout is not None
            assert window.stdout.readline() == "xcb\n"
            found = subprocess.run(
                search, env=x11_env, capture_output=True, text=True, timeout=20, check=True
            )
            assert found.stdout.strip().isdigit()
        finally:
            window.kill()
