"""What the verbs write: records on stdout, sentences and progress on stderr."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import sys
from typing import TYPE_CHECKING, TextIO

from s4desk.app.cli import prompt
from s4desk.core.domain.errors import StoreError
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.error_text import describe
from s4desk.viewmodels.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.identity import Location

_ONE_LINE = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r"})

_NOBODY_READS = (errno.EPIPE, errno.EIO)
"""A closed pipe, a closed terminal."""


class Console:
    """Standard output and error, safe for any key, and how often something failed.

    JSON is ASCII and exact: a byte that is no UTF-8 is a lone surrogate (\\udc80 to \\udcff), as
    Python's `surrogateescape` has it. Text keeps one line per record: on a terminal everything
    unprintable is escaped, elsewhere only backslash, newline and carriage return are.

    When nobody reads standard output any more, no more is written to it; with `needs_reader`
    BrokenPipeError is raised instead.
    """

    def __init__(
        self, *, as_json: bool, needs_reader: bool = False, out: TextIO | None = None
    ) -> None:
        self.as_json = as_json
        self.failures = 0
        self.connection_at: Callable[[Location | None], Connection | None] = lambda _: None
        """Where an object of an error is that does not say so."""
        self._needs_reader = needs_reader
        self._out = out or sys.stdout
        self._is_terminal = self._out.isatty()
        self._progress = ""
        if isinstance(self._out, io.TextIOWrapper):
            errors = "backslashreplace" if self._is_terminal else "surrogateescape"
            encoding = self._out.encoding if self._is_terminal else "utf-8"
            self._out.reconfigure(encoding=encoding, errors=errors, newline="\n")

    @property
    def shows_progress(self) -> bool:
        return sys.stderr is not None and sys.stderr.isatty()

    @property
    def can_ask(self) -> bool:
        """Whether somebody is there to answer."""
        return prompt.is_somebody_there()

    def name(self, text: str) -> str:
        """A key or path as part of a line of text."""
        return printable(text) if self._is_terminal else text.translate(_ONE_LINE)

    def names(self, texts: Sequence[str]) -> Sequence[str]:
        """Many keys or paths: mostly there is nothing to change in any of them."""
        together = "".join(texts)
        if self._is_terminal:
            is_plain = together.isprintable()
        else:
            is_plain = not any(character in together for character in "\\\n\r")
        return texts if is_plain else [self.name(text) for text in texts]

    def record(self, record: Mapping[str, object], line: str) -> None:
        """One result: `record` for programs, `line` for people."""
        self._clear_progress()
        with self._writing():
            self._out.write(f"{json.dumps(record) if self.as_json else line}\n")

    def write(self, lines: Iterable[str]) -> None:
        """Many results, each a record or a line already."""
        self._clear_progress()
        # In one piece: each call costs more than its line.
        text = "\n".join((*lines, ""))
        with self._writing():
            self._out.write(text)

    def document(self, text: str) -> None:
        """A whole document, exact; on a terminal everything unprintable in a line is escaped."""
        self._clear_progress()
        if self._is_terminal:
            text = "".join(f"{printable(line)}\n" for line in text.splitlines())
        with self._writing():
            self._out.write(text)

    def say(self, sentence: str) -> None:
        """Tell a person something that is no result and no failure."""
        self._clear_progress()
        _write_error(f"{printable(sentence)}\n")

    def say_now(self, sentence: str) -> None:
        """The same out of a signal handler, which may have stopped any of the others half-way."""
        if sys.stderr is not None:
            text = printable(sentence).encode(sys.stderr.encoding, "backslashreplace")
            with contextlib.suppress(OSError):
                os.write(sys.stderr.fileno(), (b"\r" if self._progress else b"") + text + b"\n")

    def fail(self, error: BaseException | str, subject: str = "") -> None:
        """Tell what failed; the program will end with 1."""
        self.failures += 1
        sentence = error if isinstance(error, str) else self.sentence(error)
        self.say(f"s4desk: {subject}: {sentence}" if subject else f"s4desk: {sentence}")

    def sentence(self, error: BaseException) -> str:
        """What a person reads of an error; it names objects as they are typed."""
        if isinstance(error, StoreError) and error.connection is None:
            error.connection = self.connection_at(error.location)
        return describe(error)

    async def agrees(self, question: str) -> bool:
        """Ask on the terminal and wait for a typed yes; only where somebody sits at it."""
        self._clear_progress()
        answer = await prompt.ask(question)
        return answer.strip().casefold() in ("yes", tr("yes").casefold())

    def progress(self, text: str) -> None:
        """Show how far things are, on a line of its own that the next call replaces."""
        if self.shows_progress:
            _write_error(f"\r{text:<{len(self._progress)}}")
            self._progress = text

    def flush(self) -> None:
        self._clear_progress()
        with self._writing():
            self._out.flush()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            # What is still buffered must go somewhere, or the interpreter complains at its end.
            _discard(self._out)
            if error.errno not in _NOBODY_READS:
                sentence = tr("Not all could be written to standard output: {reason}.")
                self.fail(sentence.format(reason=error.strerror or tr("no reason given")))
            elif self._needs_reader:
                raise BrokenPipeError from error

    def _clear_progress(self) -> None:
        if self._progress:
            self.progress("")
            _write_error("\r")
            self._progress = ""


def _discard(out: TextIO) -> None:
    """Let whatever else is written to `out` vanish."""
    with contextlib.suppress(io.UnsupportedOperation), open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), out.fileno())


def _write_error(text: str) -> None:
    if sys.stderr is not None:
        # The terminal may be gone, and what is under way has to be put away all the same.
        with contextlib.suppress(OSError):
            sys.stderr.write(text)
            sys.stderr.flush()
