"""Rules to begin with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Collection


@dataclass(frozen=True, slots=True)
class RuleTemplate:
    """`rule` is complete but for what depends on the bucket; its ID is a stem."""

    title: str
    tip: str
    rule: dict[str, Any]


def rule_templates() -> list[RuleTemplate]:
    return [
        RuleTemplate(tr("&Empty Rule…"), tr("Say all of it yourself"), _rule("rule")),
        RuleTemplate(
            tr("E&xpire Temporary Files…"),
            tr("What is under tmp/ is deleted after 7 days"),
            _rule("expire-temporary-files", prefix="tmp/", Expiration={"Days": 7}),
        ),
        RuleTemplate(
            tr("&Abort Stale Uploads…"),
            tr("Parts of uploads that nobody finished are paid for until then"),
            _rule(
                "abort-stale-uploads",
                AbortIncompleteMultipartUpload={"DaysAfterInitiation": 7},
            ),
        ),
        RuleTemplate(
            tr("&Tier Down…"),
            tr("To cheaper classes after 30, 90 and 365 days"),
            _rule(
                "tier-down",
                Transitions=[
                    {"Days": 30, "StorageClass": "STANDARD_IA"},
                    {"Days": 90, "StorageClass": "GLACIER"},
                    {"Days": 365, "StorageClass": "DEEP_ARCHIVE"},
                ],
            ),
        ),
        RuleTemplate(
            tr("&Keep the Last Versions…"),
            tr("Old versions go after 30 days, but for the newest 5"),
            _rule(
                "keep-last-versions",
                NoncurrentVersionExpiration={"NoncurrentDays": 30, "NewerNoncurrentVersions": 5},
            ),
        ),
    ]


def free_id(stem: str, taken: Collection[str]) -> str:
    """`stem`, with a number where another rule has it."""
    number, id = 1, stem
    while id in taken:
        number += 1
        id = f"{stem}-{number}"
    return id


def _rule(id: str, prefix: str = "", **deeds: Any) -> dict[str, Any]:
    return {"ID": id, "Filter": {"Prefix": prefix}, "Status": "Enabled", **deeds}
