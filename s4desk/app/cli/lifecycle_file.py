"""Files of lifecycle rules as a person hands them over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from s4desk.app.cli.config_files import content_of
from s4desk.app.cli.places import UsageError
from s4desk.core.domain.bucket_config import BucketDocument, ConfigKind
from s4desk.core.domain.config_json import as_json
from s4desk.core.domain.errors import MalformedReplyError
from s4desk.core.domain.lifecycle.checks import Fault, rule_problems
from s4desk.core.domain.lifecycle.reading import lifecycle_of
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.viewmodels.config_json import JsonProblem, parsed
from s4desk.viewmodels.lifecycle_problems import named_problem

if TYPE_CHECKING:
    from s4desk.core.domain.lifecycle.rules import Lifecycle

_ROOT: Final = "LifecycleConfiguration"
_UNREADABLE: Final = frozenset(
    {
        *(Fault.NOT_A_NUMBER, Fault.DAYS_BELOW_ZERO, Fault.TOO_MANY_DAYS),
        *(Fault.NOT_A_DATE, Fault.NO_MOMENT, Fault.NO_CLASS),
    }
)
"""What leaves open what a rule means; what else a store refuses can be looked at all the same."""


async def rules_in(name: str) -> Lifecycle:
    """The rules of a file, `-` for standard input: JSON with or without the object around the list,
    or XML. Raises UsageError that names what is wrong, LocalFileError."""
    value = value_of(name, await in_thread(content_of, name))
    rules = value.get("Rules")
    if not isinstance(rules, list) or not all(isinstance(each, Mapping) for each in rules):
        raise _wrong(name, tr("“Rules” is no list of rules."))
    problems = [each for at, rule in enumerate(rules) for each in rule_problems(rule, at)]
    wrong = [named_problem(each, rules) for each in problems if each.fault in _UNREADABLE]
    if wrong:
        raise _wrong(name, " ".join(wrong))
    return lifecycle_of(value)


def value_of(name: str, text: str) -> Mapping[str, Any]:
    """What a file says, in the API's own shape. Raises UsageError."""
    if text.lstrip().startswith("<"):
        try:
            return as_json(BucketDocument(ConfigKind.LIFECYCLE, text.encode()))
        except MalformedReplyError as error:
            raise _wrong(name, error.detail) from error
    value = parsed(_as_object(text))
    if isinstance(value, JsonProblem):
        raise _wrong(name, value.sentence)
    inner = value.get(_ROOT) if len(value) == 1 else None
    if isinstance(inner, Mapping):
        value = dict(inner)
    if "Rules" not in value:
        if "Status" not in value:
            raise _wrong(name, tr("There is no “Rules” in it."))
        value = {"Rules": [value]}
    return value


def _as_object(text: str) -> str:
    """A bare list of rules becomes an object, on the same lines."""
    return f'{{"Rules":{text}}}' if text.lstrip().startswith("[") else text


def _wrong(name: str, reason: str) -> UsageError:
    return UsageError(tr("{file}: {reason}").format(file=name, reason=reason))
