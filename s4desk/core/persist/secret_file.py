"""Secrets in a file that a passphrase opens, for systems without a keyring. Everything blocks.

Which connections it has something for can be read by everybody who may read the file, what that
is by nobody without the passphrase.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
import threading
import zlib
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.errors import CredentialsError, LocalFileError, S4DeskError
from s4desk.core.persist.claim import changing
from s4desk.core.persist.toml_file import free_name, write_atomically
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from s4desk.core.persist.sealing import Seal

log = logging.getLogger(__name__)

_VERSION: Final = 1
_PROOF: Final = "s4desk"
_SEALING: Final = "s4desk.core.persist.sealing"

Content = dict[str, Any]


class LockedFileError(CredentialsError):
    """The file with the secrets has not been opened with its passphrase yet."""


class WrongPassphraseError(CredentialsError):
    """It is not the passphrase of the file; nothing was changed."""

    def __init__(self) -> None:
        super().__init__(tr("That is not the passphrase of the file with the secrets."))


class DamagedFileError(CredentialsError):
    """The file cannot be read and was set aside; `aside` is where it is now."""

    def __init__(self, path: Path, aside: Path) -> None:
        said = tr(
            "The file with the secrets, {file}, was damaged and cannot be read. It was kept as"
            " {aside}; enter the keys again."
        )
        super().__init__(said.format(file=path.name, aside=aside))
        self.aside = aside


class SecretFile:
    """Sealed texts by name. `unlock` once, then read and write; safe for all threads.

    Each change is made to what the file holds now, in one step, with no other process in between.
    """

    def __init__(self, path: Path, *, cost: int = 0) -> None:
        """`cost` is that of deriving the key, for tests; 0 is as much as is advised."""
        self.path = path
        self._cost = cost
        self._seal: Seal | None = None
        self._lock = threading.RLock()

    @property
    def exists(self) -> bool:
        return self.path.exists()

    def has(self, name: str) -> bool:
        """Whether there is something of that name; no passphrase is needed."""
        with self._lock:
            return self.exists and name in self._read()["secrets"]

    @property
    def is_locked(self) -> bool:
        """Whether a passphrase is needed: also when somebody has made the file anew."""
        with self._lock:
            content = self._read()
            return self._seal is None or not self._fits(self._seal, content)

    def create(self, passphrase: str) -> None:
        """Make the file, open. Raises LocalFileError, for one that is there as well."""
        seal, content = self._begun(passphrase)
        with self._lock, self._changing():
            if self.exists:
                raise LocalFileError(self.path, FileExistsError(17, tr("it is there already")))
            self._write(content)
            self._seal = seal

    def change_passphrase(self, old: str, new: str) -> None:
        """Seal everything anew, in one step: a crash leaves the old file or the new one.

        Other processes have to be given the new one then. Raises WrongPassphraseError,
        DamagedFileError, LocalFileError.
        """
        seal, content = self._begun(new)
        with self._lock, self._changing():
            before = self._read()
            former = self._sealed_with(before, old)
            try:
                content["secrets"] = {
                    name: seal.close(former.open(sealed))
                    for name, sealed in before["secrets"].items()
                }
            except import_module(_SEALING).WrongKeyError as error:
                raise self._damaged("an entry") from error
            self._write(content)
            self._seal = seal

    def _begun(self, passphrase: str) -> tuple[Seal, Content]:
        """A new seal, and a file without secrets."""
        sealing = import_module(_SEALING)
        recipe = sealing.Recipe.fresh(self._cost or sealing.COST)
        seal: Seal = sealing.Seal(passphrase, recipe)
        return seal, {
            "version": _VERSION,
            "key": {
                "salt": base64.b64encode(recipe.salt).decode(),
                "cost": recipe.cost,
                "block": recipe.block,
                "lanes": recipe.lanes,
            },
            "proof": seal.close(_PROOF),
            "secrets": {},
        }

    def unlock(self, passphrase: str) -> None:
        """Raises WrongPassphraseError, DamagedFileError."""
        with self._lock:
            self._seal = self._sealed_with(self._read(), passphrase)

    def _sealed_with(self, content: Content, passphrase: str) -> Seal:
        sealing = import_module(_SEALING)
        try:
            key = content["key"]
            salt = base64.b64decode(key["salt"])
            recipe = sealing.Recipe(salt, key["cost"], key["block"], key["lanes"])
        except (KeyError, TypeError, ValueError) as error:
            raise self._damaged(error) from error
        seal: Seal = sealing.Seal(passphrase, recipe)
        try:
            seal.open(content["proof"])
        except sealing.WrongKeyError as error:
            raise WrongPassphraseError from error
        return seal

    def get_password(self, _service: str, name: str) -> str | None:
        """Raises LockedFileError, DamagedFileError."""
        with self._lock:
            content = self._read()
            seal = self._opened(content)
            sealed = content["secrets"].get(name)
            if sealed is None:
                return None
            try:
                kept: dict[str, str] = json.loads(seal.open(sealed))
            except import_module(_SEALING).WrongKeyError as error:
                raise self._damaged("an entry") from error
            # A text that stands under another name than it was sealed for is none.
            return kept["text"] if kept["name"] == name else None

    def set_password(self, _service: str, name: str, text: str) -> None:
        """Raises LockedFileError, DamagedFileError, LocalFileError."""

        def put(content: Content) -> None:
            sealed = self._opened(content).close(json.dumps({"name": name, "text": text}))
            content["secrets"][name] = sealed

        self._change(put)

    def delete_password(self, _service: str, name: str) -> None:
        """Needs no passphrase. Raises DamagedFileError, LocalFileError."""
        self._change(lambda content: content["secrets"].pop(name, None))

    def _change(self, change: Callable[[Content], object]) -> None:
        with self._lock, self._changing():
            content = self._read()
            change(content)
            self._write(content)

    def _changing(self) -> Any:
        return changing(self.path)

    def _opened(self, content: Content) -> Seal:
        if self._seal is None or not self._fits(self._seal, content):
            raise LockedFileError(tr("The file with the secrets is locked."))
        return self._seal

    @staticmethod
    def _fits(seal: Seal, content: Content) -> bool:
        salt: str = content["key"]["salt"]
        return base64.b64encode(seal.recipe.salt).decode() == salt

    def _write(self, content: Content) -> None:
        document = {**content, "sum": _sum(content)}
        try:
            write_atomically(self.path, json.dumps(document, indent=1).encode())
        except OSError as error:
            raise LocalFileError(self.path, error) from error

    def _read(self) -> Content:
        """Raises DamagedFileError, LocalFileError; CredentialsError for a newer program's file."""
        try:
            raw = self.path.read_bytes()
        except OSError as error:
            raise LocalFileError(self.path, error) from error
        try:
            document = json.loads(raw)
            if document["version"] > _VERSION:
                said = tr("{file} was written by a newer version of s4desk.")
                raise CredentialsError(said.format(file=self.path))
            told = document.pop("sum")
            if told != _sum(document):
                raise ValueError("its sum is another")
            base64.b64decode(document["key"]["salt"])
        except S4DeskError:
            raise
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
            raise self._damaged(error) from error
        content: Content = document
        return content

    def _damaged(self, why: object) -> DamagedFileError:
        aside = free_name(self.path)
        self.path.rename(aside)
        self._seal = None
        log.warning("moved %s to %s: %s", self.path, aside.name, why)
        return DamagedFileError(self.path, aside)


def _sum(content: Content) -> str:
    """Tells damage from a wrong passphrase; it protects from nobody."""
    return f"{zlib.crc32(json.dumps(content, sort_keys=True).encode()):08x}"
