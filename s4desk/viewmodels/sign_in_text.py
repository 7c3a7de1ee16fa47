"""What is said about signing in, and about how long keys last."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import ValidationError
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.forms import Field, Form
from s4desk.viewmodels.rows import display_name

if TYPE_CHECKING:
    from datetime import datetime

    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.sign_in import DeviceCode, KeyLife, SignInNeed

_CODE: Final = re.compile(r"[0-9]{6}")


class CodeForm(Form):
    """One line for the one-time code of a device."""

    def __init__(self) -> None:
        self._code = Field(tr("One-time code"), "", parse_code, placeholder="123456")
        super().__init__(tr("Sign In"), code=self._code)

    def result(self) -> str:
        return self._code.value


def parse_code(text: str) -> str:
    """Six digits, however they are grouped. Raises ValidationError."""
    code = "".join(text.split())
    if _CODE.fullmatch(code) is None:
        raise ValidationError(tr("Enter the six digits that the device shows."))
    return code


def code_question(need: SignInNeed) -> str:
    """What the code is for."""
    sentence = tr("“{name}” takes {role}. Enter the code that {device} shows now.")
    return sentence.format(name=need.name, role=_short(need.role), device=_short(need.device))


def page_text(code: DeviceCode) -> str:
    """Where to go with a code, for a terminal."""
    sentence = tr("Open {page} and confirm the code {code} before {time}.")
    return sentence.format(
        page=code.page_with_code, code=code.code, time=_time_of_day(code.ends_at)
    )


def time_left_text(ends_at: datetime, now: datetime) -> str:
    """How long a code can still be confirmed; empty when that is over."""
    left = round((ends_at - now).total_seconds())
    if left <= 0:
        return ""
    sentence = tr("Waiting for you to confirm it on the page: {time} left.")
    return sentence.format(time=f"{left // 60}:{left % 60:02}")


def life_text(life: KeyLife, now: datetime) -> str:
    """When keys end, as a sentence."""
    if life.ends_at is None:
        return tr("The keys are temporary; when they end is not known.")
    left = (life.ends_at - now).total_seconds()
    time = _time_of_day(life.ends_at)
    if left <= 0:
        return tr("The keys have ended at {time}.").format(time=time)
    minutes = max(1, round(left / 60))
    if minutes < 120:
        said = tr_n("in one minute", "in {count} min", minutes).format(count=minutes)
    else:
        said = tr("in {count} hours").format(count=round(minutes / 60))
    return tr("The keys end at {time} ({said}).").format(time=time, said=said)


def warning_text(connection: Connection, life: KeyLife, now: datetime) -> str:
    """That somebody has to sign in soon, or now; empty as long as nobody has to."""
    if not life.wants_person or life.ends_at is None:
        return ""
    sentence = (
        tr("“{name}”: {life} Choose “Sign In…” in its menu to go on.")
        if life.has_ended(now)
        else tr("“{name}”: {life} Sign in before that, and nothing stops.")
    )
    return sentence.format(name=connection.name, life=life_text(life, now))


def _short(arn: str) -> str:
    """Without what is the same for all of an account; a device may have a number instead."""
    return arn.rpartition(":")[2]


def _time_of_day(time: datetime) -> str:
    return time.astimezone().strftime("%H:%M")


def waiting_text(connection: Connection) -> str:
    """That transfers wait for a person, and what that one can do."""
    sentence = tr("Transfers of “{name}” wait for new keys: choose “Sign In…” in their menu.")
    return sentence.format(name=display_name(connection.name))
