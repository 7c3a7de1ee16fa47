"""What is said after an interruption, and of what is given up, is what is there."""

from __future__ import annotations

import signal
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from s4desk.core.transfer.journal import IN_DOUBT
from tests.faults.crash_lab import REACHED_S, SMALL, Download, Kind, Lab, Moment, Upload
from tests.servers.client import s3_client

if TYPE_CHECKING:
    from pathlib import Path

MANY = 240
TINY = Upload(b"thirteen byte")
UNHEARD = Moment("stored, unheard", "PUT", direction="response")
UNSENT = Moment("before it is sent", "PUT")
HALF = Moment("half sent", "PUT", after=len(SMALL) // 2)
AMID = Moment("amid many, unheard", "PUT", "/f", nth=60, direction="response")
AMID_DOWN = Moment("amid many", "GET", "/f", nth=60, direction="response")
ONE = [
    pytest.param(TINY, UNHEARD, id="tiny upload, unheard"),
    pytest.param(TINY, UNSENT, id="tiny upload, unsent"),
    pytest.param(Upload(SMALL), UNHEARD, id="small upload, unheard"),
    pytest.param(Upload(SMALL), HALF, id="small upload, half sent"),
    pytest.param(Download(SMALL), Moment("half", "GET", direction="response", after=9), id="down"),
]
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def interrupted(lab: Lab, moment: Moment, words: list[str], number: int) -> str:
    """Run a verb up to a moment, and what it says when it is told to end then."""
    with lab.stopped_at(moment, words) as stopped:
        stopped.process.send_signal(number)
        _, err = stopped.process.communicate(timeout=REACHED_S)
    assert stopped.process.returncode == 130
    return err.decode()


def told_of(lab: Lab, *words: str) -> dict[str, list[str]]:
    """The targets that a verb names, by what it says of them."""
    told: dict[str, list[str]] = {}
    for each in lab.terminal.ok(*words, "--json").records:
        told.setdefault(each.get("event", each["type"]), []).append(each["target"])
    return told


def finished(lab: Lab) -> set[str]:
    """The targets that the history has as completed."""
    records: list[dict[str, Any]] = lab.terminal.ok(
        "transfers", "list", "--finished", "--json"
    ).records
    return {each["target"] for each in records if each["state"] == "completed"}


@dataclass(frozen=True, slots=True)
class Folder:
    """Many small files, at one side or the other, and what is at the target by now."""

    lab: Lab
    key: str
    is_upload: bool
    removes: bool = False
    count: int = MANY

    @classmethod
    def laid(cls, lab: Lab, *, is_upload: bool, removes: bool = False, count: int = MANY) -> Folder:
        folder = cls(lab, f"w-{uuid4().hex[:8]}", is_upload, removes, count)
        if is_upload:
            folder.path.mkdir()
            for name in folder.names:
                (folder.path / name).write_text(f"content of {name}")
        else:
            with s3_client(lab.proxy.endpoint) as client:
                for name in folder.names:
                    key = f"{folder.key}/{name}"
                    client.put_object(Bucket=lab.bucket, Key=key, Body=f"content of {name}")
        return folder

    @property
    def names(self) -> list[str]:
        return [f"f{number:04}" for number in range(self.count)]

    @property
    def path(self) -> Path:
        return self.lab.folder / self.key

    @property
    def words(self) -> list[str]:
        remote, local = self.lab.place(self.key), str(self.path)
        sides = [local, remote] if self.is_upload else [remote, local]
        return ["mv" if self.removes else "cp", "-r", *sides]

    def at_target(self) -> set[str]:
        """The names as the verbs call them."""
        if not self.is_upload:
            there = self.path.iterdir() if self.path.exists() else ()
            return {str(path) for path in there if not path.name.startswith(".")}
        with s3_client(self.lab.proxy.endpoint) as client:
            pages = client.get_paginator("list_objects_v2").paginate(
                Bucket=self.lab.bucket, Prefix=f"{self.key}/"
            )
            return {self.lab.place(o["Key"]) for page in pages for o in page.get("Contents", [])}


def is_there(lab: Lab, kind: Kind, key: str) -> bool:
    try:
        kind.check(lab, key)
    except (AssertionError, FileNotFoundError, ClientError):
        return False
    return True


@pytest.mark.parametrize(("kind", "moment"), ONE)
def test_what_is_cancelled_after_a_kill_is_said_as_it_is(
    lab: Lab, kind: Kind, moment: Moment
) -> None:
    key = f"w-{uuid4().hex[:8]}"
    lab.kill_at(moment, kind.prepare(lab, key))
    told = told_of(lab, "transfers", "cancel", "--all")
    ((event, targets),) = told.items()
    assert event == ("left" if is_there(lab, kind, key) else "undone")
    assert (set(targets) <= finished(lab)) is (event == "left")
    assert (lab.uploads(key), lab.run_files()) == ([], [])


@pytest.mark.parametrize("moment", [AMID, AMID_DOWN], ids=str)
def test_of_many_that_are_cancelled_each_is_said_as_it_is(lab: Lab, moment: Moment) -> None:
    folder = Folder.laid(lab, is_upload=moment.method == "PUT")
    lab.kill_at(moment, folder.words)
    told = told_of(lab, "transfers", "cancel", "--all")
    assert folder.at_target().isdisjoint(told["undone"])
    assert folder.at_target() >= set(told.get("left", []))
    assert folder.at_target() == finished(lab) & folder.at_target()
    assert 0 < len(folder.at_target()) < MANY


def test_the_history_has_as_many_as_are_said_to_be_undone(lab: Lab) -> None:
    """Of more than can be in doubt the rest is not said to be undone: it had not begun."""
    folder = Folder.laid(lab, is_upload=True, count=IN_DOUBT + 300)
    lab.kill_at(AMID, folder.words)
    told = told_of(lab, "transfers", "cancel", "--all")
    listed = lab.terminal.ok("transfers", "list", "--finished", "--json").records
    cancelled = {each["target"] for each in listed if each["state"] == "cancelled"}
    assert set(told["undone"]) == {each for each in cancelled if f"/{folder.key}/" in each}
    assert folder.at_target().isdisjoint(told["not-begun"])
    assert len(told["not-begun"]) > 100


def test_of_a_move_that_is_cancelled_nothing_is_lost_nor_denied(lab: Lab) -> None:
    folder = Folder.laid(lab, is_upload=True, removes=True)
    lab.kill_at(AMID, folder.words)
    told = told_of(lab, "transfers", "cancel", "--all")
    assert folder.at_target().isdisjoint(told["undone"])
    sources = {lab.place(f"{folder.key}/{path.name}") for path in folder.path.iterdir()}
    assert sources | folder.at_target() == {lab.place(f"{folder.key}/{n}") for n in folder.names}


@pytest.mark.parametrize("is_upload", [True, False], ids=["up", "within"])
def test_a_move_that_was_given_up_is_told_the_way_on(lab: Lab, is_upload: bool) -> None:
    """Copy and source are both there: what is the same at both ends is moved by saying so."""
    folder = Folder.laid(lab, is_upload=is_upload, removes=True)
    words = folder.words if is_upload else ["mv", "-r", lab.place(folder.key), lab.place("to")]
    lab.kill_at(AMID, words)
    lab.terminal.ok("transfers", "cancel", "--all")
    refused = lab.terminal.run(*words)
    assert refused.code == 1
    assert "add --if-different to remove the source of what is the same" in refused.err
    lab.terminal.ok("transfers", "cancel", "--all")
    ended = lab.terminal.ok(*words, "--if-different", "--json")
    assert {each["state"] for each in ended.records} == {"completed"}
    if is_upload:
        assert len(folder.at_target()) == MANY
        assert not folder.path.exists() or not list(folder.path.iterdir())
    else:
        assert replace(folder, is_upload=True).at_target() == set()
        to = Folder(lab, "to", is_upload=True)
        assert len(to.at_target()) == MANY
    assert lab.run_files() == []


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize(("kind", "moment"), ONE)
def test_what_was_interrupted_goes_on(lab: Lab, kind: Kind, moment: Moment, number: int) -> None:
    key = f"w-{uuid4().hex[:8]}"
    words = kind.prepare(lab, key)
    interrupted(lab, moment, words, number)
    ended, _ = lab.again(words)
    assert (ended.code, [each["state"] for each in ended.records]) == (0, ["completed"]), ended.err
    kind.check(lab, key)
    assert (lab.uploads(key), lab.run_files()) == ([], [])


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("removes", [False, True])
def test_many_that_were_interrupted_go_on(lab: Lab, number: int, removes: bool) -> None:
    folder = Folder.laid(lab, is_upload=True, removes=removes)
    interrupted(lab, AMID, folder.words, number)
    ended, _ = lab.again(folder.words)
    assert ended.code == 0, ended.err
    assert len(folder.at_target()) == MANY
    left = list(folder.path.iterdir()) if folder.path.exists() else []
    assert len(left) == (0 if removes else MANY)
    assert lab.run_files() == []


@pytest.mark.parametrize("number", [*SIGNALS, signal.SIGKILL])
def test_an_upload_that_nobody_heard_of_is_never_forgotten(lab: Lab, number: int) -> None:
    """Killed while it was created, and then stopped again before a part of the next had arrived."""
    key = f"w-{uuid4().hex[:8]}"
    words = Upload().prepare(lab, key)
    lab.kill_at(Moment("created, unheard", "POST", "uploads", direction="response"), words)
    first_part = Moment("before a part", "PUT", "partNumber=")
    if number == signal.SIGKILL:
        lab.kill_at(first_part, words)
    else:
        interrupted(lab, first_part, words, number)
    listed = lab.terminal.ok("uploads", "list", lab.place(key), "--json").records
    assert len(lab.uploads(key)) == len(listed)
    assert all(each["ours"] for each in listed)
    ended, _ = lab.again(words)
    assert ended.code == 0, ended.err
    assert (lab.uploads(key), lab.run_files()) == ([], [])


def test_a_second_interruption_ends_it_at_once(lab: Lab) -> None:
    """An upload is created, and no answer comes: it would be waited for as long as for any."""
    key = f"w-{uuid4().hex[:8]}"
    words = Upload().prepare(lab, key)
    unheard = Moment("created, unheard", "POST", "uploads", direction="response")
    with lab.stopped_at(unheard, words) as stopped:
        stopped.process.send_signal(signal.SIGINT)
        assert stopped.process.stderr is not None
        assert b"Ctrl-C again ends at once" in stopped.process.stderr.readline()
        stopped.process.send_signal(signal.SIGINT)
        _, err = stopped.process.communicate(timeout=5)
    assert stopped.process.returncode == 130
    assert b"Ended at once" in err
    run, *_ = lab.terminal.ok("transfers", "list", "--json").records
    assert (run["running"], run["unfinished"]) == (False, 1)
    ended, _ = lab.again(words)
    assert ended.code == 0, ended.err
    assert (lab.uploads(key), lab.run_files()) == ([], [])


def test_what_is_about_to_be_answered_is_waited_for(lab: Lab) -> None:
    """A little later the answer would have come: it is known then, and nothing is in doubt."""
    key = f"w-{uuid4().hex[:8]}"
    words = TINY.prepare(lab, key)
    with lab.stopped_at(UNHEARD, words) as stopped:
        stopped.process.send_signal(signal.SIGINT)
        stopped.stall.release()
        _, err = stopped.process.communicate(timeout=REACHED_S)
    assert stopped.process.returncode == 130
    assert "unfinished" not in err.decode()
    assert lab.run_files() == []
    assert lab.place(key) in finished(lab)


def test_what_was_interrupted_is_said_to_be_in_doubt(lab: Lab) -> None:
    key = f"w-{uuid4().hex[:8]}"
    err = interrupted(lab, UNHEARD, TINY.prepare(lab, key), signal.SIGINT)
    assert "nobody knows yet whether it has arrived" in err
    assert told_of(lab, "transfers", "cancel", "--all") == {"left": [lab.place(key)]}
    assert lab.run_files() == []
