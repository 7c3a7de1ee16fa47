"""Text for people, translated by gettext. Catalogues live in `resources/locale`.

Messages are translated when they are shown, never when a module is imported: so the language may be
chosen until the window is built.
"""

from __future__ import annotations

import gettext
import os
from contextvars import ContextVar
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeVar

from s4desk.core.runtime.resources import resource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

T = TypeVar("T")

ENGLISH: Final = "en"
LANGUAGES: Final[Mapping[str, str]] = MappingProxyType(
    {ENGLISH: "English", "de": "Deutsch", "ja": "日本語", "zh_CN": "简体中文"}
)
"""Those that have a catalogue, each by its own name. English is what the code says."""

_DECIMAL_MARKS: Final = {"de": ","}
_TRADITIONAL: Final = frozenset({"hant", "tw", "hk", "mo"})


def tr(message: str) -> str:
    """`message` in the user's language; whole sentences with named placeholders."""
    return message if _is_untranslated.get() else _translations.gettext(message)


def tr_n(singular: str, plural: str, count: int) -> str:
    """The form of the sentence that fits `count`."""
    return _translations.ngettext(singular, plural, count)


def in_english(make: Callable[[], T]) -> T:
    """What `make` makes of texts, in the words of the code: English is found in every language."""
    token = _is_untranslated.set(True)
    try:
        return make()
    finally:
        _is_untranslated.reset(token)


def language() -> str:
    """What is spoken now: one of LANGUAGES."""
    return _language


def decimal_mark() -> str:
    """What stands between the ones and the tenths."""
    return _DECIMAL_MARKS.get(_language, ".")


def choose(wanted: str = "", system: Sequence[str] = ()) -> None:
    """Speak `wanted`, one of LANGUAGES, from now on.

    Without it, what the environment asks for; where that says nothing, the first of `system` that
    is known, as `de-AT` or `de_DE`. English otherwise.
    """
    global _language, _translations
    _language = wanted if wanted in LANGUAGES else _first_known([*_environment(), *system])
    _translations = _catalogue(_language)


def _catalogue(code: str) -> gettext.NullTranslations:
    if code == ENGLISH:
        return gettext.NullTranslations()
    return gettext.translation("s4desk", resource("locale"), languages=[code], fallback=True)


def _environment() -> Sequence[str]:
    """The languages of the first variable that names any, as gettext reads them."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name, ""):
            return value.split(":")
    return ()


def _first_known(names: Sequence[str]) -> str:
    return next((code for name in names for code in _known(name)), ENGLISH)


def _known(name: str) -> Iterator[str]:
    """The code of LANGUAGES that a locale's name means, if one does."""
    words = name.partition(".")[0].partition("@")[0].replace("-", "_").lower().split("_")
    if words[0] == "zh":
        if not _TRADITIONAL.intersection(words):
            yield "zh_CN"
    elif words[0] in LANGUAGES:
        yield words[0]
    elif words[0] in ("c", "posix"):
        yield ENGLISH


_is_untranslated: ContextVar[bool] = ContextVar("untranslated", default=False)
_language = ENGLISH
_translations: gettext.NullTranslations = gettext.NullTranslations()
choose()
