"""All lifecycle rules of a bucket as a list: switched, ordered, added, changed, taken away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.lifecycle.checks import rule_problems
from s4desk.core.domain.lifecycle.conflicts import MOST, conflicts, refusals
from s4desk.core.domain.lifecycle.rules import MinimumSize
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.forms import Field, FieldKind, Form
from s4desk.viewmodels.lifecycle_form import RuleForm
from s4desk.viewmodels.lifecycle_form_limits import NO_LIMITS, RuleLimits
from s4desk.viewmodels.lifecycle_problems import named_problem
from s4desk.viewmodels.lifecycle_summary import is_on, rule_name, rule_summary, rules_in
from s4desk.viewmodels.lifecycle_templates import free_id

if TYPE_CHECKING:
    from datetime import datetime

    from s4desk.viewmodels.lifecycle_templates import RuleTemplate

Value = Mapping[str, Any]
Rule = Mapping[str, Any]
MINIMUM: Final = "TransitionDefaultMinimumObjectSize"


class RuleList:
    """The rules in their order, each as the AWS CLI writes it. A rule that is not touched stays as
    it was given, and so does everything beside the rules.

    What is no list of rules is not `readable`, and shown as one without any.
    """

    def __init__(self, value: Value, limits: RuleLimits = NO_LIMITS) -> None:
        self.value = value
        self.limits = limits
        self._before = rules_in(value)
        self.is_readable = self._before == (value.get("Rules") or [])
        self.rules = list(self._before)
        self.minimum = MinimumForm(value)
        self._words: dict[int, tuple[Rule, str]] = {}

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
        """Asked for at each painting; rules are replaced, never changed."""
        rule = self.rules[at]
        known = self._words.get(id(rule))
        if known is None or known[0] is not rule:
            known = self._words[id(rule)] = (rule, rule_summary(rule))
        return known[1]

    def switch(self, at: int, *, on: bool) -> None:
        self.rules[at] = {**self.rules[at], "Status": "Enabled" if on else "Disabled"}

    def put(self, at: int, rule: Rule) -> None:
        """In the place of what is there; at the end for a new one."""
        self.rules[at : at + 1] = [dict(rule)]

    def duplicate(self, at: int) -> int:
        """The copy comes behind it, switched off, with a name of its own; returns where."""
        rule = self.rules[at]
        copied = {**rule, "ID": free_id(str(rule.get("ID") or "rule"), self._ids())}
        self.rules.insert(at + 1, {**copied, "Status": "Disabled"})
        return at + 1

    def remove(self, at: int) -> None:
        del self.rules[at]

    def move(self, at: int, by: int) -> int:
        """Returns where it is now; at an end it stays."""
        to = min(max(at + by, 0), len(self.rules) - 1)
        self.rules.insert(to, self.rules.pop(at))
        return to

    def form(self, at: int, now: datetime | None = None) -> RuleForm:
        """To change a rule."""
        return RuleForm(self.rules[at], self.rules, at, limits=self.limits, now=now)

    def new_form(self, template: RuleTemplate, now: datetime | None = None) -> RuleForm:
        """To add one."""
        rule = {**template.rule, "ID": free_id(template.rule["ID"], self._ids())}
        return RuleForm(rule, self.rules, limits=self.limits, now=now)

    @property
    def problem(self) -> str:
        """What S3 refuses of all of them together; empty for nothing, and for what came like it."""
        if not self._is_changed:
            return ""
        refused = next(refusals(self.rules), None)
        return named_problem(refused, self.rules) if refused is not None else ""

    def result(self) -> dict[str, Any]:
        """The configuration; empty where no rule is left, for that is none."""
        result = dict(self.value)
        if self._is_changed:
            result["Rules"] = list(self.rules)
        result |= self.minimum.written
        if self.is_readable and not self.rules and result.keys() <= {"Rules", MINIMUM}:
            return {}
        return result

    @property
    def _is_changed(self) -> bool:
        return self.rules != self._before

    def _ids(self) -> set[str]:
        return {str(rule.get("ID") or "") for rule in self.rules}


class MinimumForm(Form):
    """Which objects transitions leave alone, unless their rule says a size."""

    def __init__(self, value: Value) -> None:
        self._before = str(value.get(MINIMUM) or "")
        choices = [
            ("", tr("As the store has it")),
            (MinimumSize.ALL_CLASSES, tr("None below 128 KiB is moved")),
            (MinimumSize.BY_CLASS, tr("Below 128 KiB to GLACIER and DEEP_ARCHIVE only")),
        ]
        if self._before not in [text for text, _ in choices]:
            choices.append((self._before, self._before))
        hint = tr("For rules without a size of their own.")
        field = Field(tr("Small o&bjects"), self._before, str, FieldKind.CHOICE, choices, hint=hint)
        super().__init__("", minimum=field)

    @property
    def written(self) -> dict[str, str]:
        """What is to be said; nothing if it was not edited."""
        text = self.fields["minimum"].text
        # Without the header S3 has its default: that there is none cannot be said again.
        return {MINIMUM: text or MinimumSize.ALL_CLASSES} if text != self._before else {}


def overview(rules: Sequence[Rule], now: datetime | None = None) -> list[str]:
    """How many there are, and what is odd about them."""
    on = sum(is_on(rule) for rule in rules)
    count = tr_n("{count} rule, {on} switched on.", "{count} rules, {on} switched on.", len(rules))
    found = [each for at, rule in enumerate(rules) for each in rule_problems(rule, at, now)]
    problems = [*found, *conflicts(rules)][:MOST]
    return [
        count.format(count=len(rules), on=on),
        *(named_problem(each, rules) for each in problems),
    ]


class Overview:
    """Remembers what was found: it is asked for at every change of the page, also of its state."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._sentences: list[str] = []

    def of(self, value: Value) -> list[str]:
        rules = rules_in(value)
        if rules != self._rules or not self._sentences:
            self._rules, self._sentences = rules, overview(rules)
        return list(self._sentences)
