"""What an experiment's end means: one place that makes answers of outcomes and of errors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from s4desk.core.domain.capability import Answer, Capability, Finding, Reason
from s4desk.core.domain.errors import (
    ClockSkewError,
    MalformedReplyError,
    NotSupportedError,
    PermissionDeniedError,
    StoreError,
    ThrottledError,
    TlsError,
    UnauthenticatedError,
    UnavailableError,
    WrongRegionError,
)
from s4desk.core.store.probe_bench import Bench

Findings = dict[Capability, Finding]
Experiment = Callable[[Bench], Awaitable[Findings]]

MAX_DETAIL: Final = 200
_ENDS: Final = (
    ClockSkewError,
    ThrottledError,
    TlsError,
    UnauthenticatedError,
    WrongRegionError,
)


def yes(reason: Reason = Reason.WORKED) -> Finding:
    return Finding(Answer.YES, reason)


def no(reason: Reason, detail: str = "") -> Finding:
    return Finding(Answer.NO, reason, detail[:MAX_DETAIL])


def unknown(reason: Reason, detail: str = "") -> Finding:
    return Finding(Answer.UNKNOWN, reason, detail[:MAX_DETAIL])


def of_error(error: StoreError) -> Finding:
    """The answer in a refusal, or in a reply that is to another question."""
    detail = said(error)
    if isinstance(error, MalformedReplyError):
        return no(Reason.IGNORED, detail)
    if isinstance(error, NotSupportedError):
        return no(Reason.REFUSED, detail)
    if isinstance(error, PermissionDeniedError):
        return Finding(Answer.DENIED, Reason.FORBIDDEN, detail)
    return unknown(Reason.FAILED, detail)


def said(error: StoreError) -> str:
    """What the store said, short: status, code, message."""
    status = f"{error.status} " if error.status and str(error.status) not in error.detail else ""
    return f"{status}{error.detail}"[:MAX_DETAIL]


def ends_probe(error: StoreError) -> bool:
    """Whether nothing else needs to be tried: the store, or the way to it, is gone."""
    is_broken = isinstance(error, UnavailableError) and not error.status
    return is_broken or isinstance(error, _ENDS)


async def tried(bench: Bench, covers: tuple[Capability, ...], experiment: Experiment) -> Findings:
    """What an experiment found; one answer for all it covers when it was refused as a whole.

    Raises the StoreError that ends the probe.
    """
    try:
        return await experiment(bench)
    except StoreError as error:
        if ends_probe(error):
            raise
        return dict.fromkeys(covers, of_error(error))
