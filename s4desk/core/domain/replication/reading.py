"""The rules of a bucket as a file has them: read strictly, for what is misread is not replicated.

{"rules": [{"id", "priority", "enabled", "filter": {"prefix", "tags": {}},
            "destination": "NAME:BUCKET[/PREFIX]", "storage_class",
            "versions": "latest|all", "delete_markers": false}]}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.domain.replication.rules import MAX_ID, Destination, Filter, Kept, Rule

T = TypeVar("T")
ConnectionOf = Callable[[str], ConnectionId | None]
_CLASS: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NO_FILTER: Final[Mapping[str, Any]] = {}
_FIELDS: Final = (
    *("id", "priority", "enabled", "filter", "destination"),
    *("storage_class", "versions", "delete_markers"),
)


def rules_of(value: object, connection_of: ConnectionOf) -> tuple[Rule, ...]:
    """The rules that a file says; `connection_of` knows connections by their names.

    Raises ValidationError, which says at what place of the file.
    """
    if not isinstance(value, Mapping) or set(value) != {"rules"}:
        raise ValidationError('a file of replication rules is {"rules": [...]}')
    rules = value["rules"]
    if not isinstance(rules, Sequence) or isinstance(rules, str):
        raise ValidationError("rules: a list is needed")
    found = tuple(
        _rule(_Part(each, f"rules[{at}]"), connection_of) for at, each in enumerate(rules)
    )
    for at, each in enumerate(found):
        if each.id in {other.id for other in found[:at]}:
            raise ValidationError(f'rules[{at}].id: "{each.id}" is the id of another rule')
    return found


def value_of(rules: Sequence[Rule], name_of: Callable[[ConnectionId], str]) -> dict[str, Any]:
    """The file that says these rules."""
    return {"rules": [_value(each, name_of) for each in rules]}


def _value(rule: Rule, name_of: Callable[[ConnectionId], str]) -> dict[str, Any]:
    to = rule.destination
    place = f"{name_of(to.connection)}:{to.bucket}"
    return {
        "id": rule.id,
        "priority": rule.priority,
        "enabled": rule.is_enabled,
        "filter": {"prefix": rule.filter.prefix, "tags": dict(rule.filter.tags)},
        "destination": f"{place}/{to.prefix}" if to.prefix else place,
        "storage_class": rule.storage_class,
        "versions": str(rule.versions),
        "delete_markers": rule.delete_markers,
    }


class _Part:
    """An object of the file, and where in it that is."""

    def __init__(self, value: object, path: str) -> None:
        if not isinstance(value, Mapping):
            raise ValidationError(f"{path}: an object is needed")
        self._value = value
        self._path = path

    def only(self, names: Sequence[str]) -> None:
        for name in self._value:
            if name not in names:
                raise ValidationError(f"{self._path}.{name}: there is no such field")

    def text(self, name: str) -> str:
        return self._of(name, "", "a text")

    def flag(self, name: str, *, otherwise: bool) -> bool:
        return self._of(name, otherwise, "true or false")

    def number(self, name: str) -> int:
        return self._of(name, 0, "a whole number")

    def part(self, name: str) -> _Part:
        return _Part(self._value.get(name, _NO_FILTER), f"{self._path}.{name}")

    def texts(self, name: str) -> tuple[tuple[str, str], ...]:
        inner = self.part(name)
        return tuple((each, inner.text(each)) for each in inner)

    def __iter__(self) -> Iterator[str]:
        return iter(self._value)

    def wrong(self, name: str, detail: str) -> ValidationError:
        return ValidationError(f"{self._path}.{name}: {detail}")

    def _of(self, name: str, otherwise: T, needed: str) -> T:
        found = self._value.get(name, otherwise)
        # Not isinstance: True is an int to Python, and no priority.
        if type(found) is not type(otherwise):
            raise self.wrong(name, f"{needed} is needed")
        return found


def _rule(part: _Part, connection_of: ConnectionOf) -> Rule:
    part.only(_FIELDS)
    id_ = part.text("id")
    if not 0 < len(id_) <= MAX_ID:
        raise part.wrong("id", f"1 to {MAX_ID} characters are needed")
    filter_ = part.part("filter")
    filter_.only(("prefix", "tags"))
    versions = part.text("versions") or Kept.LATEST
    if versions not in list(Kept):
        raise part.wrong("versions", '"latest" or "all" is needed')
    storage_class = part.text("storage_class")
    if storage_class and not _CLASS.fullmatch(storage_class):
        raise part.wrong("storage_class", "letters, digits, _ and - are allowed")
    return Rule(
        id=id_,
        destination=_destination(part, connection_of),
        priority=part.number("priority"),
        is_enabled=part.flag("enabled", otherwise=True),
        filter=Filter(filter_.text("prefix"), filter_.texts("tags")),
        storage_class=storage_class,
        versions=Kept(versions),
        delete_markers=part.flag("delete_markers", otherwise=False),
    )


def _destination(part: _Part, connection_of: ConnectionOf) -> Destination:
    name, colon, place = part.text("destination").partition(":")
    bucket, _, prefix = place.partition("/")
    if not (name and colon and bucket):
        raise part.wrong("destination", "NAME:BUCKET or NAME:BUCKET/PREFIX is needed")
    connection = connection_of(name)
    if connection is None:
        raise part.wrong("destination", f'there is no connection "{name}"')
    return Destination(connection, bucket, prefix)
