"""Where s4desk begins. What is not needed for what was asked is not imported.

Ctrl-C may come while something is: so nothing is imported outside of `main`.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


INTERRUPTED = 130
NEW_OBJECTS = 20_000
"""So many new containers are worth a look for garbage. Most are modules, which stay: with the usual
700 a verb spends a tenth of its start on looks that find nothing."""


def main(words: Sequence[str] | None = None) -> int:
    """Open the window, or do what the command line says; returns the exit code.

    Without `words` it is all that the process is there for: Ctrl-C interrupts it once, and what
    comes later finds it about to end.
    """
    is_all = words is None
    if is_all and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt_once)
    try:
        code = _carry_out(words)
    except KeyboardInterrupt:
        code = _interrupted()
    if is_all:
        # The interpreter takes a while to end, and Ctrl-C would end it with a traceback.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if code == INTERRUPTED:
            _leave(code)
    return code


def _leave(code: int) -> None:
    """End the process here: what was broken off somewhere may keep the interpreter from it, or have
    it die of the signal after all, as it does when an `exec` was (PyRun_String in CPython)."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        with contextlib.suppress(OSError):
            stream.flush()
    os._exit(code)


def _interrupt_once(number: int, _: object) -> None:
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _carry_out(words: Sequence[str] | None) -> int:
    gc.set_threshold(NEW_OBJECTS)
    # The imports below are lazy on purpose: each way in loads only its own world.
    from s4desk.app.cli.arguments import build_parser  # noqa: PLC0415
    from s4desk.core.runtime import i18n  # noqa: PLC0415

    arguments = build_parser().parse_args(words)
    if arguments.version:
        return _print_version()
    if arguments.self_test:
        from s4desk.app.selftest import run_self_test  # noqa: PLC0415

        return run_self_test(sys.stdout)
    if arguments.verb is not None:
        if getattr(arguments, "json", False):
            i18n.choose(i18n.ENGLISH)  # what programs read is the same everywhere
        from s4desk.app.cli.run import run  # noqa: PLC0415

        return run(arguments)
    try:
        from s4desk.app.window import open_window  # noqa: PLC0415
    except ImportError as error:
        return _miss_library(error)
    return open_window(is_demo=arguments.demo)


def _interrupted() -> int:
    from s4desk.core.runtime.i18n import tr  # noqa: PLC0415

    if sys.stderr is not None:
        sys.stderr.write(f"{tr('Interrupted.')}\n")
    return INTERRUPTED


def _print_version() -> int:
    from importlib.metadata import version  # noqa: PLC0415

    sys.stdout.write(f"s4desk {version('s4desk')}\n")
    return 0


def _miss_library(error: ImportError) -> int:
    """Qt could not be loaded; the system lacks a library more often than Python a package."""
    from s4desk.app.libraries import install_hint  # noqa: PLC0415

    sys.stderr.write(f"s4desk: {install_hint(str(error))}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
