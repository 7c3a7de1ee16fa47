"""The text of errors of failover groups: who could not answer, and what to do about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import NotFoundError, S4DeskError, StoreError
from s4desk.core.failover.errors import BackendDownError, UsageLimitSkip
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.error_place import object_of
from s4desk.viewmodels.group_limits_text import limits_text

if TYPE_CHECKING:
    from s4desk.core.domain.errors import OlderSourceError
    from s4desk.core.domain.failover import UsageLimits
    from s4desk.core.failover.errors import (
        AllDownError,
        DegradedReadsOffError,
        HomeDownError,
        MixedOutcomeError,
        OutOfReachError,
        UsageLimitExceededError,
        WritesRefusedError,
    )

Explain = Callable[[BaseException], tuple[str, str]]
"""What is wrong with whatever is behind an error, and what to do about that."""


def down_problem(error: BackendDownError, explain: Explain) -> tuple[str, str]:
    """A member is left alone: why, and for how long."""
    if error.cause is None:
        return (
            tr("This member of the group is pretended to be down."),
            tr("End that in the status of the group."),
        )
    return (
        tr("This member of the group is left alone for some minutes: {reason}").format(
            reason=explain(error.cause)[0]
        ),
        tr("Wait, or try it now in the status of the group."),
    )


def writes_problem(error: WritesRefusedError, explain: Explain) -> tuple[str, str]:
    """Only the first member is written to, and it is not well."""
    said = tr(
        "Nothing was written: {member}, the only member of the group that is written to, is down."
        " {reason}"
    )
    advice = tr("Write when it is back; the status of the group tells when it is tried again.")
    return _without_home(error, said, advice, explain)


def home_problem(error: HomeDownError, explain: Explain) -> tuple[str, str]:
    """What only the first member can tell."""
    said = tr(
        "{member} is down, the first member of the group: versions, unfinished uploads, the"
        " configuration of buckets, and what is to be changed, are looked at there alone. {reason}"
    )
    advice = tr("Wait until it is back; the status of the group tells when it is tried again.")
    return _without_home(error, said, advice, explain)


def home_alone_text(member: str) -> str:
    """Beside what it failed with, where others are well."""
    said = tr("{member} is the first member of the group: no other stands in for it here.")
    return said.format(member=member)


def failed_too_text(members: Iterable[str]) -> str:
    """Beside what the last one failed with."""
    return tr("No other member of the group could do it: {members}.").format(
        members=", ".join(members)
    )


def _without_home(
    error: HomeDownError, said: str, advice: str, explain: Explain
) -> tuple[str, str]:
    if error.cause is None:
        reason, advice = tr("Somebody pretends that."), tr("End that in the status of the group.")
    else:
        reason = explain(error.cause)[0]
    return said.format(member=error.backend, reason=reason), advice


def limit_problem(error: UsageLimitExceededError) -> tuple[str, str]:
    """Nobody is left who may still be used this month, or only one may be asked."""
    if error.backend:
        return _beyond(error.limits[error.backend])
    beyond = tr("This would take {member} beyond its limit: {limit}.")
    said = " ".join(
        beyond.format(member=member, limit=limits_text(limit))
        for member, limit in error.limits.items()
    )
    return said, _limit_advice()


def skip_problem(error: UsageLimitSkip) -> tuple[str, str]:
    """One of several may not be used."""
    return _beyond(error.limit)


def _beyond(limit: UsageLimits) -> tuple[str, str]:
    said = tr("This would take this member of the group beyond its limit: {limit}.")
    return said.format(limit=limits_text(limit)), _limit_advice()


def _limit_advice() -> str:
    return tr(
        "Raise that limit in the group, or with “s4desk group limits”; else wait until the month"
        " has ended (in UTC)."
    )


def mixed_problem(error: MixedOutcomeError, explain: Explain) -> tuple[str, str]:
    """Some have nothing there, and others could not say."""
    absent = [name for name, each in error.outcomes.items() if _is_absent(each)]
    silent = {name: each for name, each in error.outcomes.items() if not _is_absent(each)}
    said = tr(
        "Whether {object} exists is not known: it is not at {absent}, and not every member could"
        " say. {reasons}"
    )
    lasting = (
        tr("{member}: {reason}").format(member=name, reason=explain(each)[1])
        for name, each in silent.items()
        if not _may_pass(each)
    )
    return (
        said.format(
            object=object_of(error),
            absent=", ".join(absent),
            reasons=_reasons(silent, explain),
        ).strip(),
        " ".join(lasting) or tr("Try again when all members of the group answer."),
    )


def out_of_reach_problem(error: OutOfReachError, explain: Explain) -> tuple[str, str]:
    """Who has it does not give it, and others have another."""
    said = tr(
        "{object} cannot be read at {member} now, and what other members of the group have is"
        " another object, or nobody knows that it is the same. {reason}"
    )
    advice = tr("Try again when {member} gives it.")
    if error.retryable:
        advice = tr("{member} was asked several times. Try again in a minute.")
    return (
        said.format(object=object_of(error), member=error.member, reason=explain(error.cause)[0]),
        advice.format(member=error.member),
    )


def older_source_problem(error: OlderSourceError) -> tuple[str, str]:
    """A stand-in gave it, and something is at the target."""
    said = tr(
        "{object} was read from {member}, because {home} did not give it, and may be older than"
        " what is at the target: nothing was replaced."
    )
    advice = tr("Wait for {home}, or delete the target first.")
    if error.is_to_file:
        advice = tr("Wait for {home}, or have the file overwritten.")
    if error.limit is not None:
        # Waiting would help next month.
        advice = _limit_advice()
    problem = said.format(object=object_of(error), member=error.member, home=error.home)
    return problem, advice.format(home=error.home)


def all_down_problem(error: AllDownError, explain: Explain) -> tuple[str, str]:
    """Nobody was left to ask."""
    reasons = _reasons({name: _cause(each) for name, each in error.outcomes.items()}, explain)
    advice = tr("Try them now, in the status of the group.")
    if any(_is_pretended(each) for each in error.outcomes.values()):
        advice = tr("Try them now, or end the drill, in the status of the group.")
    return tr("No member of the group can be asked."), f"{reasons} {advice}".strip()


def degraded_off_problem(_error: DegradedReadsOffError) -> tuple[str, str]:
    """Who would be asked at random is not."""
    return (
        tr(
            "Nobody knows now which member of the group holds what: its location index is repaired."
        ),
        tr("Try again in a minute, or let the group read without it."),
    )


def _reasons(outcomes: Mapping[str, S4DeskError], explain: Explain) -> str:
    """Those that are missing for the same reason together."""
    names: defaultdict[str, list[str]] = defaultdict(list)
    for name, each in outcomes.items():
        names[explain(each)[0]].append(name)
    told = (
        tr("{member}: {reason}").format(member=", ".join(members), reason=reason)
        for reason, members in names.items()
    )
    return " ".join(told)


def _cause(error: S4DeskError) -> S4DeskError:
    """What a member that is left alone has failed with; an error has no cause else."""
    cause = getattr(error, "cause", None)
    return cause if isinstance(cause, S4DeskError) else error


def _is_pretended(error: S4DeskError) -> bool:
    """Whether a member is left alone for a drill."""
    return isinstance(error, BackendDownError) and error.cause is None


def _may_pass(error: S4DeskError) -> bool:
    """Whether to try again may help: it does not where a limit is used up."""
    may_pass = isinstance(error, StoreError) and error.fails_over
    return may_pass and not isinstance(error, UsageLimitSkip)


def _is_absent(error: S4DeskError) -> bool:
    return isinstance(error, NotFoundError)
