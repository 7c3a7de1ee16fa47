"""Whether rules can be carried out: both ends are asked before rules are saved."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from secrets import token_hex
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import NotSupportedError, S4DeskError
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.replication.rules import Kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s4desk.core.domain.replication.rules import Rule
    from s4desk.core.replication.buckets import BucketShelf, Facts
    from s4desk.core.replication.rule_book import Ruled
    from s4desk.core.store.protocol import StoreOf

TRIED: Final = ".s4desk-replication-check-"
"""What an upload that is only begun is called; it is taken away at once."""


class ConcernKind(StrEnum):
    """SOURCE: it cannot be listed. UNREACHABLE: nobody answers for the destination, or it is not
    there. NOT_WRITABLE: it refuses. NOT_VERSIONED: delete markers need versions. KEYS_FOR_VERSIONS:
    each version gets a key of its own. NO_VERSIONS: the source keeps none. NO_LOCKS: the source
    locks objects, and the destination cannot. HIDDEN: what of that the destination keeps may not be
    asked."""

    SOURCE = "source"
    UNREACHABLE = "unreachable"
    NOT_WRITABLE = "not-writable"
    NOT_VERSIONED = "not-versioned"
    KEYS_FOR_VERSIONS = "keys-for-versions"
    NO_VERSIONS = "no-versions"
    NO_LOCKS = "no-locks"
    HIDDEN = "hidden"


_FORBIDDEN: Final = frozenset(
    {
        ConcernKind.SOURCE,
        ConcernKind.UNREACHABLE,
        ConcernKind.NOT_WRITABLE,
        ConcernKind.NOT_VERSIONED,
    }
)


@dataclass(frozen=True, slots=True)
class Concern:
    """What stands in the way of a rule; "" for all of them. `error` is what was answered."""

    kind: ConcernKind
    rule: str = ""
    error: S4DeskError | None = None

    @property
    def is_grave(self) -> bool:
        """Whether nothing will arrive by this rule as things are."""
        return self.kind in _FORBIDDEN


async def concerns_of(
    ruled: Ruled,
    store_of: StoreOf,
    buckets: BucketShelf,
) -> list[Concern]:
    """What enabled rules of a bucket will come up against. Raises nothing that a store says."""
    source = ruled.source
    try:
        store = await store_of(source.connection)
        await store.list_objects(Prefix(source.bucket), delimiter="", limit=1)
        here = await buckets.facts(source)
    except S4DeskError as error:
        return [Concern(ConcernKind.SOURCE, "", error)]
    found: list[Concern] = []
    for rule in ruled.rules:
        if not rule.is_enabled:
            continue
        if (concern := await _unwritable(rule, store_of)) is not None:
            found.append(concern)
            continue
        there = await buckets.facts(rule.destination)
        found.extend(Concern(kind, rule.id) for kind in _not_kept(rule, here, there))
    return found


def _not_kept(rule: Rule, here: Facts, there: Facts) -> Iterator[ConcernKind]:
    """What one end does not keep, or does not say."""
    keeps_all = rule.versions is Kept.ALL
    if rule.delete_markers and there.is_versioned is False:
        yield ConcernKind.NOT_VERSIONED
    if keeps_all and not (here.has_versions or here.is_versioned is None):
        yield ConcernKind.NO_VERSIONS
    elif keeps_all and not there.is_versioned:
        yield ConcernKind.KEYS_FOR_VERSIONS
    if here.takes_locks and there.takes_locks is False:
        yield ConcernKind.NO_LOCKS
    wants_versions = keeps_all or rule.delete_markers
    is_hidden = wants_versions and there.is_versioned is None
    if is_hidden or (here.takes_locks and there.takes_locks is None):
        yield ConcernKind.HIDDEN


async def _unwritable(rule: Rule, store_of: StoreOf) -> Concern | None:
    """Why nothing can be written there. An upload is begun and given up: that leaves nothing."""
    to = rule.destination
    try:
        store = await store_of(to.connection)
        await store.head_bucket(to.bucket)
    except S4DeskError as error:
        return Concern(ConcernKind.UNREACHABLE, rule.id, error)
    place = Location(to.bucket, f"{to.prefix}{TRIED}{token_hex(8)}")
    try:
        ticket = await store.create_multipart(place)
        await store.abort_multipart(place, ticket.upload)
    except NotSupportedError:
        # A store without uploads in parts says nothing by that.
        return None
    except S4DeskError as error:
        return Concern(ConcernKind.NOT_WRITABLE, rule.id, error)
    return None
