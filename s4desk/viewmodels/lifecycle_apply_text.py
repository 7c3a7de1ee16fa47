"""What is said of rules that s4desk applies itself: before, meanwhile and afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain import errors
from s4desk.core.domain.lifecycle.candidates import Versioning
from s4desk.core.domain.lifecycle.decisions import Action
from s4desk.core.lifecycle.concerns import Doubt
from s4desk.core.lifecycle.report import Outcome, RunState
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.error_text import explain
from s4desk.viewmodels.lifecycle_chart import chart_action_text
from s4desk.viewmodels.printable import printable
from s4desk.viewmodels.properties_error_text import property_names
from s4desk.viewmodels.rows import format_count, format_size

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from s4desk.core.lifecycle.plan import Plan
    from s4desk.core.lifecycle.report import ApplyReport, NotDone, Settled

_ON_THE_WAY = {
    each.__name__: each
    for each in (errors.UnavailableError, errors.UnreachableError, errors.StalledError)
}
_MOVES = frozenset({Action.TRANSITION, Action.TRANSITION_NONCURRENT})


def plan_rows(plan: Plan) -> list[list[str]]:
    """What would be done, a row for each action, and what stays and why: how many, how large."""
    rows = [
        [words, format_count(count), format_size(size) if size else ""]
        for action, amount in plan.counts.items()
        for words, (count, size) in _planned(plan, action, amount)
        if count
    ]
    for skipped, count in plan.skipped.items():
        rows.append([outcome_text(Outcome(skipped.value)), format_count(count), ""])
    return rows


def plan_lines(plan: Plan) -> list[str]:
    """The same in sentences."""
    return [
        f"{what}: {count} ({size})" if size else f"{what}: {count}"
        for what, count, size in plan_rows(plan)
    ]


def _planned(
    plan: Plan, action: Action, amount: tuple[int, int]
) -> Sequence[tuple[str, tuple[int, int]]]:
    """An expiration may do two things, for it depends on which version is the current one."""
    if action is not Action.EXPIRE:
        return [(_planned_text(action, _classes(plan)), amount)]
    kept = _kept(plan)
    lost = (amount[0] - kept[0], amount[1] - kept[1])
    deleted = (
        tr("objects whose content a delete marker replaces: it is deleted for good")
        if plan.versioning is Versioning.SUSPENDED
        else tr("objects that are deleted")
    )
    hidden = tr("objects that get a delete marker, and stay as noncurrent versions")
    return [(deleted, lost), (hidden, kept)]


def _kept(plan: Plan) -> tuple[int, int]:
    """Of what expires, how much stays for certain."""
    return (0, 0) if _is_guessed(plan) else plan.kept


def _classes(plan: Plan) -> str:
    """Names of the classes that objects go to."""
    return ", ".join(map(printable, plan.classes))


def _planned_text(action: Action, classes: str) -> str:
    return {
        Action.TRANSITION: tr("objects that are copied to storage class {name}").format(
            name=classes
        ),
        Action.EXPIRE_NONCURRENT: tr("noncurrent versions that are deleted for good"),
        Action.TRANSITION_NONCURRENT: tr(
            "noncurrent versions that only the store itself could move"
        ),
        Action.REMOVE_DELETE_MARKER: tr("delete markers that nothing is behind"),
        Action.ABORT_UPLOAD: tr("unfinished uploads that are aborted"),
    }[action]


def plan_warnings(plan: Plan) -> list[str]:
    """What a person has to know before they agree."""
    said = []
    if Action.TRANSITION in plan.counts:
        said.append(
            tr(
                "A copy is a new object: its age begins anew, and later rules count from today."
                " The version before it stays as a noncurrent one."
            )
            if plan.versioning is Versioning.ENABLED
            else tr(
                "A copy is a new object: its age begins anew, and later rules count from today."
            )
        )
    if plan.errors:
        sentence = tr_n(
            "{count} object does not say what decides about it (tags, locks) and is left alone.",
            "{count} objects do not say what decides about them (tags, locks) and are left alone.",
            plan.errors,
        )
        said.append(sentence.format(count=format_count(plan.errors)))
    if plan.versioning is Versioning.SUSPENDED and (replaced := _replaced(plan)):
        sentence = tr_n(
            "Versioning is suspended: {count} version that was written before it was enabled, or"
            " since it is suspended, is deleted for good: the delete marker takes its place.",
            "Versioning is suspended: {count} versions that were written before it was enabled, or"
            " since it is suspended, are deleted for good: delete markers take their places.",
            replaced,
        )
        said.append(sentence.format(count=format_count(replaced)))
    return said


def _replaced(plan: Plan) -> int:
    """How many null versions the markers replace: current ones, and those that are behind."""
    expired, _ = plan.counts.get(Action.EXPIRE, (0, 0))
    return expired - plan.kept[0] + len(plan.consequences)


def question(plan: Plan, place: str) -> str:
    """Whether it shall be done."""
    total = sum(count for count, _ in plan.counts.values())
    sentence = tr_n(
        "Do this to {count} object in {place}? {meaning}",
        "Do this to {count} objects in {place}? {meaning}",
        total,
    )
    return sentence.format(
        count=format_count(total), place=printable(place), meaning=_meaning(plan)
    )


def _meaning(plan: Plan) -> str:
    """Whether it can be undone."""
    if set(plan.counts) <= _MOVES:
        return tr("Nothing is deleted.")
    if not is_permanent(plan):
        return tr("Versions stay, and can be brought back.")
    return tr("This cannot be undone.")


def is_permanent(plan: Plan) -> bool:
    """Whether anything would be gone for good."""
    expired = plan.counts.get(Action.EXPIRE, (0, 0))
    harmless = {*_MOVES, Action.EXPIRE} if _kept(plan) == expired else _MOVES
    return not set(plan.counts) <= harmless


def _is_guessed(plan: Plan) -> bool:
    """Whether nobody could say if the bucket keeps versions."""
    return any(each.doubt is Doubt.VERSIONING for each in plan.concerns)


def outcome_text(outcome: Outcome) -> str:
    """Why something was not done."""
    return {
        Outcome.DONE: tr("done"),
        Outcome.LOCKED: tr("locked, and so it stays"),
        Outcome.REPLICATION_PENDING: tr("not replicated yet, and so it stays"),
        Outcome.CHANGED: tr("changed since it was planned, and so it stays"),
        Outcome.GONE: tr("gone already"),
        Outcome.NEEDED: tr("a transfer here still needs the upload"),
        Outcome.REPLACES: tr(
            "its copy would take the place of the version “null”, and so both stay"
        ),
        Outcome.HIDDEN: tr(
            "its other versions may not be listed, and one of them may be lost, so all stay"
        ),
        Outcome.VERSIONING: tr(
            "whether the bucket keeps versions is not as it was planned, and so it stays"
        ),
        Outcome.IMPOSSIBLE: tr("only the store itself can move a noncurrent version"),
        Outcome.FAILED: tr("failed"),
        Outcome.INCOMPLETE: tr(
            "moved, but the store did not keep all that belongs to it, or does not tell"
        ),
        Outcome.MIXED: tr(
            "somebody wrote it while it was moved: their content has the metadata and the tags of"
            " the one before, and has lost its own"
        ),
        Outcome.IN_DOUBT: tr("not known whether done"),
    }[outcome]


def settled_row(settled: Settled, versioning: Versioning, storage_class: str = "") -> list[str]:
    """What became of one thing: its key and version, what was to be done, and what was;
    `storage_class` is that of a transition, if it is known."""
    action = settled.action
    said = "" if action is None else chart_action_text(action, versioning, storage_class)
    return [
        printable(settled.key),
        printable(settled.version),
        said,
        not_done_text(settled),
    ]


def not_done_text(left: NotDone | Settled) -> str:
    """Why, with the store's own words if it refused."""
    said = outcome_text(left.outcome)
    if left.outcome is Outcome.INCOMPLETE:
        return f"{said}: {property_names(left.detail)}"
    kind = _ON_THE_WAY.get(left.code)
    if kind is not None:
        # No store said that: it is what became of the way there.
        return f"{said}: {explain(kind(left.detail, operation='')).problem}"
    # Stores mostly begin with it what they say.
    words = (left.detail,) if left.detail.startswith(left.code) else (left.code, left.detail)
    told = " ".join(filter(None, words))
    return f"{said}: {told}" if told else said


