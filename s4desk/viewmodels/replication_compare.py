"""A bucket and its replicas compared, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.replication.comparing import Kind
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.rows import format_count, format_size, object_label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.replication.comparing import Difference


def compare_titles() -> tuple[str, ...]:
    return tr("Difference"), tr("Key"), tr("Size"), tr("Size there")


def compare_row(found: Difference) -> tuple[str, ...]:
    return (
        kind_text(found.kind),
        object_label(found.key),
        "" if found.size is None else format_size(found.size),
        "" if found.size_there is None else format_size(found.size_there),
    )


def kind_text(kind: Kind) -> str:
    return {
        Kind.MISSING: tr("missing there"),
        Kind.DIFFERENT: tr("different there"),
        Kind.UNPROVED: tr("as large, not proved to be the same"),
        Kind.EXTRA: tr("only there"),
    }[kind]


def compare_text(same: int, counts: Mapping[Kind, int], *, is_running: bool) -> str:
    """How many of what, so far or in all."""
    alike = tr_n("{count} as it should be", "{count} as they should be", same)
    parts = [alike.format(count=format_count(same))]
    parts += [
        tr("{count} {difference}").format(count=format_count(counts[kind]), difference=text)
        for kind, text in ((kind, kind_text(kind)) for kind in Kind)
        if counts.get(kind)
    ]
    said = ", ".join(parts)
    return tr("Comparing: {counts}…").format(counts=said) if is_running else f"{said}."
