"""JSON that a person types: what is wrong with it, and at which line and column."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from s4desk.core.runtime.i18n import tr


@dataclass(frozen=True, slots=True)
class JsonProblem:
    """The first thing that is wrong. `line` and `column` count from 1."""

    reason: str
    line: int
    column: int

    @property
    def sentence(self) -> str:
        return tr("Line {line}, column {column}: {reason}").format(
            line=self.line, column=self.column, reason=self.reason
        )


class _RepeatedFieldError(ValueError):
    """A field is written twice: a reader would take one of them in silence."""


class _ConstantError(ValueError):
    """NaN or Infinity, which Python reads and JSON does not know."""


def parsed(text: str) -> dict[str, Any] | JsonProblem:
    """The object that a text describes, or why it is none."""
    value = _read(text) if text.strip() else JsonProblem(tr("There is nothing here yet."), 1, 1)
    if isinstance(value, dict | JsonProblem):
        return value
    return JsonProblem(tr("An object in braces “{ }” belongs here."), 1, 1)


def _read(text: str) -> Any:
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse_constant)
        json.dumps(value, ensure_ascii=False).encode()
        return value
    except UnicodeEncodeError as error:
        escape = f"\\u{ord(error.object[error.start]):04x}"
        reason = tr("“{escape}” is only half of a character.").format(escape=escape)
        return _problem_at(text, text.lower().find(escape), reason)
    except json.JSONDecodeError as error:
        return JsonProblem(_reason(error), error.lineno, error.colno)
    except _RepeatedFieldError as error:
        reason = tr("“{name}” is here twice in the same object.").format(name=error)
        return _problem_at(text, text.rfind(json.dumps(str(error), ensure_ascii=False)), reason)
    except _ConstantError as error:
        return _problem_at(text, text.find(str(error)), tr("This is not a JSON number."))
    except RecursionError:
        return JsonProblem(tr("This is nested too deep."), 1, 1)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, each in pairs:
        if name in fields:
            raise _RepeatedFieldError(name)
        fields[name] = each
    return fields


def _refuse_constant(word: str) -> Any:
    raise _ConstantError(word)


def _problem_at(text: str, found: int, reason: str) -> JsonProblem:
    position = max(found, 0)
    before = text[:position]
    return JsonProblem(reason, before.count("\n") + 1, position - before.rfind("\n"))


def _reason(error: json.JSONDecodeError) -> str:
    """The parser's own few reasons, in our words."""
    reasons = {
        "Expecting ',' delimiter": tr("A comma or the end of this list or object is missing here."),
        "Expecting ':' delimiter": tr("A colon is missing between a name and its value."),
        "Expecting property name enclosed in double quotes": tr(
            "A name in double quotes belongs here, or the comma before is one too many."
        ),
        "Illegal trailing comma before end of object": tr("There is a comma too many here."),
        "Illegal trailing comma before end of array": tr("There is a comma too many here."),
        "Expecting value": tr("A value is missing here, or the comma before is one too many."),
        "Unterminated string starting at": tr("The text that begins here has no closing quote."),
        "Extra data": tr("There is more text after the end of the object."),
        "Invalid control character at": tr("A line break or a tab cannot stand inside a text."),
    }
    return reasons.get(error.msg, tr("This is not JSON ({message}).").format(message=error.msg))
