"""What is to be replicated as a list for S3 Batch Replication, where one desktop is too small.

"Specifying a manifest" in the S3 user guide: a line for each object, without a header, its key as
in a URL.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import LocalFileError
from s4desk.core.domain.keys import encode_key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class Manifest:
    """A file that is there when it is finished, and not before. All of it blocks; raises
    LocalFileError."""

    def __init__(self, path: Path, bucket: str) -> None:
        """What cannot be written is found out now."""
        self._path = path
        self._partial = path.with_name(f"{path.name}.part")
        self._bucket = bucket
        try:
            self._file = self._partial.open("w", encoding="ascii", newline="")
        except OSError as error:
            raise LocalFileError(path, error) from error

    def add(self, keys: Iterable[str]) -> None:
        try:
            self._file.writelines(f"{self._bucket},{encode_key(key)}\n" for key in keys)
        except OSError as error:
            raise LocalFileError(self._path, error) from error

    def finish(self) -> None:
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._partial.replace(self._path)
        except OSError as error:
            raise LocalFileError(self._path, error) from error

    def close(self) -> None:
        """Without `finish` nothing is left of it."""
        self._file.close()
        self._partial.unlink(missing_ok=True)
