"""What a person reads when something went wrong: what it is, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from s4desk.core.domain import errors
from s4desk.core.failover.errors import HomeDownError
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.logs import redacted
from s4desk.core.store.causes import may_speak_tls
from s4desk.viewmodels.error_problems import problem_of
from s4desk.viewmodels.group_error_text import failed_too_text, home_alone_text
from s4desk.viewmodels.printable import printable


@dataclass(frozen=True, slots=True)
class ErrorText:
    """`problem` says what is wrong, `advice` what to do; both are whole sentences."""

    problem: str
    advice: str


def describe(error: BaseException) -> str:
    """The whole text for a person: one line, nothing of Python in it, no secret."""
    return _in_one(explain(error))


def sentences(error: BaseException) -> str:
    """The same without the backend of a group that it is of, for who has named that."""
    return _in_one(_text_of(error))


def explain(error: BaseException) -> ErrorText:
    """What `describe` says in two parts, for windows that set them apart."""
    text = _text_of(error)
    # Those that are made for groups name their backends where they need to.
    if isinstance(error, errors.S4DeskError) and not isinstance(error, HomeDownError):
        backend = _shown(error.backend)
        problem = f"{backend}: {text.problem}" if backend else text.problem
        if error.failed_too:
            problem = f"{problem} {failed_too_text(map(_shown, error.failed_too))}"
        return replace(text, problem=problem)
    return text


def _text_of(error: BaseException) -> ErrorText:
    problem, advice = problem_of(error)
    if isinstance(error, errors.S4DeskError) and error.is_home_alone:
        problem = f"{problem} {home_alone_text(error.backend)}"
    if may_speak_tls(error):
        hint = tr("If this port speaks TLS, begin the endpoint with https://.")
        advice = f"{hint} {advice}".strip()
    return ErrorText(_shown(problem), _shown(advice))


def _in_one(text: ErrorText) -> str:
    return f"{text.problem} {text.advice}".strip()


def fault_of(error: BaseException) -> str:
    """What is wrong with a member of a group, where it is not told what that means for a request:
    the same error may be that of one for which nobody stands in."""
    return _shown(problem_of(error)[0])


def in_full(error: BaseException) -> str:
    """The sentences, and below them the details."""
    return "\n".join(filter(None, (describe(error), details(error))))


def details(error: BaseException) -> str:
    """What the store said, for "Details" and for whoever looks after it."""
    if not isinstance(error, errors.StoreError):
        is_ours = isinstance(error, errors.S4DeskError | OSError)
        return "" if is_ours else _shown(f"{type(error).__name__}: {error}")
    facts = {
        tr("Connection"): error.connection.name if error.connection is not None else "",
        tr("Group"): error.group,
        tr("Request"): error.operation,
        tr("Object"): str(error.location or ""),
        tr("Status"): str(error.status or ""),
        tr("Code"): error.code,
        tr("Request id"): error.request_id,
        tr("The store said"): error.detail,
    }
    return "\n".join(f"{name}: {_shown(fact)}" for name, fact in facts.items() if fact)


def _shown(text: str) -> str:
    return printable(redacted(text))
