"""Rules of ours as the store's own replication would say them, and what it cannot say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from s4desk.core.domain.replication.native import native_value, unsaid
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.stores_rule_list import RoleForm

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.replication.rules import Rule

    StoreOf = Callable[[ConnectionId], str]


class NativeRules:
    """With the role by which the store writes; `role` is a form of it."""

    def __init__(self, rules: Sequence[Rule], home: ConnectionId, store_of: StoreOf) -> None:
        self.role = RoleForm({})
        self._rules = rules
        self.remarks = native_remarks(rules, home, store_of)

    @property
    def json(self) -> str:
        """As the AWS CLI and the configuration of a bucket take it."""
        return native_json(self._rules, self.role.fields["role"].value)


def native_json(rules: Sequence[Rule], role: str) -> str:
    return json.dumps(native_value(rules, role), indent=2, ensure_ascii=False)


def native_remarks(rules: Sequence[Rule], home: ConnectionId, store_of: StoreOf) -> list[str]:
    """What the store would do otherwise than these rules say, or cannot do; `store_of` names the
    store that a connection leads to, and `home` is that of the source."""
    found = []
    for each in rules:
        if store_of(each.destination.connection) != store_of(home):
            text = tr("“{rule}” leads to another store, to which this one may not replicate.")
            found.append(text.format(rule=each.id))
        texts = _unsaid()
        found += [
            texts[field].format(rule=each.id, prefix=each.destination.prefix)
            for field in unsaid(each)
        ]
    return found


def _unsaid() -> dict[str, str]:
    return {
        "destination": tr("“{rule}”: the store puts no “{prefix}” before keys."),
        "versions": tr("“{rule}”: the store replicates every version that is written."),
        "delete_markers": tr(
            "“{rule}”: where tags are asked for, the store replicates no delete markers."
        ),
    }
