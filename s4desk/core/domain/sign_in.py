"""Signing in: what a person is asked for, and how long the keys last that come of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class SignInKind(StrEnum):
    """PAGE: on a page of the web, with a code that s4desk shows. CODE: a one-time code is typed."""

    PAGE = "page"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class SignInNeed:
    """What stands between a profile and its keys.

    `name` is the connection's. `portal` is the address of the page's portal; `role` and `device`
    are what a code is for, and what shows it.
    """

    kind: SignInKind
    name: str
    profile: str
    portal: str = ""
    role: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What a person has to confirm at `page`, before `ends_at` (UTC).

    `page_with_code` is the same page, with the code filled in.
    """

    code: str
    page: str
    page_with_code: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class KeyLife:
    """Keys are temporary: when they end (UTC), None where nobody told.

    `wants_person` when they could not be renewed because somebody has to sign in for that.
    """

    ends_at: datetime | None = None
    wants_person: bool = False

    def has_ended(self, now: datetime) -> bool:
        return self.ends_at is not None and self.ends_at <= now
