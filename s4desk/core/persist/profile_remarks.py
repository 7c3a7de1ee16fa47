"""What a profile of the AWS configuration asks of a person, or lacks, before it is taken over."""

from __future__ import annotations

from typing import Any, Final

from s4desk.core.runtime.i18n import tr
from s4desk.core.store.aws_profiles import UnreadableFileError, configuration_of

_Sections = dict[str, Any]
_OTHER_SOURCES: Final = ("credential_source", "web_identity_token_file")


def profile_fault(profile: str) -> str:
    """Why there will be no keys for it, as a sentence; empty when nothing speaks against that.

    It reads files. A profile may be its own source, where it has keys.
    """
    try:
        found = configuration_of(profile)
    except UnreadableFileError as error:
        return tr("Not usable: {reason}.").format(reason=error)
    return _broken_link(profile, found["profiles"], found["sso_sessions"])


def _broken_link(profile: str, profiles: _Sections, sessions: _Sections) -> str:
    """Where the way from a profile to its keys ends without any."""
    name, seen = profile, {profile}
    while (values := profiles.get(name)) is not None:
        session = values.get("sso_session")
        if session and session not in sessions:
            said = tr("Not usable: there is no sso-session “{name}”.")
            return said.format(name=session)
        if "role_arn" not in values or any(each in values for each in _OTHER_SOURCES):
            return ""
        source = values.get("source_profile")
        if not source:
            return tr("Not usable: its role has no source_profile.")
        if source == name and "aws_access_key_id" in values:
            return ""
        if source in seen:
            return tr("Not usable: its source_profile leads back to “{name}”.").format(name=source)
        seen.add(source)
        name = source
    return tr("Not usable: there is no profile “{name}”.").format(name=name)


def profile_demand(profile: str) -> str:
    """How a person has to sign in for its keys, as a sentence; empty when nobody has to."""
    try:
        chain: _Sections = configuration_of(profile)["profiles"]
    except UnreadableFileError:
        return ""
    told = []
    if any("sso_session" in each or "sso_start_url" in each for each in chain.values()):
        told.append(tr("SSO: you sign in on the page of its portal."))
    if any("mfa_serial" in each and "role_arn" in each for each in chain.values()):
        told.append(tr("MFA: it asks for a one-time code."))
    return " ".join(told)
