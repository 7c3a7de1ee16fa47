"""Small files, each in the one job that sends or fetches it: no other thread touches them.

What turns out to be otherwise than it was said is left to those who look first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.errors import IntegrityError, S4DeskError, SourceChangedError
from s4desk.core.domain.parts import MIB
from s4desk.core.transfer.composite import parts_told
from s4desk.core.transfer.files import SteadySource
from s4desk.core.transfer.verify import SIZE_ONLY, expected_sum
from s4desk.core.wire.body import WholeSink
from s4desk.core.wire.checksums import running_sum

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from s4desk.core.domain.objects import Checksum, ObjectMeta
    from s4desk.core.transfer.files import PartialFile
    from s4desk.core.wire.body import FileSource
    from s4desk.core.wire.checksums import RunningSum

BRIEF = 8 * MIB
"""What is larger may have been put in parts, and then more than one request proves it."""


class NotBriefError(S4DeskError):
    """It is otherwise than it was said; nothing has been sent, and nothing put in place."""


class BriefSource(SteadySource):
    """A SteadySource of known size that is open only while it is read, by one thread at a time.

    Whoever reads its first byte opens it, and whoever has read the last one closes it. Opened
    again, it must be the same file still.
    """

    def __init__(self, path: Path, size: int) -> None:
        """`size` in bytes, more than 0; reading raises NotBriefError when the file has another."""
        super().__init__(path)
        self._size = size
        self._was_open = False

    def read_into(self, view: memoryview, offset: int) -> None:
        super().read_into(view, offset)
        if offset + len(view) >= self._size:
            self.close()

    def _opened(self) -> FileSource:
        if self._file is None:
            before = self.fingerprint
            self._open()
            if self._was_open and self.fingerprint != before:
                raise SourceChangedError(self._path)
            if self.fingerprint.size != self._size:
                raise NotBriefError(f"{self._path} has {self.fingerprint.size} bytes")
            self._was_open = True
        return super()._opened()


class BriefSink(WholeSink):
    """A small object on its way into the place of a file.

    The thread that fetches it puts it there, once it is proved to be what the store has.
    """

    def __init__(
        self,
        partial: PartialFile,
        root: Path | None,
        begin_commit: Callable[[], None],
        *,
        may_replace: bool,
    ) -> None:
        """`begin_commit` is called before the target changes; what it raises prevents that."""
        self._partial = partial
        self._root = root
        self._begin_commit = begin_commit
        self._may_replace = may_replace
        self._expected: Checksum | None = None
        self._total: RunningSum | None = None
        self.size = 0
        self.verified = ""
        """How it was proved; empty when it is not in place, because something else is."""

    def begin(self, meta: ObjectMeta) -> None:
        """Raises UnsafeNameError, LocalFileError; NotBriefError for what is large after all, or
        not to be proved by its own bytes."""
        self.size, self._expected = meta.size, expected_sum(meta)
        if meta.size > BRIEF or (self._expected is None and parts_told(meta)):
            raise NotBriefError(f"{meta.location} has {meta.size} bytes")
        self._total = running_sum(self._expected.algorithm) if self._expected else None
        self._partial.close()
        self._partial.open(self._root, meta.size, is_brief=True)

    def write(self, view: memoryview, offset: int) -> None:
        if self._total is not None:
            self._total.update(view)
        self._partial.sink.write(view, offset)

    def end(self) -> None:
        """Raises IntegrityError, LocalFileError, and what `begin_commit` raises."""
        verified = SIZE_ONLY
        if self._expected is not None and self._total is not None:
            verified, value = self._expected.algorithm, self._total.value
            if value != self._expected.value:
                detail = f"{verified} is {value}, not {self._expected.value}"
                raise IntegrityError(detail, operation="get")
        self._begin_commit()
        if self._partial.finish(self.size, may_replace=self._may_replace):
            self.verified = verified
