"""One rule of a store's own replication as a form: what is not touched stays as it was."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.lifecycle.filter_shape import filter_of, with_filter
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.config_rule_meaning import replication_meaning
from s4desk.viewmodels.forms import TICKED, Field, FieldKind, Form, is_ticked
from s4desk.viewmodels.lifecycle_form_tables import RuleTagTable
from s4desk.viewmodels.quantities import count_between

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    Raw = Mapping[str, Any]
    Path = tuple[str, ...]

MAX_ID: Final = 255
MAX_PRIORITY: Final = 2**31 - 1
TIME: Final = {"Minutes": 15}
"""S3 has no other ("ReplicationTimeValue" in the S3 API reference)."""
ARN: Final = "arn:aws:s3:::"
ENABLED: Final = "Enabled"
_ACCOUNT: Final = re.compile(r"\d{12}")
_TEXTS: Final[Mapping[str, Path]] = {
    "id": ("ID",),
    "bucket": ("Destination", "Bucket"),
    "storage_class": ("Destination", "StorageClass"),
    "account": ("Destination", "Account"),
    "kms_key": ("Destination", "EncryptionConfiguration", "ReplicaKmsKeyID"),
}
_SWITCHES: Final[Mapping[str, Path]] = {
    "is_on": ("Status",),
    "markers": ("DeleteMarkerReplication", "Status"),
    "existing": ("ExistingObjectReplication", "Status"),
    "modifications": ("SourceSelectionCriteria", "ReplicaModifications", "Status"),
    "encrypted": ("SourceSelectionCriteria", "SseKmsEncryptedObjects", "Status"),
    "metrics": ("Destination", "Metrics", "Status"),
    "time": ("Destination", "ReplicationTime", "Status"),
}
_OWNER: Final = ("Destination", "AccessControlTranslation", "Owner")


class StoresRuleForm(Form):
    """`tags` is a table beside the fields."""

    def __init__(self, rule: Raw, taken: Collection[str] = (), *, is_new: bool = False) -> None:
        """`taken` are the ids of the other rules."""
        self.is_new = is_new
        self._rule = rule
        self._taken = taken
        self.tags = RuleTagTable(rule)
        self._before = {name: _text_at(rule, path) for name, path in _TEXTS.items()}
        self._before |= {name: _switch_at(rule, path) for name, path in _SWITCHES.items()}
        self._before["owner"] = TICKED if _text_at(rule, _OWNER) == "Destination" else ""
        self._before["priority"] = _text_at(rule, ("Priority",))
        self._before["prefix"] = filter_of(rule).prefix
        title = tr("New Rule of the Store") if is_new else tr("Edit Rule of the Store")
        super().__init__(title, **self._fields())

    @property
    def groups(self) -> Sequence[tuple[str, Sequence[str]]]:
        """Which fields stand together, below which title; the tags come after the second."""
        return (
            ("", ("id", "is_on", "priority")),
            (
                tr("Which objects"),
                ("prefix", "existing", "markers", "modifications", "encrypted"),
            ),
            (
                tr("Where replicas go"),
                ("bucket", "storage_class", "account", "owner", "kms_key", "metrics", "time"),
            ),
        )

    @property
    def summary(self) -> str:
        """What the rule does, in a sentence; nothing as long as it cannot be said."""
        return "" if self.errors else replication_meaning({"Rules": [self.result()]})[0]

    @property
    def remarks(self) -> Sequence[str]:
        if self.errors or not self.fields["time"].value:
            return ()
        return (tr("The time control of S3 costs extra, and its metrics come with it."),)

    @property
    def errors(self) -> dict[str, str]:
        found = super().errors
        if problem := self.tags.problem:
            found["tags"] = problem
        return found

    def result(self) -> dict[str, Any]:
        """The rule as the AWS CLI writes it. Raises ValidationError as long as there are errors."""
        rule = dict(self._rule)
        for name, path in _TEXTS.items():
            if self._is_changed(name):
                rule = _with(rule, path, self.fields[name].value or None)
        for name, path in _SWITCHES.items():
            if self._is_changed(name):
                rule = _with(rule, path, ENABLED if self.fields[name].value else "Disabled")
        if self._is_changed("owner"):
            rule = _with(rule, _OWNER, "Destination" if self.fields["owner"].value else None)
        if self._is_changed("priority"):
            rule = _with(rule, ("Priority",), self.fields["priority"].value)
        if self.fields["time"].value and self._is_changed("time"):
            rule = _with(rule, ("Destination", "ReplicationTime", "Time"), dict(TIME))
            rule = _with(rule, ("Destination", "Metrics", "Status"), ENABLED)
            rule = _with(rule, ("Destination", "Metrics", "EventThreshold"), dict(TIME))
        return self._filtered(rule)

    def _filtered(self, rule: dict[str, Any]) -> dict[str, Any]:
        wanted = replace(
            filter_of(self._rule), prefix=self.fields["prefix"].value, tags=self.tags.tags
        )
        rule = with_filter(rule, wanted)
        if "Filter" in rule:
            # With a filter S3 asks for both; without one it knows neither.
            rule.setdefault("Priority", 1)
            rule.setdefault("DeleteMarkerReplication", {"Status": "Disabled"})
        return rule

    def _is_changed(self, name: str) -> bool:
        return self.fields[name].text != self._before[name]

    def _errors_between_fields(self) -> dict[str, str]:
        errors = {}
        if self.fields["owner"].value and not self.fields["account"].text.strip():
            errors["account"] = tr("Name the account that is to own the replicas.")
        if self.fields["encrypted"].value and not self.fields["kms_key"].text.strip():
            errors["kms_key"] = tr("Name the key that encrypts the replicas.")
        return errors

    def _fields(self) -> dict[str, Field[Any]]:
        tick = FieldKind.TICK
        before = self._before
        return {
            "id": Field(tr("Id"), before["id"], self._parse_id),
            "is_on": Field(tr("On"), before["is_on"], is_ticked, tick),
            "priority": Field(
                tr("Priority"), before["priority"], count_between(0, MAX_PRIORITY, empty=0)
            ),
            "prefix": Field(
                tr("Prefix"), before["prefix"], str, placeholder=tr("all objects of the bucket")
            ),
            "existing": Field(
                tr("What is there already, too"), before["existing"], is_ticked, tick
            ),
            "modifications": Field(
                tr("Changes of replicas, too"), before["modifications"], is_ticked, tick
            ),
            "encrypted": Field(
                tr("What is encrypted with KMS keys, too"), before["encrypted"], is_ticked, tick
            ),
            "bucket": Field(
                tr("Bucket"),
                before["bucket"],
                self._parse_bucket,
                placeholder=f"{ARN}bucket",
                remark_on=_arn_remark,
            ),
            "storage_class": Field(
                tr("Storage class"), before["storage_class"], str.strip,
                placeholder=tr("as the source has it"),
            ),
            "account": Field(
                tr("Account"), before["account"], self._parse_account,
                placeholder=tr("that of the source"),
            ),
            "owner": Field(
                tr("That account owns the replicas"), before["owner"], is_ticked, tick
            ),
            "kms_key": Field(tr("KMS key of replicas"), before["kms_key"], str.strip),
            "markers": Field(tr("Delete markers, too"), before["markers"], is_ticked, tick),
            "metrics": Field(tr("Metrics and events"), before["metrics"], is_ticked, tick),
            "time": Field(tr("Within 15 minutes"), before["time"], is_ticked, tick),
        }  # fmt: skip

    def _parse_id(self, text: str) -> str:
        if len(text) > MAX_ID:
            raise ValidationError(tr("At most {most} characters.").format(most=MAX_ID))
        if text and text in self._taken:
            raise ValidationError(tr("Another rule has this id."))
        return text

    def _parse_bucket(self, text: str) -> str:
        name = text.strip()
        if not name or "/" in name:
            raise ValidationError(tr("Name a bucket."))
        return name if name.startswith("arn:") else f"{ARN}{name}"

    def _parse_account(self, text: str) -> str:
        number = text.strip()
        if number and text != self._before["account"] and not _ACCOUNT.fullmatch(number):
            raise ValidationError(tr("The number of an account has 12 digits."))
        return number


def _arn_remark(text: str) -> str:
    name = text.strip()
    if not name or name.startswith("arn:"):
        return ""
    return tr("It is taken as {url}.").format(url=f"{ARN}{name}")


def _text_at(rule: Raw, path: Path) -> str:
    found: Any = rule
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return "" if found is None else str(found)


def _switch_at(rule: Raw, path: Path) -> str:
    return TICKED if _text_at(rule, path) == ENABLED else ""


def _with(rule: Raw, path: Path, value: Any) -> dict[str, Any]:
    """A copy of the rule with another value at a place; None takes it away, and what is empty then
    around it."""
    name, *rest = path
    if rest:
        inner = rule.get(name)
        within = _with(inner if isinstance(inner, Mapping) else {}, tuple(rest), value)
        value = within or None
    if value is None:
        return {each: kept for each, kept in rule.items() if each != name}
    return {**rule, name: value}
