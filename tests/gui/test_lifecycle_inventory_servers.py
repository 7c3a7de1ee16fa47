"""What lifecycle rules will do by a report that lies at a real server, in the window."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtWidgets import QComboBox, QLineEdit, QPushButton

from s4desk.core.domain.lifecycle.candidates import Candidate
from tests.gui.bucket_config import press
from tests.gui.real_store import connection_to, go
from tests.gui.stage import memory_desk, perform, until
from tests.gui.stage import press as press_words
from tests.gui.test_lifecycle_inventory import chosen, entry, opened, shown
from tests.gui.test_lifecycle_previewing import gone, is_done, keys, note
from tests.lifecycle.reports import write_manifest
from tests.servers.client import s3_client

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from s4desk.gui.dialogs.lifecycle_preview import LifecyclePreviewDialog
    from tests.gui.stage import Stage
    from tests.servers.endpoint import Endpoint

RULES = [
    {
        "ID": "logs",
        "Filter": {"Prefix": "logs/"},
        "Status": "Enabled",
        "Expiration": {"Days": 3},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 5},
    },
    {
        "ID": "past",
        "Filter": {"Prefix": "tmp/"},
        "Status": "Enabled",
        "Expiration": {"Date": datetime(2020, 1, 1, tzinfo=UTC)},
    },
]
REPORT = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
RUN = "2026-01-02T03-04Z"


def fill(client: Any, bucket: str) -> None:
    versioning = {"Status": "Enabled"}
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=versioning)
    for key in ("logs/1", "logs/1", "logs/ü +2", "tmp/a", "keep", "logs/gone"):
        client.put_object(Bucket=bucket, Key=key, Body=b"x" * 3000)
    client.delete_object(Bucket=bucket, Key="logs/gone")
    client.put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": RULES}
    )


def versions_in(client: Any, bucket: str) -> list[Candidate]:
    """All of them, as an inventory tells of them."""
    listed = client.list_object_versions(Bucket=bucket)
    return [
        Candidate(
            each["Key"],
            each.get("Size", 0),
            each["LastModified"],
            version=each["VersionId"],
            etag=each.get("ETag", "").strip('"'),
            is_current=each["IsLatest"],
            is_delete_marker="Size" not in each,
        )
        for each in (*listed["Versions"], *listed["DeleteMarkers"])
    ]


def lay_down(client: Any, folder: Path, bucket: str, reports: str) -> str:
    """A report of a bucket in another one; returns the key of its manifest."""
    path = write_manifest(
        folder / "manifest.json", versions_in(client, bucket), created=REPORT, bucket=bucket
    )
    (data,) = (folder / "data").iterdir()
    key = f"reports/{bucket}/daily/{RUN}/manifest.json"
    client.put_object(Bucket=reports, Key=key, Body=path.read_bytes())
    client.put_object(Bucket=reports, Key=f"d/data/{data.name}", Body=data.read_bytes())
    return key


def told_where(client: Any, bucket: str, reports: str) -> None:
    """The store says where it writes reports of a bucket."""
    place = {"Bucket": f"arn:aws:s3:::{reports}", "Format": "CSV", "Prefix": "reports"}
    client.put_bucket_inventory_configuration(
        Bucket=bucket,
        Id="daily",
        InventoryConfiguration={
            "Id": "daily",
            "IsEnabled": True,
            "IncludedObjectVersions": "All",
            "Schedule": {"Frequency": "Daily"},
            "Destination": {"S3BucketDestination": place},
        },
    )


def is_looked_at(dialog: LifecyclePreviewDialog) -> bool:
    return "of 2026-01-02 03:04 UTC" in note(dialog, "source") and is_done(dialog)


@pytest.mark.parametrize("is_offered", [True, False], ids=["offered", "named"])
def test_a_report_shows_what_the_bucket_does(
    request: pytest.FixtureRequest,
    qapp: object,
    tmp_path: Path,
    new_bucket: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    is_offered: bool,
) -> None:
    """Ceph does not tell where reports are, so one is named there."""
    server: Endpoint = request.getfixturevalue("localstack" if is_offered else "ceph")
    bucket, reports = new_bucket(server), new_bucket(server)
    with s3_client(server) as client:
        fill(client, bucket)
        key = lay_down(client, tmp_path, bucket, reports)
        if is_offered:
            told_where(client, bucket, reports)

    async def story(stage: Stage) -> None:
        await go(stage, bucket)
        dialog = await opened(stage)
        listed = (shown(dialog), note(dialog, "summary"))
        assert set(keys(dialog)) == {"logs/1", "logs/gone", "logs/ü +2", "tmp/a"}
        assert note(dialog, "source") == "2 rules as saved. The bucket as it is now."
        form = await chosen(stage, dialog)
        if is_offered:
            offered = form.findChild(QComboBox, "report")
            assert offered.itemText(0) == "2026-01-02 03:04 UTC (daily)"
        else:
            form.findChild(QLineEdit, "address").setText(f"Home:{reports}/{key}")
        press_words(form, "Look at It")
        await until(lambda: is_looked_at(dialog))
        assert note(dialog, "outcome") == ""
        assert (shown(dialog), note(dialog, "summary")) == listed
        assert not dialog.findChild(QPushButton, "apply").isEnabled()
        with s3_client(server) as client:
            client.delete_object(Bucket=bucket, Key="tmp/a")
        press(dialog, "look")  # a report is as old as it is
        await until(lambda: is_looked_at(dialog))
        assert shown(dialog) == listed[0]
        entry(dialog, "Back").trigger()
        await until(lambda: is_done(dialog) and shown(dialog) != listed[0])
        assert dialog.findChild(QPushButton, "apply").isEnabled()
        await gone(stage, dialog)

    connections = (connection_to(server, monkeypatch),)
    perform(memory_desk(tmp_path / "home"), story, connections=connections)
