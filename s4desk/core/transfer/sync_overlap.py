"""Whether both sides of a sync are in one place: it would take its own source for what is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from s4desk.core.domain.errors import StoreError, ValidationError
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.identity import Prefix
    from s4desk.core.domain.objects import Page
    from s4desk.core.store.protocol import ObjectStore

_DEFAULT_PORTS = {"http": 80, "https": 443}


def overlap(one: Prefix, other: Prefix) -> bool:
    """Whether one folder is the other one or lies in it, were they in one store."""
    here, there = one.folder, other.folder
    is_inside = here.prefix.startswith(there.prefix) or there.prefix.startswith(here.prefix)
    return here.bucket == there.bucket and is_inside


def is_one_endpoint(one: Connection, other: Connection) -> bool:
    """Whether two connections lead to one store, as far as their addresses tell."""
    return one.id == other.id or _site_of(one) == _site_of(other)


def _site_of(connection: Connection) -> tuple[str, int | None, str]:
    """Host, port and path as every way to write them has them; AWS has one name per bucket."""
    try:
        url = urlsplit(connection.endpoint)
        host, port = (url.hostname or "").rstrip("."), url.port
    except ValueError:
        return connection.endpoint, None, ""
    if connection.is_aws:
        return f"aws{'.cn' if host.endswith('.cn') else ''}", None, ""
    return host, port or _DEFAULT_PORTS.get(url.scheme), url.path.rstrip("/")


async def refuse_one_place(
    here: ObjectStore, source: Prefix, there: ObjectStore, target: Prefix
) -> None:
    """Two addresses may lead to one bucket: the objects that both list tell.

    Raises ValidationError where they look like the same ones, and StoreError.
    """
    if not overlap(source, target):
        return
    outer, inner = sorted((source.folder, target.folder), key=lambda each: len(each.prefix))
    if await _look_alike(here, there, inner):
        raise ValidationError(_refusal())
    try:
        # Nothing may lie in the inner one yet.
        is_same = outer != inner and await _look_alike(here, there, outer)
    except StoreError:
        # Who may not list it there can neither fill nor empty it.
        return
    if is_same:
        raise ValidationError(_refusal())


def _refusal() -> str:
    return tr(
        "Source and target look like one and the same place, and one lies in the other; nothing"
        " was moved or deleted."
    )


async def _look_alike(here: ObjectStore, there: ObjectStore, prefix: Prefix) -> bool:
    """Whether most of the first objects that both have were written at the same moment."""
    one = _identities(await here.list_objects(prefix, delimiter=""))
    other = _identities(await there.list_objects(prefix, delimiter=""))
    shared = one.keys() & other.keys()
    return sum(one[key] == other[key] for key in shared) * 2 > len(shared)


def _identities(page: Page) -> dict[str, tuple[int, str, int]]:
    """Size, ETag and time in whole seconds: not every store tells more in a listing."""
    return {
        key: (size, etag, int(modified) if modified == modified else 0)
        for key, size, etag, modified in zip(
            page.keys, page.sizes, page.etags, page.modified, strict=True
        )
    }
