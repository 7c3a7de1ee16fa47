"""`s4desk lifecycle show`, `set` and `delete` against real servers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.servers.client import s3_client, temporary_bucket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint

RULE = {
    "ID": "old",
    "Status": "Enabled",
    "Filter": {"Prefix": "logs/"},
    "Expiration": {"Days": 30},
}


@pytest.fixture(params=["ceph", "localstack"])
def store(request: pytest.FixtureRequest) -> Endpoint:
    found: Endpoint = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def place(terminal: Terminal, store: Endpoint) -> Iterator[str]:
    terminal.add("T", store)
    with temporary_bucket(store) as bucket:
        yield f"T:{bucket}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rules.json"
    path.write_text(json.dumps({"Rules": [RULE]}))
    return path


def test_rules_are_set_shown_and_taken_away(
    terminal: Terminal, store: Endpoint, place: str, file: Path
) -> None:
    assert "no lifecycle rules" in terminal.ok("lifecycle", "show", place).err
    assert terminal.ok("lifecycle", "show", place, "--json").records == [{"Rules": []}]
    saved = terminal.ok("lifecycle", "set", place, "--rules", str(file), "--yes")
    assert '+      "ID": "old"' in saved.err
    assert "the store has all of it" in saved.out.decode()
    with s3_client(store) as client:
        bucket = place.partition(":")[2]
        (rule,) = client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert rule["Expiration"] == {"Days": 30}
    shown = terminal.ok("lifecycle", "show", place).out.decode()
    assert "old" in shown
    assert "logs/" in shown
    assert "30 days" in shown
    again = terminal.ok("lifecycle", "set", place, "--rules", str(file), "--yes", "--json")
    assert again.records[0]["outcome"] == "written"
    assert again.err == ""
    for form in ("--json", "--xml"):
        file.write_bytes(terminal.ok("lifecycle", "show", place, form).out)
        terminal.ok("lifecycle", "set", place, "--rules", str(file), "--yes")
    terminal.ok("lifecycle", "delete", place, "--yes")
    assert terminal.ok("lifecycle", "show", place, "--json").records == [{"Rules": []}]
    assert "no lifecycle rules" in terminal.ok("lifecycle", "delete", place).err


def test_nothing_is_saved_where_nobody_can_be_asked(
    terminal: Terminal, place: str, file: Path
) -> None:
    refused = terminal.run("lifecycle", "set", place, "--rules", str(file))
    assert refused.code == 2
    assert "--yes" in refused.err
    assert terminal.ok("lifecycle", "show", place, "--json").records == [{"Rules": []}]
    terminal.ok("lifecycle", "set", place, "--rules", str(file), "--yes")
    refused = terminal.run("lifecycle", "delete", place)
    assert refused.code == 2
    assert "All rules would be taken away" in refused.err
    (kept,) = terminal.ok("lifecycle", "show", place, "--json").records
    assert len(kept["Rules"]) == 1


def test_what_the_store_drops_is_told_and_the_rules_before_put_back(
    terminal: Terminal, store: Endpoint, place: str, file: Path, ceph: Endpoint
) -> None:
    terminal.ok("lifecycle", "set", place, "--rules", str(file), "--yes")
    small = RULE | {"Filter": {"ObjectSizeLessThan": 10}}
    file.write_text(json.dumps({"Rules": [small]}))
    ended = terminal.run("lifecycle", "set", place, "--rules", str(file), "--yes", "--json")
    (record,) = ended.records
    (kept,) = terminal.ok("lifecycle", "show", place, "--json").records
    if store is not ceph:
        assert (ended.code, record["outcome"]) == (0, "written")
        assert kept["Rules"][0]["Filter"] == {"ObjectSizeLessThan": 10}
        return
    assert (ended.code, record["outcome"]) == (1, "restored")
    assert "ObjectSizeLessThan" in ended.err
    assert "logs/" in json.dumps(kept["Rules"][0])


def test_a_list_of_rules_is_a_file_too_and_what_is_odd_is_said(
    terminal: Terminal, place: str, file: Path
) -> None:
    later = RULE | {"ID": "twice", "Filter": {"Prefix": "logs/old/"}, "Expiration": {"Days": 60}}
    file.write_text(json.dumps([RULE, later]))
    saved = terminal.ok("lifecycle", "set", place, "--rules", str(file), "--yes")
    (kept,) = terminal.ok("lifecycle", "show", place, "--json").records
    assert sorted(rule["ID"] for rule in kept["Rules"]) == ["old", "twice"]
    assert "warning" in saved.err


def test_what_is_no_rules_file_is_told(terminal: Terminal, place: str, file: Path) -> None:
    file.write_text("{]")
    assert terminal.run("lifecycle", "set", place, "--rules", str(file), "--yes").code == 2
    file.unlink()
    assert terminal.run("lifecycle", "set", place, "--rules", str(file), "--yes").code == 1


VERBS = {
    "set": lambda place, path: ("lifecycle", "set", place, "--rules", path, "--yes"),
    "put": lambda place, path: ("config", "put", place, "lifecycle", path, "--yes"),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    "scope",
    [
        {},
        {"Filter": None},
        {"Filter": {"Moon": "full"}},
        {"Filter": "logs/"},
        {"Filter": ["logs/"]},
        {"Filter": {"Tags": [{"Key": "k", "Value": "v"}]}},
        {"Filter": {"Tag": {"key": "k", "value": "v"}}},
        {"Prefix": {"a": 1}},
    ],
    ids=str,
)
def test_a_scope_that_would_be_lost_on_its_way_is_not_sent(
    terminal: Terminal, place: str, tmp_path: Path, scope: dict[str, object], verb: str
) -> None:
    path = tmp_path / "odd.json"
    rule = {name: value for name, value in RULE.items() if name != "Filter"} | scope
    path.write_text(json.dumps({"Rules": [rule]}))
    refused = terminal.run(*VERBS[verb](place, str(path)))
    assert refused.code == 2, refused.err
    assert terminal.ok("lifecycle", "show", place, "--json").records == [{"Rules": []}]


@pytest.mark.parametrize(
    "filter_",
    [
        {},
        {"Prefix": ""},
        {"Tag": {"Key": "k", "Value": "v"}},
        {"And": {"Prefix": "a/", "Tags": [{"Key": "k", "Value": "v"}, {"Key": "l", "Value": ""}]}},
    ],
    ids=str,
)
def test_every_scope_that_s3_has_is_sent(
    terminal: Terminal, store: Endpoint, place: str, tmp_path: Path, filter_: dict[str, object]
) -> None:
    path = tmp_path / "rules.json"
    path.write_text(json.dumps({"Rules": [RULE | {"Filter": filter_}]}))
    said = terminal.run("lifecycle", "set", place, "--rules", str(path), "--yes")
    assert "S3 has no such" not in said.err
