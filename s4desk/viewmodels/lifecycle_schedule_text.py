"""What is said of rules that are applied by the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.lifecycle.schedule_entries import Trouble
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from s4desk.core.lifecycle.schedule_entries import Entry


def trouble_text(entry: Entry) -> str:
    """Why the last run did nothing, or not all; empty when all is well."""
    return {
        Trouble.NONE: "",
        Trouble.NO_RULES: tr("Nothing was done: the bucket has no lifecycle rules."),
        Trouble.UNREADABLE: tr("Nothing was done: the rules cannot be read ({detail})."),
        Trouble.UNKNOWN: tr(
            "Nothing was done: the rules say something that s4desk does not know ({detail})."
        ),
        Trouble.NOT_LISTED: tr("Nothing was done: the store did not list the whole bucket."),
        Trouble.MOVED: tr(
            "Nothing was done: the connection leads elsewhere than when this was switched on"
            " ({detail})."
        ),
        Trouble.FAILED: tr("It failed, and is tried again within the hour: {detail}"),
    }[entry.trouble].format(detail=entry.detail)
