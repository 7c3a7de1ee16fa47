"""All rules of a store's own replication as a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.config_rule_meaning import replication_meaning
from s4desk.viewmodels.forms import Field, Form
from s4desk.viewmodels.lifecycle_summary import is_on, rule_name, rules_in
from s4desk.viewmodels.lifecycle_templates import free_id
from s4desk.viewmodels.stores_rule_form import StoresRuleForm

if TYPE_CHECKING:
    Value = Mapping[str, Any]
    Rule = Mapping[str, Any]


class RoleForm(Form):
    """By whose rights the store replicates."""

    def __init__(self, value: Value) -> None:
        self._before = str(value.get("Role") or "")
        role = Field(
            tr("Role"),
            self._before,
            str.strip,
            placeholder="arn:aws:iam::123456789012:role/name",
            hint=tr("The role by whose rights the store replicates; AWS asks for one."),
        )
        super().__init__("", role=role)

    @property
    def is_changed(self) -> bool:
        return self.fields["role"].text != self._before


class StoresRuleList:
    """The rules in their order, each as the AWS CLI writes it. A rule that is not touched stays as
    it was given, and so does everything beside the rules."""

    def __init__(self, value: Value) -> None:
        self.value = value
        self._before = rules_in(value)
        self.is_readable = self._before == (value.get("Rules") or [])
        self.rules: list[Rule] = list(self._before)
        self.role = RoleForm(value)

    def __len__(self) -> int:
        return len(self.rules)

    @property
    def ours(self) -> int:
        """All of them can be changed here."""
        return len(self.rules)

    def name(self, at: int) -> str:
        return rule_name(self.rules[at], at)

    def is_on(self, at: int) -> bool:
        return is_on(self.rules[at])

    def summary(self, at: int) -> str:
        return replication_meaning({"Rules": [self.rules[at]]})[0]

    def switch(self, at: int, *, on: bool) -> None:
        self.rules[at] = {**self.rules[at], "Status": "Enabled" if on else "Disabled"}

    def put(self, at: int, rule: Rule) -> None:
        """In the place of what is there; at the end for a new one."""
        self.rules[at : at + 1] = [rule]

    def duplicate(self, at: int) -> None:
        """The copy comes behind it, switched off, with an id of its own."""
        copied = {
            **self.rules[at],
            "ID": free_id(str(self.rules[at].get("ID") or "rule"), self._ids),
        }
        self.rules.insert(at + 1, {**copied, "Status": "Disabled"})

    def remove(self, at: int) -> None:
        del self.rules[at]

    def move(self, at: int, by: int) -> None:
        self.rules.insert(at + by, self.rules.pop(at))

    def form(self, at: int) -> StoresRuleForm:
        """To change a rule."""
        return StoresRuleForm(self.rules[at], self._ids - {str(self.rules[at].get("ID") or "")})

    def new_form(self) -> StoresRuleForm:
        """To add one, which decides before the others."""
        known = [each.get("Priority") for each in self.rules]
        highest = max((each for each in known if isinstance(each, int)), default=0)
        rule = {
            "ID": free_id("rule", self._ids),
            "Status": "Enabled",
            "Priority": highest + 1,
            "Filter": {"Prefix": ""},
            "DeleteMarkerReplication": {"Status": "Disabled"},
            "Destination": {},
        }
        return StoresRuleForm(rule, self._ids, is_new=True)

    @property
    def problem(self) -> str:
        """What S3 refuses of all of them together; empty for nothing, and for what came like it."""
        if self.rules == self._before:
            return ""
        seen: dict[tuple[str, object], int] = {}
        for at, rule in enumerate(self.rules):
            to = rule.get("Destination")
            bucket = str(to.get("Bucket")) if isinstance(to, Mapping) else ""
            priority = rule.get("Priority")
            if priority is not None and (other := seen.get((bucket, priority))) is not None:
                said = tr("“{rule}” and “{other}” have one priority and one destination.")
                return said.format(rule=self.name(at), other=self.name(other))
            seen[bucket, priority] = at
        return ""

    def result(self) -> dict[str, Any]:
        """The configuration; empty where no rule is left, for that is none."""
        result = dict(self.value)
        if self.rules != self._before:
            result["Rules"] = list(self.rules)
        if self.role.is_changed:
            result["Role"] = self.role.fields["role"].value
        if self.is_readable and not self.rules and result.keys() <= {"Rules", "Role"}:
            return {}
        return result

    @property
    def _ids(self) -> set[str]:
        return {str(rule.get("ID") or "") for rule in self.rules}
