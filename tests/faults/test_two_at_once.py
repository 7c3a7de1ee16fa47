"""Two processes that upload to one key at the same moment: one object, whole, and no lie."""

from __future__ import annotations

import json
import random
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from tests.faults.crash_lab import CONTENT, REACHED_S, SIZE
from tests.servers.client import s3_client
from tests.servers.fault import Stall

if TYPE_CHECKING:
    from tests.faults.crash_lab import Lab
    from tests.servers.fault import Direction

COMPLETE = r"\?uploadId="
ONE = CONTENT[:SIZE]
OTHER = random.Random(4).randbytes(SIZE)
PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class Race:
    """How two of a kind meet.

    Both wait where their first request of `method` to `path` is on its way, or the reply to it, as
    `direction` says; then they go on, or lose what was on its way: their connections are cut.
    """

    name: str
    method: str
    path: str
    direction: Direction = "request"
    loses: bool = False

    def __str__(self) -> str:
        return self.name


RACES = [
    Race("both begin at once", "POST", "uploads"),
    Race("both begin, unheard", "POST", "uploads", "response", loses=True),
    Race("both send their last part", "PUT", "partNumber=4&"),
    Race("both join at once", "POST", COMPLETE),
    Race("both joined, unheard", "POST", COMPLETE, "response", loses=True),
    Race("both joined, heard late", "POST", COMPLETE, "response"),
]


class Contest:
    """The two processes, and what they say."""

    def __init__(self, lab: Lab, key: str, sources: list[bytes], flags: list[str]) -> None:
        self._lab = lab
        self.key = key
        self.sources = sources
        # The same bytes are the same file: two commands that are alike in every word.
        files = [lab.folder / f"{key}-{sources.index(each)}" for each in sources]
        for file, content in zip(files, sources, strict=True):
            file.write_bytes(content)
        self._words = [["cp", *flags, str(file), lab.place(key), "--json"] for file in files]
        self.processes: list[subprocess.Popen[bytes]] = []

    def run(self, race: Race) -> list[dict[str, Any]]:
        """Let them meet, and wait for their ends; the last line of each."""
        lab = self._lab
        stalls = [Stall(None, race.direction) for _ in self._words]
        for stall in stalls:
            lab.proxy.on(stall, method=race.method, path_re=race.path, times=1)
        try:
            self.processes = [self._start(words) for words in self._words]
            self.met = self._wait_for(stalls)
            lab.proxy.clear()
            if race.loses:
                lab.proxy.cut_connections()
            for stall in stalls:
                stall.release()
            return [self._end(process) for process in self.processes]
        finally:
            for process in self.processes:
                process.kill()
                process.communicate()

    def _wait_for(self, stalls: list[Stall]) -> bool:
        """Whether both came so far; one that has ended will not."""
        deadline = time.monotonic() + REACHED_S
        while time.monotonic() < deadline:
            if all(stall.reached.wait(0.05) for stall in stalls):
                return True
            if any(process.poll() is not None for process in self.processes):
                return False
        return False

    def _start(self, words: list[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._lab.terminal.command(*words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._lab.terminal.variables,
        )

    def _end(self, process: subprocess.Popen[bytes]) -> dict[str, Any]:
        out, err = process.communicate(timeout=PATIENCE_S)
        assert out.strip(), err.decode()
        ended: dict[str, Any] = json.loads(out.splitlines()[-1])
        return {**ended, "code": process.returncode}

    def held(self) -> bytes:
        with s3_client(self._lab.proxy.endpoint) as client:
            data: bytes = client.get_object(Bucket=self._lab.bucket, Key=self.key)["Body"].read()
            return data


@pytest.mark.parametrize("race", RACES, ids=str)
@pytest.mark.parametrize("is_same", [True, False], ids=["one file", "two files"])
@pytest.mark.parametrize("flags", [[], ["--overwrite"]], ids=["new", "overwrite"])
def test_one_of_two_is_there_whole(lab: Lab, race: Race, is_same: bool, flags: list[str]) -> None:
    contest = Contest(lab, f"k-{uuid4().hex[:8]}", [ONE, ONE if is_same else OTHER], flags)
    ends = contest.run(race)
    there = contest.held()
    assert there in contest.sources
    assert lab.uploads(contest.key) == []
    # Where nothing may be replaced, the second may see the first one's before it joins his own.
    assert contest.met or not flags
    for end in ends:
        is_done = end["state"] == "completed"
        assert (end["code"] == 0, bool(end["error"])) == (is_done, not is_done), end
        assert end["verified"] == ("md5" if is_done else ""), end
    done = [end["state"] == "completed" for end in ends]
    claims = zip(done, contest.sources, strict=True)
    assert any(is_done and source == there for is_done, source in claims), ends
    if race.direction == "response" and race.method == "POST" and race.path == COMPLETE:
        # Both were joined when they looked: only one of two can be there.
        assert sum(done) == 1 or is_same, ends
