"""Text for people, translated by gettext. Catalogues live in `resources/locale`."""

from __future__ import annotations

import gettext

from s4desk.core.runtime.resources import resource


def _catalogue() -> gettext.NullTranslations:
    return gettext.translation("s4desk", resource("locale"), fallback=True)


_translations = _catalogue()


def tr(message: str) -> str:
    """`message` in the user's language; whole sentences with named placeholders."""
    return _translations.gettext(message)


def tr_n(singular: str, plural: str, count: int) -> str:
    """The form of the sentence that fits `count`."""
    return _translations.ngettext(singular, plural, count)
