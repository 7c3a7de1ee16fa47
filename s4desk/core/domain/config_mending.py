"""What stores answer otherwise than they want to hear it, put right before it is sent back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.domain.bucket_config import FACTS, ConfigKind

if TYPE_CHECKING:
    from s4desk.core.domain.xml_tree import Document, Element

_OF_FILTERS: Final = ("Prefix", "Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan")


def mend(kind: ConfigKind, tree: Document) -> bool:
    """Change `tree`, of a kind that has a root, into what the API takes; whether it had to be."""
    root = FACTS[kind].root
    is_mended = tree.root.name.local != root
    if is_mended:
        tree.root.rename(root)
    if kind is ConfigKind.LIFECYCLE:
        filters = [each for rule in _named(tree.root, "Rule") for each in _named(rule, "Filter")]
        gathered = [_gather(each) for each in filters]
        is_mended = is_mended or any(gathered)
    return is_mended


def _gather(filter_: Element) -> bool:
    """Put into the And what stands beside it. Ceph tells a prefix there, and forgets it when it is
    told it there: the rule would be about all keys."""
    inner = next(iter(_named(filter_, "And")), None)
    if inner is None:
        return False
    there = {each.name.local for each in inner.elements()} - {"Tag"}
    beside = [
        each
        for each in filter_.elements()
        if each.name.local in _OF_FILTERS and each.name.local not in there
    ]
    filter_.children = [each for each in filter_.children if each not in beside]
    inner.children = [*beside, *inner.children]
    return bool(beside)


def _named(element: Element, name: str) -> list[Element]:
    return [each for each in element.elements() if each.name.local == name]
