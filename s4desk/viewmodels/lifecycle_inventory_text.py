"""An inventory report in words: how old it is, how far its reading is, what it leaves open."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from math import isnan
from typing import TYPE_CHECKING

from s4desk.core.domain.lifecycle.candidates import Versioning
from s4desk.core.lifecycle.concerns import Doubt
from s4desk.core.lifecycle.inventory_view import Unknown
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.lifecycle_reason import concern_text, rule_name
from s4desk.viewmodels.printable import printable
from s4desk.viewmodels.rows import format_count, format_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.lifecycle.rules import Rule
    from s4desk.core.lifecycle.concerns import Concern


def file_filters() -> list[str]:
    """Which files a report has, as Qt's file dialogs want it."""
    return [
        tr("Inventory reports ({patterns})").format(
            patterns="manifest.json *.csv *.csv.gz *.parquet"
        ),
        tr("All files ({patterns})").format(patterns="*"),
    ]


def age_text(created: datetime | None, newest: float) -> str:
    """When a report was made, or what shows it: the newest version in it, in seconds, nan for
    none. What is not in it is said."""
    if created is not None:
        sentence = tr("Inventory report of {time}: what has changed since is not in it.")
        return sentence.format(time=utc_text(created))
    if isnan(newest):
        return tr("Inventory report without a date: what has changed since is not in it.")
    sentence = tr(
        "Inventory report without a date, its newest object is of {time}: what has changed since"
        " is not in it."
    )
    return sentence.format(time=utc_text(datetime.fromtimestamp(newest, UTC)))


def utc_text(moment: datetime) -> str:
    """In UTC, as due days are."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def counting_text(share: float) -> str:
    """How much of the reading is done: from 0 to 1."""
    sentence = tr("The report is being read… {percent} %")
    return sentence.format(percent=int(share * 100))


def reading_text(files: Sequence[str]) -> str:
    """Which report is read, of which no more is known yet: one file or more, each a whole path."""
    name = re.split(r"[/\\]", files[0])[-1]
    more = len(files) - 1
    if not more:
        return tr("Inventory report: {file}").format(file=name)
    sentence = tr_n(
        "Inventory report: {file} and {count} more",
        "Inventory report: {file} and {count} more",
        more,
    )
    return sentence.format(file=name, count=more)


def fetched_text(size: int) -> str:
    """How many bytes of a report have come from a bucket."""
    return tr("{size} of the report fetched").format(size=format_size(size))


def other_bucket_text(report: str, asked: str) -> str:
    """That a report is not of the bucket that was asked about."""
    sentence = tr("The report is of the bucket {other}, and not of {bucket}.")
    return sentence.format(other=printable(report), bucket=printable(asked))


def other_versioning_text(versioning: Versioning) -> str:
    """That the bucket of a report says something else of its versions than was said by hand."""
    says = {
        Versioning.OFF: tr("The bucket itself says that it never kept versions: that counts."),
        Versioning.ENABLED: tr("The bucket itself says that it keeps versions: that counts."),
        Versioning.SUSPENDED: tr(
            "The bucket itself says that it keeps no more versions: that counts."
        ),
    }
    return says[versioning]


def report_concern_text(concern: Concern, rules: Sequence[Rule]) -> str:
    """What is not as one would like it, and what that means for what is shown."""
    if concern.doubt is Doubt.REPORT_LACKS:
        return _lack_text(Unknown(concern.names[0]))
    if concern.doubt is Doubt.UNTOLD_RULE:
        sentence = tr(
            "Rule “{name}” is left out: without the column {columns} the report does not tell which"
            " objects it is about."
        )
        name = printable(rule_name(rules, concern.rule))
        return sentence.format(name=name, columns=", ".join(concern.names))
    if concern.doubt is Doubt.VERSIONING:
        return tr(
            "The report has versions, but does not tell whether they are still kept: it is assumed"
            " that they are not. What has the version “null” is then gone when its key expires;"
            " where versions are kept, it stays under a delete marker."
        )
    if concern.doubt is Doubt.DOUBLED:
        count = int(concern.names[0])
        sentence = tr_n(
            "{count} row tells of a version that another row tells of too: it counts once.",
            "{count} rows tell of versions that other rows tell of too: those count once.",
            count,
        )
        return sentence.format(count=format_count(count))
    return concern_text(concern, rules)


def _lack_text(unknown: Unknown) -> str:
    return {
        Unknown.VERSIONS: tr(
            "The report lists current objects only: what becomes of old versions and delete markers"
            " is not shown, and the bucket is taken for one without versions."
        ),
        Unknown.OLD_VERSIONS: tr(
            "The report lists current objects only: what becomes of old versions and delete markers"
            " is not shown."
        ),
        Unknown.SIZES: tr(
            "The report has no column Size: all objects count as empty, and those that would be"
            " large enough for a transition are not known."
        ),
        Unknown.CLASSES: tr(
            "The report has no column StorageClass: all objects are taken for STANDARD."
        ),
        Unknown.LOCKS: tr(
            "The report does not tell all of Object Lock: what is locked is shown as if it were"
            " not."
        ),
        Unknown.REPLICATION: tr(
            "The report has no column ReplicationStatus: what waits for replication is shown as if"
            " it did not."
        ),
        Unknown.UPLOADS: tr(
            "No report tells of unfinished uploads: what becomes of them is not shown."
        ),
    }[unknown]
