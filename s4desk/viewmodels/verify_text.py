"""What reading something again has shown, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.transfer.verifying import Finding, is_only_there
from s4desk.viewmodels.answer_text import stand_in_text
from s4desk.viewmodels.error_text import describe
from s4desk.viewmodels.rows import display_name, format_bytes, format_count, format_size
from s4desk.viewmodels.transfer_text import BETWEEN

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.transfer.inventory import Held
    from s4desk.core.transfer.verifying import Outcome, Verdict, Verification

    NameOf = Callable[[ConnectionId], str]


def finding_text(finding: Finding) -> str:
    return {
        Finding.SAME: tr("The same"),
        Finding.DIFFERENT: tr("Different"),
        Finding.UNPROVED: tr("Cannot be told"),
    }[finding]


def verdict_text(verdict: Verdict, name_of: NameOf | None = None) -> str:
    """The whole verdict, with both sums where they differ, and by `name_of` who stood in for the
    first member of a group."""
    said = _verdict_text(verdict)
    if verdict.finding is Finding.DIFFERENT and verdict.may_be_old:
        sentence = tr(
            "This need not be damage: an older copy may have been compared, since another member of"
            " the group than the first one gave it. {verdict}"
        )
        said = sentence.format(verdict=said)
    served = "" if name_of is None else stand_in_text(verdict.served, name_of)
    return f"{said} {served}".rstrip()


def _verdict_text(verdict: Verdict) -> str:
    algorithm = verdict.algorithm.upper()
    if verdict.finding is Finding.UNPROVED:
        return tr(
            "The store keeps no checksum of the whole object. Compare it with a local copy instead."
        )
    if verdict.finding is Finding.SAME:
        sentence = tr("Read again, every byte is the same ({algorithm} {sum}).")
        return sentence.format(algorithm=algorithm, sum=verdict.read)
    if verdict.other_size is not None and verdict.other_size != verdict.size:
        sentence = tr("Read again, the object has {size}, the other end {other}.")
        other = format_bytes(verdict.other_size)
        return sentence.format(size=format_bytes(verdict.size), other=other)
    sums = [tr("{sum} is what the object has now").format(sum=verdict.read)]
    if verdict.stored:
        sums.append(tr("{sum} is what its store keeps").format(sum=verdict.stored))
    if verdict.other:
        sums.append(tr("{sum} is what the other end has").format(sum=verdict.other))
    sentence = tr("Read again, the bytes differ. {algorithm}: {sums}.")
    return sentence.format(algorithm=algorithm, sums=", ".join(sums))


def only_here_text() -> str:
    return tr("It is only here: the store has no such object.")


def only_there_text(outcome: Outcome) -> str:
    return tr("It is only there: {path} does not exist.").format(path=outcome.pair.other)


def outcome_columns() -> tuple[str, ...]:
    return (
        tr("Object"),
        tr("Result"),
        tr("Checksum"),
        tr("Read now"),
        tr("Kept by the store"),
        tr("At the other end"),
    )


def outcome_rows(outcomes: Sequence[Outcome]) -> list[tuple[str, ...]]:
    return [_row(each) for each in outcomes]


def only_here_rows(files: Sequence[Held]) -> list[tuple[str, ...]]:
    """Rows for files that no object stands for, under those of `outcome_rows`."""
    return [(display_name(str(each.place)), only_here_text(), "", "", "", "") for each in files]


def _row(outcome: Outcome) -> tuple[str, ...]:
    name = display_name(outcome.pair.address.location.key)
    verdict = outcome.verdict
    if verdict is None:
        said = describe(outcome.error) if outcome.error is not None else ""
        if is_only_there(outcome):
            said = only_there_text(outcome)
        return (name, said, "", "", "", "")
    read, other = verdict.read, verdict.other
    if verdict.other_size is not None and verdict.other_size != verdict.size:
        read, other = format_bytes(verdict.size), format_bytes(verdict.other_size)
    algorithm = verdict.algorithm.upper()
    return (name, _finding_text(verdict), algorithm, read, verdict.stored, other)


def _finding_text(verdict: Verdict) -> str:
    if verdict.finding is Finding.DIFFERENT and verdict.may_be_old:
        return tr("Different from a copy that may be older")
    return finding_text(verdict.finding)


def verifying_text(verification: Verification) -> str:
    """How far it is."""
    sentence = tr_n("{count} object verified", "{count} objects verified", verification.done)
    told = sentence.format(count=format_count(verification.done))
    return f"{told}{BETWEEN}{format_size(max(0, verification.bytes_read))}"


def report_text(
    verification: Verification,
    *,
    is_stopped: bool = False,
    only_here: int = 0,
    only_there: int = 0,
) -> str:
    """What has come out, in one sentence; `only_there` are of those that could not be read."""
    counts = verification.counts
    same, different = counts[Finding.SAME], counts[Finding.DIFFERENT]
    unproved, failed = counts[Finding.UNPROVED], verification.failed - only_there
    told = [
        _said(tr_n("{count} is the same", "{count} are the same", same), same),
        _said(tr_n("{count} differs", "{count} differ", different), different),
        _said(tr_n("{count} cannot be told", "{count} cannot be told", unproved), unproved),
        _said(tr_n("{count} cannot be read", "{count} cannot be read", failed), failed),
        _said(tr_n("{count} is only there", "{count} are only there", only_there), only_there),
        _said(tr_n("{count} is only here", "{count} are only here", only_here), only_here),
        tr("the rest was left, because you stopped it") if is_stopped else "",
    ]
    if not any(told):
        return tr("There is no object to verify.")
    said = tr("Verified: {parts}.").format(parts=", ".join(filter(None, told)))
    older = tr_n(
        "{count} was read from another member of the group than the first, and may be older.",
        "{count} were read from other members of the group than the first, and may be older.",
        verification.older,
    )
    return f"{said} {_said(older, verification.older)}".rstrip()


def _said(text: str, count: int) -> str:
    """What there is none of is not mentioned."""
    return text.format(count=format_count(count)) if count else ""
