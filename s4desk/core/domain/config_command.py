"""The command of the AWS CLI that writes a configuration."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from s4desk.core.domain.bucket_config import FACTS
from s4desk.core.domain.config_fields import FIELDS

if TYPE_CHECKING:
    from s4desk.core.domain.bucket_config import ConfigKind

_OPTIONS = {"TransitionDefaultMinimumObjectSize": "--transition-default-minimum-object-size"}


def cli_command(
    kind: ConfigKind,
    bucket: str,
    value: Mapping[str, Any] | None,
    *,
    id: str = "",
    endpoint: str = "",
) -> str:
    """A command for a POSIX shell that writes `value`, or deletes where it is None.

    The CLI refuses fields that it does not know: they are left out, and named in a comment above.
    """
    facts = FACTS[kind]
    words = ["aws"]
    if endpoint:
        words += ["--endpoint-url", endpoint]
    if value is None and facts.neutral is None:
        words += ["s3api", f"delete-{facts.deletion or facts.command}", "--bucket", bucket]
        return shlex.join(words + (["--id", id] if id else []))
    words += ["s3api", f"put-{facts.command}", "--bucket", bucket]
    if id:
        words += ["--id", id]
    if value is None and not facts.root.startswith("AccessControl"):
        value = facts.neutral
    if value is None:
        return shlex.join([*words, "--acl", "private"])
    left_out: list[str] = []
    beside = facts.headers.values()
    inside = {name: each for name, each in value.items() if name not in beside}
    known = _known(inside, kind, left_out, "") if facts.root else inside
    words += [f"--{facts.option}", json.dumps(known, ensure_ascii=False)]
    for name in beside:
        if name in value:
            words += [_OPTIONS[name], str(value[name])]
    comment = f"# Unknown to the AWS CLI, left out: {', '.join(left_out)}\n" if left_out else ""
    return comment + shlex.join(words)


def _known(value: Any, kind: ConfigKind, left_out: list[str], path: str) -> Any:
    if isinstance(value, list):
        return [_known(each, kind, left_out, path) for each in value]
    if not isinstance(value, Mapping):
        return value
    names = {field.json for field in FIELDS[kind].values()} | {"Type"}
    kept = {}
    for name, each in value.items():
        below = f"{path}.{name}" if path else name
        if name in names:
            kept[name] = _known(each, kind, left_out, below)
        else:
            left_out.append(" ".join(below.split()))
    return kept
