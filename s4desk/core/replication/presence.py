"""Which of many keys something is under at a destination already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.domain.identity import Prefix
from s4desk.core.domain.replication.rules import Kept
from s4desk.core.store.key_space import byte_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.replication.rules import Rule
    from s4desk.core.store.protocol import ObjectStore

FEW: Final = 20
"""Not worth a listing: who carries them looks."""
PAGES_BESIDE: Final = 3
"""So many more than the keys themselves would fill; a bucket that others fill too may have many."""


async def may_be_there(store: ObjectStore, rule: Rule, keys: Sequence[str]) -> set[str]:
    """Those of `keys`, which are in the store's order, that may have a replica.

    All of them where that is not worth finding out, or cannot be. Raises StoreError.
    """
    if len(keys) <= FEW or rule.versions is Kept.ALL:
        return set(keys)
    to = rule.destination
    prefix = Prefix(to.bucket, f"{to.prefix}{_shared(keys)}")
    last = byte_order(f"{to.prefix}{keys[-1]}")
    there: set[str] = set()
    after = _before(f"{to.prefix}{keys[0]}")
    for _ in range(len(keys) // 1000 + 1 + PAGES_BESIDE):
        page = await store.list_objects(prefix, delimiter="", start_after=after)
        there.update(page.keys)
        if page.next_token is None or not page.keys or byte_order(page.keys[-1]) >= last:
            return {each for each in keys if f"{to.prefix}{each}" in there}
        after = page.keys[-1]
    beyond = byte_order(after)
    return {
        each
        for each in keys
        if f"{to.prefix}{each}" in there or byte_order(f"{to.prefix}{each}") > beyond
    }


def _shared(keys: Sequence[str]) -> str:
    """What all of them begin with."""
    first, last = keys[0], keys[-1]
    length = 0
    while length < min(len(first), len(last)) and first[length] == last[length]:
        length += 1
    return first[:length]


def _before(key: str) -> str:
    """Something behind which `key` is, and not much else: a store lists what is greater."""
    return key[:-1]
