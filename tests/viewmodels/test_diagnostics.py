"""What belongs into a report, and what does not."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.capability import Answer, Capability, CapabilityReport, Finding, Reason
from s4desk.core.domain.connection import (
    Connection,
    ConnectionLimits,
    CredentialKind,
    CredentialReference,
    group_connection,
)
from s4desk.core.domain.failover import Backend, FailoverGroup, UsageLimits
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.runtime.log_file import LogRecord
from s4desk.core.runtime.logs import BLOT, redact
from s4desk.viewmodels.diagnostics import HIDDEN, Diagnostics, as_record, as_text, gather, versions
from tests.gui.stage import memory_desk

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "the-secret-of-reports"
NAMES = ("Werk", "store.example", "bilder", "geheim/plan", "AKIAXYZ", "/home/ada", "gate.example")
CONNECTION = Connection(
    ConnectionId("c1"),
    "Werk",
    "https://store.example:9443",
    "eu-1",
    credentials=CredentialReference(CredentialKind.PROFILE, "AKIAXYZ"),
    ca_file="/home/ada/ca.pem",
    start_bucket="bilder",
    key_id="AKIAXYZ",
    limits=ConnectionLimits(parts=4),
    proxy="http://ada@gate.example:3128",
)
DENIED = (
    "2026-11-20 22:00:00.123 INFO    MainThread s4desk.core.store.tracing: Werk head"
    " bucket='bilder' key='geheim/plan': 403 PermissionDeniedError AccessDenied at store.example"
    " request id tx-4711, 12 ms, 0 bytes"
)
FAILED = f"""\
2026-11-20 22:00:01.123 ERROR   MainThread s4desk.gui.commands.notices: {SECRET} of bilder
Traceback (most recent call last):
  File "/home/ada/x/s4desk/gui/session.py", line 12, in look
    open("geheim/plan")
FileNotFoundError: [Errno 2] No such file: 'geheim/plan'"""
REPORT = CapabilityReport(
    "https://store.example",
    server="Ceph 19",
    findings={Capability.LIFECYCLE: Finding(Answer.NO, Reason.REFUSED)},
)


@pytest.fixture
def told() -> Diagnostics:
    redact(SECRET)
    return Diagnostics(
        {"python": "3.11"},
        {"part_limit": 8, "download_folder": "/home/ada/in", "theme": "dark"},
        "keyring",
        [(CONNECTION, REPORT)],
        {"failed": 2},
        [LogRecord(logging.INFO, DENIED), LogRecord(logging.ERROR, FAILED)],
    )


def test_no_name_is_in_it_unless_it_is_wanted(told: Diagnostics) -> None:
    text = as_text(told)
    assert [name for name in NAMES if name in text] == []
    for fact in (
        "python: 3.11",
        "part_limit: 8",
        f"download_folder: {HIDDEN}",
        f"endpoint=https://{HIDDEN}:9443",
        f"proxy=http://{HIDDEN}:3128",
        "credentials=profile",
        "region=eu-1",
        "server=Ceph 19",
        "lacks=lifecycle",
        "failed: 2",
        "INFO s4desk.core.store.tracing, head 403 PermissionDeniedError, request id tx-4711",
        "s4desk.gui.commands.notices, FileNotFoundError, gui/session.py:12:look",
    ):
        assert fact in text


def test_a_group_is_told_without_its_buckets(told: Diagnostics) -> None:
    backends = (Backend(ConnectionId("c1"), (("bilder", "bilder-eu"),), UsageLimits(requests=9)),)
    group = group_connection(ConnectionId("g"), "Werk", FailoverGroup(backends, parallel=3))
    text = as_text(replace(told, connections=[(group, None)]))
    assert "bilder" not in text
    assert "'backends': 1, 'degraded_reads': True, 'parallel': 3" in text


def test_with_names_everything_but_secrets_is_told(told: Diagnostics) -> None:
    text = as_text(told, with_names=True)
    assert [name for name in NAMES if name not in text] == []
    assert SECRET not in text
    assert BLOT in text


def test_programs_get_the_same(told: Diagnostics) -> None:
    record = as_record(told)
    (connection,) = record["connections"]
    assert connection["limits"] == {"parts": 4}
    assert connection["lacks"] == "lifecycle"
    assert len(record["errors"]) == 2


def test_nothing_known_is_told_too() -> None:
    empty = as_text(Diagnostics({}, {}, "session", [], {}, []))
    assert empty.count("  -") == 5
    assert "  session" in empty


async def test_it_is_gathered_from_a_desk(tmp_path: Path) -> None:
    desk = memory_desk(tmp_path)
    lines = [f"2026-11-20 22:00:00.123 INFO MainThread a: {at}\n" for at in range(3)]
    text = "".join((*lines, f"{DENIED}\n" * 30))
    (desk.folders.logs / "s4desk.log").write_text(text, encoding="utf-8")
    await desk.connections.add(CONNECTION)
    told = await gather(desk, {"qt": "6"})
    assert told.versions["qt"] == "6"
    assert told.connections == [(CONNECTION, None)]
    assert [each.text for each in told.errors] == [DENIED] * 20
    assert told.settings["part_limit"] == 8
    await desk.aclose()


def test_versions_are_those_of_this_process() -> None:
    found = versions()
    assert found["python"].startswith("3.")
    assert found["aiobotocore"] != "-"
