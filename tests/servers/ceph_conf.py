"""The configuration file of the one-node Ceph that the suite runs."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.servers import ceph_places
from tests.servers.process import LOOPBACK

if TYPE_CHECKING:
    from pathlib import Path

FSID = "5d9b4a52-1c1b-4b61-9c1b-5a1c0de00002"
KMS_KEY_NAME = "testkey-1"

_QUIET = (
    "ms osd mon paxos auth objecter monc bluestore bdev rocksdb objclass lockdep throttle optracker"
)
_OSD_PORT_SPAN = 60


@dataclass(frozen=True, slots=True)
class Ports:
    """The TCP ports of one cluster; the OSD takes what is free from `osd_first` on."""

    mon_v2: int
    mon_v1: int
    osd_first: int
    rgw: int

    @property
    def mon_addresses(self) -> str:
        return f"[v2:{LOOPBACK}:{self.mon_v2},v1:{LOOPBACK}:{self.mon_v1}]"


def render(folder: Path, ports: Ports, *, lifecycle_day_s: int, device_bytes: int) -> str:
    """Return ceph.conf for a monitor, an OSD in memory and a gateway that keep all in `folder`.

    `lifecycle_day_s` is what lifecycle rules take for a day; 0 means real days.
    """
    sections: dict[str, dict[str, object]] = {
        "global": _global(folder, ports),
        "mon": _mon(folder),
        "osd": _osd(folder, device_bytes),
        "client": _gateway(folder, lifecycle_day_s),
        # Without tcp_nodelay each GET waits 44 ms for a delayed ACK.
        "client.rgw.a": {
            "rgw frontends": f"beast endpoint={LOOPBACK}:{ports.rgw} tcp_nodelay=1",
        },
    }
    lines: list[str] = []
    for section, options in sections.items():
        lines.append(f"[{section}]")
        lines += (f"{name} = {value}" for name, value in options.items())
    return "\n".join(lines) + "\n"


def _global(folder: Path, ports: Ports) -> dict[str, object]:
    return {
        "fsid": FSID,
        "mon host": ports.mon_addresses,
        "mon initial members": "a",
        "public addr": LOOPBACK,
        "cluster addr": LOOPBACK,
        "ms bind ipv6": "false",
        "ms bind port min": ports.osd_first,
        "ms bind port max": ports.osd_first + _OSD_PORT_SPAN,
        # radosgw 16 cannot start with `none`.
        "auth cluster required": "cephx",
        "auth service required": "cephx",
        "auth client required": "cephx",
        "cephx sign messages": "false",
        "ms crc data": "false",
        "osd pool default size": 1,
        "osd pool default min size": 1,
        "osd pool default pg num": 4,
        "osd pool default pgp num": 4,
        "osd pool default pg autoscale mode": "off",
        "osd crush chooseleaf type": 0,
        "mon allow pool size one": "true",
        "mon max pg per osd": 1000,
        "mon warn on pool no redundancy": "false",
        "mon data avail warn": 1,
        "mon data avail crit": 0,
        "run dir": folder / "run",
        "admin socket": folder / "run/$name.asok",
        "log file": folder / "log/$name.log",
        "crash dir": folder / "log",
        "mon cluster log file": folder / "log/cluster.log",
        "keyring": folder / "keyring",
        "osd enable op tracker": "false",
        "throttler perf counter": "false",
        **{f"debug {name}": "0/0" for name in _QUIET.split()},
    }


def _mon(folder: Path) -> dict[str, object]:
    return {
        "mon data": folder / "mon.a",
        "mon osd min down reporters": 1,
        "paxos propose interval": 0.05,
        "paxos min wait": 0.01,
        "auth allow insecure global id reclaim": "false",
    }


def _osd(folder: Path, device_bytes: int) -> dict[str, object]:
    return {
        "osd data": folder / "osd.0",
        "osd objectstore": "memstore",
        "memstore device bytes": device_bytes,
        # Page sets halve the rate of large uploads.
        "memstore page set": "false",
        "osd max object name len": 2048,
        "osd class load list": "*",
        "osd class default list": "*",
    }


def _gateway(folder: Path, lifecycle_day_s: int) -> dict[str, object]:
    kms_key = base64.b64encode(b"thirty-two bytes of a test key!!").decode()
    return {
        "rgw data": folder / "rgw",
        "rgw dns name": "localhost",
        "rgw enable usage log": "false",
        "rgw enable ops log": "false",
        "rgw thread pool size": 64,
        "rgw override bucket index max shards": 1,
        "rgw dynamic resharding": "false",
        "rgw crypt require ssl": "false",
        "rgw crypt s3 kms backend": "testing",
        "rgw crypt s3 kms encryption keys": f"{KMS_KEY_NAME}={kms_key}",
        "rgw s3 auth use sts": "true",
        "rgw sts key": "sixteen-byte-key",
        # In the default order a bad signature becomes a plain AccessDenied.
        "rgw s3 auth order": "local, sts",
        "rgw lc debug interval": lifecycle_day_s or -1,
        "rgw enable lc threads": "true" if lifecycle_day_s else "false",
        # Where the buckets with rules are noted: a run by hand takes one of each.
        "rgw lc max objs": ceph_places.PLACES,
        "rgw gc processor period": 30,
        "rgw gc obj min wait": 30,
        "rgw gc processor max time": 30,
        "rgw enable static website": "true",
        "rgw enable apis": "s3, s3website, admin, sts, iam, notifications",
        "debug rgw": "0/0",
    }