def done_words(plan: Plan | None = None) -> Mapping[str, str]:
    """The counters of a report that are worth a line when they are not 0; the `plan` tells what
    exactly was done."""
    return {
        "expired": _expired_words(plan),
        "transitioned": (
            tr("moved to storage class {name}").format(name=_classes(plan))
            if plan is not None and plan.classes
            else tr("moved to another storage class")
        ),
        "noncurrent_expired": tr("noncurrent versions deleted"),
        "delete_markers_removed": tr("delete markers removed"),
        "aborted_uploads": tr("uploads aborted"),
        "skipped_locked": tr("locked, and left"),
        "skipped_replication": tr("not replicated yet, and left"),
        "changed_since": tr("changed or gone since, and left"),
        "not_possible": tr("not possible here, and left"),
        "errors": tr("errors"),
        "in_doubt": tr("not known whether done"),
    }


def _expired_words(plan: Plan | None) -> str:
    if plan is None or _is_guessed(plan) or plan.versioning is Versioning.SUSPENDED:
        return tr("deleted, or put under a delete marker")
    is_kept = plan.versioning is Versioning.ENABLED
    return tr("put under a delete marker") if is_kept else tr("deleted")


def report_rows(report: ApplyReport, plan: Plan | None = None) -> list[list[str]]:
    """What was done and what was not, counter by counter."""
    counters, words = report.counters, done_words(plan)
    return [[word, format_count(counters[name])] for name, word in words.items() if counters[name]]


def report_lines(report: ApplyReport, plan: Plan | None = None) -> list[str]:
    """The same in sentences, after how it ended."""
    rows = report_rows(report, plan)
    return [state_text(report), *(f"{word}: {count}" for word, count in rows)]


def state_text(report: ApplyReport, *, is_paused: bool = False) -> str:
    on, rests = tr("It goes on: {tried} of {planned} so far."), tr("Paused: {tried} of {planned}.")
    return {
        RunState.RUNNING: rests if is_paused else on,
        RunState.FINISHED: tr("All that was planned was tried: {tried} of {planned}."),
        RunState.STOPPED: tr("Stopped: {tried} of {planned} were tried."),
        RunState.GIVEN_UP: tr("Given up: {tried} of {planned} were tried."),
        RunState.CUT_OFF: tr("Cut off: {tried} of {planned} are known to have been tried."),
    }[report.state].format(tried=format_count(report.tried), planned=format_count(report.planned))
