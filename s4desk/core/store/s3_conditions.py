"""Conditions on writes: what is promised, and what is sent as a safeguard."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Final, TypeVar

from s4desk.core.domain.errors import InvalidRequestError, NotSupportedError
from s4desk.core.store.capabilities import IfMatch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from s4desk.core.store.capabilities import Capabilities
    from s4desk.core.store.protocol import Condition
    from s4desk.core.store.s3_sender import S3Request

T = TypeVar("T")
_MATCH: Final = "if-match"


class Writing(Enum):
    """The requests that make an object. Stores honour conditions on some of them and not others."""

    PUT = "put"
    COMPLETE = "complete"
    COPY = "copy"


def sent_under(
    condition: Condition | None,
    capabilities: Capabilities,
    writing: Writing,
    send: Callable[[dict[str, str]], T],
) -> T:
    """What `send` returns for the headers of the condition.

    A safeguard that the store refuses to read is left out, this time and from then on. Raises
    NotSupportedError as `condition_headers` does.
    """
    headers = condition_headers(condition, capabilities, writing)
    try:
        result = send(headers)
    except (InvalidRequestError, NotSupportedError) as refusal:
        if not _is_trial(headers, capabilities, writing) or refusal.status not in (400, 501):
            raise
    else:
        if condition is not None and condition.is_bare:
            capabilities.if_match_seems = IfMatch.BARE
        return result
    # Refused for another reason, it is refused again, and nothing is learned.
    result = send({})
    if _MATCH in headers and writing is Writing.PUT:
        capabilities.if_match_seems = IfMatch.UNSUPPORTED
    else:
        _learn_refused(capabilities, writing)
    return result


def under(request: S3Request, conditions: Mapping[str, str]) -> S3Request:
    """A write with its conditions: sent twice, one that is allowed only once refuses itself."""
    is_idempotent = request.is_idempotent and not conditions
    return replace(request, headers={**request.headers, **conditions}, is_idempotent=is_idempotent)


def condition_headers(
    condition: Condition | None, capabilities: Capabilities, writing: Writing = Writing.PUT
) -> dict[str, str]:
    """The headers of a conditional write.

    Raises NotSupportedError for a store that is not known to honour them, unless the condition is
    only a safeguard: it would overwrite in silence.
    """
    if condition is None:
        return {}
    headers: dict[str, str] = {}
    honours = _honours(capabilities, writing)
    if condition.if_absent:
        if not honours and not condition.is_safeguard:
            raise NotSupportedError("the store is not known to honour If-None-Match")
        if honours is not False:
            headers["if-none-match"] = "*"
    if condition.if_match:
        if not (_keeps_match(capabilities, writing) or condition.is_safeguard):
            raise NotSupportedError("the store is not known to honour If-Match on a write")
        style = capabilities.if_match or capabilities.if_match_seems
        is_heard = style is not IfMatch.UNSUPPORTED
        if is_heard and (writing is Writing.PUT or honours is not False):
            is_bare = style is IfMatch.BARE or (style is None and condition.is_bare)
            headers[_MATCH] = condition.if_match if is_bare else f'"{condition.if_match}"'
    return headers


def _keeps_match(capabilities: Capabilities, writing: Writing) -> bool:
    """Whether If-Match is known to be heeded."""
    is_known = capabilities.if_match in (IfMatch.QUOTED, IfMatch.BARE)
    return is_known and (writing is Writing.PUT or bool(_honours(capabilities, writing)))


def _is_trial(headers: Mapping[str, str], capabilities: Capabilities, writing: Writing) -> bool:
    """Whether nobody knows what the store does with these conditions."""
    if _MATCH in headers:
        return not _keeps_match(capabilities, writing)
    return bool(headers) and _honours(capabilities, writing) is None


def _honours(capabilities: Capabilities, writing: Writing) -> bool | None:
    match writing:
        case Writing.PUT:
            return capabilities.conditional_put
        case Writing.COMPLETE:
            return capabilities.conditional_complete
        case Writing.COPY:
            return capabilities.conditional_copy


def _learn_refused(capabilities: Capabilities, writing: Writing) -> None:
    match writing:
        case Writing.PUT:
            capabilities.conditional_put = False
        case Writing.COMPLETE:
            capabilities.conditional_complete = False
        case Writing.COPY:
            capabilities.conditional_copy = False
