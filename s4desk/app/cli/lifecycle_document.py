"""The one door by which lifecycle rules of a person go to a store from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s4desk.app.cli.config_files import document_of
from s4desk.app.cli.lifecycle_file import refuse_unclear, value_of
from s4desk.app.cli.places import UsageError
from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import as_json, from_json
from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.lifecycle.checks import written_problems
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.lifecycle_scope_text import refuse_scope
from s4desk.viewmodels.lifecycle_summary import rules_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.domain.bucket_config import BucketDocument
    from s4desk.core.domain.lifecycle.checks import Problem

_KIND = ConfigKind.LIFECYCLE


def rules_document(
    name: str, text: str, before: BucketDocument | None
) -> tuple[BucketDocument, list[Problem]]:
    """XML as it is; JSON in any form that the other actions take, changed into what is there. With
    it what is wrong with its rules as they are written: XML has no null.

    Raises UsageError for rules that do not say what they are about, ValidationError for what cannot
    be read."""
    if text.lstrip().startswith("<"):
        document = document_of(_KIND, text, before)
        value: Mapping[str, Any] = as_json(document)
    else:
        value = value_of(name, text)
        document = from_json(_KIND, value, before)
    rules = rules_in(value)
    problems = [each for at, rule in enumerate(rules) for each in written_problems(rule, at)]
    refuse_unclear(name, rules, problems)
    try:
        refuse_scope(rules, rules_in(as_json(document)), rules_in(as_json(before)))
    except ValidationError as error:
        raise UsageError(tr("{file}: {reason}").format(file=name, reason=error)) from error
    return document, problems
