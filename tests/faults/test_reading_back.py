"""`--verify-reads` at a store that tells nothing of what it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from s4desk.core.transfer.ends import READ_BACK_SUM
from s4desk.core.wire.checksums import checksum
from tests.faults.crash_lab import SMALL
from tests.servers.client import s3_client
from tests.servers.fault import EditHead, Flip

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.crash_lab import Lab


@pytest.fixture
def folder(lab: Lab) -> Path:
    """One file, on its way to a store whose replies name no ETag."""
    for method in ("PUT", "HEAD"):
        lab.proxy.on(EditHead({"ETag": None}), method=method, times=None)
    folder = lab.folder / uuid4().hex[:8]
    folder.mkdir()
    (folder / "file").write_bytes(SMALL)
    return folder


@pytest.mark.parametrize(("flags", "proof"), [([], "size-only"), (["--verify-reads"], "crc64nvme")])
@pytest.mark.parametrize("verb", ["cp", "sync"])
def test_what_nothing_proves_is_read_back(
    lab: Lab, folder: Path, verb: str, flags: list[str], proof: str
) -> None:
    words = [str(folder), lab.place(f"{folder.name}/"), *(["-r"] if verb == "cp" else [])]
    ended, requests = lab.again([verb, *flags, *words])
    done = [each for each in ended.records if each.get("state") == "completed"]
    assert [each["verified"] for each in done] == [proof], ended.err
    read = [each for each in requests if each.method == "GET" and "?" not in each.target]
    assert len(read) == len(flags)


def test_damage_is_told_and_does_not_stay(lab: Lab, folder: Path) -> None:
    rule = lab.proxy.on(Flip(5), method="GET", path_re=f"{folder.name}$")
    key = folder.name
    ended, _ = lab.again(["cp", "--verify-reads", str(folder / "file"), lab.place(key)])
    assert (rule.hits, ended.code) == (1, 1)
    assert checksum(READ_BACK_SUM, SMALL) in ended.err
    with s3_client(lab.proxy.endpoint) as client:
        assert "Contents" not in client.list_objects_v2(Bucket=lab.bucket, Prefix=key)
