"""The report of applied rules for other programs: as JSON, or as a table."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from s4desk.core.lifecycle.report import Outcome
from s4desk.viewmodels.spreadsheet import MARK, exact_cells, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s4desk.core.lifecycle.report import ApplyReport, NotDone

COLUMNS = (
    "bucket",
    "key",
    "version_id",
    "action",
    "outcome",
    "count",
    "bytes",
    "code",
    "message",
    "names",
)
"""For programs, and therefore the same in every language."""


def as_value(report: ApplyReport, *, lists: bool = True) -> dict[str, Any]:
    """All of it; with `lists` also what was not done, one by one."""
    value: dict[str, Any] = {
        "state": report.state,
        "started": None if report.started is None else report.started.isoformat(),
        "ended": None if report.ended is None else report.ended.isoformat(),
        "buckets": list(report.buckets),
        "planned": report.planned,
        **report.counters,
        "per_bucket": [
            {
                "bucket": bucket,
                "action": action,
                "count": count,
                "bytes": report.sizes.get((bucket, action), 0),
            }
            for (bucket, action), count in report.done.items()
        ],
        "left": [
            {"bucket": bucket, "outcome": outcome, "count": count}
            for (bucket, outcome), count in report.left.items()
        ],
        "bucket_errors": dict(report.bucket_errors),
    }
    return value | ({"not_done": list(map(not_done_value, report.not_done))} if lists else {})


def not_done_value(left: NotDone) -> dict[str, Any]:
    return {
        "bucket": left.bucket,
        "key": left.key,
        "version_id": left.version or None,
        "action": left.action,
        "outcome": left.outcome,
        "code": left.code,
        "message": left.detail,
    }


def as_json(report: ApplyReport) -> bytes:
    return (json.dumps(as_value(report), indent=2) + "\n").encode()


def as_csv(report: ApplyReport) -> bytes:
    """A line per bucket and action with what was done, then one for each that was not."""
    return MARK + rows_of([COLUMNS, *_lines(report)])


def _lines(report: ApplyReport) -> Iterator[list[str]]:
    for (bucket, action), count in report.done.items():
        size = report.sizes.get((bucket, action), 0)
        yield [bucket, "", "", action, Outcome.DONE, str(count), str(size), "", "", "exact"]
    listed: dict[tuple[str, Outcome], int] = {}
    for left in report.not_done:
        listed[left.bucket, left.outcome] = listed.get((left.bucket, left.outcome), 0) + 1
    for (bucket, outcome), count in report.left.items():
        if rest := count - listed.get((bucket, outcome), 0):
            yield [bucket, "", "", "", outcome, str(rest), "", "", "", "exact"]
    for bucket, error in report.bucket_errors.items():
        cells, how = exact_cells([error])
        yield [bucket, "", "", "", Outcome.FAILED, "", "", "", *cells, how]
    for left in report.not_done:
        cells, how = exact_cells([left.key, left.detail])
        yield [
            left.bucket,
            cells[0],
            left.version,
            left.action,
            left.outcome,
            "1",
            "",
            left.code,
            cells[1],
            how,
        ]
