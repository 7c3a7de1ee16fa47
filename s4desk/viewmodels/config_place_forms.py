"""The fields of configurations that name other places: websites, logs, inventories, archives."""

from __future__ import annotations

from typing import Any, Final

from s4desk.core.domain.errors import ValidationError
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.config_forms import (
    ConfigForm,
    Spot,
    Value,
    choice_spot,
    parse_count,
    text_spot,
    tick_spot,
)
from s4desk.viewmodels.config_paths import found_at, put_at, text_at
from s4desk.viewmodels.forms import Field, FieldKind

ARN: Final = "arn:aws:s3:::"


class WebsiteForm(ConfigForm):
    """Off, a site with an index, or a redirection of everything to another host."""

    _REDIRECT: Final = "RedirectAllRequestsTo"
    _SITE: Final = ("IndexDocument", "ErrorDocument", "RoutingRules")

    def __init__(self, value: Value) -> None:
        kind = "redirect" if self._REDIRECT in value else "site" if value else ""
        kinds = [
            ("", tr("Off")),
            ("site", tr("Serve the objects as pages")),
            ("redirect", tr("Lead everything to another host")),
        ]
        super().__init__(
            value,
            kind=Spot([], Field(tr("Website"), kind, str, FieldKind.CHOICE, kinds)),
            index=text_spot(
                value,
                ["IndexDocument", "Suffix"],
                tr("Page of a folder"),
                hint=tr("Usually index.html; it stands for each folder."),
                parse=_parse_suffix,
            ),
            error=text_spot(
                value,
                ["ErrorDocument", "Key"],
                tr("Page for errors"),
                hint=tr("The key of an object, or nothing."),
            ),
            host=text_spot(value, [self._REDIRECT, "HostName"], tr("Host")),
            protocol=choice_spot(
                value,
                [self._REDIRECT, "Protocol"],
                tr("By"),
                [("", tr("As it was asked")), ("https", "https"), ("http", "http")],
            ),
        )

    def is_shown(self, name: str) -> bool:
        of_kind = {"index": "site", "error": "site", "host": "redirect", "protocol": "redirect"}
        return name == "kind" or of_kind[name] == self.fields["kind"].text

    def _errors_between_fields(self) -> dict[str, str]:
        needed = {"index": tr("Name the page of a folder."), "host": tr("Name the host.")}
        return {
            name: sentence
            for name, sentence in needed.items()
            if not self.fields[name].text.strip()
        }

    def settled(self, value: dict[str, Any]) -> dict[str, Any]:
        kind = self.fields["kind"].text
        if not self.is_edited("kind"):
            return value
        gone = {"site": (self._REDIRECT,), "redirect": self._SITE}.get(kind, tuple(value))
        return {name: each for name, each in value.items() if name not in gone}


class LoggingForm(ConfigForm):
    """No target is no log."""

    _TARGET: Final = ("LoggingEnabled", "TargetBucket")

    def __init__(self, value: Value) -> None:
        super().__init__(
            value,
            bucket=text_spot(
                value,
                self._TARGET,
                tr("Bucket for the logs"),
                hint=tr("Empty for no logs. It has to allow the store's log delivery to write."),
            ),
            prefix=text_spot(
                value,
                ["LoggingEnabled", "TargetPrefix"],
                tr("Their keys begin with"),
                hint=tr("For instance logs/photos/"),
            ),
        )
        self.spots["prefix"] = Spot(
            self.spots["prefix"].path, self.fields["prefix"], lambda text: text
        )

    def is_shown(self, name: str) -> bool:
        return name == "bucket" or bool(self.fields["bucket"].text.strip())

    def settled(self, value: dict[str, Any]) -> dict[str, Any]:
        if not self.fields["bucket"].text.strip():
            return dict(put_at(value, ["LoggingEnabled"], None))
        if text_at(value, self._TARGET) and found_at(value, self.spots["prefix"].path) is None:
            return dict(put_at(value, self.spots["prefix"].path, ""))
        return value


