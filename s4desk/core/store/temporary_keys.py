"""Keys that end, renewed before that."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import CredentialsError, SignInNeededError
from s4desk.core.domain.sign_in import KeyLife
from s4desk.core.runtime.clock import SystemClock
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.domain.connection import Credentials
    from s4desk.core.runtime.clock import Clock

log = logging.getLogger(__name__)

EARLY_S: Final = 15 * 60.0
"""So long before their end keys are renewed; as early as the AWS command line does."""

AGAIN_S: Final = 30.0
LEAST_S: Final = 5.0
"""Keys that end sooner are not used: the request has to arrive before that."""


@dataclass(frozen=True, slots=True)
class Leased:
    """Keys, and when they end (UTC); None for never."""

    credentials: Credentials
    ends_at: datetime | None = None


def parse_time(text: str) -> datetime:
    """A time as AWS and its tools write it; without a zone it is UTC. Raises ValueError."""
    time = datetime.fromisoformat(text.replace("UTC", "Z"))
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


class KeptKeys:
    """Keys that nobody renews, as a CredentialSource."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def __call__(self) -> Credentials:
        return self._credentials

    @property
    def life(self) -> KeyLife | None:
        """None for keys that are not temporary."""
        return KeyLife(self._credentials.ends_at) if self._credentials.token else None


class TemporaryKeys:
    """A CredentialSource that fetches keys when they are needed, and again before they end.

    What cannot be renewed early is used to its end, and tried again every half minute. One thread
    renews; others take what is still good meanwhile, or wait for it.
    """

    def __init__(self, fetch: Callable[[], Leased], clock: Clock | None = None) -> None:
        """`fetch` blocks and raises CredentialsError."""
        self._fetch = fetch
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._held: Leased | None = None
        self._not_before = 0.0
        self._wants_person = False

    def __call__(self) -> Credentials:
        held = self._held
        if held is not None and self._is_good(held):
            if not self._is_due(held) or not self._lock.acquire(blocking=False):
                return held.credentials
        else:
            self._lock.acquire()
        try:
            return self._current().credentials
        finally:
            self._lock.release()

    @property
    def life(self) -> KeyLife | None:
        """None for keys that are not temporary, or were never needed."""
        held = self._held
        if held is None or not held.credentials.token:
            return None
        return KeyLife(held.ends_at, self._wants_person)

    def look_again(self) -> None:
        """Somebody has signed in: there may be keys that last longer."""
        self._not_before = 0.0
        self._held = None

    def _current(self) -> Leased:
        """Another thread may have renewed them while this one waited."""
        held = self._held
        is_good = held is not None and self._is_good(held)
        if held is not None and is_good and not self._is_due(held):
            return held
        self._not_before = self._clock.monotonic() + AGAIN_S
        try:
            fetched = self._fetch()
        except CredentialsError as error:
            self._wants_person = isinstance(error, SignInNeededError)
            if held is not None and is_good:
                log.info("keys are not renewed yet: %s", type(error).__name__)
                return held
            raise
        if not self._is_good(fetched):
            raise CredentialsError(tr("The keys had ended already when they came."))
        self._held, self._wants_person = fetched, False
        return fetched

    def _is_good(self, keys: Leased) -> bool:
        return self._left_s(keys) > LEAST_S

    def _is_due(self, keys: Leased) -> bool:
        return self._left_s(keys) < EARLY_S and self._clock.monotonic() >= self._not_before

    def _left_s(self, keys: Leased) -> float:
        if keys.ends_at is None:
            return float("inf")
        return (keys.ends_at - self._clock.now()).total_seconds()
