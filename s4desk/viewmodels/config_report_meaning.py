"""What the configurations mean by which a store reports, or puts away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.config_grant_table import NotificationTable
from s4desk.viewmodels.config_paths import text_at
from s4desk.viewmodels.config_rule_meaning import scope_text

Value = Mapping[str, Any]


def logging_meaning(value: Value) -> list[str]:
    bucket = text_at(value, ["LoggingEnabled", "TargetBucket"])
    if not bucket:
        return []
    prefix = text_at(value, ["LoggingEnabled", "TargetPrefix"])
    return [
        tr("Each request is written down in “{place}”, some hours later.").format(
            place=f"{bucket}/{prefix}" if prefix else bucket
        )
    ]


def notification_meaning(value: Value) -> list[str]:
    table = NotificationTable(value)
    found = [
        tr("{kind} {arn} is told of: {events}.").format(
            kind=table.shown(at, 0),
            arn=row.texts[1],
            events=", ".join(row.texts[2].split()) + _where(row.texts[3], row.texts[4]),
        )
        for at, row in enumerate(table.rows)
    ]
    if "EventBridgeConfiguration" in value:
        found.append(tr("EventBridge is told of everything."))
    return found


def _where(prefix: str, suffix: str) -> str:
    return f" ({prefix}…{suffix})" if prefix or suffix else ""


def tiering_meaning(value: Value) -> list[str]:
    if value.get("Status") != "Enabled":
        return [tr("This is off: nothing goes into archives by it.")]
    names = {"ARCHIVE_ACCESS": tr("the archive"), "DEEP_ARCHIVE_ACCESS": tr("the deep archive")}
    return [
        tr("After {days} days without a look at it, it goes into {archive} ({scope}).").format(
            days=each.get("Days", "?"),
            archive=names.get(each.get("AccessTier"), each.get("AccessTier")),
            scope=scope_text(value),
        )
        for each in value.get("Tierings", ())
    ]


def inventory_meaning(value: Value) -> list[str]:
    if not value.get("IsEnabled"):
        return [tr("This is off: no list is written.")]
    target = ["Destination", "S3BucketDestination"]
    bucket = text_at(value, [*target, "Bucket"]).rpartition(":::")[2]
    sentence = (
        tr("Each day a list of {what} is written into “{bucket}” as {format}.")
        if text_at(value, ["Schedule", "Frequency"]) == "Daily"
        else tr("Each week a list of {what} is written into “{bucket}” as {format}.")
    )
    is_all = value.get("IncludedObjectVersions") == "All"
    return [
        sentence.format(
            what=tr("all versions") if is_all else tr("all objects"),
            bucket=bucket,
            format=text_at(value, [*target, "Format"]),
        )
    ]


def id_meaning(value: Value) -> list[str]:
    """Of a kind that has no form here: what it is about."""
    return [
        tr("“{name}” is about {scope}.").format(name=value.get("Id", ""), scope=scope_text(value))
    ]