class TieringForm(ConfigForm):
    """One configuration of Intelligent-Tiering."""

    def __init__(self, value: Value) -> None:
        states = [("Enabled", tr("On")), ("Disabled", tr("Off"))]
        days = {each.get("AccessTier"): each.get("Days") for each in value.get("Tierings", ())}
        super().__init__(
            value,
            status=choice_spot(value, ["Status"], tr("State"), states, default="Enabled"),
            prefix=text_spot(
                value, ["Filter", "Prefix"], tr("Keys that begin with"), hint=tr("Empty for all.")
            ),
            **{
                tier: Spot([], Field(label, str(days.get(tier) or ""), parse_count, hint=hint))
                for tier, label, hint in _tiers()
            },
        )

    def is_shown(self, name: str) -> bool:
        return name != "prefix" or "And" not in self.value.get("Filter", {})

    def _errors_between_fields(self) -> dict[str, str]:
        names = [tier for tier, _, _ in _tiers()]
        if any(self.fields[name].text.strip() for name in names):
            return {}
        return {names[0]: tr("Say after how many days in at least one of these.")}

    def result(self) -> dict[str, Any]:
        value = put_at(self.value, ["Status"], self.fields["status"].text)
        if self.is_edited("prefix"):
            value = put_at(value, ["Filter", "Prefix"], self.fields["prefix"].value or None)
        edited = [tier for tier, _, _ in _tiers() if self.is_edited(tier)]
        tierings = [dict(each) for each in value.get("Tierings", ())]
        for tier in edited:
            tierings = [each for each in tierings if each.get("AccessTier") != tier]
            if (days := self.fields[tier].value) is not None:
                tierings.append({"Days": days, "AccessTier": tier})
        return {**value, "Tierings": tierings} if edited else value


class InventoryForm(ConfigForm):
    """One inventory: a list of objects that the store writes into a bucket."""

    _TARGET: Final = ("Destination", "S3BucketDestination")

    def __init__(self, value: Value) -> None:
        bucket = text_at(value, [*self._TARGET, "Bucket"])
        super().__init__(
            value,
            enabled=tick_spot(value, ["IsEnabled"], tr("Write the list")),
            bucket=Spot(
                [*self._TARGET, "Bucket"],
                Field(tr("Into the bucket"), bucket.removeprefix(ARN), _parse_target),
            ),
            target_prefix=text_spot(value, [*self._TARGET, "Prefix"], tr("Under the prefix")),
            format=choice_spot(
                value,
                [*self._TARGET, "Format"],
                tr("As"),
                [("CSV", "CSV"), ("ORC", "ORC"), ("Parquet", "Parquet")],
                default="CSV",
            ),
            frequency=choice_spot(
                value,
                ["Schedule", "Frequency"],
                tr("How often"),
                [("Daily", tr("Each day")), ("Weekly", tr("Each week"))],
                default="Weekly",
            ),
            versions=choice_spot(
                value,
                ["IncludedObjectVersions"],
                tr("Of"),
                [("Current", tr("Current versions")), ("All", tr("All versions"))],
                default="Current",
            ),
            prefix=text_spot(
                value, ["Filter", "Prefix"], tr("Keys that begin with"), hint=tr("Empty for all.")
            ),
        )

    def result(self) -> dict[str, Any]:
        """What S3 demands is said, edited or not."""
        value: Any = {"IsEnabled": False, **super().result()}
        for name in ("format", "frequency", "versions"):
            value = put_at(value, self.spots[name].path, self.fields[name].text)
        return dict(value)


def _tiers() -> tuple[tuple[str, str, str], ...]:
    hint = tr("Days without a look at it; empty for never.")
    return (
        ("ARCHIVE_ACCESS", tr("Archive after"), hint),
        ("DEEP_ARCHIVE_ACCESS", tr("Deep archive after"), hint),
    )


def _parse_suffix(text: str) -> str:
    if "/" in text:
        raise ValidationError(tr("A page of a folder has no “/” in its name."))
    return text.strip()


def _parse_target(text: str) -> str:
    """The ARN of a bucket, from that or its name."""
    name = text.strip()
    if not name:
        raise ValidationError(tr("Name the bucket."))
    return name if name.startswith("arn:") else f"{ARN}{name}"
