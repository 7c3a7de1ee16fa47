"""Who is granted what in a bucket, and who is told of what happens in it, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.access import (
    ALL_USERS,
    AUTHENTICATED_USERS,
    LOG_DELIVERY,
    GranteeKind,
    Permission,
)
from s4desk.core.domain.errors import ValidationError
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.config_tables import (
    ConfigColumn,
    ConfigRow,
    ConfigTable,
    Value,
    with_entries,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_ID_FIELDS: Final = {
    GranteeKind.ACCOUNT: "ID",
    GranteeKind.GROUP: "URI",
    GranteeKind.EMAIL: "EmailAddress",
}
_QUEUES: Final[Mapping[str, str]] = {
    "QueueConfigurations": "QueueArn",
    "TopicConfigurations": "TopicArn",
    "LambdaFunctionConfigurations": "LambdaFunctionArn",
}


def group_names() -> Mapping[str, str]:
    """The groups that S3 knows, by their URIs."""
    return {
        ALL_USERS: tr("Everybody, also without a key"),
        AUTHENTICATED_USERS: tr("Everybody with a key of any account"),
        LOG_DELIVERY: tr("The store's log delivery"),
    }


def permission_names() -> Mapping[str, str]:
    return {
        Permission.READ: tr("List the objects"),
        Permission.WRITE: tr("Write and delete objects"),
        Permission.READ_ACP: tr("See these grants"),
        Permission.WRITE_ACP: tr("Change these grants"),
        Permission.FULL_CONTROL: tr("Everything"),
    }


class GrantTable(ConfigTable):
    """The owner, who is not shown, stays as it is."""

    def __init__(self, value: Value) -> None:
        kinds = [
            (GranteeKind.ACCOUNT, tr("Account")),
            (GranteeKind.GROUP, tr("Group")),
            (GranteeKind.EMAIL, tr("E-mail address")),
        ]
        columns = (
            ConfigColumn(tr("Kind"), choices=kinds),
            ConfigColumn(
                tr("Who"), _named, tr("The ID of an account, the URI of a group, or an address")
            ),
            ConfigColumn(tr("May"), choices=list(permission_names().items())),
        )
        rows = [_grant_row(grant) for grant in value.get("Grants", ())]
        super().__init__(value, columns, rows)

    def add_everybody(self) -> int:
        """A row for the group of everybody; returns where."""
        at = self.add()
        self.rows[at].texts = [GranteeKind.GROUP, ALL_USERS, Permission.READ]
        return at

    def shown(self, at: int, column: int) -> str:
        if column == 1:
            return self._shown_name(self.rows[at])
        return super().shown(at, column)

    def entry(self, row: ConfigRow) -> dict[str, Any]:
        kind, name, permission = self.values(row)
        grantee = dict(row.origin.get("Grantee", {}))
        if _grantee_id(grantee) != (kind, name):
            grantee = {"Type": str(kind), _ID_FIELDS[GranteeKind(kind)]: name}
        return {**row.origin, "Grantee": grantee, "Permission": str(permission)}

    def written(self, entries: list[dict[str, Any]]) -> dict[str, Any]:
        return {**self.value, "Grants": entries}

    def _shown_name(self, row: ConfigRow) -> str:
        text = row.texts[1]
        grantee = row.origin.get("Grantee", {})
        owner = self.value.get("Owner", {}).get("ID")
        if text and text == owner:
            return tr("The owner ({name})").format(name=grantee.get("DisplayName") or text)
        is_same = _grantee_id(grantee)[1] == text
        return group_names().get(text) or (is_same and grantee.get("DisplayName")) or text


class NotificationTable(ConfigTable):
    """Everything in the three lists, in one; what is for EventBridge stays as it is."""

    def __init__(self, value: Value) -> None:
        kinds = [
            ("TopicConfigurations", tr("Topic")),
            ("QueueConfigurations", tr("Queue")),
            ("LambdaFunctionConfigurations", tr("Function")),
        ]
        columns = (
            ConfigColumn(tr("Kind"), choices=kinds),
            ConfigColumn(tr("ARN"), _named, tr("Of the topic, the queue or the function")),
            ConfigColumn(tr("Events"), _events, tr("For instance s3:ObjectCreated:*")),
            ConfigColumn(tr("Prefix"), tip=tr("What keys begin with")),
            ConfigColumn(tr("Suffix"), tip=tr("What keys end with")),
        )
        rows = [
            _notification_row(kind, entry) for kind, _ in kinds for entry in value.get(kind, ())
        ]
        super().__init__(value, columns, rows)

    @property
    def new_texts(self) -> list[str]:
        return ["TopicConfigurations", "", "s3:ObjectCreated:*", "", ""]

    def entry(self, row: ConfigRow) -> dict[str, Any]:
        kind, arn, events, prefix, suffix = self.values(row)
        foreign = set(_QUEUES.values()) - {_QUEUES[kind]}
        entry = {name: each for name, each in row.origin.items() if name not in foreign}
        entry |= {_QUEUES[kind]: arn, "Events": events}
        rules = [
            rule for rule in _rules(entry) if str(rule.get("Name", "")).lower() not in _AFFIXES
        ]
        for name, text in (("prefix", prefix), ("suffix", suffix)):
            if text:
                rules.append({"Name": name, "Value": text})
        return _with_rules(entry, rules)

    def written(self, entries: list[dict[str, Any]]) -> dict[str, Any]:
        result = dict(self.value)
        for kind in _QUEUES:
            of_kind = [
                entry for row, entry in zip(self.rows, entries, strict=True) if row.texts[0] == kind
            ]
            result = with_entries(result, kind, of_kind)
        return result


_AFFIXES: Final = ("prefix", "suffix")


def _grant_row(grant: Value) -> ConfigRow:
    kind, name = _grantee_id(grant.get("Grantee", {}))
    return ConfigRow([kind, name, str(grant.get("Permission", ""))], dict(grant))


def _grantee_id(grantee: Value) -> tuple[str, str]:
    kind = str(grantee.get("Type", GranteeKind.ACCOUNT))
    field = _ID_FIELDS.get(GranteeKind(kind)) if kind in set(GranteeKind) else None
    return kind, str(grantee.get(field or "ID", ""))


def _notification_row(kind: str, entry: Value) -> ConfigRow:
    affixes = {str(rule.get("Name", "")).lower(): rule.get("Value", "") for rule in _rules(entry)}
    texts = [
        kind,
        str(entry.get(_QUEUES[kind], "")),
        " ".join(entry.get("Events", ())),
        *(str(affixes.get(name, "")) for name in _AFFIXES),
    ]
    return ConfigRow(texts, dict(entry))


def _rules(entry: Value) -> list[Any]:
    return list(entry.get("Filter", {}).get("Key", {}).get("FilterRules", ()))


def _with_rules(entry: dict[str, Any], rules: list[Any]) -> dict[str, Any]:
    """The entry with these rules of its filter, and without a filter that says nothing."""
    filters = dict(entry.get("Filter", {}))
    key = with_entries(filters.get("Key", {}), "FilterRules", rules)
    filters = {**filters, "Key": key} if key else {k: v for k, v in filters.items() if k != "Key"}
    rest = {name: each for name, each in entry.items() if name != "Filter"}
    return {**rest, "Filter": filters} if filters else rest


def _named(text: str) -> str:
    if not text.strip():
        raise ValidationError(tr("Something has to stand here."))
    return text.strip()


def _events(text: str) -> list[str]:
    events = words(text)
    if not events or any(not event.startswith("s3:") for event in events):
        raise ValidationError(tr("Events look like s3:ObjectCreated:* or s3:ObjectRemoved:*."))
    return events
