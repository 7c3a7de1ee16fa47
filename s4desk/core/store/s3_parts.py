"""How objects were joined of parts: HeadObject with a part number, and GetObjectAttributes."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import (
    InvalidRequestError,
    NotSupportedError,
    PreconditionFailedError,
    StoreError,
    ThrottledError,
    UnavailableError,
)
from s4desk.core.domain.objects import ObjectParts
from s4desk.core.domain.parts import MAX_PARTS
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.store.replies import AttributesPage, read_attributes_page
from s4desk.core.store.s3_sender import S3Request
from s4desk.core.wire.listing import bare_etag

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.store.capabilities import Capabilities
    from s4desk.core.store.s3_sender import Headers, S3Sender
    from s4desk.core.wire.exchange import Exchange

_COUNT: Final = "x-amz-mp-parts-count"
_PARTS_AT_ONCE: Final = 16
_IGNORANCE: Final = (InvalidRequestError, NotSupportedError, UnavailableError)


class PartsReader:
    """Asks one store how its objects were cut; worker threads only.

    Ceph 16 ignores part numbers, and fails when it is asked for attributes: that is never asked of
    a store that does not know the one, and no failure of it is one of the caller's.
    """

    def __init__(self, sender: S3Sender, capabilities: Capabilities) -> None:
        self._sender = sender
        self._capabilities = capabilities

    def read(self, exchange: Exchange, meta: ObjectMeta) -> ObjectParts | None:
        """None where the store does not tell. Raises UnavailableError, ThrottledError."""
        if self._capabilities.tells_parts is False:
            return None
        found = self._first(exchange, meta)
        if found is None:
            return None
        count, size = found
        kept = meta.checksum
        if kept is not None and not kept.is_full:
            try:
                return self._listed(exchange, meta, count, kept.algorithm)
            except StoreError as error:
                if _is_passing(error):
                    raise
        return _evenly(meta.size, size, count)

    def size(self, exchange: Exchange, meta: ObjectMeta, number: int) -> tuple[int, int] | None:
        """How many parts there are, and the size of one; None where the store does not tell.

        Raises StoreError.
        """
        if self._capabilities.tells_parts is False:
            return None
        return self._part(exchange, meta, number)

    def _first(self, exchange: Exchange, meta: ObjectMeta) -> tuple[int, int] | None:
        """How many parts there are, and the size of the first one."""
        try:
            found = self._part(exchange, meta, 1)
        except StoreError as error:
            if _is_passing(error) or not isinstance(error, _IGNORANCE):
                raise
            found = None
        if found is None:
            self._capabilities.tells_parts = False
            return None
        return found if 0 < found[0] <= MAX_PARTS else None

    def _part(self, exchange: Exchange, meta: ObjectMeta, number: int) -> tuple[int, int] | None:
        request = S3Request(
            "object_parts",
            "HEAD",
            meta.location.bucket,
            meta.location.key,
            query={"partNumber": str(number)} | _version(meta),
        )
        with self._sender.open(exchange, request) as reply:
            told, size = reply.headers.get(_COUNT, ""), reply.length
        return (int(told), size) if told.isdecimal() and size else None

    def _listed(
        self, exchange: Exchange, meta: ObjectMeta, count: int, algorithm: str
    ) -> ObjectParts | None:
        """What GetObjectAttributes tells, if that is all of this very object."""
        sizes: list[int] = []
        sums: list[str] = []
        marker: int | None = 0
        while marker is not None:
            headers = {"x-amz-object-attributes": "ETag,ObjectParts"}
            if marker:
                headers["x-amz-part-number-marker"] = str(marker)
            request = S3Request(
                "object_parts",
                "GET",
                meta.location.bucket,
                meta.location.key,
                query={"attributes": ""} | _version(meta),
                headers=headers,
            )
            page = self._sender.call(
                exchange, request, functools.partial(_read_page, marker, algorithm)
            )
            if bare_etag(page.etag) not in ("", meta.etag):
                raise PreconditionFailedError("ETag differs", operation="object_parts")
            sizes += page.sizes
            sums += page.sums
            marker = page.following
        if len(sizes) != count or sum(sizes) != meta.size:
            return _evenly(meta.size, sizes[0], count) if sizes else None
        return ObjectParts(sizes, algorithm, sums if all(sums) else ())


async def each_part(
    size: Callable[[int], Awaitable[tuple[int, int] | None]], meta: ObjectMeta
) -> ObjectParts | None:
    """All parts of an object, each asked for by itself, several at once; None where the store does
    not tell of all, or tells of another object. Raises StoreError."""
    first = await size(1)
    if first is None or first[0] > MAX_PARTS:
        return None
    count, sizes = first[0], {1: first[1]}

    async def ask(number: int) -> None:
        told = await size(number)
        if told is not None and told[0] == count:
            sizes[number] = told[1]

    await run_bounded(map(ask, range(2, count + 1)), _PARTS_AT_ONCE)
    if len(sizes) != count or sum(sizes.values()) != meta.size:
        return None
    return ObjectParts([sizes[number] for number in range(1, count + 1)])


def _is_passing(error: StoreError) -> bool:
    """Whether to ask again; a fault inside the store is how some say that they cannot tell."""
    return isinstance(error, ThrottledError) or (error.retryable and not error.status)


def _evenly(size: int, first: int, count: int) -> ObjectParts | None:
    """As parts are cut usually: all alike but the last one. Of two both sizes are known."""
    last = size - first * (count - 1)
    is_exact = count <= 2
    if last <= 0 or (last > first and not is_exact):
        return None
    return ObjectParts([first] * (count - 1) + [last], is_exact=is_exact)


def _read_page(marker: int, algorithm: str, _headers: Headers, body: bytes) -> AttributesPage:
    return read_attributes_page(body, marker, algorithm)


def _version(meta: ObjectMeta) -> dict[str, str]:
    return {"versionId": meta.version} if meta.version else {}
