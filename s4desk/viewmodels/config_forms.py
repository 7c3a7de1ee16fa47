"""What is commonly edited of a bucket's configurations, as fields; everything else in them stays as
it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from s4desk.core.domain.errors import ValidationError
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.config_paths import Path, found_at, put_at, text_at
from s4desk.viewmodels.forms import TICKED, Field, FieldKind, Form, is_ticked
from s4desk.viewmodels.lock_default_form import LockDefaultForm

Value = Mapping[str, Any]
Choices = Sequence[tuple[str, str]]
Written = Callable[[Any], Any]


def _text(value: Any) -> Any:
    return value or None


@dataclass(frozen=True, slots=True)
class Spot:
    """A field, and where in the configuration it stands. `written` makes of the field's value what
    is written there; None takes it away. Without a path the form writes it itself."""

    path: Path
    field: Field[Any]
    written: Written = _text


class ConfigForm(Form):
    """Some fields of one configuration. Only what was edited is written; `value` is not changed."""

    def __init__(self, value: Value, **spots: Spot) -> None:
        super().__init__("", **{name: spot.field for name, spot in spots.items()})
        self.value = value
        self.spots = spots
        self._before = {name: spot.field.text for name, spot in spots.items()}

    @property
    def problem(self) -> str:
        """The first thing that is wrong, empty for none."""
        return next(iter(self.errors.values()), "")

    def result(self) -> dict[str, Any]:
        """The configuration with what was edited; empty for one that says nothing any more."""
        result: Any = dict(self.value)
        for name, spot in self.spots.items():
            if spot.path and self.is_shown(name) and self.is_edited(name):
                result = put_at(result, spot.path, spot.written(spot.field.value))
        return self.settled(result)

    def settled(self, value: dict[str, Any]) -> dict[str, Any]:
        """`value` without what cannot stand beside what was edited."""
        return value

    def is_edited(self, name: str) -> bool:
        return self.fields[name].text != self._before[name]


def text_spot(
    value: Value, path: Path, label: str, *, hint: str = "", parse: Callable[[str], Any] = str.strip
) -> Spot:
    return Spot(path, Field(label, text_at(value, path), parse, hint=hint))


def choice_spot(
    value: Value, path: Path, label: str, choices: Choices, *, hint: str = "", default: str = ""
) -> Spot:
    """One of `choices`, or whatever is there now; `default` holds where nothing is."""
    text = text_at(value, path) or default
    offered = list(choices)
    if text not in [each for each, _ in choices]:
        offered.insert(0, (text, text or tr("Not set")))
    return Spot(path, Field(label, text, str, FieldKind.CHOICE, offered, hint=hint))


def tick_spot(value: Value, path: Path, label: str, *, hint: str = "") -> Spot:
    text = TICKED if found_at(value, path) is True else ""
    return Spot(path, Field(label, text, is_ticked, FieldKind.TICK, hint=hint), bool)


def parse_count(text: str) -> int | None:
    """Raises ValidationError."""
    if not text.strip():
        return None
    if not text.strip().isdecimal() or int(text) < 1:
        raise ValidationError(tr("Type a whole number above 0."))
    return int(text)


class VersioningForm(ConfigForm):
    def __init__(self, value: Value) -> None:
        choices = [("Enabled", tr("On")), ("Suspended", tr("Suspended"))]
        if not value.get("Status"):
            choices.insert(0, ("", tr("Never turned on")))
        hint = tr("Once on, it can be suspended but never be turned off again.")
        super().__init__(
            value, status=choice_spot(value, ["Status"], tr("Versioning"), choices, hint=hint)
        )


class EncryptionForm(ConfigForm):
    """The first rule; stores have one."""

    _KMS: Final = ("aws:kms", "aws:kms:dsse")
    _RULE: Final = ("Rules", 0)
    _DEFAULT: Final = (*_RULE, "ApplyServerSideEncryptionByDefault")

    def __init__(self, value: Value) -> None:
        choices = [
            ("", tr("Not set")),
            ("AES256", tr("With keys of the store (SSE-S3)")),
            ("aws:kms", tr("With a key of the key service (SSE-KMS)")),
            ("aws:kms:dsse", tr("Twice, with a key of the key service (DSSE-KMS)")),
        ]
        super().__init__(
            value,
            algorithm=choice_spot(
                value, [*self._DEFAULT, "SSEAlgorithm"], tr("Encrypt new objects"), choices
            ),
            key=text_spot(
                value,
                [*self._DEFAULT, "KMSMasterKeyID"],
                tr("Key"),
                hint=tr("ID or ARN of the key; leave it empty for the store's own."),
            ),
            bucket_key=tick_spot(
                value,
                [*self._RULE, "BucketKeyEnabled"],
                tr("Use a bucket key"),
                hint=tr("The key service is asked less often then."),
            ),
        )

    def is_shown(self, name: str) -> bool:
        algorithm = self.fields["algorithm"].text
        shown = {"key": algorithm in self._KMS, "bucket_key": algorithm == self._KMS[0]}
        return shown.get(name, True)

    def settled(self, value: dict[str, Any]) -> dict[str, Any]:
        if not self.is_edited("algorithm"):
            return value
        algorithm = self.fields["algorithm"].text
        if not algorithm:
            value = put_at(value, self._RULE, None)
        elif algorithm not in self._KMS:
            value = put_at(value, [*self._DEFAULT, "KMSMasterKeyID"], None)
        return value


class LockPageForm(LockDefaultForm):
    """The form of the dialog, on a page."""

    def __init__(self, value: Value) -> None:
        super().__init__(value)
        self.value = value

    @property
    def problem(self) -> str:
        return next(iter(self.errors.values()), "")


class PublicAccessForm(ConfigForm):
    def __init__(self, value: Value) -> None:
        labels = {
            "BlockPublicAcls": tr("Refuse new public grants"),
            "IgnorePublicAcls": tr("Ignore public grants"),
            "BlockPublicPolicy": tr("Refuse a new public policy"),
            "RestrictPublicBuckets": tr("Restrict public policies to this account"),
        }
        super().__init__(
            value, **{name: tick_spot(value, [name], label) for name, label in labels.items()}
        )

    def settled(self, value: dict[str, Any]) -> dict[str, Any]:
        """All four are said, once one is."""
        if any(self.is_edited(name) for name in self.fields):
            return {**dict.fromkeys(self.fields, False), **value}
        return value


class OwnershipForm(ConfigForm):
    def __init__(self, value: Value) -> None:
        choices = [
            ("BucketOwnerEnforced", tr("The bucket's owner owns everything; grants are off")),
            ("BucketOwnerPreferred", tr("The bucket's owner, if the writer grants it so")),
            ("ObjectWriter", tr("Who wrote an object owns it")),
        ]
        path: Path = ["Rules", 0, "ObjectOwnership"]
        if not text_at(value, path):
            choices.insert(0, ("", tr("Not set")))
        super().__init__(value, ownership=choice_spot(value, path, tr("Owner of objects"), choices))


class RequestPaymentForm(ConfigForm):
    def __init__(self, value: Value) -> None:
        choices = [
            ("BucketOwner", tr("The bucket's owner")),
            ("Requester", tr("Whoever asks for something")),
        ]
        spot = choice_spot(
            value, ["Payer"], tr("Requests are paid by"), choices, default="BucketOwner"
        )
        super().__init__(value, payer=spot)


class AccelerateForm(ConfigForm):
    def __init__(self, value: Value) -> None:
        choices = [("Enabled", tr("On")), ("Suspended", tr("Suspended"))]
        if not value.get("Status"):
            choices.insert(0, ("", tr("Never turned on")))
        super().__init__(
            value, status=choice_spot(value, ["Status"], tr("Transfer acceleration"), choices)
        )
