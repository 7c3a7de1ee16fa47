"""Listings that begin at one backend and may end at another."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import InvalidRequestError
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.store.key_range import last_of
from s4desk.core.store.key_space import byte_order

if TYPE_CHECKING:
    from s4desk.core.domain.objects import Page


@dataclass(frozen=True, slots=True)
class PageToken:
    """Where a listing goes on: at `backend` with its own `token`, at any other behind `last`."""

    backend: ConnectionId
    token: str
    last: str

    def __str__(self) -> str:
        return json.dumps([self.backend, self.token, self.last])

    @staticmethod
    def parse(text: str) -> PageToken:
        """Raises InvalidRequestError for what is none of ours."""
        try:
            backend, token, last = json.loads(text)
        except (ValueError, TypeError) as error:
            raise InvalidRequestError("not a token of this group", operation="list") from error
        return PageToken(ConnectionId(backend), token, last)


def behind(page: Page, last: str) -> Page:
    """What of a page lies behind `last`, and is not listed yet: a folder is listed once more by who
    is asked for what lies behind it. One that `last` lies in is not: it was where to begin."""
    low = byte_order(last)
    first = sum(byte_order(key) <= low for key in page.keys)
    folders = sum(
        byte_order(folder) <= low and (folder == last or not last.startswith(folder))
        for folder in page.folders
    )
    return page.cut(slice(first, None), slice(folders, None)) if first or folders else page


def going_on(page: Page, backend: ConnectionId, before: str) -> Page:
    """A page of a backend with a token of the group, whose listing had come to `before`."""
    if page.next_token is None:
        return page
    last = last_of(page, "") or before
    token = PageToken(backend, page.next_token, last)
    return replace(page, next_token=str(token))
