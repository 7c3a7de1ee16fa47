"""The pages of the settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.parts import MAX_SINGLE_PUT, MIN_PART_SIZE
from s4desk.core.domain.transfer import ConflictPolicy
from s4desk.core.persist.settings import (
    LARGEST_PART,
    LEAST_RATE,
    MOST_PARTS,
    MOST_TRANSFERS,
    Language,
    Theme,
)
from s4desk.core.runtime.i18n import LANGUAGES, tr, tr_n
from s4desk.viewmodels.forms import TICKED, Field, FieldKind, Form, choice, is_ticked
from s4desk.viewmodels.quantities import (
    count_between,
    rate_example,
    rate_from,
    rate_words,
    size_between,
    size_words,
)
from s4desk.viewmodels.rows import format_count
from s4desk.viewmodels.thumbnail import LARGEST_THUMBNAIL, LEAST_THUMBNAIL
from s4desk.viewmodels.transfer_rows import decision_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from s4desk.core.persist.settings import Settings

HISTORY_DAYS = (0, 7, 30, 90, 365)
_POLICIES = (
    ConflictPolicy.ASK,
    ConflictPolicy.OVERWRITE,
    ConflictPolicy.IF_DIFFERENT,
    ConflictPolicy.SKIP,
    ConflictPolicy.RENAME,
)


class SettingsPage(Form):
    """Some settings that belong together; each field is named as its setting.

    `icon` is the name of a picture for it.
    """

    def __init__(self, title: str, icon: str, **fields: Field[Any]) -> None:
        super().__init__(title, **fields)
        self.icon = icon

    def values(self, names: Iterable[str]) -> dict[str, Any]:
        """What of these settings can be used as it is typed."""
        wrong = self.errors
        return {name: self.fields[name].value for name in names if name not in wrong}


class SpeedPage(SettingsPage):
    """Bandwidth and parts. No part may be larger than what is sent whole."""

    def __init__(self, now: Settings) -> None:
        self._part_size = Field(
            tr("Part size"),
            size_words(now.part_size),
            size_between(MIN_PART_SIZE, LARGEST_PART),
            hint=tr("Parts grow where a file would have more than 10 000."),
        )
        self._multipart_from = Field(
            tr("In parts from"),
            size_words(now.multipart_from),
            size_between(MIN_PART_SIZE, MAX_SINGLE_PUT),
            hint=tr("Smaller files are uploaded in one piece."),
        )
        super().__init__(
            tr("Speed"),
            "transfers",
            upload_rate=_rate(tr("Upload limit"), now.upload_rate),
            download_rate=_rate(
                tr("Download limit"),
                now.download_rate,
                tr("For all connections together. A connection can have limits of its own."),
            ),
            part_limit=Field(
                tr("Parts at once"),
                str(now.part_limit),
                count_between(1, MOST_PARTS),
                hint=tr("Of all transfers together."),
            ),
            part_size=self._part_size,
            multipart_from=self._multipart_from,
        )

    def _errors_between_fields(self) -> dict[str, str]:
        sizes = (self._part_size, self._multipart_from)
        if any(field.error for field in sizes) or sizes[0].value <= sizes[1].value:
            return {}
        return {"multipart_from": tr("It cannot be less than the size of one part.")}


def settings_pages(now: Settings) -> Sequence[SettingsPage]:
    """All pages, with the settings as they are."""
    return (
        SettingsPage(
            tr("Transfers"),
            "upload",
            transfer_limit=Field(
                tr("Transfers at once"),
                str(now.transfer_limit),
                count_between(1, MOST_TRANSFERS),
                hint=tr("What runs goes on when there are fewer."),
            ),
            on_conflict=Field(
                tr("If the target exists"),
                now.on_conflict.value,
                choice(ConflictPolicy),
                kind=FieldKind.CHOICE,
                choices=[(policy.value, _policy_text(policy)) for policy in _POLICIES],
            ),
            download_folder=Field(
                tr("Download to"),
                now.download_folder,
                parse_folder,
                kind=FieldKind.FOLDER,
                placeholder=tr("where the last download went"),
            ),
            resume_at_start=_tick(
                tr("Go on at the start"),
                now.resume_at_start,
                tr("With what was under way when s4desk ended. Else it asks."),
            ),
            history_days=Field(
                tr("Keep the history"),
                str(now.history_days),
                int,
                kind=FieldKind.CHOICE,
                choices=_history_choices(now.history_days),
                hint=tr("What became of each transfer. What is older is forgotten."),
            ),
            verify_reads=_tick(
                tr("Read back what nothing proves"),
                now.verify_reads,
                tr("Where a store compares no checksum, both ends are read again and compared."),
            ),
            keep_awake=_tick(
                tr("Keep the computer awake"),
                now.keep_awake,
                tr("While something moves, where the system allows it. The screen may go dark."),
            ),
        ),
        SpeedPage(now),
        SettingsPage(
            tr("Appearance"),
            "eye",
            theme=Field(
                tr("Colours"),
                now.theme.value,
                choice(Theme),
                kind=FieldKind.CHOICE,
                choices=[
                    (Theme.SYSTEM.value, tr("Like the system")),
                    (Theme.LIGHT.value, tr("Light")),
                    (Theme.DARK.value, tr("Dark")),
                ],
            ),
            language=Field(
                tr("Language"),
                now.language.value,
                choice(Language),
                kind=FieldKind.CHOICE,
                choices=[(Language.SYSTEM.value, tr("Like the system")), *LANGUAGES.items()],
                hint=tr("From the next start on."),
            ),
        ),
        SettingsPage(
            tr("Thumbnails"),
            "grid",
            thumbnails=_tick(
                tr("Show images as thumbnails"),
                now.thumbnails,
                tr("In the grid. What is on the screen is read; a store may charge for it."),
            ),
            thumbnail_size=Field(
                tr("Read images up to"),
                size_words(now.thumbnail_size),
                size_between(LEAST_THUMBNAIL, LARGEST_THUMBNAIL),
                hint=tr("Of larger photographs only the thumbnail is read that the camera made."),
            ),
            thumbnail_fees=_tick(
                tr("Also where reading costs extra"),
                now.thumbnail_fees,
                tr("In storage classes for rare access. What is archived is never read."),
            ),
        ),
        SettingsPage(
            tr("Notifications"),
            "info",
            notify_when_done=_tick(
                tr("Say when transfers have ended"), now.notify_when_done, tr("In the status bar.")
            ),
            notify_by_tray=_tick(
                tr("Notify me while I look at another window"),
                now.notify_by_tray,
                tr("With the notifications of the system, where it has any."),
            ),
        ),
        SettingsPage(
            tr("Deletion"),
            "delete",
            confirm_delete=_tick(
                tr("Ask before something is deleted"),
                now.confirm_delete,
                tr("What cannot be undone is asked about in any case."),
            ),
        ),
    )


def parse_folder(text: str) -> str:
    """An absolute path to a folder that exists; empty stays empty."""
    if not text.strip():
        return ""
    path = Path(text.strip()).expanduser()
    if not path.is_absolute() or not path.is_dir():
        raise ValidationError(tr("There is no such folder."))
    return str(path)


def _rate(label: str, rate: int, hint: str = "") -> Field[int]:
    return Field(
        label, rate_words(rate), rate_from(LEAST_RATE), placeholder=rate_example(), hint=hint
    )


def _tick(label: str, is_on: bool, hint: str) -> Field[bool]:
    text = TICKED if is_on else ""
    return Field(label, text, is_ticked, kind=FieldKind.TICK, hint=hint)


def _history_choices(now: int) -> Sequence[tuple[str, str]]:
    """For how many days; a number that somebody wrote into the file is one too."""
    return [(str(days), _days_text(days)) for days in sorted({*HISTORY_DAYS, now})]


def _days_text(days: int) -> str:
    if not days:
        return tr("Not at all")
    return tr_n("{count} day", "{count} days", days).format(count=format_count(days))


def _policy_text(policy: ConflictPolicy) -> str:
    return tr("Ask me") if policy is ConflictPolicy.ASK else decision_text(policy)
