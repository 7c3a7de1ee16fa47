"""Properties of objects in words: what saving does, who may do what, what became of many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.access import (
    ALL_USERS,
    AUTHENTICATED_USERS,
    LOG_DELIVERY,
    CannedAcl,
    GranteeKind,
    Permission,
)
from s4desk.core.domain.archive import ARCHIVES, archive_state
from s4desk.core.domain.lock import NO_LOCK
from s4desk.core.domain.parts import MAX_SINGLE_COPY
from s4desk.core.domain.properties import encryption_of
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.archive_text import archive_text
from s4desk.viewmodels.error_text import describe
from s4desk.viewmodels.inspector import size_text
from s4desk.viewmodels.lock_text import lock_text
from s4desk.viewmodels.properties_error_text import property_names
from s4desk.viewmodels.rows import display_name, format_count, format_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from s4desk.core.domain.access import Acl, Grantee
    from s4desk.core.domain.identity import Location
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.domain.properties import PropertyChange
    from s4desk.core.transfer.editing import EditOutcome, Seen
    from s4desk.viewmodels.properties_form import PropertiesForm
    from s4desk.viewmodels.selection import Selection


def title_text(location: Location) -> str:
    return tr("Properties of “{name}”").format(name=display_name(location.name))


def subject_text(meta: ObjectMeta, now: datetime) -> str:
    """What cannot be edited here, in a few lines."""
    facts = [size_text(meta.size)]
    if meta.modified is not None:
        facts.append(format_time(meta.modified.timestamp()))
    if meta.version is not None:
        facts.append(tr("version {id}").format(id=meta.version))
    encryption = encryption_of(meta.headers)
    if encryption is not None:
        facts.append(tr("encrypted: {how}").format(how=encryption.algorithm))
    lines = [display_name(f"{meta.location.bucket}/{meta.location.key}"), " · ".join(facts)]
    archived = archive_text(archive_state(meta.storage_class, meta.headers), now)
    if archived:
        lines.append(tr("Archive: {state}").format(state=archived))
    return "\n".join(lines)


def many_title(selection: Selection) -> str:
    """Nobody has counted yet what is in folders."""
    if selection.folders:
        return tr("Properties of All Selected Objects")
    count = len(selection.objects)
    said = tr_n("Properties of {count} Object", "Properties of {count} Objects", count)
    return said.format(count=format_count(count))


def many_text(selection: Selection) -> str:
    """What many are changed at once."""
    parts = []
    if selection.objects:
        count = len(selection.objects)
        parts.append(
            tr_n("{count} object", "{count} objects", count).format(count=format_count(count))
        )
    if selection.folders:
        count = len(selection.folders)
        said = tr_n("all objects in {count} folder", "all objects in {count} folders", count)
        parts.append(said.format(count=format_count(count)))
    lead = tr("{what}. What is left empty stays as it is with each of them.")
    text = lead.format(what=", ".join(parts))
    return text[:1].upper() + text[1:]


def unseen_text(location: Location) -> str:
    """Of an object whose grants could not be carried."""
    return tr(
        "“{name}” is saved. This key may not read its permissions: it is private now, whatever they"
        " were."
    ).format(name=display_name(location.name))


def canned_choices() -> list[tuple[str, str]]:
    """Lists of grants that have names, each with what it means."""
    return [
        ("", tr("nothing: leave them as they are")),
        (CannedAcl.PRIVATE, tr("Private: the owner alone")),
        (CannedAcl.PUBLIC_READ, tr("Everybody may read, without a key")),
        (CannedAcl.PUBLIC_READ_WRITE, tr("Everybody may read and write, without a key")),
        (CannedAcl.AUTHENTICATED_READ, tr("Whoever has any AWS account may read")),
        (CannedAcl.BUCKET_OWNER_READ, tr("The owner of the bucket may read")),
        (CannedAcl.BUCKET_OWNER_FULL_CONTROL, tr("The owner of the bucket may do everything")),
    ]


def page_titles() -> Mapping[str, str]:
    """What is on the tabs, with the letters to press."""
    return {
        "general": tr("&General"),
        "metadata": tr("&Metadata"),
        "tags": tr("&Tags"),
        "permissions": tr("&Permissions"),
    }


def fault_text(form: PropertiesForm) -> str:
    """Where something is wrong, which its page says in full; empty when nothing is."""
    sentences = {
        "general": tr("It cannot be saved yet: something on the page “General” is wrong."),
        "metadata": tr("It cannot be saved yet: something on the page “Metadata” is wrong."),
        "tags": tr("It cannot be saved yet: something on the page “Tags” is wrong."),
    }
    return sentences.get(form.faulty_page, "")


def grant_columns() -> Sequence[str]:
    return (tr("Who"), tr("May"))


def grant_rows(acl: Acl | None) -> list[tuple[str, str]]:
    if acl is None:
        return []
    return [
        (_grantee_text(grant.grantee, acl), _permission_text(grant.permission))
        for grant in acl.grants
    ]


def grantee_choices() -> list[tuple[str, str]]:
    """Groups that can be granted something, each with its URI."""
    return [
        (ALL_USERS, tr("Everybody, without a key")),
        (AUTHENTICATED_USERS, tr("Whoever has an account")),
    ]


def permission_choices() -> list[tuple[str, str]]:
    """What means something on an object, the most usual first."""
    meaningful = (
        Permission.READ,
        Permission.FULL_CONTROL,
        Permission.READ_ACP,
        Permission.WRITE_ACP,
    )
    return [(each, _permission_text(each)) for each in meaningful]


def _grantee_text(grantee: Grantee, acl: Acl) -> str:
    groups = {
        ALL_USERS: tr("Everybody, without a key"),
        AUTHENTICATED_USERS: tr("Whoever has an account"),
        LOG_DELIVERY: tr("The store's own log writer"),
    }
    if grantee.kind is GranteeKind.GROUP:
        return groups.get(grantee.id, display_name(grantee.id))
    name = display_name(grantee.name or grantee.id)
    return tr("{name} (owner)").format(name=name) if grantee.is_same(acl.owner) else name


def _permission_text(permission: Permission) -> str:
    return {
        Permission.FULL_CONTROL: tr("do everything"),
        Permission.READ: tr("read"),
        Permission.WRITE: tr("write"),
        Permission.READ_ACP: tr("see the permissions"),
        Permission.WRITE_ACP: tr("change the permissions"),
    }[permission]


def meaning_text(change: PropertyChange, seen: Seen | None) -> str:
    """What saving does to one object, or with nothing `seen` to each of many."""
    if not change:
        return tr("Nothing is changed yet.")
    if not change.rewrites:
        return tr("The object itself stays as it is: only its tags or permissions change.")
    meta = None if seen is None else seen.meta
    if meta is None:
        sentences = [
            tr("Each object is copied onto itself by the store, so its date becomes that of now.")
        ]
    else:
        sentences = [
            tr("The object is copied onto itself by the store, so its date becomes that of now.")
        ]
    if meta is None or meta.version is not None:
        sentences.append(tr("In a bucket with versions that is a new version; the old one stays."))
    if meta is not None and meta.attributes.lock != NO_LOCK:
        sentences.append(
            tr("Its lock goes along: {lock}.").format(lock=lock_text(meta.attributes.lock))
        )
    if meta is not None and meta.size > MAX_SINGLE_COPY:
        sentences.append(tr("It is large and goes in parts, which takes a while."))
    if change.storage_class in ARCHIVES:
        sentences.append(tr("It can then only be read after it was restored."))
    return " ".join(sentences)


def exposure_text(change: PropertyChange) -> str:
    """A warning about permissions that let everybody in."""
    acl = change.acl
    is_public = acl in (CannedAcl.PUBLIC_READ, CannedAcl.PUBLIC_READ_WRITE) or (
        acl is not None and not isinstance(acl, CannedAcl) and acl.is_public
    )
    return tr("Everybody who knows the address can then read it.") if is_public else ""


# Many


def outcome_columns() -> Sequence[str]:
    return (tr("Object"), tr("What changes"))


def outcome_rows(outcomes: Sequence[EditOutcome]) -> list[tuple[str, str]]:
    return [(display_name(each.location.key), outcome_text(each)) for each in outcomes]


def outcome_text(outcome: EditOutcome) -> str:
    if outcome.error is not None:
        return describe(outcome.error)
    text = property_names(", ".join(outcome.changed)) or tr("nothing: it is so already")
    if outcome.has_unseen_acl:
        text = tr("{changes}; its permissions cannot be read, and will be private").format(
            changes=text
        )
    return text


def looking_text(count: int) -> str:
    return tr_n("Looked at {count} object.", "Looked at {count} objects.", count).format(
        count=format_count(count)
    )


def changing_text(count: int) -> str:
    return tr_n("Changed {count} object.", "Changed {count} objects.", count).format(
        count=format_count(count)
    )


def preview_text(changing: int, unchanged: int, refused: int) -> str:
    """What would become of many, in one sentence."""
    lead = tr_n(
        "{count} object will be changed.", "{count} objects will be changed.", changing
    ).format(count=format_count(changing))
    return f"{lead} {_rest(unchanged, refused)}".strip()


def report_text(changed: int, unchanged: int, failed: int, *, is_stopped: bool = False) -> str:
    """What became of many."""
    lead = tr_n("{count} object was changed.", "{count} objects were changed.", changed).format(
        count=format_count(changed)
    )
    text = f"{lead} {_rest(unchanged, failed)}".strip()
    return tr("Stopped. {report}").format(report=text) if is_stopped else text


def accept_text(changing: int) -> str:
    return tr_n("&Change {count} Object", "&Change {count} Objects", changing).format(
        count=format_count(changing)
    )


def _rest(unchanged: int, failed: int) -> str:
    parts = []
    if unchanged:
        parts.append(
            tr_n("{count} is so already.", "{count} are so already.", unchanged).format(
                count=format_count(unchanged)
            )
        )
    if failed:
        parts.append(
            tr_n("{count} cannot be changed.", "{count} cannot be changed.", failed).format(
                count=format_count(failed)
            )
        )
    return " ".join(parts)
