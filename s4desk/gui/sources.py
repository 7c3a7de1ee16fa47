"""Where listings come from: the stores of the desk, opened when the first page is asked for."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from s4desk.core.domain.errors import StoreError
from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.core.runtime.answers import hearing_answers
from s4desk.viewmodels.pager import FolderPager, Pager, SearchPager, WideSearchPager
from s4desk.viewmodels.version_pager import PastPager, VersionPager

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from s4desk.core.domain.identity import Location
    from s4desk.core.domain.objects import Bucket, Page, VersionPage
    from s4desk.core.domain.query import Query
    from s4desk.core.runtime.tasks import TaskScope
    from s4desk.core.store.parallel_listing import ListObjects
    from s4desk.core.store.registry import StoreRegistry
    from s4desk.core.store.version_listing import ListVersions
    from s4desk.viewmodels.pager import PagerSource


class Sources:
    """A missing key or a dead endpoint is an error of the first page, and said where rows would
    be. Pages are fetched ahead in `scope`."""

    def __init__(
        self, stores: StoreRegistry, scope: TaskScope, reached: Callable[[ConnectionId], None]
    ) -> None:
        """`reached` is told of each answer, be it a refusal: there is a network."""
        self._stores = stores
        self._scope = scope
        self._reached = reached

    async def list_buckets(self, connection: ConnectionId) -> list[Bucket]:
        store = await self._stores.to_read(connection)
        with self._telling(connection):
            return await store.list_buckets()

    async def has_object(self, connection: ConnectionId, location: Location) -> bool:
        """Whether there is an object of exactly this key: it is the first that begins so."""
        wanted = Prefix(location.bucket, location.key)
        page = await self._list_objects(connection, set())(wanted, limit=1)
        return list(page.keys) == [location.key]

    def pager_source(self, connection: ConnectionId) -> PagerSource:
        """What reads the folders of a connection."""
        list_versions = self.list_versions(connection)

        def make(prefix: Prefix, *, with_owner: bool = False) -> Pager:
            members = set[ConnectionId]()
            list_objects = self._list_objects(connection, members)
            pager = FolderPager(
                list_objects, prefix, list_versions, with_owner=with_owner, scope=self._scope
            )
            pager.members = members
            return pager

        return make

    def search_source(self, connection: ConnectionId, query: Query) -> PagerSource:
        """What looks for objects below the folders of a connection."""

        def make(prefix: Prefix, *, with_owner: bool = False) -> Pager:
            members = set[ConnectionId]()
            list_objects = self._list_objects(connection, members)
            pager = SearchPager(list_objects, prefix, query, self._scope)
            pager.members = members
            return pager

        return make

    def wide_search_source(self, connection: ConnectionId, query: Query) -> PagerSource:
        """What looks for objects in all buckets of a connection."""

        def make(prefix: Prefix, *, with_owner: bool = False) -> Pager:
            members = set[ConnectionId]()
            list_objects = self._list_objects(connection, members)
            pager = WideSearchPager(
                partial(self.list_buckets, connection),
                list_objects,
                lambda bucket: SearchPager(list_objects, bucket, query, self._scope),
            )
            pager.members = members
            return pager

        return make

    def version_source(self, connection: ConnectionId) -> PagerSource:
        """What reads the folders of a connection with all versions of the objects in them."""
        list_versions = self.list_versions(connection)

        def make(prefix: Prefix, *, with_owner: bool = False) -> Pager:
            return VersionPager(list_versions, prefix)

        return make

    def past_source(self, connection: ConnectionId, moment: datetime) -> PagerSource:
        """What reads the folders of a connection as they were."""
        list_versions = self.list_versions(connection)

        def make(prefix: Prefix, *, with_owner: bool = False) -> Pager:
            return PastPager(list_versions, prefix, moment)

        return make

    def list_versions(self, connection: ConnectionId) -> ListVersions:
        async def list_versions(prefix: Prefix, **how: Any) -> VersionPage:
            store = await self._stores.get(connection)
            with self._telling(connection):
                return await store.list_versions(prefix, **how)

        return list_versions

    def _list_objects(self, connection: ConnectionId, members: set[ConnectionId]) -> ListObjects:
        """`members` are joined by who of a group has answered."""

        async def list_objects(prefix: Prefix, **how: Any) -> Page:
            store = await self._stores.to_read(connection)
            with self._telling(connection), hearing_answers() as heard:
                page = await store.list_objects(prefix, **how)
            members.update(each.backend for each in heard)
            return page

        return list_objects

    @contextmanager
    def _telling(self, connection: ConnectionId) -> Iterator[None]:
        try:
            yield
        except StoreError as error:
            if error.status:
                self._reached(connection)
            raise
        self._reached(connection)
