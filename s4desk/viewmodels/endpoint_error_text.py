"""What a person reads when a connection does not lead where it did, or is not there any more."""

from __future__ import annotations

from s4desk.core.domain.errors import ConnectionGoneError, ConnectionMovedError
from s4desk.core.domain.failover import SCHEME
from s4desk.core.runtime.i18n import tr


def endpoint_problem(error: ConnectionMovedError | ConnectionGoneError) -> tuple[str, str]:
    """What is wrong, and what to do about it."""
    return _moved(error) if isinstance(error, ConnectionMovedError) else _gone(error)


def _moved(error: ConnectionMovedError) -> tuple[str, str]:
    sentence = tr(
        "This was begun when “{name}” led to {before}; it leads to {now} now, and there nothing of"
        " it is done."
    )
    advice = tr(
        "Point the connection back to {before}, and it goes on. If both are the same store:"
        " “s4desk transfers resume --same-store”, or Retry in the window. To give it up:"
        " “s4desk transfers cancel --forget”."
    )
    names = {"name": error.name, "before": _shown(error.before), "now": _shown(error.now)}
    return sentence.format(**names), advice.format(**names)


def _gone(error: ConnectionGoneError) -> tuple[str, str]:
    advice = tr(
        "“s4desk transfers cancel --forget” forgets it; give the command again to begin it anew."
    )
    if not error.before:
        return tr("The connection it was begun with is not there any more."), advice
    sentence = tr("The connection it was begun with is not there any more; it led to {before}.")
    return sentence.format(before=_shown(error.before)), advice


def _shown(endpoint: str) -> str:
    """That of a group is that of its first member, with the names that buckets have there."""
    address, _, names = endpoint.removeprefix(f"{SCHEME}:").partition("#")
    shown = address or "AWS"
    return f"{shown} ({names})" if names else shown
