"""OpenStack Swift with s3api: a real server that is strict in what it has, and lacks a lot."""

from __future__ import annotations

import getpass
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from tests.servers.endpoint import Endpoint
from tests.servers.process import (
    LOOPBACK,
    ROOT,
    Child,
    Scratch,
    answers_http,
    free_port,
    run_tool,
    wait_until,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

VENV = ROOT / ".servers" / "swift"
_BACKENDS = ("account", "container", "object")
_PIPELINE = (
    "catch_errors gatekeeper healthcheck cache listing_formats bulk s3api tempauth copy slo dlo"
    " versioned_writes symlink proxy-server"
)
_FILTERS: Mapping[str, Mapping[str, str]] = {
    "catch_errors": {},
    "gatekeeper": {},
    "healthcheck": {},
    "cache": {"use": "egg:swift#memcache"},
    "listing_formats": {},
    "bulk": {},
    "s3api": {"location": "us-east-1", "dns_compliant_bucket_names": "true"},
    "tempauth": {
        "user_alice_alice": "alicesecret .admin",
        "user_bob_bob": "bobsecret .admin",
    },
    "copy": {},
    "slo": {},
    "dlo": {},
    "symlink": {},
    "versioned_writes": {
        "allow_versioned_writes": "true",
        "allow_object_versioning": "true",
    },
}


class Swift:
    """One of each server process on one device, and a memcached; all state is gone on stop."""

    name = "swift"

    def __init__(self) -> None:
        self._children: list[Child] = []
        self._scratch: Scratch | None = None

    def available(self) -> str | None:
        if not (VENV / ".installed").exists():
            return "not installed in .servers/swift"
        return None if shutil.which("memcached") else "not installed: memcached"

    def start(self) -> Endpoint:
        self._scratch = Scratch(self.name)
        try:
            return self._start(self._scratch.path)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        while self._children:
            self._children.pop().stop(kill=True)
        if self._scratch is not None:
            self._scratch.remove()
            self._scratch = None

    @property
    def pids(self) -> list[int]:
        return [child.pid for child in self._children]

    @property
    def folder(self) -> Path:
        """The data folder; raises RuntimeError when stopped."""
        if self._scratch is None:
            raise RuntimeError("Swift is not running")
        return self._scratch.path

    def _start(self, folder: Path) -> Endpoint:
        ports = {name: free_port() for name in (*_BACKENDS, "proxy", "memcached")}
        (folder / "devices" / "d1").mkdir(parents=True)
        _write(folder / "swift.conf", _CONSTANTS)
        for name in _BACKENDS:
            self._build_ring(folder, name, ports[name])
            _write(folder / f"{name}.conf", _backend(folder, name, ports[name]))
        _write(folder / "proxy.conf", _proxy(folder, ports))
        memcached = ["memcached", "-l", LOOPBACK, "-p", str(ports["memcached"]), "-m", "64"]
        self._spawn(folder, *memcached, "-u", getpass.getuser())
        for name in (*_BACKENDS, "proxy"):
            self._spawn(folder, VENV / "bin" / f"swift-{name}-server", folder / f"{name}.conf")
        port = ports["proxy"]
        wait_until(lambda: answers_http(port, "/healthcheck"), self._children[-1])
        url = f"http://{LOOPBACK}:{port}"
        keys = ("alice:alice", "alicesecret", "us-east-1")
        return Endpoint(self.name, url, *keys, access_key2="bob:bob", secret_key2="bobsecret")

    def _spawn(self, folder: Path, *command: str | Path) -> None:
        name = Path(command[0]).name
        child = Child(command, log=folder / f"{name}.log", cwd=folder)
        self._children.append(child)

    def _build_ring(self, folder: Path, name: str, port: int) -> None:
        builder = folder / f"{name}.builder"
        tool = VENV / "bin" / "swift-ring-builder"
        run_tool(tool, builder, "create", "6", "1", "0")
        run_tool(tool, builder, "add", f"r1z1-{LOOPBACK}:{port}/d1", "1")
        run_tool(tool, builder, "rebalance")


_CONSTANTS: Mapping[str, Mapping[str, str]] = {
    "swift-hash": {"swift_hash_path_prefix": "a", "swift_hash_path_suffix": "b"},
    "storage-policy:0": {"name": "p0", "default": "yes"},
}


def _backend(folder: Path, name: str, port: int) -> Mapping[str, Mapping[str, str]]:
    return {
        "DEFAULT": {
            **_process(folder, port),
            "devices": str(folder / "devices"),
            "mount_check": "false",
        },
        "pipeline:main": {"pipeline": f"{name}-server"},
        f"app:{name}-server": {"use": f"egg:swift#{name}"},
        f"{name}-updater": {"interval": "5"},
    }


def _proxy(folder: Path, ports: Mapping[str, int]) -> Mapping[str, Mapping[str, str]]:
    filters = {
        f"filter:{name}": {"use": f"egg:swift#{name}", **options}
        for name, options in _FILTERS.items()
    }
    filters["filter:cache"]["memcache_servers"] = f"{LOOPBACK}:{ports['memcached']}"
    return {
        "DEFAULT": _process(folder, ports["proxy"]),
        "pipeline:main": {"pipeline": _PIPELINE},
        "app:proxy-server": {
            "use": "egg:swift#proxy",
            "account_autocreate": "true",
            "allow_account_management": "true",
        },
        **filters,
    }


def _process(folder: Path, port: int) -> Mapping[str, str]:
    return {
        "bind_ip": LOOPBACK,
        "bind_port": str(port),
        "workers": "0",
        "swift_dir": str(folder),
        "user": getpass.getuser(),
        "log_level": "WARNING",
    }


def _write(path: Path, sections: Mapping[str, Mapping[str, str]]) -> None:
    lines: list[str] = []
    for section, options in sections.items():
        lines += [f"[{section}]", *(f"{name} = {value}" for name, value in options.items()), ""]
    path.write_text("\n".join(lines))
