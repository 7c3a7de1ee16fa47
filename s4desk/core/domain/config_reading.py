"""Reading the elements of a configuration as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.bucket_config import S3_NAMESPACE
from s4desk.core.domain.config_fields import Field, Shape
from s4desk.core.domain.xml_tree import XSI, Name

if TYPE_CHECKING:
    from s4desk.core.domain.config_fields import Fields
    from s4desk.core.domain.xml_tree import Element

TEXT_KEY: Final = "#text"
TYPE: Final = Name(XSI, "type")


class Reader:
    """Reads the elements of one kind. `home` is the namespace that is not named in JSON."""

    def __init__(self, fields: Fields, home: str) -> None:
        self._fields = fields
        self._known = {each.json for each in fields.values()} | {"Type"}
        self.home = home

    def value(self, element: Element, field: Field) -> Any:
        """What an element says, as JSON."""
        if field.shape is Shape.WRAPPED:
            return [self.value(each, self.field(each, element)) for each in items(element, field)]
        inside = element.elements()
        described = self._attributes(element)
        if inside or field.shape is Shape.STRUCT:
            text = {TEXT_KEY: element.text} if element.text.strip() else {}
            return described | text | self._members(element, inside)
        if described:
            return described | {TEXT_KEY: element.text} if element.text else described
        return _scalar(element.text, field.shape)

    def _members(self, element: Element, inside: list[Element]) -> dict[str, Any]:
        members: dict[str, Any] = {}
        for child in inside:
            field = self.field(child, element)
            value = self.value(child, field)
            if field.shape is Shape.LIST:
                members.setdefault(field.json, []).append(value)
            elif field.json not in members:
                members[field.json] = value
            else:
                # Said twice, which nobody expects: both are shown.
                first = members[field.json]
                members[field.json] = [*(first if isinstance(first, list) else [first]), value]
        return members

    def _attributes(self, element: Element) -> dict[str, Any]:
        return {
            "Type" if each.name == TYPE else f"@{_clark(each.name)}": each.value
            for each in element.attributes
            if each.name.local
        }

    def field(self, element: Element, parent: Element) -> Field:
        """How an element is called in JSON, and what it is."""
        if element.name.namespace in (self.home, S3_NAMESPACE, ""):
            local = element.name.local
            found = self._fields.get(f"{parent.name.local}/{local}") or self._fields.get(local)
            if found is not None:
                return found
            if local not in self._known and not local.startswith(("@", "#", "{")):
                return Field(local)
        return Field(f"{{{element.name.namespace}}}{element.name.local}")


def items(wrapper: Element, field: Field) -> list[Element]:
    """The elements of a wrapped list."""
    return [each for each in wrapper.elements() if each.name.local == field.item]


def _clark(name: Name) -> str:
    return f"{{{name.namespace}}}{name.local}" if name.namespace else name.local


def _scalar(text: str, shape: Shape) -> Any:
    """Text that is not what it should be stays text."""
    stripped = text.strip()
    if shape is Shape.FLAG and stripped.lower() in ("true", "false"):
        return stripped.lower() == "true"
    if shape is Shape.NUMBER:
        try:
            return int(stripped)
        except ValueError:
            return text
    return text
