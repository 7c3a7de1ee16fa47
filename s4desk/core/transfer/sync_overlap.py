"""Whether two places are one: a sync would take its own source for what is gone, a move what it has
just written for what is still to go."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import PermissionDeniedError, StoreError, ValidationError
from s4desk.core.domain.identity import Prefix
from s4desk.core.domain.one_place import is_alias, may_be_one
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from s4desk.core.domain.objects import Page
    from s4desk.core.store.protocol import ObjectStore


def overlap(one: Prefix, other: Prefix) -> bool:
    """Whether one folder is the other one or lies in it, were they in one store."""
    here, there = one.folder, other.folder
    is_inside = here.prefix.startswith(there.prefix) or there.prefix.startswith(here.prefix)
    return here.bucket == there.bucket and is_inside


async def refuse_one_place(
    here: ObjectStore, source: Prefix, there: ObjectStore, target: Prefix
) -> None:
    """Two addresses may lead to one bucket, and two names: the objects that both list tell.

    Raises ValidationError where they look like the same ones, or where one is the name of an access
    point and that cannot be told; StoreError.
    """
    if not _may_be_one_at(here, source.bucket, there, target.bucket):
        return
    if not overlap(source, Prefix(source.bucket, target.prefix)):
        return
    inner, outer = sorted((source.folder.prefix, target.folder.prefix), key=len, reverse=True)
    is_one_name = source.bucket == target.bucket
    has_alias = not is_one_name and (is_alias(source.bucket) or is_alias(target.bucket))

    async def look_alike(prefix: str) -> bool:
        return _are_alike(
            await here.list_objects(Prefix(source.bucket, prefix), delimiter=""),
            await there.list_objects(Prefix(target.bucket, prefix), delimiter=""),
        )

    try:
        is_same = await look_alike(inner)
    except PermissionDeniedError as error:
        raise (ValidationError(_cannot_tell()) if has_alias else error) from error
    if is_same:
        raise ValidationError(_refusal(has_alias=has_alias))
    try:
        # Nothing may lie in the inner one yet.
        is_same = outer != inner and await look_alike(outer)
    except StoreError as error:
        if has_alias:
            raise ValidationError(_cannot_tell()) from error
        # Who may not list it there can neither fill nor empty it.
        return
    if is_same:
        raise ValidationError(_refusal(has_alias=has_alias))


def _may_be_one_at(here: ObjectStore, source: str, there: ObjectStore, target: str) -> bool:
    """The same, where each store has names of its own for them, as failover groups have."""
    pairs = product(_names(here, source), _names(there, target))
    return any(may_be_one(one, other) for one, other in pairs)


def _names(store: ObjectStore, bucket: str) -> frozenset[str]:
    names = getattr(store, "names_of", None)
    return frozenset({bucket}) if names is None else names(bucket)


def _refusal(*, has_alias: bool) -> str:
    if has_alias:
        return tr(
            "The access point leads to the same bucket, as it looks, and one folder lies in the"
            " other; nothing was moved or deleted."
        )
    return tr(
        "Source and target look like one and the same place, and one lies in the other; nothing"
        " was moved or deleted."
    )


def _cannot_tell() -> str:
    return tr(
        "One of them is an access point. Whether it leads to the bucket of the other cannot be"
        " told, for not both may be listed; nothing was moved or deleted."
    )


def _are_alike(one: Page, other: Page) -> bool:
    """Whether most of the first objects that both have were written at the same moment."""
    mine, theirs = _identities(one), _identities(other)
    shared = mine.keys() & theirs.keys()
    return sum(mine[key] == theirs[key] for key in shared) * 2 > len(shared)


def _identities(page: Page) -> dict[str, tuple[int, str, int]]:
    """Size, ETag and time in whole seconds: not every store tells more in a listing."""
    return {
        key: (size, etag, int(modified) if modified == modified else 0)
        for key, size, etag, modified in zip(
            page.keys, page.sizes, page.etags, page.modified, strict=True
        )
    }
