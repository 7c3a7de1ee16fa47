"""Files of lifecycle rules as a person hands them over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from s4desk.app.cli.config_files import content_of
from s4desk.app.cli.places import UsageError
from s4desk.core.domain.bucket_config import BucketDocument, ConfigKind
from s4desk.core.domain.config_json import as_json
from s4desk.core.domain.errors import MalformedReplyError
from s4desk.core.domain.lifecycle.checks import Fault, written_problems
from s4desk.core.domain.lifecycle.conflicts import refusals
from s4desk.core.domain.lifecycle.reading import lifecycle_of
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.viewmodels.config_json import JsonProblem, parsed
from s4desk.viewmodels.lifecycle_problems import named_problem, problem_value, warned_problem

if TYPE_CHECKING:
    from s4desk.app.cli.console import Console
    from s4desk.core.domain.lifecycle.checks import Problem
    from s4desk.core.domain.lifecycle.rules import Lifecycle

_ROOT: Final = "LifecycleConfiguration"
_UNREADABLE: Final = frozenset(
    {
        *(Fault.NOT_A_NUMBER, Fault.DAYS_BELOW_ZERO, Fault.TOO_MANY_DAYS),
        *(Fault.NOT_A_DATE, Fault.NO_MOMENT, Fault.NO_CLASS, Fault.NOT_A_SIZE),
    }
)
"""What leaves open what a rule means; what else a store refuses can be looked at all the same."""


@dataclass(frozen=True, slots=True)
class RulesFile:
    """The rules of a file as they are written and as they are understood, and what is wrong with
    them all the same: a store would refuse most of that."""

    name: str
    value: Mapping[str, Any]
    lifecycle: Lifecycle
    problems: Sequence[Problem]

    def warn(self, console: Console) -> None:
        """Before anything is said of what they do."""
        for each in self.problems:
            said = warned_problem(each, self.value["Rules"])
            console.say(tr("s4desk: warning: {text}").format(text=said))

    def values(self) -> list[dict[str, Any]]:
        """The same for programs."""
        return [problem_value(each, self.value["Rules"]) for each in self.problems]

    def need_scope(self) -> None:
        """Raises UsageError for rules that may be about more than was meant."""
        refuse_unclear(self.name, self.value["Rules"], self.problems)


async def rules_in(name: str) -> RulesFile:
    """The rules of a file, `-` for standard input: JSON with or without the object around the list,
    or XML. Raises UsageError that names what is wrong, LocalFileError."""
    value = value_of(name, await in_thread(content_of, name))
    rules = value.get("Rules")
    if not isinstance(rules, list) or not all(isinstance(each, Mapping) for each in rules):
        raise _wrong(name, tr("“Rules” is no list of rules."))
    problems = [each for at, rule in enumerate(rules) for each in written_problems(rule, at)]
    wrong = [named_problem(each, rules) for each in problems if each.fault in _UNREADABLE]
    if wrong:
        raise _wrong(name, " ".join(wrong))
    # What is not known here is told of the rules as they are understood.
    told = [each for each in problems if each.fault is not Fault.UNKNOWN_ELEMENT]
    return RulesFile(name, value, lifecycle_of(value), [*told, *refusals(rules)])


def refuse_unclear(name: str, rules: Sequence[Any], problems: Sequence[Problem]) -> None:
    """Raises UsageError for rules of a file that do not say which objects they are about: nobody
    acts on those."""
    unclear = [named_problem(each, rules) for each in problems if each.fault is Fault.NO_SCOPE]
    if unclear:
        raise _wrong(name, " ".join([*unclear, tr("Nothing was changed.")]))


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
