"""What is said about a policy or an ACL that shuts its author out, before and after it is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.access import Permission
from s4desk.core.domain.acl_lock_out import RIGHTS, owner_loss
from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import as_json, from_json
from s4desk.core.domain.lock_out import Barred, LockOut, lock_out
from s4desk.core.domain.public_access import is_public
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.config_policy import remarks

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from s4desk.core.domain.acl_lock_out import Loss
    from s4desk.core.domain.bucket_config import BucketDocument
    from s4desk.core.store.policy_context import PolicyContext


def shut_out_sentence(
    kind: ConfigKind,
    before: BucketDocument | None,
    after: BucketDocument | None,
    context: PolicyContext | None,
) -> str:
    """What saving `after` over `before` takes from whoever saves it; empty for nothing. Without
    its context nothing is said of a policy."""
    if kind is ConfigKind.ACL:
        return _loss_sentence(owner_loss(as_json(before), as_json(after)))
    if kind is ConfigKind.POLICY and context is not None:
        return lock_out_sentence(lock_out(before, after, context.author))
    return ""


def _loss_sentence(loss: Loss | None) -> str:
    if loss is None:
        return ""
    if not loss.is_certain:
        return tr(
            "This list may lock the owner of the bucket out: whether the address in it is theirs,"
            " only the store knows. {rescue}"
        ).format(rescue=_owner_text())
    if loss.rights == RIGHTS:
        return tr(
            "This list locks the owner of the bucket out: it lets them neither read nor write."
            " {rescue}"
        ).format(rescue=_owner_text())
    if Permission.READ in loss.rights:
        return tr(
            "This list does not let the owner of the bucket see what is in it any more. {rescue}"
        ).format(rescue=_owner_text())
    return tr(
        "This list does not let the owner of the bucket upload and delete any more. {rescue}"
    ).format(rescue=_owner_text())


def _owner_text() -> str:
    """How much of it holds where, and who gets out again."""
    return tr(
        "Stores that know other rights too, as AWS, let the owner in by those; at others, as Ceph,"
        " nothing is left to the owner but to change this list again."
    )


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


def access_notes(
    kind: ConfigKind,
    before: BucketDocument | None,
    value: Mapping[str, Any] | None,
    bucket: str,
    context: PolicyContext | None,
) -> tuple[list[str], list[str]]:
    """What is dangerous about a policy or an ACL, and what else is to be said of it; nothing of
    others."""
    if not value:
        return [], []
    if kind is ConfigKind.ACL:
        return [*filter(None, [_loss_sentence(owner_loss(as_json(before), value))])], []
    if kind is not ConfigKind.POLICY:
        return [], []
    # It is as dangerous when it is there already.
    sentence = shut_out_sentence(kind, None, from_json(kind, value), context)
    return [*filter(None, [sentence])], policy_remarks(value, bucket, context)


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
