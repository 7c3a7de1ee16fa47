"""Limits of one run, named on its command line: they take effect, and the settings stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from s4desk.app.cli.arguments import build_parser
from s4desk.app.cli.limiting import limits_of
from s4desk.app.cli.places import UsageError
from s4desk.app.paths import folders_under
from s4desk.app.wiring import build_desk
from tests.servers.client import s3_client
from tests.servers.fault import FaultProxy, Latency
from tests.servers.null import BUCKET

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint
    from tests.servers.fault import RecordedRequest

KIB, MIB = 1024, 1024**2
SETTINGS = "part_limit = 7\n"


class Witness:
    """Sees how many uploads are open at once at a slow store."""

    def __init__(self, proxy: FaultProxy) -> None:
        self._proxy = proxy
        self.most = 0
        proxy.on(Latency(0.05), method="PUT", times=None, where=self._look)

    def _look(self, _: RecordedRequest) -> bool:
        # The proxy asks while it holds its own list.
        open_now = sum(not each.is_done for each in self._proxy._requests)
        self.most = max(self.most, open_now)
        return True


@pytest.fixture
def witness(
    terminal: Terminal, null: Endpoint, fault_proxy: Callable[[Endpoint], FaultProxy]
) -> Witness:
    proxy = fault_proxy(null)
    terminal.add("T", proxy.endpoint)
    return Witness(proxy)


def parsed(*words: str) -> dict[str, int]:
    return limits_of(build_parser().parse_args(["cp", "a", "T:b", *words]))


@pytest.mark.parametrize(
    "words",
    [
        ("verify", "T:b/key"),
        ("uploads", "adopt", "T:b/key", "file"),
        ("transfers", "retry"),
    ],
)
def test_whatever_moves_bytes_can_be_limited(words: tuple[str, ...]) -> None:
    arguments = build_parser().parse_args([*words, "--jobs", "2", "--limit-rate", "1MB/s:off"])
    assert limits_of(arguments) == {
        "transfer_limit": 2,
        "upload_rate": 10**6,
        "download_rate": 0,
    }


def test_a_verification_keeps_to_its_limit(
    terminal: Terminal,
    moto: Endpoint,
    moto_bucket: str,
    fault_proxy: Callable[[Endpoint], FaultProxy],
) -> None:
    proxy = fault_proxy(moto)
    terminal.add("T", proxy.endpoint)
    with s3_client(moto) as client:
        for number in range(6):
            client.put_object(Bucket=moto_bucket, Key=f"v/{number}", Body=b"x")
    most = 0

    def look(_: RecordedRequest) -> bool:
        nonlocal most
        # As above.
        most = max(most, sum(not each.is_done for each in proxy._requests))
        return True

    proxy.on(Latency(0.05), path_re="/v/", times=None, where=look)
    terminal.ok("verify", "-r", f"T:{moto_bucket}/v", "--jobs", "1")
    assert most == 1


@pytest.mark.parametrize(
    ("words", "limits"),
    [
        ((), {}),
        (("--limit-rate", "5MB/s"), {"upload_rate": 5_000_000, "download_rate": 5_000_000}),
        (("--limit-rate", "2M:off"), {"upload_rate": 2 * MIB, "download_rate": 0}),
        (("--limit-rate", "off:1 MiB/s"), {"upload_rate": 0, "download_rate": MIB}),
        (("--jobs", "1", "--parts", "64"), {"transfer_limit": 1, "part_limit": 64}),
        (("--part-size", "32MiB"), {"part_size": 32 * MIB}),
    ],
)
def test_limits_are_settings_of_one_run(words, limits):
    assert parsed(*words) == limits


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--limit-rate", "5"), "--limit-rate: Enter a speed"),
        (("--limit-rate", "5MB/s:"), "“off”"),
        (("--limit-rate", ""), "“off”"),
        (("--limit-rate", "1:2:3"), "--limit-rate: Enter a speed"),
        (("--limit-rate", "1kB/s"), "10 KiB/s is too little"),
        (("--jobs", "0"), "--jobs: Enter a number from 1 to 64."),
        (("--jobs", "many"), "--jobs: Enter a number from 1 to 64."),
        (("--parts", "65"), "--parts: Enter a number from 1 to 64."),
        (("--part-size", "1MiB"), "--part-size: Enter a size from 5 MiB to 1 GiB."),
        (("--part-size", "32"), "--part-size: Enter a size with its unit"),
    ],
)
def test_a_limit_without_a_meaning_is_refused(words, said):
    with pytest.raises(UsageError) as caught:
        parsed(*words)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "verb", [["cp", "a", "T:b"], ["mv", "a", "T:b"], ["sync", "a", "T:b"], ["transfers", "resume"]]
)
def test_each_verb_that_moves_has_limits(terminal, verb):
    ended = terminal.run(*verb, "--jobs", "0")
    assert (ended.code, ended.err) == (2, "s4desk: --jobs: Enter a number from 1 to 64.\n")


def test_a_rate_holds_in_its_direction_only(terminal, null, tmp_path):
    terminal.add("T", null)
    file = tmp_path / "file"
    file.write_bytes(bytes(MIB))
    up, down = ("cp", str(file), f"T:{BUCKET}/new"), ("cp", f"T:{BUCKET}/x-1m", str(tmp_path / "x"))
    for words, limit, is_slow in (
        (up, "1MiB/s:off", True),
        (up, "off:64KiB/s", False),
        (down, "off:1MiB/s", True),
        (down, "64KiB/s:off", False),
    ):
        (told,) = terminal.ok(*words, "--overwrite", "--json", "--limit-rate", limit).records
        # 64 KiB/s would take 16 seconds.
        assert 0.8 < told["seconds"] < 8 if is_slow else told["seconds"] < 8
        (tmp_path / "x").unlink(missing_ok=True)


def test_parts_have_the_size_of_this_run_and_the_settings_stay(terminal, null, tmp_path):
    terminal.add("T", null)
    settings = terminal.home / "config" / "settings.toml"
    settings.write_text(SETTINGS)
    file = tmp_path / "file"
    with file.open("wb") as sparse:
        sparse.truncate(64 * MIB)
    words = ("cp", str(file), f"T:{BUCKET}/new", "--overwrite", "--json")
    assert terminal.ok(*words, "--part-size", "32MiB").records[0]["parts"] == 2
    assert terminal.ok(*words).records[0]["parts"] == 4
    assert settings.read_text() == SETTINGS


@pytest.mark.parametrize(("jobs", "least", "most"), [("1", 1, 1), ("2", 2, 8)])
def test_jobs_are_transfers_at_once(terminal, witness, tmp_path, jobs, least, most):
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in range(16):
        (folder / f"{number}").write_bytes(b"content")
    terminal.ok("cp", "-r", str(folder), f"T:{BUCKET}/new", "--overwrite", "--jobs", jobs)
    assert least <= witness.most <= most


@pytest.mark.parametrize(("parts", "most"), [("1", 1), ("3", 3)])
def test_parts_are_parts_at_once(terminal, witness, tmp_path, parts, most):
    file = tmp_path / "file"
    with file.open("wb") as sparse:
        sparse.truncate(64 * MIB)
    limits = ("--parts", parts, "--part-size", "8MiB")
    terminal.ok("cp", str(file), f"T:{BUCKET}/new", "--overwrite", *limits)
    assert witness.most == most


async def test_what_is_for_now_is_not_written(tmp_path: Path) -> None:
    folders = folders_under(tmp_path)
    desk = build_desk(folders, for_now={"part_limit": 3, "upload_rate": 5})
    assert (desk.settings.current.part_limit, desk.settings.current.upload_rate) == (3, 5)
    await desk.settings.change(transfer_limit=2)
    assert (folders.config / "settings.toml").read_text() == "version = 1\ntransfer_limit = 2\n"
