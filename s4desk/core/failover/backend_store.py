"""The store of a backend, by the names that its buckets have in the group."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from s4desk.core.domain.errors import (
    MalformedReplyError,
    NotFoundError,
    NotSupportedError,
    StoreError,
)
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.objects import (
    NO_ATTRIBUTES,
    Bucket,
    ObjectMeta,
    Page,
    Upload,
    VersionPage,
    Versions,
)
from s4desk.core.store.direct import DirectWrapper
from s4desk.core.store.protocol import GetReply, Store
from s4desk.core.wire.body import WholeSink

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.domain.failover import Backend
    from s4desk.core.domain.objects import Attributes
    from s4desk.core.store.direct import DirectStore, Work
    from s4desk.core.store.protocol import Condition, Moved, PutReply
    from s4desk.core.wire.body import Body

T = TypeVar("T")
OpenStore = Callable[[], Awaitable[Store]]


def backend_store(backend: Backend, open_store: OpenStore) -> Store:
    """All of `Store`, at whatever `open_store` returns when a request is made.

    Documents of buckets are passed on as they are, and name buckets as the backend does.
    """
    return cast("Store", _BackendStore(Names(backend), open_store))


class Names:
    """What buckets are called in the group, here, and at a backend, there."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def there(self, value: Any) -> Any:
        """The same, as the backend calls it; what names no bucket stays as it is.

        Raises NotFoundError for a bucket that is not there under this name.
        """
        if not self._backend.buckets:
            return value
        if isinstance(value, Location | Prefix):
            return replace(value, bucket=self.bucket_there(value.bucket))
        if isinstance(value, ObjectMeta):
            return replace(value, location=self.there(value.location))
        return value

    def bucket_there(self, bucket: str) -> str:
        if self._backend.hides(bucket):
            said = f"what is called {bucket} there is another bucket of the group"
            raise NotFoundError(said, code="NoSuchBucket", location=Location(bucket, ""))
        return self._backend.there(bucket)

    def here(self, value: Any) -> Any:
        """What the backend has answered, as the group calls it."""
        if not self._backend.buckets:
            return value
        changes: dict[str, Any] = {}
        match value:
            case [Bucket() | Upload(), *_]:
                return [self.here(each) for each in value if self._is_seen(each)]
            case Location():
                return self._location(value)
            case ObjectMeta() | Upload():
                changes["location"] = self._location(value.location)
            case GetReply():
                changes["meta"] = self.here(value.meta)
            case Page():
                changes["prefix"] = self._prefix(value.prefix)
            case VersionPage():
                page = replace(value.page, prefix=self._prefix(value.prefix))
                changes = {"prefix": page.prefix, "versions": Versions(page)}
            case Bucket():
                changes["name"] = self._bucket(value.name)
        return replace(value, **changes) if changes else value

    def _is_seen(self, value: Bucket | Upload) -> bool:
        return not isinstance(value, Bucket) or self._backend.here(value.name) is not None

    def _bucket(self, bucket: str) -> str:
        name = self._backend.here(bucket)
        return bucket if name is None else name

    def _location(self, location: Location) -> Location:
        return replace(location, bucket=self._bucket(location.bucket))

    def _prefix(self, prefix: Prefix) -> Prefix:
        return replace(prefix, bucket=self._bucket(prefix.bucket))


class _BackendStore:
    """Every request of `Store` by one rule: names go there, and come back."""

    def __init__(self, names: Names, open_store: OpenStore) -> None:
        self._names = names
        self._open = open_store

    def __getattr__(self, request: str) -> Callable[..., Awaitable[Any]]:
        if request.startswith("_"):
            raise AttributeError(request)

        async def call(*args: Any, **named: Any) -> Any:
            there = [self._names.there(each) for each in args]
            if args and isinstance(args[0], str):
                there[0] = self._names.bucket_there(args[0])
            there = [_Wary(each) if isinstance(each, WholeSink) else each for each in there]
            named = {name: self._names.there(each) for name, each in named.items()}
            store = await self._open()
            try:
                return _usable(self._names.here(await getattr(store, request)(*there, **named)))
            except StoreError as error:
                error.location = self._names.here(error.location)
                raise

        return call

    async def directly(self, work: Work) -> None:
        lend = getattr(await self._open(), "directly", None)
        if lend is None:
            raise NotSupportedError("no threads are lent here", operation="directly")
        await lend(lambda direct: work(_NamedDirect(direct, self._names)))

    async def aclose(self) -> None:
        """It belongs to somebody else."""


def _usable(reply: T) -> T:
    """The same. Raises MalformedReplyError where no object has an ETag: whoever answers to all that
    he is asked, as pages do that want a sign-in, is no store, and another backend is one."""
    match reply:
        case ObjectMeta(etag="") | GetReply(meta=ObjectMeta(etag="")):
            raise MalformedReplyError("an object without an ETag")
        case Page() if reply.keys and not any(reply.etags):
            raise MalformedReplyError("a list of objects without ETags")
    return reply


class _Wary(WholeSink):
    """What is no object is not begun with."""

    def __init__(self, inner: WholeSink) -> None:
        self._inner = inner

    def begin(self, meta: ObjectMeta) -> None:
        self._inner.begin(_usable(meta))

    def write(self, view: memoryview, offset: int) -> None:
        self._inner.write(view, offset)

    def end(self) -> None:
        self._inner.end()


class _NamedDirect(DirectWrapper):
    def __init__(self, inner: DirectStore, names: Names) -> None:
        super().__init__(inner)
        self._names = names

    def head(self, location: Location) -> ObjectMeta:
        reply: ObjectMeta = self._names.here(super().head(self._names.there(location)))
        return _usable(reply)

    def get_tags(self, location: Location) -> Mapping[str, str]:
        return super().get_tags(self._names.there(location))

    def get(self, location: Location, sink: WholeSink, *, moved: Moved | None = None) -> GetReply:
        there = self._names.there(location)
        reply: GetReply = self._names.here(super().get(there, _Wary(sink), moved=moved))
        return reply

    def put(
        self,
        location: Location,
        body: Body,
        *,
        attributes: Attributes = NO_ATTRIBUTES,
        condition: Condition | None = None,
        moved: Moved | None = None,
    ) -> PutReply:
        return super().put(
            self._names.there(location),
            body,
            attributes=attributes,
            condition=condition,
            moved=moved,
        )
