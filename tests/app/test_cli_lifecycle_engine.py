"""What `s4desk lifecycle` foretells and does, beside what Ceph's own engine does by the same rules.

A day is a second for the engine; everything else is told that it is a month later.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING, Any, Final

import pytest

from s4desk.core.domain.lifecycle.candidates import Versioning
from tests.lifecycle.oracle_worlds import TAG, Case, clear, prepare
from tests.servers.client import s3_client

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.app.terminal import Terminal
    from tests.servers.ceph import Ceph
    from tests.servers.endpoint import Endpoint

AGE_S: Final = 3
"""More than the days of the rules that are to be due."""
FAR: Final = 9000
BIG: Final = 200 * 1024
"""Smaller ones are left in their class by S3."""
RULES: Final[dict[str, dict[str, Any]]] = {
    "end/": {"Expiration": {"Days": 2}},
    "far/": {"Expiration": {"Days": FAR}},
    "old/": {"NoncurrentVersionExpiration": {"NoncurrentDays": 2}},
    "lone/": {"Expiration": {"ExpiredObjectDeleteMarker": True}},
    "move/": {"Transitions": [{"Days": 2, "StorageClass": "GLACIER"}]},
    "up/": {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2}},
}
WRITES: Final = {
    "end/a": "p",
    "end/b": "ppp",
    "end/ü %41": "p",
    "far/a": "pp",
    "keep": "pdp",
    "lone/a": "d",
    "lone/b": "pd",
    "move/a": "P",
    "move/b": "pP",
    "old/a": "ppp",
    "old/b": "pd",
    "old/held": "hpp",
    "tag/hit": "t",
    "tag/miss": "p",
    # The last key that is listed is a case of its own for Ceph.
    "z": "p",
}
"""What is written of each key: `p` puts some bytes, `P` many, `t` tagged ones, `h` some under a
legal hold; `d` deletes."""


@dataclass(frozen=True)
class Content:
    """All versions by key and id: their content, whether they are current, their class; uploads by
    id."""

    versions: Mapping[tuple[str, str], tuple[str, bool, str]]
    uploads: Mapping[str, str]

    @property
    def rows(self) -> set[tuple[str, str, bool, str]]:
        """The same for buckets of the same content: ids say nothing."""
        return {(key, *rest) for (key, _), rest in self.versions.items()}


def case_of(versioning: Versioning) -> Case:
    rules = [
        {"ID": prefix, "Status": "Enabled", "Filter": {"Prefix": prefix}, **actions}
        for prefix, actions in RULES.items()
    ]
    tagged = {"And": {"Prefix": "tag/", "Tags": [TAG]}}
    rules.append({"ID": "t", "Status": "Enabled", "Filter": tagged, "Expiration": {"Days": 2}})
    everything = {"Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
    rules.append({"ID": "off", "Status": "Disabled", **everything})
    return Case(str(versioning), versioning, versioning is Versioning.ENABLED, rules)


def fill(client: Any, case: Case) -> None:
    for key, writes in WRITES.items():
        for number, each in enumerate(writes if case.has_locks else writes.strip("dh")):
            where = {"Bucket": case.bucket, "Key": key}
            if each == "d":
                client.delete_object(**where)
                continue
            body = bytes([number]) * (BIG if each == "P" else 5)
            tags = {"Tagging": "k=v"} if each == "t" else {}
            hold = {"ObjectLockLegalHoldStatus": "ON"} if each == "h" else {}
            client.put_object(**where, Body=body, **tags, **hold)
    for key in ("up/a", "other"):
        client.create_multipart_upload(Bucket=case.bucket, Key=key)


def content_of(client: Any, case: Case) -> Content:
    pages = list(client.get_paginator("list_object_versions").paginate(Bucket=case.bucket))
    rows = [each for page in pages for each in page.get("Versions", [])]
    rows += [each for page in pages for each in page.get("DeleteMarkers", [])]
    uploads = client.list_multipart_uploads(Bucket=case.bucket).get("Uploads", [])
    return Content(
        {
            (row["Key"], row["VersionId"]): (
                row.get("ETag", "marker"),
                row["IsLatest"],
                row.get("StorageClass", ""),
            )
            for row in rows
        },
        {each["UploadId"]: each["Key"] for each in uploads},
    )


def foretold(before: Content, lines: Sequence[Mapping[str, Any]], *, keeps: bool) -> Content:
    """What a preview says is left, but for the ids of new delete markers: they are empty."""
    versions, uploads = dict(before.versions), dict(before.uploads)
    for line in lines:
        where = (line["key"], line["version_id"] or "null")
        action = line["action"]
        if action in ("transition", "transition_noncurrent"):
            etag, is_latest, _ = versions[where]
            versions[where] = (etag, is_latest, line["storage_class"])
        elif action == "abort_upload":
            del uploads[line["upload_id"]]
        elif action == "expire" and keeps:
            etag, _, name = versions[where]
            versions[where] = (etag, False, name)
            versions[line["key"], ""] = ("marker", True, "")
        elif action is not None:
            del versions[where]
    return Content(versions, uploads)


def known_ids(content: Content, before: Content) -> Content:
    """The same with empty ids for versions that have come since."""
    named = {
        where if where in before.versions else (where[0], ""): row
        for where, row in content.versions.items()
    }
    return Content(named, content.uploads)


@pytest.fixture(params=[Versioning.OFF, Versioning.ENABLED])
def cases(
    request: pytest.FixtureRequest, ceph_server: Ceph, ceph: Endpoint
) -> Iterator[tuple[Case, Case]]:
    """Two buckets of the same content; the engine knows the rules of the first alone."""
    with s3_client(ceph) as client:
        made = prepare(client, ceph_server, [case_of(request.param) for _ in range(2)])
        try:
            client.delete_bucket_lifecycle(Bucket=made[1].bucket)
            for case in made:
                fill(client, case)
            Event().wait(AGE_S)
            yield made[0], made[1]
        finally:
            clear(client, made)


@pytest.mark.slow
def test_what_is_foretold_is_done_by_the_engine_and_by_us(
    ceph_server: Ceph,
    ceph: Endpoint,
    terminal: Terminal,
    tmp_path: Path,
    cases: tuple[Case, Case],
) -> None:
    theirs, ours = cases
    keeps = theirs.versioning is Versioning.ENABLED
    later = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    rules = tmp_path / "rules.json"
    rules.write_text(json.dumps({"Rules": ours.rules}))
    terminal.add("T", ceph)
    when = ("--now", later)
    with s3_client(ceph) as client:
        before = content_of(client, theirs)
        assert content_of(client, ours).rows == before.rows
        words = ("lifecycle", "preview", f"T:{theirs.bucket}", "--days", "0", "--json", *when)
        *lines, summary = terminal.ok(*words).records
        said = foretold(before, lines, keeps=keeps)
        assert content_of(client, theirs) == before
        assert theirs.bucket in ceph_server.run_lifecycle(1)
        after = content_of(client, theirs)
        assert known_ids(after, before) == said
        terminal.ok("lifecycle", "apply", f"T:{ours.bucket}", "--rules", str(rules), "--yes", *when)
        left = content_of(client, ours)
    # Moved by a copy onto itself: with versions, the one before stays.
    copied = {row for row in left.rows - after.rows if row[0].startswith("move/")}
    assert {row[0] for row in copied} == ({"move/a", "move/b"} if keeps else set())
    assert all(row[2:] == (False, "STANDARD") for row in copied)
    assert left.rows - copied == after.rows
    assert sorted(left.uploads.values()) == sorted(after.uploads.values())
    actions = {"expire", "transition", "abort_upload"}
    if keeps:
        actions |= {"expire_noncurrent", "remove_delete_marker"}
    assert {line["action"] for line in lines} - {None} == actions
    assert summary["skipped"]["locked"] == keeps
