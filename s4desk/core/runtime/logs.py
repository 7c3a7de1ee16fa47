"""Logs: a rotating file and stderr, with secrets blotted out of everything that is written.

Redaction sits in the formatter, the last step, so that it also covers arguments, tracebacks and
what botocore, urllib3 and asyncio say.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sys
import threading
from logging.handlers import RotatingFileHandler
from typing import IO, TYPE_CHECKING, Final, TextIO
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

log = logging.getLogger(__name__)

FILE_NAME: Final = "s4desk.log"
MAX_BYTES: Final = 4 * 1024**2
BACKUPS: Final = 3
BLOT: Final = "[redacted]"
_FORMAT: Final = "%(asctime)s.%(msecs)03d %(levelname)-7s %(threadName)s %(name)s: %(message)s"
_MIN_SECRET: Final = 6

# A value follows its name as `Name: value`, `Name=value`, `'Name': b'value'`, `('Name', 'value')`.
_FOLLOWS: Final = r"""(?:["']?\s*[:=,]\s*\(?b?["']?)"""
_HEADERS: Final = (
    r"x-amz-(?:signature|security-token|credential)"
    r"|x-amz-(?:copy-source-)?server-side-encryption-customer-key"
    r"|aws_?secret_?access_?key|aws_?session_?token|SecretAccessKey|SessionToken|AWSAccessKeyId"
)
_PATTERNS: Final = (
    re.compile(rf"(?i)((?:proxy-)?authorization{_FOLLOWS})[^\"'\r\n]+"),
    re.compile(rf"(?i)((?:{_HEADERS}){_FOLLOWS})[^&\s\"',;}}\])]+"),
    re.compile(r"(?i)(\b(?:credential|signature)=)[^&\s\"',;]+"),
    re.compile(r"(?i)(\bsignature:\s*)[0-9a-z+/=%]{20,}"),
    re.compile(r"(://[^/\s:@]*:)[^/\s@]+(?=@)"),
)


class _Secrets:
    """Values that may never be written; grows from any thread, read without a lock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spellings: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None

    def add(self, secret: str) -> None:
        if len(secret) < _MIN_SECRET:
            return
        spellings = {secret, quote(secret, safe=""), quote(secret), repr(secret)[1:-1]}
        with self._lock:
            if spellings <= self._spellings:
                return
            self._spellings |= spellings
            longest_first = sorted(self._spellings, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def blot(self, text: str) -> str:
        return self._pattern.sub(BLOT, text) if self._pattern else text


_secrets = _Secrets()


def redact(secret: str) -> None:
    """Never write this value to a log from now on. Shorter than 6 characters is not a secret."""
    _secrets.add(secret)


def redacted(text: str) -> str:
    """`text` without signatures, tokens, authorization headers and known secrets."""
    text = _secrets.blot(text)
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\1{BLOT}", text)
    return text


class RedactingFormatter(logging.Formatter):
    """Formats a record, then blots secrets out of all of it, the traceback included."""

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


_UNWRITABLE: Final = (OSError, ValueError)
"""A full or vanished disk, and what was closed because of it."""


class _Screen(logging.StreamHandler[TextIO]):
    """Writes to stderr, and is silent about a stderr that is gone."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        if not isinstance(sys.exception(), _UNWRITABLE):
            super().handleError(record)


class _PrivateFile(RotatingFileHandler):
    """A rotating log that only its owner may read.

    A record that cannot be written is lost without a word: whoever works with the program has no
    use for tracebacks about its log. The next one is tried on a file that is opened anew.
    """

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        if not isinstance(sys.exception(), _UNWRITABLE):
            super().handleError(record)
        broken, self.stream = self.stream, None
        if broken is not None:
            with contextlib.suppress(*_UNWRITABLE):
                broken.close()

    def close(self) -> None:
        with contextlib.suppress(*_UNWRITABLE):
            super().close()

    def _open(self) -> IO[str]:  # type: ignore[override]
        encoding, errors = self.encoding, self.errors
        return open(self.baseFilename, self.mode, encoding=encoding, errors=errors, opener=_private)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def configure(
    folder: Path, *, level: int = logging.INFO, stderr_level: int = logging.WARNING
) -> Callable[[], None]:
    """Log into `folder` at `level` and to stderr at `stderr_level`; the result undoes it.

    A folder that cannot be written costs the file, not the program.
    """
    root = logging.getLogger()
    before = root.level
    handlers: list[logging.Handler] = []
    # A windowed program on Windows has no stderr.
    if sys.stderr is not None:
        handlers.append(_prepared(_Screen(sys.stderr), stderr_level))
    failure: OSError | None = None
    try:
        handlers.append(_prepared(_file(folder), level))
    except OSError as error:
        failure = error
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(min((handler.level for handler in handlers), default=level))
    logging.captureWarnings(True)
    if failure is not None:
        log.warning("no log file: %s: %s", folder, failure.strerror)

    def undo() -> None:
        logging.captureWarnings(False)
        root.setLevel(before)
        for handler in handlers:
            root.removeHandler(handler)
            handler.close()

    return undo


def _file(folder: Path) -> logging.Handler:
    folder.mkdir(parents=True, exist_ok=True)
    # Keys may hold bytes that are no UTF-8.
    return _PrivateFile(
        folder / FILE_NAME,
        maxBytes=MAX_BYTES,
        backupCount=BACKUPS,
        encoding="utf-8",
        errors="backslashreplace",
    )


def _prepared(handler: logging.Handler, level: int) -> logging.Handler:
    handler.setLevel(level)
    handler.setFormatter(RedactingFormatter(_FORMAT, datefmt="%Y-%m-%d %H:%M:%S"))
    return handler
