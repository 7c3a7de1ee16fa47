"""`s4desk lifecycle schedule`: it switches what an open window does, and does nothing itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.app.test_prompts import session
from tests.servers.client import s3_client, temporary_bucket
from tests.servers.endpoint import Endpoint

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.terminal import Terminal

RULE = {
    "ID": "old",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "Expiration": {"Date": "2020-01-01T00:00:00Z"},
}
NOWHERE = Endpoint("nowhere", "http://127.0.0.1:9", "a", "b")


def test_it_is_switched_on_told_and_switched_off(terminal: Terminal, localstack: Endpoint) -> None:
    terminal.add("T", localstack)
    with temporary_bucket(localstack) as bucket, s3_client(localstack) as client:
        client.put_object(Bucket=bucket, Key="old", Body=b"1")
        words = ("lifecycle", "schedule", f"T:{bucket}")
        assert terminal.ok(*words).lines == [b"Switched off."]
        refused = terminal.run(*words, "--on")
        assert (refused.code, "--yes" in refused.err) == (2, True)
        assert b"Switched off." in terminal.ok(*words).out
        warned = terminal.ok(*words, "--on", "--every", "6", "--yes")
        assert "no lifecycle rules" in warned.err
        first, next_, last = warned.lines
        assert first == b"Every 6 hours"
        assert next_.startswith(b"Next run: ")
        assert last == b"It acts only while a window of s4desk is open."
        client.put_bucket_lifecycle_configuration(
            Bucket=bucket, LifecycleConfiguration={"Rules": [RULE]}
        )
        assert terminal.ok(*words, "--on", "--yes").err == ""
        [told] = terminal.ok(*words, "--json").records
        assert (told["on"], told["every_hours"], told["rules"]) == (True, 6, "bucket")
        assert told["last"] is None
        assert timedelta(hours=5) < datetime.fromisoformat(told["next"]) - datetime.now(UTC)
        [told] = terminal.ok(*words, "--off", "--json").records
        assert (told["on"], told["every_hours"]) == (False, 6)
        assert "Contents" in client.list_objects_v2(Bucket=bucket)


def test_rules_may_be_kept_here_and_what_ran_is_listed(
    terminal: Terminal, localstack: Endpoint, tmp_path: Path
) -> None:
    terminal.add("T", localstack)
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"Rules": [RULE]}))
    with temporary_bucket(localstack) as bucket, s3_client(localstack) as client:
        client.put_object(Bucket=bucket, Key="old", Body=b"1")
        place = f"T:{bucket}"
        terminal.ok("lifecycle", "apply", place, "--rules", str(file), "--yes")
        on = ("--on", "--yes", "--rules", str(file))
        told, run = terminal.ok("lifecycle", "schedule", place, *on, "--json").records
        assert (told["rules"], told["on"]) == ("file", True)
        assert (run["by"], run["state"], run["expired"]) == ("apply", "finished", 1)
        text = terminal.ok("lifecycle", "schedule", place)
        assert b"By rules that are kept here" in text.out
        assert "Rule “old”".encode() in text.out
        row = text.lines[-1].split(b"\t")
        assert row[1:] == [b"the command line", b"finished", b"1", b"0", b"0", b"0"]


def test_without_rules_those_of_the_bucket_apply_again(
    terminal: Terminal, moto: Endpoint, tmp_path: Path
) -> None:
    """Whatever was kept by an earlier --on."""
    terminal.add("T", moto)
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"Rules": [RULE, RULE | {"ID": "other"}]}))
    with temporary_bucket(moto) as bucket, s3_client(moto) as client:
        client.put_bucket_lifecycle_configuration(
            Bucket=bucket, LifecycleConfiguration={"Rules": [RULE]}
        )
        words = ("lifecycle", "schedule", f"T:{bucket}", "--on")
        [kept] = terminal.ok(*words, "--rules", str(file), "--yes", "--json").records
        assert (kept["rules"], [each["ID"] for each in kept["kept"]["Rules"]]) == (
            "file",
            ["old", "other"],
        )
        with session(terminal, *words) as asked:
            asked.until(b"The rules that are kept here are dropped")
            asked.until(b"The bucket has 1 rule now.")
            asked.until("Type “yes”: ".encode())
            asked.type(b"yes\n")
            assert asked.end() == 0
        [own] = terminal.ok(*words[:-1], "--json").records
        assert (own["rules"], own["kept"], own["on"]) == ("bucket", None, True)


@pytest.mark.parametrize(
    ("rules", "said"),
    [([RULE | {"Filter": {"Prefx": "logs/"}}], "Prefx"), ([], "no rules in it")],
)
def test_rules_that_no_run_would_go_by_are_refused(
    terminal: Terminal, tmp_path: Path, rules: list[object], said: str
) -> None:
    terminal.add("T", NOWHERE)
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"Rules": rules}))
    words = ("lifecycle", "schedule", "T:b")
    refused = terminal.run(*words, "--on", "--yes", "--rules", str(file))
    assert (refused.code, said in refused.err) == (2, True)
    [told] = terminal.ok(*words, "--json").records
    assert told["on"] is False


def test_a_bucket_that_is_not_there_is_told(
    terminal: Terminal, moto: Endpoint, tmp_path: Path
) -> None:
    terminal.add("T", moto)
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"Rules": [RULE]}))
    words = ("lifecycle", "schedule", "T:not-there-at-all")
    refused = terminal.run(*words, "--on", "--yes", "--rules", str(file))
    assert refused.code == 1
    assert "not-there-at-all" in refused.err
    [told] = terminal.ok(*words, "--json").records
    assert told["on"] is False


@pytest.mark.parametrize(
    "words",
    [
        ("--every", "6"),
        ("--on", "--every", "0", "--yes"),
        ("--off", "--rules", "x.json"),
        ("--on", "--rules", "-", "--yes"),
        ("--on", "--rules", "none.json", "--yes"),
        ("--on", "--off"),
    ],
)
def test_what_makes_no_sense_is_refused(terminal: Terminal, words: tuple[str, ...]) -> None:
    terminal.add("T", NOWHERE)
    assert terminal.run("lifecycle", "schedule", "T:b", *words).code != 0
    [told] = terminal.ok("lifecycle", "schedule", "T:b", "--json").records
    assert told["on"] is False


def test_a_person_is_asked(terminal: Terminal, tmp_path: Path) -> None:
    terminal.add("T", NOWHERE)
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"Rules": [RULE]}))
    words = ("lifecycle", "schedule", "T:b", "--on", "--rules", str(file))
    for answer, is_on in (("no", False), ("yes", True)):
        with session(terminal, *words) as asked:
            asked.until(b"It goes by the 1 rule of ")
            asked.until("Type “yes”: ".encode())
            asked.type(f"{answer}\n".encode())
            assert asked.end() == (0 if is_on else 1)
        [told] = terminal.ok("lifecycle", "schedule", "T:b", "--json").records
        assert told["on"] is is_on
