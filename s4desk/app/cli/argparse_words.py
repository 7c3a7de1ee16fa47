"""What argparse says by itself: it asks gettext's own domain, so that has to be ours."""

from __future__ import annotations

import gettext
from typing import Final

from s4desk.core.runtime.resources import resource

DOMAIN: Final = "s4desk"


def N_(message: str) -> str:  # noqa: N802 - what gettext's tools look for
    """Mark a text for translation; argparse translates it."""
    return message


WORDS: Final = (
    N_("usage: "),
    N_("positional arguments"),
    N_("options"),
    N_("show this help message and exit"),
    N_("%(prog)s: error: %(message)s\n"),
    N_("argument %(argument_name)s: %(message)s"),
    N_("the following arguments are required: %s"),
    N_("one of the arguments %s is required"),
    N_("not allowed with argument %s"),
    N_("unrecognized arguments: %s"),
    N_("ambiguous option: %(option)s could match %(matches)s"),
    N_("ignored explicit argument %r"),
    N_("expected one argument"),
    N_("expected at most one argument"),
    N_("expected at least one argument"),
    N_("invalid %(type)s value: %(value)r"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
    N_("unknown parser %(parser_name)r (choices: %(choices)s)"),
)


def let_argparse_speak() -> None:
    """Let it find its words in our catalogue, in the language that the environment asks for."""
    gettext.bindtextdomain(DOMAIN, str(resource("locale")))
    gettext.textdomain(DOMAIN)
