"""The program is killed while it moves or deletes: no byte is lost, and the command ends it."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.faults.crash_lab import (
    CONTENT,
    IN_FLIGHT,
    MIB,
    PART,
    RANGES,
    REACHED_S,
    SIZE,
    SMALL,
    Lab,
    Moment,
)
from tests.servers.client import s3_client

if TYPE_CHECKING:
    from tests.servers.fault import RecordedRequest

JOIN = r"/to\?uploadId="
REMOVED = [
    Moment("before the source is looked at again", "HEAD", "/from$", nth=3),
    Moment("before the source goes", "DELETE", "/from"),
    Moment("the source is gone, unheard", "DELETE", "/from", direction="response"),
]
UP = [
    Moment("before the upload exists", "POST", "/to.uploads"),
    Moment("the upload exists, unheard", "POST", "/to.uploads", direction="response"),
    Moment("within a middle part", "PUT", "partNumber=3&", after=MIB),
    Moment("a part arrived, unheard", "PUT", "partNumber=2&", direction="response"),
    Moment("before it is joined", "POST", JOIN),
    Moment("joined, unheard", "POST", JOIN, direction="response"),
    Moment("joined, before it is looked at", "HEAD", "/to$", nth=3),
    Moment("joined, the look unheard", "HEAD", "/to$", nth=3, direction="response"),
]
SMALL_UP = [
    Moment("half sent", "PUT", "/to", after=MIB // 2),
    Moment("stored, unheard", "PUT", "/to", direction="response"),
    Moment("stored, before it is looked at", "HEAD", "/to$", nth=2),
]
DOWN = [
    Moment("before the first range", "GET", "/from"),
    Moment("within the third range", "GET", "/from", nth=3, direction="response", after=MIB),
    Moment("the last range, unheard", "GET", "/from", nth=RANGES, direction="response"),
    Moment("before the source is looked at again", "HEAD", "/from$", nth=3),
    *REMOVED[1:],
]
WITHIN = [
    Moment("before the copy", "PUT", "/to"),
    Moment("copied, unheard", "PUT", "/to", direction="response"),
    Moment("copied, before it is looked at", "HEAD", "/to$", nth=2),
    *REMOVED,
]
BETWEEN = [
    Moment("the upload exists, unheard", "POST", "/to.uploads", direction="response"),
    Moment("before the first part is read", "GET", "/from$"),
    Moment("a part is half read", "GET", "/from$", nth=2, direction="response", after=MIB),
    Moment("within a middle part", "PUT", "partNumber=2&", after=MIB),
    Moment("the last part, unheard", "PUT", "partNumber=4&", direction="response"),
    Moment("before it is joined", "POST", JOIN),
    Moment("joined, unheard", "POST", JOIN, direction="response"),
    Moment("joined, before it is looked at", "HEAD", "/to$", nth=3),
    Moment("before the source is looked at again", "HEAD", "/from$", nth=3),
    *REMOVED[1:],
]
SMALL_BETWEEN = [
    Moment("half read", "GET", "/from$", direction="response", after=MIB // 2),
    Moment("half sent", "PUT", "/to", after=MIB // 2),
    Moment("stored, unheard", "PUT", "/to", direction="response"),
    *REMOVED[1:],
]


@dataclass(frozen=True, slots=True)
class Move:
    """From one side to the other: each is the name of a connection, or empty for a file here."""

    source: str
    target: str
    content: bytes

    def words(self, lab: Lab, key: str) -> list[str]:
        source = self._side(lab, self.source, key, "from")
        return ["mv", source, self._side(lab, self.target, key, "to")]

    def _side(self, lab: Lab, connection: str, key: str, end: str) -> str:
        if connection:
            return f"{connection}:{lab.bucket}/{key}/{end}"
        return str(lab.folder / key / end)

    def prepare(self, lab: Lab, key: str) -> None:
        (lab.folder / key).mkdir()
        if self.source:
            with s3_client(lab.proxy.endpoint) as client:
                client.put_object(Bucket=lab.bucket, Key=f"{key}/from", Body=self.content)
        else:
            (lab.folder / key / "from").write_bytes(self.content)

    def held(self, lab: Lab, key: str) -> tuple[bytes | None, bytes | None]:
        """What is at the source and at the target."""
        return (
            self._content(lab, self.source, key, "from"),
            self._content(lab, self.target, key, "to"),
        )

    def _content(self, lab: Lab, connection: str, key: str, end: str) -> bytes | None:
        if not connection:
            path = lab.folder / key / end
            return path.read_bytes() if path.exists() else None
        with s3_client(lab.proxy.endpoint) as client:
            try:
                found = client.get_object(Bucket=lab.bucket, Key=f"{key}/{end}")
            except ClientError:
                return None
            content: bytes = found["Body"].read()
            return content

    def sent(self, requests: list[RecordedRequest]) -> int:
        """The bytes of content that went to the target; a store that copies moves none of ours."""
        if self.target:
            return sum(each.body_bytes for each in requests if each.method == "PUT")
        return sum(each.response_bytes for each in requests if each.method == "GET")


LARGE_UP = CONTENT[:SIZE]
MATRIX = [
    ("up", Move("", "T", LARGE_UP), UP),
    ("small up", Move("", "T", SMALL), SMALL_UP),
    ("down", Move("T", "", CONTENT), DOWN),
    ("within", Move("T", "T", LARGE_UP), WITHIN),
    ("between", Move("U", "T", LARGE_UP), BETWEEN),
    ("small between", Move("U", "T", SMALL), SMALL_BETWEEN),
]
CASES = [
    pytest.param(move, moment, id=f"{name}: {moment}")
    for name, move, moments in MATRIX
    for moment in moments
]


@pytest.mark.parametrize(("move", "moment"), CASES)
def test_a_killed_move_loses_nothing(lab: Lab, move: Move, moment: Moment) -> None:
    key = f"k-{uuid4().hex[:8]}"
    move.prepare(lab, key)
    words = move.words(lab, key)
    first = move.sent(lab.kill_at(moment, words))
    assert move.content in move.held(lab, key)

    ended, requests = lab.again(words)
    assert (ended.code, [each["state"] for each in ended.records]) == (0, ["completed"]), ended.err
    assert move.held(lab, key) == (None, move.content)
    second, is_ours = move.sent(requests), move.source != move.target
    assert first + second <= (len(move.content) if is_ours else 0) + IN_FLIGHT * PART
    assert (lab.uploads(key), lab.run_files()) == ([], [])
    assert {path.name for path in (lab.folder / key).iterdir()} <= {"to"}


# Deleting

FEW, MANY, LARGE = 20, 1100, 4200
BATCH = r"\?delete"
LISTED = Moment("listed, unheard", "GET", "list-type", nth=2, direction="response")
DELETING = [
    (FEW, Moment("before the moment is known", "GET", "list-type")),
    (FEW, Moment("before the listing", "GET", "list-type", nth=2)),
    (FEW, LISTED),
    (FEW, Moment("before the batch", "POST", BATCH)),
    (FEW, Moment("within the batch", "POST", BATCH, after=50)),
    (FEW, Moment("deleted, unheard", "POST", BATCH, direction="response")),
    (FEW, Moment("deleted, half heard", "POST", BATCH, direction="response", after=10)),
    (FEW, Moment("deleted, before it is looked back", "GET", "list-type", nth=3)),
    (MANY, Moment("before the second batch", "POST", BATCH, nth=2)),
    (MANY, Moment("the second batch deleted, unheard", "POST", BATCH, nth=2, direction="response")),
]


@pytest.mark.parametrize(("count", "moment"), DELETING, ids=str)
def test_a_killed_deletion_is_ended_by_the_next(lab: Lab, count: int, moment: Moment) -> None:
    folder = Doomed.laid(lab, count)
    lab.kill_at(moment, folder.words)
    left = folder.left()
    assert folder.neighbours <= left <= folder.names | folder.neighbours

    ended, _ = lab.again(folder.words)
    # If all was gone already there is nothing to delete, and the program says so.
    is_gone = "nothing to delete" in ended.err
    assert ended.code == (1 if is_gone else 0), ended.err
    assert folder.left() == folder.neighbours
    assert lab.run_files() == []


AMID = [
    (LARGE, Moment("amid many listings", "GET", "list-type", nth=5)),
    (LARGE, Moment("the third of many deleted, unheard", "POST", BATCH, 3, "response")),
    (LARGE, Moment("before the last of many", "POST", BATCH, nth=5)),
]


@pytest.mark.parametrize(("count", "moment"), DELETING[1:] + AMID, ids=str)
def test_a_killed_deletion_goes_on_and_spares_what_came_since(
    lab: Lab, count: int, moment: Moment
) -> None:
    folder = Doomed.laid(lab, count)
    folder.grow_old()
    lab.kill_at(moment, folder.words)
    came = {f"{folder.key}/x/new"}
    if count == FEW:
        # Of several batches some may still be at work, and would take what comes again.
        came |= {max(folder.names)}
    fill(lab, came)

    (run,) = lab.terminal.ok("transfers", "list", "--json").records
    assert (run["verb"], run["source"], run["running"]) == ("rm", folder.words[-1], False)
    resumed = lab.terminal.ok("transfers", "resume", "--json")
    assert resumed.records[-1] == {
        "type": "spared",
        "bucket": lab.bucket,
        "key": f"{folder.key}/x",
        "count": len(came),
    }
    assert folder.left() == folder.neighbours | came
    assert lab.run_files() == []


def test_a_killed_deletion_is_forgotten(lab: Lab) -> None:
    folder = Doomed.laid(lab, MANY)
    lab.kill_at(Moment("before the second batch", "POST", BATCH, nth=2), folder.words)
    last = {name for name in folder.names if name >= f"{folder.key}/x/1000"}
    (run,) = lab.terminal.ok("transfers", "list", "--json").records
    (told,) = lab.terminal.ok("transfers", "cancel", run["id"], "--json").records
    assert (told["event"], told["id"]) == ("forgotten", run["id"])
    assert lab.run_files() == []
    assert lab.terminal.ok("transfers", "resume").err == "There is nothing to go on with.\n"
    # Two are sent at once, and the one that was kept from the store may be either.
    left = folder.left()
    assert folder.neighbours <= left
    assert last <= left or folder.names - last <= left


def test_one_that_is_under_way_is_left_to_its_process(lab: Lab) -> None:
    folder = Doomed.laid(lab, FEW)
    with lab.stopped_at(Moment("before the batch", "POST", BATCH), folder.words):
        (run,) = lab.terminal.ok("transfers", "list", "--json").records
        assert run["running"]
        for verb in ("resume", "cancel"):
            ended = lab.terminal.run("transfers", verb, run["id"])
            assert (ended.code, "another process" in ended.err) == (1, True)
        said = "Another process carries out all that is unfinished.\n"
        assert lab.terminal.ok("transfers", "resume").err == said
    lab.terminal.ok("transfers", "cancel", run["id"])
    assert folder.left() == folder.names | folder.neighbours


def test_who_interrupts_a_deletion_is_asked_by_name_before_it_goes_on(lab: Lab) -> None:
    folder = Doomed.laid(lab, LARGE)
    folder.grow_old()
    moment = Moment("the first batch deleted, unheard", "POST", BATCH, direction="response")
    with lab.stopped_at(moment, folder.words) as stopped:
        stopped.process.send_signal(signal.SIGINT)
        stopped.stall.release()
        _, err = stopped.process.communicate(timeout=REACHED_S)
    assert stopped.process.returncode == 130
    (run,) = lab.terminal.ok("transfers", "list", "--json").records
    assert f"transfers cancel {run['id']}" in err.decode()
    assert run["interrupted"]
    for words in ([], ["--all"], ["--all", "--json"]):
        left = lab.terminal.ok("transfers", "resume", *words)
        assert f"“s4desk transfers resume {run['id']}” goes on with it" in left.err
    assert left.records == [{"type": "run", "event": "left", "id": run["id"], "interrupted": True}]
    assert len(folder.left() & folder.names) == count_left(run, LARGE)
    lab.terminal.ok("transfers", "resume", run["id"])
    assert (folder.left(), lab.run_files()) == (folder.neighbours, [])


def test_who_interrupts_what_is_done_has_nothing_to_go_on_with(lab: Lab) -> None:
    """All was sent: the last answer is waited for, and nothing is said to be left."""
    folder = Doomed.laid(lab, 7)
    moment = Moment("the only batch deleted, unheard", "POST", BATCH, direction="response")
    with lab.stopped_at(moment, folder.words) as stopped:
        stopped.process.send_signal(signal.SIGINT)
        stopped.stall.release()
        _, err = stopped.process.communicate(timeout=REACHED_S)
    assert stopped.process.returncode == 130
    assert "Not all is deleted" not in err.decode()
    assert (folder.left(), lab.run_files()) == (folder.neighbours, [])


def count_left(run: dict[str, Any], count: int) -> int:
    """What a journal says is left."""
    return count - int(run["completed"])


@dataclass(frozen=True, slots=True)
class Doomed:
    """A folder full of objects with neighbours, and the words that delete it."""

    lab: Lab
    key: str
    names: set[str]
    neighbours: set[str]

    @classmethod
    def laid(cls, lab: Lab, count: int) -> Doomed:
        key = f"d-{uuid4().hex[:8]}"
        names = {f"{key}/x/{number:04}" for number in range(count)}
        neighbours = {f"{key}/x.txt", f"{key}/xx/1", f"{key}/w"}
        fill(lab, names | neighbours)
        return cls(lab, key, names, neighbours)

    @property
    def words(self) -> list[str]:
        return ["rm", "-r", "--yes", self.lab.place(f"{self.key}/x")]

    def left(self) -> set[str]:
        return listed(self.lab, f"{self.key}/")

    def grow_old(self) -> None:
        """Wait for the next second of the store's clock: dates know no smaller time."""
        with s3_client(self.lab.proxy.endpoint) as client:
            began = dated(client.list_buckets())
            while dated(client.list_buckets()) == began:
                pass


def dated(reply: dict[str, Any]) -> str:
    return str(reply["ResponseMetadata"]["HTTPHeaders"]["date"])


def fill(lab: Lab, names: set[str]) -> None:
    def put(name: str) -> None:
        client.put_object(Bucket=lab.bucket, Key=name, Body=b"")

    with (
        s3_client(lab.proxy.endpoint, max_pool_connections=8) as client,
        ThreadPoolExecutor(8) as pool,
    ):
        list(pool.map(put, names))


def listed(lab: Lab, prefix: str) -> set[str]:
    with s3_client(lab.proxy.endpoint) as client:
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=lab.bucket, Prefix=prefix)
        return {each["Key"] for page in pages for each in page.get("Contents", [])}
