"""Sealing texts with a passphrase: scrypt (RFC 7914) and Fernet, both of `cryptography`.

It takes 50 ms to load, and a key a third of a second and 128 MiB to derive: only in threads.
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

COST, BLOCK, LANES = 2**17, 8, 1
"""What OWASP's "Password Storage Cheat Sheet" asks for."""

_MOST_COST = 2**20
_KEY_BYTES = 32


class WrongKeyError(Exception):
    """A text was not sealed with this key."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a passphrase becomes a key. Raises ValueError for what no s4desk has written."""

    salt: bytes
    cost: int = COST
    block: int = BLOCK
    lanes: int = LANES

    def __post_init__(self) -> None:
        if not (2**10 <= self.cost <= _MOST_COST and self.block <= 32 and self.lanes <= 16):
            raise ValueError("a key that would take forever to derive")

    @classmethod
    def fresh(cls, cost: int = COST) -> Recipe:
        return cls(os.urandom(16), cost)


class Seal:
    """Seals and opens texts with one key, in memory only."""

    def __init__(self, passphrase: str, recipe: Recipe) -> None:
        """It takes a while and much memory."""
        self.recipe = recipe
        kdf = Scrypt(recipe.salt, _KEY_BYTES, recipe.cost, recipe.block, recipe.lanes)
        key = kdf.derive(passphrase.encode("utf-8", "surrogateescape"))
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def close(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def open(self, sealed: str) -> str:
        """Raises WrongKeyError, for what was changed too."""
        try:
            return self._fernet.decrypt(sealed.encode("ascii", "replace")).decode()
        except InvalidToken as error:
            raise WrongKeyError from error
