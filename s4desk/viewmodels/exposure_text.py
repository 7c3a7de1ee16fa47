"""What is said, in red, wherever a connection is shown that others can listen to or take over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.connection import Exposure
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from s4desk.core.domain.connection import Connection


def exposure_words(connection: Connection) -> str:
    """Two words for a badge, empty for a connection that is as safe as it can be."""
    match connection.exposure:
        case Exposure.UNVERIFIED:
            return tr("Not verified")
        case Exposure.PLAIN:
            return tr("Not encrypted")
    return ""


def exposure_sentence(connection: Connection) -> str:
    """What somebody in between could do, empty for nothing."""
    match connection.exposure:
        case Exposure.UNVERIFIED:
            return tr(
                "The store's certificate is not verified: anybody on the way can be the store,"
                " read everything and change it."
            )
        case Exposure.PLAIN:
            return tr(
                "Nothing is encrypted on the way to this store: anybody there can read everything"
                " and change it."
            )
    return ""
