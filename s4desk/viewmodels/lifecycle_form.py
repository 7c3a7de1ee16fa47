"""The form of one lifecycle rule. It edits its own fields and leaves everything else as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.lifecycle.checks import (
    MARKERS,
    MAX_DAYS,
    MAX_ID,
    MAX_NEWER,
    Fault,
    Part,
    Problem,
    part_of,
    rule_problems,
)
from s4desk.core.domain.lifecycle.conflicts import conflicts_of
from s4desk.core.domain.lifecycle.filter_shape import (
    filter_of,
    is_old_shape,
    with_filter,
    with_scope,
)
from s4desk.core.domain.parts import MAX_OBJECT_AWS
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.config_forms import ConfigForm, Spot, text_spot
from s4desk.viewmodels.config_paths import put_at
from s4desk.viewmodels.forms import TICKED, Field, FieldKind, is_ticked
from s4desk.viewmodels.lifecycle_form_limits import NO_LIMITS, RuleLimits
from s4desk.viewmodels.lifecycle_form_tables import (
    MoveTable,
    OldMoveTable,
    RuleTagTable,
    date_text,
    parse_date,
)
from s4desk.viewmodels.lifecycle_problems import problem_text
from s4desk.viewmodels.lifecycle_summary import is_on, rule_summary
from s4desk.viewmodels.quantities import count_between, parse_size, size_words

Rule = Mapping[str, Any]

_FIELD_OF: Final = {
    Part.ID: "id",
    Part.PREFIX: "prefix",
    Part.TAGS: "tags",
    Part.SIZES: "smaller",
    Part.EXPIRATION: "expire",
    Part.TRANSITIONS: "transitions",
    Part.OLD_EXPIRATION: "old_days",
    Part.NEWER: "old_newer",
    Part.OLD_TRANSITIONS: "old_transitions",
    Part.ABORT: "abort_days",
}
TABLES: Final = ("tags", "transitions", "old_transitions")
"""Names of what is edited row by row; `errors` has them beside those of the fields."""


class RuleForm(ConfigForm):
    """One rule among `rules`; `at` is its place, None for one that is to be added.

    What came from the store is right as long as nobody edits it.
    """

    def __init__(
        self,
        rule: Rule,
        rules: Sequence[Rule] = (),
        at: int | None = None,
        *,
        limits: RuleLimits = NO_LIMITS,
        now: datetime | None = None,
    ) -> None:
        self._others = list(rules)
        self._at = at
        self._now = now or datetime.now(UTC)
        self.limits = limits
        self.tags = RuleTagTable(rule)
        self.transitions = MoveTable(rule, limits.classes)
        self.old_transitions = OldMoveTable(rule, limits.classes)
        super().__init__(
            rule,
            **_of_rule(rule),
            **_of_filter(rule),
            **_of_expiration(rule),
            **_of_old(rule),
            **_of_uploads(rule),
        )
        self._hold_to(limits)

    @property
    def is_new(self) -> bool:
        return self._at is None

    @property
    def is_changed(self) -> bool:
        """Whether anything was edited."""
        return any(self.is_edited(name) for name in self.fields) or any(
            self.is_table_edited(name) for name in TABLES
        )

    def table(self, name: str) -> RuleTagTable | MoveTable:
        tables: dict[str, RuleTagTable | MoveTable] = {
            "tags": self.tags,
            "transitions": self.transitions,
            "old_transitions": self.old_transitions,
        }
        return tables[name]

    def is_table_edited(self, name: str) -> bool:
        table = self.table(name)
        if isinstance(table, MoveTable):
            return table.is_changed
        return table.tags != filter_of(self.value).tags

    def is_shown(self, name: str) -> bool:
        kind = self.fields["expire"].text
        return {"expire_days": kind == "days", "expire_date": kind == "date"}.get(name, True)

    @property
    def errors(self) -> dict[str, str]:
        """By fields and tables, and `rule` for what is about all of it."""
        if not self.is_changed and not self.is_new:
            return {}
        found = super().errors
        tables = {name: problem for name in TABLES if (problem := self.table(name).problem)}
        if found or tables:
            return found | tables
        return self._errors_of_rule()

    @property
    def remarks(self) -> list[str]:
        """What is odd about the rule, and where it meets others; nothing while there are errors."""
        if self._is_unreadable:
            return []
        rules, at = self._in_place()
        found = [each for each in self._problems() if not each.is_error]
        met = [each for each in conflicts_of(rules, at) if not each.is_error]
        return [*(problem_text(each, rules) for each in (*found, *met)), *self._class_remarks()]

    @property
    def summary(self) -> str:
        """In words, as far as it can be read."""
        return "" if self._is_unreadable else rule_summary(self.result())

    def settled(self, value: dict[str, Any]) -> dict[str, Any]:
        value = self._with_filter(self._with_expiration(value))
        for table in (self.transitions, self.old_transitions):
            if table.is_changed:
                value = put_at(value, [table.name], table.entries())
        if self._counts_versions() and is_old_shape(value):
            # Only rules with a filter may count versions.
            prefix = value.pop("Prefix")
            value["Filter"] = {"Prefix": prefix or ""}
        return value

    @property
    def _is_unreadable(self) -> bool:
        return bool(super().errors) or any(self.table(name).problem for name in TABLES)

    def _counts_versions(self) -> bool:
        is_counted = any(row.texts[1].strip() for row in self.old_transitions.rows)
        is_touched = self.is_edited("old_newer") or self.old_transitions.is_changed
        return is_touched and bool(is_counted or self.fields["old_newer"].value)

    def _with_filter(self, value: dict[str, Any]) -> dict[str, Any]:
        wanted = filter_of(value)
        if self.is_edited("prefix"):
            wanted = replace(wanted, prefix=self.fields["prefix"].value)
        if self.is_edited("larger"):
            wanted = replace(wanted, larger_than=self.fields["larger"].value)
        if self.is_edited("smaller"):
            wanted = replace(wanted, smaller_than=self.fields["smaller"].value)
        if self.is_table_edited("tags"):
            wanted = replace(wanted, tags=self.tags.tags)
        written = with_filter(value, wanted)
        return with_scope(written) if self.is_changed else written

    def _with_expiration(self, value: dict[str, Any]) -> dict[str, Any]:
        names = ("expire", "expire_days", "expire_date")
        if not any(self.is_edited(name) and self.is_shown(name) for name in names):
            return value
        kind = self.fields["expire"].text
        wanted: dict[str, Any] = {}
        if kind == "days":
            wanted["Days"] = self.fields["expire_days"].value
        elif kind == "date":
            wanted["Date"] = self.fields["expire_date"].value
        elif kind == "markers":
            wanted[MARKERS] = True
        ours = ("Days", "Date", *([MARKERS] if self.is_edited("expire") else []))
        before = part_of(value, "Expiration").items()
        # What stays keeps its place: then the difference shows what was changed.
        kept = {name: each for name, each in before if name not in ours or name in wanted}
        rest = {**kept, **wanted}
        return dict(put_at(value, ["Expiration"], rest))

    def _in_place(self) -> tuple[list[Rule], int]:
        """All rules with this one as it is now, and where it is."""
        rules, at = list(self._others), self._at
        if at is None:
            return [*rules, self.result()], len(rules)
        rules[at] = self.result()
        return rules, at

    def _problems(self) -> list[Problem]:
        rules, at = self._in_place()
        found = rule_problems(rules[at], at, self._now)
        id = str(rules[at].get("ID") or "")
        same = [other for other, each in enumerate(rules) if other != at and id == each.get("ID")]
        if id and same:
            found.append(Problem(Fault.ID_TWICE, Part.ID, at, same[0], (id,)))
        return found

    def _errors_of_rule(self) -> dict[str, str]:
        rules, _ = self._in_place()
        errors: dict[str, str] = {}
        for each in self._problems():
            if each.is_error:
                errors.setdefault(_FIELD_OF.get(each.part, "rule"), problem_text(each, rules))
        return errors

    def _class_remarks(self) -> list[str]:
        if not self.limits.are_all:
            return []
        moves = [
            row.texts[-1]
            for table in (self.transitions, self.old_transitions)
            for row in table.rows
        ]
        said = tr("This store is not known to have the storage class {storage_class}.")
        unknown = sorted(set(moves) - set(self.limits.classes))
        return [said.format(storage_class=each) for each in unknown]

    def _hold_to(self, limits: RuleLimits) -> None:
        """Close what the store does not have, and say what is worth knowing."""
        names = {
            "larger": Part.SIZES,
            "smaller": Part.SIZES,
            "old_days": Part.OLD_EXPIRATION,
            "old_newer": Part.NEWER,
        }
        for name, part in names.items():
            field = self.fields[name]
            field.obstacle = limits.obstacles.get(part, "")
            field.hint = " ".join(filter(None, (field.hint, limits.hints.get(part, ""))))


def _of_rule(rule: Rule) -> dict[str, Spot]:
    status = Field(tr("S&witched on"), TICKED if is_on(rule) else "", is_ticked, FieldKind.TICK)
    return {
        "id": text_spot(rule, ["ID"], tr("&Name"), parse=_parse_id),
        "is_on": Spot(["Status"], status, lambda on: "Enabled" if on else "Disabled"),
    }


def _of_filter(rule: Rule) -> dict[str, Spot]:
    filter = filter_of(rule)
    prefix = Field(
        tr("Keys that &begin with"),
        filter.prefix,
        _parse_prefix,
        hint=tr("Such as logs/; empty for all keys."),
    )
    larger, smaller = (
        Field(label, "" if size is None else size_words(size), _parse_bound, hint=hint)
        for label, size, hint in (
            (tr("Larger t&han"), filter.larger_than, tr("Such as 1 MiB; not of this size itself.")),
            (tr("&Smaller than"), filter.smaller_than, ""),
        )
    )
    return {"prefix": Spot([], prefix), "larger": Spot([], larger), "smaller": Spot([], smaller)}


def _of_expiration(rule: Rule) -> dict[str, Spot]:
    end = part_of(rule, "Expiration")
    kind = "date" if "Date" in end else "days" if "Days" in end else ""
    if not kind and end.get(MARKERS) is True:
        kind = "markers"
    choices = [
        ("", tr("Never")),
        ("days", tr("After a number of days")),
        ("date", tr("On a date")),
        ("markers", tr("Never, but delete markers that hide nothing are removed")),
    ]
    days, date = end.get("Days"), end.get("Date")
    hint = tr(
        "Where versions are kept, the current one gets a delete marker and becomes an old one."
    )
    return {
        "expire": Spot(
            [], Field(tr("De&lete objects"), kind, str, FieldKind.CHOICE, choices, hint=hint)
        ),
        "expire_days": Spot(
            [],
            Field(
                tr("Da&ys after creation"),
                "" if days is None else str(days),
                count_between(1, MAX_DAYS),
            ),
        ),
        "expire_date": Spot(
            [],
            Field(
                tr("On the &day"),
                "" if date is None else date_text(date),
                parse_date,
                hint=tr("At midnight UTC, such as 2027-01-31."),
            ),
        ),
    }


def _of_old(rule: Rule) -> dict[str, Spot]:
    path = "NoncurrentVersionExpiration"
    return {
        "old_days": text_spot(
            rule,
            [path, "NoncurrentDays"],
            tr("Delete &old versions after days"),
            hint=tr("Since a newer version came; empty for never."),
            parse=_optional(1, MAX_DAYS),
        ),
        "old_newer": text_spot(
            rule,
            [path, "NewerNoncurrentVersions"],
            tr("But &keep the newest"),
            hint=tr("So many old versions stay, however old they get; empty for none."),
            parse=_optional(1, MAX_NEWER),
        ),
    }


def _of_uploads(rule: Rule) -> dict[str, Spot]:
    return {
        "abort_days": text_spot(
            rule,
            ["AbortIncompleteMultipartUpload", "DaysAfterInitiation"],
            tr("Abort &unfinished uploads after days"),
            hint=tr("Since they began; empty for never."),
            parse=_optional(1, MAX_DAYS),
        )
    }


def _optional(least: int, most: int) -> Any:
    parse = count_between(least, most)
    return lambda text: parse(text) if text.strip() else None


def _parse_id(text: str) -> str:
    if len(text.strip()) > MAX_ID:
        raise ValidationError(tr("At most {most} characters.").format(most=MAX_ID))
    return text.strip()


def _parse_prefix(text: str) -> str:
    if len(text.encode("utf-8", "surrogateescape")) > 1024:
        raise ValidationError(tr("A prefix has at most 1024 bytes."))
    return text


def _parse_bound(text: str) -> int | None:
    if not text.strip():
        return None
    size = parse_size(text)
    if size > MAX_OBJECT_AWS:
        raise ValidationError(tr("No object is as large as that."))
    return size
