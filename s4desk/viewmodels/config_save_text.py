"""What is said when a configuration is saved: what it opens, how it ended, who was faster."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.public_access import Exposure, Opening
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.config_grant_table import permission_names
from s4desk.viewmodels.config_pages import words_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST = 5
"""So many differences are named, the others counted."""


def exposure_sentence(exposure: Exposure) -> str:
    """What strangers can do once it is saved."""
    detail = exposure.detail
    permission = permission_names().get(detail, detail)
    return {
        Opening.POLICY: tr("Everybody, also without a key, is allowed: {what}."),
        Opening.UNREADABLE_POLICY: tr("The policy cannot be read here: it may let everybody in."),
        Opening.ACL_EVERYBODY: tr("Everybody, also without a key, is granted: {permission}."),
        Opening.ACL_ANY_ACCOUNT: tr(
            "Whoever has any account at this provider is granted: {permission}."
        ),
        Opening.BLOCK_LIFTED: tr("Public access is no longer blocked in one way: {detail}."),
        Opening.ACLS_APPLY: tr("Grants count again, also those on single objects."),
        Opening.WEBSITE: tr("The bucket gets an address at which browsers can open it."),
    }[exposure.opening].format(
        detail=detail, permission=permission, what=_allowed(detail) or detail
    )


def exposure_sentences(exposures: Sequence[Exposure]) -> list[str]:
    return [exposure_sentence(each) for each in exposures]


def is_suspended(kind: ConfigKind, before: Mapping[str, Any]) -> bool:
    """Whether what was put back is not what was there: versioning where there never was any."""
    return kind is ConfigKind.VERSIONING and not before.get("Status")


def _allowed(detail: str) -> str:
    """The actions of a statement, from the JSON that tells of it."""
    try:
        parts: Any = json.loads(detail)
    except ValueError:
        return ""
    if not isinstance(parts, dict):
        return ""
    sentences = {
        "Action": "{names}",
        "NotAction": tr("everything but {names}"),
        "Resource": "{names}",
        "NotResource": tr("everywhere but {names}"),
    }
    return ", ".join(
        sentence.format(names=", ".join(map(str, parts[name])))
        for name, sentence in sentences.items()
        if parts.get(name)
    )


def save_title(kind: ConfigKind) -> str:
    return tr("Save {page}").format(page=words_of(kind).title)


def save_question(kind: ConfigKind, bucket: str, *, is_removal: bool) -> str:
    sentence = (
        tr("Remove this from “{bucket}”: {page}?")
        if is_removal
        else tr("Save this in “{bucket}”: {page}?")
    )
    return sentence.format(bucket=bucket, page=words_of(kind).title)


def saved_text(*, is_removal: bool, is_whole: bool = True, kind: ConfigKind | None = None) -> str:
    """How it ended well; of some kinds S3 removes only a part."""
    if is_removal:
        return _left_texts().get(kind, tr("Removed.")) if kind else tr("Removed.")
    if is_whole:
        return tr("Saved, and read back: the store has all of it.")
    return tr("Saved, as far as the store keeps it: this is what it has now.")


def _left_texts() -> Mapping[ConfigKind, str]:
    return {
        ConfigKind.OBJECT_LOCK: tr(
            "The default retention is gone: new objects are not locked by themselves. Object Lock"
            " stays enabled, and what is locked stays locked."
        ),
        ConfigKind.VERSIONING: tr("Versioning is suspended; the versions that are there stay."),
        ConfigKind.ACL: tr("All grants but the owner's are gone."),
    }


def less_question() -> tuple[str, str, str]:
    """A title, a question, and the word for yes: where a store keeps only a part."""
    return (
        tr("Not All Is Kept"),
        tr("Save only what this store keeps? It may mean something else then."),
        tr("Save &Anyway"),
    )


def lost_text(paths: Sequence[str], *, is_restored: bool, is_suspended: bool = False) -> str:
    """The store took it and made something else of it. `is_suspended`: it was versioning, of which
    nobody comes back to where nothing was."""
    named = ", ".join(path or tr("all of it") for path in paths[:MOST])
    more = len(paths) - MOST
    if more > 0:
        named = tr("{names} and {count} more").format(names=named, count=more)
    if is_restored and is_suspended:
        sentence = tr(
            "The store does not keep all of it. Versioning is suspended now: a bucket that never"
            " had it cannot be made one again. Not kept: {fields}."
        )
        return sentence.format(fields=named)
    sentence = (
        tr(
            "The store does not keep all of it. What was there before is there again. Not kept:"
            " {fields}."
        )
        if is_restored
        else tr(
            "The store does not keep all of it, and what was there before could not be brought"
            " back. Not kept: {fields}."
        )
    )
    return sentence.format(fields=named)


def conflict_text() -> str:
    return tr("Somebody else changed this configuration after it was read here. Nothing was saved.")
