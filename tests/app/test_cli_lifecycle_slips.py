"""Files of rules with slips that a store would refuse: the verbs say so, and act on none of them
that may be about more than was meant."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from s4desk.core.domain.lifecycle.candidates import Candidate
from s4desk.viewmodels.lifecycle_scope_text import unknown_scope_text
from tests.lifecycle.reports import csv_text
from tests.servers.client import s3_client, temporary_bucket

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint

NOW = datetime(2026, 11, 21, tzinfo=UTC)
ALL = {"Filter": {"Prefix": ""}}


def rule(id: str, **more: Any) -> dict[str, Any]:
    return {"ID": id, "Status": "Enabled", "Expiration": {"Days": 9}, **more}


SLIPS: list[dict[str, Any]] = [
    rule("no filter"),
    rule("null", Filter=None),
    rule("null prefix", Filter={"Prefix": None}),
    rule("empty", Filter={"And": {}}),
    rule("days", Expiration={"Days": 0}, **ALL),
    rule("both", Expiration={"Days": 400, "Date": "2027-01-01T00:00:00Z"}, **ALL),
    rule("twice", Filter={"Prefix": "none/"}),
    rule("twice", Filter={"Prefix": "none/"}),
    rule("mixed", Filter={"Prefix": "none/", "ObjectSizeGreaterThan": 5}),
    rule("status", Status="enabled", **ALL),
]


def written(folder: Path, *rules: dict[str, Any]) -> str:
    path = folder / "rules.json"
    path.write_text(json.dumps({"Rules": rules}))
    return str(path)


def test_a_preview_warns_of_what_s3_refuses(terminal: Terminal, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    report.write_bytes(csv_text([Candidate("a", 10, NOW - timedelta(days=2))]))
    words = ("--inventory", str(report), "--now", NOW.isoformat(), "--days", "0", "--json")
    ended = terminal.ok("lifecycle", "preview", *words, "--rules", written(tmp_path, *SLIPS))
    *_, summary = ended.records
    told = {(each["rule"], each["problem"], each["refused"]) for each in summary["rule_problems"]}
    assert told == {
        ("no filter", "no_scope", True),
        ("null", "no_scope", True),
        ("null prefix", "no_scope", True),
        ("empty", "no_scope", True),
        ("days", "days_below_one", True),
        ("both", "two_moments", True),
        ("mixed", "mixed_filter", True),
        ("twice", "id_twice", True),
        ("status", "unknown_status", False),
    }
    warnings = [line for line in ended.err.splitlines() if "warning: Rule" in line]
    assert sum("S3 refuses that." in line for line in warnings) == 8
    assert any("“status”" in line and "counts as off" in line for line in warnings)


@pytest.mark.parametrize("slip", SLIPS[:4], ids=lambda each: each["ID"])
def test_nobody_acts_on_a_rule_that_says_nothing_of_its_objects(
    terminal: Terminal, moto: Endpoint, tmp_path: Path, slip: dict[str, Any]
) -> None:
    file = written(tmp_path, rule("fine", Filter={"Prefix": "none/"}), slip)
    terminal.add("T", moto)
    with temporary_bucket(moto) as bucket, s3_client(moto) as client:
        client.put_object(Bucket=bucket, Key="a", Body=b"1")
        place = f"T:{bucket}"
        for verb, *words in (
            ("apply", "--yes", "--now", "2030-01-01"),
            ("apply", "--yes", "--now", "2030-01-01", "--evaluator", "aws"),
            ("set", "--yes"),
            ("schedule", "--on", "--yes"),
        ):
            ended = terminal.run("lifecycle", verb, place, "--rules", file, *words)
            assert ended.code == 2, verb
            assert f"Rule “{slip['ID']}”: It does not say which objects" in ended.err
            assert "an empty one means all objects" in ended.err
        assert [each["Key"] for each in client.list_objects_v2(Bucket=bucket)["Contents"]] == ["a"]
        shown = terminal.ok("lifecycle", "show", place, "--json").records
        assert shown == [{"Rules": []}]


@pytest.mark.parametrize(
    "odd", [{"Prefx": "logs/"}, {"Prefix": "", "Prefx": "logs/"}, {"And": {"Prefx": "logs/"}}]
)
def test_a_filter_that_nobody_knows_is_not_sent(
    terminal: Terminal, moto: Endpoint, tmp_path: Path, odd: dict[str, Any]
) -> None:
    """A store that leaves it out would act on all objects until it is read back."""
    terminal.add("T", moto)
    with temporary_bucket(moto) as bucket:
        words = ("lifecycle", "set", f"T:{bucket}", "--yes", "--rules")
        refused = terminal.run(*words, written(tmp_path, rule("odd", Filter=odd)))
        assert refused.code == 2
        assert "“odd”: Its filter says nothing that s4desk knows" in refused.err
        assert "config_saved" not in refused.err + refused.out.decode()


def test_a_filter_that_the_store_has_already_may_stay() -> None:
    odd = rule("odd", Filter={"Weather": "fine"})
    assert unknown_scope_text([odd], [odd]) == ""
    half = rule("half", Filter={"Prefix": "a", "Weather": "fine"})
    assert unknown_scope_text([half], []) == ""
    assert "Weather" in unknown_scope_text([odd], [rule("odd", **ALL)])


def test_apply_warns_of_the_other_slips(terminal: Terminal, moto: Endpoint, tmp_path: Path) -> None:
    file = written(tmp_path, SLIPS[-1], rule("early", Expiration={"Days": 0}, **ALL))
    terminal.add("T", moto)
    with temporary_bucket(moto) as bucket, s3_client(moto) as client:
        client.put_object(Bucket=bucket, Key="a", Body=b"1")
        words = ("lifecycle", "apply", f"T:{bucket}", "--rules", file, "--yes", "--json")
        ended = terminal.ok(*words)
        plan, _ = ended.records
        assert [each["problem"] for each in plan["rule_problems"]] == [
            "unknown_status",
            "days_below_one",
        ]
        assert "Rule “early”: It takes 1 day at least. S3 refuses that." in ended.err


@pytest.mark.parametrize("size", [-5, "big"])
def test_a_size_that_is_none_is_refused(terminal: Terminal, tmp_path: Path, size: object) -> None:
    file = written(tmp_path, rule("size", Filter={"Prefix": "", "ObjectSizeGreaterThan": size}))
    report = tmp_path / "report.csv"
    report.write_bytes(csv_text([Candidate("a", 10, NOW)]))
    words = ("lifecycle", "preview", "--inventory", str(report), "--rules", file)
    ended = terminal.run(*words)
    assert (ended.code, "is no size in bytes" in ended.err) == (2, True)


def test_a_moment_without_a_zone_is_in_utc(
    terminal: Terminal, moto: Endpoint, tmp_path: Path
) -> None:
    terminal.environment["TZ"] = "Asia/Tokyo"
    file = written(tmp_path, rule("r", **ALL))
    report = tmp_path / "report.csv"
    report.write_bytes(csv_text([Candidate("a", 10, NOW)]))
    for text, at in (("2026-11-21T22:00", "22:00"), ("2026-11-21", "00:00")):
        words = ("--inventory", str(report), "--rules", file, "--now", text)
        asked = ("lifecycle", "preview", *words)
        assert terminal.ok(*asked, "--json").records[-1]["now"] == f"2026-11-21T{at}:00+00:00"
        assert f"Seen from 2026-11-21 {at} UTC" in terminal.ok(*asked).out.decode()
    terminal.add("T", moto)
    with temporary_bucket(moto) as bucket:
        asked = ("lifecycle", "apply", f"T:{bucket}", "--rules", file, "--yes", *words[-2:])
        assert terminal.ok(*asked, "--json").records[0]["now"] == "2026-11-21T00:00:00+00:00"
        assert "Seen from 2026-11-21 00:00 UTC" in terminal.ok(*asked).err


def test_half_a_character_is_no_prefix(terminal: Terminal, moto: Endpoint, tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    file.write_text('{"Rules": [{"Status": "Enabled", "Filter": {"Prefix": "\\ud800"}}]}')
    terminal.add("T", moto)
    for verb in ("preview", "apply", "set"):
        yes = () if verb == "preview" else ("--yes",)
        with temporary_bucket(moto) as bucket:
            words = ("lifecycle", verb, f"T:{bucket}", "--rules", str(file), *yes)
            ended = terminal.run(*words)
        assert ended.code == 2
        assert "“\\ud800” is only half of a character" in ended.err
        assert "Traceback" not in ended.err
