"""The little that is asked beside the pages of a configuration: a name, a range of addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import ValidationError
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.config_policy import EXAMPLE_RANGE, parse_range
from s4desk.viewmodels.forms import Field, Form

if TYPE_CHECKING:
    from collections.abc import Collection

_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""PutBucketInventoryConfiguration: at most 64 letters, digits, periods, dashes, underscores."""


class NewIdForm(Form):
    def __init__(self, taken: Collection[str]) -> None:
        super().__init__(tr("New Configuration"), id=Field(tr("Name"), "", self._parse))
        self._taken = taken

    @property
    def id(self) -> str:
        return str(self.fields["id"].value)

    def _parse(self, text: str) -> str:
        if not _ID.fullmatch(text):
            raise ValidationError(tr("1 to 64 letters, digits, periods, dashes and underscores."))
        if text in self._taken:
            raise ValidationError(tr("There is one of this name."))
        return text


class RangeForm(Form):
    def __init__(self) -> None:
        hint = tr("Whoever is outside is refused, you too. For instance {example}").format(
            example=EXAMPLE_RANGE
        )
        field = Field(tr("Addresses"), "", parse_range, hint=hint)
        super().__init__(tr("Only From One Network"), addresses=field)

    @property
    def addresses(self) -> str:
        return str(self.fields["addresses"].value)
