"""Requests that a worker thread makes by itself, one after another, without turns of the loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol, TypeVar

from s4desk.core.domain.objects import NO_ATTRIBUTES, Attributes
from s4desk.core.store.wrapper import Request, put_request

if TYPE_CHECKING:
    from s4desk.core.domain.identity import Location
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.store.protocol import Condition, GetReply, Moved, PutReply
    from s4desk.core.wire.body import Body, WholeSink
    from s4desk.core.wire.cancellation import CancelToken

T = TypeVar("T")


class DirectStore(Protocol):
    """A store's requests for small objects. They block, and only the thread they were lent to may
    make them; each is made once, and raises what the request of that name raises.

    Cancelling `token` breaks off the request under way, and all that follow.
    """

    @property
    def token(self) -> CancelToken: ...

    def head(self, location: Location) -> ObjectMeta: ...

    def get_tags(self, location: Location) -> Mapping[str, str]: ...

    def get(
        self, location: Location, sink: WholeSink, *, moved: Moved | None = None
    ) -> GetReply: ...

    def put(
        self,
        location: Location,
        body: Body,
        *,
        attributes: Attributes = NO_ATTRIBUTES,
        condition: Condition | None = None,
        moved: Moved | None = None,
    ) -> PutReply: ...


Work = Callable[[DirectStore], None]


class DirectWrapper:
    """All of DirectStore, passed on to `inner` through `_around`."""

    def __init__(self, inner: DirectStore) -> None:
        self._inner = inner

    @property
    def token(self) -> CancelToken:
        return self._inner.token

    def _around(self, request: Request, call: Callable[[], T]) -> T:
        """Make the request `call`."""
        return call()

    def head(self, location: Location) -> ObjectMeta:
        request = Request("head", location.bucket, location.key)
        return self._around(request, lambda: self._inner.head(location))

    def get_tags(self, location: Location) -> Mapping[str, str]:
        request = Request("get_tags", location.bucket, location.key)
        return self._around(request, lambda: self._inner.get_tags(location))

    def get(self, location: Location, sink: WholeSink, *, moved: Moved | None = None) -> GetReply:
        request = Request("get", location.bucket, location.key, has_body=True, is_small=True)
        return self._around(request, lambda: self._inner.get(location, sink, moved=moved))

    def put(
        self,
        location: Location,
        body: Body,
        *,
        attributes: Attributes = NO_ATTRIBUTES,
        condition: Condition | None = None,
        moved: Moved | None = None,
    ) -> PutReply:
        return self._around(
            put_request(location, body),
            lambda: self._inner.put(
                location, body, attributes=attributes, condition=condition, moved=moved
            ),
        )
