"""Changing the elements of a configuration until they say what JSON says, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.config_fields import Field, Shape
from s4desk.core.domain.config_reading import TEXT_KEY, TYPE, Reader, items
from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.xml_tree import XSI, Attribute, Element, Name, is_writable

if TYPE_CHECKING:
    from s4desk.core.domain.config_fields import Fields

_NAME: Final = re.compile(r"(?:\{([^{}]*)\})?([^\W\d][\w.-]*)")
_XMLNS: Final = Name("xmlns", "")
_IDENTITIES: Final = ("ID", "Id", "Key", "Name", "Field")


class Writer:
    """Writes the elements of one kind. `home` is the namespace of the document's root."""

    def __init__(self, fields: Fields, home: str) -> None:
        self._reader = Reader(fields, home)
        self._fields = fields
        self._home = home

    def new_root(self, local: str, value: Mapping[str, Any]) -> Element:
        root = Element(local, Name(self._home, local), [Attribute("xmlns", _XMLNS, self._home)])
        self._fill(root, value, Field("", Shape.STRUCT))
        return root

    def change(self, element: Element, value: Any, field: Field) -> None:
        """Make an element say `value`; what says so already is not touched."""
        if self._reader.value(element, field) == value:
            return
        if field.shape is Shape.WRAPPED or isinstance(value, Mapping):
            self._fill(element, value, field)
            return
        kept = [each for each in element.attributes if not each.name.local]
        element.is_touched = element.is_touched or len(kept) != len(element.attributes)
        element.attributes = kept
        element.write_text(_text(value))

    def _fill(self, element: Element, value: Any, field: Field) -> None:
        if field.shape is Shape.WRAPPED:
            if not isinstance(value, Sequence) or isinstance(value, str):
                raise ValidationError(f"{field.json}: a list is needed")
            self._set(element, items(element, field), value, field.item)
            return
        self._set_attributes(element, value)
        self._set_text(element, value.get(TEXT_KEY))
        groups = self._groups(element)
        names = [name for name in value if not _is_special(name) and value[name] is not None]
        for name in groups.keys() - set(names):
            self._set(element, groups[name], [], name)
        for name in names:
            there = value[name]
            is_many = isinstance(there, list | tuple) and not self._is_wrapped(name, element)
            self._set(element, groups.get(name, []), there if is_many else [there], name)

    def _groups(self, element: Element) -> dict[str, list[Element]]:
        groups: dict[str, list[Element]] = {}
        for child in element.elements():
            groups.setdefault(self._reader.field(child, element).json, []).append(child)
        return groups

    def _set(
        self, parent: Element, present: list[Element], values: Sequence[Any], name: str
    ) -> None:
        """Let `parent` have one element for each value, in place of those that are `present`."""
        partners = self._partners(parent, present, values)
        wanted = []
        for value, partner in zip(values, partners, strict=True):
            if partner is None:
                wanted.append(self._new(name, value, parent))
            else:
                self.change(partner, value, self._reader.field(partner, parent))
                wanted.append(partner)
        _place(parent, present, wanted)

    def _partners(
        self, parent: Element, present: list[Element], values: Sequence[Any]
    ) -> list[Element | None]:
        """The element that becomes each value: its equal, else its namesake, else the next one."""
        left = [
            (each, self._reader.value(each, self._reader.field(each, parent))) for each in present
        ]
        found: list[Element | None] = [None] * len(values)
        for is_partner in (_is_equal, _is_namesake, _is_anything):
            for position, value in enumerate(values):
                if found[position] is not None:
                    continue
                match = next((each for each in left if is_partner(each[1], value)), None)
                if match is not None:
                    left.remove(match)
                    found[position] = match[0]
        return found

    def _new(self, name: str, value: Any, parent: Element) -> Element:
        namespace, local = _split(name)
        field = Field(name)
        if namespace is None:
            local, field = self._element_of(name, parent)
            _split(local)
            namespace = self._home
        element = Element(local, Name(namespace, local))
        if namespace == parent.name.namespace:
            element.raw = parent.prefix + local
        else:
            element.attributes.append(Attribute("xmlns", _XMLNS, namespace))
        if field.shape is Shape.WRAPPED or isinstance(value, Mapping):
            self._fill(element, value, field)
        else:
            element.write_text(_text(value))
        return element

    def _element_of(self, name: str, parent: Element) -> tuple[str, Field]:
        """How the element is called that is `name` in JSON, and what it is."""
        found = [(element, each) for element, each in self._fields.items() if each.json == name]
        for element, field in found:
            head, _, local = element.rpartition("/")
            if head == parent.name.local:
                return local, field
        for element, field in found:
            if "/" not in element:
                return element, field
        return name, Field(name)

    def _is_wrapped(self, name: str, parent: Element) -> bool:
        return self._element_of(name, parent)[1].shape is Shape.WRAPPED

    def _set_attributes(self, element: Element, value: Mapping[str, Any]) -> None:
        wanted = {_attribute(name): _text(each) for name, each in value.items() if _is_named(name)}
        present = {each.name: each.value for each in element.attributes if each.name.local}
        if wanted == present:
            return
        element.is_touched = True
        element.attributes = [
            each for each in element.attributes if not each.name.local or each.name in wanted
        ]
        for each in element.attributes:
            each.value = wanted.get(each.name, each.value)
        for name in wanted.keys() - present.keys():
            element.attributes += _new_attribute(name, wanted[name], element)

    def _set_text(self, element: Element, text: Any) -> None:
        there = element.text
        if (there.strip() if text is None else there) == (text or ""):
            return
        element.children = [
            each
            for each in element.children
            if isinstance(each, Element) or each.startswith(("<!--", "<?"))
        ]
        if text is not None:
            markup = Element("", Name("", ""))
            markup.write_text(_text(text))
            element.children = [*markup.children, *element.children]


