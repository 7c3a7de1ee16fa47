"""All versions of a bucket, page by page, with the next page under way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.errors import MalformedReplyError, StoreError
from s4desk.core.runtime.tasks import TaskScope

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from s4desk.core.domain.identity import Prefix
    from s4desk.core.domain.objects import Page, VersionMarker, VersionPage
    from s4desk.core.store.protocol import ObjectStore


async def version_pages(
    store: ObjectStore, prefix: Prefix
) -> AsyncGenerator[tuple[Page, bool], None]:
    """Each page, and whether it is the last one. The next is asked for meanwhile.

    Raises StoreError, and MalformedReplyError for a listing that goes round in circles. Close it
    when it is left early: a request may be under way.
    """
    seen: set[VersionMarker] = set()
    scope = TaskScope("versions")

    async def ask(marker: VersionMarker | None) -> VersionPage | StoreError:
        try:
            return await store.list_versions(prefix, delimiter="", marker=marker)
        except StoreError as error:
            # It is raised when its turn has come.
            return error

    try:
        asked = scope.start(ask(None))
        while True:
            found = await asked
            if isinstance(found, StoreError):
                raise found
            marker = found.next_marker
            is_circle = marker in seen
            if marker is not None and not is_circle:
                seen.add(marker)
                asked = scope.start(ask(marker))
            yield found.page, marker is None
            if marker is None:
                return
            if is_circle:
                raise MalformedReplyError(
                    "the listing of versions goes round in circles",
                    operation="list_versions",
                    location=prefix.location(""),
                )
    finally:
        await scope.aclose()
