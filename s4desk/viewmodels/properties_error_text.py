"""What a person reads when the properties of an object could not be changed as they wished."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.error_place import object_of

if TYPE_CHECKING:
    from s4desk.core.domain.errors import LeftBehindError, LostUpdateError, PropertiesLostError


def property_names(names: str) -> str:
    """Names of the core, separated by commas, as a person knows them."""
    known = {
        "content": tr("content"),
        "content_type": tr("content type"),
        "cache_control": tr("cache control"),
        "content_disposition": tr("content disposition"),
        "content_encoding": tr("content encoding"),
        "content_language": tr("content language"),
        "expires": tr("expires"),
        "website_redirect": tr("website redirect"),
        "metadata": tr("metadata"),
        "storage_class": tr("storage class"),
        "tags": tr("tags"),
        "acl": tr("permissions"),
        "lock": tr("lock"),
    }
    return ", ".join(known.get(name, name) for name in names.split(", "))


def left_behind_problem(error: LeftBehindError) -> tuple[str, str]:
    """Something did not come along with a copy: who did not tell it, or did not take it."""
    said = tr("{object} is there without all that belongs to it: {what}.")
    problem = said.format(object=object_of(error), what=property_names(error.detail))
    kept = tr("The store did not take or keep that; the source has it still.")
    if not error.untold:
        return problem, kept
    untold = tr("The source did not tell: {what}. Copy it again with a key that may read that.")
    advice = untold.format(what=property_names(", ".join(error.untold)))
    if set(error.untold) < set(error.detail.split(", ")):
        kept = tr("The store did not take or keep the rest; the source has it still.")
        advice = f"{advice} {kept}"
    return problem, advice


def lost_update_problem(error: LostUpdateError) -> tuple[str, str]:
    """Somebody else was quicker."""
    place = object_of(error)
    if error.is_mixed:
        return (
            tr("Somebody else wrote {object} at the very moment it was saved.").format(
                object=place
            ),
            tr("The content is theirs and was not touched; look through its properties again."),
        )
    if "content" in error.what:
        problem = tr("Somebody else wrote {object} since you looked at it. Nothing was saved.")
    else:
        problem = tr(
            "Somebody else changed {what} of {object} since you looked. Nothing was saved."
        )
    return (
        problem.format(object=place, what=property_names(", ".join(error.what))),
        tr("Load it again to see what is there now, and make your change to that."),
    )


def properties_lost_problem(error: PropertiesLostError) -> tuple[str, str]:
    """It was saved, but the store does not have all of it."""
    return (
        tr("{object} was saved, but the store did not keep everything: {what}.").format(
            object=object_of(error), what=property_names(error.detail)
        ),
        tr("Its content is as it was. Look at what is there now; this store may not know these."),
    )
