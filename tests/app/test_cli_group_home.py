"""What is kept about a bucket of a failover group is kept for its first backend, by any verb."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.app.mapped_shop import MappedShop, opened
from tests.servers.client import s3_client

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.terminal import Terminal
    from tests.servers.endpoint import Endpoint

PAST = {
    "ID": "past",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "Expiration": {"Date": "2020-01-01T00:00:00Z"},
}


@pytest.fixture
def shop(terminal: Terminal, localstack: Endpoint):
    with opened(terminal, localstack) as shop:
        shop.open("A")
        yield shop


@pytest.fixture
def rules(tmp_path: Path) -> str:
    path = tmp_path / "rules.json"
    path.write_text(json.dumps({"Rules": [PAST]}))
    return str(path)


def test_rules_are_applied_and_scheduled_where_the_window_knows_of_it(
    shop: MappedShop, localstack: Endpoint, rules: str
) -> None:
    terminal, (bucket, other) = shop.terminal, shop.buckets
    previewed = terminal.ok("lifecycle", "preview", "G:photos", "--rules", rules)
    assert b"key" in previewed.out
    terminal.ok("lifecycle", "apply", "G:photos", "--rules", rules, "--yes")
    with s3_client(localstack) as client:
        assert "Contents" not in client.list_objects_v2(Bucket=bucket)
        assert len(client.list_objects_v2(Bucket=other)["Contents"]) == 2
    terminal.ok("lifecycle", "schedule", "G:photos", "--on", "--rules", rules, "--yes")
    for place in (f"A:{bucket}", "G:photos"):
        told, ran = terminal.ok("lifecycle", "schedule", place, "--json").records
        assert (told["on"], told["connection"], told["bucket"]) == (True, "A", bucket)
        assert (ran["event"], ran["by"]) == ("run", "apply")


def test_rules_of_replication_are_those_of_the_first(shop: MappedShop, tmp_path: Path) -> None:
    terminal, (bucket, other) = shop.terminal, shop.buckets
    rule = {"id": "copies", "destination": f"B:{other}"}
    path = tmp_path / "replication.json"
    path.write_text(json.dumps({"rules": [rule]}))
    words = ("replication", "rules")
    terminal.ok(*words, f"A:{bucket}", "--set", str(path), "--unchecked")
    own, of_group = (terminal.ok(*words, each).out for each in (f"A:{bucket}", "G:photos"))
    assert b"copies" in own
    assert of_group == own
