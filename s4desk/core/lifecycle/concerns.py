"""What a preview could not learn, or could not rely on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from s4desk.core.domain.errors import StoreError


class Doubt(StrEnum):
    """What is not as one would like it.

    VERSIONING: whether versions are kept is not known, and the worst is assumed. LOCKS,
    REPLICATION: the configuration could not be read; it is assumed that there is some. VERSIONS:
    old versions and delete markers could not be listed. UPLOADS: unfinished uploads could not be.
    HIDDEN_LOCKS: locks of versions may not be seen. NO_TAGS: the store knows none, and rules that
    ask for some are about nothing. BROKEN_LISTING: the store does not list all, and no more was
    looked at. UNHEEDED_REPLICAS: s4desk replicates some of it, and the store does
    not wait for what has not arrived. UNKNOWN_RULE: a rule says something that nobody here
    understands. Of an inventory report: REPORT_LACKS something (`names`, an `Unknown`);
    UNTOLD_RULE: without the columns `names` it does not say what a rule is about, which is left
    out; DOUBLED rows (`names` has their number) count once.
    """

    VERSIONING = "versioning_unknown"
    LOCKS = "locks_unknown"
    REPLICATION = "replication_unknown"
    VERSIONS = "versions_unknown"
    UPLOADS = "uploads_unknown"
    HIDDEN_LOCKS = "locks_hidden"
    NO_TAGS = "no_tags"
    BROKEN_LISTING = "listing_broken"
    UNHEEDED_REPLICAS = "replicas_unheeded"
    UNKNOWN_RULE = "rule_unknown"
    REPORT_LACKS = "report_lacks"
    UNTOLD_RULE = "rule_untold"
    DOUBLED = "rows_doubled"


@dataclass(frozen=True, slots=True)
class Concern:
    """One of them, with what the store said; `rule` is the place of the rule that it is about, and
    `names` are the elements of it."""

    doubt: Doubt
    error: StoreError | None = None
    rule: int = -1
    names: tuple[str, ...] = ()