def _is_named(name: str) -> bool:
    return name == "Type" or name.startswith("@")


def _is_special(name: str) -> bool:
    return _is_named(name) or name == TEXT_KEY


def _is_equal(there: Any, value: Any) -> bool:
    return bool(there == value)


def _is_namesake(there: Any, value: Any) -> bool:
    if not isinstance(there, Mapping) or not isinstance(value, Mapping):
        return False
    return any(name in value and there.get(name) == value[name] for name in _IDENTITIES)


def _is_anything(_there: Any, _value: Any) -> bool:
    return True


def _split(name: str) -> tuple[str | None, str]:
    """Raises ValidationError for what cannot be the name of an element."""
    match = _NAME.fullmatch(name)
    if match is None:
        raise ValidationError(f"{name}: no name of an element")
    return match[1], match[2]


def _attribute(name: str) -> Name:
    if name == "Type":
        return TYPE
    namespace, local = _split(name[1:])
    return Name(namespace or "", local)


def _new_attribute(name: Name, value: str, element: Element) -> list[Attribute]:
    if not name.namespace:
        return [Attribute(name.local, name, value)]
    taken = {each.raw for each in element.attributes}
    prefix = "xsi" if name.namespace == XSI else "a"
    while f"xmlns:{prefix}" in taken and prefix != "xsi":
        prefix += "a"
    declaration = Attribute(f"xmlns:{prefix}", _XMLNS, name.namespace)
    declared = [] if declaration.raw in taken else [declaration]
    return [*declared, Attribute(f"{prefix}:{name.local}", name, value)]


def _text(value: Any) -> str:
    """Raises ValidationError for what an element cannot hold."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        raise ValidationError(f"{value!r:.80}: a text, a number or true and false are needed")
    text = str(value)
    if not is_writable(text):
        raise ValidationError(f"{text!r:.80}: XML has no such characters")
    return text


def _place(parent: Element, present: list[Element], wanted: list[Element]) -> None:
    """Put `wanted` where `present` are: further ones behind the last, with its white space."""
    slots = {id(each) for each in present}
    coming = list(wanted)
    children: list[Element | str] = []
    last = 0
    for child in parent.children:
        if isinstance(child, str) or id(child) not in slots:
            children.append(child)
            continue
        if coming:
            children.append(coming.pop(0))
            last = len(children)
        elif children and _is_space(children[-1]):
            children.pop()
    if coming:
        _insert(children, last, coming)
    parent.children = children


def _insert(children: list[Element | str], last: int, coming: list[Element]) -> None:
    if not last:
        last = len(children) - 1 if children and _is_space(children[-1]) else len(children)
    lead = children[last - 2] if last >= 2 else ""
    space: list[Element | str] = [lead] if _is_space(lead) and lead else []
    between: list[Element | str] = []
    for element in coming:
        between += [*space, element]
    children[last:last] = between


def _is_space(child: Element | str) -> bool:
    return isinstance(child, str) and not child.strip()
