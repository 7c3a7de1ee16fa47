"""Which inventory report in a bucket is looked at: one that was found, or one that is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.identity import Location
from s4desk.core.lifecycle.inventory_manifest import MANIFEST
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.forms import Field, FieldKind, Form
from s4desk.viewmodels.lifecycle_inventory_text import utc_text
from s4desk.viewmodels.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from s4desk.core.domain.connection import Connection
    from s4desk.core.lifecycle.inventory_reports import WrittenReport

_S3 = "s3://"

Place = tuple["Connection | None", Location]
"""Where a report is; at the connection of the bucket that it is of where none is named."""


class ReportForm(Form):
    """The report that was written last is chosen. `by_name` finds a connection."""

    def __init__(
        self, reports: Sequence[WrittenReport], by_name: Callable[[str], Connection | None]
    ) -> None:
        self._reports = reports
        self._by_name = by_name
        choices = [(str(at), _text_of(each)) for at, each in enumerate(reports)]
        self._report = Field(
            tr("Report"),
            "0" if reports else "",
            str,
            kind=FieldKind.CHOICE,
            choices=[*choices, ("", tr("Another one"))],
        )
        self._address = Field(
            tr("Place of the report"),
            "",
            self._parse,
            placeholder=f"NAME:BUCKET/…/{MANIFEST}",
            hint=tr("The manifest.json of a report, or one of its files.")
            if reports
            else tr("The store names no report of the bucket: name its manifest.json, or a file."),
        )
        super().__init__(tr("Inventory Report"), report=self._report, address=self._address)

    def is_shown(self, name: str) -> bool:
        return bool(self._reports) if name == "report" else not self._report.text

    def result(self) -> Place:
        """Raises ValidationError as long as there are errors."""
        if self._report.text:
            return None, self._reports[int(self._report.text)].manifest
        return self._address.value

    def _parse(self, text: str) -> Place:
        connection = None
        name, colon, path = text.strip().partition(":")
        if text.strip().startswith(_S3):
            path = text.strip().removeprefix(_S3)
        elif not colon or "/" in name:
            path = text.strip()
        else:
            connection = self._by_name(name)
            if connection is None:
                sentence = tr("There is no connection named “{name}”.")
                raise ValidationError(sentence.format(name=printable(name)))
        bucket, _, key = path.partition("/")
        if not bucket or not key:
            raise ValidationError(tr("Name a file in a bucket: NAME:BUCKET/PATH/manifest.json."))
        return connection, Location(bucket, key)


def _text_of(report: WrittenReport) -> str:
    return tr("{time} ({name})").format(time=utc_text(report.created), name=printable(report.name))
