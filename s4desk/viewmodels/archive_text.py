"""Archives in words: whether an object can be read, and what asking for it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.archive import MAX_DAYS, Tier
from s4desk.core.domain.errors import ValidationError
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.transfer.unarchiving import Unarchived
from s4desk.viewmodels.error_text import describe
from s4desk.viewmodels.forms import Field, FieldKind, Form, choice
from s4desk.viewmodels.lock_text import until_text
from s4desk.viewmodels.rows import display_name, format_count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from s4desk.core.domain.archive import ArchiveState
    from s4desk.core.transfer.unarchiving import UnarchiveOutcome


def archive_text(state: ArchiveState, now: datetime) -> str:
    """A few words; empty for what is in no archive."""
    if not state.is_archived:
        return ""
    if state.is_restoring:
        return tr("being restored: that takes minutes to hours")
    if state.until is not None and state.can_read(now):
        return tr("restored until {time}").format(time=until_text(state.until))
    return tr("in the archive: it has to be restored before it can be read")


def archive_label(storage_class: str, state: ArchiveState, now: datetime) -> str:
    """The class of an object with what is worth knowing of it, for a narrow column."""
    if state.is_restoring:
        return tr("{storage_class}, being restored").format(storage_class=storage_class)
    if state.until is not None and state.can_read(now):
        day = state.until.astimezone().strftime("%Y-%m-%d")
        return tr("{storage_class}, restored until {day}").format(
            storage_class=storage_class, day=day
        )
    return storage_class


class ArchiveForm(Form):
    """For how long, and how quickly."""

    def __init__(self) -> None:
        super().__init__(
            tr("Restore from Archive"),
            days=Field(
                tr("Days"),
                "7",
                _days,
                hint=tr("For so long a copy can be read; it is paid for beside the archive."),
            ),
            tier=Field(
                tr("How quickly"),
                Tier.STANDARD,
                choice(Tier),
                FieldKind.CHOICE,
                choices=[
                    (Tier.STANDARD, tr("Standard: 3 to 5 hours, from DEEP_ARCHIVE 12")),
                    (Tier.BULK, tr("Bulk, the cheapest: 5 to 12 hours, from DEEP_ARCHIVE 48")),
                    (Tier.EXPEDITED, tr("Expedited, the dearest: minutes, not from DEEP_ARCHIVE")),
                ],
            ),
        )

    @property
    def days(self) -> int:
        return int(self.fields["days"].value)

    @property
    def tier(self) -> Tier:
        return Tier(self.fields["tier"].text)


def _days(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= MAX_DAYS):
        raise ValidationError(
            tr("A number of days from 1 to {most}.").format(most=format_count(MAX_DAYS))
        )
    return int(text)


def unarchive_columns() -> Sequence[str]:
    return (tr("Object"), tr("What became of it"))


def unarchive_rows(outcomes: Sequence[UnarchiveOutcome]) -> list[tuple[str, str]]:
    return [(display_name(each.location.key), result_text(each)) for each in outcomes]


def result_text(outcome: UnarchiveOutcome, *, is_dry: bool = False) -> str:
    """With `is_dry` what would become of it."""
    if outcome.error is not None:
        return describe(outcome.error)
    if is_dry and outcome.result is Unarchived.ASKED:
        return tr("would be asked for")
    if is_dry and outcome.result is Unarchived.EXTENDED:
        return tr("there already, and would be kept for longer")
    return {
        None: "",
        Unarchived.ASKED: tr("asked for"),
        Unarchived.EXTENDED: tr("there already, and kept for longer"),
        Unarchived.UNDER_WAY: tr("was being restored already"),
        Unarchived.NOT_ARCHIVED: tr("in no archive: it can be read as it is"),
    }[outcome.result]


def asking_text(count: int) -> str:
    return tr_n("Asked for {count} object.", "Asked for {count} objects.", count).format(
        count=format_count(count)
    )


def unarchive_report(
    counts: Mapping[Unarchived | None, int], *, is_stopped: bool = False, is_dry: bool = False
) -> str:
    """What became of all, or with `is_dry` would; None counts what failed."""
    asked = counts.get(Unarchived.ASKED, 0)
    first = (
        tr_n("{count} object would be restored.", "{count} objects would be restored.", asked)
        if is_dry
        else tr_n("{count} object is being restored.", "{count} objects are being restored.", asked)
    )
    sentences = [first.format(count=format_count(asked))]
    rest = {
        Unarchived.EXTENDED: tr("{count} are there already and would stay for longer.")
        if is_dry
        else tr("{count} are there already and stay for longer."),
        Unarchived.UNDER_WAY: tr("{count} were under way already."),
        Unarchived.NOT_ARCHIVED: tr("{count} are in no archive."),
        None: tr("{count} could not be asked for."),
    }
    sentences += [
        sentence.format(count=format_count(counts[kind]))
        for kind, sentence in rest.items()
        if counts.get(kind)
    ]
    if asked and not is_dry:
        sentences.append(tr("The inspector tells when they can be read."))
    if is_stopped:
        sentences.insert(0, tr("Stopped."))
    return " ".join(sentences)
