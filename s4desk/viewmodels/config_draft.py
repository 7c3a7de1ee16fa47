"""One configuration as it was read, and as it is being changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from s4desk.core.domain.bucket_config import FACTS, ConfigKind
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.config_diff import as_text, unified
from s4desk.viewmodels.config_json import JsonProblem, parsed
from s4desk.viewmodels.config_xml import parsed_xml
from s4desk.viewmodels.lifecycle_problems import unclear_text
from s4desk.viewmodels.lifecycle_summary import rules_in

if TYPE_CHECKING:
    from s4desk.viewmodels.config_diff import DiffLine

Value = Mapping[str, Any]


class ConfigDraft:
    """`before` is what the store told, None where nothing is set; `value` what is wanted, empty for
    nothing. `id` names one of a kind that is there several times."""

    def __init__(self, kind: ConfigKind, before: Value | None, id: str = "") -> None:
        self.kind = kind
        self.id = id
        self.before = dict(before) if before else None
        self.value: dict[str, Any] = dict(before or self._blank)
        self.problem = ""
        self.json_problem: JsonProblem | None = None

    @property
    def text(self) -> str:
        """What is wanted as JSON; empty for nothing."""
        return as_text(self.value) if self.value else ""

    @property
    def is_edited(self) -> bool:
        is_broken = bool(self.problem) or self.json_problem is not None
        return is_broken or self.value != (self.before or self._blank)

    @property
    def obstacle(self) -> str:
        """Why it cannot be saved now, empty if it can."""
        if self.json_problem is not None:
            return self.json_problem.sentence
        if self.problem:
            return self.problem
        return self.unclear if self.is_edited else tr("Nothing is changed.")

    @property
    def unclear(self) -> str:
        """Why nobody here acts on what is wanted, though it can be read; empty for nothing."""
        if self.kind is not ConfigKind.LIFECYCLE:
            return ""
        return unclear_text(rules_in(self.value), rules_in(self.before or {}))

    @property
    def can_be_removed(self) -> bool:
        """Whether there is something, and S3 has a deletion for it."""
        return self.before is not None and FACTS[self.kind].neutral is None

    @property
    def wanted(self) -> dict[str, Any] | None:
        """What is to be saved, None for nothing at all."""
        return self.value or None

    def edit(self, value: Value, problem: str = "") -> None:
        """By a form, which says what is wrong with it itself."""
        self.value, self.problem, self.json_problem = dict(value), problem, None

    def edit_text(self, text: str) -> None:
        """By JSON. What cannot be read leaves the value as it was."""
        self._take(parsed(text) if text.strip() else {})

    def edit_xml(self, text: str) -> None:
        """The same by XML."""
        self._take(parsed_xml(self.kind, text, self.value) if text.strip() else {})

    def _take(self, found: dict[str, Any] | JsonProblem) -> None:
        self.problem = ""
        if isinstance(found, JsonProblem):
            self.json_problem = found
        else:
            self.value, self.json_problem = found, None

    def revert(self) -> None:
        self.edit(self.before or self._blank)

    def move_onto(self, before: Value | None) -> None:
        """The store tells another one by now; what is wanted stays."""
        self.before = dict(before) if before else None

    def changes(self) -> list[DiffLine]:
        return unified(self.before, self.wanted)

    @property
    def _blank(self) -> dict[str, Any]:
        return {"Id": self.id} if self.id else {}
