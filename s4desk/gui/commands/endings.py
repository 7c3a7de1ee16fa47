"""How something ends that is looked through until somebody stops it: told where it is shown."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass
class Ending:
    """What is told once it is over: a sentence, or what went wrong."""

    said: BaseException | str = ""


@contextmanager
def ended(tell: Callable[[BaseException | str], None], said: str = "") -> Iterator[Ending]:
    """Whatever comes of what is done in it, `tell` hears of it once: `said`, unless it is told
    otherwise meanwhile, the error that it ended with, or that it was stopped. Errors of ours go no
    further."""
    ending = Ending(said)
    try:
        yield ending
    except S4DeskError as error:
        ending.said = error
    except asyncio.CancelledError:
        ending.said = tr("Stopped: there is more.")
        raise
    finally:
        tell(ending.said)
