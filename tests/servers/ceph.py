"""Ceph RGW: a production S3 server that really enforces signatures, clocks, accounts and locks."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from tests.servers import ceph_conf, ceph_places
from tests.servers.endpoint import Endpoint
from tests.servers.process import (
    LOOPBACK,
    Child,
    Scratch,
    answers_http,
    free_port,
    run_tool,
    wait_until,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMANDS = ("ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph", "ceph-authtool")
STORAGE_CLASSES = (
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER_IR",
    "GLACIER",
    "DEEP_ARCHIVE",
    "REDUCED_REDUNDANCY",
)

_RUN_TIMEOUT_S = 150.0
_OSD_UUID = "7a1f5a5e-0000-4000-8000-000000000001"
_KEYS = {
    "mon.": [("mon", "allow *")],
    "client.admin": [("mon", "allow *"), ("osd", "allow *")],
    "client.rgw.a": [("mon", "allow rwx"), ("osd", "allow rwx")],
    "osd.0": [("mon", "allow profile osd"), ("osd", "allow *")],
}
_ALICE = ("alice", "S4DESKALICE000000001", "alice-secret-of-the-test-suite-000000001")
_BOB = ("bob", "S4DESKBOB00000000001", "bob-secret-of-the-test-suite-00000000001")
_ALICE_CAPS = "roles=*;user-policy=*;users=*;buckets=*;metadata=*;usage=*"


class Ceph:
    """One monitor, one OSD in memory and one gateway, up in about two seconds.

    The first account (alice) may call the admin, IAM and STS APIs, the second
    (bob) is a stranger to her buckets. Everything stored is held in memory;
    what is deleted is freed half a minute later.
    """

    name = "ceph"

    def __init__(self, *, lifecycle_day_s: int = 0, device_bytes: int = 8 << 30) -> None:
        self._lifecycle_day_s = lifecycle_day_s
        self._device_bytes = device_bytes
        self._children: dict[str, Child] = {}
        self._port = 0
        self._scratch: Scratch | None = None

    def available(self) -> str | None:
        missing = [command for command in COMMANDS if shutil.which(command) is None]
        return f"not installed: {', '.join(missing)}" if missing else None

    def start(self) -> Endpoint:
        self._scratch = Scratch(self.name)
        folder = self._scratch.path
        try:
            ports = self._configure(folder)
            self._start_cluster(folder)
            self._create_accounts()
            self._name_zone(folder)
            self._port = ports.rgw
            self.start_gateway()
        except BaseException:
            self.stop()
            raise
        return Endpoint(
            self.name,
            f"http://{LOOPBACK}:{ports.rgw}",
            *_ALICE[1:],
            access_key2=_BOB[1],
            secret_key2=_BOB[2],
        )

    def stop(self) -> None:
        for child in reversed(self._children.values()):
            # A memstore asked to end politely writes everything it holds to the disk first.
            child.stop(kill=True)
        self._children.clear()
        if self._scratch is not None:
            self._scratch.remove()
            self._scratch = None

    @property
    def pids(self) -> list[int]:
        return [child.pid for child in self._children.values()]

    def admin(self, *arguments: str, timeout_s: float = 60.0) -> str:
        """Run radosgw-admin and return its output; raises ServerError."""
        return run_tool("radosgw-admin", "-c", self._conf, *arguments, timeout_s=timeout_s)

    def run_lifecycle(self, day_s: int) -> set[str]:
        """Let the engine of lifecycle rules run once, now, with days so long; return the buckets
        in which it carried them out.

        It has threads of its own only where a `lifecycle_day_s` was given. Raises ServerError.
        """
        start = datetime.now(UTC).replace(microsecond=0)
        # More workers wait for each other: two seconds for each bucket.
        options = (f"--rgw-lc-debug-interval={day_s}", "--rgw-lc-max-wp-worker=1")
        self.admin("lc", "process", *options, timeout_s=_RUN_TIMEOUT_S)
        return {
            ceph_places.bucket_of(each["bucket"])
            for each in self._lifecycle_entries()
            # A bucket that was only got ready has started as well.
            if each["status"] == "COMPLETE" and parsedate_to_datetime(each["started"]) >= start
        }

    def lifecycle_left_out(self) -> set[str]:
        """The buckets with rules that `run_lifecycle` does not come to: others are in their way."""
        return ceph_places.crowded(each["bucket"] for each in self._lifecycle_entries())

    def _lifecycle_entries(self) -> list[dict[str, str]]:
        entries: list[dict[str, str]] = json.loads(self.admin("lc", "list"))
        return entries

    @contextlib.contextmanager
    def gateway_option(self, name: str, value: str) -> Iterator[None]:
        """Let the gateway run with another value of an option for the time of the block."""
        before = self._gateway("config", "get", name)[name]
        self._gateway("config", "set", name, value)
        try:
            yield
        finally:
            self._gateway("config", "set", name, before)

    def _gateway(self, *words: str) -> dict[str, str]:
        socket = self.folder / "run/client.rgw.a.asok"
        told: dict[str, str] = json.loads(run_tool("ceph", "--admin-daemon", socket, *words))
        return told

    def freeze_gateway(self) -> None:
        """Stop the gateway: connections are accepted by the system, and nobody answers."""
        self._children["radosgw"].signal(signal.SIGSTOP)

    def thaw_gateway(self) -> None:
        self._children["radosgw"].signal(signal.SIGCONT)

    def kill_gateway(self) -> None:
        """As a crash of it, or of its machine."""
        self._children["radosgw"].stop(kill=True)

    def start_gateway(self) -> None:
        """Have it answer, again at the same address."""
        gateway = self._spawn("radosgw", "-n", "client.rgw.a")
        wait_until(lambda: answers_http(self._port), gateway)

    def freeze_storage(self) -> None:
        """Stop the OSD: requests are accepted and then wait, without an error."""
        self._children["ceph-osd"].signal(signal.SIGSTOP)

    def thaw_storage(self) -> None:
        """Let the OSD go on; requests that waited are answered."""
        self._children["ceph-osd"].signal(signal.SIGCONT)

    @property
    def folder(self) -> Path:
        """The data folder; raises RuntimeError when stopped."""
        if self._scratch is None:
            raise RuntimeError("Ceph is not running")
        return self._scratch.path

    @property
    def _conf(self) -> Path:
        return self.folder / "ceph.conf"

    def _spawn(self, command: str, *arguments: str) -> Child:
        child = Child(
            [command, "-f", *arguments, "-c", self._conf], log=self.folder / f"log/{command}.out"
        )
        self._children[command] = child
        return child

    def _configure(self, folder: Path) -> ceph_conf.Ports:
        for name in ("mon.a", "osd.0", "rgw", "run", "log"):
            (folder / name).mkdir()
        ports = ceph_conf.Ports(free_port(), free_port(), free_port(), free_port())
        self._conf.write_text(
            ceph_conf.render(
                folder,
                ports,
                lifecycle_day_s=self._lifecycle_day_s,
                device_bytes=self._device_bytes,
            )
        )
        keyring = folder / "keyring"
        run_tool("ceph-authtool", "--create-keyring", keyring)
        for entity, caps in _KEYS.items():
            grants = [word for cap in caps for word in ("--cap", *cap)]
            run_tool("ceph-authtool", keyring, "--gen-key", "-n", entity, *grants)
        monmap = ("--addv", "a", ports.mon_addresses, folder / "monmap")
        run_tool("monmaptool", "--create", "--fsid", ceph_conf.FSID, *monmap)
        return ports

    def _start_cluster(self, folder: Path) -> None:
        conf = ("-c", self._conf)
        maps = ("--monmap", folder / "monmap", "--keyring", folder / "keyring")
        run_tool("ceph-mon", "--mkfs", "-i", "a", *conf, *maps)
        self._spawn("ceph-mon", "-i", "a")
        run_tool("ceph", *conf, "--connect-timeout", "20", "osd", "new", _OSD_UUID)
        run_tool("ceph-osd", "--mkfs", "-i", "0", *conf, "--osd-uuid", _OSD_UUID)
        self._spawn("ceph-osd", "-i", "0")

    def _create_accounts(self) -> None:
        # The first of these calls also creates the default zone.
        for uid, access_key, secret_key in (_ALICE, _BOB):
            self.admin(
                *("user", "create", f"--uid={uid}", f"--display-name={uid}"),
                *(f"--access-key={access_key}", f"--secret-key={secret_key}"),
                *([f"--caps={_ALICE_CAPS}"] if uid == "alice" else []),
            )

    def _name_zone(self, folder: Path) -> None:
        """Give the default zone the region name and the storage classes of AWS."""
        group: dict[str, Any] = json.loads(self.admin("zonegroup", "get"))
        group |= {"api_name": "us-east-1", "is_master": "true"}
        for target in group["placement_targets"]:
            target["storage_classes"] = ["STANDARD", *STORAGE_CLASSES]
        zone: dict[str, Any] = json.loads(self.admin("zone", "get"))
        for placement in zone["placement_pools"]:
            classes = placement["val"]["storage_classes"]
            pool = classes["STANDARD"].get("data_pool") or "default.rgw.buckets.data"
            classes |= {name: {"data_pool": pool} for name in STORAGE_CLASSES}
        for kind, value in (("zonegroup", group), ("zone", zone)):
            infile = folder / f"{kind}.json"
            infile.write_text(json.dumps(value))
            self.admin(kind, "set", f"--infile={infile}")
