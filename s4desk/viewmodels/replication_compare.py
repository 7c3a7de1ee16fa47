"""A bucket and its replicas compared, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.replication.comparing import Kind
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.properties_error_text import property_names
from s4desk.viewmodels.rows import format_count, format_size, object_label

if TYPE_CHECKING:
    from s4desk.core.domain.replication.rules import Rule
    from s4desk.core.replication.comparing import Comparison, Difference


def compare_titles() -> tuple[str, ...]:
    return tr("Difference"), tr("Key"), tr("What differs"), tr("Size"), tr("Size there")


def compare_row(found: Difference) -> tuple[str, ...]:
    is_alike = found.kind is Kind.ATTRIBUTES
    return (
        tr("other attributes") if is_alike else kind_text(found.kind),
        object_label(found.key),
        property_names(", ".join(found.differs)),
        "" if found.size is None else format_size(found.size),
        "" if found.size_there is None else format_size(found.size_there),
    )


def kind_text(kind: Kind) -> str:
    """As it is counted: “3 missing there”."""
    return {
        Kind.MISSING: tr("missing there"),
        Kind.DIFFERENT: tr("different there"),
        Kind.ATTRIBUTES: tr("with other attributes"),
        Kind.UNPROVED: tr("as large, not proved to be the same"),
        Kind.EXTRA: tr("only there"),
    }[kind]


def comparing_text(comparison: Comparison) -> str:
    """How far it is."""
    looked = tr_n("{count} looked at", "{count} looked at", comparison.looked)
    said = tr("Comparing, {looked}: {counts}…")
    return said.format(
        looked=looked.format(count=format_count(comparison.looked)), counts=_counts(comparison)
    )


def compared_text(comparison: Comparison, *, is_stopped: bool = False) -> str:
    """What came of it, and what was not looked at."""
    parts = [tr("Stopped before the end: {counts}.") if is_stopped else "{counts}."]
    parts[0] = parts[0].format(counts=_counts(comparison))
    if not comparison.is_thorough:
        parts.append(unlooked_text())
    elif comparison.counts[Kind.ATTRIBUTES]:
        parts.append(tr("What has other attributes alone is not sent again by s4desk."))
    if comparison.unread:
        said = tr_n(
            "Of {count} object metadata, tags or the lock may not be read.",
            "Of {count} objects metadata, tags or the lock may not be read.",
            comparison.unread,
        )
        parts.append(said.format(count=format_count(comparison.unread)))
    return " ".join(parts)


def unlooked_text() -> str:
    """What a comparison by listings says nothing of."""
    return tr("Metadata, tags, storage classes and locks were not compared.")


def incomparable_text(rule: Rule) -> str:
    """Of a rule that keeps a key for each version."""
    said = tr(
        "“{rule}” keeps a key for each version, because its destination keeps no versions: they"
        " cannot be compared."
    )
    return said.format(rule=rule.id)


def _counts(comparison: Comparison) -> str:
    alike = tr_n("{count} as it should be", "{count} as they should be", comparison.same)
    parts = [alike.format(count=format_count(comparison.same))]
    parts += [
        tr("{count} {difference}").format(
            count=format_count(comparison.counts[kind]), difference=kind_text(kind)
        )
        for kind in Kind
        if comparison.counts[kind]
    ]
    return ", ".join(parts)
