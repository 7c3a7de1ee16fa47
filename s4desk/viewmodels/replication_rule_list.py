"""The replication rules of a bucket while they are edited, ours and those of its store."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.replication.problems import RuledBucket, problems_of
from s4desk.core.domain.replication.reading import rules_of, value_of
from s4desk.core.domain.replication.rules import Destination, Rule
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.config_json import JsonProblem, parsed
from s4desk.viewmodels.native_replication import NativeRules
from s4desk.viewmodels.printable import printable
from s4desk.viewmodels.replication_rule_form import IntervalForm, ReplicationRuleForm
from s4desk.viewmodels.replication_rule_text import connection_text, problem_text, rule_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.replication.problems import Problem
    from s4desk.core.replication.rule_book import Ruled
    from s4desk.viewmodels.replication_overview import StoresRule


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What rules are checked beside, and named by: the connections there are by id and name, the
    rules of the other buckets, and which store a connection leads to."""

    connections: Sequence[tuple[ConnectionId, str]]
    others: Sequence[RuledBucket]
    store_of: Callable[[ConnectionId], str]

    def name_of(self, connection: ConnectionId) -> str:
        return dict(self.connections).get(connection, "")

    def connection_of(self, name: str) -> ConnectionId | None:
        return next((id_ for id_, known in self.connections if known == name), None)


class ReplicationRuleList:
    """Ours in their order, which says who decides of equal ones; behind them those that the store
    carries out itself, which are changed elsewhere."""

    def __init__(
        self,
        ruled: Ruled,
        neighbours: Neighbours,
        stores: Sequence[StoresRule] = (),
        *,
        is_elsewhere: bool = False,
    ) -> None:
        """`is_elsewhere`: another process replicates."""
        self.before = ruled
        self.rules = list(ruled.rules)
        self.interval = IntervalForm(ruled.every, is_elsewhere=is_elsewhere)
        self._neighbours = neighbours
        self._stores = stores

    def __len__(self) -> int:
        return len(self.rules) + len(self._stores)

    @property
    def ours(self) -> int:
        """So many of them can be changed here."""
        return len(self.rules)

    @property
    def is_edited(self) -> bool:
        if self.interval.errors:
            return True
        return self.result() != self.before

    def name(self, at: int) -> str:
        if at < len(self.rules):
            return printable(self.rules[at].id)
        return printable(self._stores[at - len(self.rules)].id) or tr("(without an id)")

    def is_on(self, at: int) -> bool:
        if at < len(self.rules):
            return self.rules[at].is_enabled
        return self._stores[at - len(self.rules)].is_enabled

    def summary(self, at: int) -> str:
        """Who runs it, and what it does."""
        if at < len(self.rules):
            rule = self.rules[at]
            said = tr("s4desk: {rule}. Priority {priority}.")
            words = rule_text(rule, self._neighbours.name_of)
            return printable(said.format(rule=words, priority=rule.priority))
        to = self._stores[at - len(self.rules)].destination
        said = tr("The store itself: to {destination}. It is changed in the bucket configuration.")
        return printable(said.format(destination=to))

    def switch(self, at: int, *, on: bool) -> None:
        """A rule of the store stays as it is."""
        if at < len(self.rules):
            self.rules[at] = replace(self.rules[at], is_enabled=on)

    def put(self, at: int, rule: Rule) -> None:
        """In the place of what is there; at the end for a new one."""
        self.rules[at : at + 1] = [rule]

    def duplicate(self, at: int) -> None:
        """The copy comes behind it, switched off, with an id of its own."""
        copied = replace(self.rules[at], id=self._free(self.rules[at].id), is_enabled=False)
        self.rules.insert(at + 1, copied)

    def remove(self, at: int) -> None:
        del self.rules[at]

    def move(self, at: int, by: int) -> None:
        self.rules.insert(at + by, self.rules.pop(at))

    def form(self, at: int) -> ReplicationRuleForm:
        """To change a rule."""
        rule = self.rules[at]
        taken = {each.id for each in self.rules if each is not rule}
        return ReplicationRuleForm(
            rule, self._neighbours.connections, taken, say_of=lambda new: self._said(at, new)
        )

    def new_form(self) -> ReplicationRuleForm:
        """To add one, which decides before the others where they are about the same."""
        known = [id_ for id_, _ in self._neighbours.connections]
        home = self.before.source.connection
        to = next((each for each in known if each != home), home)
        priority = max((each.priority for each in self.rules), default=0) + 1
        rule = Rule(self._free("rule"), Destination(to, ""), priority)
        taken = {each.id for each in self.rules}
        at = len(self.rules)
        return ReplicationRuleForm(
            rule,
            self._neighbours.connections,
            taken,
            is_new=True,
            say_of=lambda new: self._said(at, new),
        )

    def result(self) -> Ruled:
        """Raises ValidationError as long as the interval is none."""
        return replace(self.before, rules=tuple(self.rules), every=self.interval.result())

    @property
    def refusals(self) -> list[str]:
        """Why the rules cannot be saved; empty when they can."""
        found = list(self.interval.errors.values())
        return found + [self._text(each) for each in self._problems() if each.is_forbidden]

    @property
    def remarks(self) -> list[str]:
        """What is worth knowing of them before they are saved."""
        found = [self._text(each) for each in self._problems() if not each.is_forbidden]
        if self._forgets:
            said = tr(
                "What is known of replicas by rules that go, or lead elsewhere, is forgotten."
            )
            found.append(f"{said} {tr('The replicas themselves stay.')}")
        return found

    def native(self) -> NativeRules:
        """Ours as they are now, as the store itself would have them."""
        return NativeRules(self.rules, self.before.source.connection, self._neighbours.store_of)

    # As a file has them

    @property
    def json(self) -> str:
        value = value_of(self.rules, lambda id_: connection_text(id_, self._neighbours.name_of))
        return json.dumps(value, indent=2, ensure_ascii=False)

    def read_json(self, text: str) -> JsonProblem | None:
        """Take the rules from a text; if it has none, they stay, and this is why."""
        value = parsed(text)
        if isinstance(value, JsonProblem):
            return value
        try:
            self.rules = list(rules_of(value, self._neighbours.connection_of))
        except ValidationError as error:
            return JsonProblem(str(error), 1, 1)
        return None

    def _problems(self) -> list[Problem]:
        return self._problems_of(self.rules)

    def _problems_of(self, rules: Sequence[Rule]) -> list[Problem]:
        source = self.before.source
        mine = RuledBucket(source.connection, source.bucket, rules)
        others = [
            each
            for each in self._neighbours.others
            if (each.connection, each.bucket) != (source.connection, source.bucket)
        ]
        return problems_of(mine, others, self._neighbours.store_of)

    def _text(self, problem: Problem) -> str:
        return problem_text(problem, self._neighbours.name_of)

    def _said(self, at: int, rule: Rule) -> list[str]:
        """What there is to say of one rule in its place."""
        rules = [*self.rules[:at], rule, *self.rules[at + 1 :]]
        return [self._text(each) for each in self._problems_of(rules) if each.rule == rule.id]

    @property
    def _forgets(self) -> bool:
        ways = replace(self.before, rules=tuple(self.rules)).ways
        return any(ways.get(id_) != way for id_, way in self.before.ways.items())

    def _free(self, id_: str) -> str:
        taken = {each.id for each in self.rules}
        number = 1
        while (found := f"{id_}-{number}") in taken:
            number += 1
        return found
