"""What is said about a bucket policy that shuts its author out, before and after it is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import from_json
from s4desk.core.domain.lock_out import Barred, LockOut, lock_out
from s4desk.core.domain.public_access import is_public
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.config_policy import remarks

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from s4desk.core.store.policy_context import PolicyContext


def lock_out_sentence(found: LockOut | None) -> str:
    """What its author cannot do any more; empty for nothing."""
    if found is None:
        return ""
    certain = {
        Barred.ALL: tr(
            "This policy locks you out: afterwards you can neither change it nor remove it."
        ),
        Barred.CHANGE: tr(
            "Afterwards you cannot change this policy any more, only remove it: it refuses that to"
            " you as well."
        ),
        Barred.REMOVAL: tr(
            "Afterwards you cannot remove this policy any more, only change it: it refuses that to"
            " you as well."
        ),
    }
    possible = {
        Barred.ALL: tr(
            "This policy may lock you out: it depends on its conditions whether you can still"
            " change or remove it afterwards."
        ),
        Barred.CHANGE: tr(
            "It depends on the conditions of this policy whether you can still change it"
            " afterwards."
        ),
        Barred.REMOVAL: tr(
            "It depends on the conditions of this policy whether you can still remove it"
            " afterwards."
        ),
    }
    sentence = (certain if found.is_certain else possible)[found.barred]
    return f"{sentence} {rescue_text()}" if found.barred is Barred.ALL else sentence


def word_text(bucket: str, *, is_shutting_out: bool) -> str:
    """Beside the field in which the bucket's name is typed."""
    sentence = (
        tr("Type “{word}” to save it all the same:")
        if is_shutting_out
        else tr("Type “{word}” to let strangers in:")
    )
    return sentence.format(word=bucket)


def rescue_text() -> str:
    """Who gets a bucket back."""
    return tr(
        "At AWS only the root user of the bucket's account can take it away then; elsewhere, as"
        " with Ceph, whoever administers the store."
    )


def unread_text(*, is_removal: bool) -> str:
    """A policy was written, and forbids to read it back."""
    written = (
        tr("The policy was removed, but what is left does not let this key read it back.")
        if is_removal
        else tr("The policy was saved and holds now, but it does not let this key read it back.")
    )
    return f"{written} {rescue_text()}"


def policy_notes(
    kind: ConfigKind, value: Mapping[str, Any] | None, bucket: str, context: PolicyContext | None
) -> tuple[list[str], list[str]]:
    """What is dangerous about a policy, and what else is to be said of it; nothing of others."""
    if kind is not ConfigKind.POLICY or not value:
        return [], []
    return _warnings(value, context), policy_remarks(value, bucket, context)


def _warnings(value: Mapping[str, Any], context: PolicyContext | None) -> list[str]:
    if context is None:
        return []
    document = from_json(ConfigKind.POLICY, value)
    sentence = lock_out_sentence(lock_out(None, document, context.author))
    return [sentence] if sentence else []


def policy_remarks(
    value: Mapping[str, Any], bucket: str, context: PolicyContext | None
) -> list[str]:
    """What a block of public access makes of a policy, and what is probably not meant so."""
    is_blocked = context is not None and context.is_blocked
    is_of_no_use = is_blocked and is_public(from_json(ConfigKind.POLICY, value))
    blocked = [blocked_text()] if is_of_no_use else []
    return [*blocked, *remarks(value, bucket)]


def blocked_text() -> str:
    """Said below a policy that lets everybody in, where public access is blocked."""
    return tr(
        "But public access is blocked in this bucket: the store refuses a new policy that lets"
        " everybody in, and of one that is there only this account has the use."
    )
