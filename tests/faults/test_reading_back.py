"""`--verify-reads` at a store that tells nothing of what it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from s4desk.core.domain.parts import MIB
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


@pytest.mark.parametrize("is_told", [True, False])
def test_bytes_that_the_sum_of_parts_refutes(lab: Lab, *, is_told: bool) -> None:
    """Where the store tells how the object was cut they are refused, else there is a warning."""
    key, sizes = uuid4().hex[:8], (5 * MIB, MIB)
    with s3_client(lab.proxy.endpoint) as client:
        place = {"Bucket": lab.bucket, "Key": key}
        upload = client.create_multipart_upload(**place)["UploadId"]
        for number, size in enumerate(sizes, 1):
            body = bytes(size)
            client.upload_part(**place, UploadId=upload, PartNumber=number, Body=body)
        found = client.list_parts(**place, UploadId=upload)["Parts"]
        parts = [{name: each[name] for name in ("PartNumber", "ETag")} for each in found]
        client.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={"Parts": parts})
    target = lab.folder / key
    if is_told:
        told = {"x-amz-mp-parts-count": "2", "Content-Length": str(sizes[0])}
        lab.proxy.on(EditHead(told), method="HEAD", path_re="partNumber=1", times=None)
    good, _ = lab.again(["cp", lab.place(key), str(target)])
    assert (good.code, "proved" in good.err) == (0, False)
    assert target.read_bytes() == bytes(sum(sizes))
    target.unlink()

    lab.proxy.on(Flip(1000), method="GET", times=None)
    bad, _ = lab.again(["cp", lab.place(key), str(target)])
    assert target.exists() is not is_told
    if is_told:
        assert (bad.code, "md5 is" in bad.err) == (1, True)
    else:
        assert (bad.code, f"{target} could not be proved" in bad.err) == (0, True)
