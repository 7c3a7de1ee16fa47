"""Keyrings that are not the user's."""

from __future__ import annotations

from keyring.errors import KeyringLocked


class FakeKeyring:
    """A keyring in memory; `fault` is raised by every call while it is set."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        self.fault: Exception | None = None

    def get_password(self, service: str, username: str) -> str | None:
        self._fail()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._fail()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._fail()
        del self.entries[service, username]

    def lock(self) -> None:
        self.fault = KeyringLocked("the collection is locked")

    def _fail(self) -> None:
        if self.fault is not None:
            raise self.fault
